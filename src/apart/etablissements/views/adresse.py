"""Le lien reçu à l'adresse de l'établissement, et le renvoyer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apart.comptes.models import Usage
from apart.comptes.requete import RequeteConnectee
from apart.comptes.views.jeton import Parcours
from apart.etablissements.actions import adresse
from apart.etablissements.models import Etablissement
from apart.socle.acces import Public, pour
from apart.socle.saisies import courriel_lisible

RETENU = (
    "Rien n'est parti : cette adresse est déjà vérifiée, ou elle vient de recevoir plusieurs messages. Le "
    "dernier reçu suffit, ou attendez : un quart d'heure le plus souvent, demain si elle en a reçu dix."
)


@pour(Public.CONNECTE)
@require_POST
def adresse_renvoyer(request: RequeteConnectee, siret: str) -> HttpResponse:
    etablissement = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    if adresse.envoyer(etablissement, par=request.user):
        vers = courriel_lisible(etablissement.courriel)
        messages.success(request, f"Un message part vers {vers}, pour vérifier cette adresse.")
    else:
        messages.warning(request, RETENU)
    return redirect("etablissement", siret)


def _prouver(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Une seule étape : qui lit cette boîte l'a dit d'un clic."""
    return render(request, "etablissements/adresse_prouvee.html", {"etablissement": adresse.prouver(secret)})


PARCOURS = Parcours(
    Usage.ADRESSE,
    _prouver,
    recommencer="accueil",
    gabarit_lien="etablissements/adresse_lien.html",
    etablissement=adresse.etablissement_du_jeton,
    renouveler="adresse-renouveler",
    renvoi=adresse.renouveler_lien,
    deja_fait=lambda secret: "Cette adresse est vérifiée." if adresse.est_deja_prouvee(secret) else "",
)

"""Réunir deux comptes : le second prouvé par son lien et son mot de passe, puis le premier par un dernier lien."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from apart.comptes import jetons
from apart.comptes.actions.adresse import personne_du_lien
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Usage
from apart.comptes.requete import RequeteConnectee, apres_confirmation
from apart.comptes.views.jeton import Parcours
from apart.etablissements.actions import reunion as actions
from apart.etablissements.actions.reunion import ReunionRefusee
from apart.etablissements.forms.reunion import Reunir
from apart.socle.acces import Public, exiger, pour
from apart.socle.envois import montrer


@pour(Public.CONNECTE)
@sensitive_post_parameters("actuel", "code", "jeton")
@require_POST
@apres_confirmation
def reunir(request: RequeteConnectee) -> HttpResponse:
    """Depuis « Cette adresse a déjà un compte », connecté au compte qui a demandé le lien."""
    secret, est_envoye = request.POST.get("jeton", ""), request.POST.get("etape") == "reunir"
    try:
        jeton = jetons.lire(Usage.NOUVELLE_ADRESSE, secret)
        exiger(personne_du_lien(jeton) == request.user, "réunir des comptes que vous n'avez pas demandé à réunir")
        autre = actions.compte_de_l_adresse(jeton)
        actions.exiger_possible(request.user, autre)
        form = Reunir(request.POST if est_envoye else None, mien=request.user, user=autre, request=request)
        if not est_envoye or not form.is_valid():
            contexte = {"form": form, "secret": secret, "autre": autre}
            statut = 400 if form.errors else 200
            return render(request, "etablissements/reunir.html", contexte, status=statut)
        garde_l_autre = form.cleaned_data["garde"] == "autre"
        actions.prouver(secret, garde_l_autre=garde_l_autre, par=request.user)
    except JetonRefuse as refus:
        return render(request, "comptes/adresse_lien_refuse.html", {"refus": refus}, status=HTTPStatus.GONE)
    except ReunionRefusee as refusee:
        return montrer(request, "etablissements/reunion_refusee.html", {"phrase": str(refusee)})
    return montrer(request, "etablissements/reunion_demandee.html")


def _conclure(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    try:
        faite = actions.reunir(secret)
    except ReunionRefusee as refusee:
        return montrer(request, "etablissements/reunion_refusee.html", {"phrase": str(refusee)})
    return montrer(request, "etablissements/reunion_faite.html", {"reunion": faite})


def _deja_fait(secret: str) -> str:
    return "Vos deux comptes sont réunis." if jetons.employe_le(Usage.REUNION, secret) else ""


PARCOURS = Parcours(
    Usage.REUNION,
    _conclure,
    recommencer="nouvelle-adresse",
    gabarit_lien="etablissements/reunion_lien.html",
    etablissement=actions.reunion_du_lien,
    deja_fait=_deja_fait,
    gabarit_refus="comptes/adresse_lien_refuse.html",
)

"""« J'ai oublié mon identifiant »."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apart.comptes import appareils, jetons, messagerie
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.etablissements import taches
from apart.etablissements.forms.identifiant import IdentifiantOublie
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import consommer, visiteur
from apart.socle.saisies import courriel_masque


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def identifiant_oublie(request: HttpRequest) -> HttpResponse:
    form = IdentifiantOublie(request.POST or None, request=request)
    if not form.is_valid():
        return render(request, "etablissements/identifiant_oublie.html", {"form": form}, status=statut(form))
    consommer(PAR_ADRESSE_IP, visiteur(request))
    courriel = form.cleaned_data["courriel"]
    taches.rappeler_identifiant.defer(courriel=courriel, connus=appareils.connus(request))
    attente = messagerie.Attente(jetons.Demande.maintenant(), masque=courriel_masque(courriel))
    return redirect("identifiant-messagerie", attente.sceller())


@pour(Public.TOUS)
@require_safe
def identifiant_messagerie(request: HttpRequest, attente: str) -> HttpResponse:
    """La même page que cette adresse ait un identifiant ou non."""
    return render(request, "etablissements/identifiant_messagerie.html", {"attente": messagerie.lire(attente)})

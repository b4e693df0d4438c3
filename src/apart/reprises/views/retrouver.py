"""Retrouver sa reprise d'accès quand on a perdu le message qui y mène : la même réponse, quelle que soit l'adresse."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apart.comptes import appareils
from apart.reprises import taches
from apart.reprises.forms.demande import LienPerdu
from apart.socle import anti_robot
from apart.socle.acces import Public, pour
from apart.socle.envois import montrer
from apart.socle.limites import Limite, consommer, visiteur

SUIVIS_PAR_IP = Limite("reprise-suivis", 20, timedelta(hours=1))


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def retrouver(request: HttpRequest) -> HttpResponse:
    form = LienPerdu(request.POST or None, request=request)
    if request.method != "POST" or not form.is_valid():
        return render(request, "reprises/retrouver.html", {"form": form}, status=anti_robot.statut(form))
    consommer(SUIVIS_PAR_IP, visiteur(request))
    courriel = form.cleaned_data["courriel"]
    taches.renvoyer_suivis.defer(courriel=courriel, connus=appareils.connus(request))
    return montrer(request, "reprises/suivi_envoye.html", {"courriel": courriel})


def lien_mort(request: HttpRequest) -> HttpResponse:
    """Lien inconnu ou expiré : la même page, et de quoi en recevoir un neuf."""
    contexte = {"form": LienPerdu(request=request), "est_mort": True}
    return render(request, "reprises/retrouver.html", contexte, status=404)

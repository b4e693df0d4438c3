"""Lire les courriels de la démonstration dans le navigateur."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apart.demo import boite
from apart.socle.acces import Public, pour

# Le HTML d'un message s'affiche seul, sans script, sans rien charger d'ailleurs ; ses liens marchent.
MISE_EN_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@pour(Public.TOUS)
@require_safe
def courriels(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/courriels.html", {"recus": boite.recus()})


@pour(Public.TOUS)
@require_safe
def courriel(request: HttpRequest, cle: str) -> HttpResponse:
    return render(request, "demo/courriel.html", {"recu": ou_introuvable(cle)})


@pour(Public.TOUS)
@require_safe
def mise_en_page(request: HttpRequest, cle: str) -> HttpResponse:
    return HttpResponse(ou_introuvable(cle).html, headers={"Content-Security-Policy": MISE_EN_PAGE})


def ou_introuvable(cle: str) -> boite.Recu:
    recu = boite.lire(cle)
    if recu is None:
        raise Http404
    return recu

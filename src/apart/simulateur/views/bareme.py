"""Le barème public : les valeurs d'un jour, leur histoire, ce qui change, ce qui est incertain."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apart.regles.bareme import bareme as le_bareme
from apart.simulateur import consultation
from apart.simulateur.courbe import courbe
from apart.simulateur.filtre import FiltreDuJourForm, FiltreForm
from apart.simulateur.frise import frise
from apart.simulateur.telechargements import document, remettre
from apart.socle.acces import Public, pour

HISTORIQUE = "historique"


@pour(Public.TOUS)
@require_safe
def bareme(request: HttpRequest) -> HttpResponse:
    b, form = le_bareme(), FiltreDuJourForm(request.GET)
    filtre, jour = form.filtre, form.jour
    toutes = request.GET.get("vue") == HISTORIQUE
    montre = jour or timezone.localdate()
    contexte = {
        "bareme": b,
        "form": form,
        "filtre": filtre,
        "jour": montre,
        "jour_choisi": jour,
        "toutes": toutes,
        "recherche": _recherche(request),
        "chapitres": consultation.historique(b, filtre) if toutes else consultation.en_vigueur(b, montre, filtre),
        "frise": frise(b, jour),
    }
    return render(request, "bareme/bareme.html", contexte)


@pour(Public.TOUS)
@require_safe
def parametre(request: HttpRequest, cle: str) -> HttpResponse:
    b = le_bareme()
    if cle not in b.parametres:
        raise Http404
    trouve = b.parametres[cle]
    valeur = trouve.au(timezone.localdate())
    contexte = {
        "parametre": trouve,
        "serie": consultation.Serie(trouve, tuple(reversed(trouve.valeurs))),
        "aujourd_hui": valeur,
        "depuis": consultation.depuis(trouve, valeur) if valeur else None,
        "courbe": courbe(b, trouve),
    }
    return render(request, "bareme/parametre.html", contexte)


@pour(Public.TOUS)
@require_safe
def changements(request: HttpRequest) -> HttpResponse:
    form = FiltreForm(request.GET)
    jours = consultation.changements(le_bareme(), form.filtre)
    return render(request, "bareme/changements.html", {"form": form, "filtre": form.filtre, "jours": jours})


@pour(Public.TOUS)
@require_safe
def incertitudes(request: HttpRequest) -> HttpResponse:
    form = FiltreForm(request.GET)
    chapitres = consultation.incertaines(le_bareme(), form.filtre)
    return render(request, "bareme/incertitudes.html", {"form": form, "filtre": form.filtre, "chapitres": chapitres})


@pour(Public.TOUS)
@require_safe
def telecharger(request: HttpRequest, forme: str) -> HttpResponse:
    return remettre(request, document(forme), a_enregistrer=True)


def _recherche(request: HttpRequest) -> str:
    """Les critères de l'adresse, sans la vue : de quoi passer d'une vue à l'autre sans les perdre."""
    criteres = request.GET.copy()
    criteres.pop("vue", None)
    return criteres.urlencode()

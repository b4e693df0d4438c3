"""Le barème public : les valeurs d'un jour, leur histoire, ce qui change, ce qui est incertain."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apart.regles.bareme import bareme as le_bareme
from apart.simulateur import consultation
from apart.simulateur.escalier import image
from apart.simulateur.filtre import FiltreDuJourForm, FiltreForm
from apart.simulateur.frise import frise
from apart.simulateur.telechargements import document, remettre
from apart.socle.acces import Public, pour

HISTORIQUE = "historique"


@pour(Public.TOUS)
@require_safe
def bareme(request: HttpRequest) -> HttpResponse:
    b, form = le_bareme(), FiltreDuJourForm(request.GET)
    filtre, choisi = form.filtre, form.cleaned_data.get("le")
    jour = choisi or timezone.localdate()
    toutes = request.GET.get("vue") == HISTORIQUE
    criteres = request.GET.copy()
    criteres.pop("vue", None)  # de quoi passer d'une vue à l'autre sans perdre les critères
    contexte = {
        "bareme": b,
        "form": form,
        "filtre": filtre,
        "jour": jour,
        "jour_choisi": choisi,
        "toutes": toutes,
        "recherche": criteres.urlencode(),
        "chapitres": consultation.historique(b, filtre) if toutes else consultation.en_vigueur(b, jour, filtre),
        "frise": frise(b, choisi),
    }
    return render(request, "bareme/bareme.html", contexte)


@pour(Public.TOUS)
@require_safe
def parametre(request: HttpRequest, cle: str) -> HttpResponse:
    b, aujourd_hui = le_bareme(), timezone.localdate()
    if cle not in b.parametres:
        raise Http404
    trouve = b.parametres[cle]
    commencees = consultation.suites(trouve.valeurs, aujourd_hui)
    contexte = {
        "parametre": trouve,
        "serie": consultation.Serie(trouve, trouve.valeurs[::-1]),
        "aujourd_hui": trouve.au(aujourd_hui),
        "depuis": commencees[-1][0].depuis if commencees else None,
        "courbe": image(b, trouve),
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
    nom = f"bareme-activite-partielle-{le_bareme().etabli_le.isoformat()}.{forme}"
    return remettre(request, document(forme), nom=nom)

"""Simuler par fichier : envoyer, dire le sens des colonnes s'il le faut, lire les totaux, reprendre les résultats."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from apart.regles.francais import nombre
from apart.simulateur.fichiers import modele
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.colonnes import COLONNES
from apart.simulateur.fichiers.formulaire import A_CORRIGER, RESULTATS, FichierForm
from apart.simulateur.fichiers.resultats import Resultats
from apart.socle.acces import Public, pour
from apart.socle.envois import sans_effet
from apart.socle.erreurs import panne
from apart.socle.limites import Limite, consommer, visiteur
from apart.tableaux.reception import en_memoire
from apart.tableaux.tableau import Genre

journal = logging.getLogger(__name__)
FICHIERS_PAR_ADRESSE = Limite("simulateur-fichiers", 120, timedelta(hours=1))
ETAPES = "X-Etapes"  # fichier.js demande à suivre le calcul
CLASSEUR = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@sans_effet
@en_memoire
def fichier(request: HttpRequest, *, trop_lourd: bool = False, trop_long: bool = False) -> HttpResponseBase:
    """Rien n'est gardé ici : le fichier voyage avec la page, ou se renvoie (docs/decisions/0008)."""
    if request.method != "POST":
        return _formulaire(request, FichierForm())
    consommer(FICHIERS_PAR_ADRESSE, visiteur(request))
    recus = ({}, None) if trop_long else (request.POST, request.FILES)
    form = FichierForm(*recus, trop_lourd=trop_lourd, trop_long=trop_long)
    etapes = _traiter(request, form)
    if ETAPES in request.headers:
        entetes = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}  # chaque ligne part aussitôt
        return StreamingHttpResponse(_diffuser(request, etapes), content_type="application/x-ndjson", headers=entetes)
    *_, reponse = etapes
    assert isinstance(reponse, HttpResponse)  # noqa: S101  # la dernière étape
    return reponse


def _traiter(request: HttpRequest, form: FichierForm) -> Iterator[str | HttpResponse]:
    """Ce qui se fait, au moment où cela commence ; puis la réponse."""
    yield "Lecture du fichier…"
    if not form.is_valid():
        yield _formulaire(request, form, 413 if form.trop_lourd or form.trop_long else 200)
    elif form.question or form.tableau is None:
        yield render(request, "simulateur/fichier_question.html", {"form": form, "question": form.question})
    else:
        yield f"Calcul de {nombre(Decimal(form.tableau.cadre.height))} lignes…"
        resultats = Resultats(Calcul(form.tableau, form.sens))
        yield "Écriture de la réponse…"
        yield _rendre(request, form, resultats)


def _rendre(request: HttpRequest, form: FichierForm, resultats: Resultats) -> HttpResponse:
    """Le fichier voulu ; la page s'il n'y a rien à y mettre."""
    voulu, genre = form.cleaned_data["recevoir"], resultats.calcul.tableau.genre
    if voulu == RESULTATS and resultats.nombre:
        return _Fichier(resultats.fichier(), f"{form.nom_du_fichier}-resultats", genre)
    if voulu == A_CORRIGER and resultats.fautives:
        return _Fichier(resultats.a_corriger(), f"{form.nom_du_fichier}-a-corriger", genre)
    contexte = {"resultats": resultats, "lu": form, "form": FichierForm(), "voulu": voulu}
    return render(request, "simulateur/fichier_resultats.html", contexte)


def _diffuser(request: HttpRequest, etapes: Iterator[str | HttpResponse]) -> Iterator[bytes]:
    """Chaque étape aussitôt. Le statut est parti avec la première : une panne est dite dans la dernière ligne."""
    try:
        yield from map(_ligne, etapes)
    except Exception:  # noqa: BLE001  # toute panne, comme hors diffusion
        journal.exception("Panne pendant la diffusion de %s", request.path)
        yield _ligne(panne(request))


def _ligne(etape: str | HttpResponse) -> bytes:
    """Une ligne de JSON : une étape, ou la réponse et, si c'est un fichier, son nom."""
    if isinstance(etape, str):
        return json.dumps({"etape": etape}).encode() + b"\n"
    contenu = base64.b64encode(etape.content).decode()
    nom = etape.nom if isinstance(etape, _Fichier) else ""
    return json.dumps({"contenu": contenu, "nom": nom, "type": etape.headers["Content-Type"]}).encode() + b"\n"


@pour(Public.TOUS)
@require_safe
def modele_a_remplir(request: HttpRequest, genre: Genre) -> HttpResponse:
    contenu = modele.en_csv() if genre is Genre.CSV else modele.en_classeur()
    return _Fichier(contenu, "modele-activite-partielle", genre)


def _formulaire(request: HttpRequest, form: FichierForm, statut: int = 200) -> HttpResponse:
    return render(request, "simulateur/fichier.html", {"form": form, "colonnes": COLONNES}, status=statut)


class _Fichier(HttpResponse):
    """Un fichier à enregistrer ; un .ods est rendu en .xlsx."""

    def __init__(self, contenu: bytes, nom: str, genre: Genre) -> None:
        suffixe, type_ = ("csv", "text/csv; charset=utf-8") if genre is Genre.CSV else ("xlsx", CLASSEUR)
        self.nom = f"{nom}.{suffixe}"
        disposition = content_disposition_header(as_attachment=True, filename=self.nom)
        super().__init__(contenu, content_type=type_, headers={"Content-Disposition": disposition})

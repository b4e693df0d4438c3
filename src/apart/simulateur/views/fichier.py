"""Simuler par fichier : envoyer, dire le sens des colonnes s'il le faut, lire les totaux, reprendre les résultats."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import chain

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from apart.simulateur.fichiers import modele
from apart.simulateur.fichiers.colonnes import COLONNES
from apart.simulateur.fichiers.formulaire import A_CORRIGER, RESULTATS, FichierForm
from apart.simulateur.fichiers.traitement import Traite, traiter
from apart.socle.acces import Public, pour
from apart.socle.corps import Perdu, en_memoire
from apart.socle.depense import CALCUL_PAR_ADRESSE, depenser, payeur
from apart.socle.enfant import Enfant, Interrompu
from apart.socle.envois import sans_effet
from apart.socle.erreurs import panne
from apart.socle.limites import Limite, consommer, exiger, reseau_de, visiteur
from apart.tableaux.tableau import OCTETS_PERMIS, FichierRefuse, Genre

journal = logging.getLogger(__name__)
FICHIERS_PAR_ADRESSE = Limite("simulateur-fichiers", 120, timedelta(hours=1))
ETAPES = "X-Etapes"  # fichier.js demande à suivre le calcul
CLASSEUR = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@sans_effet
@en_memoire(OCTETS_PERMIS)
def fichier(request: HttpRequest, *, trop_lourd: bool = False, trop_long: bool = False) -> HttpResponseBase:
    """Rien n'est gardé ici : le fichier voyage avec la page, ou se renvoie (docs/decisions/0008)."""
    if request.method != "POST":
        return _formulaire(request, FichierForm())
    consommer(FICHIERS_PAR_ADRESSE, visiteur(request))
    exiger(CALCUL_PAR_ADRESSE, payeur(request))
    recus = ({}, None) if trop_long or trop_lourd else (request.POST, request.FILES)
    form = FichierForm(*recus, trop_lourd=trop_lourd, trop_long=trop_long)
    if not form.is_valid():
        return _formulaire(request, form, 413 if trop_lourd or trop_long else 200)
    etapes = _traiter(request, form)
    premiere = next(etapes)  # une place s'est libérée : sans elle, le refus part avec son statut
    if ETAPES in request.headers:
        entetes = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}  # chaque ligne part aussitôt
        diffusees = _diffuser(request, premiere, etapes)
        return StreamingHttpResponse(diffusees, content_type="application/x-ndjson", headers=entetes)
    *_, reponse = premiere, *etapes
    assert isinstance(reponse, HttpResponse)  # noqa: S101  # la dernière étape
    return reponse


def _traiter(request: HttpRequest, form: FichierForm) -> Generator[str | HttpResponse]:
    """Ce que l'enfant fait, au moment où cela commence ; puis la réponse."""
    envoi = Enfant(traiter, form.envoi, form.cleaned_data["recevoir"], reseau=reseau_de(request))
    try:
        for etape in envoi:
            yield _rendre(request, form, etape) if isinstance(etape, Traite) else etape
    except (FichierRefuse, Perdu, Interrompu) as refus:
        form.refuser(str(refus))
        yield _formulaire(request, form)
    finally:
        depenser(envoi.secondes, payeur(request))


def _rendre(request: HttpRequest, form: FichierForm, lu: Traite) -> HttpResponse:
    """Le fichier voulu ; la page s'il n'y a rien à y mettre, ou s'il manque une réponse."""
    if lu.question:
        contexte = {"form": form, "lu": lu, "question": lu.question}
        return render(request, "simulateur/fichier_question.html", contexte)
    if lu.fichier:
        suffixe = {RESULTATS: "resultats", A_CORRIGER: "a-corriger"}[form.cleaned_data["recevoir"]]
        return _Fichier(lu.fichier, f"{form.nom_du_fichier}-{suffixe}", lu.genre)
    contexte = {
        "resultats": lu.resultats,
        "lu": lu,
        "envoye": form,
        "form": FichierForm(),
        "voulu": form.cleaned_data["recevoir"],
    }
    return render(request, "simulateur/fichier_resultats.html", contexte)


def _diffuser(
    request: HttpRequest, premiere: str | HttpResponse, etapes: Generator[str | HttpResponse]
) -> Iterator[bytes]:
    """Chaque étape aussitôt. Le statut est parti avec la première : une panne est dite dans la dernière ligne."""
    try:
        with closing(etapes):  # la personne est partie : l'enfant s'arrête
            yield from map(_ligne, chain([premiere], etapes))
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

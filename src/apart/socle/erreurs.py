"""Pages d'erreur : ce qui s'est passé, ce qui est perdu ou non, où aller.

Elles marchent sans base de données : ni session, ni request.user, ni processeur de contexte. Ce qui a été saisi peut
être renvoyé d'un clic, sauf les secrets, et seulement si l'envoi venait de nos propres pages : sinon un autre site
ferait confirmer ici ce qu'il a écrit.
"""

from __future__ import annotations

import logging
import math
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.middleware.csrf import get_token
from django.template import loader
from psycopg.errors import DeadlockDetected, QueryCanceled, SerializationFailure

from apart.socle import codage, enfant, problemes, reference
from apart.socle.affluence import ServiceOccupe
from apart.socle.contexte import site
from apart.socle.etat_scelle import EtatPerime
from apart.socle.limites import TropDeDemandes

journal = logging.getLogger("apart.erreurs")
# Jamais réécrits dans une page : mots de passe, codes reçus, réponses secrètes, jetons, preuves de travail.
JETON = "csrfmiddlewaretoken"
CHAMP_SECRET = re.compile(r"passe|password|actuel|code(?!_postal)|reponse|secret|jeton|token|altcha", re.IGNORECASE)
ATTENTE_PANNE = timedelta(seconds=30)
ATTENTE_ENVOI = timedelta(seconds=5)
ATTENTE_ENTRETIEN = timedelta(minutes=10)
SANS_LONGUEUR, PAS_EN_UTF_8 = "La longueur de cet envoi manque", "Cet envoi n'est pas en UTF-8"
PAR_MORCEAUX = "Le contenu est envoyé par morceaux : donnez sa longueur dans l'en-tête Content-Length."
EN_UTF_8 = "L'en-tête Content-Type nomme un autre codage : envoyez de l'UTF-8, et dites charset=utf-8 ou rien."
DELAI, REFERENCE, REPRISE = "\ue000", "\ue001", "\ue002"
SURVEILLANCE = ("/sante/", "/metriques")  # un service en entretien est vivant : personne ne doit le relancer


class ErreursMiddleware:
    """Service en entretien (ENTRETIEN=oui), limites dépassées, adresses périmées, lectures arrêtées…"""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.ENTRETIEN and not request.path.startswith(SURVEILLANCE):
            return entretien(request)
        if codage.est_autre(request):
            return page(request, "pour_un_programme", 415, quoi=PAS_EN_UTF_8, phrase=EN_UTF_8)
        reponse = self.suite(request)
        return geste_lu(request, reponse) if isinstance(reponse, HttpResponseNotAllowed) else reponse

    def process_view(self, request: HttpRequest, *vue: object) -> HttpResponse | None:
        """Le serveur n'attend que ce dont il sait la longueur : Django lirait un corps vide (config.ecoute)."""
        if "Transfer-Encoding" not in request.headers:
            return None
        return page(request, "pour_un_programme", 411, quoi=SANS_LONGUEUR, phrase=PAR_MORCEAUX)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Aucune vue n'a donc à attraper EtatPerime ; ni TropDeDemandes, sauf pour le dire dans son formulaire."""
        return refuser(request, exception)


def refuser(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """La page d'un refus que nous levons ; rien pour toute autre exception."""
    if isinstance(exception, TropDeDemandes):
        return trop_de_demandes(request, exception.attente)
    if isinstance(exception, EtatPerime):
        return page(request, "trop_vieille", 410)
    if isinstance(exception, enfant.Interrompu):
        return page(request, "interrompu", 413, phrase=str(exception))
    if isinstance(exception, ServiceOccupe):
        return occupe(request, exception)
    return None


def page(request: HttpRequest, modele: str, statut: int, **contexte: object) -> HttpResponse:
    """Sans processeur de contexte : ni session ni base, qui sont peut-être en panne. Un programme reçoit du JSON."""
    if problemes.concerne(request):
        return problemes.d_une_page(modele, statut, str(contexte.get("phrase", "")))
    contexte = {**site(None), "page_d_erreur": True, "reference": reference.courante(), **contexte}
    return HttpResponse(loader.render_to_string(f"erreurs/{modele}.html", contexte), status=statut)


@login_not_required
def demande_illisible(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    trop_lourde = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent))
    return page(request, "trop_lourde" if trop_lourde else "illisible", 400)


@login_not_required
def acces_refuse(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "refuse", 403, raison=str(exception or ""))


@login_not_required
def formulaire_perime(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, "perime", 403, **_reprise(request, meme_envoi=False))


@login_not_required
def page_introuvable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "introuvable", 404)


def geste_lu(request: HttpRequest, refus: HttpResponseNotAllowed) -> HttpResponse:
    """405. On y arrive d'un clic quand la session a fini pendant un geste : la connexion ramène à son adresse."""
    if request.method != "GET":
        return refus
    reponse = page(request, "geste", 405)
    reponse.headers["Allow"] = refus.headers["Allow"]
    return reponse


@login_not_required
def panne(request: HttpRequest) -> HttpResponse:
    """500 ; 503 quand la base ne répond pas ; 409 quand elle a défait ce geste pour en laisser passer un autre.

    Le geste défait n'est pas rejoué ici : cela compterait deux fois ses limites, et cacherait un ordre de verrous à
    corriger (docs/decisions/0012). La personne le renvoie d'un clic.
    """
    erreur = sys.exc_info()[1]
    cause = getattr(erreur, "__cause__", None)
    defait, trop_long = isinstance(cause, (DeadlockDetected, SerializationFailure)), isinstance(cause, QueryCanceled)
    base_muette = isinstance(erreur, (OperationalError, InterfaceError)) and not defait
    journal.error(
        "Panne montrée à un visiteur, référence %s : %s %s", reference.courante(), request.method, request.path
    )
    contexte = {"base_muette": base_muette, "trop_long": trop_long, "defait": defait, **_reprise(request)}
    reponse = page(request, "panne", 503 if base_muette else 409 if defait else 500, **contexte)
    if base_muette:
        reponse.headers["Retry-After"] = str(int(ATTENTE_PANNE.total_seconds()))
    return reponse


def envoi_en_cours(request: HttpRequest) -> HttpResponse:
    """409 : le même envoi n'a pas fini (socle.envois). Renvoyé d'ici sous la même clé, il n'agira pas deux fois."""
    reponse = page(request, "en_cours", 409, **_reprise(request))
    reponse.headers["Retry-After"] = str(int(ATTENTE_ENVOI.total_seconds()))
    return reponse


def entretien(request: HttpRequest) -> HttpResponse:
    reponse = page(request, "entretien", 503, **_reprise(request))
    reponse.headers["Retry-After"] = str(int(ATTENTE_ENTRETIEN.total_seconds()))
    return voulue(reponse)


def voulue(reponse: HttpResponse) -> HttpResponse:
    """Sans ligne d'erreur au journal : une foule ou un entretien y cacherait les pannes. Les mesures la comptent."""
    reponse._has_been_logged = True  # type: ignore[attr-defined]  # lu par django.utils.log.log_response
    return reponse


def trop_de_demandes(request: HttpRequest, attente: timedelta) -> HttpResponse:
    """429 avec le temps d'attente, en en-tête et en clair."""
    reponse = page(request, "trop", 429, attente=attente, **_reprise(request))
    reponse.headers["Retry-After"] = str(max(1, math.ceil(attente.total_seconds())))
    return reponse


def occupe(request: HttpRequest, refus: ServiceOccupe) -> HttpResponse:
    """503, la saisie gardée, et le délai en en-tête et en clair."""
    secondes = max(1, math.ceil(refus.attente.total_seconds()))
    if problemes.concerne(request):
        reponse = page(request, refus.modele, 503)
    else:
        reponse = HttpResponse(_page_d_affluence(refus.modele, secondes, _reprise(request)), status=503)
    reponse.headers["Retry-After"] = str(secondes)
    return voulue(reponse)


def _page_d_affluence(modele: str, secondes: int, saisie: dict[str, object]) -> str:
    """Cinquante personnes la reçoivent d'un coup : dessinée pour chacune, elle ferait attendre tout le site."""
    html = _cadre(modele, repr(site(None)))
    html = html.replace(DELAI, str(secondes)).replace(REFERENCE, reference.courante())
    # La saisie en dernier : ce qu'une personne y a tapé ne prend la place de rien.
    return html.replace(REPRISE, loader.render_to_string("erreurs/_reprise.html", saisie) if saisie else "")


@lru_cache(maxsize=8)
def _cadre(modele: str, reglages: str) -> str:
    """La page, une fois par réglages du site, avec un signe d'usage privé à la place de ce qui change."""
    places = {"secondes": DELAI, "reference": REFERENCE, "reprise": REPRISE}
    return loader.render_to_string(f"erreurs/{modele}.html", {**site(None), "page_d_erreur": True, **places})


def _reprise(request: HttpRequest, *, meme_envoi: bool = True) -> dict[str, object]:
    """De quoi renvoyer ce qui a été saisi : l'adresse, les champs sans secret, un jeton CSRF.

    Le même, sauf s'il est périmé : si le premier envoi a agi malgré tout, celui-ci n'agira pas une seconde fois.
    """
    if request.method != "POST" or problemes.concerne(request) or not _vient_de_chez_nous(request):
        return {}
    try:
        champs = [(nom, valeur) for nom, valeurs in request.POST.lists() for valeur in valeurs]
    except (UnreadablePostError, RequestDataTooBig, TooManyFieldsSent):
        return {}
    if not champs or request.FILES:  # des fichiers ne voyagent pas dans une page : sans eux, ce serait un autre envoi
        return {}  # le formulaire n'a pas été lu : il est encore dans la page d'avant
    gardes = [(nom, valeur) for nom, valeur in champs if not CHAMP_SECRET.search(nom) and nom != JETON]
    return {
        "champs": gardes,
        "secrets_otes": any(valeur for nom, valeur in champs if CHAMP_SECRET.search(nom) and "token" not in nom),
        "adresse": request.get_full_path(),
        "csrf_token": (meme_envoi and request.POST.get(JETON)) or get_token(request),
    }


def _vient_de_chez_nous(request: HttpRequest) -> bool:
    provenance = request.headers.get("Sec-Fetch-Site")
    origine = request.headers.get("Origin")
    return provenance == "same-origin" or (
        provenance is None
        and origine in {settings.URL_PUBLIQUE, f"{request.scheme}://{request.META.get('HTTP_HOST')}"}
    )

"""Un formulaire envoyé deux fois n'agit qu'une fois, et ce qu'il a montré se revoit dix minutes.

La clé d'un envoi est le jeton CSRF de son formulaire : Django en tire un par page affichée. Ce que l'envoi a donné,
une redirection et ses cookies, est gardé sous cette clé, l'adresse et ce qui a été tapé : refait, ou fait en même
temps, il reçoit la même réponse. Une page de succès (a_revoir) est gardée de même, et l'envoi redirige vers elle.

Une vue qui reçoit des fichiers dit elle-même quand commencer : son envoi n'est lu qu'à sa porte, une fois compté à qui
le fait. De chaque fichier, seule l'empreinte entre dans la clé.

Tout est chiffré sous un cookie que la base ne connaît pas. Le pourquoi : docs/decisions/0015-envoye-deux-fois.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from apart.socle.chiffrement import cles_du_porteur
from apart.socle.corps import longueur
from apart.socle.enfant import GROS
from apart.socle.erreurs import JETON, envoi_en_cours
from apart.socle.models import Envoi

DUREE = timedelta(minutes=10)
ESSAIS, PAUSE = 200, 0.05  # dix secondes en tout : au-delà, la page dit que le premier envoi n'a pas fini
QUI_ATTENDENT = BoundedSemaphore(2)  # fils d'un processus : un envoi répété n'en tient pas davantage
COOKIE = "__Host-revoir" if settings.EST_HTTPS else "revoir"
SIGNES_D_UN_JETON_TIRE = 64  # un programme qui renvoie le cookie lui-même en donne 32 : ce n'est pas une clé
EN_COURS = "apart.envoi"
CHANGENT_SEULS = {JETON, "altcha"}  # d'un envoi à l'autre, sans que rien n'ait été retapé

# Un seul ordre, où bulk_create ouvre une transaction. Un envoi périmé, pas encore effacé, laisse sa place.
GARDER = """
INSERT INTO socle_envoi (empreinte, contenu, expire_le) VALUES (%s, %s, %s)
ON CONFLICT (empreinte) DO UPDATE SET contenu = EXCLUDED.contenu, expire_le = EXCLUDED.expire_le
"""

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
R = TypeVar("R", bound=HttpResponseBase)


def sans_effet(vue: V) -> V:
    """Une vue qui calcule et n'écrit rien : la refaire ne coûte que son temps. Son envoi n'est lu que par elle."""
    vue.sans_effet = True  # type: ignore[attr-defined]  # lu par lire_cle
    return vue


def a_revoir(reponse: R) -> R:
    """Marque la page qui dit un geste fait. Jamais un formulaire qui revient avec ses fautes : on le corrige."""
    reponse.a_revoir = True  # type: ignore[attr-defined]  # lu par EnvoisMiddleware
    return reponse


def montrer(request: HttpRequest, gabarit: str, contexte: dict[str, Any] | None = None) -> HttpResponse:
    """La page d'un geste fait, qui se rechargera pendant dix minutes sans le refaire."""
    return a_revoir(render(request, gabarit, contexte))


@dataclass(frozen=True)
class Cle:
    """De quoi retrouver ce qui est gardé, et le lire : un cookie que seul le navigateur détient, ce qu'il désigne."""

    porteur: str
    designe: str

    @property
    def empreinte(self) -> str:
        return self._paires[0][0]

    @cached_property
    def _paires(self) -> list[tuple[str, Fernet]]:
        """L'empreinte et le chiffre, du jour puis d'avant : une clé secrète qui change n'oublie aucun envoi."""
        return [
            (hmac.new(nom, self.designe.encode(), hashlib.sha256).hexdigest(), fernet)
            for nom, fernet in cles_du_porteur("envois", self.porteur)
        ]

    def garder(self, contenu: dict[str, Any]) -> None:
        empreinte, fernet = self._paires[0]
        chiffre = fernet.encrypt(zlib.compress(json.dumps(contenu).encode()))
        with connection.cursor() as curseur:
            curseur.execute(GARDER, [empreinte, chiffre, timezone.now() + DUREE])

    def relire(self) -> dict[str, Any] | None:
        paires = dict(self._paires)
        garde = Envoi.objects.filter(empreinte__in=paires, expire_le__gt=timezone.now()).first()
        if garde is None:
            return None
        clair = paires[garde.empreinte].decrypt(bytes(garde.contenu))
        contenu: dict[str, Any] = json.loads(zlib.decompress(clair))
        return contenu


def lire_cle(request: HttpRequest) -> Cle | None:
    """La clé de cet envoi ; None s'il n'en a pas, si le refaire est sans effet, ou si sa vue dit quand commencer."""
    if request.method != "POST" or longueur(request) > GROS or _se_lit_plus_loin(request):
        return None  # aucun formulaire juste n'est si long : ReceptionMiddleware le coupe, ou le lit dans un enfant
    try:
        return cle_de(request)
    except UnreadablePostError:  # la protection CSRF refusera un envoi vide
        return None


def cle_de(request: HttpRequest) -> Cle | None:
    """La clé d'un envoi que l'on peut lire : l'adresse, ce qui est tapé, l'empreinte de chaque fichier."""
    cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    saisie = request.POST if cookie else QueryDict()
    if len(saisie.get(JETON, "")) != SIGNES_D_UN_JETON_TIRE:
        return None
    tape = [(nom, valeurs) for nom, valeurs in saisie.lists() if nom not in CHANGENT_SEULS]
    joints = [(nom, [_designer(fichier) for fichier in fichiers]) for nom, fichiers in request.FILES.lists()]
    return Cle(cookie, json.dumps(["envoi", request.get_full_path(), saisie[JETON], tape, *joints]))


def _designer(fichier: UploadedFile) -> tuple[str, int, str]:
    empreinte = hashlib.file_digest(fichier.file, "sha256").hexdigest()  # type: ignore[arg-type]  # un BytesIO (socle.corps)
    fichier.seek(0)
    return fichier.name or "", fichier.size or 0, empreinte


def _se_lit_plus_loin(request: HttpRequest) -> bool:
    try:
        vue = resolve(request.path_info).func
    except Resolver404:
        return True
    return getattr(vue, "sans_effet", False) or hasattr(vue, "octets_permis")


@dataclass
class EnCours:
    """Le tour d'un envoi, rendu à la fin de la requête ; sa clé, si ce qu'il donnera est à garder."""

    tours: ExitStack
    cle: Cle | None = None


def commencer(request: HttpRequest) -> HttpResponse | None:
    """Pour une vue qui reçoit des fichiers : ce que cet envoi a déjà donné, ou None s'il est à faire."""
    return _commencer(request, cle_de(request))


def _commencer(request: HttpRequest, cle: Cle | None) -> HttpResponse | None:
    if cle is None:
        return None
    en_cours: EnCours = request.META[EN_COURS]
    if not en_cours.tours.enter_context(tour(cle.empreinte)):
        return envoi_en_cours(request)
    if issue := cle.relire():
        return _rendre(issue)
    en_cours.cle = cle
    return None


class EnvoisMiddleware:
    """Hors des sessions et de la protection CSRF : la même réponse emporte les cookies du premier envoi."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as tours:
            request.META[EN_COURS] = en_cours = EnCours(tours)
            reponse = _commencer(request, lire_cle(request)) or self.suite(request)
            if en_cours.cle:
                reponse = _finir(request, reponse, en_cours.cle)
        if COOKIE in request.COOKIES and _ferme_la_session(reponse):
            reponse.delete_cookie(COOKIE)  # l'ordinateur est peut-être partagé
        return reponse


def _finir(request: HttpRequest, reponse: HttpResponse, cle: Cle) -> HttpResponse:
    """Garde ce que cet envoi a donné, si c'est une issue."""
    if getattr(reponse, "a_revoir", False):
        reponse = _ranger(request, reponse)
    if _est_une_issue(reponse):
        cookies = [cookie.OutputString() for cookie in reponse.cookies.values()]
        cle.garder({"statut": reponse.status_code, "vers": reponse.headers["Location"], "cookies": cookies})
    return reponse


def _est_une_issue(reponse: HttpResponse) -> bool:
    """Une redirection. Celle qui demande de revenir (?next=) envoie d'abord se connecter : rien n'est encore fait."""
    if "Location" not in reponse.headers:
        return False
    return REDIRECT_FIELD_NAME not in parse_qs(urlsplit(reponse.headers["Location"]).query)


def _rendre(issue: dict[str, Any]) -> HttpResponse:
    reponse = HttpResponse(status=issue["statut"], headers={"Location": issue["vers"]})
    for cookie in issue["cookies"]:
        reponse.cookies.load(cookie)
    return reponse


def _ranger(request: HttpRequest, reponse: HttpResponse) -> HttpResponse:
    """Garde la page et redirige vers elle. Montrée à une personne connectée, elle ne se revoit que connectée."""
    porteur = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(32)
    page = secrets.token_urlsafe(16)
    _cle_de_page(porteur, page).garder({"html": reponse.content.decode(), "personne": request.user.pk})
    redirection = HttpResponse(status=303, headers={"Location": reverse("revoir", args=[page])})
    redirection.cookies = reponse.cookies
    redirection.set_cookie(COOKIE, porteur, max_age=DUREE, secure=settings.EST_HTTPS, httponly=True, samesite="Lax")
    return redirection


def page_gardee(request: HttpRequest, page: str) -> str | None:
    """Le HTML de cette page, pour le navigateur et la personne qui l'ont reçue ; None après dix minutes."""
    if not (porteur := request.COOKIES.get(COOKIE)):
        return None
    gardee = _cle_de_page(porteur, page).relire()
    if gardee is None or gardee["personne"] not in {None, request.user.pk}:
        return None
    html: str = gardee["html"]
    return html


def _cle_de_page(porteur: str, page: str) -> Cle:
    return Cle(porteur, json.dumps(["page", page]))


def _ferme_la_session(reponse: HttpResponse) -> bool:
    cookie = reponse.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and str(cookie["max-age"]) == "0"


@contextmanager
def tour(empreinte: str) -> Iterator[bool]:
    """Le tour de cet envoi, quand le même n'est plus en cours ; faux s'il l'est encore après dix secondes.

    Un verrou consultatif de la connexion : la mort du processus le rend aussitôt, sans bail à attendre.
    """
    numero = numero_du_tour(empreinte)
    est_venu = _essayer(numero) or _attendre(numero)
    try:
        yield est_venu
    finally:
        if est_venu:
            with suppress(InterfaceError, OperationalError):  # la connexion est morte : le verrou avec elle
                _demander("SELECT pg_advisory_unlock(%s)", numero)


def numero_du_tour(empreinte: str) -> int:
    """Les 64 premiers bits de l'empreinte, signés comme PostgreSQL les veut."""
    return int(empreinte[:16], 16) - 2**63


def _attendre(numero: int) -> bool:
    if not QUI_ATTENDENT.acquire(blocking=False):
        return False
    try:
        return any(_apres_une_pause(numero) for _ in range(ESSAIS))
    finally:
        QUI_ATTENDENT.release()


def _apres_une_pause(numero: int) -> bool:
    time.sleep(PAUSE)
    return _essayer(numero)


def _essayer(numero: int) -> bool:
    return _demander("SELECT pg_try_advisory_lock(%s)", numero)


def _demander(ordre: str, numero: int) -> bool:
    with connection.cursor() as curseur:
        curseur.execute(ordre, [numero])
        return bool(curseur.fetchone()[0])

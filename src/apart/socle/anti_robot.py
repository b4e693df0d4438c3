"""Contrôle de sécurité : écarter les robots sans rien demander à la personne (T22).

Le navigateur résout une preuve de travail (protocole ALTCHA v2, PBKDF2/SHA-256) pendant que la personne remplit le
formulaire. Sans JavaScript, le formulaire passe aussi, sous des limites bien plus basses. Le pourquoi et le prix :
docs/decisions/0004-controle-de-securite.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import altcha
from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.signing import BadSignature, Signer
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apart.socle import limites
from apart.socle.lecture_json import Prudent
from apart.socle.limites import Limite
from apart.socle.models import PreuveEmployee

DUREE_DEFI = timedelta(minutes=20)
TEMPS_HUMAIN = timedelta(seconds=1)  # un gestionnaire de mots de passe remplit vite, une personne clique ensuite
TAILLE_PREUVE = 4096  # caractères ; une vraie en fait 600

# Au-delà, le défi coûte quatre fois plus cher : à l'adresse qui insiste, ou à tous si l'attaque est répartie.
ENVOIS_PAR_ADRESSE = Limite("anti-robot:adresse", 20, timedelta(hours=1))
ENVOIS_EN_TOUT = Limite("anti-robot:tout", 2_000, timedelta(hours=1))
COUT, MAJORATION = 1_000, 4  # tours par dérivation, et combien de fois plus à qui insiste

SANS_JS_PAR_ADRESSE = Limite("sans-javascript:adresse", 5, timedelta(hours=1))
SANS_JS_EN_TOUT = Limite("sans-javascript:tout", 200, timedelta(hours=1))
SANS_JS_ESSAIS = Limite("sans-javascript:essais", 40, timedelta(hours=1))


class Cause(StrEnum):
    """Ce qui a fait refuser un envoi. Sert de code d'erreur au formulaire."""

    ABSENTE = "anti_robot_absente"
    EXPIREE = "anti_robot_expiree"
    FAUSSE = "anti_robot_fausse"
    REJOUEE = "anti_robot_rejouee"
    TROP_VITE = "anti_robot_trop_vite"
    PIEGE = "anti_robot_piege"
    TROP_SANS_JS = "anti_robot_trop_sans_javascript"
    AILLEURS = "anti_robot_ailleurs"


SUITE = "Rien de ce que vous avez tapé n'est perdu : envoyez de nouveau le formulaire."
PHRASES = {
    Cause.ABSENTE: f"Le contrôle de sécurité n'a pas eu lieu. {SUITE}",
    Cause.EXPIREE: f"Le contrôle de sécurité date de plus de 20 minutes. {SUITE}",
    Cause.FAUSSE: f"Le contrôle de sécurité n'a pas abouti. {SUITE}",
    Cause.REJOUEE: f"Le contrôle de sécurité a déjà servi pour un envoi précédent. {SUITE}",
    Cause.TROP_VITE: f"Le formulaire est parti moins d'une seconde après son affichage. {SUITE}",
    Cause.PIEGE: "Un champ caché du formulaire a été rempli, sans doute par votre navigateur. "
    "Laissez-le vide, puis envoyez de nouveau le formulaire.",
    Cause.TROP_SANS_JS: "Trop de formulaires ont été envoyés sans JavaScript depuis une heure. "
    "Réessayez dans une heure, ou activez JavaScript : il n'y a alors pas d'attente.",
    Cause.AILLEURS: f"Le contrôle de sécurité a été fait depuis un autre réseau. {SUITE}",
}


def cle() -> str:
    return salted_hmac("apart.socle.anti_robot", "defi", algorithm="sha256").hexdigest()


def creer_defi(nom: str, *, visiteur: str = "", majore: bool = False, effort: int | None = None) -> altcha.Challenge:
    """Défi signé, lié au formulaire « nom » et au visiteur qui le demande, valable 20 minutes.

    effort : nombre de dérivations à essayer (réglage ANTI_ROBOT_EFFORT à défaut) ; la bonne est tirée dans sa seconde
    moitié, pour que la durée varie peu. Chaque dérivation fait 1 000 tours de PBKDF2, 4 000 si le coût est majoré.
    """
    effort = effort or settings.ANTI_ROBOT_EFFORT
    return altcha.create_challenge(
        "PBKDF2/SHA-256",
        COUT * (MAJORATION if majore else 1),
        counter=effort // 2 + secrets.randbelow(effort - effort // 2),
        expires_at=int((timezone.now() + DUREE_DEFI).timestamp()),
        data={"formulaire": nom, "pour": sceau(visiteur)},
        hmac_secret=cle(),
    )


def sceau(visiteur: str) -> str:
    """Désigne un visiteur dans un défi sans l'y écrire : la page montre le défi."""
    return salted_hmac("apart.socle.anti_robot", visiteur, algorithm="sha256").hexdigest()[:16]


def est_majore(request: HttpRequest) -> bool:
    """Vrai si cette adresse, ou tout le monde ensemble, envoie beaucoup. Ne compte rien : un GET ne change rien."""
    adresse = limites.visiteur(request)
    return limites.atteinte(ENVOIS_PAR_ADRESSE, adresse) or limites.atteinte(ENVOIS_EN_TOUT, "")


def verifier_preuve(texte: str, nom: str, request: HttpRequest) -> Cause | None:
    """Rend la cause du refus, ou None si la preuve est bonne ; une preuve bonne est employée et ne resservira pas.

    Une preuve au prix ordinaire vaut pour qui l'a demandée : un réseau qui doit payer plus n'en fait pas venir d'un
    autre. Au prix fort, elle vaut partout : qui change de réseau à chaque page n'est jamais enfermé dehors.
    """
    if not texte:
        return Cause.ABSENTE
    try:
        preuve = lire_preuve(texte)
    except ValueError:
        return Cause.FAUSSE
    # Sans clé de signature du résultat : la bibliothèque refait la dérivation (0,7 ms), et refuse un nombre changé.
    resultat = altcha.verify_solution(preuve, cle())
    if resultat.expired:
        return Cause.EXPIREE
    lie_a = preuve.challenge.parameters.data or {}
    if not resultat.verified or lie_a.get("formulaire") != nom:
        return Cause.FAUSSE
    au_prix_fort = preuve.challenge.parameters.cost >= COUT * MAJORATION
    if not au_prix_fort and (lie_a.get("pour") != sceau(limites.visiteur(request)) or est_majore(request)):
        return Cause.AILLEURS
    return None if employer(preuve.challenge) else Cause.REJOUEE


def lire_preuve(texte: str) -> altcha.Payload:
    """Lit la preuve envoyée ; ValueError si ce n'en est pas une."""
    if len(texte) > TAILLE_PREUVE:
        raise ValueError("preuve trop longue")
    try:
        preuve = altcha.Payload.from_dict(json.loads(base64.b64decode(texte, validate=True).decode(), cls=Prudent))
    except (binascii.Error, KeyError, TypeError, AttributeError) as erreur:
        raise ValueError("preuve illisible") from erreur
    if preuve.challenge.parameters.algorithm != "PBKDF2/SHA-256" or not isinstance(preuve.challenge.signature, str):
        raise ValueError("preuve d'un autre protocole")
    return preuve


def employer(defi: altcha.Challenge) -> bool:
    """Note que ce défi a servi ; faux s'il avait déjà servi, même à l'instant dans un autre processus."""
    expire_le = datetime.fromtimestamp(defi.parameters.expires_at or 0, tz=UTC)
    _, nouvelle = PreuveEmployee.objects.get_or_create(empreinte=defi.signature, defaults={"expire_le": expire_le})
    return nouvelle


def signer_instant(nom: str, instant: datetime) -> str:
    """Quand la page a été affichée. Signé, sans date de fin : une page peut rester ouverte toute la journée."""
    return Signer(salt=f"apart.anti_robot:{nom}").sign(str(round(instant.timestamp() * 1000)))


def lire_instant(nom: str, texte: str) -> datetime:
    """L'instant signé ; BadSignature si ce n'est pas nous qui l'avons écrit, ou pour un autre formulaire."""
    millisecondes = int(Signer(salt=f"apart.anti_robot:{nom}").unsign(texte))
    return datetime.fromtimestamp(millisecondes / 1000, tz=UTC)


def statut(form: forms.BaseForm) -> int:
    """Statut HTTP de la page qui réaffiche ce formulaire : 400 ou 429 si le contrôle a refusé l'envoi, sinon 200."""
    codes = {erreur.code for erreur in form.non_field_errors().as_data()}
    if Cause.TROP_SANS_JS in codes:
        return 429
    return 400 if codes & set(Cause) else 200


class AntiRobot(forms.BaseForm):
    """À mettre devant Formulaire : class FormulaireSiret(AntiRobot, Formulaire), avec nom_anti_robot.

    La page inclut composants/_anti_robot.html dans le <form> et répond avec le statut statut(form) : 200, 400 si le
    contrôle a refusé l'envoi, 429 si trop d'envois sans JavaScript. Le contrôle passe avant les champs : quand il
    refuse, aucun champ n'est lu, et tout ce qui était tapé est réaffiché.
    """

    nom_anti_robot: ClassVar[str]

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    @property
    def instant_signe(self) -> str:
        return signer_instant(self.nom_anti_robot, timezone.now())

    @property
    def patience(self) -> int:
        """Millisecondes que la page laisse passer avant d'envoyer, pour ne pas paraître un robot."""
        return round(TEMPS_HUMAIN.total_seconds() * 1000) + 50

    @property
    def se_refait(self) -> bool:
        """La preuve vient d'un autre réseau : la page la refait et renvoie d'elle-même, une fois, sans le dire."""
        return self.has_error(NON_FIELD_ERRORS, Cause.AILLEURS) and self.data.get("refait") != "1"

    @property
    def sans_javascript(self) -> bool:
        return not self.data.get("altcha") and self.data.get("sans_javascript") == "1"

    def full_clean(self) -> None:
        if not self.is_bound:
            super().full_clean()
            return
        # Du moins cher au plus cher ; le premier refus arrête.
        if cause := self.controler_piege() or self.controler_temps() or self.controler_travail():
            self.refuser(cause)
            return
        super().full_clean()
        # Sans preuve de travail, seul un envoi qui aboutit compte : une faute de frappe ne prive personne de son tour.
        if self.sans_javascript and not self._errors and self.depasse_sans_javascript():
            self.refuser(Cause.TROP_SANS_JS)

    def refuser(self, cause: Cause) -> None:
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.add_error(None, ValidationError(PHRASES[cause], code=cause))

    def controler_piege(self) -> Cause | None:
        return Cause.PIEGE if self.data.get("precision") else None

    def controler_temps(self) -> Cause | None:
        try:
            ouvert_le = lire_instant(self.nom_anti_robot, str(self.data.get("ouvert", "")))
        except BadSignature:
            return Cause.ABSENTE
        return Cause.TROP_VITE if timezone.now() - ouvert_le < TEMPS_HUMAIN else None

    def controler_travail(self) -> Cause | None:
        adresse = limites.visiteur(self.request)
        if self.sans_javascript:
            return Cause.TROP_SANS_JS if limites.depasse(SANS_JS_ESSAIS, adresse) else None
        cause = verifier_preuve(str(self.data.get("altcha", "")), self.nom_anti_robot, self.request)
        # Une fausse preuve ne coûte qu'à qui l'envoie ; seules les vraies disent que le site entier est pressé.
        limites.compter(ENVOIS_PAR_ADRESSE, adresse)
        if cause is None:
            limites.compter(ENVOIS_EN_TOUT, "")
        return cause

    def depasse_sans_javascript(self) -> bool:
        adresse = limites.visiteur(self.request)
        return limites.depasse(SANS_JS_PAR_ADRESSE, adresse) or limites.depasse(SANS_JS_EN_TOUT, "")

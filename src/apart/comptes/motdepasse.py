"""Règles d'un mot de passe : assez long, pas deviné d'avance. Aucune règle de composition (ASVS 6.2.5, CNIL 2022-100).

Un attaquant n'essaie pas tous les signes : il assemble des mots courants, des suites de touches, des années et ce
qu'il sait de la personne. On remplace donc chacun de ces morceaux par presque rien, et l'on regarde ce qui reste.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from apart.comptes.models import Utilisateur
from apart.socle.accents import normale, sans_accents

LONGUEUR_MINIMALE = 15
LONGUEUR_MAXIMALE = 128
RESTE_MINIMAL = 8  # signes qui ne se devinent pas
LIAISONS = " -_.'"  # entre deux mots, elles se devinent avec eux
POIDS = 2  # ce que vaut un morceau deviné ; ce que l'on sait de la personne ne vaut rien

RANGEES = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "&e\"'(-e_ca)",  # la rangée des chiffres sans majuscule, accents ôtés
    "012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1aqw2zsx3edc4rfv5tgb6yhn7uj",
)
SUITES = RANGEES + tuple(rangee[::-1] for rangee in RANGEES)
ANNEE = re.compile(r"(19|20)\d\d")
CHIFFRES_POUR_LETTRES = str.maketrans("@013457$!", "aoieastsi")
SERVICE = ("apart", "activite", "partielle", "activitepartielle", "chomage", "extranet", "siret", "asp", "urssaf")


@dataclass(frozen=True)
class Morceau:
    """Une partie d'un mot de passe que l'on devine sans effort."""

    longueur: int
    raison: str


RAISONS = {
    "contexte": "Ce mot de passe reprend ce que l'on sait de vous ou de l'établissement (nom, adresse, SIRET…).",
    "suite": "Ce mot de passe suit les touches du clavier ou l'ordre des chiffres et des lettres.",
    "repetition": "Ce mot de passe répète les mêmes signes.",
    "courant": "Ce mot de passe est fait de mots que l'on essaie en premier.",
}
CONSEIL = "Prenez plutôt quatre ou cinq mots sans rapport entre eux."


class Regles:
    """Le validateur de Django (AUTH_PASSWORD_VALIDATORS)."""

    def validate(self, password: str, user: Utilisateur | None = None) -> None:
        verifier(password, mots=contexte(user) if user else ())

    def get_help_text(self) -> str:
        return (
            f"{LONGUEUR_MINIMALE} signes au moins. Une phrase se retient bien : quatre ou cinq mots sans rapport "
            "entre eux, avec des espaces si vous voulez. Ni majuscule, ni chiffre, ni signe spécial exigés."
        )


def ecritures(mot_de_passe: str) -> tuple[str, ...]:
    """Les formes sous lesquelles une empreinte peut garder ce mot de passe : NFKC, et telle quelle si elle en diffère.

    Deux claviers n'envoient pas toujours les mêmes octets pour le même mot (« é », ou « e » et son accent) : on garde
    la forme NFKC (NIST SP 800-63B-4 §3.1.1.2). Les empreintes d'avant gardent ce que le clavier envoyait.
    """
    return tuple(dict.fromkeys((normale("NFKC", mot_de_passe), mot_de_passe)))


def contexte(utilisateur: Utilisateur) -> list[str]:
    """Ce que chacun peut savoir d'une personne."""
    nom, _, domaine = utilisateur.courriel.partition("@")
    return [utilisateur.nom, utilisateur.prenom, utilisateur.identifiant, nom, domaine]


def verifier(mot_de_passe: str, *, mots: Iterable[str] = ()) -> None:
    """Lève ValidationError avec une phrase si ce mot de passe est trop court, trop long ou se devine.

    mots : ce que l'on sait de la personne et de l'établissement (nom, SIRET, dénomination…).
    """
    formes = ecritures(mot_de_passe)
    mot_de_passe, longueur = formes[0], min(map(len, formes))  # « ﷺ », un signe, s'écrit en dix-huit
    if longueur < LONGUEUR_MINIMALE:
        signes = f"{longueur} signe{'s' if longueur > 1 else ''}"
        raise ValidationError(
            f"Ce mot de passe a {signes}, il en faut {LONGUEUR_MINIMALE} au moins. {CONSEIL}", code="court"
        )
    if len(mot_de_passe) > LONGUEUR_MAXIMALE:
        raise ValidationError(
            f"Ce mot de passe a {len(mot_de_passe)} signes, le service en garde {LONGUEUR_MAXIMALE} au plus.",
            code="long",
        )
    if raison := faiblesse(mot_de_passe, mots):
        raise ValidationError(f"{RAISONS[raison]} {CONSEIL}", code=raison)


def faiblesse(mot_de_passe: str, mots: Iterable[str] = ()) -> str | None:
    """La raison pour laquelle ce mot de passe se devine (clé de RAISONS), ou None."""
    texte = _aplatir(mot_de_passe)
    interdits = frozenset(_mots_du_contexte(mots)) | frozenset(SERVICE)
    reste, devines, position = 0, list[Morceau](), 0
    while position < len(texte):
        morceau = _morceau(texte, position, interdits)
        if morceau is None:
            reste, position = reste + (texte[position] not in LIAISONS), position + 1
        else:
            devines.append(morceau)
            reste += 0 if morceau.raison == "contexte" else POIDS
            position += morceau.longueur
    distincts = len(set(texte))
    if distincts < RESTE_MINIMAL - 2 or _periode(texte) < RESTE_MINIMAL:
        return max(devines, key=lambda m: m.longueur).raison if devines and distincts > POIDS else "repetition"
    if reste >= RESTE_MINIMAL or not devines:
        return None
    return max(devines, key=lambda m: m.longueur).raison


def _morceau(texte: str, debut: int, interdits: frozenset[str]) -> Morceau | None:
    """Le plus long morceau deviné qui commence là."""
    trouves: list[Morceau] = []
    regles: tuple[tuple[str, Callable[[str, int], int]], ...] = (
        ("contexte", lambda t, d: _mot(t, d, interdits)),
        ("repetition", _repetition),
        ("suite", _suite),
        ("courant", lambda t, d: max(_mot(t, d, mots_courants()), 4 if ANNEE.match(t, d) else 0)),
    )
    for raison, longueur in regles:
        if (n := longueur(texte, debut)) > POIDS:
            trouves.append(Morceau(n, raison))
    return max(trouves, key=lambda m: m.longueur, default=None)


def _suite(texte: str, debut: int) -> int:
    """Longueur de la suite de touches qui commence là, quatre signes au moins."""
    longueur = 0
    for n in range(4, len(texte) - debut + 1):
        if not any(texte[debut : debut + n] in suite for suite in SUITES):
            break
        longueur = n
    return longueur


def _repetition(texte: str, debut: int) -> int:
    """Longueur d'un même signe répété, ou d'un groupe qui revient aussitôt."""
    meme = len(texte) - debut - len(texte[debut:].lstrip(texte[debut]))
    groupes = re.compile(r"(.{2,8}?)\1+").match(texte, debut)
    return max(meme if meme > POIDS else 0, len(groupes[0]) if groupes and len(groupes[0]) > 5 else 0)


def _mot(texte: str, debut: int, mots: frozenset[str]) -> int:
    for n in range(min(24, len(texte) - debut), 3, -1):
        morceau = texte[debut : debut + n]
        if morceau in mots or morceau.translate(CHIFFRES_POUR_LETTRES) in mots:
            return n
    return 0


def _periode(texte: str) -> int:
    """Longueur du plus petit motif dont le texte est la répétition."""
    return (texte + texte).find(texte, 1)


def _aplatir(texte: str) -> str:
    """Sans accents ni majuscules : « Été » et « ete » se devinent pareil."""
    return sans_accents(texte).casefold()


def _mots_du_contexte(mots: Iterable[str]) -> Iterable[str]:
    for mot in mots:
        plat = _aplatir(mot)
        yield from re.findall(r"[a-z0-9]{3,}", plat)
        yield re.sub(r"[^a-z0-9]", "", plat)


@cache
def mots_courants() -> frozenset[str]:
    """Les mots de passe et les mots que l'on essaie en premier : la liste de Django et la nôtre, en français."""
    with gzip.open(Path(password_validation.__file__).parent / "common-passwords.txt.gz", "rt") as fichier:
        mondiaux = fichier.read().split()
    francais = (Path(__file__).parent / "mots_courants.txt").read_text(encoding="utf-8").split()
    return frozenset(mot for mot in [*mondiaux, *francais] if len(mot) >= 4)

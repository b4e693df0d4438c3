"""Lecture des variables d'environnement : chacune une fois, validée par une phrase."""

from __future__ import annotations

import difflib
import math
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import dj_database_url
from psycopg.pq import Conninfo

from apart.socle.accents import normale

LONGUEUR_CLE = 50
LONGUEUR_JETON = 20
ATTENTE_DE_LA_BASE = 10  # secondes
RESSEMBLANCE = 0.85  # sur 1 : deux lettres échangées, une oubliée, une de trop
ABREGE = 8  # signes au moins : « URL_P » peut être à un autre
OPTIONS_DE_LIBPQ = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"currentSchema"}
CONNUS: set[str] = set()  # chaque réglage lu
PARLE_POUR = "APART_PARLE_POUR"
# D'un processus d'Apart à un autre, ou à lui-même ; et ce que lisent ses tests.
INTERNES = {"APART_PARENT", PARLE_POUR, "APART_NAVIGATEURS"}


class ReglageRefuse(SystemExit):
    """Un réglage manque ou ne se lit pas : le programme s'arrête en disant lequel et que faire."""


def refuser(nom: str, raison: str) -> NoReturn:
    raise ReglageRefuse(f"Réglage {nom} : {raison}")


def texte(nom: str, defaut: str = "") -> str:
    """La valeur du réglage ; absente ou vide, c'est le défaut."""
    CONNUS.add(nom)
    return os.environ.get(nom, "").strip() or defaut


def proche(mot: str, connus: Iterable[str]) -> str:
    """« Vouliez-vous dire X ? », ou rien si aucun mot connu ne ressemble."""
    sans_accent = normale("NFKD", mot).encode("ascii", "ignore").decode()  # aucun de nos noms n'en porte
    voisins = difflib.get_close_matches(sans_accent, connus, n=1, cutoff=RESSEMBLANCE)
    return f" Vouliez-vous dire {voisins[0]} ?" if voisins else ""


def refuser_les_variables_inconnues() -> None:
    """Une faute de frappe dans un nom laisserait sa valeur par défaut agir en silence.

    Refusés : ce qui commence comme les nôtres sans en être, et ce qui ressemble à un réglage que rien ne donne.
    """
    donnees = {nom for nom in os.environ if nom not in CONNUS | INTERNES}
    for nom in sorted(donnees):
        absents = [connu for connu in CONNUS if connu not in os.environ]
        voisin = proche(nom.upper(), absents) or _abrege(nom.upper(), absents)
        if voisin or nom.startswith("APART_"):
            refuser(nom, f"Apart ne connaît pas cette variable.{voisin}")


def _abrege(mot: str, connus: Iterable[str]) -> str:
    """« Vouliez-vous dire X ? » d'un de nos noms, coupé avant sa fin : URL_PUBLIC, SUPPORT_TEL."""
    voisin = next((connu for connu in sorted(connus) if connu.startswith(mot[:-1])), "")
    return f" Vouliez-vous dire {voisin} ?" if voisin and "_" in mot and len(mot) >= ABREGE else ""


def refuser_les_options_inconnues(nom: str, morceaux: SplitResult, connues: Iterable[str]) -> None:
    """Ce qui suit « ? » dans une adresse ; une option mal écrite serait oubliée sans rien dire."""
    for option in parse_qs(morceaux.query, keep_blank_values=True):
        if option not in connues:
            voisin = proche(option, connues)
            refuser(nom, f"l'option « {option} » n'existe pas.{voisin}")


def booleen(nom: str, *, defaut: bool) -> bool:
    valeur = texte(nom).lower()
    if not valeur:
        return defaut
    if valeur in {"oui", "1", "true"}:
        return True
    if valeur in {"non", "0", "false"}:
        return False
    refuser(nom, f"« {valeur} » ne se comprend pas ; écrivez oui ou non.")


def entier(nom: str, defaut: int, *, mini: int, maxi: int) -> int:
    valeur = texte(nom)
    if not valeur:
        return defaut
    if not valeur.isascii() or not valeur.isdigit() or len(valeur) > 20 or not mini <= int(valeur) <= maxi:
        refuser(nom, f"« {valeur[:60]} » ; il faut un nombre entier de {mini} à {maxi}.")
    return int(valeur)


def choix(nom: str, defaut: str, permis: tuple[str, ...]) -> str:
    valeur = texte(nom, defaut)
    if valeur not in permis:
        refuser(nom, f"« {valeur} » ; il faut l'une de ces valeurs : {', '.join(permis)}.")
    return valeur


def liste(nom: str, defaut: str = "") -> list[str]:
    return [element.strip() for element in texte(nom, defaut).split(",") if element.strip()]


def decouper(nom: str, valeur: str, exemple: str) -> SplitResult:
    """Découpe une adresse ; un port illisible ou un crochet perdu a droit à la même phrase que le reste."""
    try:
        morceaux = urlsplit(valeur)
        morceaux.port  # noqa: B018  # sa lecture valide le port
    except ValueError:
        refuser(nom, f"cette adresse ne se lit pas ; il faut une adresse comme {exemple}.")
    return morceaux


def url_publique(nom: str, defaut: str) -> str:
    exemple = "https://apart.exemple.fr, sans chemin"
    valeur = texte(nom, defaut).rstrip("/")
    morceaux = decouper(nom, valeur, exemple)
    en_trop = morceaux.path or morceaux.query or morceaux.fragment or morceaux.username
    if morceaux.scheme not in {"http", "https"} or not morceaux.hostname or en_trop:
        refuser(nom, f"« {valeur} » ; il faut une adresse comme {exemple}.")
    return f"{morceaux.scheme}://{morceaux.netloc.lower()}"


def hotes(nom: str) -> list[str]:
    """Noms d'hôte en plus de celui d'URL_PUBLIQUE. « * » accepterait n'importe quel en-tête Host (T13)."""
    for hote in (noms := liste(nom)):
        if not re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]", hote):
            refuser(nom, f"« {hote} » ; il faut des noms comme apart.exemple.fr, sans https:// ni port ni *.")
    return noms


def adresse_electronique(nom: str, defaut: str = "", *, nom_permis: bool = True) -> str:
    """Une adresse, vide si le réglage l'est ; nom_permis : « Apart <notifications@exemple.fr> » aussi."""
    valeur = texte(nom, defaut)
    adresse = re.fullmatch(r"[^<>]*<([^<>]+)>", valeur) if nom_permis else None
    if valeur and not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", adresse[1] if adresse else valeur):
        exemple = "Apart <notifications@exemple.fr>" if nom_permis else "assistance@exemple.fr"
        refuser(nom, f"« {valeur} » ; il faut une adresse électronique, comme {exemple}.")
    return valeur


def cle(nom: str, fichier: Path) -> str:
    """La clé donnée, d'au moins 50 signes comme le demande Django, sinon celle gardée dans ce fichier."""
    if not (valeur := texte(nom)):
        return cle_gardee(nom, fichier)
    if len(valeur) < LONGUEUR_CLE:
        refuser(nom, f"elle a {len(valeur)} signes ; il en faut {LONGUEUR_CLE} au moins, tirés au hasard.")
    return valeur


def cles_anciennes(nom: str) -> list[str]:
    for rang, ancienne in enumerate(anciennes := liste(nom), 1):
        if len(ancienne) < LONGUEUR_CLE:
            refuser(nom, f"la clé n° {rang} a {len(ancienne)} signes ; une clé en a {LONGUEUR_CLE} au moins.")
    return anciennes


def jeton(nom: str) -> str:
    """Un secret qu'un autre programme présente ; vide : ce qu'il ouvre reste fermé."""
    valeur = texte(nom)
    if valeur and (len(valeur) < LONGUEUR_JETON or not valeur.isascii() or re.search(r"\s", valeur)):
        refuser(nom, f"il faut {LONGUEUR_JETON} signes au moins, tirés au hasard, sans espace ni accent.")
    return valeur


def base_de_donnees(nom: str, defaut: str = "") -> dict[str, Any]:
    """Lit postgresql://utilisateur:secret@hote:5432/base, avec les options de libpq (?sslmode=require)."""
    exemple = "postgresql://utilisateur:secret@hote:5432/base"
    adresse = texte(nom, defaut)
    morceaux = decouper(nom, adresse, exemple)
    if morceaux.scheme not in {"postgresql", "postgres"}:
        refuser(nom, f"Apart ne connaît que PostgreSQL ; il faut une adresse comme {exemple}.")
    if not morceaux.path.strip("/"):
        refuser(nom, f"le nom de la base manque ; il faut une adresse comme {exemple}.")
    refuser_les_options_inconnues(nom, morceaux, OPTIONS_DE_LIBPQ)
    try:
        return {"OPTIONS": {}, **dj_database_url.parse(adresse, conn_max_age=60, conn_health_checks=True)}
    except (dj_database_url.ParseError, ValueError):
        refuser(nom, f"cette adresse ne se lit pas ; il faut une adresse comme {exemple}.")


def parle_pour() -> str:
    """« site », « fond » ou « proprietaire » : posé par la commande « apart » ; hors d'elle, une base d'essai."""
    return os.environ.get(PARLE_POUR) or "proprietaire"


def limiter(base: dict[str, Any], secondes: int) -> None:
    """Borne la durée de chaque ordre SQL, et l'attente d'une base injoignable : l'une et l'autre gardent un fil.

    Ce qui est écrit dans l'adresse l'emporte.
    """
    options = {"connect_timeout": ATTENTE_DE_LA_BASE, **base["OPTIONS"]}
    options["options"] = f"-c statement_timeout={secondes}s {options.get('options', '')}".strip()
    base["OPTIONS"] = options


def seule(nom: str, *, avec: str) -> None:
    """Refuse un réglage qui ne veut rien dire sans un autre."""
    if texte(nom):
        refuser(nom, f"elle ne sert qu'avec {avec}, qui est absente.")


def cle_gardee(nom: str, fichier: Path) -> str:
    """La clé gardée dans ce fichier (0600), tirée au premier besoin ; simultanés, tous lisent la même."""
    try:
        if not fichier.exists():
            fichier.parent.mkdir(parents=True, exist_ok=True)
            provisoire = fichier.with_suffix(f".{secrets.token_hex(4)}")
            provisoire.touch(mode=0o600)
            provisoire.write_text(secrets.token_urlsafe(64))
            with suppress(FileExistsError):  # un autre processus l'a tirée au même instant : la sienne vaut
                fichier.hardlink_to(provisoire)
            provisoire.unlink()
        return fichier.read_text()
    except OSError as erreur:
        refuser(
            nom,
            f"elle est absente, et {fichier} ne peut être ni lu ni écrit ({erreur.strerror}). Donnez-la, lancez Apart "
            "sous le compte à qui est ce dossier, ou choisissez un autre dossier par APART_VAR.",
        )


@dataclass(frozen=True)
class ServeurCourriel:
    hote: str
    port: int
    utilisateur: str
    mot_de_passe: str
    chiffrement: str  # « aucun », « starttls » ou « tls »
    delai: float  # secondes


def serveur_courriel(nom: str, defaut: str) -> ServeurCourriel:
    """Lit smtp://, smtp+starttls:// ou smtps://utilisateur:mot-de-passe@hôte:port/?delai=10."""
    exemple = "smtp+starttls://utilisateur:secret@hote:587"
    morceaux = decouper(nom, texte(nom) or defaut, exemple)
    refuser_les_options_inconnues(nom, morceaux, ("delai",))
    chiffrements = {"smtp": ("aucun", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
    if morceaux.scheme not in chiffrements or not morceaux.hostname:
        refuser(nom, f"il faut une adresse comme {exemple}.")
    chiffrement, port = chiffrements[morceaux.scheme]
    return ServeurCourriel(
        hote=morceaux.hostname,
        port=morceaux.port or port,
        utilisateur=unquote(morceaux.username or ""),
        mot_de_passe=unquote(morceaux.password or ""),
        chiffrement=chiffrement,
        delai=secondes(nom, parse_qs(morceaux.query).get("delai", ["10"])[0]),
    )


@dataclass(frozen=True)
class BoiteImap:
    hote: str
    port: int
    utilisateur: str
    mot_de_passe: str
    dossier: str
    est_chiffree: bool
    delai: float  # secondes


def boite_imap(nom: str) -> BoiteImap | None:
    """Lit imaps://utilisateur:mot-de-passe@hôte:port/dossier?delai=20 ; None si le réglage est vide.

    imap://, sans chiffrement, n'est permis que vers la machine elle-même : le mot de passe y passerait en clair.
    """
    exemple = "imaps://utilisateur:secret@hote:993/INBOX"
    if not (valeur := texte(nom)):
        return None
    morceaux = decouper(nom, valeur, exemple)
    refuser_les_options_inconnues(nom, morceaux, ("delai",))
    est_chiffree, dossier = morceaux.scheme == "imaps", unquote(morceaux.path).strip("/") or "INBOX"
    if not (est_chiffree or morceaux.scheme == "imap") or not morceaux.hostname or not morceaux.username:
        refuser(nom, f"il faut une adresse comme {exemple}.")
    if not est_chiffree and morceaux.hostname not in {"127.0.0.1", "::1", "localhost"}:
        refuser(nom, f"imap:// laisserait lire le mot de passe en route ; il faut une adresse comme {exemple}.")
    if not dossier.isascii() or not dossier.isprintable():
        refuser(nom, f"le dossier « {dossier} » ; il faut un nom sans accent.")
    return BoiteImap(
        hote=morceaux.hostname,
        port=morceaux.port or (993 if est_chiffree else 143),
        utilisateur=unquote(morceaux.username),
        mot_de_passe=unquote(morceaux.password or ""),
        dossier=dossier,
        est_chiffree=est_chiffree,
        delai=secondes(nom, parse_qs(morceaux.query).get("delai", ["20"])[0]),
    )


def secondes(nom: str, valeur: str) -> float:
    try:
        duree = float(valeur)
    except ValueError:
        duree = math.nan
    if not 0 < duree <= 300:  # NaN compris
        refuser(nom, f"le délai « {valeur} » ; il faut un nombre de secondes, 300 au plus.")
    return duree


def dossier(nom: str) -> Path | None:
    """Le chemin absolu d'un dossier ; None si le réglage est vide. « apart check --deploy » l'essaie."""
    valeur = texte(nom)
    if valeur and not Path(valeur).is_absolute():
        refuser(nom, f"« {valeur} » ; il faut un chemin complet, comme /srv/apart/pieces.")
    return Path(valeur) if valeur else None


@dataclass(frozen=True)
class ServeurAntivirus:
    hote: str
    port: int
    prise: str  # chemin d'une prise Unix ; vide : hote et port


def serveur_antivirus(nom: str) -> ServeurAntivirus | None:
    """Lit tcp://hôte:port ou unix:/chemin ; None si le réglage est vide."""
    exemple = "tcp://127.0.0.1:3310 ou unix:/run/clamav/clamd.ctl"
    if not (valeur := texte(nom)):
        return None
    morceaux = decouper(nom, valeur, exemple)
    est_une_prise = morceaux.scheme == "unix" and morceaux.path.startswith("/") and not morceaux.netloc
    est_un_hote = morceaux.scheme == "tcp" and bool(morceaux.hostname) and morceaux.path in {"", "/"}
    if not (est_une_prise or est_un_hote) or morceaux.query or morceaux.username:
        refuser(nom, f"il faut une adresse comme {exemple}.")
    return ServeurAntivirus(morceaux.hostname or "", morceaux.port or 3310, morceaux.path if est_une_prise else "")

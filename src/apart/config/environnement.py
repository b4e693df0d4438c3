"""Lecture des variables d'environnement : chacune une fois, validée par une phrase."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qs, unquote, urlsplit


class ReglageRefuse(SystemExit):
    """Un réglage manque ou ne se lit pas : le programme s'arrête en disant lequel et que faire."""


def refuser(nom: str, raison: str) -> NoReturn:
    raise ReglageRefuse(f"Réglage {nom} : {raison}")


def texte(nom: str, defaut: str = "") -> str:
    return os.environ.get(nom, defaut).strip()


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
    if not valeur.isascii() or not valeur.isdigit() or not mini <= int(valeur) <= maxi:
        refuser(nom, f"« {valeur} » ; il faut un nombre entier de {mini} à {maxi}.")
    return int(valeur)


def choix(nom: str, defaut: str, permis: tuple[str, ...]) -> str:
    valeur = texte(nom, defaut)
    if valeur not in permis:
        refuser(nom, f"« {valeur} » ; il faut l'une de ces valeurs : {', '.join(permis)}.")
    return valeur


def liste(nom: str, defaut: str = "") -> list[str]:
    return [element.strip() for element in texte(nom, defaut).split(",") if element.strip()]


def url_publique(nom: str, defaut: str) -> str:
    valeur = texte(nom, defaut).rstrip("/")
    morceaux = urlsplit(valeur)
    if morceaux.scheme not in {"http", "https"} or not morceaux.hostname or morceaux.path:
        refuser(nom, f"« {valeur} » ; il faut une adresse comme https://apart.exemple.fr, sans chemin.")
    return valeur


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
    morceaux = urlsplit(texte(nom, defaut))
    chiffrements = {"smtp": ("aucun", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
    if morceaux.scheme not in chiffrements or not morceaux.hostname:
        refuser(nom, "il faut une adresse comme smtp+starttls://utilisateur:secret@hote:587.")
    chiffrement, port = chiffrements[morceaux.scheme]
    return ServeurCourriel(
        hote=morceaux.hostname,
        port=morceaux.port or port,
        utilisateur=unquote(morceaux.username or ""),
        mot_de_passe=unquote(morceaux.password or ""),
        chiffrement=chiffrement,
        delai=float(parse_qs(morceaux.query).get("delai", ["10"])[0]),
    )

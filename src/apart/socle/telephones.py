"""Lire un numéro de téléphone : métropole, outre-mer, monde entier, numéros courts, postes."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumbers import shortnumberinfo

from apart.socle.saisies import ligne

# Numéros à dix chiffres d'outre-mer, composés comme en métropole : les quatre premiers disent le territoire.
REGIONS_DES_PREFIXES = {
    **dict.fromkeys(("0590", "0690", "0691"), "GP"),
    **dict.fromkeys(("0594", "0694"), "GF"),
    **dict.fromkeys(("0596", "0696", "0697"), "MQ"),
    **dict.fromkeys(("0262", "0263", "0692", "0693"), "RE"),
    **dict.fromkeys(("0269", "0639"), "YT"),
}
OUTRE_MER = ("GP", "GF", "MQ", "RE", "YT", "PM")  # La Réunion et Mayotte ont le même indicatif
COMPOSES_COMME_EN_METROPOLE = frozenset((33, 262, 590, 594, 596))
REGIONS_SANS_PREFIXE: tuple[str, ...] = ("PM", "NC", "PF", "WF")  # six ou huit chiffres

# Ce qu'on ajoute à un numéro pour joindre une personne derrière un standard.
POSTE = re.compile(r"[ ,;(]{0,2}(?:poste|ext|extension|interne|#)[ .:=]{0,3}([0-9]{1,6})\)?", re.IGNORECASE)
TELEPHONE = re.compile(r"\(?\+?[0-9()./ -]{4,40}")
TELEPHONE_FAUX = (
    "Ce numéro de téléphone n'existe pas : vérifiez ses chiffres. Exemples : 01 02 03 04 05, ou, hors de France, "
    "+32 2 123 45 67."
)


def telephone(texte: str) -> str:
    """« 01 02 03 04 05 » → « +33102030405 », et « ;ext=12 » après s'il finit par « poste 12 » (RFC 3966).

    Métropole et outre-mer, chacun avec son indicatif ; le monde entier, s'il commence par + ou 00. Un numéro court
    reste comme il est (« 3646 »).
    """
    signes = "".join(
        "-" if unicodedata.category(signe) == "Pd" else signe for signe in ligne(texte).removeprefix("tel:")
    )
    signes, poste = _sans_poste(signes)
    chiffres = re.sub(r"\D", "", signes)
    if not TELEPHONE.fullmatch(signes):
        raise ValidationError(TELEPHONE_FAUX, code="telephone")
    if re.fullmatch(r"[13][0-9] ?[0-9]{2}", signes) and not poste and _est_numero_court(chiffres):
        return chiffres
    possibles = _numeros_possibles(signes, chiffres)
    if len(possibles) > 1:
        raise ValidationError(
            "Ce numéro existe dans plusieurs territoires : ajoutez son indicatif. Exemples : +508 41 12 34 à "
            "Saint-Pierre-et-Miquelon, +687 26 12 34 en Nouvelle-Calédonie, +681 72 12 34 à Wallis-et-Futuna.",
            code="indicatif",
        )
    if not possibles:
        raise ValidationError(TELEPHONE_FAUX, code="telephone")
    numero = possibles.pop()
    return f"{numero};ext={poste}" if poste else numero


def _sans_poste(signes: str) -> tuple[str, str]:
    """Le numéro, et le poste qui le suit ; vide s'il n'y en a pas."""
    trouve = POSTE.search(signes)
    if trouve is None or trouve.end() < len(signes):
        return signes, ""
    return signes[: trouve.start()].strip(), trouve[1]


def _est_numero_court(chiffres: str) -> bool:
    """« 3646 », « 1014 » : les numéros à quatre chiffres en service."""
    numero = phonenumbers.parse(chiffres, "FR")
    return shortnumberinfo.is_valid_short_number_for_region(numero, "FR")


def _numeros_possibles(signes: str, chiffres: str) -> set[str]:
    """Les numéros que ces signes peuvent désigner."""
    if signes.startswith(("+", "(+", "00")) or re.fullmatch(r"33[1-9][0-9]{8}", chiffres):
        hors = chiffres.removeprefix("00")
        national = hors[2:].removeprefix("0")
        if not hors.startswith("33") or len(national) != 9:
            return {numero for numero in [_numero_de(f"+{hors}" if signes[0] == "0" else signes, "FR")] if numero}
        signes = chiffres = national  # « +33 262… » : La Réunion, composée comme en métropole
    a_dix_chiffres = len(chiffres) in (9, 10)  # le zéro de tête s'oublie
    regions = REGIONS_SANS_PREFIXE
    if a_dix_chiffres and chiffres[-9:].startswith("508"):  # Saint-Pierre-et-Miquelon, composé depuis la métropole
        signes, regions = f"+508{chiffres[-6:]}", ("FR",)
    elif a_dix_chiffres:
        regions = (REGIONS_DES_PREFIXES.get(f"0{chiffres[-9:-6]}", "FR"),)
    trouves = {numero for region in regions if (numero := _numero_de(signes, region))}
    if not trouves and regions == ("FR",):  # les mobiles 07 08 et 07 09, ouverts outre-mer par tranches
        trouves = {numero for region in OUTRE_MER if (numero := _numero_de(signes, region))}
    return trouves


def _numero_de(signes: str, region: str) -> str | None:
    try:
        numero = phonenumbers.parse(signes, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(numero):
        return None
    return str(phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164))


def telephone_lisible(numero: str) -> str:
    """« +33102030405;ext=12 » → « 01 02 03 04 05 poste 12 »."""
    numero, _, poste = numero.partition(";ext=")
    try:
        lu = phonenumbers.parse(numero)
    except phonenumbers.NumberParseException:
        return numero
    national = lu.country_code in COMPOSES_COMME_EN_METROPOLE
    forme = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    lisible = str(phonenumbers.format_number(lu, forme))
    return f"{lisible} poste {poste}" if poste else lisible

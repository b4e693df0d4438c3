"""Lire ce que les gens tapent : SIRET, téléphone, code postal, adresse électronique.

Chaque fonction rend la forme normale ou lève ValidationError avec une phrase qui dit quoi corriger.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

SIREN_LA_POSTE = "356000000"
ESPACES = re.compile(r"[\s.\u00a0\u202f\u2009-]+")
# France et outre-mer : chaque territoire a son indicatif.
REGIONS = ("FR", "GP", "GF", "MQ", "RE", "YT", "PM", "NC", "PF", "WF")


def luhn(chiffres: str) -> bool:
    total = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        valeur = int(chiffre) * (1 + rang % 2)
        total += valeur - 9 if valeur > 9 else valeur
    return total % 10 == 0


def cle_juste(siret: str) -> bool:
    """Clé d'un SIRET : Luhn sur le SIREN et sur le tout. La Poste a aussi sa règle (somme multiple de 5)."""
    if siret.startswith(SIREN_LA_POSTE):
        return luhn(siret) or sum(map(int, siret)) % 5 == 0
    return luhn(siret[:9]) and luhn(siret)


def siret(texte: str) -> str:
    """« 732 829 320 00074 » → « 73282932000074 ». Refuse longueur, signes, clé fausse, chaque cas avec sa phrase."""
    chiffres = ESPACES.sub("", texte)
    if not re.fullmatch(r"[0-9]*", chiffres):
        raise ValidationError("Un numéro de SIRET ne contient que des chiffres.", code="signes")
    if len(chiffres) == 9:
        raise ValidationError(
            "Ce numéro a 9 chiffres : c'est un SIREN. Il faut le SIRET de l'établissement, 14 chiffres.", code="siren"
        )
    if len(chiffres) != 14:
        raise ValidationError(
            "Ce numéro a %(n)d chiffre%(s)s, il en faut 14.",
            code="longueur",
            params={"n": len(chiffres), "s": "s" if len(chiffres) > 1 else ""},
        )
    if chiffres == "0" * 14 or not cle_juste(chiffres):
        raise ValidationError(
            "Ce numéro contient une faute de frappe : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre.",
            code="cle",
        )
    return chiffres


def siret_lisible(chiffres: str) -> str:
    return f"{chiffres[:3]} {chiffres[3:6]} {chiffres[6:9]} {chiffres[9:]}" if len(chiffres) == 14 else chiffres


def telephone(texte: str) -> str:
    """« 01 02 03 04 05 » → « +33102030405 » ; métropole et outre-mer."""
    for region in REGIONS:
        try:
            numero = phonenumbers.parse(unicodedata.normalize("NFKC", texte), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(numero) and phonenumbers.region_code_for_number(numero) in {
            *REGIONS,
            "BL",
            "MF",
        }:
            return str(phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164))
    raise ValidationError(
        "Ce numéro de téléphone n'est pas un numéro de France ou d'outre-mer. Exemple : 01 02 03 04 05.",
        code="telephone",
    )


def telephone_lisible(numero: str) -> str:
    try:
        lu = phonenumbers.parse(numero, "FR")
    except phonenumbers.NumberParseException:
        return numero
    national = lu.country_code == 33
    forme = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(lu, forme))


def code_postal(texte: str) -> str:
    """« 20 090 » → « 20090 ». Cinq chiffres, département connu (Corse 20, outre-mer 97 et 98, Cedex compris)."""
    chiffres = ESPACES.sub("", texte)
    if not re.fullmatch(r"[0-9]{5}", chiffres):
        raise ValidationError("Un code postal a 5 chiffres. Exemple : 75011.", code="code_postal")
    if chiffres.startswith(("00", "96", "99")):
        raise ValidationError("Ce code postal n'existe pas en France. Exemple : 75011.", code="code_postal")
    return chiffres


def courriel(texte: str) -> str:
    """Forme normale d'une adresse électronique : NFKC, sans espaces autour, en minuscules."""
    adresse = unicodedata.normalize("NFKC", texte).strip().lower()
    try:
        validate_email(adresse)
    except ValidationError as erreur:
        raise ValidationError(
            "Cette adresse électronique est incomplète. Exemple : prenom.nom@entreprise.fr.", code="courriel"
        ) from erreur
    if not adresse.isascii():
        raise ValidationError(
            "Cette adresse contient un caractère accentué ou étranger. Retapez-la sans accent.", code="courriel"
        )
    return adresse


DOMAINES_FREQUENTS = (
    "gmail.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "sfr.fr",
    "hotmail.fr",
    "hotmail.com",
    "outlook.fr",
    "outlook.com",
    "yahoo.fr",
    "yahoo.com",
    "laposte.net",
    "live.fr",
    "icloud.com",
    "bbox.fr",
    "neuf.fr",
    "gmx.fr",
    "proton.me",
    "protonmail.com",
    "numericable.fr",
    "aliceadsl.fr",
    "me.com",
)


def courriel_probable(adresse: str) -> str | None:
    """« marie@gmial.com » → « marie@gmail.com » ; None si rien de mieux à proposer."""
    nom, _, domaine = adresse.rpartition("@")
    if not nom or domaine in DOMAINES_FREQUENTS:
        return None
    proches = difflib.get_close_matches(domaine, DOMAINES_FREQUENTS, n=1, cutoff=0.82)
    return f"{nom}@{proches[0]}" if proches else None


def courriel_masque(adresse: str) -> str:
    """« marie.durand@gmail.com » → « m•••••d@g•••l.com » : assez pour se reconnaître, pas pour apprendre."""
    nom, _, domaine = adresse.rpartition("@")
    tete, _, suffixe = domaine.rpartition(".")
    return f"{_masquer(nom)}@{_masquer(tete)}.{suffixe}"


def _masquer(mot: str) -> str:
    return f"{mot[0]}•••{mot[-1]}" if len(mot) > 2 else f"{mot[:1]}•••"

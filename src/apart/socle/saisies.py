"""Lire ce que les gens tapent : SIRET, téléphone, code postal, adresse électronique.

Chaque fonction rend la forme normale ou lève ValidationError avec une phrase qui dit quoi corriger.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

SIREN_LA_POSTE = "356000000"
# Ce qu'un copier-coller ajoute sans qu'on le voie : espaces insécables, signes de largeur nulle, sens d'écriture.
INVISIBLES = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
TIRETS = "\u2010-\u2015\u2212-"
SEPARATEURS = re.compile(rf"[\s.{INVISIBLES}{TIRETS}]+")

# Numéros à dix chiffres d'outre-mer, composés comme en métropole : les quatre premiers disent le territoire.
REGIONS_DES_PREFIXES = {
    **dict.fromkeys(("0590", "0690", "0691"), "GP"),
    **dict.fromkeys(("0594", "0694"), "GF"),
    **dict.fromkeys(("0596", "0696", "0697"), "MQ"),
    **dict.fromkeys(("0262", "0263", "0692", "0693"), "RE"),
    **dict.fromkeys(("0269", "0639"), "YT"),
}
REGIONS_SANS_PREFIXE: tuple[str, ...] = ("PM", "NC", "PF", "WF")  # six ou huit chiffres
REGIONS = frozenset(("FR", "BL", "MF", *REGIONS_DES_PREFIXES.values(), *REGIONS_SANS_PREFIXE))
COURRIEL_MAXIMUM, PARTIE_LOCALE_MAXIMUM = 254, 64  # RFC 5321 §4.5.3.1


# Par quoi commence un texte qu'un tableur prendrait pour une formule (T24), pleine largeur comprise.
DECLENCHEURS = "=+@\t\r\0＝＋－＠-"  # « - » en dernier : ils se mettent tels quels entre crochets


def entier(texte: str, maximum: int) -> int | None:
    """Le nombre écrit par ces chiffres, de 0 à maximum ; None sinon. int() tombe au-delà de 4 300, et lit « ٣ »."""
    if not re.fullmatch(r"[0-9]+", texte) or len(texte) > len(str(maximum)):
        return None
    return lu if (lu := int(texte)) <= maximum else None


def luhn(chiffres: str) -> bool:
    total = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        valeur = int(chiffre) * (1 + rang % 2)
        total += valeur - 9 if valeur > 9 else valeur
    return total % 10 == 0


def cle_juste(siret: str) -> bool:
    """Clé d'un SIRET : Luhn sur le SIREN et sur le tout. La Poste a aussi sa règle (somme multiple de 5)."""
    if siret == "0" * 14:
        return False  # juste pour Luhn, mais ce n'est le numéro de personne
    if siret.startswith(SIREN_LA_POSTE):
        return luhn(siret) or sum(map(int, siret)) % 5 == 0
    return luhn(siret[:9]) and luhn(siret)


def siret(texte: str) -> str:
    """« 732 829 320 00074 » → « 73282932000074 ». Refuse longueur, signes, clé fausse, chaque cas avec sa phrase."""
    chiffres = SEPARATEURS.sub("", texte)
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
    if not cle_juste(chiffres):
        raise ValidationError(
            "Ce numéro contient une faute de frappe : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre.",
            code="cle",
        )
    return chiffres


def siret_lisible(chiffres: str) -> str:
    return f"{chiffres[:3]} {chiffres[3:6]} {chiffres[6:9]} {chiffres[9:]}" if len(chiffres) == 14 else chiffres


def telephone(texte: str) -> str:
    """« 01 02 03 04 05 » → « +33102030405 » ; métropole et outre-mer, chacun avec son indicatif."""
    signes = re.sub(f"[{INVISIBLES}]", "", unicodedata.normalize("NFKC", texte)).strip()
    possibles = _numeros_possibles(signes) if re.fullmatch(rf"[0-9+()./\s{TIRETS}]{{4,40}}", signes) else set()
    if len(possibles) > 1:
        raise ValidationError(
            "Ce numéro existe dans plusieurs territoires : ajoutez son indicatif. Exemples : +508 41 12 34 à "
            "Saint-Pierre-et-Miquelon, +687 26 12 34 en Nouvelle-Calédonie, +681 72 12 34 à Wallis-et-Futuna.",
            code="indicatif",
        )
    if not possibles:
        raise ValidationError(
            "Ce numéro de téléphone n'est pas un numéro de France ou d'outre-mer. Exemple : 01 02 03 04 05.",
            code="telephone",
        )
    return possibles.pop()


def _numeros_possibles(signes: str) -> set[str]:
    """Les numéros de France que ces signes peuvent désigner."""
    chiffres = re.sub(r"\D", "", signes)
    a_dix_chiffres = len(chiffres) in (9, 10)  # le zéro de tête s'oublie
    regions = REGIONS_SANS_PREFIXE
    if a_dix_chiffres and chiffres[-9:].startswith("508"):  # Saint-Pierre-et-Miquelon, composé depuis la métropole
        signes, regions = f"+508{chiffres[-6:]}", ("FR",)
    elif a_dix_chiffres or signes.startswith(("+", "00")):
        regions = (REGIONS_DES_PREFIXES.get(f"0{chiffres[-9:-6]}", "FR"),)
    return {numero for region in regions if (numero := _numero_de(signes, region))}


def _numero_de(signes: str, region: str) -> str | None:
    try:
        numero = phonenumbers.parse(signes, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(numero) or phonenumbers.region_code_for_number(numero) not in REGIONS:
        return None
    return str(phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164))


def telephone_lisible(numero: str) -> str:
    try:
        lu = phonenumbers.parse(numero, "FR")
    except phonenumbers.NumberParseException:
        return numero
    national = lu.country_code == 33
    forme = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(lu, forme))


# 971 à 978 outre-mer, 980 Monaco, 984 Terres australes, 986 à 988 Pacifique ; 00, 96, 99 n'existent pas.
CODES_POSTAUX = re.compile(r"(?!00|96|97|98|99)[0-9]{5}|97[1-8][0-9]{2}|98[04678][0-9]{2}")


def code_postal(texte: str) -> str:
    """« 20 090 » → « 20090 ». Cinq chiffres, département connu (Corse 20, outre-mer 97 et 98, Cedex compris)."""
    chiffres = SEPARATEURS.sub("", texte)
    if not re.fullmatch(r"[0-9]{5}", chiffres):
        raise ValidationError("Un code postal a 5 chiffres. Exemple : 75011.", code="code_postal")
    if not CODES_POSTAUX.fullmatch(chiffres):
        raise ValidationError("Ce code postal n'existe pas en France. Exemple : 75011.", code="code_postal")
    return chiffres


class _AdressePublique(EmailValidator):
    """Les formes que la RFC 5321 permet et que personne n'a : elles ne servent qu'à tromper un logiciel."""

    user_regex = re.compile(r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*\Z")

    def validate_domain_part(self, domain_part: str) -> bool:
        if domain_part.endswith(".localhost"):  # toujours la machine elle-même (RFC 6761 §6.3)
            return False
        return bool(self.domain_regex.match(domain_part))  # jamais « [1.2.3.4] »


_adresse_publique = _AdressePublique(allowlist=[])


def courriel(texte: str) -> str:
    """Forme normale d'une adresse électronique : NFKC, sans espaces autour ni signes invisibles, en minuscules.

    Refuse ce qu'aucune boîte réelle n'a : partie locale entre guillemets ou de plus de 64 signes, littéral
    « [1.2.3.4] », « localhost » et ce qui en finit, signes de contrôle (RFC 5321 §4.1.2, §4.5.3.1.1).
    """
    adresse = re.sub(f"[{INVISIBLES}]", "", unicodedata.normalize("NFKC", texte)).strip(" \t\r\n").lower()
    if not adresse.isascii():
        raise ValidationError(
            "Cette adresse contient un caractère accentué ou étranger. Retapez-la sans accent.", code="courriel"
        )
    if len(adresse) > COURRIEL_MAXIMUM or len(adresse.rpartition("@")[0]) > PARTIE_LOCALE_MAXIMUM:
        raise ValidationError("Cette adresse électronique est trop longue.", code="courriel")
    try:
        _adresse_publique(adresse)
    except ValidationError as erreur:
        raise ValidationError(
            "Cette adresse électronique est incomplète. Exemple : prenom.nom@entreprise.fr.", code="courriel"
        ) from erreur
    return adresse


def boite(adresse: str) -> str:
    """Pour compter seulement : la boîte où arrive une adresse, sans la casse ni l'étiquette « +… » que l'on varie.

    L'identité reste l'adresse exacte : deux étiquettes sont deux comptes.
    """
    nom, _, domaine = adresse.lower().rpartition("@")
    return f"{nom.partition('+')[0] or nom}@{domaine}"


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
    # Rares, mais trop proches d'un autre pour être pris pour une faute de frappe.
    "mail.com",
    "ymail.com",
    "live.com",
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

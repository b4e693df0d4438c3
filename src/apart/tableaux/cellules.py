"""Une case à la fois : de ce qu'une personne ou un logiciel a écrit à une valeur, ou à une phrase qui dit quoi écrire.

La même lecture pour un formulaire, l'API et un fichier ; chaque fonction lève ValueError avec une phrase. Ce qui a
deux sens est une faute, jamais un choix fait en silence.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from apart.regles.francais import MOIS, nombre, pourcentage
from apart.regles.nombres import arrondir
from apart.socle.accents import normale
from apart.socle.saisies import ligne

E = TypeVar("E", bound=StrEnum)

FORMULE = "Cette case contient une formule : remplacez-la par sa valeur."
NEGATIF = "Ce nombre est négatif : vérifiez-le. Une régularisation se déclare dans le mois qu'elle corrige."
HEURES_PERMISES = Decimal(2_000)
HEURES_D_UN_MOIS = Decimal(744)  # 31 jours
SIGNES_PERMIS = 100
OUI = frozenset({"oui", "o", "vrai", "true", "1", "x", "on", "yes", "y"})
NON = frozenset({"non", "n", "faux", "false", "0", "", "no", "off"})
UNITE = re.compile(r"(?:€|eur|euros?|%|(?<=[\d\s])h|(?<=[\d\s])heures?)$", re.IGNORECASE)
# Par initiale d'unité : ce qu'est un nombre qui la porte, et l'exemple à suivre.
SENS = {"€": "un montant en euros", "h": "une durée", "%": "un pourcentage"}
EXEMPLES = {"€": "1850,50", "h": "7,5 ou 7h30", "%": "70 %"}
MILLIERS = re.compile(r"(?<=[0-9])(?:\s+|['’])(?=[0-9]{3}(?![0-9]))")
# « 2.150,50 » et « 1.234.567 » ; « 1,234.50 » et « 1,234,567 » : les milliers y sont sûrs.
A_POINTS = re.compile(r"-?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]{1,10}|(?:\.[0-9]{3}){2,})")
A_VIRGULES = re.compile(r"-?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]{1,10}|(?:,[0-9]{3}){2,})")
SIMPLE = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,2})?")
NOMBRE = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{0,10})?")
DEUX_SENS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
HEURES_MINUTES = re.compile(r"([0-9]{1,4})\s*(h|heures?|:)\s*([0-9]{2})\s*(?:min|mn|m|:00)?", re.IGNORECASE)
MINUTES = re.compile(r"([0-9]{1,5})\s*(?:min|mn|minutes?)", re.IGNORECASE)
JOUR_D_ABORD = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4}|[0-9]{2})(?:[ T]0?0:00(?::00)?)?")
ANNEE_D_ABORD = re.compile(r"([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?:[ T]00:00(?::00)?(?:\.0+)?Z?)?")
EN_LETTRES = re.compile(r"(?:[a-z]{5,8} )?([0-9]{1,2})(?:er)? ([a-z]{3,9}) ([0-9]{4}|[0-9]{2})")
HEURE = re.compile(r"(?:T|,? (?:à )?)([0-9]{1,2}) ?[hH:] ?([0-9]{2})?(?::[0-9]{2})?$")
SERIE = re.compile(r"[3-7][0-9]{4}(?:\.0)?")
SERIES_PLAUSIBLES = range(41_456, 51_502)  # du 01/07/2013, première activité partielle, à la fin de 2040
SANS_ZERO = re.compile(r"([0-9])(0[1-9]|1[0-2])([0-9]{2})")  # « 50426 » : le 5/04/26 sans son zéro
ORIGINE_DES_SERIES = date(1899, 12, 30)  # le jour 0 des tableurs
MOIS_EN_LETTRES = re.compile(r"([a-z]{3,9}) ([0-9]{4}|[0-9]{2})")
MOIS_D_ABORD = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{4}|[0-9]{2})|(0[1-9]|1[0-2])((?:19|20)[0-9]{2})")
# Après un point, deux chiffres : d'un nombre, 2026.10, il ne reste que « 2026.1 ».
MOIS_ENSUITE = re.compile(r"([0-9]{4})(?:[-/ ]([0-9]{1,2})|\.([0-9]{2}))|((?:19|20)[0-9]{2})(0[1-9]|1[0-2])")
ANGLAIS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
SIECLE = 70  # « 26 » est 2026, « 98 » est 1998


def mots(texte: str) -> str:
    """Les mots d'un texte, sans casse, accents ni ponctuation : « Durée hebdo. » donne « duree hebdo »."""
    sans_accents = normale("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", sans_accents.lower()))


_JUSQU_ICI = {mots(nom): rang for rang, nom in enumerate(MOIS, 1)} | {nom: rang for rang, nom in enumerate(ANGLAIS, 1)}
# « avr », « sept », « juil » : l'abréviation d'un seul mois.
RANG_DU_MOIS = _JUSQU_ICI | {
    nom[:n]: rang
    for n in (3, 4)
    for nom, rang in _JUSQU_ICI.items()
    if {autre for debut, autre in _JUSQU_ICI.items() if debut.startswith(nom[:n])} == {rang}
}


def court(valeur: object) -> str:
    """Ce qui est cité dans une phrase, sans la rendre illisible."""
    texte = ligne(str(valeur))
    return texte if len(texte) <= 40 else f"{texte[:40]}…"


def se_voit(valeur: object) -> bool:
    """Faux pour ce qui est vide ou invisible : rien n'a été écrit."""
    return valeur is not None and bool(ligne(str(valeur)))


def _texte(valeur: object) -> str:
    """La ligne que l'on voit ; vide, donc refusée par chaque lecteur, si elle est trop longue pour être une valeur."""
    texte = str(valeur).strip()
    return ligne(texte) if len(texte) <= SIGNES_PERMIS else ""


# --- Les nombres ---


def lire_nombre(valeur: object, exemple: str = "1850,50") -> Decimal:
    """Un nombre à la française ou d'un tableur : « 2 150,50 € », « 2.150,50 », « 1,234.50 », « 2150.5 »."""
    if isinstance(valeur, bool):
        raise ValueError("Écrivez un nombre.")
    texte = str(valeur)
    if SIMPLE.fullmatch(texte):  # le plus souvent
        return Decimal(texte.replace(",", "."))
    texte = MILLIERS.sub("", _sans_unite(valeur).replace("\N{MINUS SIGN}", "-").replace("- ", "-"))
    if texte[:1] in {"=", "+", "@"}:
        raise ValueError(FORMULE)
    if A_POINTS.fullmatch(texte):
        texte = texte.replace(".", "")
    elif A_VIRGULES.fullmatch(texte):
        texte = texte.replace(",", "")
    texte = texte.replace(",", ".")
    if not NOMBRE.fullmatch(texte):
        raise ValueError(f"« {court(valeur)} » n'est pas un nombre. Écrivez par exemple {exemple}.")
    return Decimal(texte)


def _sans_unite(valeur: object) -> str:
    return UNITE.sub("", _texte(valeur)).rstrip()


def lire_positif(valeur: object, maximum: Decimal, unite: str) -> Decimal:
    """Un nombre de 0 à maximum, sans unité ou dans la sienne, que dit l'initiale de `unite`.

    « 2.150 » est refusé si 2 150 et 2,15 y sont tous deux permis.
    """
    ecrite = UNITE.search(_texte(valeur))
    initiale = ecrite[0][0].lower().replace("e", "€") if ecrite else unite[0]
    if initiale != unite[0]:
        raise ValueError(f"« {court(valeur)} » est {SENS[initiale]} : indiquez ici un nombre ({unite}).")
    lu = lire_nombre(valeur, EXEMPLES.get(initiale, "12"))
    if lu < 0:
        raise ValueError(NEGATIF)
    if lu > maximum:
        raise ValueError(f"{nombre(lu)} {unite} : c'est plus que le plus grand nombre admis, {nombre(maximum)}.")
    if isinstance(valeur, str) and lu * 1_000 <= maximum and DEUX_SENS.fullmatch(_sans_unite(valeur)):
        entier, precis = int(lu * 1_000), f"{lu}0".replace(".", ",")
        raise ValueError(
            f"« {court(valeur)} » se lit {nombre(Decimal(entier))} ou {nombre(lu.normalize())} : écrivez {entier}, "
            f"ou {precis}."
        )
    return lu


def lire_part(valeur: object) -> Decimal:
    """Une part, donnée en pour cent : 70 et « 70 % » valent 0,70. « 0,8 » est peut-être 80 % : c'est demandé."""
    lu = lire_positif(valeur, Decimal(100), "%")
    if 0 < lu <= 1 and "%" not in str(valeur):
        raise ValueError(
            f"« {court(valeur)} » : est-ce {pourcentage(lu)} ? Écrivez {pourcentage(lu)}, ou {pourcentage(lu / 100)} "
            "si c'est bien si peu."
        )
    return lu / 100


def lire_heures(valeur: object, plausibles: Decimal = HEURES_D_UN_MOIS) -> Decimal:
    """Des heures, au centième, zéro compris : « 7,5 », « 7h30 », « 7 h 30 min », « 31:30 », « 45 min ».

    « 151h67 » vaut 151,67 h : au-delà de 59, ce sont des centièmes. « 0,3125 » et « 2,9375 » sont refusés : un tableur
    compte ainsi 7 h 30 et 70 h 30, en jours. Plus fin que le centième, un nombre n'est lu que si ces jours font plus
    d'heures que `plausibles`.
    """
    texte = _texte(valeur)
    if lu := HEURES_MINUTES.fullmatch(texte):
        minutes = Decimal(lu[3])
        if minutes > 59 and lu[2] == ":":
            raise ValueError(f"« {court(valeur)} » n'est pas une durée : les minutes vont jusqu'à 59.")
        return lire_positif(arrondir(Decimal(lu[1]) + minutes / (60 if minutes < 60 else 100)), HEURES_PERMISES, "h")
    if lu := MINUTES.fullmatch(texte):
        return arrondir(Decimal(lu[1]) / 60)
    if re.fullmatch(r"[0-9]{1,4}\s*h\s*[0-9]", texte, re.IGNORECASE):
        raise ValueError(f"« {court(valeur)} » a un seul chiffre de minutes : écrivez-en deux, comme 7h05 ou 7h50.")
    heures = lire_positif(valeur, HEURES_PERMISES, "heures")
    fine = heures != arrondir(heures) and heures * 24 <= plausibles
    if isinstance(valeur, str) and (0 < heures < 1 or fine) and "h" not in texte.lower():
        raise ValueError(
            f"« {court(valeur)} » : des heures, ou une durée de tableur, soit {_en_h_et_min(heures * 24)} ? Écrivez "
            f"{nombre(heures, 2)} h ou {_en_h_et_min(heures * 24)}."
        )
    return arrondir(heures)


def _en_h_et_min(heures: Decimal) -> str:
    """7,5 donne « 7h30 »."""
    minutes = int((heures * 60).to_integral_value())
    return f"{minutes // 60}h{minutes % 60:02}"


# --- Les réponses ---


def lire_oui_non(valeur: object) -> bool:
    if isinstance(valeur, bool):
        return valeur
    texte = _texte(valeur).lower()
    if texte in OUI or texte in NON:
        return texte in OUI
    raise ValueError(f"Répondez par oui ou par non ; « {court(valeur)} » n'est ni l'un ni l'autre.")


def lire_choix(valeur: object, choix: type[E]) -> E:
    texte = _texte(valeur).lower()
    try:
        return choix(texte)
    except ValueError:
        permis = ", ".join(membre.value for membre in choix)
        raise ValueError(f"« {court(valeur)} » n'est pas un choix possible : {permis}.") from None


# --- Les dates ---


def lire_date(valeur: object) -> date:
    """« 04/05/2026 », « 4/5/26 », « 2026-05-04 », « 20260504 », « 4 mai 2026 », ou le nombre d'un tableur, 46146."""
    if isinstance(valeur, date):
        return valeur
    texte = _texte(valeur)
    if SERIE.fullmatch(texte):
        return _date_d_un_nombre(texte[:5])
    trouves = _jour_mois_annee(texte)
    if trouves is None:
        raise ValueError(f"« {court(valeur)} » n'est pas une date. Écrivez-la comme 01/04/2020.")
    jour, mois, annee = trouves
    try:
        return date(annee, mois, jour)
    except ValueError:
        ordre = " Écrivez le jour avant le mois." if mois > 12 >= jour and JOUR_D_ABORD.fullmatch(texte) else ""
        raise ValueError(f"Le {court(valeur)} n'existe pas au calendrier.{ordre}") from None


def _date_d_un_nombre(texte: str) -> date:
    """Celle d'un tableur, si elle est plausible et si personne n'a pu taper ainsi une date."""
    jour = ORIGINE_DES_SERIES + timedelta(days=int(texte))
    if lu := SANS_ZERO.fullmatch(texte):
        tape = f"0{lu[1]}/{lu[2]}/{_annee(lu[3])}"
        raise ValueError(f"« {texte} » : le {tape}, ou le {jour:%d/%m/%Y} d'un tableur ? Écrivez la date en entier.")
    if int(texte) not in SERIES_PLAUSIBLES:
        raise ValueError(f"« {texte} » n'est pas une date. Écrivez-la comme 01/04/2020.")
    return jour


def _jour_mois_annee(texte: str) -> tuple[int, int, int] | None:
    if lu := JOUR_D_ABORD.fullmatch(texte):
        return int(lu[1]), int(lu[2]), _annee(lu[3])
    if lu := ANNEE_D_ABORD.fullmatch(texte):
        return int(lu[3]), int(lu[2]), int(lu[1])
    if (lu := EN_LETTRES.fullmatch(mots(texte))) and lu[2] in RANG_DU_MOIS:
        return int(lu[1]), RANG_DU_MOIS[lu[2]], _annee(lu[3])
    return None


def _annee(chiffres: str) -> int:
    annee = int(chiffres)
    return annee if len(chiffres) == 4 else annee + (2_000 if annee < SIECLE else 1_900)


def lire_moment(valeur: object) -> datetime:
    """« 24/11/2026 09:00 », « 24 novembre 2026 à 9 h 30 », « 2026-11-24T09:00 » ; à l'heure de qui l'écrit."""
    if isinstance(valeur, datetime):
        return valeur
    texte = _texte(valeur)
    heure = HEURE.search(texte)
    jour = lire_date(texte[: heure.start()] if heure else texte)
    if heure is None:
        raise ValueError(f"Il manque l'heure. Écrivez par exemple {jour:%d/%m/%Y} 09:00.")
    try:
        return datetime.combine(jour, time(int(heure[1]), int(heure[2] or 0)))
    except ValueError:
        raise ValueError(
            f"« {court(heure[0].strip('T, '))} » n'est pas une heure. Écrivez par exemple 09:00."
        ) from None


def lire_mois(valeur: object) -> tuple[date, date]:
    """Le premier et le dernier jour d'un mois : « 04/2026 », « 04/26 », « 2026-04 », « avril 2026 », « avr-26 ».

    Un jour n'est un mois que s'il en est le premier, comme l'écrit un tableur, ou le dernier, comme l'écrit une paie.
    """
    texte = _texte(valeur)
    if re.fullmatch(r"[0-9]{4}\.1", texte):
        raise ValueError(f"« {texte} » : janvier, ou octobre ? Écrivez 01/{texte[:4]} ou 10/{texte[:4]}.")
    lu = _mois_et_annee(texte) or _mois_d_un_jour(texte)
    if lu is None or not 1 <= lu[0] <= 12 or lu[1] < 1:
        raise ValueError(f"« {court(valeur)} » n'est pas un mois. Écrivez-le comme 04/2020.")
    mois, annee = lu
    return date(annee, mois, 1), date(annee, mois, monthrange(annee, mois)[1])


def _mois_et_annee(texte: str) -> tuple[int, int] | None:
    if lu := MOIS_D_ABORD.fullmatch(texte):
        return int(lu[1] or lu[3]), _annee(lu[2] or lu[4])
    if lu := MOIS_ENSUITE.fullmatch(texte):
        return int(lu[2] or lu[3] or lu[5]), int(lu[1] or lu[4])
    if (lu := MOIS_EN_LETTRES.fullmatch(mots(texte))) and lu[1] in RANG_DU_MOIS:
        return RANG_DU_MOIS[lu[1]], _annee(lu[2])
    return None


def _mois_d_un_jour(texte: str) -> tuple[int, int] | None:
    try:
        jour = lire_date(texte)
    except ValueError:
        return None
    if jour.day not in {1, monthrange(jour.year, jour.month)[1]}:
        raise ValueError(
            f"« {court(texte)} » est un jour, pas un mois : écrivez {jour:%m/%Y}, ou mettez ce jour sous « du » et "
            "« au »."
        )
    return jour.month, jour.year


# --- Ce que plusieurs cases ont de douteux ensemble ---


def est_en_centiemes(texte: str) -> bool:
    """« 151h67 » : les minutes dépassent 59, ce sont des centièmes."""
    lu = HEURES_MINUTES.fullmatch(_texte(texte))
    return lu is not None and int(lu[3]) > 59


def ressemble_a_des_minutes(texte: str) -> bool:
    """« 7,45 » : peut-être 7 h 45, quoique lu 7,45 h."""
    return re.fullmatch(r"[0-9]{1,4}[.,](?:15|30|45)", _texte(texte)) is not None

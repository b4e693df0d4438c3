"""Lire un classeur .xlsx : ses feuilles, leurs cases, ce que chacune veut dire d'après sa mise en forme.

Une case est rendue en texte, sans rien perdre de son sens : « 1234.5 », « 2026-05-15 », « 31:30 », « 80 % ».
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from apart.tableaux.archives import Archive, Assez, Attributs
from apart.tableaux.tableau import (
    COLONNES_PERMISES,
    DATE,
    NOMBRE,
    POURCENT,
    TEXTE,
    TROP_DE_COLONNES,
    FichierRefuse,
    Grille,
    lettres,
)

DECIMALES = 10  # un tableur garde 0,1 + 0,2 avec dix-sept chiffres
SANS_VALEUR = "=?"  # une formule sans valeur, une case en erreur : la lecture de la case la refusera
HEURE, DUREE = 4, 5  # « h:mm », de 0 à 24 heures ; « [h]:mm », au-delà
COLONNES = {lettres(rang): rang for rang in range(COLONNES_PERMISES)}
CHIFFRES = "0123456789"
DES_LE_DEPART = (
    dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), DATE)
    | {18: HEURE, 19: HEURE, 20: HEURE, 21: HEURE, 45: HEURE, 46: DUREE, 47: HEURE}
    | {9: POURCENT, 10: POURCENT}
)
DIT_TEL_QUEL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
ECHAPPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
FUSION = re.compile(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)")
MAL_RANGE = (
    "Ce classeur range ses cases autrement que les tableurs. Ouvrez-le dans le vôtre, enregistrez-le de nouveau en "
    ".xlsx, puis renvoyez-le."
)


def ecrire_nombre(nombre: float) -> str:
    """« 1234.5 », sans les décimales que le tableur ne montre pas. Lève ValueError ou OverflowError sans nombre."""
    if nombre == int(nombre):
        return str(int(nombre))
    return f"{nombre:.{DECIMALES}f}".rstrip("0").rstrip(".")


def ecrire_duree(minutes: int) -> str:
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def poser(cases: list[str | None], types: bytearray, colonne: int, texte: str, genre: int) -> None:
    """Met une case à sa place dans sa ligne. Lève FichierRefuse si elle est trop loin, ou avant la précédente."""
    if not texte or texte.isspace():
        return
    if colonne >= COLONNES_PERMISES:
        raise FichierRefuse(TROP_DE_COLONNES)
    if manque := colonne - len(cases):
        if manque < 0:
            raise FichierRefuse(MAL_RANGE)
        cases.extend([None] * manque)
        types.extend(bytes(manque))
    cases.append(texte)
    types.append(genre)


class Xlsx:
    """Un classeur .xlsx : `visibles` et `masquees` nomment ses feuilles, dans l'ordre."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._parties: dict[str, str] = {}
        self.masquees: list[str] = []
        self._origine = datetime(1899, 12, 30)  # noqa: DTZ001  # un jour de tableur n'a pas de fuseau
        self._liens: dict[str, str] = {}
        archive.lire("xl/_rels/workbook.xml.rels", {"Relationship": self._lien})
        archive.lire("xl/workbook.xml", {"sheet": self._feuille, "workbookPr": self._proprietes})
        self.visibles = [nom for nom in self._parties if nom not in self.masquees]
        self._formats = _formats(archive)
        self._textes: list[str] | None = None

    def _lien(self, attributs: Attributs) -> None:
        self._liens[attributs.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", attributs.get("Target", "")))

    def _feuille(self, attributs: Attributs) -> None:
        lien = next((valeur for nom, valeur in attributs.items() if nom.endswith(":id")), "")
        if self._liens.get(lien, "").startswith("/xl/worksheets"):  # ni graphique, ni macro
            self._parties[attributs["name"]] = self._liens[lien][1:]
            if attributs.get("state", "visible") != "visible":
                self.masquees.append(attributs["name"])

    def _proprietes(self, attributs: Attributs) -> None:
        if attributs.get("date1904") in {"1", "true"}:
            self._origine += timedelta(1462)

    def lire(self, feuilles: Collection[str], lignes: int | None = None) -> dict[str, Grille]:
        """Ces feuilles, ou le haut de chacune. Lève FichierRefuse avec une phrase."""
        if self._textes is None:
            self._textes = _textes(self._archive)
        lues = {nom: _Feuille(self._textes, self._formats, self._origine, lignes) for nom in feuilles}
        for nom, feuille in lues.items():
            feuille.lire(self._archive, self._parties[nom])
        return {nom: feuille.grille for nom, feuille in lues.items()}


def _formats(archive: Archive) -> list[int]:
    """Ce que montre chaque style de case : NOMBRE, DATE, POURCENT, HEURE ou DUREE."""
    connus, formats, sont_de_case = dict(DES_LE_DEPART), list[int](), [False]

    def definir(attributs: Attributs) -> None:
        connus[int(attributs["numFmtId"])] = _format(attributs.get("formatCode", ""))

    def prendre(attributs: Attributs) -> None:
        if sont_de_case[0]:
            formats.append(connus.get(int(attributs.get("numFmtId", 0)), NOMBRE))

    def borner(est_ouverte: bool) -> None:
        sont_de_case[0] = est_ouverte

    archive.lire(
        "xl/styles.xml",
        {"numFmt": definir, "xf": prendre, "cellXfs": lambda _: borner(True)},
        {"cellXfs": lambda: borner(False)},
    )
    return formats


def _format(code: str) -> int:
    """Ce que veut dire un format écrit par la personne : « 0.0% », « dd/mm/yyyy », « [h]:mm »."""
    code = DIT_TEL_QUEL.sub("", code).partition(";")[0].lower()
    if "%" in code:
        return POURCENT
    if code in {"general", "standard"} or not re.search("[dmyhs]", code):
        return NOMBRE
    if re.search("[dy]|mmm", code):
        return DATE
    return DUREE if "[" in code else HEURE


def _textes(archive: Archive) -> list[str]:
    """Les textes que les cases se partagent, sans leur prononciation (japonais)."""
    textes, morceaux, lus = list[str](), list[str](), list[str]()
    muets = [False]

    def prendre() -> None:
        if not muets[0]:
            morceaux.extend(lus)

    def finir() -> None:
        textes.append(_lisible("".join(morceaux)))
        morceaux.clear()

    def taire(est_muet: bool) -> None:
        muets[0] = est_muet

    archive.lire(
        "xl/sharedStrings.xml",
        {"t": lambda _: lus.clear(), "rPh": lambda _: taire(True)},
        {"t": prendre, "rPh": lambda: taire(False), "si": finir},
        lus.append,
    )
    return textes


def _lisible(texte: str) -> str:
    """Un tableur écrit « _x000D_ » les signes que XML n'admet pas."""
    return ECHAPPE.sub(lambda signe: chr(int(signe[1], 16)), texte) if "_x" in texte else texte


class _Feuille:
    """La lecture d'une feuille, balise après balise."""

    def __init__(self, textes: list[str], formats: list[int], origine: datetime, limite: int | None) -> None:
        self.grille = Grille()
        self._textes, self._formats, self._origine, self._limite = textes, formats, origine, limite
        self._lus: list[str] = []
        self._numero = 0
        self._ouvrir_une_ligne({})
        self._numero = 0

    def lire(self, archive: Archive, partie: str) -> None:
        archive.lire(
            partie,
            {
                "row": self._ouvrir_une_ligne,
                "c": self._ouvrir_une_case,
                "f": self._formule,
                "v": self._valeur,
                "is": self._valeur,
                "mergeCell": self._fusion,
            },
            {"row": self._fermer_la_ligne, "c": self._fermer_la_case},
            self._lus.append,
        )

    def _ouvrir_une_ligne(self, attributs: Attributs) -> None:
        numero = int(attributs.get("r", self._numero + 1))
        if numero <= self._numero:
            raise FichierRefuse(MAL_RANGE)
        self._numero = numero
        self._est_masquee = attributs.get("hidden") in {"1", "true"}
        self._cases: list[str | None] = []
        self._types = bytearray()
        self._colonne = -1

    def _fermer_la_ligne(self) -> None:
        if not self._cases:
            return
        self.grille.ajouter(self._numero, self._cases, self._types)
        self.grille.masquees += self._est_masquee
        if self._limite is not None and len(self.grille.lignes) >= self._limite:
            raise Assez

    def _ouvrir_une_case(self, attributs: Attributs) -> None:
        place = attributs.get("r")
        self._colonne = COLONNES.get(place.rstrip(CHIFFRES), COLONNES_PERMISES) if place else self._colonne + 1
        self._genre, self._style = attributs.get("t", "n"), attributs.get("s")
        self._a_une_formule = self._a_une_valeur = False

    def _formule(self, _attributs: Attributs) -> None:
        self._a_une_formule = True

    def _valeur(self, _attributs: Attributs) -> None:
        """Ce qui précède est la formule."""
        self._a_une_valeur = True
        self._lus.clear()

    def _fermer_la_case(self) -> None:
        if self._a_une_valeur and (valeur := "".join(self._lus)):
            poser(self._cases, self._types, self._colonne, *self._rendre(valeur))
        elif self._a_une_formule and self._genre != "str":
            poser(self._cases, self._types, self._colonne, SANS_VALEUR, TEXTE)

    def _rendre(self, valeur: str) -> tuple[str, int]:
        """Le texte d'une case, et son genre."""
        match self._genre:
            case "s":
                return self._textes[int(valeur)], TEXTE
            case "str" | "inlineStr":
                return _lisible(valeur.strip()), TEXTE
            case "b":
                return "oui" if valeur == "1" else "non", TEXTE
            case "e":
                return SANS_VALEUR, TEXTE
            case "d":
                return (valeur[:10], DATE) if valeur[10:] in {"", "T00:00:00"} else (valeur, TEXTE)
        nombre = float(valeur)
        format_ = self._formats[int(self._style)] if self._style else NOMBRE
        return (ecrire_nombre(nombre), NOMBRE) if format_ == NOMBRE else self._mettre_en_forme(nombre, format_)

    def _mettre_en_forme(self, nombre: float, format_: int) -> tuple[str, int]:
        """Une heure de plus d'un jour (« 7:30 » montré pour 31 h 30) reste un moment : personne n'y lira une durée."""
        if format_ == POURCENT:
            return f"{ecrire_nombre(nombre * 100)} %", POURCENT
        if format_ == DUREE or (format_ == HEURE and 0 <= nombre < 1):
            return ecrire_duree(round(nombre * 1440)), TEXTE
        moment = self._origine + timedelta(seconds=round(nombre * 86_400))
        if moment == moment.replace(hour=0, minute=0, second=0):
            return moment.date().isoformat(), DATE
        return moment.isoformat(" "), TEXTE

    def _fusion(self, attributs: Attributs) -> None:
        if lue := FUSION.fullmatch(attributs.get("ref", "")):
            gauche, droite = (COLONNES.get(lue[rang], COLONNES_PERMISES) for rang in (1, 3))
            self.grille.fusions.append((int(lue[2]), gauche, int(lue[4]), droite))

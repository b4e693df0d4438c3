"""Lire un classeur OpenDocument (.ods), dont toutes les feuilles sont dans une seule partie."""

from __future__ import annotations

import re
from collections.abc import Collection

from apart.tableaux.archives import Archive, Attributs
from apart.tableaux.classeurs import SANS_VALEUR, ecrire_duree, ecrire_nombre, poser
from apart.tableaux.tableau import DATE, NOMBRE, POURCENT, TEXTE, Grille

PARTIE = "content.xml"
DUREE = re.compile(r"PT(\d+)H(\d+)M.*")
CASES = ("table-cell", "covered-table-cell")
DESSINS = ("annotation", "frame", "custom-shape", "shapes")  # leurs textes ne sont pas dans la case


class Ods:
    """Un classeur .ods : `visibles` et `masquees` nomment ses feuilles, dans l'ordre."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.visibles: list[str] = []
        self.masquees: list[str] = []
        self._invisibles: set[str] = set()  # les styles qui masquent une feuille
        self._style = ""
        archive.lire(
            PARTIE, {"style": self._ouvrir_un_style, "table-properties": self._proprietes, "table": self._nommer}
        )

    def _ouvrir_un_style(self, attributs: Attributs) -> None:
        self._style = attributs.get("style:name", "")

    def _proprietes(self, attributs: Attributs) -> None:
        if attributs.get("table:display") == "false":
            self._invisibles.add(self._style)

    def _nommer(self, attributs: Attributs) -> None:
        est_masquee = attributs.get("table:style-name") in self._invisibles
        (self.masquees if est_masquee else self.visibles).append(attributs["table:name"])

    def lire(self, feuilles: Collection[str], lignes: int | None = None) -> dict[str, Grille]:
        """Ces feuilles, ou le haut de chacune. Lève FichierRefuse avec une phrase."""
        return _Lecture(feuilles, lignes).lire(self._archive)


class _Lecture:
    """La lecture des feuilles, balise après balise."""

    def __init__(self, feuilles: Collection[str], limite: int | None) -> None:
        self._grilles = {nom: Grille() for nom in feuilles}
        self._limite = limite
        self._grille: Grille | None = None
        self._lus: list[str] = []
        self._paragraphes: list[str] = []
        self._dessins = 0
        self._numero = 0
        self._cases, self._types = list[str | None](), bytearray()

    def lire(self, archive: Archive) -> dict[str, Grille]:
        debuts = {
            "table": self._ouvrir_une_feuille,
            "table-row": self._ouvrir_une_ligne,
            "p": lambda _: self._lus.clear(),
            "s": lambda espaces: self._lus.append(" " * min(int(espaces.get("text:c", 1)), 100)),
            "tab": lambda _: self._lus.append("\t"),
            "line-break": lambda _: self._lus.append("\n"),
            **dict.fromkeys(CASES, self._ouvrir_une_case),
            **dict.fromkeys(DESSINS, lambda _: self._dessiner(1)),
        }
        fins = {
            "table": self._fermer_la_feuille,
            "table-row": self._fermer_la_ligne,
            "p": self._fermer_un_paragraphe,
            **dict.fromkeys(CASES, self._fermer_la_case),
            **dict.fromkeys(DESSINS, lambda: self._dessiner(-1)),
        }
        archive.lire(PARTIE, debuts, fins, self._lus.append)
        return self._grilles

    def _dessiner(self, pas: int) -> None:
        self._dessins += pas

    def _ouvrir_une_feuille(self, attributs: Attributs) -> None:
        self._grille = self._grilles.get(attributs["table:name"])
        self._numero = 0

    def _fermer_la_feuille(self) -> None:
        self._grille = None

    def _ouvrir_une_ligne(self, attributs: Attributs) -> None:
        self._repetee = int(attributs.get("table:number-rows-repeated", 1))
        self._est_masquee = attributs.get("table:visibility", "visible") != "visible"
        self._cases, self._types, self._colonne = [], bytearray(), 0

    def _fermer_la_ligne(self) -> None:
        if self._cases and self._grille:
            for rang in range(1, self._repetee + 1):
                if self._limite is not None and len(self._grille.lignes) >= self._limite:
                    break
                self._grille.ajouter(self._numero + rang, self._cases, self._types)
                self._grille.masquees += self._est_masquee
        self._numero += self._repetee

    def _ouvrir_une_case(self, attributs: Attributs) -> None:
        self._case = attributs
        self._paragraphes.clear()

    def _fermer_un_paragraphe(self) -> None:
        if not self._dessins:
            self._paragraphes.append("".join(self._lus))

    def _fermer_la_case(self) -> None:
        if not self._grille:
            return
        case, debut = self._case, self._colonne
        self._colonne += int(case.get("table:number-columns-repeated", 1))
        texte, genre = self._rendre(case)
        if texte:  # sans quoi une ligne de 16 384 cases vides serait parcourue
            for colonne in range(debut, self._colonne):
                poser(self._cases, self._types, colonne, texte, genre)
        larges, hautes = (int(case.get(f"table:number-{sens}-spanned", 1)) for sens in ("columns", "rows"))
        if larges > 1 or hautes > 1:
            self._grille.fusions.append((self._numero + 1, debut, self._numero + hautes, debut + larges - 1))

    def _rendre(self, case: Attributs) -> tuple[str, int]:
        """Le texte d'une case, et son genre."""
        texte = "\n".join(self._paragraphes)
        if case.get("calcext:value-type") == "error":
            return SANS_VALEUR, TEXTE
        match case.get("office:value-type"):
            case "float" | "currency":
                return ecrire_nombre(float(case["office:value"])), NOMBRE
            case "percentage":
                return f"{ecrire_nombre(float(case['office:value']) * 100)} %", POURCENT
            case "boolean":
                return "oui" if case.get("office:boolean-value") == "true" else "non", TEXTE
            case "date":
                jour, _, heure = case["office:date-value"].partition("T")
                return (f"{jour} {heure}", TEXTE) if heure.strip("0:.") else (jour, DATE)
            case "time" if lue := DUREE.fullmatch(case["office:time-value"]):
                return ecrire_duree(int(lue[1]) * 60 + int(lue[2])), TEXTE
            case None if "table:formula" in case:
                return SANS_VALEUR, TEXTE
        return texte, TEXTE

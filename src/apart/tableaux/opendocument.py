"""Lire un classeur OpenDocument (.ods), dont toutes les feuilles sont dans une seule partie."""

from __future__ import annotations

import re

from apart.tableaux.archives import Archive, Attributs
from apart.tableaux.classeurs import SANS_VALEUR, LectureDeFeuille, ecrire_duree, ecrire_moment, ecrire_nombre
from apart.tableaux.tableau import NOMBRE, POURCENT, TEXTE, Grille

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
        style, masquent = "", set()
        for nom, attributs in archive.balises(PARTIE, "style", "table-properties", "table"):
            if nom == "style":
                style = attributs.get("style:name", "")
            elif nom == "table":
                est_masquee = attributs.get("table:style-name") in masquent
                (self.masquees if est_masquee else self.visibles).append(attributs["table:name"])
            elif attributs.get("table:display") == "false":
                masquent.add(style)

    def lire(self, grilles: dict[str, Grille]) -> None:
        """Remplit la grille de chaque feuille nommée, jusqu'à sa limite. Lève FichierRefuse avec une phrase."""
        _Lecture(grilles).lire(self._archive)


class _Lecture(LectureDeFeuille):
    """La lecture des feuilles d'un .ods, balise après balise."""

    def __init__(self, grilles: dict[str, Grille]) -> None:
        super().__init__(None)
        self._grilles = grilles
        self._paragraphes: list[str] = []
        self._dessins = 0

    def lire(self, archive: Archive) -> None:
        debuts = {
            "table": self._ouvrir_une_feuille,
            "table-row": self._ouvrir_une_ligne,
            "p": lambda _: self.lus.clear(),
            "s": lambda espaces: self.lus.append(" " * min(int(espaces.get("text:c", 1)), 100)),
            "tab": lambda _: self.lus.append("\t"),
            "line-break": lambda _: self.lus.append("\n"),
            **dict.fromkeys(CASES, self._ouvrir_une_case),
            **dict.fromkeys(DESSINS, lambda _: self._dessiner(1)),
        }
        fins = {
            "table-row": self._fermer_la_ligne,
            "p": self._fermer_un_paragraphe,
            **dict.fromkeys(CASES, self._fermer_la_case),
            **dict.fromkeys(DESSINS, lambda: self._dessiner(-1)),
        }
        archive.lire(PARTIE, debuts, fins, self.lus.append)

    def _dessiner(self, pas: int) -> None:
        self._dessins += pas

    def _fermer_un_paragraphe(self) -> None:
        if not self._dessins:
            self._paragraphes.append("".join(self.lus))

    def _ouvrir_une_feuille(self, attributs: Attributs) -> None:
        self.grille, self.numero = self._grilles.get(attributs["table:name"]), 0

    def _ouvrir_une_ligne(self, attributs: Attributs) -> None:
        self._fois = int(attributs.get("table:number-rows-repeated", 1))
        self.commencer(est_masquee=attributs.get("table:visibility", "visible") != "visible")

    def _fermer_la_ligne(self) -> None:
        """Une ligne répétée s'écrit autant de fois, tant que la grille n'est pas pleine."""
        for rang in range(1, self._fois + 1):
            if not self.cases or not self.grille or self.grille.est_pleine:
                break
            self.finir(self.numero + rang)
        self.numero += self._fois

    def _ouvrir_une_case(self, attributs: Attributs) -> None:
        self._case = attributs
        self._paragraphes.clear()

    def _fermer_la_case(self) -> None:
        case, debut = self._case, self.colonne + 1
        fois, larges, hautes = (
            int(case.get(f"table:number-{quoi}", 1))
            for quoi in ("columns-repeated", "columns-spanned", "rows-spanned")
        )
        texte, genre = self._rendre(case) if self.grille else ("", TEXTE)
        for self.colonne in range(debut, debut + fois if texte else debut):
            self.poser(texte, genre)
        self.colonne = debut + fois - 1
        if self.grille and (larges > 1 or hautes > 1):
            self.grille.fusions.append((self.numero + 1, debut, self.numero + hautes, debut + larges - 1))

    def _rendre(self, case: Attributs) -> tuple[str, int]:
        """Le texte d'une case, et son genre."""
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
                return ecrire_moment(case["office:date-value"])
            case "time" if lue := DUREE.fullmatch(case["office:time-value"]):
                return ecrire_duree(int(lue[1]) * 60 + int(lue[2])), TEXTE
            case None if "table:formula" in case:
                return SANS_VALEUR, TEXTE
        return "\n".join(self._paragraphes), TEXTE

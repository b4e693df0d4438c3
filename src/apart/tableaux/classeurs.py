"""Lire un classeur .xlsx : ses feuilles, leurs cases, ce que chacune veut dire d'après sa mise en forme.

Une case est rendue en texte, sans rien perdre de son sens : « 1234.5 », « 2026-05-15 », « 31:30 », « 80 % ».
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from apart.socle.copie import en_meme_temps
from apart.tableaux.archives import Action, Archive, Assez, Attributs
from apart.tableaux.tableau import (
    COLONNES_PERMISES,
    DATE,
    LIGNES_PERMISES,
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
FORMATS_CONNUS = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), DATE),
    **dict.fromkeys((*range(18, 22), 45, 47), HEURE),
    46: DUREE,
    **dict.fromkeys((9, 10), POURCENT),
}
DIT_TEL_QUEL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\[\]]*\]', re.IGNORECASE)
ECHAPPE = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")  # jamais une moitié de signe
FUSION = re.compile(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)")
LIGNE = b'<row r="'  # numérotée : une moitié n'a pas à compter celles de l'autre
FEUILLES_PERMISES = 100
TROP_DE_FEUILLES = "Ce classeur a plus de 100 feuilles, ou deux fois la même. Copiez la feuille utile dans le modèle."
MAL_RANGE = (
    "Ce classeur range ses cases autrement que les tableurs. Ouvrez-le dans le vôtre, enregistrez-le de nouveau en "
    ".xlsx, puis renvoyez-le."
)


class Xlsx:
    """Un classeur .xlsx : `visibles` et `masquees` nomment ses feuilles, dans l'ordre."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._origine = datetime(1899, 12, 30)  # noqa: DTZ001  # un jour de tableur n'a pas de fuseau
        self._parties: dict[str, str] = {}
        self.visibles: list[str] = []
        self.masquees: list[str] = []
        liens = {
            lien.get("Id"): posixpath.normpath(posixpath.join("/xl", lien.get("Target", "")))[1:]
            for _, lien in archive.balises("xl/_rels/workbook.xml.rels", "Relationship")
        }
        for nom, attributs in archive.balises("xl/workbook.xml", "sheet", "workbookPr"):
            partie = liens.get(next((valeur for cle, valeur in attributs.items() if cle.endswith(":id")), None), "")
            if nom == "workbookPr" and attributs.get("date1904") in {"1", "true"}:
                self._origine += timedelta(1462)
            elif partie.startswith("xl/worksheets"):  # ni graphique, ni macro
                if partie in self._parties.values() or len(self._parties) == FEUILLES_PERMISES:
                    raise FichierRefuse(TROP_DE_FEUILLES)  # chacune est lue pour choisir
                self._parties[attributs["name"]] = partie
                est_visible = attributs.get("state", "visible") == "visible"
                (self.visibles if est_visible else self.masquees).append(attributs["name"])
        self._formats = _formats(archive)
        self._textes: dict[str, str] | None = None

    def lire(self, grilles: dict[str, Grille]) -> None:
        """Remplit la grille de chaque feuille nommée, jusqu'à sa limite. Lève FichierRefuse avec une phrase."""
        if self._textes is None:
            self._textes = _textes(self._archive)
        for nom, grille in grilles.items():
            if grille.limite < LIGNES_PERMISES or not self._lire_a_deux(self._parties[nom], grille):
                self._lire(self._parties[nom], grille)

    def _lire(self, partie: str, grille: Grille, moitie: Iterator[bytes] | None = None) -> Grille:
        _Feuille(grille, self._textes or {}, self._formats, self._origine).lire(self._archive, partie, moitie)
        return grille

    def _lire_a_deux(self, partie: str, grille: Grille) -> bool:
        """Une longue feuille, une moitié par cœur (docs/decisions/0011). Faux, et rien de lu, si ce n'est pas sûr."""
        if not (moities := self._archive.moities(partie, LIGNE)):
            return False
        haut, bas = en_meme_temps(*(partial(self._lire, partie, Grille(), moitie) for moitie in moities))
        if not bas or haut.numeros[-1:] >= bas.numeros[:1]:
            return False
        grille.prolonger(haut)
        grille.prolonger(bas)
        return True


def _formats(archive: Archive) -> list[int]:
    """Ce que montre chaque style de case : NOMBRE, DATE, POURCENT, HEURE ou DUREE."""
    connus, formats, groupe = dict(FORMATS_CONNUS), list[int](), ""
    for nom, attributs in archive.balises("xl/styles.xml", "numFmt", "cellStyleXfs", "cellXfs", "xf"):
        if nom == "numFmt":
            connus[int(attributs["numFmtId"])] = _format(attributs.get("formatCode", ""))
        elif nom != "xf":
            groupe = nom
        elif groupe == "cellXfs":
            formats.append(connus.get(int(attributs.get("numFmtId", 0)), NOMBRE))
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


def _textes(archive: Archive) -> dict[str, str]:
    """Les textes que les cases se partagent, par leur rang tel qu'elles l'écrivent ; sans leur prononciation."""
    textes, morceaux, lus = dict[str, str](), list[str](), list[str]()

    def finir() -> None:
        texte = _lisible("".join(morceaux))
        textes[str(len(textes))] = "" if texte.isspace() else texte
        morceaux.clear()

    archive.lire(
        "xl/sharedStrings.xml",
        {"t": lambda _: lus.clear()},
        {"t": lambda: morceaux.append("".join(lus)), "rPh": morceaux.pop, "si": finir},
        lus.append,
    )
    return textes


def _lisible(texte: str) -> str:
    """Un tableur écrit « _x000D_ » les signes que XML n'admet pas."""
    return ECHAPPE.sub(lambda signe: chr(int(signe[1], 16)), texte) if "_x" in texte else texte


class LectureDeFeuille:
    """Une ligne qui se remplit, case après case, pour la grille d'une feuille."""

    def __init__(self, grille: Grille | None) -> None:
        self.grille = grille
        self.numero = 0
        self.lus: list[str] = []  # les textes depuis la dernière balise qui compte
        self.commencer(est_masquee=False)

    def commencer(self, *, est_masquee: bool) -> None:
        self.cases: list[str | None] = []
        self.types = bytearray()
        self.colonne = -1
        self.est_masquee = est_masquee

    def poser(self, texte: str, genre: int) -> None:
        """Met une case à sa place. Lève FichierRefuse si elle est trop loin, ou avant la précédente."""
        if not texte or texte.isspace():
            return
        if self.colonne >= COLONNES_PERMISES:
            raise FichierRefuse(TROP_DE_COLONNES)
        if manque := self.colonne - len(self.cases):
            if manque < 0:
                raise FichierRefuse(MAL_RANGE)
            self.passer(manque)
        self.cases.append(texte)
        self.types.append(genre)

    def passer(self, vides: int) -> None:
        self.cases.extend([None] * vides)
        self.types.extend(bytes(vides))

    def finir(self, numero: int) -> None:
        if self.cases and self.grille and not self.grille.est_pleine:
            self.grille.lignes.append(self.cases)
            self.grille.numeros.append(numero)
            self.grille.types.append(self.types)
            self.grille.masquees += self.est_masquee


class _Feuille(LectureDeFeuille):
    """La lecture d'une feuille de .xlsx, balise après balise."""

    def __init__(self, grille: Grille, textes: Mapping[str, str], formats: Sequence[int], origine: datetime) -> None:
        super().__init__(grille)
        self._fusions, self._pleine = grille.fusions, grille
        self._textes, self._formats, self._origine = textes, formats, origine
        self._attributs: Attributs = {}
        self._a_une_formule = False

    def lire(self, archive: Archive, partie: str, moitie: Iterator[bytes] | None) -> None:
        debuts = {"row": self._ouvrir_une_ligne, "c": self._ouvrir_une_case, "mergeCell": self._fusion}
        fins = {
            "row": self._fermer_la_ligne,
            "c": lambda: self._finir_la_case(self._attributs),
            "f": self._fermer_une_formule,
        }
        archive.lire(partie, debuts, fins, self.lus.append, self._abreger, moitie)

    def _abreger(  # noqa: C901  # d'un tenant : à quatre appels par case, chacun compte
        self, ouvrir_une_autre: Action, fermer_une_autre: Action
    ) -> tuple[Action, Action]:
        """Le plus court chemin pour la plupart des cases, un texte partagé : la moitié du temps de tout le fichier.

        Une case ou une valeur n'en contient pas d'autre : c'est ce qui borne ici la profondeur.
        """
        lus, vider, textes, colonne_de = self.lus, self.lus.clear, self._textes, COLONNES.get
        ouverte, attributs, cases, types = "", list[str](), self.cases, self.types

        def ouvrir(nom: str, recus: list[str]) -> None:
            nonlocal ouverte, attributs, cases, types
            if nom == "c" and not ouverte:
                ouverte, attributs = "c", recus
                vider()
            elif nom == "v" and ouverte == "c":
                ouverte = "v"
            elif nom in {"c", "v"} and ouverte:
                raise FichierRefuse(MAL_RANGE)
            else:
                ouvrir_une_autre(nom, _par_nom(recus))
                cases, types = self.cases, self.types

        def fermer(nom: str) -> None:
            nonlocal ouverte
            if nom == "v" and ouverte:
                ouverte = "c"
            elif nom == "c" and ouverte:
                ouverte = ""
                if attributs and attributs[0] == "r":
                    self.colonne = colonne = colonne_de(attributs[1].rstrip(CHIFFRES), COLONNES_PERMISES)
                    est_partage = attributs[-1] == "s" and attributs[-2] == "t" and not self._a_une_formule
                    if len(lus) == 1 and est_partage and (texte := textes.get(lus[0])):
                        manque = colonne - len(cases)
                        if manque >= 0 and colonne < COLONNES_PERMISES:
                            if manque:
                                self.passer(manque)
                            cases.append(texte)
                            types.append(TEXTE)
                            return
                    elif not lus and not self._a_une_formule:
                        return
                self._finir_la_case(_par_nom(attributs))
            else:
                fermer_une_autre(nom)

        return ouvrir, fermer

    def _ouvrir_une_ligne(self, attributs: Attributs) -> None:
        numero = int(attributs.get("r", self.numero + 1))
        if numero <= self.numero:
            raise FichierRefuse(MAL_RANGE)
        self.numero = numero
        self.commencer(est_masquee=attributs.get("hidden") in {"1", "true"})

    def _fermer_la_ligne(self) -> None:
        self.finir(self.numero)
        if self._pleine.est_pleine:
            raise Assez

    def _ouvrir_une_case(self, attributs: Attributs) -> None:
        """Celle dont la balise a un préfixe (« x:c ») ; `_abreger` lit les autres."""
        self._attributs = attributs
        self.lus.clear()

    def _fermer_une_formule(self) -> None:
        """Sa valeur vient ensuite."""
        self._a_une_formule = True
        self.lus.clear()

    def _finir_la_case(self, attributs: Attributs) -> None:
        genre, place = attributs.get("t", "n"), attributs.get("r")
        self.colonne = COLONNES.get(place.rstrip(CHIFFRES), COLONNES_PERMISES) if place else self.colonne + 1
        if valeur := "".join(self.lus).strip():
            self.poser(*self._rendre(valeur, genre, attributs.get("s")))
        elif self._a_une_formule and genre != "str":
            self.poser(SANS_VALEUR, TEXTE)
        self._a_une_formule = False

    def _rendre(self, valeur: str, genre: str, style: str | None) -> tuple[str, int]:
        """Le texte d'une case, et son genre."""
        match genre:
            case "s":
                return self._textes[valeur], TEXTE
            case "str" | "inlineStr":
                return _lisible(valeur), TEXTE
            case "b":
                return "oui" if valeur == "1" else "non", TEXTE
            case "e":
                return SANS_VALEUR, TEXTE
            case "d":
                return ecrire_moment(valeur)
        if "_" in valeur or not valeur.isascii():  # « 7_0 », que seul Python lit
            raise ValueError(valeur)
        nombre = float(valeur)
        format_ = self._formats[entier(style)] if style else NOMBRE
        return (ecrire_nombre(nombre), NOMBRE) if format_ == NOMBRE else self._mettre_en_forme(nombre, format_)

    def _mettre_en_forme(self, nombre: float, format_: int) -> tuple[str, int]:
        """Une heure de plus d'un jour (« 7:30 » montré pour 31 h 30) reste un moment : personne n'y lira une durée."""
        if format_ == POURCENT:
            return f"{ecrire_nombre(nombre * 100)} %", POURCENT
        if format_ == DUREE or (format_ == HEURE and 0 <= nombre < 1):
            return ecrire_duree(round(nombre * 1440)), TEXTE
        try:
            return ecrire_moment((self._origine + timedelta(seconds=round(nombre * 86_400))).isoformat())
        except OverflowError:  # 20260504 au format date, que le tableur montre « #### » : sa ligne le dira
            return ecrire_nombre(nombre), NOMBRE

    def _fusion(self, attributs: Attributs) -> None:
        if lue := FUSION.fullmatch(attributs.get("ref", "")):
            gauche, droite = (COLONNES.get(lue[rang], COLONNES_PERMISES) for rang in (1, 3))
            self._fusions.append((int(lue[2]), gauche, int(lue[4]), droite))


def _par_nom(attributs: list[str]) -> Attributs:
    """Ceux d'une balise, que l'analyseur donne à la suite : nom, valeur, nom, valeur…"""
    return dict(zip(attributs[::2], attributs[1::2], strict=True))


def entier(texte: str) -> int:
    """Un rang dans une liste du classeur. Lève ValueError pour « -1 » ou « 1_0 », que Python lirait."""
    if not (texte.isascii() and texte.isdigit()):
        raise ValueError(texte)
    return int(texte)


def ecrire_nombre(nombre: float) -> str:
    """« 1234.5 », sans les décimales que le tableur ne montre pas. Lève ValueError ou OverflowError sans nombre."""
    if nombre == int(nombre):
        return str(int(nombre))
    return f"{nombre:.{DECIMALES}f}".rstrip("0").rstrip(".")


def ecrire_moment(iso: str) -> tuple[str, int]:
    """« 2026-05-15 », une date ; avec une heure, un texte. Lève ValueError si ce jour n'existe pas."""
    jour, _, heure = iso.partition("T")
    jour = date.fromisoformat(jour).isoformat()
    return (f"{jour} {heure}", TEXTE) if heure.strip("0:.Z") else (jour, DATE)


def ecrire_duree(minutes: int) -> str:
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"

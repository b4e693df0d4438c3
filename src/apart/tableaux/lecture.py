"""D'un envoi à un tableau : CSV, classeur ou lignes collées, reconnus à leur contenu et non à leur nom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, zip_longest

import numpy as np
import polars as pl

from apart.tableaux.archives import OLE, Archive, ou_abime
from apart.tableaux.classeurs import Xlsx
from apart.tableaux.opendocument import PARTIE, Ods
from apart.tableaux.tableau import (
    COLONNES_PERMISES,
    LIGNES_DU_HAUT,
    LIGNES_PERMISES,
    OCTETS_PERMIS,
    TROP_DE_COLONNES,
    TROP_DE_LIGNES,
    VIDE,
    FeuilleAChoisir,
    FichierRefuse,
    Genre,
    Grille,
    Tableau,
    lettres,
)
from apart.tableaux.textes import lire_csv
from apart.tableaux.titres import SURE, Reconnues, Titres, trouver
from apart.tableaux.totaux import lignes_de_total

ZIP = (b"PK\x03\x04", b"PK\x05\x06", OLE)
AUTRES = {
    "un PDF": (b"%pdf",),
    "une image": (b"\x89png", b"\xff\xd8\xff", b"gif8"),
    "un texte mis en forme": (b"{\\rtf",),
    "une page web": (b"<!do", b"<htm"),
    "du XML": (b"<?xm",),
    "un programme": (b"\x7felf", b"mz\x90"),
}
TROP_LOURD = (
    f"Ce fichier dépasse {OCTETS_PERMIS >> 20} Mo. Coupez-le en plusieurs, ou ôtez les colonnes dont le calcul "
    "n'a pas besoin."
)
SANS_LIGNE = "Ce fichier n'a aucune ligne sous son en-tête : ajoutez une ligne par salarié, comme dans le modèle."
XLSB = "Ce classeur est au format .xlsb. Enregistrez-le en « Classeur Excel (.xlsx) »."
ARCHIVE = (
    "Ce fichier est une archive, pas un classeur. Envoyez un fichier .csv, .xlsx ou .ods, sans le mettre dans un zip."
)
FUSIONNEES = (
    "Les cases {} à {} sont fusionnées : une seule garde sa valeur. Défusionnez-les, écrivez la valeur dans chacune, "
    "puis renvoyez le classeur."
)
TROP_DE_CASES = (
    "Cette ligne a {} cases, l'en-tête en a {} : un séparateur est de trop, ou une case qui en contient un n'est pas "
    "entre guillemets."
)
AVALEE = (
    "Une case de cette ligne en contient une autre tout entière : deux guillemets sont de trop. Ôtez-les, puis "
    "renvoyez le fichier."
)
Fusion = tuple[int, int, int, int]


def lire(contenu: bytes, reconnues: Reconnues, *, feuille: str | None = None) -> Tableau:
    """Le tableau d'un fichier.

    reconnues : combien des textes d'une ligne sont des en-têtes connues ; elle désigne la ligne d'en-tête et la
    feuille. feuille : celle que la personne a choisie. Lève FichierRefuse, avec une phrase, pour tout ce qui n'est pas
    un tableau ; FeuilleAChoisir si plusieurs feuilles conviennent.
    """
    if not contenu:
        raise FichierRefuse(VIDE)
    if len(contenu) > OCTETS_PERMIS:
        raise FichierRefuse(TROP_LOURD)
    if contenu.startswith(ZIP):
        return _lire_un_classeur(contenu, reconnues, feuille)
    debut = contenu[:64].lstrip(b"\xef\xbb\xbf \r\n").lower()
    for nature, signatures in AUTRES.items():
        if debut.startswith(signatures):
            raise FichierRefuse(f"Ce fichier est {nature}, pas un tableau : envoyez un fichier .csv, .xlsx ou .ods.")
    grille, separateur = lire_csv(contenu)
    return _composer(grille, reconnues, Tableau((), pl.DataFrame(), np.empty(0, np.int64), separateur=separateur))


def _lire_un_classeur(contenu: bytes, reconnues: Reconnues, voulue: str | None) -> Tableau:
    archive = Archive(contenu)
    genre, classeur = _ouvrir(archive)
    nom, grille = _choisir(classeur, reconnues, voulue), Grille()
    classeur.lire({nom: grille})
    ignores = [f"La feuille « {masquee} » est masquée : elle n'a pas été lue." for masquee in classeur.masquees]
    ignores += [f"La feuille « {autre} » n'a pas été lue." for autre in classeur.visibles if autre != nom]
    if grille.masquees:
        ignores.append(f"Lignes masquées ou filtrées : {grille.masquees}. Elles sont lues comme les autres.")
    vide = Tableau((), pl.DataFrame(), np.empty(0, np.int64), genre, feuille=nom, ignores=tuple(ignores))
    try:
        return _composer(grille, reconnues, vide)
    except FichierRefuse as refus:
        raise FichierRefuse(" ".join([str(refus), *ignores])) from refus  # les lignes sont peut-être ailleurs


def _ouvrir(archive: Archive) -> tuple[Genre, Xlsx | Ods]:
    with ou_abime():
        if "xl/workbook.xml" in archive:
            return Genre.XLSX, Xlsx(archive)
        if PARTIE in archive:
            return Genre.ODS, Ods(archive)
    raise FichierRefuse(XLSB if "xl/workbook.bin" in archive else ARCHIVE)


# --- La feuille ---


def _choisir(classeur: Xlsx | Ods, reconnues: Reconnues, voulue: str | None) -> str:
    visibles = classeur.visibles
    if voulue is not None:
        if voulue not in visibles:
            raise FichierRefuse(f"Ce classeur n'a pas de feuille visible « {voulue} ». Choisissez-en une autre.")
        return voulue
    if len(visibles) == 1:
        return visibles[0]
    hauts = {nom: Grille(LIGNES_DU_HAUT + 4) for nom in visibles}
    classeur.lire(hauts)
    titres = {nom: (trouver(haut, reconnues), len(haut.lignes)) for nom, haut in hauts.items() if haut.lignes}
    bonnes = _qui_conviennent({nom: lus for nom, (lus, hauteur) in titres.items() if hauteur > lus.fin + 1})
    bonnes = bonnes or list(titres)[:1]
    if not bonnes:
        raise FichierRefuse(VIDE)
    if len(bonnes) > 1:
        raise FeuilleAChoisir(bonnes)
    return bonnes[0]


def _qui_conviennent(titres: Mapping[str, Titres]) -> list[str]:
    """Les feuilles dont l'en-tête est reconnue presque aussi bien que la meilleure ; à défaut, d'allure."""
    meilleur = max((lus.reconnus for lus in titres.values()), default=0)
    if meilleur >= SURE:
        return [nom for nom, lus in titres.items() if 3 * lus.reconnus >= 2 * meilleur]
    return [nom for nom, lus in titres.items() if lus.a_des_donnees] or list(titres)


# --- Le tableau ---


def _composer(grille: Grille, reconnues: Reconnues, vide: Tableau) -> Tableau:
    """Le tableau de cette grille. Lève FichierRefuse si son en-tête ou le nombre de ses lignes ne va pas."""
    if not grille.lignes:
        raise FichierRefuse(VIDE)
    titres = trouver(grille, reconnues)
    debut, lignes = titres.fin + 1, grille.lignes[titres.fin + 1 :]
    if not lignes:
        raise FichierRefuse(SANS_LIGNE)
    if len(lignes) > LIGNES_PERMISES:
        raise FichierRefuse(TROP_DE_LIGNES)
    est_csv = vide.genre is Genre.CSV
    largeur = len(titres.noms) if est_csv else max(len(titres.noms), *map(len, lignes))
    if largeur > COLONNES_PERMISES:
        raise FichierRefuse(TROP_DE_COLONNES)
    tableau = replace(
        vide,
        entetes=titres.noms + ("",) * (largeur - len(titres.noms)),
        cadre=_cadre(lignes, largeur),
        lignes=np.array(grille.numeros[debut:]),
        types=None if est_csv else _types(grille.types[debut:], largeur),
        refus=dict(_lignes_mal_coupees(lignes, largeur, vide.separateur)) if est_csv else {},
        ignores=(*vide.ignores, *_lignes_de_titre(grille.numeros[: titres.debut])),
    )
    tableau.refus.update(_fusions(grille, tableau, grille.numeros[titres.fin]))
    return tableau


def _cadre(lignes: list[list[str | None]], largeur: int) -> pl.DataFrame:
    """Les lignes sont rarement aussi longues : la première donne sa largeur aux autres, puis s'en va."""
    colonnes = islice(zip_longest([None] * largeur, *lignes), largeur)
    return pl.DataFrame({str(rang): pl.Series(cases[1:], dtype=pl.String) for rang, cases in enumerate(colonnes)})


def _types(types: list[bytearray], largeur: int) -> pl.DataFrame:
    octets = b"".join(ligne.ljust(largeur, b"\0") for ligne in types)
    table = np.frombuffer(octets, np.uint8).reshape(-1, largeur)
    return pl.DataFrame({str(rang): table[:, rang] for rang in range(largeur)})


def _lignes_de_titre(numeros: list[int]) -> Iterator[str]:
    if len(numeros) == 1:
        yield f"La ligne {numeros[0]}, au-dessus de l'en-tête, n'a pas été lue."
    elif numeros:
        yield f"Les lignes {numeros[0]} à {numeros[-1]}, au-dessus de l'en-tête, n'ont pas été lues."


def _lignes_mal_coupees(lignes: list[list[str | None]], largeur: int, separateur: str) -> Iterator[tuple[int, str]]:
    for rang, cases in enumerate(lignes):
        if any(case and "\n" in case and separateur in case for case in cases):
            yield rang, AVALEE
        elif any(cases[largeur:]):
            remplies = max(place for place, case in enumerate(cases, 1) if case)
            yield rang, TROP_DE_CASES.format(remplies, largeur)


def _fusions(grille: Grille, tableau: Tableau, fin: int) -> Iterator[tuple[int, str]]:
    """Les lignes à deux colonnes nommées fusionnées, sauf les totaux. Lève FichierRefuse d'une fusion en hauteur."""
    fusions = [fusion for fusion in grille.fusions if fusion[2] > fin and any(_nommees(fusion, tableau))]
    if not fusions:
        return
    rangs = {int(numero): rang for rang, numero in enumerate(tableau.lignes)}
    totaux = set(lignes_de_total(tableau))
    for haut, gauche, bas, droite in fusions:
        phrase = FUSIONNEES.format(f"{lettres(gauche)}{haut}", f"{lettres(droite)}{bas}")
        if haut < bas:
            raise FichierRefuse(phrase)
        rang = rangs.get(haut)
        if rang is not None and rang not in totaux and len(_nommees((haut, gauche, bas, droite), tableau)) > 1:
            yield rang, phrase


def _nommees(fusion: Fusion, tableau: Tableau) -> list[str]:
    return [nom for nom in tableau.entetes[fusion[1] : fusion[3] + 1] if nom]

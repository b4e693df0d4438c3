"""Le modèle à remplir : l'en-tête, deux lignes d'exemple, et l'explication de chaque colonne."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import xlsxwriter

from apart.simulateur.fichiers.colonnes import COLONNES, RESULTATS
from apart.tableaux import tableur
from apart.tableaux.entetes import Colonne

LIGNES_A_REMPLIR = 1_000  # mises en forme d'avance
LARGEUR_EXPLICATIONS = (24, 62, 70, 22)


@cache
def en_csv() -> bytes:
    lignes = zip(*((colonne.nom, *colonne.exemples) for colonne in COLONNES), strict=True)
    return (tableur.MARQUE + tableur.en_csv(lignes, fin_de_ligne="\r\n")).encode()


@cache
def en_classeur() -> bytes:
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True})
    gras = classeur.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    renvoi = classeur.add_format({"text_wrap": True, "valign": "top"})
    _lignes(classeur, classeur.add_worksheet("Lignes"), gras)
    _explications(classeur.add_worksheet("Colonnes"), gras, renvoi)
    classeur.close()
    return tampon.getvalue()


def _lignes(classeur: Any, feuille: Any, gras: Any) -> None:
    """L'en-tête annoté et deux exemples. Mois et dates restent des textes : un tableur les changerait en jours."""
    texte = classeur.add_format({"num_format": "@"})
    for rang, colonne in enumerate(COLONNES):
        feuille.set_column(rang, rang, max(12, len(colonne.nom) + 3), texte if "AAAA" in colonne.permis else None)
        feuille.write_string(0, rang, colonne.nom, gras)
        feuille.write_comment(0, rang, _note(colonne), {"x_scale": 2})
        for ligne, exemple in enumerate(colonne.exemples, 1):
            _ecrire(feuille, ligne, rang, colonne, exemple)
        if colonne.permis.startswith(("droit_commun", "ordinaire", "metropole", "oui")):
            valeurs = colonne.permis.replace(" ou ", ", ").split(", ")
            feuille.data_validation(1, rang, LIGNES_A_REMPLIR, rang, {"validate": "list", "source": valeurs})
    feuille.freeze_panes(1, 1)


def _ecrire(feuille: Any, ligne: int, rang: int, colonne: Colonne, exemple: str) -> None:
    if exemple and colonne.permis in {"un nombre", "un nombre entier", "un montant", "de 1 à 60", "de 0 à 100"}:
        feuille.write_number(ligne, rang, float(exemple.replace(",", ".")))
    elif exemple:
        feuille.write_string(ligne, rang, exemple)


def _note(colonne: Colonne) -> str:
    si_vide = f"Si la case est vide : {colonne.defaut}." if colonne.defaut else "À remplir."
    return f"{colonne.contenu}\nValeurs : {colonne.permis}.\n{si_vide}"


def _explications(feuille: Any, gras: Any, renvoi: Any) -> None:
    for rang, largeur in enumerate(LARGEUR_EXPLICATIONS):
        feuille.set_column(rang, rang, largeur)
    feuille.write_row(0, 0, ["Colonne", "Ce qu'on y met", "Valeurs admises", "Si la case est vide"], gras)
    for ligne, colonne in enumerate(COLONNES, 1):
        feuille.write_string(ligne, 0, colonne.nom, gras)
        feuille.write_row(ligne, 1, [colonne.contenu, colonne.permis, colonne.defaut or "à remplir"], renvoi)
    debut = len(COLONNES) + 2
    feuille.write_string(debut, 0, "Ajoutées au résultat", gras)
    for ligne, (nom, explication) in enumerate(RESULTATS.items(), debut + 1):
        feuille.write_string(ligne, 0, nom, gras)
        feuille.write_string(ligne, 1, explication, renvoi)
    feuille.freeze_panes(1, 1)

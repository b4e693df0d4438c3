"""Trouver l'en-tête d'une feuille : sous un titre, sur une ligne ou sur deux, ses cases fusionnées ou non."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from apart.tableaux.tableau import LIGNES_DU_HAUT, Grille

Reconnues = Callable[[Sequence[str]], int]
SURE = 2  # colonnes reconnues à partir desquelles une ligne est sûrement l'en-tête
NOMBRE_OU_DATE = re.compile(r"[+-]?\d[\d\s.,:/h€%-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Titres:
    """Une lecture possible de l'en-tête : ses lignes (leurs rangs, compris), ses noms, ce qui la fait croire."""

    debut: int
    fin: int
    noms: tuple[str, ...]
    reconnus: int
    a_des_donnees: bool  # des textes, puis une ligne où il y a des nombres
    est_groupe: bool  # la fusion de ses cases dit que ses deux lignes vont ensemble

    @property
    def cle(self) -> tuple[object, ...]:
        sures = self.reconnus if self.reconnus >= SURE else 0
        return sures, self.a_des_donnees, self.est_groupe, sum(map(bool, self.noms)), self.reconnus


def trouver(grille: Grille, reconnues: Reconnues) -> Titres:
    """La lecture la plus sûre, ou la première ligne qui ressemble à une en-tête."""
    rangs = range(min(LIGNES_DU_HAUT, len(grille.lignes)))
    return max((titres for rang in rangs for titres in _lectures(grille, rang, reconnues)), key=lambda t: t.cle)


def _lectures(grille: Grille, rang: int, reconnues: Reconnues) -> Iterator[Titres]:
    """La ligne seule ; avec la suivante si des fusions le disent, ou si l'on y reconnaît plus de colonnes."""
    seule = _titres(grille, rang, rang, _noms(grille.lignes[rang]), reconnues)
    yield seule
    if not _est_double(grille, rang):
        return
    ensemble = _titres(grille, rang, rang + 1, _reunir(grille, rang), reconnues)
    dessous = reconnues(_noms(grille.lignes[rang + 1]))
    if ensemble.est_groupe or ensemble.reconnus > max(seule.reconnus, dessous):
        yield ensemble


def _titres(grille: Grille, debut: int, fin: int, noms: list[str], reconnues: Reconnues) -> Titres:
    dessous = (case.strip() for ligne in grille.lignes[fin + 1 : fin + 4] for case in ligne if case)
    a_des_donnees = _sont_des_textes(noms) and any(map(NOMBRE_OU_DATE.fullmatch, dessous))
    est_groupe = fin > debut and any(haut == grille.numeros[debut] for haut, *_ in grille.fusions)
    return Titres(debut, fin, tuple(noms), reconnues(noms), a_des_donnees, est_groupe)


def _noms(cases: Sequence[str | None]) -> list[str]:
    """Les noms de colonnes, sans les vides de droite : un tableur en laisse souvent."""
    noms = [" ".join((case or "").split()) for case in cases]
    while noms and not noms[-1]:
        noms.pop()
    return noms


def _sont_des_textes(noms: Sequence[str]) -> bool:
    return any(noms) and not any(map(NOMBRE_OU_DATE.fullmatch, noms))


# --- Une en-tête sur deux lignes ---


def _est_double(grille: Grille, rang: int) -> bool:
    """Deux lignes de textes qui se suivent, au-dessus d'une autre ; la première n'est pas un titre seul."""
    if rang + 2 >= len(grille.lignes) or grille.numeros[rang + 1] != grille.numeros[rang] + 1:
        return False
    haut, bas = (_noms(ligne) for ligne in grille.lignes[rang : rang + 2])
    return sum(map(bool, haut)) > 1 and _sont_des_textes(haut) and _sont_des_textes(bas)


def _reunir(grille: Grille, rang: int) -> list[str]:
    """« Heures chômées / Nb » : un titre du haut vaut pour les colonnes de sa fusion, ou jusqu'au titre suivant."""
    haut, bas = (_noms(ligne) for ligne in grille.lignes[rang : rang + 2])
    largeur = max(len(haut), len(bas))
    haut, bas = (noms + [""] * (largeur - len(noms)) for noms in (haut, bas))
    etendues = {gauche: droite for ligne, gauche, _, droite in grille.fusions if ligne == grille.numeros[rang]}
    titre, jusqu_a = "", -1
    for colonne in range(largeur):
        if haut[colonne]:
            titre, jusqu_a = haut[colonne], etendues.get(colonne, colonne if etendues else largeur)
        elif bas[colonne] and colonne <= jusqu_a:
            haut[colonne] = titre
    return [" / ".join(filter(None, dict.fromkeys(paire))) for paire in zip(haut, bas, strict=True)]

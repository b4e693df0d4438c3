"""Tout un fichier : par tableaux, puis ligne à ligne pour le reste, avec une phrase pour chaque ligne à corriger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from apart.regles import nombres
from apart.regles.bareme import HorsBareme
from apart.regles.simulation import MINIMUM_MENSUEL, Resultat
from apart.simulateur import saisie
from apart.simulateur.fichiers import combinaisons, rapide
from apart.simulateur.fichiers.codes import mois_normal
from apart.simulateur.fichiers.rapide import SANS_MONTANT
from apart.simulateur.fichiers.tableaux import FichierRefuse, Tableau

FAUTES_PERMISES = 5_000
LIGNES_LENTES_PERMISES = 20_000
FORMULE = "Cette case contient une formule : remplacez-la par sa valeur."
NOM_EN_FORMULE = "Ce nom commence comme une formule (= + - @) : écrivez-le autrement."
PARTICULIERES = (
    "Plus de 20 000 lignes de ce fichier se calculent une à une : périodes de plusieurs mois, heures de "
    "formation, heures écrites « 7h30 » ou avec plus de deux décimales. Donnez un mois par ligne et deux décimales, "
    "ou coupez le fichier."
)


@dataclass(frozen=True, slots=True)
class LigneFautive:
    """Une ligne à corriger : son rang dans le tableau, son numéro dans le fichier, ce qu'elle a."""

    rang: int
    numero: int
    fautes: tuple[saisie.Faute, ...]  # « champ » est un nom de colonne, ou vide pour toute la ligne

    @property
    def phrase(self) -> str:
        return " ".join(f"{faute.champ} : {faute.phrase}" if faute.champ else faute.phrase for faute in self.fautes)


@dataclass(frozen=True, slots=True)
class Calcul:
    """Le fichier calculé. Les montants d'une ligne fautive valent SANS_MONTANT ; sommes en euros."""

    tableau: Tableau
    montants: rapide.Montants
    fautives: list[LigneFautive]

    @property
    def calculees(self) -> int:
        return self.tableau.cadre.height - len(self.fautives)

    def total(self, nom: str) -> Decimal:
        """La somme d'une colonne de montants, tous salariés compris, en euros."""
        colonne: NDArray[np.int64] = getattr(self.montants, nom)
        return nombres.depuis_centiemes(int(colonne[self.montants.acceptees].sum()))

    @property
    def reserves(self) -> list[str]:
        """Ce que le fichier a d'incertain, sans répétition."""
        employees = np.unique(self.montants.a_confirmer[self.montants.acceptees]).tolist()
        return list(dict.fromkeys(phrase for rang in employees for phrase in self.montants.reserves[rang]))


def calculer(tableau: Tableau) -> Calcul:
    """Calcule chaque ligne. Lève FichierRefuse si trop de lignes sont à corriger, ou se calculent une à une."""
    montants = rapide.calculer(tableau)
    lentes = _Lentes(tableau, montants)
    lentes.calculer(np.flatnonzero(~montants.acceptees).tolist())
    for nom in ("indemnite_horaire", "allocation_horaire", "heures", "indemnite", "allocation", "reste_a_charge"):
        getattr(montants, nom)[[fautive.rang for fautive in lentes.fautives]] = SANS_MONTANT
    return Calcul(tableau, montants, lentes.fautives)


class _Lentes:
    """Les lignes que le calcul par tableaux laisse : lues par saisie.py, simulées une à une."""

    def __init__(self, tableau: Tableau, montants: rapide.Montants) -> None:
        self.tableau, self.montants = tableau, montants
        self.places = tableau.places
        self.noms = {nom: str(rang) for nom, rang in self.places.items()}
        self.fautives: list[LigneFautive] = []
        self.reserves = {phrases: rang for rang, phrases in enumerate(montants.reserves)}

    def calculer(self, rangs: list[int]) -> None:
        cadre = self.tableau.cadre[rangs].select(*self.noms.values())
        cadre.columns = list(self.noms)
        bonnes = 0
        for rang, champs in zip(rangs, cadre.iter_rows(named=True), strict=True):
            fautes = self._ligne(rang, champs)
            if fautes:
                self.fautives.append(LigneFautive(rang, int(self.tableau.lignes[rang]), tuple(fautes)))
            else:
                bonnes += 1
            if len(self.fautives) > FAUTES_PERMISES:
                raise FichierRefuse(_trop_de_fautes(self.fautives))
            if bonnes > LIGNES_LENTES_PERMISES:
                raise FichierRefuse(PARTICULIERES)

    def _ligne(self, rang: int, champs: dict[str, str | None]) -> list[saisie.Faute]:
        """Calcule la ligne, ou rend ses fautes."""
        if rang in self.tableau.refus:
            return [saisie.Faute("", self.tableau.refus[rang])]
        formules = list(_formules(champs))
        if formules:
            return formules
        try:
            resultat = saisie.simuler(saisie.lire_groupe(en_groupe(champs)))
        except saisie.SaisieRefusee as refus:
            return [_faute(faute, champs, refus) for faute in refus.fautes]
        self._retenir(rang, resultat)
        return []

    def _retenir(self, rang: int, resultat: Resultat) -> None:
        m, effectif = self.montants, resultat.groupe.effectif
        m.acceptees[rang] = True
        m.indemnite_horaire[rang] = _commun(ligne.horaire.indemnite for mois in resultat.mois for ligne in mois.lignes)
        m.allocation_horaire[rang] = _commun(
            ligne.horaire.allocation for mois in resultat.mois for ligne in mois.lignes
        )
        m.heures[rang] = nombres.centiemes(resultat.total("indemnisables"))
        for nom in ("indemnite", "allocation", "reste_a_charge"):
            getattr(m, nom)[rang] = nombres.centiemes(resultat.total(nom) * effectif)
        phrases = combinaisons.en_bref(_reserves(resultat))
        if phrases not in self.reserves:
            self.reserves[phrases] = len(m.reserves)
            m.reserves.append(phrases)
        m.a_confirmer[rang] = self.reserves[phrases]


def en_groupe(champs: dict[str, str | None]) -> dict[str, object]:
    """Les champs d'une ligne, comme saisie.py les attend : la période à part."""
    periode = {nom: champs.get(nom) for nom in saisie.CHAMPS_PERIODE}
    if periode["mois"]:
        periode["mois"] = mois_normal(periode["mois"])
    return {**{nom: champs.get(nom) for nom in saisie.CHAMPS}, "periodes": [periode]}


def _formules(champs: dict[str, str | None]) -> Iterable[saisie.Faute]:
    for nom, case in champs.items():
        if not case or len(case) < 2:
            continue
        if nom == "nom" and case[0] in "=+-@":
            yield saisie.Faute(nom, NOM_EN_FORMULE)
        elif nom != "nom" and case.lstrip()[:1] in {"=", "+", "@"}:
            yield saisie.Faute(nom, FORMULE)


def _faute(faute: saisie.Faute, champs: dict[str, str | None], refus: saisie.SaisieRefusee) -> saisie.Faute:
    """La faute sous le nom de sa colonne : « periodes.1.heures » donne « heures »."""
    champ = faute.champ.rpartition(".")[2]
    if champ == "periodes":
        periode = "mois" if champs.get("mois") else "du"
        champ = periode if isinstance(refus.__cause__, HorsBareme) else "heures"
    return saisie.Faute(champ, faute.phrase)


def _commun(montants: Iterable[Decimal]) -> int:
    """Le montant horaire de la ligne ; SANS_MONTANT si la loi en donne plusieurs."""
    differents = set(montants)
    return nombres.centiemes(differents.pop()) if len(differents) == 1 else SANS_MONTANT


def _reserves(resultat: Resultat) -> Iterable[str]:
    """Celles des montants rendus : ni le net, ni les cotisations."""
    yield from (phrase for mois in resultat.mois for ligne in mois.lignes for phrase in ligne.horaire.reserves)
    if any(MINIMUM_MENSUEL in mois.remarques for mois in resultat.mois):
        yield MINIMUM_MENSUEL


def _trop_de_fautes(fautives: list[LigneFautive]) -> str:
    premiere = fautives[0]
    return (
        f"Plus de {FAUTES_PERMISES} lignes sont à revoir : sans doute la même faute partout. À la ligne "
        f"{premiere.numero} : {premiere.phrase} Corrigez-la dans tout le fichier, puis renvoyez-le."
    )

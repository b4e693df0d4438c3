"""Une seule loi, deux portes : un cas avec sa trace, des millions de lignes sans ; et les bornes de tout montant."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apart.regles import nombres
from apart.regles.bareme import HorsBareme
from apart.regles.conditions import conditions
from apart.regles.horaire import montant_horaire
from apart.regles.mois import Periode, decouper, totaliser
from apart.regles.situations import Situation, Statut
from apart.regles.vecteurs import LignesHorsBareme, montants
from tests.regles.tirages import heures, jours, lignes_connues, situations, taux

Ligne = tuple[Situation, date, Decimal, Decimal, Decimal | None]
lignes = st.lists(st.tuples(situations, jours, taux, heures, st.none() | taux), min_size=1, max_size=40)


def par_lignes(tirees: list[Ligne]) -> list[tuple[int, int, int, int]]:
    distinctes = sorted({ligne[0] for ligne in tirees}, key=repr)
    resultat = montants(
        distinctes,
        np.array([distinctes.index(ligne[0]) for ligne in tirees]),
        np.array([ligne[1] for ligne in tirees], "datetime64[D]"),
        np.array([nombres.centiemes(ligne[2]) for ligne in tirees]),
        np.array([nombres.centiemes(ligne[3]) for ligne in tirees]),
        np.array([-1 if ligne[4] is None else nombres.centiemes(ligne[4]) for ligne in tirees]),
    )
    colonnes = (resultat.indemnite_horaire, resultat.allocation_horaire, resultat.indemnite, resultat.allocation)
    return list(zip(*(colonne.tolist() for colonne in colonnes), strict=True))


def un_par_un(ligne: Ligne) -> tuple[int, int, int, int] | None:
    situation, jour, brut, chomees, net = ligne
    try:
        horaire = montant_horaire(brut, jour, situation, net_horaire=net)
    except HorsBareme:
        return None
    totaux = totaliser(brut, [Periode(jour, jour, chomees)], situation, net_horaire=net)
    valeurs = (horaire.indemnite, horaire.allocation, totaux.indemnite, totaux.allocation)
    return tuple(nombres.centiemes(v) for v in valeurs)  # type: ignore[return-value]  # quatre valeurs


@given(lignes)
@settings(max_examples=150, deadline=None)
def test_les_deux_portes_donnent_les_memes_centimes(tirees: list[Ligne]) -> None:
    """Sur des lignes de tous les régimes et de toutes les dates ; une ligne refusée ici est refusée là."""
    voulus = [un_par_un(ligne) for ligne in tirees]
    connues = [ligne for ligne, voulu in zip(tirees, voulus, strict=True) if voulu is not None]
    if len(connues) < len(tirees):
        with pytest.raises(LignesHorsBareme) as refus:
            par_lignes(tirees)
        assert voulus[int(refus.value.rangs[0])] is None
    if connues:
        assert par_lignes(connues) == [voulu for voulu in voulus if voulu is not None]


def test_la_porte_des_lignes_nomme_les_lignes_refusees_et_ce_qui_manque() -> None:
    bonne = (Situation(), date(2020, 4, 1), Decimal(20), Decimal(10), None)
    avant = (Situation(), date(2012, 1, 1), Decimal(20), Decimal(10), None)
    with pytest.raises(LignesHorsBareme, match="1er juillet 2013") as refus:
        par_lignes([bonne, avant, bonne, avant])
    assert refus.value.rangs.tolist() == [1, 3]


def test_des_tableaux_de_longueurs_differentes_sont_refuses() -> None:
    with pytest.raises(ValueError, match="même longueur"):
        montants([Situation()], np.zeros(2, int), np.zeros(3, int), np.zeros(3, int), np.zeros(3, int))


# --- Les bornes ---


@given(lignes_connues(), taux, heures)
@settings(deadline=None)
def test_aucun_montant_n_est_negatif(ligne: tuple[Situation, date], brut: Decimal, chomees: Decimal) -> None:
    situation, jour = ligne
    totaux = totaliser(brut, [Periode(jour, jour, chomees)], situation, net_horaire=brut)
    assert totaux.indemnite >= 0
    assert totaux.allocation >= 0


@given(lignes_connues(), taux)
@settings(deadline=None)
def test_l_allocation_ne_depasse_ni_son_plafond_ni_son_plancher_sinon_la_remuneration(
    ligne: tuple[Situation, date], brut: Decimal
) -> None:
    """Le taux appliqué à 4,5 SMIC, ou le plancher s'il est plus haut ; la rémunération d'un alternant sous le SMIC."""
    situation, jour = ligne
    n = conditions(situation, jour).nombres
    au_plafond = (n.allocation_taux * n.allocation_plafond + 50_000) // 100_000
    allocation = nombres.centiemes(montant_horaire(brut, jour, situation, net_horaire=brut).allocation)
    assert allocation <= max(min(au_plafond, 10**9), n.allocation_plancher, nombres.centiemes(brut))
    if situation.statut is not Statut.ALTERNANT:
        assert allocation <= max(au_plafond, n.allocation_plancher)


@given(lignes_connues(), taux)
@settings(deadline=None)
def test_l_indemnite_ne_depasse_pas_la_remuneration(ligne: tuple[Situation, date], brut: Decimal) -> None:
    situation, jour = ligne
    assert montant_horaire(brut, jour, situation, net_horaire=brut).indemnite <= brut


@given(lignes_connues(), taux, taux)
@settings(deadline=None)
def test_gagner_plus_ne_donne_jamais_une_indemnite_moindre(
    ligne: tuple[Situation, date], un: Decimal, deux: Decimal
) -> None:
    """Hors alternants, dont l'indemnité passe de leur rémunération au taux quand ils atteignent le SMIC."""
    situation, jour = ligne
    assume(situation.statut is not Statut.ALTERNANT)
    moins, plus = (montant_horaire(brut, jour, situation, net_horaire=brut) for brut in sorted((un, deux)))
    assert moins.indemnite <= plus.indemnite


@given(lignes_connues(), taux, heures, heures)
@settings(deadline=None)
def test_plus_d_heures_ne_donnent_jamais_moins(
    ligne: tuple[Situation, date], brut: Decimal, un: Decimal, deux: Decimal
) -> None:
    situation, jour = ligne
    moins, plus = (totaliser(brut, [Periode(jour, jour, h)], situation, net_horaire=brut) for h in sorted((un, deux)))
    assert moins.indemnite <= plus.indemnite
    assert moins.allocation <= plus.allocation


@given(lignes_connues(), taux, heures, st.integers(0, 120))
@settings(deadline=None)
def test_une_periode_vaut_la_somme_de_ses_sous_periodes(
    ligne: tuple[Situation, date], brut: Decimal, chomees: Decimal, duree: int
) -> None:
    situation, jour = ligne
    periode = Periode(jour, jour + timedelta(days=duree), chomees)
    try:
        parties = decouper(periode, situation)
    except HorsBareme:
        assume(False)
    entiere = totaliser(brut, [periode], situation, net_horaire=brut)
    separees = [totaliser(brut, [partie], situation, net_horaire=brut) for partie in parties]
    assert sum((p.heures for p in parties), Decimal()) == chomees
    assert entiere.indemnite == sum((t.indemnite for t in separees), Decimal())
    assert entiere.allocation == sum((t.allocation for t in separees), Decimal())

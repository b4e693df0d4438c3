"""Une seule loi, deux portes : un cas avec sa trace, des millions de lignes sans ; et les bornes de tout montant."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apart.regles import nombres
from apart.regles.bareme import HorsBareme
from apart.regles.conditions import conditions
from apart.regles.heures import Structurelles
from apart.regles.horaire import montant_horaire
from apart.regles.lignes import BLOC, PLUSIEURS, Lignes, LignesSimulees, Profil, simuler_lignes
from apart.regles.mois import Periode, decouper, totaliser
from apart.regles.nombres import centiemes, depuis_centiemes
from apart.regles.prelevements import Residence
from apart.regles.simulation import MINIMUM_MENSUEL, Groupe, Resultat, simuler
from apart.regles.situations import Dispositif, Secteur, Situation, Statut
from apart.regles.vecteurs import INCONNU
from tests.regles.tirages import AU, DU, heures, jours, lignes_connues, situations, taux

EPOQUE = date(1970, 1, 1)
PAGE = (Path(__file__).parents[2] / "docs" / "regles" / "lire-le-code.md").read_text()
MONTANTS = (
    *("indemnisables", "indemnite", "allocation", "complement", "salaire"),
    *("cotisations", "reste_a_charge", "cout"),
)


class Ligne(NamedTuple):
    """Une ligne tirée ; -1 où rien n'est donné."""

    profil: Profil
    du: date
    jours: int
    heures: int
    remuneration: int
    net: int = -1
    maintien: int = -1
    cotisations: int = -1

    @property
    def groupe(self) -> Groupe:
        p = self.profil
        return Groupe(
            remuneration=Decimal(self.remuneration).scaleb(-4),
            duree_hebdomadaire=p.duree_hebdomadaire,
            periodes=(Periode(self.du, self.du + timedelta(days=self.jours), depuis_centiemes(self.heures)),),
            situation=p.situation,
            structurelles=p.structurelles,
            residence=p.residence,
            net_mensuel=None if self.net < 0 else depuis_centiemes(self.net),
            maintien=None if self.maintien < 0 else Decimal(self.maintien).scaleb(-6),
            cotisations_patronales=None if self.cotisations < 0 else Decimal(self.cotisations).scaleb(-6),
        )


def par_lignes(tirees: list[Ligne]) -> LignesSimulees:
    profils = sorted({ligne.profil for ligne in tirees}, key=repr)
    du = np.array([(ligne.du - EPOQUE).days for ligne in tirees])
    return simuler_lignes(
        Lignes(
            profils,
            np.array([profils.index(ligne.profil) for ligne in tirees]),
            du,
            du + np.array([ligne.jours for ligne in tirees]),
            *(np.array([ligne[rang] for ligne in tirees]) for rang in range(3, 8)),
        )
    )


def un_par_un(ligne: Ligne) -> Resultat | None:
    """Ce que dit la porte d'un cas ; None si elle refuse."""
    try:
        return simuler(ligne.groupe)
    except (HorsBareme, ValueError):
        return None


def une_ligne(lues: LignesSimulees, rang: int) -> dict[str, object]:
    noms = [nom for nom in LignesSimulees.__slots__ if nom not in {"calculees", "reserve", "reserves"}]
    montants: dict[str, object] = {nom: int(getattr(lues, nom)[rang]) for nom in noms}
    return {**montants, "reserves": lues.reserves[lues.reserve[rang]]}


def d_un_cas(resultat: Resultat) -> dict[str, object]:
    """Les mêmes colonnes, du résultat d'un cas."""
    mois, lignes = resultat.mois, [ligne for m in resultat.mois for ligne in m.lignes]
    nets = [m.net for m in mois]
    horaires = [phrase for ligne in lignes for phrase in ligne.horaire.reserves]
    dites = [phrase for m in mois for phrase in m.reserves]
    return {
        "indemnite_horaire": commun([ligne.horaire.indemnite for ligne in lignes]),
        "allocation_horaire": commun([ligne.horaire.allocation for ligne in lignes]),
        **{nom: centiemes(resultat.total(nom)) for nom in MONTANTS},
        "preleve": centiemes(sum((m.prelevements.preleve for m in mois), Decimal())),
        "net": INCONNU if None in nets else centiemes(resultat.total("net")),
        "reserves": tuple(dict.fromkeys(phrase for phrase in [*horaires, MINIMUM_MENSUEL] if phrase in dites)),
    }


def commun(montants: list[Decimal]) -> int:
    return centiemes(montants[0]) if len(set(montants)) == 1 else PLUSIEURS


profils = st.builds(
    Profil,
    situations,
    st.decimals(1, 48, places=2) | st.sampled_from([Decimal(35), Decimal(39), Decimal("17.5")]),
    st.none() | st.builds(Structurelles, st.none() | jours),
    st.sampled_from(Residence),
)
parts = st.just(-1) | st.integers(0, 1_000_000)
tirees = st.builds(
    Ligne,
    profil=profils,
    du=jours,
    jours=st.integers(0, 120) | st.integers(0, 30),
    heures=st.integers(0, 16_000) | st.integers(0, 4_000),
    remuneration=st.integers(0, 80_000_000),
    net=st.just(-1) | st.integers(0, 800_000),
    maintien=parts | st.just(1_000_000),
    cotisations=parts,
)


@given(st.lists(tirees, min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_un_mois_par_tableaux_est_celui_d_un_cas(lignes: list[Ligne]) -> None:
    """Montants, heures et réserves ; une ligne refusée ici est refusée là."""
    lues = par_lignes(lignes)
    for rang, ligne in enumerate(lignes):
        voulu = un_par_un(ligne)
        assert bool(lues.calculees[rang]) == (voulu is not None)
        if voulu is not None:
            assert une_ligne(lues, rang) == d_un_cas(voulu)


A_TEMPS_PARTIEL = Profil(Situation(statut=Statut.TEMPS_PARTIEL))
ALTERNANT = Profil(Situation(statut=Statut.ALTERNANT))
RARES = {
    "un net nul": Ligne(A_TEMPS_PARTIEL, date(2026, 3, 2), 4, 3_500, 18_000_000, net=0),
    "un net donné sous le plancher, pour un salaire élevé": (
        Ligne(A_TEMPS_PARTIEL, date(2026, 3, 2), 4, 3_500, 23_000_000, net=100_000)
    ),
    "un alternant au forfait de 2019, indemnisé juste au-dessous": (
        Ligne(ALTERNANT, date(2019, 7, 1), 4, 3_500, 15_930_000)
    ),
    "toutes les heures du contrat": Ligne(Profil(), date(2026, 3, 2), 4, 3_500, 25_000_000),
    "une période que la loi coupe en trois": Ligne(ALTERNANT, date(2020, 3, 1), 30, 10_001, 25_000_000),
    "un complément au-delà de 3,15 SMIC": (
        Ligne(Profil(), date(2026, 3, 2), 4, 3_500, 90_000_000, maintien=1_000_000, cotisations=400_000)
    ),
}


@pytest.mark.parametrize("rare", RARES)
def test_un_cas_rare_est_le_meme_par_les_deux_portes(rare: str) -> None:
    voulu = un_par_un(RARES[rare])
    assert voulu is not None
    assert une_ligne(par_lignes([RARES[rare]]), 0) == d_un_cas(voulu)


def test_un_centieme_d_heure_de_plus_que_le_contrat_est_refuse() -> None:
    juste = RARES["toutes les heures du contrat"]
    assert par_lignes([juste, juste._replace(heures=3_501)]).calculees.tolist() == [True, False]


# --- Ce que les tableaux laissent à la porte d'un cas ---

ETE_2019 = Ligne(Profil(), date(2019, 7, 1), 30, 1_000, 20_000_000)
LAISSEES = {
    "plus de 366 jours": ETE_2019._replace(jours=367),
    "plus de 1 000 000 € par mois": ETE_2019._replace(remuneration=10**10 + 1),
    "net de plus de 1 000 000 €": ETE_2019._replace(net=10**8 + 1),
    "maintien de plus de 100 %": ETE_2019._replace(maintien=1_000_001),
    "cotisations de plus de 100 %": ETE_2019._replace(cotisations=1_000_001),
}


@pytest.mark.parametrize("raison", LAISSEES)
def test_une_raison_de_laisser_une_ligne_est_dite_et_la_seule(raison: str) -> None:
    """La page la nomme ; la porte d'un cas calcule la ligne ; sans elle, les tableaux la prennent."""
    assert raison in PAGE
    assert un_par_un(LAISSEES[raison]) is not None
    assert par_lignes([LAISSEES[raison], ETE_2019]).calculees.tolist() == [False, True]


def une_ligne_au_hasard(de: random.Random) -> Ligne:
    """Toutes les situations, durées, résidences et dates ; des heures que le contrat peut porter."""
    situation = Situation(
        de.choice(list(Dispositif)),
        de.choice(list(Secteur)),
        de.choice(list(Statut)),
        *(de.random() < 0.5 for _ in range(4)),
    )
    duree = Decimal(de.randint(100, 4_800)).scaleb(-2)
    prevues = de.choice([None, Structurelles(), Structurelles(date(2019, 1, 1))])
    duree_en_jours = de.choice([0, 6, 13, 30, 120])
    return Ligne(
        Profil(situation, duree, prevues, de.choice(list(Residence))),
        DU + timedelta(days=de.randrange((AU - DU).days - duree_en_jours)),
        duree_en_jours,
        de.randint(0, int(duree * 100) // 5 * (duree_en_jours // 2 + 1)),
        de.randint(10**6, 10**8),
        de.choice([-1, de.randint(10**5, 10**6)]),
        de.choice([-1, de.randint(0, 10**6)]),
        de.choice([-1, de.randint(0, 10**6)]),
    )


def test_presque_aucune_ligne_juste_n_est_laissee_a_la_porte_d_un_cas() -> None:
    de = random.Random(20200401)  # noqa: S311  # un tirage qui se refait, pas un secret
    tirees = (une_ligne_au_hasard(de) for _ in range(20_000))
    justes = list(islice((ligne for ligne in tirees if un_par_un(ligne) is not None), 2_000))
    assert len(justes) == 2_000
    assert (~par_lignes(justes).calculees).sum() <= 20


def test_des_tableaux_de_longueurs_differentes_sont_refuses() -> None:
    with pytest.raises(ValueError, match="même longueur"):
        simuler_lignes(Lignes([Profil()], *(np.zeros(n, np.int64) for n in (2, 3, 2, 2, 2, 2, 2, 2))))


def test_aucune_ligne_ne_donne_aucun_montant() -> None:
    assert len(simuler_lignes(Lignes([], *(np.zeros(0, np.int64) for _ in range(8)))).indemnite) == 0


def test_des_lignes_de_plusieurs_blocs_restent_dans_l_ordre() -> None:
    """Des rémunérations différentes, une ligne refusée au milieu : chacune a son montant."""
    n = 2 * BLOC + 3
    jour, heures_ = np.full(n, (date(2026, 3, 2) - EPOQUE).days), np.full(n, 700)
    heures_[BLOC + 1] = 9_000
    remuneration = np.where(np.arange(n) % 2, 20_000_000, 40_000_000)
    absent = np.full(n, -1)
    donnees = (np.zeros(n, np.int64), jour, jour, heures_, remuneration, absent, absent, absent)
    lues = simuler_lignes(Lignes([Profil()], *donnees))
    assert np.flatnonzero(~lues.calculees).tolist() == [BLOC + 1]
    assert set(lues.indemnite[::2].tolist()) == {11_074}
    assert set(lues.indemnite[1:BLOC:2].tolist()) == set(lues.indemnite[BLOC + 3 :: 2].tolist()) == {6_664}


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

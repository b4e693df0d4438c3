"""Combien d'heures sont payées, et à quel taux horaire : contrats de 35 h, de 39 h, forfaits, salaires variables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apart.regles.bareme import HorsBareme
from apart.regles.heures import (
    Heures,
    Structurelles,
    cachets,
    cadre_dirigeant,
    chomees_indemnisables,
    duree_retenue,
    forfait_jours,
    indemnisables,
    indemnisables_du_mois,
    jours_ouvres,
    navigants,
    par_perte_de_remuneration,
    plafond_de_la_periode,
)
from apart.regles.reference import duree_mensuelle, taux_d_un_cadre_dirigeant, taux_horaire, taux_moyen

AVANT, CRISE, DEPUIS = date(2019, 6, 3), date(2020, 4, 6), date(2022, 1, 3)


# --- La durée retenue ---


def test_une_semaine_de_35_heures_dont_20_travaillees() -> None:
    lues = indemnisables(AVANT, travaillees=Decimal(20), contractuelle=Decimal(35))
    assert (lues.indemnisables, lues.retenue) == (Decimal(15), Decimal(35))
    assert str(lues.trace[0].phrase) == "Durée retenue 35 h, moins 20 h travaillées ou assimilées : 15 h."


def test_conges_arrets_et_feries_comptent_comme_du_travail() -> None:
    assert indemnisables(DEPUIS, Decimal(14), Decimal(35), assimilees=Decimal(7)).indemnisables == Decimal(14)


def test_travailler_plus_que_sa_duree_ne_donne_pas_d_heures_negatives() -> None:
    assert indemnisables(DEPUIS, Decimal(38), Decimal(35)).indemnisables == 0


def test_un_temps_partiel_se_compare_a_son_contrat() -> None:
    assert indemnisables(DEPUIS, Decimal(10), Decimal(24)).indemnisables == Decimal(14)


def test_une_duree_collective_plus_courte_l_emporte() -> None:
    assert indemnisables(DEPUIS, Decimal(10), Decimal(35), collective=Decimal(32)).indemnisables == Decimal(22)


@pytest.mark.parametrize(
    ("jour", "structurelles", "attendues"),
    [
        (AVANT, Structurelles(date(2015, 1, 1)), 35),
        (date(2020, 2, 29), Structurelles(date(2015, 1, 1)), 35),
        (CRISE, None, 35),
        (CRISE, Structurelles(), 35),
        (CRISE, Structurelles(date(2020, 4, 22)), 39),
        (CRISE, Structurelles(date(2020, 4, 23)), 35),
        (date(2021, 12, 31), Structurelles(date(2021, 2, 1)), 35),
        (DEPUIS, Structurelles(), 39),
        (DEPUIS, Structurelles(date(2024, 2, 1)), 39),
        (DEPUIS, None, 35),
    ],
)
def test_les_39_heures_selon_la_date_et_celle_de_l_accord(
    jour: date, structurelles: Structurelles | None, attendues: int
) -> None:
    """Rien avant mars 2020 ; puis un accord conclu avant le 23 avril 2020 ; depuis 2022, tout accord."""
    retenue, lus = duree_retenue(jour, Decimal(39), structurelles=structurelles)
    assert retenue == attendues
    assert "heures.duree_legale_hebdomadaire" in {valeur.cle for valeur in lus}
    assert indemnisables(jour, Decimal(20), Decimal(39), structurelles=structurelles).indemnisables == attendues - 20


@pytest.mark.parametrize(("jour", "attendues"), [(date(2020, 2, 3), 35), (CRISE, 43), (DEPUIS, 43)])
def test_une_duree_equivalente_compte_depuis_mars_2020(jour: date, attendues: int) -> None:
    retenue, _ = duree_retenue(jour, Decimal(43), equivalence=Decimal(43))
    assert retenue == attendues


def test_un_mois_complet() -> None:
    assert indemnisables_du_mois(Decimal(77), Decimal("151.67")).indemnisables == Decimal("74.67")
    assert indemnisables_du_mois(Decimal(77), Decimal("151.67"), Decimal(7)).indemnisables == Decimal("67.67")


# --- Le plafond d'une période ---


@given(st.dates(date(2013, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_les_jours_ouvres_sont_ceux_que_l_on_compte_au_calendrier(du: date, duree: int) -> None:
    jours = [du + timedelta(days=rang) for rang in range(duree + 1)]
    assert jours_ouvres(du, jours[-1]) == sum(jour.isoweekday() <= 5 for jour in jours)


def test_un_mois_civil_vaut_52_douziemes_de_semaine_et_le_reste_ses_jours_ouvres() -> None:
    assert plafond_de_la_periode(date(2024, 2, 1), date(2024, 2, 29), Decimal(35)) == Decimal("151.67")
    assert plafond_de_la_periode(date(2026, 5, 18), date(2026, 5, 31), Decimal(35)) == Decimal(70)
    assert plafond_de_la_periode(date(2026, 5, 18), date(2026, 5, 18), Decimal(39)) == Decimal("7.8")
    assert jours_ouvres(date(2026, 5, 16), date(2026, 5, 17)) == 0


def test_les_heures_au_dela_de_la_duree_retenue_sont_chomees_en_premier() -> None:
    """Un contrat de 39 h indemnisé sur 35 h perd d'abord 17,33 heures, sans rien recevoir pour elles."""
    assert chomees_indemnisables(Decimal(17), Decimal(169), Decimal("151.67")).indemnisables == 0
    assert chomees_indemnisables(Decimal(100), Decimal(169), Decimal("151.67")).indemnisables == Decimal("82.67")
    assert chomees_indemnisables(Decimal(169), Decimal(169), Decimal("151.67")).indemnisables == Decimal("151.67")


# --- Forfait en jours ---


def test_un_forfait_en_jours_se_convertit() -> None:
    assert forfait_jours(DEPUIS, Decimal(3), Decimal(1)).indemnisables == Decimal("24.5")
    assert forfait_jours(DEPUIS, Decimal(0), semaines=Decimal(2)).indemnisables == Decimal(70)
    assert forfait_jours(DEPUIS, Decimal(5), deduites=Decimal(1)).indemnisables == Decimal(28), (
        "un férié compris dans la semaine"
    )


def test_six_jours_dans_une_semaine_restent_a_la_duree_legale() -> None:
    assert forfait_jours(DEPUIS, Decimal(6)).indemnisables == Decimal(42)
    assert forfait_jours(DEPUIS, Decimal(6), semaines_touchees=Decimal(1)).indemnisables == Decimal(35)


def test_avant_le_26_mars_2020_le_forfait_en_jours_demande_une_fermeture() -> None:
    rappel = "seulement si l'établissement est fermé"
    assert rappel in forfait_jours(date(2020, 3, 25), Decimal(2)).trace[0].phrase
    assert rappel not in forfait_jours(date(2020, 3, 26), Decimal(2)).trace[0].phrase


# --- Ceux qui ne comptent pas leur temps ---


def test_un_vrp_convertit_sa_perte_en_heures() -> None:
    """3 033,40 € par mois en moyenne, soit 20 € de l'heure ; il en perd 900 €."""
    taux = taux_moyen([Decimal("3033.40")] * 12, DEPUIS).taux_horaire
    assert taux == Decimal(20)
    assert par_perte_de_remuneration(Decimal(900), taux, Decimal("151.67")).indemnisables == Decimal(45)
    assert par_perte_de_remuneration(Decimal(9000), taux, Decimal("151.67")).indemnisables == Decimal("151.67"), (
        "la durée légale borne"
    )


def test_une_moyenne_sur_les_mois_travailles_seulement() -> None:
    assert taux_moyen([Decimal(3000), Decimal(2000)], DEPUIS).remuneration == Decimal(2500)


def test_un_cadre_dirigeant_n_est_paye_que_pour_les_jours_de_fermeture() -> None:
    taux = taux_d_un_cadre_dirigeant([Decimal(8400)] * 12, DEPUIS)
    assert taux.taux_horaire == Decimal(40), "8 400 € ÷ 30 jours ÷ 7 heures"
    assert cadre_dirigeant(DEPUIS, Decimal(5)).indemnisables == Decimal(35)
    with pytest.raises(HorsBareme):
        cadre_dirigeant(date(2020, 3, 27), Decimal(5))


def test_un_artiste_au_cachet_et_un_navigant() -> None:
    assert cachets(DEPUIS, Decimal(3)).indemnisables == Decimal(21)
    assert navigants(DEPUIS, Decimal(4)).indemnisables == Decimal(35)
    for calcul in (cachets, navigants):
        with pytest.raises(HorsBareme, match="non lue"):
            calcul(CRISE, Decimal(1))


@pytest.mark.parametrize(
    "calcul",
    [
        lambda: indemnisables(DEPUIS, Decimal(-1), Decimal(35)),
        lambda: indemnisables_du_mois(Decimal(-1), Decimal(35)),
        lambda: forfait_jours(DEPUIS, Decimal(-1)),
        lambda: chomees_indemnisables(Decimal(-1), Decimal(35), Decimal(35)),
        lambda: par_perte_de_remuneration(Decimal(-1), Decimal(10), Decimal(35)),
        lambda: cachets(DEPUIS, Decimal(-1)),
    ],
)
def test_une_duree_negative_est_refusee(calcul: Callable[[], Heures]) -> None:
    with pytest.raises(ValueError, match=r"^Une durée ne peut pas être négative\.$"):
        calcul()


def test_un_taux_nul_ne_convertit_pas_une_perte() -> None:
    with pytest.raises(ValueError, match="doit être positif"):
        par_perte_de_remuneration(Decimal(100), Decimal(0), Decimal(35))


# --- Le taux horaire de référence ---


def test_les_diviseurs() -> None:
    assert duree_mensuelle(Decimal(35)) == Decimal("151.67")
    assert duree_mensuelle(Decimal(39)) == Decimal(169)
    assert duree_mensuelle(Decimal(24)) == Decimal(104)


def test_un_salaire_fixe() -> None:
    taux = taux_horaire(Decimal(2700), Decimal("151.67"))
    assert (taux.taux_horaire, taux.remuneration) == (Decimal("17.80"), Decimal(2700))
    assert taux_horaire(Decimal(2600), Decimal(169)).taux_horaire == Decimal("15.38"), (
        "39 heures structurelles indemnisées"
    )


def test_des_primes_mensuelles_entrent_par_leur_moyenne_de_douze_mois() -> None:
    """1 200 € de primes sur l'année : 100 € par mois en moyenne, 150 € si l'on n'a travaillé que huit mois."""
    primes = [Decimal(0)] * 6 + [Decimal(200)] * 6
    assert taux_horaire(Decimal(2000), Decimal("151.67"), primes).remuneration == Decimal(2100)
    assert taux_horaire(Decimal(2000), Decimal("151.67"), [Decimal(150)] * 8).remuneration == Decimal(2150)
    assert "Moyenne des éléments variables sur 8 mois" in (
        taux_horaire(Decimal(2000), Decimal("151.67"), [Decimal(150)] * 8).trace[0].phrase
    )


@pytest.mark.parametrize(
    ("calcul", "phrase"),
    [
        (lambda: taux_horaire(Decimal(2000), Decimal(0)), "doit être positif"),
        (lambda: taux_horaire(Decimal(-1), Decimal(151)), "ne peut pas être négative"),
        (lambda: taux_horaire(Decimal(1), Decimal(151), [Decimal(-1)]), "ne peut pas être négative"),
        (lambda: taux_horaire(Decimal(1), Decimal(151), [Decimal(1)] * 13), "12 mois au plus ; il y en a 13"),
        (lambda: taux_moyen([], DEPUIS), "un mois au moins"),
        (lambda: taux_moyen([Decimal(1)] * 13, DEPUIS), "12 mois au plus ; il y en a 13"),
        (lambda: taux_d_un_cadre_dirigeant([Decimal(-1)], DEPUIS), "ne peut pas être négative"),
    ],
)
def test_une_remuneration_impossible_est_refusee(calcul: Callable[[], object], phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        calcul()

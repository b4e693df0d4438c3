"""Les totaux d'un mois : coupés là où la loi change, exacts au centime, refusés quand ils se chevauchent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apart.regles.mois import Periode, decouper, par_mois, repartir, totaliser
from apart.regles.situations import Secteur, Situation


def test_une_semaine_a_cheval_sur_le_1er_juin_2026() -> None:
    """Le SMIC y change, donc le plafond : la loi coupe la période, les jours ouvrés partagent les heures."""
    semaines = Periode(date(2026, 5, 25), date(2026, 6, 5), Decimal(70))
    mai, juin = decouper(semaines)
    assert (mai.au, mai.heures, juin.du, juin.heures) == (
        date(2026, 5, 31),
        Decimal(35),
        date(2026, 6, 1),
        Decimal(35),
    )
    cadre = totaliser(Decimal(60), [semaines])
    assert [ligne.horaire.indemnite for ligne in cadre.lignes] == [Decimal("32.45"), Decimal("33.24")]
    assert cadre.indemnite == 35 * Decimal("32.45") + 35 * Decimal("33.24")
    assert cadre.allocation == 35 * Decimal("19.47") + 35 * Decimal("19.94")
    assert cadre.reste_a_charge == cadre.indemnite - cadre.allocation
    assert cadre.heures == Decimal(70)


def test_une_periode_ou_rien_ne_change_reste_entiere() -> None:
    periode = Periode(date(2026, 3, 2), date(2026, 3, 31), Decimal(100))
    assert decouper(periode) == (periode,)


def test_un_secteur_sans_taux_majore_ne_coupe_pas_la_periode_a_chaque_date_du_bareme() -> None:
    deux_mois = Periode(date(2013, 8, 15), date(2013, 10, 15), Decimal(100))
    assert decouper(deux_mois, Situation(secteur=Secteur.PROTEGE)) == (deux_mois,)


def test_la_meme_periode_se_coupe_ou_non_selon_l_employeur() -> None:
    """Les taux des très affectés finissent le 31 mars 2022 ; ceux du droit commun continuent."""
    periode = Periode(date(2022, 3, 28), date(2022, 4, 8), Decimal(70))
    assert len(decouper(periode)) == 1
    assert len(decouper(periode, Situation(secteur=Secteur.TRES_AFFECTE))) == 2


def test_les_heures_partagees_font_toujours_le_total() -> None:
    trois = [(date(2026, 1, d), date(2026, 1, d)) for d in (5, 6, 7)]
    assert [p.heures for p in repartir(Decimal(10), trois)] == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert sum((p.heures for p in repartir(Decimal("0.01"), trois)), Decimal()) == Decimal("0.01")


def test_un_week_end_se_partage_par_jours_calendaires() -> None:
    samedi, dimanche = (date(2026, 1, 3), date(2026, 1, 3)), (date(2026, 1, 4), date(2026, 1, 4))
    assert [p.heures for p in repartir(Decimal(7), [samedi, dimanche])] == [Decimal("3.50"), Decimal("3.50")]
    assert [p.heures for p in repartir(Decimal(7), [(samedi[0], dimanche[1])])] == [Decimal(7)]


def test_les_mois_civils() -> None:
    mois = par_mois(Periode(date(2024, 1, 15), date(2024, 3, 1), Decimal(240)))
    assert [(p.du.month, p.au.day) for p in mois] == [(1, 31), (2, 29), (3, 1)]
    assert sum((p.heures for p in mois), Decimal()) == Decimal(240)


def test_deux_periodes_qui_se_chevauchent_sont_refusees_avec_leurs_dates() -> None:
    lundi, mardi, vendredi = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 9)
    with pytest.raises(ValueError, match="se chevauchent") as refus:
        totaliser(Decimal(15), [Periode(mardi, vendredi, Decimal(7)), Periode(lundi, mardi, Decimal(7))])
    assert str(refus.value) == (
        "Deux périodes se chevauchent : l'une finit le 6 janvier 2026, l'autre commence le 6 janvier 2026."
    )


def test_une_periode_finit_apres_avoir_commence_et_ses_heures_sont_positives() -> None:
    with pytest.raises(ValueError, match="avant de commencer le 6 janvier 2026"):
        Periode(date(2026, 1, 6), date(2026, 1, 5), Decimal(1))
    with pytest.raises(ValueError, match="ne peut pas être négatif"):
        Periode(date(2026, 1, 5), date(2026, 1, 5), Decimal(-1))


def test_les_reserves_des_sous_periodes_se_disent_une_fois() -> None:
    totaux = totaliser(Decimal(15), [Periode(date(2026, 6, 1), date(2026, 7, 31), Decimal(70))])
    assert len(totaux.reserves) == len(set(totaux.reserves)) > 0

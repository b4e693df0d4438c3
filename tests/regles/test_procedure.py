"""Les limites : heures de l'année, réduction et durée de l'APLD, délais, durée des autorisations."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apart.regles.bareme import HorsBareme
from apart.regles.contingents import (
    contingent,
    contingent_depasse,
    duree_de_longue_duree,
    reduction_apld,
    reduction_depassee,
)
from apart.regles.delais import (
    ajouter_mois,
    avis_du_comite,
    decision_de_longue_duree,
    decision_tacite,
    demande_a_posteriori,
    demande_de_versement,
    duree_d_autorisation,
    engagements_exiges,
    examiner,
    restitution,
)
from apart.regles.situations import Dispositif

# --- Le contingent ---


@pytest.mark.parametrize(("annee", "heures"), [(2019, 1000), (2020, 1607), (2021, 1607), (2022, 1000), (2026, 1000)])
def test_le_contingent_de_l_annee(annee: int, heures: int) -> None:
    droit = contingent(annee, Decimal(400))
    assert (droit.annuel, droit.restantes, droit.depassement) == (Decimal(heures), Decimal(heures - 400), Decimal(0))


def test_un_contingent_depasse_dit_de_combien() -> None:
    droit = contingent(2024, Decimal(1100))
    assert (droit.restantes, droit.depassement) == (Decimal(0), Decimal(100))
    assert contingent_depasse(2024, Decimal(1100)) == (
        "En 2024, 1\u202f100 heures par salarié dépassent le contingent de 1\u202f000 heures : 100 heures ne seraient "
        "pas indemnisées sans décision particulière."
    )
    assert contingent_depasse(2021, Decimal(1100)) == ""
    assert contingent_depasse(2010, Decimal(1100)) == "", "le barème ne le connaît pas"


def test_la_transformation_de_l_entreprise_a_cent_heures() -> None:
    droit = contingent(2024, Decimal(120), transformation=True)
    assert (droit.annuel, droit.depassement) == (Decimal(100), Decimal(20))


@pytest.mark.parametrize("dispositif", [Dispositif.APLD, Dispositif.APLD_REBOND])
def test_l_apld_n_a_pas_de_contingent(dispositif: Dispositif) -> None:
    droit = contingent(2022, Decimal(1500), dispositif=dispositif)
    assert (droit.annuel, droit.restantes, droit.depassement) == (None, None, Decimal(0))


def test_le_contingent_de_2022_est_une_lecture_et_le_dit() -> None:
    assert contingent(2023, Decimal(0)).reserves
    with pytest.raises(ValueError, match="négatif"):
        contingent(2023, Decimal(-1))


# --- L'APLD ---


def test_la_reduction_d_activite() -> None:
    lue = reduction_apld(Decimal(39), Decimal("0.40"), date(2023, 5, 31))
    assert (lue.heures, lue.est_admise, lue.taux_exceptionnel) == (Decimal(14), True, Decimal("0.50"))
    assert "D. 2020-926, art. 4" in lue.trace[0].article
    forte = reduction_apld(Decimal(35), Decimal("0.50"), date(2026, 1, 5), Dispositif.APLD_REBOND)
    assert "D. 2025-338, art. 4" in forte.trace[0].article
    assert not forte.est_admise
    assert "décision particulière" in forte.trace[0].phrase
    with pytest.raises(ValueError, match="0 à 100"):
        reduction_apld(Decimal(35), Decimal("1.1"), date(2023, 5, 31))


def test_une_reduction_trop_forte_se_signale() -> None:
    jour = date(2023, 5, 1)
    assert reduction_depassee(Decimal(60), Decimal("151.67"), jour, Dispositif.APLD) == ""
    assert "40\u00a0% en moyenne" in reduction_depassee(Decimal(80), Decimal("151.67"), jour, Dispositif.APLD)


@pytest.mark.parametrize(
    ("jour", "dispositif", "maximum", "sur"),
    [
        (date(2021, 1, 4), Dispositif.APLD, 24, 36),
        (date(2022, 4, 9), Dispositif.APLD, 36, 48),
        (date(2025, 5, 5), Dispositif.APLD_REBOND, 18, 24),
    ],
)
def test_la_duree_de_l_apld(jour: date, dispositif: Dispositif, maximum: int, sur: int) -> None:
    duree = duree_de_longue_duree(10, jour, dispositif)
    assert (duree.restants, duree.maximum, duree.sur) == (maximum - 10, maximum, sur)
    assert duree_de_longue_duree(60, jour, dispositif).restants == 0


def test_une_duree_consommee_negative_est_refusee_et_une_source_secondaire_dite() -> None:
    with pytest.raises(ValueError, match="négatif"):
        duree_de_longue_duree(-1, date(2021, 1, 4))
    assert duree_de_longue_duree(0, date(2023, 1, 4)).reserves


def test_l_accord_se_valide_en_quinze_jours_le_document_s_homologue_en_vingt_et_un() -> None:
    depot = date(2021, 3, 1)
    assert decision_de_longue_duree(depot, document=False).limite == date(2021, 3, 16)
    assert decision_de_longue_duree(depot, document=True).limite == date(2021, 3, 22)
    with pytest.raises(HorsBareme, match="n'a pas été lu sur ce point"):
        decision_de_longue_duree(date(2026, 1, 5), Dispositif.APLD_REBOND, document=False)


# --- Les délais ---


def test_trente_jours_calendaires_apres_le_placement() -> None:
    limite = demande_a_posteriori(date(2024, 3, 20))
    assert limite.limite == date(2024, 4, 19)
    assert demande_a_posteriori(date(2024, 3, 20), 10).limite == date(2024, 3, 30)
    assert demande_a_posteriori(date(2024, 3, 20), motif=3) == limite, (
        "un sinistre suspend l'activité, sauf à dire non"
    )
    assert len(limite.trace) == 1


@pytest.mark.parametrize(
    ("placement", "motif", "suspension", "admis"),
    [
        (date(2024, 3, 20), 3, True, True),
        (date(2024, 3, 20), 3, False, False),  # un sinistre qui réduit seulement l'activité se demande avant
        (date(2024, 3, 20), 5, False, True),
        (date(2024, 3, 20), 1, True, False),
        (date(2020, 3, 25), 5, True, False),  # la circonstance exceptionnelle n'y est que depuis le 26 mars 2020
        (date(2020, 3, 26), 5, True, True),
    ],
)
def test_trente_jours_apres_seulement_pour_un_sinistre_qui_suspend_ou_une_circonstance_exceptionnelle(
    placement: date, motif: int, suspension: bool, admis: bool
) -> None:
    if admis:
        limite = demande_a_posteriori(placement, motif=motif, suspension=suspension).limite
        assert limite == placement + timedelta(days=30)
        return
    with pytest.raises(ValueError, match="autorisation avant le placement"):
        demande_a_posteriori(placement, motif=motif, suspension=suspension)


def test_le_silence_court_du_dossier_complet_chez_le_service_competent() -> None:
    phrase = decision_tacite(date(2026, 1, 5)).trace[0].phrase
    assert phrase.startswith("Dossier complet reçu par le service compétent le 5 janvier 2026 : ")


def test_la_tolerance_de_mars_2020_est_rappelee_sans_allonger_le_delai() -> None:
    limite = demande_a_posteriori(date(2020, 3, 16))
    assert limite.limite == date(2020, 4, 15)
    assert limite.trace[-1].phrase.endswith("mars 2020 jusqu'au 30 avril 2020.")


@pytest.mark.parametrize(
    ("depot", "accord"),
    [
        (date(2020, 3, 25), date(2020, 4, 9)),
        (date(2020, 3, 26), date(2020, 3, 28)),
        (date(2020, 9, 30), date(2020, 10, 2)),
        (date(2020, 10, 1), date(2020, 10, 16)),
        (date(2026, 1, 5), date(2026, 1, 20)),
    ],
)
def test_le_silence_vaut_acceptation(depot: date, accord: date) -> None:
    assert decision_tacite(depot).limite == accord


@pytest.mark.parametrize(
    ("fin", "limite"),
    [
        (date(2013, 12, 31), date(2017, 12, 31)),  # quatre ans
        (date(2017, 12, 31), date(2018, 12, 31)),  # les quatre ans s'arrêtent, l'année joue
        (date(2016, 6, 30), date(2018, 9, 23)),  # dernier jour des quatre ans
        (date(2018, 12, 31), date(2019, 12, 31)),  # un an
        (date(2020, 6, 30), date(2021, 6, 30)),  # encore un an
        (date(2020, 7, 1), date(2021, 6, 30)),  # avant le 1er juillet 2021
        (date(2020, 12, 30), date(2021, 6, 30)),
        (date(2020, 12, 31), date(2021, 6, 30)),  # six mois
        (date(2026, 3, 31), date(2026, 9, 30)),
    ],
)
def test_le_delai_pour_demander_le_versement(fin: date, limite: date) -> None:
    assert demande_de_versement(fin).limite == limite


def test_un_temps_de_travail_amenage_sur_l_annee_donne_six_mois_de_plus() -> None:
    assert demande_de_versement(date(2026, 3, 31), amenagement=True).limite == date(2027, 3, 31)
    assert demande_de_versement(date(2019, 3, 31), amenagement=True).limite == date(2020, 3, 31)


def test_l_avis_du_comite_suit_la_demande_de_deux_mois() -> None:
    assert avis_du_comite(date(2020, 4, 1)).limite == date(2020, 6, 1)
    with pytest.raises(HorsBareme):
        avis_du_comite(date(2019, 4, 1))


def test_une_restitution_laisse_trente_jours() -> None:
    assert restitution(date(2026, 1, 5)).limite == date(2026, 2, 4)


def test_de_quantieme_a_quantieme() -> None:
    assert ajouter_mois(date(2021, 8, 31), 6) == date(2022, 2, 28)
    assert ajouter_mois(date(2022, 1, 15), -12) == date(2021, 1, 15)


# --- La durée d'autorisation ---


def test_l_exemple_du_ministere_cinq_mois_depuis_juillet_2021() -> None:
    deja = [(date(2021, 5, 31), date(2021, 8, 31)), (date(2021, 9, 1), date(2021, 11, 30))]
    duree = duree_d_autorisation(deja, date(2021, 12, 1))
    assert (duree.mois_consommes, duree.mois_restants, duree.maximum) == (5, 1, 3)


def test_au_premier_trimestre_2022_l_annee_2021_ne_compte_pas() -> None:
    deja = [(date(2021, 7, 1), date(2021, 12, 31))]
    neutralisee = duree_d_autorisation(deja, date(2022, 3, 31))
    assert neutralisee.mois_restants == 6
    assert neutralisee.reserves, "une source secondaire le dit"
    apres = duree_d_autorisation(deja, date(2022, 4, 1))
    assert (apres.mois_restants, apres.mois_consommes) == (0, 6)
    assert any("n'a pas été vérifié" in phrase for phrase in apres.reserves)


@pytest.mark.parametrize(
    ("jour", "consommes", "restants"),
    [
        (date(2024, 12, 1), (6, 0), (0, 0)),
        (date(2024, 12, 20), (6, 0), (0, 0)),
        (date(2025, 1, 1), (6, 0), (6, 0)),  # chaque jour qui s'ajoute en chasse un de janvier à juin
        (date(2025, 3, 16), (3, 15), (6, 0)),
    ],
)
def test_les_douze_mois_se_comptent_au_dernier_jour_demande(
    jour: date, consommes: tuple[int, int], restants: tuple[int, int]
) -> None:
    """Lecture du ministère (février 2023) : rien ne dépasse six mois sur les douze qui finissent ce jour-là."""
    duree = duree_d_autorisation([(date(2024, 1, 1), date(2024, 6, 30))], jour)
    assert (duree.mois_consommes, duree.jours_consommes) == consommes
    assert (duree.mois_restants, duree.jours_restants) == restants


def test_une_demande_faite_avant_la_fin_d_une_autorisation_se_compte_apres_elle() -> None:
    duree = duree_d_autorisation([(date(2024, 1, 1), date(2024, 3, 31))], date(2024, 3, 10))
    assert (duree.mois_consommes, duree.mois_restants, duree.jours_restants) == (3, 3, 0)
    assert "avant le 1er avril 2024" in duree.trace[0].phrase


JUIN_AOUT_2021, AUTOMNE_2021 = (date(2021, 5, 31), date(2021, 8, 31)), (date(2021, 9, 1), date(2021, 11, 30))


@pytest.mark.parametrize(
    ("deja", "nouvelle", "accordable", "total"),
    [
        ([], (date(2021, 7, 1), date(2021, 9, 30)), True, 3),
        ([(date(2021, 7, 1), date(2021, 9, 30))], (date(2021, 10, 1), date(2021, 12, 31)), True, 6),
        ([JUIN_AOUT_2021], AUTOMNE_2021, True, 5),
        ([JUIN_AOUT_2021, AUTOMNE_2021], (date(2021, 12, 1), date(2021, 12, 31)), True, 6),
        ([JUIN_AOUT_2021, AUTOMNE_2021], (date(2021, 12, 1), date(2022, 1, 31)), False, 7),
    ],
)
def test_les_exemples_du_ministere_une_nouvelle_periode_est_accordable_ou_non(
    deja: list[tuple[date, date]], nouvelle: tuple[date, date], accordable: bool, total: int
) -> None:
    examen = examiner(nouvelle, deja, nouvelle[0])
    assert (examen.accordable, examen.total_mois, examen.total_jours) == (accordable, total, 0)


def test_un_jour_de_trop_n_est_pas_accordable() -> None:
    deja = [(date(2024, 1, 1), date(2024, 3, 31))]
    assert examiner((date(2024, 4, 1), date(2024, 6, 30)), deja, date(2024, 4, 1)).accordable
    trop_longue = examiner((date(2024, 4, 1), date(2024, 7, 1)), [], date(2024, 4, 1))
    assert (trop_longue.accordable, trop_longue.total_mois) == (False, 3), "trois mois au plus, même sans rien avant"
    sinistre = examiner((date(2024, 4, 1), date(2024, 9, 30)), deja, date(2024, 4, 1), sinistre=True)
    assert (sinistre.accordable, sinistre.total_mois) == (True, None)


@pytest.mark.parametrize(
    ("du", "au", "total"),
    [
        (date(2024, 10, 15), date(2024, 11, 14), (1, 0)),
        (date(2024, 10, 30), date(2024, 10, 30), (0, 1)),
        (date(2024, 10, 31), date(2024, 10, 31), (0, 0)),
        (date(2025, 2, 28), date(2025, 2, 28), (0, 3)),
    ],
)
def test_tous_les_mois_comptent_trente_jours(du: date, au: date, total: tuple[int, int]) -> None:
    examen = examiner((du, au), [], du)
    assert (examen.total_mois, examen.total_jours) == total


def suite(debut: date, longueurs: list[tuple[int, int]]) -> list[tuple[date, date]]:
    """Des périodes qui se suivent : tant de jours d'écart, puis tant de jours autorisés."""
    periodes: list[tuple[date, date]] = []
    for ecart, duree in longueurs:
        du = debut + timedelta(days=ecart)
        debut = du + timedelta(days=duree)
        periodes.append((du, debut - timedelta(days=1)))
    return periodes


@given(
    st.dates(date(2022, 7, 1), date(2026, 12, 31)),
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 184)), max_size=4),
    st.integers(0, 250),
)
@example(date(2024, 11, 29), [(0, 31), (1, 181)], 183)
def test_une_periode_plus_longue_n_est_jamais_accordable_quand_une_plus_courte_ne_l_est_pas(
    debut: date, longueurs: list[tuple[int, int]], attente: int
) -> None:
    """La durée possible est celle de la plus longue période accordable, trois mois au plus à la fois."""
    *deja, (jour, _) = suite(debut, [*longueurs, (attente, 1)])
    duree = duree_d_autorisation(deja, jour)
    fin_possible = ajouter_mois(jour, duree.mois_restants) + timedelta(days=duree.jours_restants)
    fins = [jour + timedelta(days=jours) for jours in range(100)]
    accordables = [au for au in fins if examiner((jour, au), deja, jour).accordable]
    assert accordables == [au for au in fins if au < min(fin_possible, ajouter_mois(jour, duree.maximum))]


def test_une_autorisation_posterieure_ne_compte_pas_dans_les_douze_mois_d_avant() -> None:
    plus_tard = [(date(2024, 9, 1), date(2024, 11, 30))]
    assert examiner((date(2024, 4, 1), date(2024, 6, 30)), plus_tard, date(2024, 4, 1)).total_mois == 3


def test_une_nouvelle_periode_n_en_recouvre_pas_une_accordee() -> None:
    with pytest.raises(ValueError, match="chevauche une autorisation déjà accordée"):
        examiner((date(2024, 3, 31), date(2024, 4, 30)), [(date(2024, 1, 1), date(2024, 3, 31))], date(2024, 3, 1))


def test_un_sinistre_dure_six_mois_et_ne_se_cumule_pas() -> None:
    deja = [(date(2024, 1, 1), date(2024, 6, 30))]
    assert duree_d_autorisation(deja, date(2024, 7, 1), sinistre=True).mois_restants == 6


@pytest.mark.parametrize(("jour", "mois"), [(date(2019, 6, 3), 6), (date(2020, 4, 1), 12), (date(2021, 6, 30), 12)])
def test_avant_juillet_2021_rien_ne_se_cumule(jour: date, mois: int) -> None:
    deja = [(date(2019, 1, 1), date(2021, 5, 31))]
    for sinistre in (False, True):
        duree = duree_d_autorisation(deja, jour, sinistre=sinistre)
        assert (duree.mois_restants, duree.jours_restants, duree.maximum) == (mois, 0, mois)
        assert (duree.mois_consommes, duree.jours_consommes) == (0, 0)


def test_une_periode_a_l_envers_est_refusee() -> None:
    with pytest.raises(ValueError, match="finit avant de commencer"):
        duree_d_autorisation([(date(2024, 2, 1), date(2024, 1, 1))], date(2024, 7, 1))


def test_y_revenir_dans_les_trois_ans_demande_des_engagements() -> None:
    deja = [(date(2022, 1, 1), date(2022, 6, 30))]
    assert engagements_exiges(deja, date(2025, 6, 30))
    assert not engagements_exiges(deja, date(2025, 7, 1))
    assert not engagements_exiges([], date(2025, 7, 1))

"""Des mois entiers, de bout en bout : ce que chacun reçoit, paie et récupère."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.heures import Structurelles
from apart.regles.mois import Periode
from apart.regles.prelevements import Residence
from apart.regles.simulation import Groupe, Mois, courbe, simuler
from apart.regles.situations import Dispositif, Situation, Statut

AVRIL_2020 = (date(2020, 4, 1), date(2020, 4, 30))
MARS_2026 = (date(2026, 3, 1), date(2026, 3, 31))


def un_mois(groupe: Groupe) -> Mois:
    (mois,) = simuler(groupe).mois
    return mois


def au_smic(heures: str = "151.67", duree: int = 35) -> Groupe:
    return Groupe(Decimal("1539.45"), Decimal(duree), (Periode(*AVRIL_2020, Decimal(heures)),))


def test_un_restaurant_ferme_en_avril_2020() -> None:
    """Six salariés au SMIC : l'État rembourse tout, chacun garde son salaire net à quelques centimes."""
    resultat = simuler(replace(au_smic(), effectif=6))
    mois = resultat.mois[0]
    assert (mois.indemnisables, mois.reference.taux_horaire, mois.salaire) == (
        Decimal("151.67"),
        Decimal("10.15"),
        Decimal(0),
    )
    assert mois.indemnite == mois.allocation == Decimal("1217.91")
    assert (mois.reste_a_charge, mois.cout) == (Decimal(0), Decimal(0))
    assert (mois.net, mois.net_normal) == (Decimal("1217.91"), Decimal("1218.62"))
    assert resultat.total_du_groupe("indemnite") == 6 * Decimal("1217.91")


def test_une_usine_reduit_son_activite_de_mai_a_juin_2026() -> None:
    """120 salariés à 2 600 €, 84 heures chômées à cheval sur deux mois."""
    usine = Groupe(
        Decimal(2600),
        Decimal(35),
        (Periode(date(2026, 5, 18), date(2026, 6, 12), Decimal(84)),),
        effectif=120,
        cotisations_patronales=Decimal("0.42"),
    )
    mai, juin = simuler(usine).mois
    assert (mai.chomees, juin.chomees) == (Decimal(42), Decimal(42))
    assert (mai.indemnite, mai.allocation) == (42 * Decimal("10.28"), 42 * Decimal("8.57"))
    assert (mai.salaire, mai.cotisations) == (Decimal("1880.02"), Decimal("789.61"))
    assert mai.cout == mai.salaire + mai.indemnite + Decimal("789.61") - mai.allocation
    assert mai.cout_normal == Decimal(3692)
    assert simuler(usine).total_du_groupe("reste_a_charge") == 120 * 2 * Decimal("71.82")
    assert any("8,57" in phrase for phrase in juin.reserves), "le plancher de juin reste à confirmer"
    assert not any("8,57" in phrase for phrase in mai.reserves)


def test_le_net_du_salarie_donne_par_l_employeur() -> None:
    estime = un_mois(Groupe(Decimal(3000), Decimal(35), (Periode(*MARS_2026, Decimal(70)),)))
    donne = un_mois(Groupe(Decimal(3000), Decimal(35), (Periode(*MARS_2026, Decimal(70)),), net_mensuel=Decimal(2340)))
    assert (estime.net_normal, donne.net_normal) == (Decimal("2374.79"), Decimal(2340))
    assert estime.net is not None
    assert donne.net is not None
    assert donne.net < estime.net


@pytest.mark.parametrize(("annee", "activite"), [(2020, "604.10"), (2023, "1136.80")])
def test_un_maintien_integral_paie_des_cotisations_sur_sa_part_de_salaire(annee: int, activite: str) -> None:
    mois = 11 if annee == 2020 else 1
    periode = Periode(date(annee, mois, 1), date(annee, mois, 30), Decimal(70))
    cadre = Groupe(
        Decimal("6157.80"), Decimal(35), (periode,), maintien=Decimal(1), cotisations_patronales=Decimal("0.42")
    )
    lu = un_mois(cadre)
    assert lu.indemnite + lu.complement == 70 * Decimal("40.60")
    assert lu.cotisations == ((lu.salaire + Decimal(activite)) * Decimal("0.42")).quantize(Decimal("0.01"))
    assert lu.cotisations_complement == (Decimal(activite) * Decimal("0.42")).quantize(Decimal("0.01"))
    assert lu.reste_a_charge == lu.indemnite + lu.complement - lu.allocation


def test_avant_mai_2020_le_complement_est_verse_sans_partage_et_la_reserve_le_dit() -> None:
    mois = un_mois(replace(au_smic("70"), maintien=Decimal(1)))
    assert mois.complement == 70 * (Decimal("10.15") - Decimal("8.03"))
    assert any("n'a pas été relevé" in phrase for phrase in mois.reserves)


# --- 39 heures ---


def test_39_heures_sans_accord_en_2020_les_heures_au_dela_de_35_ne_coutent_rien() -> None:
    """La rémunération est celle des 35 heures : 100 heures perdues sur 169, dont 17,33 non indemnisées."""
    mois = un_mois(au_smic("100", 39))
    assert (mois.contrat, mois.indemnisables) == (Decimal(169), Decimal("82.67"))
    assert mois.salaire == Decimal("700.35"), "69 heures travaillées à 10,15 €"
    assert un_mois(au_smic("17", 39)).salaire == Decimal("1539.45")


def test_39_heures_avec_un_accord_de_2019_tout_est_indemnise_au_taux_de_169_heures() -> None:
    groupe = replace(
        au_smic("169", 39), remuneration=Decimal("1715.35"), structurelles=Structurelles(date(2019, 1, 1))
    )
    mois = un_mois(groupe)
    assert (mois.indemnisables, mois.reference.diviseur) == (Decimal(169), Decimal(169))
    assert mois.indemnite == 169 * Decimal("8.03")


# --- Mayotte, alternants, Alsace ---


def test_mayotte() -> None:
    mois = un_mois(
        Groupe(Decimal("1415.05"), Decimal(35), (Periode(*MARS_2026, Decimal(70)),), situation=Situation(mayotte=True))
    )
    assert (mois.indemnite, mois.allocation) == (70 * Decimal("8.33"), 70 * Decimal("7.50"))
    assert mois.prelevements.maladie == mois.prelevements.total
    assert any("celles de Mayotte sont moindres" in phrase for phrase in mois.reserves)


def test_un_alternant_garde_sa_remuneration_et_l_employeur_est_rembourse() -> None:
    mois = un_mois(
        Groupe(
            Decimal(900),
            Decimal(35),
            (Periode(*MARS_2026, Decimal(70)),),
            situation=Situation(statut=Statut.ALTERNANT),
        )
    )
    assert mois.indemnite == mois.allocation == 70 * Decimal("5.93")
    assert any("alternant est plus élevé" in phrase for phrase in mois.reserves)


def test_un_salarie_d_alsace_paie_son_regime_local() -> None:
    groupe = Groupe(
        Decimal(3000), Decimal(35), (Periode(*MARS_2026, Decimal(70)),), residence=Residence.ALSACE_MOSELLE
    )
    assert un_mois(groupe).prelevements.maladie > 0


# --- Les limites d'heures ---


def test_une_annee_au_dela_du_contingent_se_signale() -> None:
    annee = Groupe(Decimal(2000), Decimal(35), (Periode(date(2024, 1, 1), date(2024, 9, 30), Decimal(1100)),))
    resultat = simuler(annee)
    assert resultat.depassements[0].startswith("En 2024, 1\u202f100,00 heures")
    assert resultat.depassements[0] in resultat.reserves
    en_2021 = replace(annee, periodes=(Periode(date(2021, 1, 1), date(2021, 9, 30), Decimal(1100)),))
    assert simuler(en_2021).depassements == ()


def test_le_contingent_se_compte_par_annee_civile() -> None:
    deux_ans = Groupe(Decimal(2000), Decimal(35), (Periode(date(2023, 6, 1), date(2024, 5, 31), Decimal(1400)),))
    assert simuler(deux_ans).depassements == ()


def test_l_apld_se_juge_en_moyenne() -> None:
    groupe = Groupe(
        Decimal(2000), Decimal(35), (Periode(*MARS_2026, Decimal(75)),), situation=Situation(Dispositif.APLD)
    )
    assert "49\u00a0%" in simuler(groupe).depassements[0]
    assert simuler(replace(groupe, periodes=(Periode(*MARS_2026, Decimal(60)),))).depassements == ()


# --- Avant 2018, la courbe, les refus ---


def test_avant_2018_le_net_ne_s_estime_pas_et_on_le_dit() -> None:
    periode = Periode(date(2017, 1, 1), date(2017, 1, 31), Decimal(50))
    mois = un_mois(Groupe(Decimal(2000), Decimal(35), (periode,)))
    assert (mois.net, mois.net_normal, mois.allocation) == (None, None, 50 * Decimal("7.74"))
    assert sum("net" in phrase for phrase in mois.remarques) >= 2
    connu = un_mois(Groupe(Decimal(2000), Decimal(35), (periode,), net_mensuel=Decimal(1560)))
    assert connu.net is not None


def test_la_courbe_va_de_zero_a_toutes_les_heures() -> None:
    points = courbe(au_smic(), date(2020, 4, 15), points=5)
    assert [p.chomees for p in points] == [
        Decimal(0),
        Decimal("37.92"),
        Decimal("75.84"),
        Decimal("113.75"),
        Decimal("151.67"),
    ]
    assert (points[0].salaire, points[-1].salaire) == (Decimal("1539.45"), Decimal(0))
    assert points[0].indemnite == 0


@pytest.mark.parametrize(
    ("periodes", "phrase"),
    [
        (
            (Periode(*AVRIL_2020, Decimal(160)),),
            "Du 1er avril 2020 au 30 avril 2020, le contrat prévoit au plus 151,67 heures ; vous en indiquez 160,00 "
            "non travaillées.",
        ),
        (
            (Periode(date(2020, 4, 6), date(2020, 4, 10), Decimal(36)),),
            "Du 6 avril 2020 au 10 avril 2020, le contrat prévoit au plus 35,00 heures ; vous en indiquez 36,00 non "
            "travaillées.",
        ),
        (
            (Periode(*AVRIL_2020, Decimal(10)), Periode(date(2020, 4, 30), date(2020, 5, 3), Decimal(1))),
            "Deux périodes se chevauchent : l'une finit le 30 avril 2020, l'autre commence le 30 avril 2020.",
        ),
    ],
)
def test_ce_qui_ne_va_pas_se_dit_en_une_phrase(periodes: tuple[Periode, ...], phrase: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refus:
        simuler(replace(au_smic(), periodes=periodes))
    assert str(refus.value) == phrase


def test_une_date_sans_loi_connue_est_refusee() -> None:
    with pytest.raises(HorsBareme, match="sa première valeur est du 1er juillet 2013"):
        simuler(replace(au_smic(), periodes=(Periode(date(2013, 6, 3), date(2013, 6, 7), Decimal(7)),)))


def test_un_hiver_a_venir_se_simule_et_la_projection_n_est_dite_qu_une_fois() -> None:
    hiver = Groupe(Decimal(2500), Decimal(35), (Periode(date(2026, 11, 2), date(2027, 2, 26), Decimal(120)),))
    novembre, *projetes = simuler(hiver).mois
    assert len(projetes) == 3
    assert not any("pas encore publiés" in phrase for phrase in novembre.reserves)
    assert sum("pas encore publiés" in phrase for phrase in simuler(hiver).reserves) == 1


def test_un_commerce_de_mayotte_en_novembre_2026_garde_un_cout_positif() -> None:
    """1 450 €, 70 heures : faute de SMIC net relevé, l'indemnité passait sous l'allocation (−123,20 €)."""
    novembre = (Periode(date(2026, 11, 1), date(2026, 11, 30), Decimal(70)),)
    mois = un_mois(Groupe(Decimal(1450), Decimal(35), novembre, situation=Situation(mayotte=True)))
    assert (mois.indemnite, mois.allocation) == (Decimal("583.10"), Decimal("525.00"))

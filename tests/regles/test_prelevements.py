"""Ce qui est prélevé sur l'indemnité, et ce que l'employeur ajoute."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.complements import complement, minimum_mensuel
from apart.regles.prelevements import Residence, prelevements, retenues

JUIN_2020 = date(2020, 6, 15)


def test_un_salaire_et_une_indemnite_au_dessus_du_smic() -> None:
    p = prelevements(Decimal(1000), JUIN_2020, net_activite=Decimal(1200))
    assert (p.csg_deductible, p.csg_non_deductible, p.crds) == (Decimal("37.34"), Decimal("23.58"), Decimal("4.91"))
    assert p.total == p.preleve == Decimal("65.83")
    assert p.net == Decimal("2134.17")
    assert "Aucun écrêtement" in p.trace[-1].phrase


def test_l_ecretement_laisse_le_smic_brut_d_un_mois_plein() -> None:
    """842,82 € de salaire net et 709,09 € d'indemnité : 12,49 € se prélèvent, et le reste fait 1 539,42 €."""
    p = prelevements(Decimal("709.09"), JUIN_2020, net_activite=Decimal("842.82"))
    assert (p.total, p.net_sans_ecretement) == (Decimal("46.67"), Decimal("1505.24"))
    assert (p.preleve, p.net, p.seuil) == (Decimal("12.49"), Decimal("1539.42"), Decimal("1539.42"))
    assert p.repartition == (
        ("csg_deductible", Decimal("12.49")),
        ("csg_non_deductible", Decimal(0)),
        ("crds", Decimal(0)),
    )


def test_l_ecretement_epargne_dans_l_ordre_crds_puis_csg_non_deductible() -> None:
    """Se prélève d'abord la CSG déductible : c'est elle qui reste quand il faut réduire."""
    p = prelevements(Decimal(1600), JUIN_2020)
    noms = [nom for nom, _ in p.repartition]
    assert noms == ["csg_deductible", "csg_non_deductible", "crds"]
    assert p.preleve == Decimal("60.58")
    assert p.repartition[0][1] == Decimal("59.74")
    assert p.repartition[1][1] == Decimal("0.84")
    assert p.repartition[2][1] == 0


def test_l_arrondi_du_seuil_n_est_en_doute_que_s_il_change_le_resultat() -> None:
    en_jeu = prelevements(Decimal("709.09"), JUIN_2020, net_activite=Decimal("842.82"))
    assert any("Arrondi du seuil" in phrase for phrase in en_jeu.reserves)
    for indemnite in (Decimal(500), Decimal(2500)):
        assert prelevements(indemnite, JUIN_2020).reserves == ()


def test_le_seuil_suit_le_smic_du_lieu() -> None:
    assert retenues(date(2026, 7, 1), Residence.METROPOLE).seuil == Decimal("1867.02")
    assert retenues(date(2026, 7, 1), Residence.MAYOTTE).seuil == Decimal("1449.93")


@pytest.mark.parametrize(
    ("residence", "jour", "maladie", "total"),
    [
        (Residence.METROPOLE, JUIN_2020, "0", "131.66"),
        (Residence.ALSACE_MOSELLE, JUIN_2020, "30.00", "161.66"),
        (Residence.NON_RESIDENT, JUIN_2020, "56.00", "56.00"),
        (Residence.MAYOTTE, JUIN_2020, "47.00", "47.00"),
        (Residence.MAYOTTE, date(2021, 1, 4), "54.20", "54.20"),
    ],
)
def test_chaque_residence_a_ses_prelevements(residence: Residence, jour: date, maladie: str, total: str) -> None:
    p = prelevements(Decimal(2000), jour, net_activite=Decimal(2000), residence=residence)
    assert (p.maladie, p.total) == (Decimal(maladie), Decimal(total))
    assert bool(p.csg_deductible) == (residence in {Residence.METROPOLE, Residence.ALSACE_MOSELLE})


def test_la_csg_reduite_a_disparu_en_mars_2020() -> None:
    fevrier = prelevements(Decimal(2000), date(2020, 2, 29), net_activite=Decimal(2000), csg_reduite=True)
    assert (fevrier.csg_deductible, fevrier.csg_non_deductible, fevrier.crds) == (
        Decimal("74.67"),
        Decimal(0),
        Decimal("9.83"),
    )
    mars = prelevements(Decimal(2000), date(2020, 3, 1), net_activite=Decimal(2000), csg_reduite=True)
    assert mars.csg_non_deductible == Decimal("47.16")


def test_un_montant_negatif_est_refuse() -> None:
    with pytest.raises(ValueError, match="ne peut pas être négatif"):
        prelevements(Decimal(-1), JUIN_2020)


# --- Le complément ---


@pytest.mark.parametrize(
    ("jour", "indemnite", "verse", "seuil", "remplacement", "activite"),
    [
        (date(2020, 11, 15), "28.42", "12.18", "31.97", "3.55", "8.63"),
        (date(2021, 4, 15), "28.42", "12.18", "32.29", "3.87", "8.31"),
        (date(2023, 1, 15), "24.36", "16.24", None, "0", "16.24"),
    ],
)
def test_le_maintien_integral_et_ses_deux_regimes(
    jour: date, indemnite: str, verse: str, seuil: str | None, remplacement: str, activite: str
) -> None:
    """Les chiffres du ministère : sous 3,15 SMIC, régime de l'indemnité ; rien de tel depuis 2023."""
    c = complement(Decimal("40.60"), Decimal(indemnite), Decimal(1), jour)
    assert (c.complement, c.seuil) == (Decimal(verse), None if seuil is None else Decimal(seuil))
    assert (c.part_remplacement, c.part_activite) == (Decimal(remplacement), Decimal(activite))


def test_un_maintien_deja_atteint_ne_donne_rien() -> None:
    assert complement(Decimal(20), Decimal(14), Decimal("0.70"), date(2020, 11, 15)).complement == 0


def test_un_maintien_impossible_est_refuse_et_avant_mai_2020_on_ne_sait_pas() -> None:
    with pytest.raises(ValueError, match="de 0 à 100"):
        complement(Decimal(20), Decimal(14), Decimal("1.2"), date(2020, 11, 15))
    with pytest.raises(HorsBareme, match="1er mai 2020"):
        complement(Decimal(20), Decimal(14), Decimal(1), date(2020, 4, 15))


def test_la_remuneration_mensuelle_minimale() -> None:
    """SMIC net × 151,67 h ; l'employeur ajoute ce qui manque."""
    m = minimum_mensuel(Decimal(600), Decimal(500), date(2026, 3, 31))
    assert (m.minimum, m.complement) == (Decimal("1443.90"), Decimal("343.90"))
    assert minimum_mensuel(Decimal(600), Decimal(900), date(2026, 3, 31)).complement == 0
    assert minimum_mensuel(Decimal(0), Decimal(1000), date(2026, 3, 31), heures=Decimal(100)).minimum == Decimal(
        "952.00"
    )
    with pytest.raises(HorsBareme, match="SMIC net du 1er juin 2019 n'est pas dans le barème"):
        minimum_mensuel(Decimal(600), Decimal(500), date(2019, 6, 1))

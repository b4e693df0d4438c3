"""Le taux d'une heure chômée, dispositif par dispositif, date par date : les tableaux du droit, retrouvés."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.horaire import montant_horaire
from apart.regles.situations import Dispositif, Secteur, Situation, Statut

# Jour ; taux d'indemnité et d'allocation ; plancher d'allocation ; plafonds horaires d'indemnité et d'allocation.
DROIT_COMMUN = [
    ("2020-03-01", "0.70", "0.70", "8.03", None, "31.97"),
    ("2020-06-01", "0.70", "0.60", "8.03", None, "27.41"),
    ("2021-01-01", "0.70", "0.60", "8.11", "32.29", "27.68"),
    ("2021-06-01", "0.70", "0.52", "8.11", "32.29", "23.99"),
    ("2021-07-01", "0.60", "0.36", "7.30", "27.68", "16.61"),
    ("2021-10-01", "0.60", "0.36", "7.47", "28.30", "16.98"),
    ("2022-01-01", "0.60", "0.36", "7.53", "28.54", "17.12"),
    ("2022-05-01", "0.60", "0.36", "7.73", "29.30", "17.58"),
    ("2022-08-01", "0.60", "0.36", "7.88", "29.89", "17.93"),
    ("2023-01-01", "0.60", "0.36", "8.03", "30.43", "18.26"),
    ("2023-05-01", "0.60", "0.36", "8.21", "31.10", "18.66"),
    ("2024-01-01", "0.60", "0.36", "8.30", "31.46", "18.87"),
    ("2024-11-01", "0.60", "0.36", "8.46", "32.08", "19.25"),
    ("2026-01-01", "0.60", "0.36", "8.57", "32.45", "19.47"),
    ("2026-06-01", "0.60", "0.36", "8.57", "33.24", "19.94"),
]
SALAIRE_DE_CADRE = Decimal(100)
PETIT_SALAIRE = Decimal("12.31")


def veille(jour: str) -> date:
    return date.fromisoformat(jour) - timedelta(days=1)


@pytest.mark.parametrize(("statut", "part"), [(Statut.ALTERNANT, "1"), (Statut.SANS_MINIMUM, "0.60")])
def test_sous_le_smic_seul_un_alternant_garde_toute_sa_remuneration(statut: Statut, part: str) -> None:
    montant = montant_horaire(Decimal("9.50"), date(2026, 7, 1), Situation(statut=statut))
    assert montant.indemnite == Decimal("9.50") * Decimal(part)


def au_centime(montant: Decimal) -> Decimal:
    return montant.quantize(Decimal("0.01"), "ROUND_HALF_UP")


@pytest.mark.parametrize(("ligne", "suivante"), list(zip(DROIT_COMMUN, [*DROIT_COMMUN[1:], None], strict=True)))
def test_le_tableau_du_droit_commun_le_premier_et_le_dernier_jour(
    ligne: tuple[str, ...], suivante: tuple[str, ...] | None
) -> None:
    du, indemnite, allocation, plancher, plafond_indemnite, plafond_allocation = ligne
    au = veille(suivante[0]) if suivante else date(2026, 11, 30)
    for jour in (date.fromisoformat(du), au):
        haut = montant_horaire(SALAIRE_DE_CADRE, jour)
        sans_plafond = SALAIRE_DE_CADRE * Decimal(indemnite)
        assert haut.indemnite == (Decimal(plafond_indemnite) if plafond_indemnite else sans_plafond)
        assert haut.allocation == Decimal(plafond_allocation)
        moyen = montant_horaire(Decimal(30), jour)
        assert (moyen.indemnite, moyen.allocation) == (30 * Decimal(indemnite), 30 * Decimal(allocation))
        bas = montant_horaire(PETIT_SALAIRE, jour)
        assert bas.allocation == max(Decimal(plancher), au_centime(PETIT_SALAIRE * Decimal(allocation)))


@pytest.mark.parametrize(("effectif", "forfait"), [(False, "7.74"), (True, "7.23")])
@pytest.mark.parametrize("jour", [date(2013, 7, 1), date(2020, 2, 29)])
def test_jusqu_en_fevrier_2020_l_allocation_est_un_forfait(effectif: bool, forfait: str, jour: date) -> None:
    for taux in (Decimal("10.15"), Decimal(60)):
        montant = montant_horaire(taux, jour, Situation(plus_de_250=effectif))
        assert montant.allocation == Decimal(forfait)
    assert montant.indemnite == Decimal(42), "70 %, sans plafond"


@pytest.mark.parametrize(
    ("jour", "plancher"),
    [
        *[("2020-07-01", "7.23"), ("2021-05-29", "7.30"), ("2021-05-30", "8.11"), ("2021-10-01", "8.30")],
        *[("2022-01-01", "8.37"), ("2022-05-01", "8.59"), ("2022-08-01", "8.76"), ("2023-01-01", "8.92")],
        *[("2023-05-01", "9.12"), ("2024-01-01", "9.22"), ("2024-11-01", "9.40"), ("2026-01-01", "9.52")],
    ],
)
def test_l_apld_70_60_avec_son_plancher_et_son_plafond(jour: str, plancher: str) -> None:
    apld = Situation(Dispositif.APLD)
    le = date.fromisoformat(jour)
    assert montant_horaire(Decimal("10.15"), le, apld).allocation == Decimal(plancher)
    moyen = montant_horaire(Decimal(30), le, apld)
    assert (moyen.indemnite, moyen.allocation) == (Decimal(21), Decimal(18))
    haut = montant_horaire(SALAIRE_DE_CADRE, le, apld)
    assert haut.indemnite < SALAIRE_DE_CADRE * Decimal("0.7"), "4,5 SMIC dès le premier jour"


def test_l_apld_rejoint_le_taux_de_l_employeur_depuis_novembre_2020() -> None:
    ferme = Situation(Dispositif.APLD, Secteur.TRES_AFFECTE)
    protege = Situation(Dispositif.APLD, Secteur.PROTEGE)
    avant, depuis, apres = date(2020, 10, 31), date(2020, 11, 1), date(2022, 4, 1)
    assert montant_horaire(Decimal(30), avant, ferme).allocation == Decimal(18)
    assert montant_horaire(Decimal(30), depuis, ferme).allocation == Decimal(21)
    assert montant_horaire(Decimal(30), depuis, protege).allocation == Decimal(21)
    assert montant_horaire(Decimal(30), apres, ferme).allocation == Decimal(18)
    assert montant_horaire(Decimal(30), date(2021, 9, 1), protege).allocation == Decimal(18), "36 % ne l'abaisse pas"


def test_a_mayotte_apres_chido_l_apld_suit_aussi_le_taux_majore() -> None:
    """Le taux de l'employeur, 70 %, dépasse les 60 % de l'APLD ; le décret n'ayant pas été lu, une réserve le dit."""
    mayotte = Situation(Dispositif.APLD, mayotte=True)
    montant = montant_horaire(Decimal(20), date(2025, 3, 3), mayotte)
    assert montant.allocation == Decimal(14)
    assert any("n'a pas été lu sur ce point" in phrase for phrase in montant.reserves)
    assert montant_horaire(Decimal(20), date(2024, 12, 13), mayotte).allocation == Decimal(12)


def test_l_apld_rebond() -> None:
    rebond = Situation(Dispositif.APLD_REBOND)
    montant = montant_horaire(Decimal(30), date(2025, 4, 16), rebond)
    assert (montant.indemnite, montant.allocation) == (Decimal(21), Decimal(18))
    assert montant_horaire(Decimal(12), date(2025, 4, 16), rebond).allocation == Decimal("9.40")
    assert montant_horaire(Decimal(12), date(2026, 1, 1), rebond).allocation == Decimal("9.52")
    with pytest.raises(HorsBareme, match="APLD rebond"):
        montant_horaire(Decimal(12), date(2025, 4, 15), rebond)


@pytest.mark.parametrize(
    ("jour", "indemnite", "allocation", "plancher"),
    [
        ("2020-06-01", "21", "21", "8.03"),
        ("2021-06-30", "21", "21", "8.11"),
        ("2021-07-01", "21", "18", "8.11"),
        ("2021-08-31", "21", "15.60", "8.11"),
        ("2021-09-01", "18", "10.80", "7.30"),
        ("2021-10-01", "18", "10.80", "7.47"),
    ],
)
def test_les_secteurs_proteges(jour: str, indemnite: str, allocation: str, plancher: str) -> None:
    protege, le = Situation(secteur=Secteur.PROTEGE), date.fromisoformat(jour)
    montant = montant_horaire(Decimal(30), le, protege)
    assert (montant.indemnite, montant.allocation) == (Decimal(indemnite), Decimal(allocation))
    assert montant_horaire(Decimal("10.15"), le, protege).allocation == Decimal(plancher)


def test_les_tres_affectes_gardent_70_70_jusqu_au_31_mars_2022() -> None:
    ferme = Situation(secteur=Secteur.TRES_AFFECTE)
    for jour in (date(2020, 6, 1), date(2021, 10, 1), date(2022, 3, 31)):
        montant = montant_horaire(Decimal(30), jour, ferme)
        assert (montant.indemnite, montant.allocation) == (Decimal(21), Decimal(21))
    apres = montant_horaire(Decimal(30), date(2022, 4, 1), ferme)
    assert (apres.indemnite, apres.allocation) == (Decimal(18), Decimal("10.80"))
    assert any("n'a pas de taux majoré" in phrase for phrase in apres.reserves)


def test_en_mars_2022_une_forte_baisse_ne_suffit_plus_et_le_calcul_le_rappelle() -> None:
    ferme = Situation(secteur=Secteur.TRES_AFFECTE)
    fevrier, mars = (montant_horaire(Decimal(30), date(2022, mois, 15), ferme) for mois in (2, 3))
    assert not any("mars 2022" in phrase for phrase in fevrier.remarques)
    assert any("revenu au droit commun" in phrase for phrase in mars.remarques)
    apld = montant_horaire(Decimal(30), date(2022, 3, 15), Situation(Dispositif.APLD, Secteur.TRES_AFFECTE))
    assert any("revenu au droit commun" in phrase for phrase in apld.remarques)


@pytest.mark.parametrize(
    ("jour", "allocation", "protege", "plancher"),
    [
        ("2020-05-01", "21", "21", "8.03"),
        ("2020-06-01", "18", "21", "8.03"),
        ("2021-01-01", "18", "21", "7.30"),
        ("2021-04-01", "21", "21", "8.11"),
        ("2022-08-31", "21", "21", "8.76"),
        ("2022-09-01", "18", "18", "8.76"),
        ("2023-01-31", "18", "18", "8.92"),
    ],
)
def test_les_personnes_vulnerables(jour: str, allocation: str, protege: str, plancher: str) -> None:
    le = date.fromisoformat(jour)
    montant = montant_horaire(Decimal(30), le, Situation(Dispositif.VULNERABLES))
    assert (montant.indemnite, montant.allocation) == (Decimal(21), Decimal(allocation))
    assert montant_horaire(Decimal(30), le, Situation(Dispositif.VULNERABLES, Secteur.PROTEGE)).allocation == Decimal(
        protege
    )
    assert montant_horaire(Decimal("10.15"), le, Situation(Dispositif.VULNERABLES)).allocation == Decimal(plancher)


def test_l_indemnite_d_une_personne_vulnerable_n_est_plafonnee_que_depuis_2021() -> None:
    vulnerable = Situation(Dispositif.VULNERABLES)
    assert montant_horaire(SALAIRE_DE_CADRE, date(2020, 12, 31), vulnerable).indemnite == Decimal(70)
    assert montant_horaire(SALAIRE_DE_CADRE, date(2021, 1, 1), vulnerable).indemnite == Decimal("32.29")


def test_la_garde_d_enfant_finit_avant_les_personnes_vulnerables() -> None:
    garde = Situation(Dispositif.VULNERABLES, garde_enfant=True)
    assert montant_horaire(Decimal(30), date(2022, 7, 31), garde).allocation == Decimal(21)
    with pytest.raises(HorsBareme, match=r"garde d'enfant vaut du 1er mai 2020 au 31 juillet 2022 : choisissez"):
        montant_horaire(Decimal(30), date(2022, 8, 1), garde)


@pytest.mark.parametrize(
    ("dispositif", "du", "au", "phrase"),
    [
        (Dispositif.APLD, date(2020, 7, 1), date(2026, 12, 31), "L'APLD vaut du 1er juillet 2020 au 31 décembre 2026"),
        (
            Dispositif.APLD_REBOND,
            date(2025, 4, 16),
            date(2028, 4, 30),
            "L'APLD rebond vaut du 16 avril 2025 au 30 avril 2028",
        ),
        (
            Dispositif.VULNERABLES,
            date(2020, 5, 1),
            date(2023, 1, 31),
            "L'activité partielle des personnes vulnérables vaut du 1er mai 2020 au 31 janvier 2023",
        ),
    ],
)
def test_hors_de_ses_dates_un_dispositif_les_dit_et_ce_qu_il_faut_faire(
    dispositif: Dispositif, du: date, au: date, phrase: str
) -> None:
    for jour in (du, au):
        assert montant_horaire(Decimal(30), jour, Situation(dispositif)).indemnite
    for jour in (date(2013, 7, 1), du - timedelta(days=1), au + timedelta(days=1)):
        with pytest.raises(HorsBareme) as refus:
            montant_horaire(Decimal(30), jour, Situation(dispositif))
        assert str(refus.value) == f"{phrase} : choisissez d'autres dates, ou un autre régime."


# --- Les planchers de l'indemnité, contrat par contrat ---

INTERIM, PARTIEL, ALTERNANT = (
    Situation(statut=s) for s in (Statut.INTERIMAIRE, Statut.TEMPS_PARTIEL, Statut.ALTERNANT)
)


def test_un_temps_plein_a_le_smic_net_depuis_2020_et_rien_a_l_heure_avant() -> None:
    assert montant_horaire(Decimal("10.03"), date(2019, 12, 31)).indemnite == Decimal("7.02")
    assert montant_horaire(Decimal("10.15"), date(2020, 3, 1)).indemnite == Decimal("8.03")


@pytest.mark.parametrize("situation", [INTERIM, PARTIEL])
def test_temps_partiel_et_interim_ont_un_plancher_depuis_mars_2020(situation: Situation) -> None:
    assert montant_horaire(Decimal("10.15"), date(2020, 2, 29), situation).indemnite == Decimal("7.11")
    assert montant_horaire(Decimal("10.15"), date(2020, 3, 1), situation).indemnite == Decimal("8.03")
    assert montant_horaire(Decimal("7.50"), date(2020, 3, 1), situation).indemnite == Decimal("7.50"), "sous le SMIC"


def test_depuis_juillet_2021_le_plancher_ne_depasse_pas_le_net_habituel() -> None:
    montant = montant_horaire(Decimal("12.31"), date(2026, 7, 1), PARTIEL, net_horaire=Decimal("9.50"))
    assert montant.indemnite == Decimal("9.50")
    avant = montant_horaire(Decimal("10.25"), date(2021, 6, 30), PARTIEL, net_horaire=Decimal("8.00"))
    assert avant.indemnite == Decimal("8.11")


def test_un_alternant_avant_puis_depuis_le_12_mars_2020() -> None:
    """Il gagne 5,58 € : d'abord 70 %, et une allocation bornée par l'indemnité ; puis sa rémunération, allouée."""
    forfait = montant_horaire(Decimal("5.58"), date(2020, 2, 29), ALTERNANT)
    assert (forfait.indemnite, forfait.allocation) == (Decimal("3.91"), Decimal("3.91"))
    onze = montant_horaire(Decimal("5.58"), date(2020, 3, 11), ALTERNANT)
    assert (onze.indemnite, onze.allocation) == (Decimal("3.91"), Decimal("3.91"))
    for jour in (date(2020, 3, 12), date(2022, 1, 1)):
        montant = montant_horaire(Decimal("5.58"), jour, ALTERNANT)
        assert (montant.indemnite, montant.allocation) == (Decimal("5.58"), Decimal("5.58"))


def test_un_alternant_au_smic_suit_le_droit_commun_avec_son_minimum() -> None:
    montant = montant_horaire(Decimal("12.31"), date(2026, 7, 1), ALTERNANT)
    assert (montant.indemnite, montant.allocation) == (Decimal("9.74"), Decimal("8.57"))


def test_un_vrp_sous_le_smic_n_a_aucun_plancher() -> None:
    """8 € en mai 2021 : 70 % « sans minimum », dit le ministère."""
    vrp = Situation(statut=Statut.SANS_MINIMUM)
    montant = montant_horaire(Decimal(8), date(2021, 5, 15), vrp)
    assert (montant.indemnite, montant.allocation) == (Decimal("5.60"), Decimal("4.80"))
    assert any("l'indemnité n'a pas de plancher" in etape.phrase for etape in montant.trace)
    assert montant_horaire(Decimal("10.25"), date(2021, 5, 15), vrp).indemnite == Decimal("8.11"), (
        "au SMIC, le plancher"
    )
    assert montant_horaire(Decimal(9), date(2022, 3, 1), vrp).allocation == Decimal("3.24")
    assert montant_horaire(Decimal(12), date(2022, 3, 1), vrp).allocation == Decimal("7.53")


def test_un_reste_a_charge_negatif_dit_sa_raison() -> None:
    """Le forfait d'avant 2020 dépasse 70 % du SMIC ; à Mayotte en 2020, le plancher national dépassait l'indemnité."""
    forfait = montant_horaire(Decimal("10.03"), date(2019, 6, 3))
    assert forfait.reste_a_charge < 0
    assert any("c'est son forfait" in phrase for phrase in forfait.reserves)
    mayotte = montant_horaire(Decimal("7.66"), date(2020, 4, 1), Situation(mayotte=True))
    assert any("c'est son plancher" in phrase for phrase in mayotte.reserves)
    assert not any("L'allocation dépasse ici" in p for p in montant_horaire(Decimal(12), date(2026, 3, 2)).reserves)


# --- Formation ---


def test_les_heures_de_formation_en_droit_commun() -> None:
    """Le salaire net antérieur, sauf du 28 mars 2020 au 31 décembre 2021."""
    formation = Situation(formation=True)
    net = Decimal("15.80")
    for jour in (date(2019, 6, 1), date(2020, 3, 27), date(2022, 1, 1)):
        assert montant_horaire(Decimal(20), jour, formation, net_horaire=net).indemnite == net
    crise = montant_horaire(Decimal(20), date(2020, 3, 28), formation, net_horaire=net)
    assert crise.indemnite == Decimal(14)
    assert crise.remarques == ("À cette date, les heures de formation sont indemnisées au taux ordinaire.",)


def test_hors_du_droit_commun_la_formation_ne_change_rien_sauf_en_apld_rebond() -> None:
    net = Decimal("15.80")
    for dispositif, jour in ((Dispositif.APLD, date(2024, 3, 1)), (Dispositif.VULNERABLES, date(2022, 3, 1))):
        montant = montant_horaire(Decimal(20), jour, Situation(dispositif, formation=True), net_horaire=net)
        assert montant.indemnite == Decimal(14)
        assert "Dans ce dispositif, les heures de formation sont indemnisées au taux ordinaire." in montant.remarques
    rebond = Situation(Dispositif.APLD_REBOND, formation=True)
    montant = montant_horaire(Decimal(20), date(2026, 3, 1), rebond, net_horaire=net)
    assert montant.indemnite == net
    assert any("ne précise pas quelles formations" in phrase for phrase in montant.reserves)


def test_avant_2018_le_net_d_une_formation_se_donne() -> None:
    with pytest.raises(HorsBareme, match="rémunération nette horaire du salarié : indiquez-la"):
        montant_horaire(Decimal(20), date(2017, 6, 1), Situation(formation=True))


# --- Ce que la trace cite ---


def test_la_trace_cite_les_valeurs_du_jour_et_elles_seules() -> None:
    """Une allocation au forfait ne lit pas le SMIC ; un calcul de 2019 ne cite pas celui de 2013."""
    cles = {valeur.cle for etape in montant_horaire(Decimal(20), date(2019, 6, 1)).trace for valeur in etape.valeurs}
    assert not {cle for cle in cles if cle.startswith("smic.")}


@pytest.mark.parametrize(
    ("situation", "jour", "cle"),
    [
        (ALTERNANT, date(2021, 3, 1), "alternants.indemnite_egale_remuneration"),
        (ALTERNANT, date(2019, 3, 1), "alternants.allocation_bornee_par_indemnite"),
        (Situation(statut=Statut.SANS_MINIMUM), date(2024, 3, 1), "droit_commun.plancher_exclut_sous_smic"),
        (Situation(mayotte=True), date(2020, 4, 1), "mayotte.allocation_bornee_par_remuneration"),
        (Situation(formation=True), date(2024, 3, 1), "droit_commun.indemnite_formation"),
        (PARTIEL, date(2024, 3, 1), "droit_commun.plancher_smic_temps_partiel"),
    ],
)
def test_une_exception_cite_la_regle_qui_l_ouvre(situation: Situation, jour: date, cle: str) -> None:
    montant = montant_horaire(Decimal(7), jour, situation)
    assert cle in {valeur.cle for etape in montant.trace for valeur in etape.valeurs}


def test_un_taux_horaire_negatif_est_refuse() -> None:
    with pytest.raises(ValueError, match="ne peut pas être négatif"):
        montant_horaire(Decimal(-1), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("statut", "taux", "net", "phrase"),
    [
        (Statut.ORDINAIRE, "12", None, "Relevée au plancher : 9,52 €."),
        (Statut.ORDINAIRE, "8", None, "Relevée à la rémunération, 8,00 €, inférieure au plancher de 9,52 €."),
        (Statut.ORDINAIRE, "30", None, "L'indemnité dépasse déjà son plancher, 9,52 € : elle reste à 18,00 €."),
        (Statut.TEMPS_PARTIEL, "12", "8.50", "dans la limite de la rémunération nette habituelle : 8,50 €."),
        (Statut.ALTERNANT, "10", None, "l'indemnité est sa rémunération, 10,00 €."),
        (Statut.ALTERNANT, "10", None, "l'allocation est égale à l'indemnité, 10,00 €."),
        (Statut.SANS_MINIMUM, "10", None, "l'allocation n'a pas de plancher."),
    ],
)
def test_la_trace_dit_ce_qui_a_joue(statut: Statut, taux: str, net: str | None, phrase: str) -> None:
    montant = montant_horaire(
        Decimal(taux), date(2026, 3, 2), Situation(statut=statut), net_horaire=Decimal(net) if net else None
    )
    assert any(etape.phrase.replace("\u00a0", " ").endswith(phrase) for etape in montant.trace)

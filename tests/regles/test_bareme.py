"""Lire une valeur du droit un jour donné, ou s'entendre dire pourquoi on ne l'a pas."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from apart.regles.bareme import Bareme, Certitude, HorsBareme, Presence, Valeur, bareme, charger

BAREME = bareme()
SERIES = list(BAREME.parametres.values())


def lue(cle: str, jour: date) -> Decimal | bool | str | None:
    return BAREME.valeur(cle, jour).valeur


@pytest.mark.parametrize(
    ("jour", "indemnite", "allocation", "plancher", "smic"),
    [
        (date(2020, 3, 1), "0.70", "0.70", "8.03", "10.15"),
        (date(2020, 6, 1), "0.70", "0.60", "8.03", "10.15"),
        (date(2021, 5, 31), "0.70", "0.60", "8.11", "10.25"),
        (date(2021, 6, 1), "0.70", "0.52", "8.11", "10.25"),
        (date(2021, 7, 1), "0.60", "0.36", "7.30", "10.25"),
        (date(2021, 10, 1), "0.60", "0.36", "7.47", "10.48"),
        (date(2022, 1, 1), "0.60", "0.36", "7.53", "10.57"),
        (date(2022, 5, 1), "0.60", "0.36", "7.73", "10.85"),
        (date(2022, 8, 1), "0.60", "0.36", "7.88", "11.07"),
        (date(2023, 1, 1), "0.60", "0.36", "8.03", "11.27"),
        (date(2023, 5, 1), "0.60", "0.36", "8.21", "11.52"),
        (date(2024, 1, 1), "0.60", "0.36", "8.30", "11.65"),
        (date(2024, 11, 1), "0.60", "0.36", "8.46", "11.88"),
        (date(2026, 1, 1), "0.60", "0.36", "8.57", "12.02"),
        (date(2026, 11, 30), "0.60", "0.36", "8.57", "12.31"),
    ],
)
def test_le_droit_commun_date_par_date(jour: date, indemnite: str, allocation: str, plancher: str, smic: str) -> None:
    cles = ("indemnite_taux", "allocation_taux", "allocation_plancher")
    valeurs = [lue(f"droit_commun.{cle}", jour) for cle in cles] + [lue("smic.horaire_brut", jour)]
    assert valeurs == [Decimal(v) for v in (indemnite, allocation, plancher, smic)]


def test_une_valeur_vaut_jusqu_a_la_veille_de_la_suivante() -> None:
    avant = BAREME.valeur("droit_commun.allocation_taux", date(2021, 6, 30))
    assert (avant.valeur, avant.depuis, avant.au) == (Decimal("0.52"), date(2021, 6, 1), date(2021, 6, 30))
    derniere = BAREME.valeur("droit_commun.allocation_taux", date(2026, 11, 30))
    assert (derniere.depuis, derniere.au) == (date(2021, 7, 1), None)


def test_un_plafond_que_le_droit_ne_fixe_pas_est_aucun() -> None:
    plafond = BAREME.valeur("droit_commun.indemnite_plafond_smic", date(2020, 12, 31))
    assert (plafond.valeur, plafond.lisible, plafond.certitude) == (None, "aucun", Certitude.VERIFIEE)


@pytest.mark.parametrize(
    ("cle", "jour", "phrase"),
    [
        (
            "smic.horaire_brut",
            date(2012, 12, 31),
            "Le barème ne dit pas « SMIC horaire brut (métropole et outre-mer, sauf Mayotte) » au 31 décembre 2012 : "
            "sa première valeur est du 1er janvier 2013.",
        ),
        (
            "mayotte.plancher",
            date(2019, 3, 1),
            "Le barème ne dit pas « Plancher horaire de l'allocation à Mayotte, droit commun » au 1er mars 2019 : "
            "valeur inconnue. Première rédaction de l'article, non lue. Valeurs connues : du 1er mars 2020 au 30 juin "
            "2021, puis du 1er octobre 2021 au 30 avril 2023, puis depuis le 1er janvier 2024.",
        ),
        (
            "tres_affectes.allocation_taux",
            date(2022, 4, 1),
            "« Taux de l'allocation, employeurs très affectés » au 1er avril 2022 : sans objet. "
            "Le droit commun s'applique. Valeurs connues : du 1er juin 2020 au 31 mars 2022.",
        ),
        (
            "apld_rebond.validation_jours",
            date(2026, 1, 2),
            "Le barème ne dit pas « Délai de validation de l'accord, APLD rebond » au 2 janvier 2026 : "
            "valeur inconnue. Le décret n'a pas été lu sur ce point ; le délai de l'APLD est de 15 jours. "
            "Aucune valeur connue.",
        ),
        (
            "apld.indemnite_taux",
            date(2027, 1, 1),
            "« Taux de l'indemnité, APLD » au 1er janvier 2027 : sans objet. L'APLD ne s'applique plus après le "
            "31 décembre 2026. Valeurs connues : du 1er juillet 2020 au 31 décembre 2026.",
        ),
    ],
)
def test_hors_du_bareme_une_phrase_dit_pourquoi(cle: str, jour: date, phrase: str) -> None:
    assert not BAREME.connait(cle, jour)
    with pytest.raises(HorsBareme) as refus:
        BAREME.valeur(cle, jour)
    assert str(refus.value) == phrase


def test_apres_le_dernier_jour_connu_la_derniere_valeur_tient_et_le_dit() -> None:
    dernier = BAREME.connu_jusqu_au
    connue = BAREME.valeur("droit_commun.indemnite_taux", dernier)
    gardee = BAREME.valeur("droit_commun.indemnite_taux", dernier + timedelta(days=1))
    assert (connue.projection, gardee.valeur) == ("", connue.valeur)
    assert gardee.projection == (
        "Calculé avec les taux connus au 30 novembre 2026 ; ceux qui suivent ne sont pas encore publiés."
    )


def test_une_valeur_inconnue_laisse_jouer_la_derniere_connue_et_le_dit() -> None:
    net = BAREME.valeur("smic.horaire_net_mayotte", date(2026, 11, 1))
    assert (net.valeur, net.certitude) == (Decimal("8.33"), Certitude.INCERTAINE)
    assert net.reserve.endswith("La dernière valeur connue, du 1er janvier 2026, est gardée.")
    assert BAREME.parametres["smic.horaire_net_mayotte"].valeurs[-1].lisible == "inconnue", "l'histoire reste vraie"


def test_une_regle_finie_n_est_pas_prolongee_par_une_inconnue() -> None:
    finie, inconnue = (replace(SERIES[0].valeurs[0], etat=etat) for etat in (Presence.SANS_OBJET, Presence.INCONNUE))
    serie = replace(SERIES[0], valeurs=(finie, replace(inconnue, depuis=date(2026, 1, 1))))
    assert serie.employee_au(date(2026, 2, 1)) is None


@pytest.mark.parametrize(("jour", "alerte"), [(date(2026, 10, 30), False), (date(2026, 10, 31), True)])
def test_l_exploitant_est_averti_trente_jours_avant_la_fin_du_connu(jour: date, alerte: bool) -> None:
    assert ("Installez la version suivante d'Apart" in BAREME.alerte(jour)) is alerte
    assert BAREME.alerte(date(2027, 6, 1)), "et tant que la version n'est pas installée"


def test_une_cle_qui_n_existe_pas_est_une_faute_de_code() -> None:
    for appel in (BAREME.valeur, BAREME.connait):
        with pytest.raises(KeyError, match=r"pas de clé apld\.taux"):
            appel("apld.taux", date(2021, 1, 1))


def test_chaque_changement_du_bareme_a_sa_date() -> None:
    du_taux = {date(2013, 7, 1), date(2020, 3, 1), date(2020, 6, 1), date(2021, 6, 1), date(2021, 7, 1)}
    assert BAREME.changements() >= du_taux | {date(2022, 4, 9), date(2025, 4, 16)}


@pytest.mark.parametrize(
    ("cle", "jour", "ecrit"),
    [
        ("droit_commun.allocation_plancher", date(2026, 1, 1), "8,57\u00a0€ par heure"),
        ("droit_commun.allocation_taux", date(2026, 1, 1), "36\u00a0%"),
        ("apld.plafond_smic", date(2026, 1, 1), "4,5 fois le SMIC"),
        ("contingent.annuel", date(2021, 1, 1), "1\u202f607 heures"),
        ("alternants.plancher_smic", date(2026, 1, 1), "oui"),
        ("alternants.plancher_smic", date(2019, 1, 1), "non"),
        ("heures.structurelles", date(2026, 1, 1), "toutes"),
        ("heures.structurelles", date(2020, 4, 1), "conclues avant le 23 avril 2020"),
        ("apld_rebond.fin_de_transmission", date(2026, 1, 1), "28 février 2026"),
    ],
)
def test_une_valeur_s_imprime_avec_son_unite(cle: str, jour: date, ecrit: str) -> None:
    assert BAREME.valeur(cle, jour).lisible == ecrit


def test_aucune_valeur_ne_s_imprime_comme_un_code() -> None:
    lus = {v.lisible for p in BAREME.parametres.values() for v in p.valeurs}
    assert not [lu for lu in lus if "_" in lu or re.search(r"\d-\d", lu)]


def test_seule_une_quantite_a_un_nombre() -> None:
    jour = date(2020, 3, 1)
    assert BAREME.valeur("smic.horaire_brut", jour).nombre == Decimal("10.15")
    with pytest.raises(TypeError, match=r"^droit_commun\.indemnite_plafond_smic n'est pas un nombre : aucun\.$"):
        _ = BAREME.valeur("droit_commun.indemnite_plafond_smic", jour).nombre


def test_une_valeur_douteuse_dit_sa_reserve() -> None:
    assert BAREME.valeur("droit_commun.indemnite_taux", date(2026, 1, 1)).reserve == ""
    assert BAREME.valeur("smic.horaire_net", date(2026, 6, 1)).reserve == (
        "« SMIC horaire net, plancher pratique de l'indemnité » (9,74\u00a0€ par heure depuis le 1er juin 2026) : "
        "valeur lue dans une source secondaire seulement, support de formation à la paie, septembre 2026, "
        "citant Tissot et LégiSocial."
    )
    assert BAREME.valeur("contingent.annuel", date(2013, 7, 1)).reserve == (
        "« Contingent annuel d'heures indemnisables, par salarié » (1\u202f000 heures depuis le 1er juillet 2013) : "
        "valeur incertaine. Arrêté non lu ; on suppose le contingent égal à celui de l'arrêté "
        "du 26 août 2013 qui le remplace."
    )


def test_les_incertitudes_sont_toutes_les_valeurs_non_verifiees() -> None:
    incertaines = BAREME.incertitudes()
    assert BAREME.parametres["mayotte.plancher"].valeurs[0] in incertaines
    assert all(valeur.reserve for valeur in incertaines)
    assert not [v for p in SERIES for v in p.valeurs if v.reserve and v not in incertaines]


def test_une_valeur_donnee_couvre_son_jour() -> None:
    jour = date(2021, 3, 15)
    donnees = [BAREME.valeur(cle, jour) for cle in BAREME.parametres if BAREME.connait(cle, jour)]
    assert len(donnees) > len(BAREME.parametres) / 2
    assert all(valeur.depuis <= jour <= (valeur.au or jour) for valeur in donnees)


def test_une_serie_est_continue() -> None:
    trous = [
        apres for p in SERIES for avant, apres in pairwise(p.valeurs) if avant.au != apres.depuis - timedelta(days=1)
    ]
    assert not trous
    assert not [p.cle for p in SERIES if p.valeurs[-1].au]


def toutes(unite: str) -> list[Valeur]:
    return [
        v for p in SERIES if p.unite == unite for v in p.valeurs if v.etat is Presence.CONNUE and v.valeur is not None
    ]


@pytest.mark.parametrize(
    ("unite", "du", "au"),
    [
        ("euros_par_heure", "2.90", "13"),
        ("multiple_du_smic", "0", "4.5"),
        ("heures", "3.5", "1607"),
        ("mois", "2", "48"),
        ("jours", "2", "30"),
    ],
)
def test_les_grandeurs_sont_vraisemblables(unite: str, du: str, au: str) -> None:
    valeurs = [v.valeur for v in toutes(unite)]
    assert valeurs
    assert all(isinstance(v, Decimal) and Decimal(du) <= v <= Decimal(au) for v in valeurs)


def test_les_mots_qui_sont_des_jours_s_ecrivent_comme_des_jours() -> None:
    jours = [v for v in toutes("mot") if "fin_" in v.cle or "debut_" in v.cle or "tolerance" in v.cle]
    assert jours
    assert all(date.fromisoformat(str(v.valeur)) for v in jours)


def test_le_plancher_de_droit_commun_suit_90_pour_cent_du_smic_net() -> None:
    """Non écrit, mais vrai des valeurs publiées depuis juillet 2021 : une faute de frappe se verrait."""
    for valeur in BAREME.parametres["droit_commun.allocation_plancher"].valeurs:
        if date(2021, 7, 1) <= valeur.depuis < date(2026, 6, 1):
            net = BAREME.valeur("smic.horaire_net", valeur.depuis).nombre
            assert abs(net * Decimal("0.9") - valeur.nombre) <= Decimal("0.005")


def test_le_smic_net_se_deduit_du_brut() -> None:
    for net in BAREME.parametres["smic.horaire_net"].valeurs[1:]:
        brut = BAREME.valeur("smic.horaire_brut", net.depuis).nombre
        cotisations = BAREME.valeur("prelevements.cotisations_salariales", net.depuis).nombre
        assert (brut * (1 - cotisations)).quantize(Decimal("0.01")) == net.nombre


def test_le_forfait_est_la_somme_de_ses_deux_parts() -> None:
    jour = date(2016, 1, 1)
    for cas in ("jusqu_a_250", "plus_de_250"):
        cles = (f"forfait_part_etat_{cas}", "forfait_part_unedic")
        parts = [BAREME.valeur(f"droit_commun.{cle}", jour).nombre for cle in cles]
        assert sum(parts) == lue(f"droit_commun.forfait_{cas}", jour)


def test_le_bareme_est_lu_une_fois_et_ne_se_modifie_pas() -> None:
    assert bareme() is BAREME
    assert charger() == BAREME
    assert isinstance(BAREME, Bareme)
    with pytest.raises(TypeError):
        BAREME.parametres["smic.horaire_brut"] = SERIES[0]  # type: ignore[index]

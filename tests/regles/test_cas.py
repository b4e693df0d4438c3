"""Des cas écrits à plat : ceux qui se calculent, et la phrase de chacun de ceux qui ne se calculent pas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apart.regles.cas import TYPES, calculer
from apart.regles.entrees import CasRefuse, situation
from apart.regles.situations import Dispositif, Secteur, Situation, Statut


def cas(type_: str, jour: str, regime: str | None = None, **entrees: Any) -> dict[str, Any]:
    return {"type": type_, "date": jour, "regime": regime, "entrees": entrees}


def resultats(type_: str, jour: str, regime: str | None = None, **entrees: Any) -> dict[str, str]:
    return {nom: str(valeur) for nom, valeur in calculer(cas(type_, jour, regime, **entrees)).resultats.items()}


def test_une_situation_se_decrit_par_son_regime_et_ses_entrees() -> None:
    assert situation(None, {}) == Situation()
    assert situation("apld", {"secteur": "secteurs_proteges_s1_s1bis", "mayotte": True}) == Situation(
        Dispositif.APLD, Secteur.PROTEGE, mayotte=True
    )
    assert situation("mayotte", {"statut": "alternant"}) == Situation(statut=Statut.ALTERNANT, mayotte=True)
    assert situation("droit_commun", {"effectif": 251}).plus_de_250
    assert not situation("droit_commun", {"effectif": "250"}).plus_de_250


@pytest.mark.parametrize(
    ("lu", "attendu"),
    [
        (
            resultats("forfait", "2019-06-15", effectif=251),
            {"allocation_horaire": "7.23"},
        ),
        (
            resultats("forfait", "2019-06-15", effectif=10, statut="alternant", taux_horaire_brut="5,58"),
            {"allocation_horaire": "3.91"},
        ),
        (resultats("heures", "2024-01-08", jours=6, semaines_touchees=1), {"heures_indemnisables": "35"}),
        (
            resultats("heures", "2024-01-08", perte=900, taux_horaire_brut=20, heures_legales=151.67),
            {"heures_indemnisables": "45.00"},
        ),
        (resultats("heures", "2024-01-08", cachets=3), {"heures_indemnisables": "21"}),
        (resultats("heures", "2024-01-08", jours_d_inactivite=4), {"heures_indemnisables": "35.00"}),
        (resultats("heures", "2024-01-08", jours_de_fermeture=5), {"heures_indemnisables": "35"}),
        (
            resultats("heures", "2020-04-06", duree_hebdo=39, travaillees=20, accord_du="2019-01-01"),
            {"heures_indemnisables": "19"},
        ),
        (resultats("taux_moyen", "2024-01-08", remunerations=[3000, 2000]), {"taux_horaire": "16.48"}),
        (
            resultats("taux_moyen", "2024-01-08", remunerations=[8400], cadre_dirigeant=True),
            {"taux_horaire": "40.00"},
        ),
        (
            resultats("duree_apld", "2021-01-04", "apld", mois_consommes=10),
            {"mois_restants": "14", "duree_maximale": "24", "sur_mois": "36"},
        ),
        (resultats("delai_demande", "2026-01-05", depot="2026-01-05"), {"limite": "2026-01-20"}),
        (resultats("delai_demande", "2026-01-05", demande="2026-01-05"), {"limite": "2026-03-05"}),
        (resultats("delai_demande", "2026-01-05", notification="2026-01-05"), {"limite": "2026-02-04"}),
        (
            resultats("delai_demande", "2021-03-01", "apld", depot_accord="2021-03-01", document_unilateral=True),
            {"limite": "2021-03-22"},
        ),
        (
            resultats("delai_demande", "2026-03-31", fin_autorisation="2026-03-31", amenagement=True),
            {"limite": "2027-03-31"},
        ),
        (
            resultats("contingent", "2024-06-01", "apld"),
            {"contingent": "None", "heures_restantes": "None"},
        ),
        (
            resultats("minimum_mensuel", "2026-03-31", net_activite=600, indemnite_nette=500),
            {"minimum": "1443.90", "complement": "343.90"},
        ),
        (
            resultats("totaux", "2026-05-25", taux_horaire_brut=60, periodes=[["2026-05-25", "2026-06-05", 70]]),
            {
                "heures": "70.00",
                "indemnite_totale": "2299.15",
                "allocation_totale": "1379.35",
                "reste_a_charge": "919.80",
                "sous_periodes": "2",
            },
        ),
    ],
)
def test_un_cas_se_calcule(lu: dict[str, str], attendu: dict[str, str]) -> None:
    assert lu == attendu


@pytest.mark.parametrize(
    ("type_", "jour", "regime", "donnees", "omises"),
    [
        ("complement", "2020-11-15", None, {"taux_horaire_brut": 20}, {"maintien": 1}),
        ("ecretement", "2026-03-02", None, {"indemnite": 1700}, {"net_activite": 0, "residence": "metropole"}),
        ("ecretement", "2026-03-02", "mayotte", {"indemnite": 1700}, {"residence": "mayotte", "csg_reduite": False}),
        ("reference", "2026-03-02", None, {"salaire_mensuel": 2000}, {"diviseur": 151.67}),
        ("reference", "2026-03-02", None, {"salaire_mensuel": 2000, "heures_travaillees": 90}, {"assimilees": 0}),
        ("heures", "2024-01-08", None, {"jours": 2}, {"demi_journees": 0, "semaines": 0, "jours_deduits": 0}),
        ("heures", "2024-01-08", None, {"demi_journees": 3}, {"jours": 0}),
        (
            "heures",
            "2024-01-08",
            None,
            {"travaillees": 20, "duree_hebdo": 39},
            {"assimilees": 0, "structurelles": False},
        ),
        ("apld_reduction", "2024-01-08", "apld", {}, {"duree_hebdo": 35, "taux": 0.4}),
        ("duree_apld", "2024-01-08", "apld", {}, {"mois_consommes": 0}),
        ("contingent", "2024-01-08", None, {}, {"heures_consommees": 0, "transformation": False}),
        ("delai_demande", "2020-03-20", None, {"placement": "2020-03-20", "motif": 3}, {"suspension": True}),
        ("minimum_mensuel", "2026-03-31", None, {"indemnite_nette": 500}, {"net_activite": 0}),
    ],
)
def test_ce_qu_un_cas_omet_a_une_valeur_dite(
    type_: str, jour: str, regime: str | None, donnees: dict[str, Any], omises: dict[str, Any]
) -> None:
    assert resultats(type_, jour, regime, **donnees) == resultats(type_, jour, regime, **donnees, **omises)


def test_un_forfait_sans_taux_est_celui_d_un_salaire_que_rien_ne_borne() -> None:
    assert resultats("forfait", "2019-06-15", effectif=10, statut="alternant") == {"allocation_horaire": "7.74"}


@pytest.mark.parametrize(
    ("fautif", "phrase"),
    [
        ([], "Un cas est un objet avec « type », « date », « regime » et « entrees »."),
        (
            {"type": "magie"},
            f"Le type « magie » n'existe pas. Types connus : {', '.join(sorted(TYPES))}.",
        ),
        ({"type": "montant"}, "« entrees » manque : c'est l'objet qui porte les données du cas."),
        ({"type": "montant", "entrees": {}}, "« date » manque : une date de la forme AAAA-MM-JJ."),
        (cas("montant", "1/2/2020"), "« date » n'est pas une date de la forme AAAA-MM-JJ : « 1/2/2020 »."),
        (
            cas("montant", "2020-04-01", "apldr"),
            "Le régime « apldr » n'existe pas. Régimes connus : droit_commun, mayotte, secteurs_proteges_s1_s1bis, "
            "tres_affectes_fermetures_territoires_ski, vulnerables_garde_enfant, apld, apld_rebond.",
        ),
        (cas("montant", "2020-04-01"), "« taux_horaire_brut » manque dans les entrées."),
        (
            cas("montant", "2020-04-01", taux_horaire_brut=-1),
            "« taux_horaire_brut » ne peut pas être négatif : -1.",
        ),
        (cas("montant", "2020-04-01", taux_horaire_brut=True), "« taux_horaire_brut » est un nombre, pas « True »."),
        (cas("montant", "2020-04-01", taux_horaire_brut="dix"), "« taux_horaire_brut » est un nombre, pas « dix »."),
        (
            cas("montant", "2020-04-01", taux_horaire_brut="Infinity"),
            "« taux_horaire_brut » est hors de toute mesure : Infinity.",
        ),
        (
            cas("montant", "2020-04-01", taux_horaire_brut=10, mayotte="oui"),
            "« mayotte » vaut true ou false, pas « oui ».",
        ),
        (
            cas("montant", "2020-04-01", taux_horaire_brut=10, statut="stagiaire"),
            "« statut » vaut « stagiaire » ; valeurs possibles : ordinaire, temps_partiel, interimaire, alternant, "
            "vrp_pigiste.",
        ),
        (
            cas("montant", "2206-01-01", taux_horaire_brut=10),
            "Le calcul va jusqu'au 31 décembre 2040 : vérifiez l'année du 1er janvier 2206.",
        ),
        (cas("complement", "2020-11-15", taux_horaire_brut=20, maintien=2), "Le maintien de salaire va de 0 à 100 %."),
        (cas("reference", "2020-04-01", salaire_mensuel=2000, variables=5), "« variables » est une liste de nombres."),
        (
            cas("duree_autorisation", "2022-04-01", autorisations="2021"),
            "« autorisations » est une liste de périodes : [[premier jour, dernier jour], …].",
        ),
        (
            cas("duree_autorisation", "2022-04-01", autorisations=[["2021-07-01"]]),
            "Dans « autorisations », la période 1 n'a pas la forme [premier jour, dernier jour].",
        ),
        (
            cas("duree_autorisation", "2022-04-01", autorisations=[], nouvelle="2022-04-01"),
            "« nouvelle » n'a pas la forme [premier jour, dernier jour].",
        ),
        (
            cas("duree_autorisation", "2022-04-01", autorisations=[["2021-07-01", "juillet"]]),
            "« autorisations, 1 » n'est pas une date de la forme AAAA-MM-JJ : « juillet ».",
        ),
        (
            cas("totaux", "2026-01-05", taux_horaire_brut=10, periodes=[["2026-01-05", "2026-01-09"]]),
            "Dans « periodes », la période 1 n'a pas la forme [premier jour, dernier jour, heures].",
        ),
        (cas("delai_demande", "2020-04-01"), "« placement » manque : une date de la forme AAAA-MM-JJ."),
        (cas("forfait", "2019-06-15"), "« effectif » manque dans les entrées."),
        (
            cas("forfait", "2020-06-15", effectif=10),
            "« Allocation forfaitaire, entreprise de 250 salariés au plus » au 15 juin 2020 : sans objet. "
            "L'allocation est depuis proportionnelle à la rémunération. "
            "Valeurs connues : du 1er juillet 2013 au 29 février 2020.",
        ),
    ],
)
def test_un_cas_refuse_dit_quoi_faire(fautif: Any, phrase: str) -> None:
    with pytest.raises(CasRefuse) as refus:
        calculer(fautif)
    assert str(refus.value).replace("\u00a0", " ") == phrase


def test_une_nouvelle_periode_dit_si_elle_est_accordable_et_son_total() -> None:
    deja = [["2021-05-31", "2021-08-31"], ["2021-09-01", "2021-11-30"]]
    un_mois = resultats("duree_autorisation", "2021-12-01", autorisations=deja, nouvelle=["2021-12-01", "2021-12-31"])
    assert (un_mois["accordable"], un_mois["total_mois_12"], un_mois["mois_restants"]) == ("True", "6", "1")
    deux = resultats("duree_autorisation", "2021-12-01", autorisations=deja, nouvelle=["2021-12-01", "2022-01-31"])
    assert (deux["accordable"], deux["total_mois_12"]) == ("False", "7")


@pytest.mark.parametrize("regime", [None, "", "forfait_jours"])
def test_un_taux_de_reference_ne_demande_pas_de_regime(regime: str | None) -> None:
    lu = calculer({**cas("reference", "2026-03-02", salaire_mensuel=2000), "regime": regime})
    assert lu.resultats == {"taux_horaire": Decimal("13.19")}


def test_un_cas_a_venir_dit_qu_il_est_projete() -> None:
    silence = calculer(cas("delai_demande", "2026-12-15", depot="2026-12-15"))
    assert silence.reserves == (
        "Calculé avec les taux connus au 30 novembre 2026 ; ceux qui suivent ne sont pas encore publiés.",
    )


def test_une_reponse_dit_ses_reserves() -> None:
    reponse = calculer(cas("contingent", "2024-06-01", heures_consommees=Decimal(10)))
    assert "Retour à l'arrêté de 2013" in reponse.reserves[0]

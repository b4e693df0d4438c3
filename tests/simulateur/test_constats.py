"""À côté d'un résultat : ce qu'il suppose, ce qu'il a d'étonnant, et la question à laquelle répondre."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.simulateur.envois import EMPLOYEUR, EN_DIRECT, SALARIE, groupe, lire, simuler
from tests.simulateur.test_page import pdf

pytestmark = pytest.mark.django_db

QUESTION = "Les heures au-delà de 35 h sont-elles structurelles ?"
RESTAURANT = groupe(
    effectif="1", remuneration="2300", duree_hebdomadaire="39", periodes_1_mois="2026-11", periodes_1_heures="152"
)
BOUTIQUE_EN_2019 = groupe(effectif="2", remuneration="1521,25", periodes_1_mois="2019-05", periodes_1_heures="70")
MAINTENU = groupe(effectif="1", remuneration="2500", periodes_1_mois="2026-09", periodes_1_heures="70", maintien="100")


# --- Les heures au-delà de 35 h ---


def test_au_dela_de_35_h_les_deux_resultats_se_comparent_a_cote_du_premier(client: Client) -> None:
    html = simuler(client, RESTAURANT)
    assert QUESTION in html
    assert '<th scope="row">Heures payées</th><td>134,67 h</td><td>152 h</td>' in html
    assert '<th scope="row">Allocation</th><td>1 154,12 €</td><td>1 302,64 €</td>' in html


def test_a_35_h_la_question_ne_se_pose_pas(client: Client) -> None:
    html = simuler(client, groupe())
    assert QUESTION not in html
    assert 'aria-labelledby="a-1-structurelles-legende" hidden' in html


@pytest.mark.parametrize(("reponse", "allocation"), [("oui", "1 302,64 €"), ("non", "1 154,12 €")])
def test_repondre_en_un_clic_calcule_et_ne_redemande_pas(client: Client, reponse: str, allocation: str) -> None:
    html = simuler(client, {**RESTAURANT, "geste": f"structurelles a 1 {reponse}"})
    assert f"<dt>Allocation remboursée par l'État</dt><dd>{allocation}</dd>" in html
    assert QUESTION not in html
    assert f'value="{reponse}" checked' in html


def test_repondre_oui_pour_un_salaire_de_35_h_dit_ce_qui_manque(client: Client) -> None:
    au_smic = {**RESTAURANT, "a-1-remuneration": "1867,02"}
    assert "Si oui : Cette rémunération donne 11,05 € de l'heure" in simuler(client, au_smic)
    html = simuler(client, {**au_smic, "geste": "structurelles a 1 oui"})
    assert html.count("si elle n'en paie que 151,67 h, ajoutez le salaire des heures au-delà") == 2


def test_un_salarie_compare_ce_qu_il_toucherait(client: Client) -> None:
    html = simuler(client, RESTAURANT, SALARIE)
    assert '<th scope="row">Brut du mois</th><td>1 569,49 €</td><td>1 711,84 €</td>' in html


def test_en_direct_la_question_accompagne_le_resultat(client: Client) -> None:
    assert QUESTION in lire(client.post(EMPLOYEUR, RESTAURANT, headers=EN_DIRECT))


def test_la_question_dit_de_quel_groupe_elle_parle(client: Client) -> None:
    html = simuler(client, {**groupe(), **{nom.replace("a-1", "a-2"): v for nom, v in RESTAURANT.items()}})
    assert "Groupe 2 : les heures au-delà de 35 h sont-elles structurelles ?" in html
    assert 'value="structurelles a 2 oui"' in html


# --- Ce qui se remarque ---


def test_les_heures_payees_se_disent_a_cote_du_resultat(client: Client) -> None:
    assert "152 h non travaillées, 134,67 h payées : les 17,33 h au-delà" in simuler(client, RESTAURANT)


def test_un_reste_a_charge_negatif_porte_sa_raison_partout(client: Client) -> None:
    """Page, courbe, PDF, programmes : le nombre ne sort jamais seul."""
    html = simuler(client, BOUTIQUE_EN_2019)
    assert "-100,80 €" in html
    assert "7,74 € de l'heure, un forfait" in html
    assert "L'allocation dépasse l'indemnité : le reste à charge est négatif." in html
    assert "7,74 € de l'heure, un forfait" in pdf(client, BOUTIQUE_EN_2019).replace("’", "'")


def test_une_courbe_negative_se_dit_meme_sans_heure_chomee(client: Client) -> None:
    html = simuler(client, {**BOUTIQUE_EN_2019, "a-1-periodes-1-heures": "0"})
    assert "L'allocation dépasse l'indemnité : le reste à charge est négatif." in html


def test_un_net_au_dessus_d_un_mois_normal_se_dit_au_salarie_et_a_l_employeur(client: Client) -> None:
    for adresse in (EMPLOYEUR, SALARIE):
        assert "le net estimé (2 077,53 €) dépasse celui d'un mois normal (1 978,99 €)" in simuler(
            client, MAINTENU, adresse
        )


# --- L'incertitude, une fois, repliée ---


def test_ce_qui_est_a_confirmer_est_replie_et_dit_une_fois(client: Client) -> None:
    html = simuler(client, {**RESTAURANT, "a-1-structurelles": "non"})
    assert '<details class="simu-pourquoi simu-bloc" id="reserves"> <summary>2 points à confirmer</summary>' in html
    assert html.count("valeur lue dans une source secondaire seulement") == 1


def test_rien_n_est_a_confirmer_quand_rien_d_incertain_n_a_compte(client: Client) -> None:
    assert 'id="reserves"' not in simuler(
        client, {**RESTAURANT, "a-1-remuneration": "5000", "a-1-structurelles": "non"}
    )

"""Le simulateur public : ce qu'il montre, ce qu'il refuse, ce qu'il ne garde pas."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries, Settings

from apart.simulateur.brouillon import GROUPES_PERMIS
from apart.simulateur.formulaire import Champ
from apart.simulateur.questions import Question
from tests.simulateur.envois import EMPLOYEUR, EN_DIRECT, SALARIE, groupe, lire, simuler

pytestmark = pytest.mark.django_db


def test_le_choix_mene_a_l_employeur_et_au_salarie(client: Client) -> None:
    html = lire(client.get("/simulateur/"))
    assert "Je suis employeur" in html
    assert "Je suis salarié" in html
    assert f'href="{EMPLOYEUR}"' in html
    assert f'href="{SALARIE}"' in html
    assert "le service ne garde rien" in html


@pytest.mark.parametrize(
    ("genre", "tape", "type_"),
    [
        ("date", "", "date"),
        ("date", "2026-05-31", "date"),
        ("date", "fin mai", "text"),
        ("mois", "2026-05", "month"),
        ("mois", "2026-05-31", "text"),
        ("nombre", "12", "text"),
    ],
)
def test_ce_qui_se_perdrait_dans_un_champ_de_date_reste_un_texte(genre: str, tape: str, type_: str) -> None:
    assert Champ("a-1-du", Question("du", "Du", genre=genre), tape, [], "Du").type == type_


@pytest.mark.jour
def test_l_accueil_porte_le_bloc_de_la_note_apres_celui_de_l_expert_comptable(client: Client) -> None:
    html = lire(client.get("/"))
    titre = "Simulation de l'indemnisation de l'employeur en cas d'activité partielle"
    assert html.index("EXPERT-COMPTABLE") < html.index(titre)
    phrase = "Estimez le montant remboursé par l'État au titre d'une période d'activité partielle des salariés"
    assert f'<a href="/simulateur/">{phrase}</a>' in html


def test_simuler_ne_demande_rien_a_la_base(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get(EMPLOYEUR)
        simuler(client, groupe())
        client.post(EMPLOYEUR, groupe(), headers=EN_DIRECT)


def test_un_restaurant_ferme_en_avril_2020_n_a_rien_a_sa_charge(client: Client) -> None:
    html = simuler(client, {**groupe(1), **groupe(2, nom="Cuisinier", effectif="1", remuneration="2400")})
    # 151,67 h × 8,03 € = 1 217,91 €, pour huit ; 2 400 € ÷ 151,67 = 15,82 €, dont 70 % = 11,07 €.
    assert "<dt>Allocation remboursée par l'État</dt><dd>11 422,27 €</dd>" in html
    assert "<dt>Indemnités dues aux 9 salariés</dt><dd>11 422,27 €</dd>" in html
    assert "<dt>Reste à votre charge</dt><dd>0,00 €</dd>" in html
    assert "au lieu de 14 715,36 € sans activité partielle" in html


@pytest.mark.parametrize("mois", ["avril 2020", "Avril\u00a02020", "04/2020", "\u206604/2020\u2069", "avr-20"])
def test_le_mois_s_ecrit_comme_dans_un_fichier(client: Client, mois: str) -> None:
    html = simuler(client, groupe(periodes_1_mois=mois, remuneration="1\u202f539,42"))
    assert "Indemnité : 151,67 h × 8,03 € = <strong>1 217,91 €</strong>" in html


def test_le_pourquoi_montre_article_parametre_date_et_source(client: Client) -> None:
    html = simuler(client, groupe())
    assert "Pourquoi ce montant ?" in html
    assert "Indemnité : 70 % de 10,15 € = 7,11 €." in html
    assert "R5122-18" in html
    assert "<strong>8,03 € par heure</strong> depuis le 1er mars 2020" in html
    assert "Indemnité : 151,67 h × 8,03 € = <strong>1 217,91 €</strong>" in html


def test_deux_mois_ont_chacun_leurs_planchers_et_leurs_reserves(client: Client) -> None:
    envoi = groupe(periodes_1_mois="", periodes_1_du="2026-05-18", periodes_1_au="2026-06-19", periodes_1_heures="80")
    html = simuler(client, {**envoi, "a-1-remuneration": "3100"})
    assert "Du 18 au 31 mai 2026 : 32 h indemnisables" in html
    assert "Du 1er au 19 juin 2026 : 48 h indemnisables" in html
    assert "12,02 € par heure" in html
    assert "12,31 € par heure" in html
    assert "À confirmer" in html


def test_le_complement_et_les_cotisations_se_voient(client: Client) -> None:
    mars = groupe(maintien="100", cotisations_patronales="42", remuneration="2400", periodes_1_mois="2026-03")
    html = simuler(client, mars)
    assert "Complément que vous ajoutez" in html
    assert "Cotisations patronales" in html
    assert "dont celles du complément" in html
    assert "hors cotisations patronales" not in html


def test_un_nom_saisi_reste_du_texte(client: Client) -> None:
    html = simuler(client, {**groupe(nom="<script>alert(1)</script>"), **groupe(2)})
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_deux_scenarios_se_comparent(client: Client) -> None:
    octobre = "2020-10"
    b = groupe(lettre="b", periodes_1_mois=octobre, regime="apld")
    html = simuler(client, {**groupe(periodes_1_mois=octobre), **b})
    assert "Les deux scénarios" in html
    # Le plancher de l'APLD, 7,23 €, est plus bas que celui du droit commun, 8,03 € : 0,80 € × 151,67 h × 8.
    assert re.search(r'data-titre="Écart">− 970,72 €', html)


def test_comparer_garde_tout_et_montre_les_deux_resultats(client: Client) -> None:
    html = lire(client.post(EMPLOYEUR, {**groupe(nom="salle"), "geste": "comparer"}, follow=True))
    assert html.count('value="salle"') == 2
    assert "Les deux scénarios" in html
    assert "Retirer le scénario B" in html


def test_ajouter_un_groupe_ne_reproche_rien(client: Client) -> None:
    reponse = client.post(EMPLOYEUR, {**groupe(remuneration="douze"), "geste": "ajouter-groupe a"})
    assert reponse.headers["Location"].endswith("&saisie=1#a-2")
    html = lire(client.get(reponse.headers["Location"]))
    assert 'value="douze"' in html
    assert "à revoir" not in html


def test_un_lien_abime_se_dit_et_la_page_reste_utilisable(client: Client) -> None:
    for code in ("1abc", "0abc", "é" * 5_000, ""):
        html = lire(client.get(EMPLOYEUR, {"s": code}))
        assert "Ce lien" in html
        assert 'name="a-1-remuneration"' in html


def test_le_lien_d_une_simulation_la_rouvre_ailleurs(client: Client) -> None:
    reponse = client.post(EMPLOYEUR, groupe(nom="salle"))
    html = lire(Client().get(reponse.headers["Location"]))
    assert 'value="salle"' in html
    assert "9 743,28 €" in html
    assert "Il contient ce que vous avez tapé" in html


def test_une_simulation_trop_grande_s_affiche_sans_lien(client: Client) -> None:
    envoi: dict[str, str] = {}
    for rang in range(1, 41):
        nom = "".join(chr(0x4E00 + (rang * 7919 + n * 104_729) % 20_000) for n in range(40))
        envoi |= groupe(rang, nom=nom, remuneration=str(2000 + rang * 17))
    reponse = client.post(EMPLOYEUR, envoi)
    assert reponse.status_code == 200
    assert "trop grande pour tenir dans un lien" in lire(reponse)
    assert "Le détail" in lire(reponse)


def test_en_direct_seuls_les_resultats_reviennent(client: Client) -> None:
    reponse = client.post(EMPLOYEUR, groupe(), headers=EN_DIRECT)
    html = lire(reponse)
    assert "<form" not in html
    assert 'data-hx-swap-oob="innerHTML:#annonce">Allocation 9 743,28 €, reste à charge 0,00 €.' in html
    assert reponse.headers["X-Simulation"].startswith(f"{EMPLOYEUR}?s=1")


def test_en_direct_ce_qui_manque_est_dit_sans_alarme(client: Client) -> None:
    html = lire(client.post(EMPLOYEUR, groupe(remuneration=""), headers=EN_DIRECT))
    assert "Il manque encore" in html
    assert 'href="#a-1-remuneration"' in html
    assert "À revoir" not in html
    assert "fr-alert--error" not in html


def test_en_direct_des_dates_hors_du_regime_sont_a_revoir_et_rien_ne_manque(client: Client) -> None:
    envoi = groupe(regime="apld", remuneration="2500", periodes_1_mois="2027-01", periodes_1_heures="50")
    html = lire(client.post(EMPLOYEUR, envoi, headers=EN_DIRECT))
    assert "L'APLD vaut du 1er juillet 2020 au 31 décembre 2026" in html
    assert "<dt>À revoir :</dt>" in html
    assert "Il manque encore" not in html
    assert "Une réponse manque ou est à revoir." in html


def test_un_salarie_voit_son_net_a_cote_d_un_mois_normal(client: Client) -> None:
    envoi = {"a-1-remuneration": "2500", "a-1-duree_hebdomadaire": "35", "a-1-periodes-1-mois": "06/2026"}
    html = simuler(client, {**envoi, "a-1-periodes-1-heures": "60", "a-1-net_mensuel": "1980"}, SALARIE)
    assert "En juin 2026, pour 60 h non travaillées, vous toucherez environ" in html
    assert "<td>2 500,00 €</td>" in html
    assert "<td>1 980,00 €</td>" in html
    assert "Coût total" not in html


def test_un_salarie_ne_simule_que_pour_lui(client: Client) -> None:
    html = simuler(client, {**groupe(1), **groupe(2), **groupe(lettre="b")}, SALARIE)
    assert "Les deux scénarios" not in html
    assert 'name="a-2-remuneration"' not in html


def test_la_courbe_a_un_titre_une_description_et_son_tableau(client: Client) -> None:
    html = simuler(client, groupe())
    assert '<title id="courbe-a1-titre">' in html
    assert "l'employeur paie 1 539 € de salaire brut" in html
    assert "Les mêmes nombres en tableau" in html
    assert "style=" not in html


@pytest.mark.parametrize("mois", [f"2021-{mois:02}" for mois in range(1, 13)])
def test_chaque_mois_a_sa_courbe_fevrier_de_quatre_semaines_compris(client: Client, mois: str) -> None:
    assert "courbe-a1-titre" in simuler(client, groupe(periodes_1_mois=mois, remuneration="1900"))


def test_quand_la_loi_ne_dit_pas_tous_les_jours_du_mois_la_courbe_manque_et_le_resultat_reste(client: Client) -> None:
    """L'APLD rebond commence le 16 avril 2025."""
    demie = groupe(regime="apld_rebond", remuneration="2400", periodes_1_mois="", periodes_1_heures="35")
    html = simuler(client, {**demie, "a-1-periodes-1-du": "2025-04-16", "a-1-periodes-1-au": "2025-04-30"})
    assert "Allocation remboursée par l'État" in html
    assert "courbe-a1-titre" not in html


# --- Le PDF ---


def pdf(client: Client, envoi: dict[str, str], adresse: str = EMPLOYEUR) -> str:
    reponse = client.post(adresse, {**envoi, "geste": "pdf"})
    assert reponse.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(reponse.content)).pages
    return " ".join(
        " ".join(page.extract_text() for page in pages).replace("\u00a0", " ").replace("\u202f", " ").split()
    )


def test_le_pdf_porte_saisie_resultats_etapes_sources_et_bareme(client: Client) -> None:
    texte = pdf(client, groupe(nom="Salle"))
    for attendu in ("Salle", "1539,42", "avril 2020", "9 743,28 €", "R5122-18", "2020-325", "Barème établi le"):
        assert attendu in texte, attendu


def test_le_pdf_ne_lit_rien_de_ce_qui_est_saisi_comme_du_typst(client: Client) -> None:
    piege = '#panic("x") $x$ *gras* "guillemets" \\ #{1+1} @ref <etiquette>'
    texte = pdf(client, groupe(nom=piege)).replace("’", "'").replace("”", '"').replace("“", '"')
    assert "#panic(" in texte
    assert "#{1+1}" in texte


def test_le_pdf_se_fait_malgre_un_signe_que_les_polices_n_ont_pas(client: Client) -> None:
    texte = pdf(client, groupe(nom="李\x07 Салон"))
    assert "▯▯ Салон" in texte
    assert "ne s'impriment pas" in texte.replace("’", "'")


def test_le_pdf_compare_deux_scenarios_et_dit_les_reserves(client: Client) -> None:
    a = groupe(periodes_1_mois="2026-06", remuneration="2400")
    b = groupe(lettre="b", periodes_1_mois="2026-06", remuneration="2400", regime="apld_rebond")
    texte = pdf(client, {**a, **b})
    assert "Les deux scénarios" in texte
    assert "À confirmer" in texte


def test_le_pdf_d_un_salarie(client: Client) -> None:
    assert "Net estimé" in pdf(client, groupe(effectif="1"), SALARIE)


def test_une_saisie_a_revoir_ne_fait_pas_de_pdf(client: Client) -> None:
    assert "à revoir" in lire(client.post(EMPLOYEUR, {**groupe(remuneration=""), "geste": "pdf"}))


# --- Ce qui ne va pas : une phrase près du champ et dans le résumé, rien de perdu ---


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("remuneration", "douze", "« douze » n'est pas un nombre"),
        ("remuneration", "-1800", "Ce nombre est négatif"),
        ("remuneration", "", "Indiquez la rémunération brute du mois."),
        ("remuneration", "900", "moins que le SMIC"),
        ("remuneration", "99999999", "plus grand nombre admis"),
        ("remuneration", "=SOMME(A1:A9)", "contient une formule"),
        ("effectif", "2,5", "nombre entier de salariés"),
        ("effectif", "0", "nombre entier de salariés"),
        ("duree_hebdomadaire", "90", "de 1 à 60 heures"),
        ("regime", "inventé", "n'est pas un choix possible"),
        ("maintien", "170", "plus grand nombre admis"),
        ("periodes-1-mois", "avril", "n'est pas un mois"),
        ("periodes-1-mois", "06/2013", "Le barème commence le 1er juillet 2013"),
        ("periodes-1-mois", "01/2061", "Le calcul va jusqu'au 31 décembre 2040"),
        ("periodes-1-mois", "", "Indiquez le mois, ou le premier et le dernier jour."),
        ("periodes-1-heures", "", "Indiquez les heures non travaillées."),
        ("periodes-1-heures", "400", "le contrat prévoit au plus"),
        ("remuneration", "1\n" * 5_000, "n'est pas un nombre"),
        ("nom", "x", None),
    ],
)  # fmt: skip
def test_une_reponse_a_revoir_se_dit_deux_fois_et_reste_tapee(
    client: Client, champ: str, valeur: str, phrase: str | None
) -> None:
    html = simuler(client, {**groupe(), f"a-1-{champ}": valeur})
    if phrase is None:
        assert "à revoir" not in html
        return
    assert "réponse est à revoir" in html
    assert html.count(phrase) == 2
    if valeur.strip() and "\n" not in valeur:
        assert f'value="{valeur}"' in html or 'value="2013-06"' in html or 'value="2061-01"' in html


def test_virgule_point_et_espaces_se_valent(client: Client) -> None:
    for ecrit in ("1539,42", "1539.42", "1 539,42 €", "1\u202f539,42"):
        assert "9 743,28 €" in simuler(client, groupe(remuneration=ecrit))


def test_des_periodes_qui_se_chevauchent_se_disent_pres_des_periodes(client: Client) -> None:
    envoi = {**groupe(), "a-1-periodes-2-mois": "2020-04", "a-1-periodes-2-heures": "10"}
    html = simuler(client, envoi)
    assert html.count("Deux périodes se chevauchent") == 2
    assert 'href="#a-1-periodes"' in html


def test_le_resume_dit_quel_groupe_et_quelle_periode(client: Client) -> None:
    envoi = {**groupe(), **groupe(2, nom="Cuisine"), "a-2-periodes-2-mois": "2020-05", "a-2-periodes-2-heures": "x"}
    assert "Heures non travaillées (groupe 2, Cuisine, période 2)" in simuler(client, envoi)


def test_un_mois_et_des_dates_ne_se_contredisent_pas_en_silence(client: Client) -> None:
    assert "gardez l'un ou les autres" in simuler(client, {**groupe(), "a-1-periodes-1-du": "2020-05-01"})


def test_trop_de_groupes_de_periodes_ou_de_mois_se_disent(client: Client) -> None:
    trop: dict[str, str] = {}
    for rang in range(1, GROUPES_PERMIS + 2):
        trop |= groupe(rang)
    assert f"{GROUPES_PERMIS} groupes au plus" in simuler(client, trop)
    assert f"{GROUPES_PERMIS} groupes au plus" in lire(client.post(EMPLOYEUR, trop, headers=EN_DIRECT))
    periodes = {f"a-1-periodes-{n}-heures": "1" for n in range(1, 62)}
    assert "60 périodes au plus" in simuler(client, {**groupe(), **periodes})
    long = groupe(periodes_1_mois="", periodes_1_du="2013-07-01", periodes_1_au="2026-06-30")
    assert "mois au plus" in simuler(client, long)


@pytest.mark.parametrize(
    "envoi",
    [{"a-1-nom": "x" * 300_000}, {f"a-{n}-nom": "x" for n in range(5_000)}],
    ids=["trop lourd", "trop de champs"],
)
def test_un_envoi_demesure_recoit_une_phrase(client: Client, envoi: dict[str, str], settings: Settings) -> None:
    reponse = client.post(EMPLOYEUR, envoi, content_type="application/x-www-form-urlencoded")
    reponse = client.post(EMPLOYEUR, envoi)
    assert reponse.status_code == 400
    assert "Cet envoi est trop volumineux" in lire(reponse)

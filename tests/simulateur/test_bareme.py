"""Le barème public : ce qui valait un jour donné, son histoire, ce qui change, ce qui est incertain."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
import time_machine
from django.http import HttpResponse, HttpResponseBase
from django.test import Client

from apart.regles.bareme import bareme
from apart.regles.francais import INSECABLE
from apart.simulateur import consultation
from apart.simulateur.consultation import Filtre
from apart.simulateur.sujets import REGIMES, SUJETS, sujet_de
from apart.socle.typographie import insecable

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
DEMO = "/bareme/?le=2020-04-15&sujet=droit_commun&q=plancher"


def lu(reponse: HttpResponseBase) -> str:
    """Le texte de la page, espaces réduits."""
    assert isinstance(reponse, HttpResponse)
    corps = re.sub(r"<[^>]+>", " ", reponse.content.decode().split("<main", 1)[1].split("</main>")[0])
    return re.sub(r"[^\S\u00a0\u202f]+", " ", html.unescape(corps))


def page(client: Client, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    return lu(reponse)


def test_chaque_sujet_du_bareme_a_son_titre() -> None:
    assert {cle.split(".")[0] for cle in bareme().parametres} == set(SUJETS)
    assert all(sujets <= set(SUJETS) for _, sujets in REGIMES.values())


def test_un_lien_par_date_montre_ce_qui_valait_ce_jour_la(client: Client) -> None:
    texte = page(client, DEMO)
    assert "Les valeurs en vigueur le 15 avril 2020" in texte
    assert f"Plancher horaire de l'allocation 8,03{INSECABLE}€ par heure" in texte
    assert f"décret n°{INSECABLE}2020-325" in texte
    assert "Taux de l'indemnité" not in texte


@pytest.mark.parametrize("ecrite", ["2020-04-15", "15/04/2020", "15.4.2020", " 15-04-2020 "])
def test_la_date_s_ecrit_comme_on_veut(client: Client, ecrite: str) -> None:
    assert "le 15 avril 2020" in lu(client.get("/bareme/", {"le": ecrite}))


@pytest.mark.parametrize(
    ("critere", "phrase"),
    [
        ({"le": "31/02/2020"}, "Le 31/02/2020 n'existe pas au calendrier."),
        ({"le": "hier"}, "« hier » n'est pas une date. Écrivez-la comme 01/04/2020."),
        ({"le": "1999-01-01"}, "Le barème commence le 1er janvier 2013"),
        ({"sujet": "martien"}, "« martien » n'est pas dans la liste : ce filtre est laissé de côté."),
        ({"regime": "martien"}, "ce filtre est laissé de côté"),
        ({"certitude": "<script>"}, "« <script> » n'est pas dans la liste"),
        ({"q": "é" * 200}, "100"),
    ],
)
def test_un_filtre_qui_ne_va_pas_se_dit_et_la_page_sert_encore(
    client: Client, critere: dict[str, str], phrase: str
) -> None:
    reponse = client.get("/bareme/", critere)
    assert reponse.status_code == 200
    assert phrase in lu(reponse).replace("\u00a0", " ")
    assert "SMIC horaire brut" in lu(reponse)
    assert b"<script>" not in reponse.content


@time_machine.travel("2026-11-25T10:00:00Z")
def test_sans_date_ce_sont_les_valeurs_d_aujourd_hui(client: Client) -> None:
    assert "Les valeurs en vigueur le 25 novembre 2026" in page(client, "/bareme/")


@time_machine.travel("2031-01-01T10:00:00Z")
def test_des_annees_plus_tard_la_page_montre_les_derniers_taux_connus_et_le_dit(client: Client) -> None:
    texte = page(client, "/bareme/")
    assert "Les valeurs en vigueur le 1er janvier 2031" in texte
    assert "Ce sont les taux connus au 30 novembre 2026" in texte


def test_un_jour_a_venir_montre_les_derniers_taux_et_le_dit(client: Client) -> None:
    page = lu(client.get("/bareme/", {"le": "2027-03-01"}))
    assert "Les valeurs en vigueur le 1er mars 2027" in page
    assert "Ce sont les taux connus au 30 novembre 2026" in page
    assert "Ce sont les taux connus" not in lu(client.get("/bareme/", {"le": "2026-11-30"}))


def test_rien_ne_repond_et_la_page_dit_quoi_faire(client: Client) -> None:
    assert "Rien ne répond à ces critères" in page(client, "/bareme/?q=licorne")
    assert "Aucun changement ne répond" in page(client, "/bareme/changements/?q=licorne")
    assert "Aucune valeur incertaine ne répond" in page(client, "/bareme/incertitudes/?q=licorne")


@pytest.mark.parametrize("mots", ["PLANCHER horaire", "planchér", "plancher 2020-325", "allocation_plancher"])
def test_la_recherche_ignore_accents_et_casse_et_lit_sources_et_cles(client: Client, mots: str) -> None:
    assert "8,03" in lu(client.get("/bareme/", {"le": "2020-04-15", "q": mots}))


def test_un_regime_reunit_tout_ce_qui_y_compte(client: Client) -> None:
    texte = page(client, "/bareme/?regime=apld&le=2023-01-15")
    assert "Taux de l'allocation, APLD" in texte
    assert "SMIC horaire brut" in texte
    assert "Contingent annuel d'heures" not in texte


def test_une_certitude_ne_garde_que_les_siennes(client: Client) -> None:
    corps = client.get("/bareme/?certitude=incertaine&vue=historique").content.decode()
    assert "fr-badge--warning" in corps
    assert "fr-badge--success" not in corps


def test_toutes_les_valeurs_sont_dans_l_historique(client: Client) -> None:
    corps = client.get("/bareme/?vue=historique").content.decode()
    for parametre in bareme().parametres.values():
        assert f'id="{parametre.cle}"' in corps
    assert corps.count('<th scope="row">') == sum(len(p.valeurs) for p in bareme().parametres.values())


def test_chaque_parametre_a_son_ancre_et_son_adresse(client: Client) -> None:
    vivants = [
        p.cle for p in bareme().parametres.values() if (v := p.au(date(2020, 4, 15))) and v.etat != "sans_objet"
    ]
    corps = client.get("/bareme/?le=2020-04-15").content.decode()
    assert all(f'id="{cle}"' in corps and f'href="/bareme/{cle}/"' in corps for cle in vivants)


@pytest.mark.parametrize("cle", bareme().parametres)
def test_la_page_de_chaque_parametre_raconte_son_histoire(client: Client, cle: str) -> None:
    reponse = client.get(f"/bareme/{cle}/")
    assert reponse.status_code == 200
    texte = lu(reponse)
    for valeur in bareme().parametres[cle].valeurs:
        assert valeur.lisible in texte
        assert insecable(" ".join(valeur.source.split())) in texte


def test_un_parametre_inconnu_est_introuvable(client: Client) -> None:
    for cle in ("nexiste.pas", "smic", "../smic", "é.é"):
        assert client.get(f"/bareme/{cle}/").status_code == 404


@time_machine.travel("2026-11-25T10:00:00Z")
def test_une_valeur_reconduite_date_du_jour_ou_elle_a_change(client: Client) -> None:
    texte = page(client, "/bareme/droit_commun.allocation_plancher/")
    assert f"Aujourd'hui{INSECABLE}: 8,57{INSECABLE}€ par heure , depuis le 1er janvier 2026" in texte


def test_ce_qui_change_dit_avant_et_apres_et_se_lie_par_date(client: Client) -> None:
    corps = client.get("/bareme/changements/").content.decode()
    assert 'id="2021-07-01"' in corps
    assert 'href="#2021-07-01"' in corps
    jour = corps.split('id="2021-07-01"')[1].split("<h2")[0]
    texte = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", jour)))
    assert "Taux de l'indemnité due au salarié 70 % 60 %" in texte
    assert "Taux de l'allocation versée à l'employeur 52 % 36 %" in texte


def test_une_entree_qui_ne_change_que_de_source_n_est_pas_un_changement() -> None:
    jours = dict(consultation.changements(bareme(), Filtre()))
    cles = {c.apres.cle for c in jours[date(2026, 6, 1)]}
    assert "smic.horaire_brut" in cles
    assert "droit_commun.allocation_plancher" not in cles
    assert all(c.avant is None or c.avant.lisible != c.apres.lisible for siens in jours.values() for c in siens)


def test_les_incertitudes_y_sont_toutes_avec_leur_note(client: Client) -> None:
    texte = page(client, "/bareme/incertitudes/")
    assert "inconnue" in texte
    for valeur in bareme().incertitudes():
        assert valeur.libelle in texte
        assert insecable(" ".join(valeur.note.split())) in texte


@pytest.mark.parametrize("adresse", ["/bareme/", DEMO, "/bareme/changements/", "/bareme/incertitudes/"])
def test_ces_pages_ne_demandent_rien_a_la_base(
    client: Client, adresse: str, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # fourni par pytest-django
        client.get(adresse)


def test_un_sujet_sans_titre_se_montre_sous_son_nom() -> None:
    assert sujet_de("nouveau_sujet.valeur").titre == "Nouveau sujet"

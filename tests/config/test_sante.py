"""Ce que lisent un répartiteur et un outil de surveillance : vivant, prêt, et les mesures."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from apart.courriels.models import Courriel
from apart.repertoire.models import Importation
from tests.monde import battre

JETON = "un-jeton-de-vingt-signes-ou-plus"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def couper_la_base(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuser(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", refuser)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuser)


def pret(client: Client) -> tuple[int, dict[str, bool]]:
    reponse = client.get("/sante/pret")
    return reponse.status_code, json.loads(reponse.content)


def test_pret_quand_un_travailleur_bat(client: Client) -> None:
    battre()
    assert pret(client) == (200, {"base": True, "migrations": True, "travailleur": True})


@pytest.mark.parametrize("retard", [None, 61])
def test_sans_travailleur_le_service_n_est_pas_pret(client: Client, retard: int | None) -> None:
    if retard:
        battre(il_y_a=retard)
    assert pret(client) == (503, {"base": True, "migrations": True, "travailleur": False})


def test_une_migration_en_attente_se_voit(client: Client) -> None:
    battre()
    with connection.cursor() as curseur:
        curseur.execute("DELETE FROM django_migrations WHERE (app, name) = ('socle', '0003_envois')")
    assert pret(client) == (503, {"base": True, "migrations": False, "travailleur": False})


def test_base_coupee_le_processus_reste_vivant_et_n_est_pas_pret(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    couper_la_base(monkeypatch)
    assert client.get("/sante/vivant").status_code == 200
    assert pret(client) == (503, {"base": False, "migrations": False, "travailleur": False})


def test_en_entretien_personne_ne_relance_le_service(client: Client, settings: Settings) -> None:
    settings.ENTRETIEN = True
    battre()
    assert client.get("/sante/vivant").status_code == 200
    assert pret(client)[0] == 200


def mesures(client: Client, **entetes: str) -> dict[str, float]:
    reponse = client.get("/metriques", headers={"Authorization": f"Bearer {JETON}", **entetes})
    assert reponse.status_code == 200
    return {
        " ".join([mesure.name, *mesure.labels.values()]): mesure.value
        for famille in text_string_to_metric_families(reponse.content.decode())
        for mesure in famille.samples
    }


@pytest.mark.parametrize(("regle", "presente"), [("", ""), ("", "Bearer "), (JETON, ""), (JETON, f"Bearer {JETON}x")])
def test_sans_le_jeton_regle_les_mesures_n_existent_pas(
    client: Client, settings: Settings, regle: str, presente: str
) -> None:
    settings.METRIQUES_JETON = regle
    assert client.get("/metriques", headers={"Authorization": presente}).status_code == 404


@pytest.fixture
def surveille(settings: Settings) -> Client:
    """Un client de plus : ses intergiciels sont choisis après le réglage."""
    settings.METRIQUES_JETON = JETON
    return Client(raise_request_exception=False)


def test_une_vue_en_panne_se_compte_a_son_nom(surveille: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def tomber(*args: object, **options: object) -> None:
        raise RuntimeError("panne d'essai")

    monkeypatch.setattr("apart.socle.views.anti_robot.creer_defi", tomber)
    avant = mesures(surveille)
    surveille.get(reverse("anti-robot", args=["essai"]))
    apres = mesures(surveille)
    assert apres["apart_reponses_total 500 anti-robot"] == avant.get("apart_reponses_total 500 anti-robot", 0) + 1
    assert apres["apart_requete_secondes_count GET anti-robot"] >= 1


def test_les_mesures_disent_l_age_de_ce_qui_attend(surveille: Client) -> None:
    maintenant = timezone.now()
    battre(il_y_a=7)
    Courriel.objects.create(
        destinataire="a@exemple.fr", cree_le=maintenant - timedelta(minutes=9), expire_le=maintenant
    )
    Importation.objects.create(
        fichier_etablissements="e", fichier_unites="u", fiches=1, unites=1, finie_le=maintenant - timedelta(days=40)
    )
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) "
            "VALUES ('q', 't', 'todo'), ('q', 't', 'failed'), ('q', 't', 'failed')"
        )
    lues = mesures(surveille)
    assert (lues["apart_taches todo"], lues["apart_taches failed"]) == (1, 2)
    assert lues["apart_courriels_en_attente"] == 1
    assert lues["apart_courriel_plus_ancien_secondes"] == pytest.approx(540, abs=60)
    assert lues["apart_repertoire_age_secondes"] == pytest.approx(40 * 86_400, abs=60)
    assert lues["apart_travailleur_battement_secondes"] == pytest.approx(7, abs=60)
    assert lues["apart_base_repond"] == 1
    assert lues["apart_mots_de_passe_en_cours"] == 0


@pytest.mark.parametrize(
    ("sort", "reponse", "age"),
    [
        ("en_file", "", 540),
        ("en_file", "Serveur injoignable : refused", 540),
        ("differe", "Expéditeur refusé : 553 5.1.8 nope", 540),
        ("differe", "Connexion coupée : timed out", 540),
        ("differe", "451 4.7.1 Greylisted", 0),
    ],
)
def test_l_age_du_plus_ancien_courriel_ne_compte_pas_ce_qu_un_destinataire_fait_attendre(
    surveille: Client, sort: str, reponse: str, age: int
) -> None:
    """Un seul domaine en liste grise réveillerait l'exploitant, qui n'y peut rien."""
    maintenant = timezone.now()
    cree_le = maintenant - timedelta(minutes=9)
    Courriel.objects.create(
        destinataire="a@exemple.fr", cree_le=cree_le, expire_le=maintenant, sort=sort, reponse=reponse
    )
    lues = mesures(surveille)
    assert lues["apart_courriel_plus_ancien_secondes"] == pytest.approx(age, abs=60)
    assert lues["apart_courriels_en_attente"] == 1


def alertes() -> list[str]:
    """La mesure de chaque ligne du tableau des alertes."""
    guide = (Path(__file__).resolve().parents[2] / "docs/exploitation.md").read_text()
    lignes = re.findall(r"^\| (?:tout de suite|le matin) \| (.+?) \| .+ \|$", guide, re.MULTILINE)
    return [mesure.replace("\\|", "|") for mesure in lignes]


def test_chaque_mesure_d_une_alerte_du_guide_existe_avec_ses_etiquettes(surveille: Client) -> None:
    battre()
    maintenant = timezone.now()
    Importation.objects.create(fichier_etablissements="e", fichier_unites="u", fiches=1, unites=1, finie_le=maintenant)
    surveille.get("/sante/vivant")
    lu = surveille.get("/metriques", headers={"Authorization": f"Bearer {JETON}"}).content.decode()
    etiquettes: dict[str, set[str]] = {}
    for famille in text_string_to_metric_families(lu):
        for mesure in famille.samples:
            etiquettes.setdefault(mesure.name, set()).update(mesure.labels)
    nommees = [nommee for alerte in alertes() for nommee in re.findall(r"(apart_\w+)(?:\{(.*?)\})?", alerte)]
    assert len(alertes()) == 9
    for nom, filtre in nommees:
        assert nom in etiquettes
        assert set(re.findall(r"(\w+)[!=]~?", filtre)) <= etiquettes[nom], nom
    assert {"le", "vue"} <= etiquettes["apart_requete_secondes_bucket"]


def test_un_travailleur_arrete_proprement_efface_sa_mesure_et_l_alerte_du_guide_le_sait(surveille: Client) -> None:
    nom = "apart_travailleur_battement_secondes"
    assert nom not in mesures(surveille)
    assert any(f"{nom} > 120 or absent({nom})" in alerte for alerte in alertes())


def test_un_503_voulu_ne_reveille_personne() -> None:
    (pannes,) = [alerte for alerte in alertes() if "5.." in alerte]
    assert 'statut!="503"' in pannes


def test_base_coupee_les_mesures_du_site_se_lisent_encore(surveille: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    surveille.get("/sante/vivant")
    couper_la_base(monkeypatch)
    lues = mesures(surveille)
    assert lues["apart_base_repond"] == 0
    assert lues["apart_reponses_total 200 sante-vivant"] >= 1

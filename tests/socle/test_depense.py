"""Le calcul d'une adresse est compté : une minute de processeur par minute, quelle que soit la page."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from apart.socle import depense
from apart.socle.depense import CALCUL_PAR_ADRESSE, depenser, exiger_du_credit
from apart.socle.limites import TropDeDemandes, compter
from apart.socle.models import Compteur
from tests.comptes.fabriques import connue, entrer, est_connecte
from tests.simulateur.envois import EMPLOYEUR, groupe

pytestmark = pytest.mark.django_db
PAR_LOT = depense.PAR_LOT
ADRESSE, FICHIER = "127.0.0.1", "/simulateur/fichier/"


@pytest.fixture(autouse=True)
def _rien_de_compte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depense, "_restes", {})
    monkeypatch.setattr(depense, "_epuisees", {})
    monkeypatch.setattr(depense, "PAR_LOT", PAR_LOT)


@pytest.mark.jour
@pytest.mark.menace("T22")
def test_t22_une_adresse_qui_a_pris_sa_minute_attend_la_suivante(client: Client) -> None:
    maintenant = timezone.now().replace(second=1, microsecond=0)
    with time_machine.travel(maintenant, tick=False):
        depenser(59.0, ADRESSE)
        exiger_du_credit(ADRESSE)
        depenser(1.5, ADRESSE)
        with pytest.raises(TropDeDemandes) as refus:
            exiger_du_credit(ADRESSE)
        assert 0 < refus.value.attente.total_seconds() <= 60
        exiger_du_credit("192.0.2.1")
        assert client.post(EMPLOYEUR, groupe()).status_code == 429
    with time_machine.travel(maintenant + timedelta(minutes=1), tick=False):
        exiger_du_credit(ADRESSE)


@pytest.mark.jour
@pytest.mark.menace("T40")
def test_t40_lire_une_page_est_compte_et_refuse_comme_le_reste(client: Client) -> None:
    with time_machine.travel(timezone.now().replace(second=1), tick=False):
        assert client.get("/bareme/?vue=historique").status_code == 200
        assert depense._restes.get(ADRESSE) or Compteur.objects.filter(cle=CALCUL_PAR_ADRESSE.cle(ADRESSE)).exists()
        depenser(61.0, ADRESSE)
        assert client.get("/bareme/?vue=historique").status_code == 429
        assert client.get("/sante/vivant").status_code == 200, "refusée, la surveillance relancerait le site"


@pytest.mark.jour
def test_de_petits_calculs_s_ecrivent_ensemble() -> None:
    with time_machine.travel(timezone.now(), tick=False):
        depenser(PAR_LOT * 0.6, ADRESSE)
        assert compter(CALCUL_PAR_ADRESSE, ADRESSE) == 1
        depenser(PAR_LOT * 0.6, ADRESSE)
        assert compter(CALCUL_PAR_ADRESSE, ADRESSE) == 1_202


def test_une_base_arretee_ne_fait_echouer_aucune_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def muette(*_comptes: object) -> int:
        raise OperationalError

    monkeypatch.setattr(depense, "compter", muette)
    depenser(2.0, ADRESSE)
    assert depense._restes == {ADRESSE: 2.0}, "à compter quand elle reviendra"


@pytest.mark.jour
def test_l_instant_ou_la_base_revient_tout_est_compte() -> None:
    with time_machine.travel(timezone.now(), tick=False):
        depense._restes[ADRESSE] = 2.0
        depenser(0.1, ADRESSE)
        assert compter(CALCUL_PAR_ADRESSE, ADRESSE) == 2_101
        assert depense._restes == {}


def test_la_memoire_des_petits_calculs_est_bornee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depense, "SUIVIES", 10)
    for rang in range(100):
        depenser(0.1, f"192.0.2.{rang}")
    assert len(depense._restes) <= 11


@pytest.mark.jour
def test_une_page_qui_calcule_longtemps_est_comptee(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    horloge = iter([0.0, 2.5])
    monkeypatch.setattr(time, "thread_time", lambda: next(horloge))
    with time_machine.travel(timezone.now(), tick=False):
        client.post(EMPLOYEUR, groupe())
        assert compter(CALCUL_PAR_ADRESSE, ADRESSE) == 2_501


@pytest.mark.jour
def test_un_fichier_est_compte_et_refuse_a_qui_n_a_plus_de_credit(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        envoi = {"colle": "remuneration;mois;heures\n2000;04/2026;70\n"}
        assert client.post(FICHIER, envoi).status_code == 200
        assert depense._restes[ADRESSE] > 0
        compter(CALCUL_PAR_ADRESSE, ADRESSE, 60_000)  # par un autre processus
        assert client.post(FICHIER, envoi).status_code == 429


@pytest.mark.jour
@pytest.mark.menace("T5")
def test_t5_des_envois_sans_suite_ne_ferment_la_connexion_qu_a_leur_reseau() -> None:
    """Sans jeton ni cookie, aucune autre limite ne les comptait, et chacun prenait son tour."""
    with time_machine.travel(timezone.now().replace(second=1), tick=False):
        Client(enforce_csrf_checks=True).post("/connexion/", {"a": "b"})
        assert depense._restes[ADRESSE] > 0
        depenser(61.0, ADRESSE)
        assert Client().post("/connexion/", {"a": "b"}).status_code == 429
        assert Client(REMOTE_ADDR="192.0.2.1").post("/connexion/", {"a": "b"}).status_code != 429


@pytest.mark.jour
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_ne_paie_pas_le_calcul_de_son_reseau(client: Client) -> None:
    with time_machine.travel(timezone.now().replace(second=1), tick=False):
        marie = connue(client)
        depenser(61.0, "192.0.2.1")
        assert entrer(Client(), marie.identifiant).status_code == 429
        assert client.get("/connexion/", REMOTE_ADDR="192.0.2.1").status_code == 200
        envoi = {"colle": "remuneration;mois;heures\n2000;04/2026;70\n"}
        assert client.post(FICHIER, envoi, REMOTE_ADDR="192.0.2.1").status_code == 200
        assert not depense._restes.get("192.0.2.1"), "son fichier aussi est à son compte"
        entrer(client, marie.identifiant)
        assert est_connecte(client)

"""Essais en série, devinettes, blocages : ce que la connexion refuse, et à qui."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apart.comptes import connexion
from apart.comptes.actions.connexion import oublier_echecs
from apart.comptes.models import EchecConnexion, Utilisateur
from apart.socle.limites import compter
from tests.comptes.fabriques import MOT_DE_PASSE, connue, entrer, est_connecte, personne

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAUX = "tracteur violet semaine douce"


@pytest.fixture
def calculs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compte les calculs Argon2, sans les remplacer."""
    faits: list[str] = []
    verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode

    def verify_compte(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        faits.append("verify")
        return verify(self, password, encoded)

    def encode_compte(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        faits.append("encode")
        return encode(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify_compte)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode_compte)
    return faits


def echecs(*minutes: float) -> list[datetime]:
    return [MIDI + timedelta(minutes=m) for m in minutes]


def attente_apres(*minutes: float) -> timedelta:
    moments = echecs(*minutes)
    return connexion.attente(moments, moments[-1])


# --- La règle, seule ---


def test_quatre_echecs_ne_font_pas_attendre() -> None:
    assert attente_apres(0, 1, 2, 3) == timedelta()


def test_le_cinquieme_echec_en_cinq_minutes_fait_attendre_une_minute() -> None:
    assert attente_apres(0, 1, 2, 3, 4) == timedelta(minutes=1)


def test_cinq_echecs_etales_sur_une_heure_ne_font_pas_attendre() -> None:
    assert attente_apres(0, 12, 24, 36, 48) == timedelta()


def test_l_attente_double_jusqu_a_quinze_minutes() -> None:
    moments = echecs(0, 0, 0, 0, 0)
    attendus = []
    for _ in range(7):
        attente = connexion.attente(moments, moments[-1])
        attendus.append(attente.total_seconds() / 60)
        moments.append(moments[-1] + attente)

    assert attendus == [1, 2, 4, 8, 15, 15, 15]


def test_une_heure_sans_echec_remet_tout_a_zero() -> None:
    assert attente_apres(0, 0, 0, 0, 0, 1, 3, 70) == timedelta()


@given(st.lists(st.integers(0, 3 * 24 * 60), max_size=40))
def test_l_attente_ne_depasse_jamais_quinze_minutes(minutes: list[int]) -> None:
    moments = echecs(*sorted(minutes))
    fin = moments[-1] if moments else MIDI

    assert connexion.attente(moments, fin) <= timedelta(minutes=15)


# --- La page ---

pytest_django = pytest.mark.django_db


def preparer(cas: str) -> str:
    """Un compte dans l'état voulu ; rend l'identifiant à taper."""
    if cas == "inconnu":
        return "K7MP2QXV"
    marie = personne()
    if cas == "inactif":
        Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    if cas == "sans mot de passe":
        marie.set_unusable_password()
        marie.save()
    if cas == "en attente":
        for _ in range(5):
            entrer(Client(), marie.identifiant, FAUX, ip="198.51.100.7")
    Utilisateur.objects.filter(pk=marie.pk).update(identifiant="K7MP2QXV")
    EchecConnexion.objects.update(compte=connexion.cle_compte("K7MP2QXV"))
    return "K7MP2QXV"


@pytest_django
@pytest.mark.menace("T2")
@pytest.mark.parametrize(("essai", "formes"), [(FAUX, 1), ("", 1), ("x" * 128, 1), ("e\u0301tourneau sur le toit", 2)])
@pytest.mark.parametrize("cas", ["inconnu", "connu", "inactif", "sans mot de passe", "en attente"])
def test_t2_toutes_les_raisons_de_refuser_donnent_la_meme_page_et_le_meme_calcul(
    cas: str, essai: str, formes: int, calculs: list[str]
) -> None:
    """Un calcul par forme du mot tapé : composée, et telle que le clavier l'envoie."""
    identifiant = preparer(cas)
    temoin = entrer(Client(), "K7MP2QXW", FAUX, ip="203.0.113.9")
    calculs.clear()

    refus = entrer(Client(), identifiant, essai, ip="203.0.113.10")

    assert len(calculs) == formes
    assert refus.status_code == temoin.status_code == 200
    assert sans_jetons(refus.content.decode()) == sans_jetons(temoin.content.decode()).replace("2QXW", "2QXV")
    assert set(refus.headers) == set(temoin.headers)


@pytest_django
def test_un_mot_de_passe_de_deux_formes_compte_pour_deux_essais() -> None:
    """Il coûte deux calculs : sans cela, ajouter un signe doublerait la charge que permet une limite."""
    entrer(Client(), "K7MP2QXV", "e\u0301tourneau sur le toit")

    assert compter(connexion.PAR_ADRESSE, "192.0.2.1") == 3


def sans_jetons(page: str) -> str:
    return "\n".join(ligne for ligne in page.splitlines() if "csrfmiddlewaretoken" not in ligne)


@pytest_django
@pytest.mark.menace("T2")
@pytest.mark.parametrize("cas", ["inactif", "sans mot de passe", "en attente"])
def test_t2_meme_le_bon_mot_de_passe_n_apprend_rien(cas: str, calculs: list[str]) -> None:
    identifiant = preparer(cas)
    temoin = entrer(Client(), "K7MP2QXW", FAUX, ip="203.0.113.9")
    calculs.clear()

    refus = entrer(Client(), identifiant, MOT_DE_PASSE, ip="203.0.113.10")

    assert len(calculs) == 1
    assert sans_jetons(refus.content.decode()) == sans_jetons(temoin.content.decode()).replace("2QXW", "2QXV")


@pytest_django
@pytest.mark.menace("T4")
def test_t4_apres_dix_echecs_le_bon_mot_de_passe_attend_puis_passe(
    client: Client, temps: time_machine.Traveller
) -> None:
    marie = personne()
    for _ in range(10):
        refus = entrer(Client(), marie.identifiant, FAUX)

    bon = entrer(client, marie.identifiant)
    assert sans_jetons(bon.content.decode()) == sans_jetons(refus.content.decode())
    assert not est_connecte(client)

    temps.shift(timedelta(minutes=1, seconds=1))
    entrer(client, marie.identifiant)
    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T4")
def test_t4_l_attente_d_un_compte_se_leve_apres_une_reinitialisation(client: Client) -> None:
    marie = personne()
    for _ in range(6):
        entrer(Client(), marie.identifiant, FAUX)

    oublier_echecs(marie)
    entrer(client, marie.identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T4")
def test_t4_essayer_pendant_l_attente_ne_la_rallonge_pas(client: Client, temps: time_machine.Traveller) -> None:
    marie = personne()
    for _ in range(5):
        entrer(Client(), marie.identifiant, FAUX)
    temps.shift(timedelta(seconds=50))
    entrer(Client(), marie.identifiant, FAUX, ip="198.51.100.20")
    temps.shift(timedelta(seconds=11))

    entrer(client, marie.identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T4")
def test_t4_l_attente_part_du_dernier_echec(client: Client, temps: time_machine.Traveller) -> None:
    marie = personne()
    for minutes in (0, 0, 0, 4):
        entrer(Client(), marie.identifiant, FAUX)
        temps.shift(timedelta(minutes=minutes))
    entrer(Client(), marie.identifiant, FAUX)

    temps.shift(timedelta(seconds=59))
    entrer(client, marie.identifiant)
    assert not est_connecte(client)

    temps.shift(timedelta(seconds=2))
    entrer(client, marie.identifiant)
    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T4")
def test_t4_une_connexion_reussie_efface_les_echecs() -> None:
    marie = personne()
    for _ in range(2):
        for _ in range(4):
            entrer(Client(), marie.identifiant, FAUX)
        assert entrer(Client(), marie.identifiant).status_code == 302
    assert not EchecConnexion.objects.exists()


@pytest_django
@pytest.mark.menace("T5")
def test_t5_celui_qui_attaque_un_compte_n_en_prive_pas_son_titulaire(client: Client) -> None:
    marie = connue(client)
    for i in range(50):
        entrer(Client(), marie.identifiant, FAUX, ip=f"198.51.100.{i % 5}")

    entrer(client, marie.identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_est_freine_lui_aussi(client: Client) -> None:
    marie = connue(client)
    for _ in range(5):
        entrer(client, marie.identifiant, FAUX)

    entrer(client, marie.identifiant)

    assert not est_connecte(client)


@pytest_django
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_pour_un_compte_ne_l_est_pas_pour_un_autre(client: Client) -> None:
    connue(client)
    jean = personne("jean@garage.fr")
    for _ in range(5):
        entrer(Client(), jean.identifiant, FAUX)

    entrer(client, jean.identifiant)

    assert not est_connecte(client)


@pytest_django
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_a_son_propre_plafond(client: Client, temps: time_machine.Traveller) -> None:
    marie = connue(client)

    statuts = [entrer(client, marie.identifiant, FAUX, ip=f"198.51.100.{i}").status_code for i in range(11)]

    assert statuts == [200] * connexion.PAR_APPAREIL.nombre + [429]


@pytest_django
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_ne_paie_pas_pour_son_reseau(client: Client, temps: time_machine.Traveller) -> None:
    marie = connue(client)
    for _ in range(connexion.PAR_ADRESSE.nombre + 1):
        compter(connexion.PAR_ADRESSE, "192.0.2.1")
    assert entrer(Client(), marie.identifiant).status_code == 429

    entrer(client, marie.identifiant)

    assert est_connecte(client)


def manquer_vingt_comptes(*, appareil: str = "") -> None:
    EchecConnexion.objects.bulk_create(
        EchecConnexion(compte=f"{n:064d}", appareil=appareil, adresse="192.0.2.1")
        for n in range(connexion.COMPTES_PAR_ADRESSE.nombre)
    )


@pytest_django
@pytest.mark.menace("T5")
def test_t5_un_appareil_reconnu_ne_paie_pas_pour_les_comptes_que_son_reseau_essaie(client: Client) -> None:
    marie = connue(client)
    manquer_vingt_comptes()
    assert entrer(Client(), marie.identifiant).status_code == 429

    entrer(client, marie.identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T5")
def test_t5_les_essais_des_appareils_reconnus_ne_ferment_pas_leur_reseau(client: Client) -> None:
    manquer_vingt_comptes(appareil="a" * 32)

    entrer(client, personne().identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T5")
def test_t5_se_tromper_vingt_fois_sur_un_compte_n_est_pas_en_essayer_vingt(client: Client) -> None:
    EchecConnexion.objects.bulk_create(EchecConnexion(compte="0" * 64, adresse="192.0.2.1") for _ in range(20))

    entrer(client, personne().identifiant)

    assert est_connecte(client)


@pytest_django
@pytest.mark.menace("T6")
def test_t6_une_adresse_qui_essaie_beaucoup_de_comptes_est_arretee_et_signalee(
    caplog: pytest.LogCaptureFixture, temps: time_machine.Traveller
) -> None:
    statuts = []
    with caplog.at_level(logging.WARNING, logger="apart.securite"):
        for i in range(30):
            temps.shift(timedelta(seconds=10))  # plus lentement que la limite par minute
            statuts.append(entrer(Client(), f"K7MP2Q{i:02d}", FAUX).status_code)

    assert statuts.index(429) < 29
    assert "comptes en série" in caplog.text


@pytest_django
@pytest.mark.menace("T7")
def test_t7_une_adresse_inventee_ne_contourne_pas_la_limite_par_adresse(temps: time_machine.Traveller) -> None:
    marie = personne()
    for i in range(31):
        reponse = Client().post(
            "/connexion/",
            {"identifiant": marie.identifiant, "mot_de_passe": FAUX},
            headers={"X-Forwarded-For": f"10.0.0.{i}", "X-Real-IP": f"10.0.1.{i}", "Forwarded": f"for=10.0.2.{i}"},
        )

    assert reponse.status_code == 429
    assert int(reponse.headers["Retry-After"]) > 0


@pytest_django
@pytest.mark.menace("T7")
def test_t7_changer_d_adresse_dans_son_reseau_ipv6_ne_sert_a_rien(temps: time_machine.Traveller) -> None:
    for i in range(31):
        reponse = entrer(Client(), "K7MP2QXV", FAUX, ip=f"2001:db8:1:2::{i:x}")

    assert reponse.status_code == 429


@pytest_django
@pytest.mark.menace("T33")
@pytest.mark.parametrize("tape", ['\n{"event": "ok"}', "motdepassetapeparmegarde", "<script>"])
def test_t33_ce_qui_est_tape_n_entre_pas_dans_les_journaux(caplog: pytest.LogCaptureFixture, tape: str) -> None:
    with caplog.at_level(logging.DEBUG):
        entrer(Client(), tape, "un secret qui ne doit pas fuir")

    journal = "\n".join(enregistrement.getMessage() for enregistrement in caplog.records)
    assert "refus" in journal
    assert tape.strip() not in journal
    assert tape.upper().strip() not in journal
    assert "un secret qui ne doit pas fuir" not in journal
    assert all("\n" not in enregistrement.getMessage() for enregistrement in caplog.records)

"""« J'ai oublié mon mot de passe » : lien, code, question secrète, code de secours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes import question as question_secrete
from apart.comptes.actions import secours
from apart.comptes.models import CodeSecours, Jeton, Question, Utilisateur
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import MOT_DE_PASSE, personne
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

NOUVEAU = "un train part sans moi le dimanche"
NOUVELLE_PAGE = "/mot-de-passe-oublie/nouveau/"


def demander(client: Client, identifiant: str) -> Any:
    return client.post("/mot-de-passe-oublie/", {"identifiant": identifiant} | preuve("mot-de-passe-oublie"))


def recevoir(client: Client, boite: Boite, utilisateur: Utilisateur) -> Lettre:
    demander(client, utilisateur.identifiant)
    travailler()
    return boite.recevoir_une()


def secret(lettre: Lettre) -> str:
    return lettre.chemin.rstrip("/").rsplit("/", 1)[1]


def choisir(client: Client, lettre: Lettre, mot_de_passe: str = NOUVEAU) -> Any:
    saisie = {"jeton": secret(lettre), "etape": "mot_de_passe", "mot_de_passe": mot_de_passe}
    return client.post(NOUVELLE_PAGE, saisie)


def poser_question(utilisateur: Utilisateur, reponse: str = "Médor") -> None:
    secours.definir_question(
        utilisateur, question=Question.ANIMAL, empreinte_reponse=question_secrete.empreinte(reponse), par=utilisateur
    )


def repondre(client: Client, lettre: Lettre, reponse: str) -> Any:
    return client.post(NOUVELLE_PAGE, {"jeton": secret(lettre), "etape": "question", "reponse": reponse})


def mot_de_passe_est(utilisateur: Utilisateur, mot_de_passe: str) -> bool:
    utilisateur.refresh_from_db()
    return utilisateur.check_password(mot_de_passe)


def test_le_lien_recu_change_le_mot_de_passe_et_previent(client: Client, boite: Boite) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)

    client.get(lettre.chemin)
    reponse = choisir(client, lettre)

    assert reponse["Location"] == "/connexion/"
    assert mot_de_passe_est(marie, NOUVEAU)
    assert boite.recevoir_une().objet == "Votre mot de passe a changé"


def test_on_n_est_pas_connecte_d_office_apres_le_changement(client: Client, boite: Boite) -> None:
    choisir(client, recevoir(client, boite, personne()))

    assert client.get("/mon-espace/").status_code == 302


def test_le_code_tape_mene_au_nouveau_mot_de_passe(client: Client, boite: Boite) -> None:
    marie = personne()
    messagerie = demander(client, marie.identifiant)["Location"]
    travailler()

    page = client.post(messagerie, {"code": boite.recevoir_une().code})

    assert "Nouveau mot de passe" in page.content.decode()


def test_une_adresse_tapee_a_la_place_de_l_identifiant_est_expliquee(client: Client) -> None:
    page = demander(client, "marie@boulangerie.fr").content.decode().replace("&#x27;", "'")

    assert "Ne pas saisir l'adresse de messagerie" in page
    assert "/identifiant-oublie/" in page


def test_la_question_secrete_est_posee_apres_le_lien_et_pardonne_casse_et_accents(
    client: Client, boite: Boite
) -> None:
    marie = personne()
    poser_question(marie)
    boite.recevoir()
    lettre = recevoir(client, boite, marie)

    page = client.post(NOUVELLE_PAGE, {"jeton": secret(lettre)}).content.decode()
    suite = repondre(client, lettre, "  MEDOR ").content.decode()
    choisir(client, lettre)

    assert "premier animal" in page
    assert "Nouveau mot de passe" in suite
    assert mot_de_passe_est(marie, NOUVEAU)


def test_trois_mauvaises_reponses_tuent_le_lien(client: Client, boite: Boite) -> None:
    marie = personne()
    poser_question(marie)
    boite.recevoir()
    lettre = recevoir(client, boite, marie)

    statuts = [repondre(client, lettre, essai).status_code for essai in ("Rex", "Milou", "Idéfix", "Médor")]

    assert statuts == [400, 400, 410, 410]


def test_le_code_de_secours_remplace_le_courriel_une_fois(client: Client) -> None:
    marie = personne()
    code = secours.renouveler_code(marie, par=marie)
    saisie = {"identifiant": marie.identifiant_lisible, "code": code.lower()}

    page = client.post("/mot-de-passe-oublie/code-de-secours/", saisie | preuve("code-de-secours"))
    jeton = page.content.decode().split('name="jeton" value="')[1].split('"')[0]
    fin = client.post(NOUVELLE_PAGE, {"jeton": jeton, "etape": "mot_de_passe", "mot_de_passe": NOUVEAU})
    encore = client.post("/mot-de-passe-oublie/code-de-secours/", saisie | preuve("code-de-secours"))

    assert mot_de_passe_est(marie, NOUVEAU)
    assert "Votre code de secours a servi. En voici un nouveau." in fin.content.decode()
    assert "ne vont pas ensemble" in encore.content.decode()


def test_abandonner_apres_le_code_de_secours_ne_le_perd_pas(client: Client) -> None:
    marie = personne()
    code = secours.renouveler_code(marie, par=marie)

    client.post(
        "/mot-de-passe-oublie/code-de-secours/",
        {"identifiant": marie.identifiant, "code": code} | preuve("code-de-secours"),
    )

    assert secours.code_correspond(marie, code)
    assert CodeSecours.objects.count() == 1


def test_les_essais_d_un_autre_ne_ferment_pas_le_chemin_du_code_de_secours() -> None:
    marie = personne()
    code = secours.renouveler_code(marie, par=marie)
    page = "/mot-de-passe-oublie/code-de-secours/"
    for _ in range(6):
        faux = {"identifiant": marie.identifiant, "code": "0" * 16} | preuve("code-de-secours")
        refus = Client(REMOTE_ADDR="203.0.113.9").post(page, faux)

    juste = {"identifiant": marie.identifiant, "code": code} | preuve("code-de-secours")
    reponse = Client(REMOTE_ADDR="198.51.100.7").post(page, juste)

    assert refus.status_code == 429
    assert reponse.status_code == 200
    assert 'name="jeton"' in reponse.content.decode()


def test_un_lien_expire_en_renvoie_un_a_la_meme_adresse(client: Client, boite: Boite) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        client.post("/mot-de-passe-oublie/renouveler/", {"jeton": secret(lettre)})
        nouvelle = boite.recevoir_une()
        choisir(client, nouvelle)

    assert nouvelle.a == marie.courriel
    assert mot_de_passe_est(marie, NOUVEAU)


def test_un_message_retarde_sert_encore_apres_une_seconde_demande(client: Client, boite: Boite) -> None:
    marie = personne()
    retarde = recevoir(client, boite, marie)
    recevoir(client, boite, marie)

    choisir(client, retarde)

    assert mot_de_passe_est(marie, NOUVEAU)


def test_un_mot_de_passe_refuse_garde_le_lien_valable(client: Client, boite: Boite) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)

    refus = choisir(client, lettre, "trop court")
    choisir(client, lettre)

    assert refus.status_code == 400
    assert mot_de_passe_est(marie, NOUVEAU)


def test_l_ancien_mot_de_passe_reste_tant_qu_on_ne_va_pas_au_bout(client: Client, boite: Boite) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)

    client.post(NOUVELLE_PAGE, {"jeton": secret(lettre)})

    assert mot_de_passe_est(marie, MOT_DE_PASSE)
    assert Jeton.objects.get().employe_le is None

"""Abus du formulaire d'assistance et de ses suites."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance, Message
from apart.assistance.views.demande import DEPOTS_PAR_IP, MESSAGES_PAR_DEMANDE
from tests.assistance.fabriques import depot, formulaire
from tests.boite import Boite
from tests.comptes.fabriques import agent
from tests.preuves import preuve
from tests.travail import travailler

ASSISTANCE = "/aide/assistance/"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]

PIEGES = [
    "<script>alert(1)</script>",
    "javascript:alert(1)//http://x",
    "</textarea><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "' onfocus=alert(1) autofocus='",
    '<a href="javascript:alert(1)">ici</a>',
    "\u202egnp.exe",
]


@pytest.mark.menace("T15")
def test_t15_cent_demandes_vers_une_adresse_ne_font_que_trois_courriels(client: Client, boite: Boite) -> None:
    for _ in range(100):
        depot()

    assert len(boite.recevoir()) == 3
    assert DemandeAssistance.objects.count() == 100  # aucune n'est perdue


@pytest.mark.menace("T15")
def test_t15_redemander_le_lien_cent_fois_repond_pareil_et_ne_fait_que_trois_courriels(
    client: Client, boite: Boite
) -> None:
    depot()
    corps = set()
    for rang in range(100):
        reponse = client.post(
            "/aide/suivi/",
            {"courriel": "marie.durand@boulangerie.fr"} | preuve("suivi-retrouver"),
            REMOTE_ADDR=f"10.0.0.{rang}",
        )
        corps.add((reponse.status_code, reponse.content))
    travailler()

    assert len(boite.recevoir()) == 3
    assert len(corps) == 1


@pytest.mark.menace("T15")
def test_t15_une_meme_connexion_est_freinee_sans_rien_perdre_de_ce_qui_est_tape(client: Client) -> None:
    for _ in range(DEPOTS_PAR_IP.nombre):
        assert client.post(ASSISTANCE, formulaire()).status_code == 302

    refus = client.post(ASSISTANCE, formulaire(description="Mon long texte"))

    assert refus.status_code == 429
    assert int(refus.headers["Retry-After"]) > 0
    assert "Mon long texte" in refus.content.decode()


@pytest.mark.menace("T15")
def test_t15_la_page_de_suivi_freine_aussi_les_messages(client: Client) -> None:
    depose = depot()
    adresse = f"/aide/suivi/{depose.secret}/ecrire/"
    for _ in range(MESSAGES_PAR_DEMANDE.nombre):
        client.post(adresse, {"texte": "encore"})

    refus = client.post(adresse, {"texte": "celui-ci est de trop"})

    assert refus.status_code == 429
    assert "celui-ci est de trop" in refus.content.decode()


@pytest.mark.menace("T16")
@pytest.mark.parametrize("champ", ["nom_complet", "denomination", "courriel", "description", "telephone", "siret"])
@pytest.mark.parametrize(
    "piege", ["A\r\nBcc: x@y.example", "A\nBcc: x@y.example", "A%0d%0aBcc: x@y.example", "A\u2028Bcc: z"]
)
def test_t16_aucun_champ_n_ajoute_de_destinataire(
    client: Client, boite: Boite, settings: Settings, champ: str, piege: str
) -> None:
    settings.COURRIEL_ASSISTANCE = "contact@bureau.example"

    reponse = client.post(ASSISTANCE, formulaire(**{champ: piege}))

    assert reponse.status_code in {200, 302}
    for lettre in boite.recevoir():
        assert lettre.message["Bcc"] is None
        assert lettre.enveloppe_a in (["contact@bureau.example"], ["marie.durand@boulangerie.fr"])


@pytest.mark.menace("T16")
def test_t16_un_nom_sur_deux_lignes_n_en_fait_qu_une(client: Client) -> None:
    client.post(ASSISTANCE, formulaire(nom_complet="Durand\r\nMarie\t\u200b"))

    assert DemandeAssistance.objects.get().nom_complet == "Durand Marie"


@pytest.mark.menace("T17")
@pytest.mark.parametrize("champ", ["nom_complet", "denomination", "description"])
def test_t17_l_accuse_ne_repete_rien_de_ce_qu_un_inconnu_a_tape(client: Client, boite: Boite, champ: str) -> None:
    client.post(ASSISTANCE, formulaire(**{champ: "Cliquez http://evil.tld/prix"}))

    lettre = boite.recevoir_une()
    for partie in (lettre.objet, lettre.texte, lettre.html):
        assert "evil" not in partie
        assert "Cliquez" not in partie


@pytest.mark.menace("T17")
@pytest.mark.parametrize("champ", ["nom_complet", "denomination", "description"])
@pytest.mark.parametrize("piege", ["Cliquez http://evil.tld/prix", "Voyez www.evil.tld", "evil.tld"])
def test_t17_la_copie_au_bureau_ne_porte_aucun_lien_de_l_inconnu(
    client: Client, boite: Boite, settings: Settings, champ: str, piege: str
) -> None:
    settings.COURRIEL_ASSISTANCE = "contact@bureau.example"
    client.post(ASSISTANCE, formulaire(**{champ: piege}))

    copie = next(lettre for lettre in boite.recevoir() if lettre.a == "contact@bureau.example")

    assert "evil.tld" not in copie.texte
    assert "evil.tld" not in copie.html


@pytest.mark.menace("T27")
def test_t27_des_champs_en_trop_ne_changent_rien(client: Client) -> None:
    en_trop = {"etat": "close", "prise_par": "1", "auteur": "1", "pk": "999", "id": "999", "est_a_confirmer": "0"}
    client.post(ASSISTANCE, formulaire(**en_trop, promise_le="2020-01-01", est_agent="1"))

    demande = DemandeAssistance.objects.get()
    assert (demande.etat, demande.prise_par, demande.auteur) == (Etat.A_TRAITER, None, None)
    assert demande.est_a_confirmer
    assert demande.pk != 999


@pytest.mark.menace("T27")
def test_t27_le_demandeur_ne_se_fait_pas_passer_pour_un_agent(client: Client) -> None:
    depose = depot(description="")
    client.post(
        f"/aide/suivi/{depose.secret}/ecrire/", {"texte": "Bonjour", "voix": "agent", "par": "1", "demande": "9"}
    )

    message = Message.objects.get()
    assert (message.voix, message.par, message.demande) == ("demandeur", None, depose.demande)


@pytest.mark.menace("T32")
@pytest.mark.parametrize("piege", PIEGES)
def test_t32_rien_de_ce_qui_est_tape_ne_devient_du_code(client: Client, piege: str) -> None:
    paul = agent()
    depose = depot(nom_complet=piege, denomination=piege, description=piege)
    pages = [client.get(f"/aide/suivi/{depose.secret}/")]
    client.force_login(paul)
    adresses = ("/agents/assistance/", f"/agents/assistance/{depose.demande.pk}/")
    pages += [client.get(adresse, {"q": piege[:40]}) for adresse in adresses]
    pages.append(
        client.post(ASSISTANCE, formulaire(nom_complet=piege, denomination=piege, description=piege, siret=""))
    )
    for page in pages:
        texte = page.content.decode()
        assert page.status_code == 200
        for brut in (
            "<script>alert",
            "<img src=x",
            "<svg onload",
            "onfocus=alert(1) autofocus='",
            'href="javascript:',
        ):
            assert brut not in texte
        assert "14{% debug %}" not in texte


@pytest.mark.menace("T32")
def test_t32_le_fragment_tape_dans_un_courriel_reste_du_texte(
    client: Client, boite: Boite, settings: Settings
) -> None:
    settings.COURRIEL_ASSISTANCE = "contact@bureau.example"
    client.post(ASSISTANCE, formulaire(description="</p><img src=x onerror=alert(1)>"))

    copie = next(lettre for lettre in boite.recevoir() if lettre.a == "contact@bureau.example")

    assert "<img" not in copie.html


@pytest.mark.menace("T40")
def test_t40_un_envoi_demesure_est_refuse(client: Client) -> None:
    assert client.post(ASSISTANCE, formulaire(description="x" * 1_000_000)).status_code == 400

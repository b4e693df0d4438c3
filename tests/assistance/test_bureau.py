"""Le bureau des agents : la file, la demande, les gestes."""

from __future__ import annotations

import html
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apart.assistance.actions import demandes
from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance, Message, Motif, Voix
from apart.comptes.models import Utilisateur
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import SAISIE, depot
from tests.boite import Boite
from tests.comptes.fabriques import agent, personne
from tests.monde import etablissement, habiliter

BUREAU = "/agents/assistance/"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def paul() -> Utilisateur:
    return agent()


@pytest.fixture
def bureau(client: Client, paul: Utilisateur) -> Client:
    client.force_login(paul)
    return client


def lu(reponse: object) -> str:
    return html.unescape(reponse.content.decode())  # type: ignore[attr-defined]  # HttpResponse de test


def en_retard(demande: DemandeAssistance, de: timedelta) -> None:
    DemandeAssistance.objects.filter(pk=demande.pk).update(promise_le=timezone.now() - de)


def test_une_file_vide_le_dit(bureau: Client) -> None:
    assert "Aucune demande d'assistance pour l'instant." in lu(bureau.get(BUREAU))


@pytest.mark.parametrize(("jour", "montree"), [("2026-10-30 12:00", False), ("2026-10-31 12:00", True)])
def test_les_agents_lisent_que_le_bareme_va_finir(client: Client, paul: Utilisateur, jour: str, montree: bool) -> None:
    with time_machine.travel(jour, tick=False):
        client.force_login(paul)
        page = lu(client.get(BUREAU))
    assert ("ne sont connus que jusqu'au 30 novembre 2026" in page) is montree


def test_la_file_montre_la_plus_longue_attente_en_tete(bureau: Client) -> None:
    recente, ancienne = depot(denomination="Récente").demande, depot(denomination="Ancienne").demande
    DemandeAssistance.objects.filter(pk=ancienne.pk).update(attend_depuis=timezone.now() - timedelta(days=1))

    page = lu(bureau.get(BUREAU))

    assert page.index("Ancienne") < page.index("Récente")
    assert recente.numero in page


def test_le_retard_se_lit_en_toutes_lettres(bureau: Client) -> None:
    en_retard(depot().demande, timedelta(hours=3))

    page = lu(bureau.get(BUREAU))

    assert "en retard de 3 heures" in page
    assert "1 en retard" in page


def test_le_nombre_de_requetes_ne_grandit_pas_avec_la_file(bureau: Client, paul: Utilisateur) -> None:
    def requetes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as prises:
            bureau.get(BUREAU)
        return len(prises)

    demandes.prendre(depot().demande, par=paul)
    avec_une = requetes()
    for _ in range(10):
        demandes.prendre(depot().demande, par=paul)

    assert requetes() == avec_une


@pytest.mark.parametrize(
    "cherche",
    ["732 829 320 00074", "marie.durand@", "durand marie", "boulangerié", "collegue est partie", "{numero}"],
)
def test_on_retrouve_une_demande_par_ce_qu_on_en_sait(bureau: Client, cherche: str) -> None:
    voulue = depot().demande
    depot(
        siret="35600000000048",
        courriel="luc@poste.fr",
        nom_complet="Petit Luc",
        denomination="La Poste",
        description="",
    )

    page = lu(bureau.get(BUREAU, {"q": cherche.format(numero=voulue.numero)}))

    assert "1 demande" in page
    assert voulue.numero in page


def test_les_filtres_se_combinent(bureau: Client, paul: Utilisateur) -> None:
    prise = depot(motif=Motif.AUTRES).demande
    demandes.prendre(prise, par=paul)
    depot(motif=Motif.AUTRES)
    depot(motif=Motif.CERTIFICAT)

    page = lu(bureau.get(BUREAU, {"motif": "autres", "etat": "a_traiter", "a_moi": "on"}))

    assert "1 demande" in page
    assert prise.numero in page


@pytest.mark.menace("T21")
def test_t21_ouvrir_une_demande_garde_le_filtre_et_laisse_une_trace(bureau: Client, paul: Utilisateur) -> None:
    demande = depot().demande

    page = lu(bureau.get(f"{BUREAU}{demande.pk}/", {"motif": "habilitation", "page": "1"}))

    assert f'href="{BUREAU}?motif=habilitation&page=1"' in page
    assert EntreeJournal.objects.get(geste="consulter", sujet=demande.sujet).par == paul


def test_repondre_ecrit_au_demandeur_et_sur_la_page_de_suivi(bureau: Client, boite: Boite) -> None:
    depose = depot()
    boite.recevoir()

    bureau.post(f"{BUREAU}{depose.demande.pk}/repondre/", {"texte": "Bonjour,\r\nvoici la marche à suivre."})

    lettre = boite.recevoir_une()
    assert lettre.objet.startswith(f"Réponse à votre demande d'assistance {depose.demande.numero}")
    assert "> voici la marche à suivre." in lettre.texte
    suivi = lu(Client().get(lettre.chemin))
    assert "voici la marche à suivre." in suivi
    assert "Répondue" in suivi


def test_une_reponse_vide_se_dit_a_cote_du_champ(bureau: Client) -> None:
    demande = depot().demande

    page = lu(bureau.post(f"{BUREAU}{demande.pk}/repondre/", {"texte": " \n"}))

    assert "Écrivez votre message avant de l'envoyer." in page
    assert not Message.objects.filter(voix=Voix.AGENT).exists()


def test_une_note_interne_n_est_jamais_montree_au_demandeur(bureau: Client, boite: Boite) -> None:
    depose = depot()
    boite.recevoir()

    bureau.post(f"{BUREAU}{depose.demande.pk}/annoter/", {"note-texte": "Rappelée, voix hésitante."})

    assert "Rappelée" in lu(bureau.get(f"{BUREAU}{depose.demande.pk}/"))
    assert "Rappelée" not in lu(Client().get(f"/aide/suivi/{depose.secret}/"))
    assert boite.recevoir() == []


def test_prendre_clore_rouvrir(bureau: Client, paul: Utilisateur) -> None:
    demande = depot().demande
    for geste, etat in (("prendre", Etat.A_TRAITER), ("clore", Etat.CLOSE), ("rouvrir", Etat.A_TRAITER)):
        bureau.post(f"{BUREAU}{demande.pk}/{geste}/")
        demande.refresh_from_db()
        assert demande.etat == etat
    assert demande.prise_par == paul


def test_un_geste_devenu_impossible_est_explique(bureau: Client) -> None:
    demande = depot().demande
    demandes.clore(demande, par=None)

    page = lu(bureau.post(f"{BUREAU}{demande.pk}/clore/", follow=True))

    assert "L'état de la demande a changé entre-temps." in page


@pytest.mark.menace("T20")
def test_t20_un_agent_ne_traite_pas_une_demande_a_son_adresse(bureau: Client, paul: Utilisateur) -> None:
    demande = depot(courriel=paul.courriel).demande

    assert "un autre agent doit la traiter" in lu(bureau.get(f"{BUREAU}{demande.pk}/"))
    for geste in ("repondre", "annoter", "prendre", "clore"):
        reponse = bureau.post(f"{BUREAU}{demande.pk}/{geste}/", {"texte": "x", "note-texte": "x"})
        assert reponse.status_code == 403
    demande.refresh_from_db()
    assert (demande.etat, demande.prise_par) == (Etat.A_TRAITER, None)


@pytest.mark.menace("T25")
@pytest.mark.parametrize("chemin", ["", "{pk}/", "{pk}/repondre/", "{pk}/annoter/", "{pk}/prendre/", "{pk}/clore/"])
def test_t25_le_bureau_est_introuvable_pour_un_employeur(client: Client, chemin: str) -> None:
    demande = depot().demande
    client.force_login(personne())
    adresse = BUREAU + chemin.format(pk=demande.pk)

    assert client.get(adresse).status_code == 404
    assert client.post(adresse, {"texte": "x"}).status_code == 404


@pytest.mark.menace("T25")
def test_t25_un_visiteur_est_envoye_vers_la_connexion(client: Client) -> None:
    assert client.get(BUREAU).status_code == 302


def test_l_adresse_d_un_membre_tapee_par_un_inconnu_ne_fait_pas_de_lui_un_membre(bureau: Client) -> None:
    marie = personne("marie.durand@boulangerie.fr")
    habiliter(marie, etablissement("73282932000074", "Boulangerie du Lac"))
    inconnu, connectee = depot(), demandes.deposer(replace(SAISIE, envoi=uuid.uuid4()), par=marie)

    tapee, prouvee = (lu(bureau.get(f"{BUREAU}{depose.demande.pk}/")) for depose in (inconnu, connectee))

    assert "adresse d'un membre, tapée sans preuve" in tapee
    assert "Rien ne prouve qui écrit" in tapee
    assert "membre de l'établissement</span>" in prouvee
    assert "Rien ne prouve qui écrit" not in prouvee
    assert "adresse jamais vérifiée, elle ne prouve rien" in tapee
    assert "Preuve 1 sur 6\u00a0: messagerie de la personne" in tapee

"""« Envoyer une demande d'assistance », du formulaire au courriel."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apart.assistance.models import DemandeAssistance, Message
from apart.comptes.models import Jeton
from apart.repertoire.models import Fiche
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import SIRET, formulaire
from tests.boite import Boite
from tests.comptes.fabriques import personne

ASSISTANCE = "/aide/assistance/"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def lu(reponse: object) -> str:
    return html.unescape(reponse.content.decode())  # type: ignore[attr-defined]  # HttpResponse de test


def deposer(client: Client, **champs: str) -> str:
    """Envoie le formulaire et rend l'adresse de la page de suivi."""
    reponse = client.post(ASSISTANCE, formulaire(**champs))
    assert reponse.status_code == 302, lu(reponse)
    return str(reponse.headers["Location"])


def test_le_formulaire_a_les_exemples_et_les_seuls_motifs_de_la_note(client: Client) -> None:
    """Ses libellés sont dans tests/test_libelles.py."""
    page = lu(client.get(ASSISTANCE))

    assert len(re.findall(r"<option[^>]*>", page)) == 7
    for exemple in ("732 829 320 00074", "01 02 03 04 05", "prenom.nom@exemple.fr"):
        assert f'placeholder="{exemple}"' in page


@time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False)
def test_apres_l_envoi_on_a_un_numero_un_delai_et_un_lien(client: Client, settings: Settings) -> None:
    chemin = deposer(client)
    page = lu(client.get(chemin))

    demande = DemandeAssistance.objects.get()
    assert demande.numero == f"AP-2026-{demande.pk:06d}"
    assert demande.numero in page
    assert "mardi 24 novembre" in page  # vendredi + 2 jours ouvrés
    assert f"{settings.URL_PUBLIQUE}{chemin}" in page
    assert "Ma collègue est partie" in page


def test_l_accuse_de_reception_porte_le_numero_le_siret_et_un_lien_qui_marche(client: Client, boite: Boite) -> None:
    Fiche.objects.create(siret=SIRET, enseigne="BOULANGERIE DU LAC")
    deposer(client)

    lettre = boite.recevoir_une()

    demande = DemandeAssistance.objects.get()
    assert lettre.a == "marie.durand@boulangerie.fr"
    assert lettre.objet == f"Votre demande d'assistance {demande.numero} – BOULANGERIE DU LAC"
    assert "SIRET 732 829 320 00074" in lettre.texte
    assert demande.numero in lu(client.get(lettre.chemin))


def test_la_copie_part_a_l_adresse_du_bureau(client: Client, boite: Boite, settings: Settings) -> None:
    settings.COURRIEL_ASSISTANCE = "contact@bureau.example"
    deposer(client)

    copies = [lettre for lettre in boite.recevoir() if lettre.a == "contact@bureau.example"]

    assert len(copies) == 1
    assert "> Ma collègue est partie et sa messagerie est fermée." in copies[0].texte
    assert "N° de téléphone : 01 02 03 04 05" in copies[0].texte


def test_un_siret_inconnu_du_repertoire_est_accepte_et_marque(client: Client) -> None:
    deposer(client)

    assert DemandeAssistance.objects.get().est_a_confirmer


def test_un_siret_du_repertoire_n_est_pas_marque(client: Client) -> None:
    Fiche.objects.create(siret=SIRET, enseigne="BOULANGERIE DU LAC")
    deposer(client)

    assert not DemandeAssistance.objects.get().est_a_confirmer


def test_une_demande_sans_description_est_acceptee(client: Client) -> None:
    deposer(client, description="  \r\n ")

    assert not Message.objects.exists()


@pytest.mark.parametrize("texte", ["é" * 1000, "e\u0301" * 1000, "a\r\n" * 498 + "fin."])
def test_mille_caracteres_comme_on_les_voit_passent(client: Client, texte: str) -> None:
    deposer(client, description=texte)

    assert Message.objects.exists()


def test_au_dela_de_mille_caracteres_une_phrase_le_dit_et_rien_n_est_perdu(client: Client) -> None:
    texte = "b" * 1003
    reponse = client.post(ASSISTANCE, formulaire(description=texte))

    page = lu(reponse)
    assert "Votre texte a 1\u00a0003 caractères, il en faut 1\u00a0000 au plus. Retirez-en 3." in page
    assert texte in page
    assert 'value="Durand Marie"' in page
    assert not DemandeAssistance.objects.exists()


def test_chaque_manque_a_sa_phrase(client: Client) -> None:
    vides = dict.fromkeys(("siret", "denomination", "nom_complet", "telephone", "courriel", "motif"), "")
    page = lu(client.post(ASSISTANCE, formulaire(**vides))).replace("\u00a0", " ")

    for phrase in (
        "Indiquez le numéro de SIRET de l'établissement : 14 chiffres.",
        "Indiquez le nom de l'établissement.",
        "Indiquez votre nom et votre prénom.",
        "Indiquez un numéro où vous joindre.",
        "Indiquez votre adresse électronique.",
        "Choisissez le motif de votre demande.",
    ):
        assert page.count(phrase) == 2  # dans le résumé et à côté du champ


def test_un_double_clic_ne_fait_qu_une_demande_et_qu_un_accuse(client: Client, boite: Boite) -> None:
    meme = formulaire()
    deposer(client, envoi=meme["envoi"])
    deposer(client, envoi=meme["envoi"])

    assert DemandeAssistance.objects.count() == 1
    assert len(boite.recevoir()) == 1


def test_revenir_corriger_puis_renvoyer_fait_une_autre_demande(client: Client) -> None:
    meme = formulaire()
    deposer(client, envoi=meme["envoi"])
    deposer(client, envoi=meme["envoi"], description="J'avais oublié de le dire.")

    assert DemandeAssistance.objects.count() == 2


def test_l_adresse_de_la_page_remplit_le_motif_le_siret_et_le_nom_public(client: Client) -> None:
    Fiche.objects.create(siret=SIRET, enseigne="BOULANGERIE DU LAC")
    page = lu(client.get(ASSISTANCE, {"motif": "habilitation", "siret": SIRET}))

    assert 'value="732 829 320 00074"' in page
    assert 'value="BOULANGERIE DU LAC"' in page
    assert '<option value="habilitation" selected>' in page


def test_une_adresse_de_page_malmenee_laisse_le_formulaire_vide(client: Client) -> None:
    reponse = client.get(ASSISTANCE, {"motif": "<script>", "siret": "12x"})

    assert reponse.status_code == 200
    assert "<script>" not in reponse.content.decode().split("<main", 1)[1].split("</main>")[0].replace(
        "<script src", ""
    )


def test_une_personne_connectee_n_a_plus_a_taper_qui_elle_est(client: Client) -> None:
    marie = personne()
    client.force_login(marie)
    page = lu(client.get(ASSISTANCE))

    assert 'value="Durand Marie"' in page
    assert 'value="marie.durand@boulangerie.fr"' in page
    deposer(client)
    assert DemandeAssistance.objects.get().auteur == marie


def test_les_fiches_du_motif_sont_la_sans_barrer_la_route(client: Client) -> None:
    page = lu(client.get(ASSISTANCE, {"motif": "habilitation"}))

    reponses, envoi = page.index(reverse("fiche-aide", args=["rien-recu"])), page.index(">ENVOYER<")
    assert page.index('name="motif"') < reponses < page.index('name="description"') < envoi
    assert re.findall(r'<details data-motif="([\w-]+)" open>', page) == ["habilitation"]
    assert page.count("hidden>\n      <summary>") == 5


def test_sans_motif_ni_javascript_les_fiches_restent_repliees(client: Client) -> None:
    page = lu(client.get(ASSISTANCE))

    assert len(re.findall(r'<details data-motif="[\w-]+">', page)) == 6


def test_le_depot_laisse_une_trace_sans_le_secret(client: Client) -> None:
    chemin = deposer(client)

    secret = chemin.rstrip("/").rsplit("/", 1)[1]
    ligne = EntreeJournal.objects.get(geste="deposer")
    assert ligne.sujet == DemandeAssistance.objects.get().sujet
    assert secret not in str(ligne.details)
    assert not Jeton.objects.filter(empreinte__contains=secret).exists()

"""Changer l'adresse de son compte : la demander, la prouver. La reprendre : tests/comptes/test_adresse_volee.py."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from apart.comptes.actions import adresse, jetons
from apart.comptes.models import ChangementAdresse, Jeton, Usage, Utilisateur
from apart.socle.models import EntreeJournal
from apart.socle.saisies import courriel_masque
from tests.boite import Boite
from tests.comptes.changement import (
    APRES,
    AVANT,
    ENCORE,
    HEURE,
    JOUR,
    PROUVER,
    REVENIR,
    adresse_de,
    changer,
    prouver,
    recues,
    revenir,
    taper,
)
from tests.comptes.fabriques import (
    agent,
    entrer,
    est_connecte,
    lu,
    personne,
)
from tests.comptes.test_recuperation import choisir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_marie_change_son_adresse_depuis_un_autre_appareil(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    ailleurs = Client()
    entrer(ailleurs, marie.identifiant)

    suite = taper(voleur)
    demandes = recues(boite)
    assert courriel_masque(APRES) in lu(voleur.get(suite.headers["Location"]))
    assert adresse_de(marie) == AVANT
    lu_avant = Client().get(demandes[APRES].chemin)
    assert "Marie Durand a demandé que cette adresse remplace celle de son compte" in lu(lu_avant)
    assert AVANT not in lu(lu_avant)
    assert adresse_de(marie) == AVANT

    page = prouver(demandes[APRES])

    assert "Votre adresse est changée" in lu(page)
    assert adresse_de(marie) == APRES
    assert not est_connecte(voleur)
    assert not est_connecte(ailleurs)
    changees = recues(boite)
    assert demandes[AVANT].objet == "Un changement d'adresse est demandé pour votre compte"
    assert changees[AVANT].objet == "L'adresse de votre compte a changé"
    assert changees[APRES].objet == "Votre adresse est changée"
    assert {"demander_adresse", "changer_adresse"} <= set(EntreeJournal.objects.values_list("geste", flat=True))
    assert Utilisateur.objects.get().adresse_retenue_jusqu_au == timezone.now() + JOUR


def test_prouvee_dans_la_meme_session_elle_reste_ouverte(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    ailleurs = Client()
    entrer(ailleurs, marie.identifiant)
    taper(voleur)

    page = prouver(recues(boite)[APRES], voleur)

    assert "Votre adresse est changée. Vos autres sessions sont fermées." in lu(page)
    assert est_connecte(voleur)
    assert not est_connecte(ailleurs)


def test_le_code_du_message_sert_aussi_et_mene_au_bouton(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    suite = taper(voleur).headers["Location"]
    code = recues(boite)[APRES].code

    page = voleur.post(suite, {"code": code}, follow=True)

    assert "Confirmer cette adresse" in lu(page)
    assert adresse_de(marie) == AVANT


def test_la_page_refuse_sa_propre_adresse_et_garde_ce_qui_est_tape(voleur: Client, boite: Boite) -> None:
    assert "C'est déjà l'adresse de votre compte." in lu(taper(voleur, AVANT))
    page = lu(taper(voleur, "marie@@exemple"))
    assert 'value="marie@@exemple"' in page
    assert not boite.recevoir()


def test_la_page_redemande_qui_l_on_est_apres_quinze_minutes(
    voleur: Client, boite: Boite, temps: time_machine.Traveller
) -> None:
    temps.shift(timedelta(minutes=16))

    assert taper(voleur).headers["Location"].startswith("/mon-espace/securite/confirmer/")
    assert not boite.recevoir()


def test_un_agent_ne_change_pas_l_adresse_de_son_service(client: Client) -> None:
    paul = agent()
    client.force_login(paul)

    with pytest.raises(PermissionDenied):
        adresse.demander(paul, courriel=APRES, par=paul)
    assert "Votre service les a données" in lu(client.get("/mon-espace/securite/"))


def test_nul_ne_change_l_adresse_d_un_autre(marie: Utilisateur) -> None:
    luc = personne("luc@boulangerie.fr")

    with pytest.raises(PermissionDenied):
        adresse.demander(marie, courriel=APRES, par=luc)
    with pytest.raises(ValidationError):
        adresse.demander(marie, courriel=AVANT, par=marie)


# --- Ce que voit qui n'a rien prouvé ---


@pytest.mark.menace("T3")
def test_t3_une_adresse_qui_a_deja_un_compte_recoit_la_meme_page_et_le_meme_message(
    voleur: Client, boite: Boite
) -> None:
    personne(APRES)
    pages, lettres = [], []
    for courriel in (APRES, ENCORE):
        suite = taper(voleur, courriel)
        pages.append(lu(voleur.get(suite.headers["Location"])).count("Un message est demandé"))
        lettres.append(recues(boite)[courriel].objet)

    assert pages == [1, 1]
    assert lettres[0] == lettres[1]


def test_l_adresse_d_un_autre_compte_ne_se_dit_qu_a_qui_la_lit(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    personne(APRES)
    taper(voleur)
    lettre = recues(boite)[APRES]

    page = prouver(lettre)

    assert "Cette adresse a déjà un compte" in lu(page)
    assert adresse_de(marie) == AVANT
    assert not ChangementAdresse.objects.exists()
    assert Jeton.objects.vivants().filter(usage=Usage.NOUVELLE_ADRESSE).exists()


# --- Sauter une étape, deux fois, la mauvaise clé ---


@pytest.mark.menace("T10")
def test_t10_lire_un_lien_ne_change_rien(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    taper(voleur)
    lettre = recues(boite)[APRES]
    for methode in ("get", "head", "options"):
        getattr(Client(), methode)(lettre.chemin)
    assert adresse_de(marie) == AVANT
    d_avant = (prouver(lettre), recues(boite))[1][AVANT]
    for methode in ("get", "head", "options"):
        getattr(Client(), methode)(d_avant.chemin)
    assert adresse_de(marie) == APRES


@pytest.mark.menace("T11")
@pytest.mark.parametrize("chemin", [PROUVER, REVENIR])
@pytest.mark.parametrize("jeton", ["", "x" * 43])
def test_t11_sans_le_lien_aucune_etape_n_agit(
    voleur: Client, marie: Utilisateur, boite: Boite, chemin: str, jeton: str
) -> None:
    taper(voleur)
    recues(boite)

    reponse = voleur.post(chemin, {"jeton": jeton, "etape": "changer"})

    assert reponse.status_code == 410
    assert adresse_de(marie) == AVANT


@pytest.mark.menace("T12")
def test_t12_chaque_lien_ne_sert_qu_a_son_usage(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    taper(voleur)
    lettre = recues(boite)[APRES]
    assert revenir(lettre).status_code == 410
    assert choisir(Client(), lettre).status_code == 410
    prouver(lettre)
    d_avant = recues(boite)[AVANT]
    assert prouver(d_avant).status_code == 410
    assert choisir(Client(), d_avant).status_code == 410
    assert adresse_de(marie) == APRES


@pytest.mark.menace("T8")
def test_t8_un_lien_ne_sert_qu_une_fois(voleur: Client, marie: Utilisateur, boite: Boite) -> None:
    taper(voleur)
    lettre = recues(boite)[APRES]
    prouver(lettre)
    d_avant = recues(boite)[AVANT]
    assert "Il a changé l'adresse de votre compte." in lu(prouver(lettre))
    revenir(d_avant)
    assert "L'adresse d'avant est déjà remise" in lu(revenir(d_avant))
    assert ChangementAdresse.objects.count() == 1


def test_un_lien_mort_ne_se_renouvelle_pas_sans_se_connecter(
    voleur: Client, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    """Un nouveau lien partirait à l'adresse de l'intrus, après que la personne l'a chassé."""
    taper(voleur)
    lettre = recues(boite)[APRES]
    temps.shift(2 * HEURE)

    page = lu(prouver(lettre))

    assert "Recevoir un nouveau lien" not in page
    assert "Me connecter" in page


@pytest.mark.menace("T38")
def test_t38_les_liens_d_avant_meurent_et_ceux_pour_s_opposer_restent(
    voleur: Client, marie: Utilisateur, boite: Boite
) -> None:
    usages = (Usage.MOT_DE_PASSE, Usage.ADMISSION, Usage.CREATION, Usage.OPPOSITION_REPRISE, Usage.SUIVI)
    for usage in usages:
        for courriel in (AVANT, APRES):
            jetons.emettre(usage, courriel=courriel, duree=JOUR)

    changer(voleur, boite)

    vivants = set(Jeton.objects.vivants().values_list("usage", flat=True))
    assert vivants == {Usage.OPPOSITION_REPRISE, Usage.SUIVI, Usage.RETOUR_ADRESSE}


def test_trop_de_changements_demandes_attendent(voleur: Client, boite: Boite) -> None:
    statuts = [taper(voleur, f"marie{i}@exemple.fr").status_code for i in range(11)]

    assert statuts == [302] * 10 + [429]
    assert all(a <= b for a, b in pairwise(statuts))

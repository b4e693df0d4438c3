"""Second facteur et codes de rechange perdus : un délai, trois avis, puis le mot de passe et la boîte, de nouveau."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from apart.comptes.actions import facteur_perdu, recuperation, securite
from apart.comptes.actions.menage import purger_facteurs_perdus
from apart.comptes.etats import TRANSITIONS, EtatFacteurPerdu
from apart.comptes.models import FacteurPerdu, Jeton, Session, Usage, Utilisateur
from apart.socle.automate import diagramme
from apart.socle.models import EntreeJournal
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import (
    MOT_DE_PASSE,
    SECRET_TOTP,
    activer_application,
    code_totp,
    entrer,
    equiper,
    est_connecte,
    lu,
    personne,
)

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
PERDU = "/connexion/code/perdu/"
E = EtatFacteurPerdu


@pytest.fixture
def marie() -> Utilisateur:
    return equiper(personne())


def demander(client: Client, qui: Utilisateur) -> str:
    """Mot de passe, puis « Je n'ai plus mon second facteur », puis le bouton ; rend la page qui suit."""
    entrer(client, qui.identifiant)
    assert "Demander le remplacement" in lu(client.get(PERDU))
    return lu(client.post(PERDU, follow=True))


def passer(temps: time_machine.Traveller, heures: int) -> None:
    """Le temps passe, et le travailleur avec lui, heure par heure."""
    for _ in range(heures):
        temps.shift(timedelta(hours=1))
        facteur_perdu.avancer()


def ouverte(qui: Utilisateur, temps: time_machine.Traveller) -> FacteurPerdu:
    facteur_perdu.demander(qui, par=qui)
    passer(temps, 72)
    return FacteurPerdu.objects.get(etat=E.OUVERTE)


def recevoir_le_lien(client: Client, qui: Utilisateur, boite: Boite) -> str:
    """De retour, une fois le délai passé : mot de passe, bouton, et le lien reçu."""
    entrer(client, qui.identifiant)
    boite.recevoir()
    assert "Le lien est parti" in lu(client.post(PERDU, follow=True))
    return boite.recevoir_une().lien


def secret(lien: str) -> str:
    return lien.rstrip("/").split("/")[-1]


def remplacer(client: Client, lien: str, mot_de_passe: str = MOT_DE_PASSE) -> str:
    assert "Rien n'est changé" in lu(client.get(lien))
    etape = {"jeton": secret(lien)}
    assert "Redonnez votre mot de passe" in lu(client.post("/second-facteur-perdu/remplacer/", etape))
    saisie = etape | {"etape": "mot_de_passe", "password": mot_de_passe, "next": "/mon-espace/securite/proteger/"}
    return lu(client.post("/second-facteur-perdu/remplacer/", saisie, follow=True))


def annuler(client: Client, avis: Lettre) -> str:
    assert "Annuler la demande" in lu(client.get(avis.lien))
    return lu(client.post("/second-facteur-perdu/annuler/", {"jeton": secret(avis.lien)}))


def test_tout_le_chemin_trois_avis_puis_le_mot_de_passe_et_la_boite(
    client: Client, boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    assert "Votre demande est enregistrée" in demander(client, marie)
    debut = boite.recevoir_une()
    assert debut.a == marie.courriel
    assert "ce n'est pas vous" in debut.objet
    passer(temps, 35)
    assert boite.recevoir() == []
    passer(temps, 1)
    assert "Rappel" in boite.recevoir_une().texte
    passer(temps, 35)
    assert boite.recevoir() == []
    assert Authenticator.objects.exists()
    passer(temps, 1)
    assert "peut maintenant être remplacé" in boite.recevoir_une().objet

    page = remplacer(Client(), recevoir_le_lien(Client(), marie, boite))

    assert "Ajouter un second facteur" in page
    assert not Authenticator.objects.exists()
    assert "a été retiré de votre compte" in boite.recevoir_une().texte
    assert FacteurPerdu.objects.get().etat == E.FAITE


def test_le_lien_seul_ou_le_mot_de_passe_seul_ne_suffisent_pas(
    client: Client, boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    lien = recevoir_le_lien(client, marie, boite)

    assert "Ce n'est pas votre mot de passe actuel" in remplacer(Client(), lien, "pas le bon mot de passe")
    assert Authenticator.objects.exists()
    assert not est_connecte(client)


def test_remplacer_ferme_les_sessions_et_tue_les_liens(
    client: Client, boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    ailleurs = Client()
    ailleurs.force_login(marie)

    remplacer(client, recevoir_le_lien(Client(), marie, boite))

    assert not est_connecte(ailleurs)
    assert Session.objects.filter(utilisateur=marie).count() == 1
    assert not Jeton.objects.vivants().filter(utilisateur=marie).exists()


def test_l_avis_annule_sans_se_connecter_et_propose_un_nouveau_mot_de_passe(
    client: Client, boite: Boite, marie: Utilisateur
) -> None:
    demander(client, marie)
    avis = boite.recevoir_une()

    page = annuler(Client(), avis)

    assert "La demande est annulée" in page
    assert "Choisir un nouveau mot de passe" in page
    assert "annulée" in boite.recevoir_une().texte
    assert FacteurPerdu.objects.get().etat == E.ANNULEE
    assert Authenticator.objects.exists()
    assert "Ce lien a déjà servi" in lu(client.get(avis.lien))


def test_chacun_des_trois_avis_annule(boite: Boite, temps: time_machine.Traveller, marie: Utilisateur) -> None:
    for heures in (0, 36, 72):
        facteur_perdu.demander(marie, par=marie)
        passer(temps, heures)
        annuler(Client(), boite.recevoir()[-1])
        assert not FacteurPerdu.objects.en_cours().exists()
        boite.recevoir()


def test_entrer_avec_le_second_facteur_annule(client: Client, marie: Utilisateur) -> None:
    demander(client, marie)

    client.post("/connexion/code/", {"code": code_totp(SECRET_TOTP)})

    assert est_connecte(client)
    assert FacteurPerdu.objects.get().etat == E.ANNULEE
    assert EntreeJournal.objects.get(geste="annuler_facteur_perdu").details["pourquoi"] == "facteur"


def test_poser_un_second_facteur_depuis_une_session_annule(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Un téléphone neuf, ajouté depuis un appareil resté connecté, ne se retire pas au bout du délai."""
    luc = personne("luc.petit@boulangerie.fr")
    entrer(client, luc.identifiant)
    activer_application(client)
    facteur_perdu.demander(luc, par=luc)

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/mon-espace/securite/codes/nouveaux/")

    assert FacteurPerdu.objects.get().etat == E.ANNULEE


def test_un_code_faux_n_annule_rien(client: Client, marie: Utilisateur) -> None:
    demander(client, marie)

    client.post("/connexion/code/", {"code": "000000"})

    assert FacteurPerdu.objects.get().etat == E.ATTENTE


@pytest.mark.parametrize("page", ["/mon-espace/", "/mon-espace/securite/", "/espace/creer/"])
def test_une_session_ouverte_le_voit_sur_chaque_page_et_l_annule(page: str, marie: Utilisateur) -> None:
    chez_elle = Client()
    chez_elle.force_login(marie)
    assert "remplacer votre second facteur" not in lu(chez_elle.get(page))

    demander(Client(), marie)
    assert "Quelqu'un demande à remplacer votre second facteur" in lu(chez_elle.get(page))

    suite = lu(chez_elle.post("/mon-espace/securite/second-facteur-perdu/annuler/", follow=True))
    assert "La demande est annulée" in suite
    assert "Quelqu'un demande" not in suite
    assert FacteurPerdu.objects.get().etat == E.ANNULEE


@pytest.mark.parametrize("par_courriel", [True, False])
def test_changer_de_mot_de_passe_annule_la_demande_et_ses_liens(par_courriel: bool, marie: Utilisateur) -> None:
    facteur_perdu.demander(marie, par=marie)

    if par_courriel:
        emis = recuperation.envoyer_reinitialisation(marie)
        assert emis
        recuperation.choisir_mot_de_passe(emis.secret, "un train part sans moi le dimanche")
    else:
        securite.changer_mot_de_passe(
            marie, mot_de_passe="un train part sans moi le dimanche", session=None, par=marie
        )

    assert FacteurPerdu.objects.get().etat == E.ANNULEE
    assert not Jeton.objects.vivants().filter(usage=Usage.FACTEUR_PERDU).exists()


# --- Le délai ---


def test_un_travailleur_arrete_rallonge_le_delai_et_n_ouvre_rien_sans_avis(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    """Arrêté quatre jours : l'avis du milieu part d'abord, et il reste la moitié du délai pour y répondre."""
    facteur_perdu.demander(marie, par=marie)
    temps.shift(timedelta(hours=96))
    facteur_perdu.avancer()
    facteur_perdu.avancer()
    assert len(boite.recevoir()) == 2
    assert FacteurPerdu.objects.get().etat == E.ATTENTE
    passer(temps, 35)
    assert FacteurPerdu.objects.get().etat == E.ATTENTE
    passer(temps, 1)
    assert FacteurPerdu.objects.get().etat == E.OUVERTE


def test_une_demande_que_personne_ne_finit_s_abandonne_en_sept_jours(
    temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    passer(temps, 7 * 24 - 1)
    assert FacteurPerdu.objects.get().etat == E.OUVERTE
    passer(temps, 1)
    assert FacteurPerdu.objects.get().etat == E.ABANDONNEE
    assert not Jeton.objects.vivants().filter(usage=Usage.FACTEUR_PERDU).exists()
    assert facteur_perdu.demander(marie, par=marie).etat == E.ATTENTE


def test_un_lien_retenu_par_la_messagerie_se_renouvelle_tant_que_la_demande_est_a_finir(
    boite: Boite, temps: time_machine.Traveller, marie: Utilisateur
) -> None:
    ouverte(marie, temps)
    lien = recevoir_le_lien(Client(), marie, boite)
    temps.shift(timedelta(minutes=61))
    assert facteur_perdu.renouveler_lien(secret(lien))
    neuf = boite.recevoir_une().lien
    facteur_perdu.annuler_connecte(marie, par=marie)

    assert not facteur_perdu.renouveler_lien(secret(lien))
    assert not facteur_perdu.renouveler_lien(secret(neuf))
    assert not facteur_perdu.renouveler_lien("inconnu")


def test_une_demande_finie_s_efface_au_bout_d_un_an(temps: time_machine.Traveller, marie: Utilisateur) -> None:
    facteur_perdu.demander(marie, par=marie)
    facteur_perdu.annuler_connecte(marie, par=marie)
    temps.shift(timedelta(days=365))
    assert purger_facteurs_perdus() == 0
    temps.shift(timedelta(seconds=1))
    assert purger_facteurs_perdus() == 1


def test_les_liens_qui_remplacent_ont_leurs_places(temps: time_machine.Traveller, marie: Utilisateur) -> None:
    ouverte(marie, temps)
    assert [facteur_perdu.envoyer_lien(marie, par=marie) for _ in range(4)] == [True, True, True, False]
    assert EntreeJournal.objects.filter(geste="retenir_lien_facteur").count() == 1


# --- La base, la documentation ---


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")


def test_chaque_etat_est_atteint() -> None:
    assert {t.vers for t in TRANSITIONS.values()} - {None} | {E.ATTENTE} == set(E)


@pytest.mark.parametrize(
    "champs",
    [
        {"etat": "inconnu"},
        {"etat": E.OUVERTE},
        {"etat": E.OUVERTE, "ouverte_le": "ouvrable_le"},
        {"etat": E.FAITE, "finie_le": "deposee_le"},
        {"finie_le": "deposee_le"},
        {"ouvrable_le": "deposee_le"},
    ],
)
def test_la_base_refuse_ce_que_les_avis_n_ont_pas_precede(champs: dict[str, str], marie: Utilisateur) -> None:
    demande = facteur_perdu.demander(marie, par=marie)
    valeurs = {nom: getattr(demande, v) if v in {"deposee_le", "ouvrable_le"} else v for nom, v in champs.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        FacteurPerdu.objects.filter(pk=demande.pk).update(**valeurs)


def test_la_base_n_a_qu_une_demande_en_cours_par_personne(marie: Utilisateur) -> None:
    demande = facteur_perdu.demander(marie, par=marie)
    demande.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        demande.save(force_insert=True)


def test_qui_vient_d_ajouter_un_second_facteur_peut_aussi_le_perdre(client: Client) -> None:
    luc = personne("luc.petit@boulangerie.fr")
    entrer(client, luc.identifiant)
    activer_application(client)
    client.post("/deconnexion/")

    assert "Votre demande est enregistrée" in demander(client, luc)

"""Les comptes d'agents : créés par la commande, activés par leur titulaire, jamais sans second facteur."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from apart.administrations.actions import agents
from apart.administrations.models import Affectation, RoleAgent
from apart.comptes.actions import jetons
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.socle.journalisation import masquer
from tests.administrations.fabriques import service
from tests.comptes.fabriques import entrer, lu, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIDI = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOT_DE_PASSE = "clairon brume ecureuil safran"


def creer(*options: str, courriel: str = "lea.roux@asp.fr") -> str:
    """Lance « apart agent creer » et rend le chemin du lien montré."""
    sortie = StringIO()
    call_command("agent", "creer", "--courriel", courriel, *options, stdout=sortie)
    return chemin(sortie.getvalue().splitlines()[-1])


def chemin(lien: str) -> str:
    return "/" + lien.split("/", 3)[3]


def lea() -> str:
    return creer("--nom", "Roux", "--prenom", "Léa")


def test_une_installation_neuve_n_a_aucun_compte() -> None:
    assert not Utilisateur.objects.exists()


def test_la_commande_cree_un_agent_sans_mot_de_passe_et_montre_son_lien() -> None:
    lien = lea()

    agent = Utilisateur.objects.get()
    assert agent.est_agent
    assert not agent.est_superviseur
    assert not agent.has_usable_password()
    assert lien.startswith("/agents/activer/")


@pytest.mark.parametrize("options", [("--role", "superviseur"), ("--superviseur",)])
def test_la_commande_cree_un_superviseur(options: tuple[str, ...]) -> None:
    creer("--nom", "Roux", "--prenom", "Léa", *options)

    assert Utilisateur.objects.get().est_superviseur


def test_la_commande_affecte_a_l_assistance_de_tout_le_territoire_si_rien_n_est_dit() -> None:
    lea()

    faite = Affectation.objects.get()
    assert (faite.role, faite.service.est_national, faite.au) == (RoleAgent.ASSISTANCE, True, None)


def test_la_commande_affecte_au_service_et_au_role_demandes() -> None:
    creer("--nom", "Roux", "--prenom", "Léa", "--service", service("44").nom.lower(), "--role", "lecteur")

    faite = Affectation.objects.get()
    assert (faite.role, faite.service) == (RoleAgent.LECTEUR, service("44"))


def test_un_service_inconnu_se_dit_avec_ceux_qui_sont_ouverts() -> None:
    service("44")
    with pytest.raises(CommandError, match=r"Aucun service ouvert ne s'appelle « DDETS 45 ».*« DDETS 44 »"):
        creer("--nom", "Roux", "--prenom", "Léa", "--service", "DDETS 45")


def test_l_agent_choisit_son_mot_de_passe_et_lit_son_identifiant(client: Client) -> None:
    lien = lea()

    avant = lu(client.get(lien))
    apres = lu(client.post(lien, {"mot_de_passe": MOT_DE_PASSE}))

    agent = Utilisateur.objects.get()
    assert "Léa Roux" in avant
    assert f'value="{agent.identifiant_lisible}" autocomplete="username" hidden' in avant  # pour le gestionnaire
    assert agent.identifiant_lisible in apres
    assert agent.check_password(MOT_DE_PASSE)


@pytest.mark.menace("T21")
def test_t21_sa_premiere_connexion_lui_demande_un_second_facteur(client: Client) -> None:
    client.post(lea(), {"mot_de_passe": MOT_DE_PASSE})

    entrer(client, Utilisateur.objects.get().identifiant, MOT_DE_PASSE)

    assert client.get("/").headers["Location"] == "/mon-espace/securite/proteger/"


def test_un_mot_de_passe_refuse_laisse_le_lien_intact(client: Client) -> None:
    lien = lea()

    refus = lu(client.post(lien, {"mot_de_passe": "azertyuiop12345"}))

    assert "suit les touches du clavier" in refus
    assert "Votre compte est activé" in lu(client.post(lien, {"mot_de_passe": MOT_DE_PASSE}))


@pytest.mark.menace("T10")
def test_t10_ouvrir_le_lien_d_activation_ne_le_consomme_pas(client: Client) -> None:
    lien = lea()
    for _ in range(5):
        client.head(lien)
        client.get(lien)

    assert "Votre compte est activé" in lu(client.post(lien, {"mot_de_passe": MOT_DE_PASSE}))


@pytest.mark.menace("T8")
def test_t8_le_lien_d_activation_sert_une_fois(client: Client) -> None:
    lien = lea()
    client.post(lien, {"mot_de_passe": MOT_DE_PASSE})

    encore = client.post(lien, {"mot_de_passe": "une autre phrase bien longue"})

    assert encore.status_code == 410
    assert "Il a déjà servi" in lu(encore)
    assert Utilisateur.objects.get().check_password(MOT_DE_PASSE)


@pytest.mark.menace("T9")
def test_t9_le_lien_d_activation_vaut_sept_jours(client: Client) -> None:
    with time_machine.travel(MIDI, tick=False) as temps:
        lien = lea()
        temps.shift(timedelta(days=6, hours=23))
        assert client.get(lien).status_code == 200
        temps.shift(timedelta(hours=2))
        expire = client.get(lien)

    assert expire.status_code == 410
    assert "Il a expiré" in lu(expire)


@pytest.mark.menace("T12")
def test_t12_un_jeton_d_un_autre_usage_n_active_rien(client: Client) -> None:
    marie = personne()
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=marie.courriel, utilisateur=marie)

    reponse = client.post(f"/agents/activer/{emis.secret}/", {"mot_de_passe": MOT_DE_PASSE})

    assert reponse.status_code == 404
    assert not Jeton.objects.exclude(employe_le=None).exists()


@pytest.mark.menace("T13")
def test_t13_le_lien_porte_l_adresse_publique_reglee(settings: object) -> None:
    settings.URL_PUBLIQUE = "https://apart.exemple.fr"  # type: ignore[attr-defined]  # fixture de pytest-django

    invitation = agents.creer_agent(courriel="lea.roux@asp.fr", nom="Roux", prenom="Léa")

    assert invitation.lien.startswith("https://apart.exemple.fr/agents/activer/")


@pytest.mark.menace("T14")
def test_t14_le_secret_d_un_lien_d_activation_n_entre_pas_dans_les_journaux() -> None:
    lien = lea()

    assert lien.split("/")[-2] not in masquer(f"GET {lien} 200")


def test_renvoyer_donne_un_nouveau_lien_et_tue_l_ancien(client: Client) -> None:
    ancien = lea()
    nouveau = creer("--renvoyer")

    assert "Un lien plus récent l'a remplacé" in lu(client.get(ancien))
    assert client.get(nouveau).status_code == 200


def test_renvoyer_a_un_agent_deja_actif_est_refuse(client: Client) -> None:
    client.post(lea(), {"mot_de_passe": MOT_DE_PASSE})

    with pytest.raises(CommandError, match="déjà activé son compte"):
        creer("--renvoyer")


def test_une_adresse_deja_prise_est_refusee_avec_la_marche_a_suivre() -> None:
    personne("lea.roux@asp.fr")

    with pytest.raises(CommandError, match="a déjà un compte : un agent a sa propre adresse"):
        lea()


def test_qui_est_deja_agent_recoit_plutot_un_nouveau_lien() -> None:
    lea()

    with pytest.raises(CommandError, match="a déjà un compte : --renvoyer lui donne un nouveau lien"):
        lea()


def test_un_nom_manquant_se_dit() -> None:
    with pytest.raises(CommandError, match="--nom et --prenom"):
        creer()


def test_un_agent_desactive_n_active_rien(client: Client) -> None:
    lien = lea()
    Utilisateur.objects.update(is_active=False)

    assert client.post(lien, {"mot_de_passe": MOT_DE_PASSE}).status_code == 404


def test_une_adresse_incomplete_est_refusee() -> None:
    with pytest.raises(ValidationError, match="incomplète"):
        agents.creer_agent(courriel="lea.roux", nom="Roux", prenom="Léa")

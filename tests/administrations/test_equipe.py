"""L'équipe : un superviseur invite, suspend et rétablit les agents."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apart.administrations.actions import agents
from apart.administrations.models import RoleAgent
from apart.administrations.views import equipe
from apart.comptes.models import Session, Utilisateur
from tests.administrations.fabriques import affecter, service
from tests.comptes.fabriques import agent, lu
from tests.monde import personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def superviseure() -> Utilisateur:
    return affecter(agent("sophie.leroy@asp.fr"), RoleAgent.SUPERVISEUR)


@pytest.fixture
def client(superviseure: Utilisateur) -> Client:
    client = Client()
    client.force_login(superviseure)
    return client


def invitation() -> dict[str, str]:
    affectation = {"service": str(service().pk), "role": "lecteur"}
    return {"nom": "Roux", "prenom": "Léa", "courriel": "lea.roux@asp.fr"} | affectation


def test_un_superviseur_invite_un_agent_et_son_lien_n_est_montre_qu_une_fois(client: Client) -> None:
    page = lu(client.post("/agents/equipe/", invitation()))
    lien = re.search(r"/agents/activer/[\w-]{40,}/", page)

    assert lien
    assert Client().get(lien[0]).status_code == 200
    assert lien[0] not in lu(client.get("/agents/equipe/"))
    assert "invitation en attente" in lu(client.get("/agents/equipe/"))
    assert Utilisateur.objects.get(courriel="lea.roux@asp.fr").affectations.get().role == RoleAgent.LECTEUR


def test_inviter_une_adresse_deja_connue_l_explique_et_garde_la_saisie(client: Client) -> None:
    agent("lea.roux@asp.fr")

    page = lu(client.post("/agents/equipe/", invitation()))

    assert "a déjà un compte" in page
    assert 'value="Roux"' in page


def test_suspendre_un_agent_ferme_ses_sessions_et_il_ne_rentre_plus(client: Client) -> None:
    lea, ailleurs = agent("lea.roux@asp.fr"), Client()
    ailleurs.force_login(lea)

    client.post(f"/agents/equipe/{lea.pk}/suspendre")

    assert not Session.objects.ouvertes(lea).exists()
    assert ailleurs.get("/agents/assistance/").status_code == 302
    assert "suspendu" in lu(client.get("/agents/equipe/"))


def test_retablir_rouvre_l_acces(client: Client) -> None:
    lea = agent("lea.roux@asp.fr")
    client.post(f"/agents/equipe/{lea.pk}/suspendre")

    client.post(f"/agents/equipe/{lea.pk}/retablir")

    lea.refresh_from_db()
    assert lea.is_active


def test_personne_ne_se_suspend_soi_meme(superviseure: Utilisateur) -> None:
    with pytest.raises(PermissionDenied):
        agents.suspendre(superviseure, par=superviseure)


def test_un_agent_ordinaire_ne_suspend_personne(superviseure: Utilisateur) -> None:
    with pytest.raises(PermissionDenied):
        agents.suspendre(superviseure, par=agent("paul.martin@asp.fr"))


def test_un_nouveau_lien_pour_un_compte_deja_actif_est_refuse(client: Client) -> None:
    lea = agent("lea.roux@asp.fr")

    page = lu(client.post(f"/agents/equipe/{lea.pk}/inviter", follow=True))

    assert "a déjà activé son compte" in page


def test_l_equipe_se_tourne_par_pages_dans_l_ordre_des_noms(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equipe, "PAR_PAGE", 2)
    noms = ["Éluard", "Abadie", "Zola", "Martin"]
    for rang, nom in enumerate(noms):
        affecter(personne(nom, "Léa", f"lea{rang}@asp.fr"), RoleAgent.LECTEUR)
    attendus = list(Utilisateur.objects.agents().values_list("courriel", flat=True))

    lues, page = [], ""
    for _ in range(3):
        vue = client.get("/agents/equipe/", {"page": page}).context["page"]
        lues += [ligne.courriel for ligne in vue.lignes]
        page = vue.suivante

    assert lues == attendus
    assert page == ""
    assert client.get("/agents/equipe/", {"page": vue.precedente}).context["page"].lignes[-1].courriel == attendus[3]


@pytest.mark.parametrize("page", ["apres-999999", "apres-x", "avant-", "apres-1 OR 1=1"])
def test_une_cle_qui_ne_designe_rien_montre_le_debut(client: Client, page: str) -> None:
    assert client.get("/agents/equipe/", {"page": page}).context["page"].lignes


def test_une_ligne_arrivee_entre_deux_pages_ne_fait_rien_revoir(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equipe, "PAR_PAGE", 2)
    for rang in range(4):
        affecter(personne(f"Nom{rang}", "Léa", f"lea{rang}@asp.fr"), RoleAgent.LECTEUR)
    premiere = client.get("/agents/equipe/").context["page"]
    affecter(personne("Aaa", "Léa", "aaa@asp.fr"), RoleAgent.LECTEUR)

    suite = client.get("/agents/equipe/", {"page": premiere.suivante}).context["page"]

    assert not {ligne.pk for ligne in premiere.lignes} & {ligne.pk for ligne in suite.lignes}

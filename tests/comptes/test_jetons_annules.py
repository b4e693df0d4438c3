"""Qui reprend son compte en main tue tous les liens qui y menaient, quel que soit leur usage."""

from __future__ import annotations

import pytest

from apart.administrations.actions.agents import activer_agent, renvoyer_invitation, suspendre
from apart.administrations.models import RoleAgent
from apart.comptes.actions.jetons import emettre
from apart.comptes.actions.recuperation import choisir_mot_de_passe
from apart.comptes.actions.securite import changer_mot_de_passe
from apart.comptes.jetons import JetonRefuse, Raison, lire
from apart.comptes.models import Usage, Utilisateur
from tests.administrations.fabriques import affecter
from tests.comptes.fabriques import agent, nouvel_agent, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
NOUVEAU = "clairon brume ecureuil safran"
# Le suivi sert tout un an ; le retour à l'adresse d'avant, un intrus ne le tue pas (test_adresse_volee.py).
A_EMPLOYER = [usage for usage in Usage if usage not in {Usage.SUIVI, Usage.RETOUR_ADRESSE}]


def liens(utilisateur: Utilisateur) -> dict[Usage, str]:
    return {
        usage: emettre(usage, courriel=utilisateur.courriel, utilisateur=utilisateur).secret for usage in A_EMPLOYER
    }


def morts(secrets: dict[Usage, str]) -> set[tuple[Usage, Raison]]:
    trouves = set()
    for usage, secret in secrets.items():
        with pytest.raises(JetonRefuse) as refus:
            lire(usage, secret)
        trouves.add((usage, refus.value.raison))
    return trouves


@pytest.fixture
def voisine() -> dict[Usage, str]:
    """Les liens d'une autre personne, auxquels rien ne touche."""
    return liens(personne("voisine@exemple.fr"))


def intacts(secrets: dict[Usage, str]) -> bool:
    return all(lire(usage, secret) for usage, secret in secrets.items())


def test_changer_son_mot_de_passe_connecte_tue_les_liens_en_attente(voisine: dict[Usage, str]) -> None:
    marie = personne()
    en_attente = liens(marie)

    changer_mot_de_passe(marie, mot_de_passe=NOUVEAU, session=None, par=marie)

    assert morts(en_attente) == {(usage, Raison.REMPLACE) for usage in A_EMPLOYER}
    assert intacts(voisine)


def test_changer_son_mot_de_passe_par_un_lien_tue_les_autres(voisine: dict[Usage, str]) -> None:
    marie = personne()
    en_attente, employe = liens(marie), liens(marie)[Usage.MOT_DE_PASSE]

    choisir_mot_de_passe(employe, NOUVEAU)

    assert morts(en_attente) == {(usage, Raison.REMPLACE) for usage in A_EMPLOYER}
    assert morts({Usage.MOT_DE_PASSE: employe}) == {(Usage.MOT_DE_PASSE, Raison.EMPLOYE)}
    assert intacts(voisine)


def test_activer_son_compte_d_agent_tue_les_autres_liens(voisine: dict[Usage, str]) -> None:
    paul = nouvel_agent()
    en_attente, employe = liens(paul), liens(paul)[Usage.ACTIVATION_AGENT]

    activer_agent(employe, mot_de_passe=NOUVEAU)

    assert morts(en_attente) == {(usage, Raison.REMPLACE) for usage in A_EMPLOYER}
    assert intacts(voisine)


def test_suspendre_un_agent_tue_ses_liens(voisine: dict[Usage, str]) -> None:
    paul, sophie = agent(), agent("sophie.leroy@asp.fr")
    affecter(sophie, RoleAgent.SUPERVISEUR)
    en_attente = liens(paul)

    suspendre(paul, par=sophie)

    assert morts(en_attente) == {(usage, Raison.REMPLACE) for usage in A_EMPLOYER}
    assert intacts(voisine)


def test_renvoyer_l_invitation_d_un_agent_tue_les_precedentes(voisine: dict[Usage, str]) -> None:
    paul = nouvel_agent()
    paul.set_unusable_password()
    paul.save()
    en_attente = liens(paul)

    invitation = renvoyer_invitation(courriel=paul.courriel)

    assert morts(en_attente) == {(usage, Raison.REMPLACE) for usage in A_EMPLOYER}
    assert lire(Usage.ACTIVATION_AGENT, invitation.lien.rstrip("/").rsplit("/", 1)[1]).utilisateur == paul
    assert intacts(voisine)

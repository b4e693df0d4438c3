"""Deux gestes sur une demande : ce qu'un collègue vient d'écrire n'est ni perdu, ni refait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apart.assistance.actions import demandes
from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance, Message
from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import depot
from tests.comptes.fabriques import agent

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def demande() -> DemandeAssistance:
    return depot().demande


@pytest.fixture
def paul() -> Utilisateur:
    return agent()


def lue_avant(demande: DemandeAssistance) -> DemandeAssistance:
    """La demande telle qu'une autre page, ouverte plus tôt, la montre encore."""
    return DemandeAssistance.objects.get(pk=demande.pk)


def test_repondre_prend_une_demande_qui_n_est_a_personne(demande: DemandeAssistance, paul: Utilisateur) -> None:
    demandes.repondre(demande, texte="Voici.", par=paul)

    assert lue_avant(demande).prise_par == paul


def test_une_reponse_ne_vole_pas_la_demande_qu_un_collegue_vient_de_prendre(
    demande: DemandeAssistance, paul: Utilisateur
) -> None:
    lea, ancienne = agent("lea.roux@asp.fr"), lue_avant(demande)
    demandes.prendre(demande, par=lea)

    demandes.repondre(ancienne, texte="Voici.", par=paul)

    assert lue_avant(demande).prise_par == lea


def test_ecrire_de_nouveau_ne_repousse_pas_la_reponse_promise(demande: DemandeAssistance) -> None:
    promise_le = demande.promise_le
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        demandes.ecrire(demande, texte="Avez-vous lu ?")

    assert lue_avant(demande).promise_le == promise_le


def test_ecrire_depuis_une_page_ancienne_ne_relance_pas_une_promesse_deja_faite(
    demande: DemandeAssistance, paul: Utilisateur
) -> None:
    demandes.repondre(demande, texte="Voici.", par=paul)
    ancienne = lue_avant(demande)
    demandes.ecrire(demande, texte="Merci, mais encore ?")
    promise_le = demande.promise_le
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        demandes.ecrire(ancienne, texte="Et aussi ceci.")

    assert lue_avant(demande).promise_le == promise_le


def test_une_reponse_ne_touche_pas_a_la_promesse_et_le_message_suivant_la_recommence(
    demande: DemandeAssistance, paul: Utilisateur
) -> None:
    premiere = demande.promise_le
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        demandes.repondre(demande, texte="Voici.", par=paul)
        assert lue_avant(demande).promise_le == premiere
        demandes.ecrire(demande, texte="Merci, mais encore ?")

        apres = lue_avant(demande)
        assert apres.promise_le > timezone.now()
        assert timezone.now() - apres.attend_depuis < timedelta(hours=1)


def test_ecrire_sur_une_demande_close_la_rouvre(demande: DemandeAssistance) -> None:
    demandes.clore(demande, par=None)
    demandes.ecrire(demande, texte=Message.objects.get().texte)

    assert (demande.etat, demande.close_le) == (Etat.A_TRAITER, None)
    assert Message.objects.count() == 2


def test_ce_qui_est_envoye_deux_fois_n_est_fait_qu_une_fois(demande: DemandeAssistance, paul: Utilisateur) -> None:
    gestes: tuple[Callable[[], None], ...] = (
        lambda: demandes.annoter(demande, texte="Rappelée.", par=paul),
        lambda: demandes.repondre(demande, texte="Voici.", par=paul),
        lambda: demandes.ecrire(demande, texte="Merci."),
    )
    for geste in gestes:
        geste()
        avant = (Message.objects.count(), Courriel.objects.count(), EntreeJournal.objects.count())
        geste()
        assert (Message.objects.count(), Courriel.objects.count(), EntreeJournal.objects.count()) == avant


def test_deux_agents_qui_disent_la_meme_chose_le_disent_tous_deux(
    demande: DemandeAssistance, paul: Utilisateur
) -> None:
    demandes.repondre(demande, texte="Voici.", par=paul)
    demandes.repondre(demande, texte="Voici.", par=agent("lea.roux@asp.fr"))

    assert Message.objects.filter(texte="Voici.").count() == 2


def test_on_ne_repond_pas_a_une_demande_qu_un_collegue_vient_de_clore(
    demande: DemandeAssistance, paul: Utilisateur
) -> None:
    demandes.repondre(demande, texte="Voici.", par=paul)
    ancienne = lue_avant(demande)
    demandes.clore(demande, par=paul)

    with pytest.raises(GesteImpossible):
        demandes.repondre(ancienne, texte="Voici.", par=paul)

"""Un imposteur qui sait tout ce qui est public, a trois messageries et un domaine gratuit, n'entre jamais (T19).

Il joue chaque chemin, dans tous les ordres : rien ne lui donne l'accès, et aucune preuve de personne ne monte.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import permutations

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.actions import demande, execution, pieces, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.lettres import CodeRefuse, LettreRefusee
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.automate import GesteImpossible
from tests.etablissements.parcours import fiche
from tests.monde import personne
from tests.pieces.fabriques import pdf, recue
from tests.reprises.gens import boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.menace("T19")]

SIENNES = ("boulangerie.du.lac@gmail.com", "lea.blanc@boulangerie-du-lac.fr", "lea.blanc@mail.com")
REFUS = (PermissionDenied, GesteImpossible, JetonRefuse, execution.DejaProposee, LettreRefusee, CodeRefuse)


def _deviner(dossier: Reprise) -> None:
    preuves.envoyer_code(dossier)
    for code in ("0000-0000", "AAAA-AAAA"):
        with suppress(JetonRefuse):
            preuves.employer_code(dossier, code)


def _s_accorder(dossier: Reprise) -> None:
    complice = Utilisateur.objects.par_courriel(SIENNES[2])
    assert complice is not None
    preuves.donner_accord(dossier, par=complice)


def _deviner_la_lettre(dossier: Reprise) -> None:
    """La lettre part à l'établissement ; il n'en lit que la date, et essaie un code."""
    preuves.demander_lettre(dossier)
    preuves.employer_lettre(dossier, "AAAAA-AAAAA")


def _fausse_attestation(dossier: Reprise) -> None:
    """Deux agents la liraient : seul, il ne fait que l'envoyer."""
    pieces.joindre(dossier, {PieceAttendue.ATTESTATION: [recue("attestation.pdf", pdf(str(dossier.pk)))]})


ATTAQUES: dict[str, Callable[[Reprise], object]] = {
    "domaine": preuves.invoquer_le_domaine,
    "code deviné": _deviner,
    "accord de soi-même": _s_accorder,
    "lettre devinée": _deviner_la_lettre,
    "fausse attestation": _fausse_attestation,
    "attente": lambda dossier: preuves.executer_les_echues(),
}


@pytest.fixture
def cible() -> Etablissement:
    fiche()
    ou = boulangerie()
    tenir(ou)
    collegue(ou)
    for adresse in SIENNES:
        personne("Blanc", "Léa", adresse)
    return ou


def attaquer(dossier: Reprise, nom: str) -> None:
    with suppress(*REFUS):
        ATTAQUES[nom](Reprise.objects.get(pk=dossier.pk))


def test_t19_aucun_ordre_de_gestes_ne_l_ouvre_a_un_imposteur(cible: Etablissement) -> None:
    """Chaque suite de trois gestes parmi six, une demande neuve à chacune, plus de trois jours entre deux gestes."""
    avant = acces()
    with time_machine.travel(timezone.now(), tick=False) as horloge:
        for rang, ordre in enumerate(permutations(ATTAQUES, 3)):
            dossier = reprise(cible, courriel=SIENNES[rang % len(SIENNES)])
            for nom in ordre:
                attaquer(dossier, nom)
                horloge.shift(timedelta(hours=74))

    assert not Reprise.objects.filter(etat=EtatReprise.EXECUTEE).exists()
    assert acces() == avant


def acces() -> list[tuple[object, ...]]:
    """Qui a quoi, et sur quelle preuve."""
    return list(Habilitation.objects.order_by("pk").values_list("pk", "utilisateur", "role", "valeur", "au"))


@pytest.mark.parametrize("adresse", SIENNES)
def test_t19_aucune_de_ses_messageries_n_a_de_preuve_a_donner_seule(cible: Etablissement, adresse: str) -> None:
    dossier = reprise(cible, courriel=adresse)

    with pytest.raises(PermissionDenied):
        preuves.invoquer_le_domaine(dossier)
    with pytest.raises(PermissionDenied):
        preuves.donner_accord(dossier, par=Utilisateur.objects.get(courriel=SIENNES[2]))


def test_t19_l_espace_qu_il_a_ouvert_lui_meme_ne_lui_donne_jamais_le_paiement() -> None:
    """Il ouvre l'espace, pose sa seconde messagerie comme adresse de l'établissement, puis « reprend » par elle."""
    ou = boulangerie()
    tenir(ou, preuve=Preuve.COURRIEL)
    elle = personne("Blanc", "Léa", SIENNES[1])
    dossier = reprise(ou, courriel=SIENNES[1])

    execution.executer(dossier, Preuve.COURRIEL_ETABLISSEMENT)

    assert not Habilitation.objects.actives().get(utilisateur=elle).permet_paiement


def test_t19_un_inconnu_ne_bloque_pas_l_etablissement(cible: Etablissement) -> None:
    for _ in range(10):
        reprise(cible, EtatReprise.DEPOSEE, courriel=SIENNES[0])
    honnete = reprise(cible)

    preuves.invoquer_le_domaine(honnete)

    assert honnete.etat == EtatReprise.OPPOSABLE
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert demande.expirer() == 10

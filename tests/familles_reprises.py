"""Les gestes qui se croisent sur une reprise d'accès (tests/test_gestes_croises.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.comptes.actions import recuperation
from apart.comptes.models import Usage
from apart.etablissements.actions import personnes, rejoindre
from apart.etablissements.models import MotifRetrait
from apart.reprises.actions import agents, delais, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from tests.gestes_reprises import REPRISES, a_maintenir
from tests.scene import PHRASE, Scene

E = EtatReprise
Preparer = Callable[[Scene], Callable[[], object]]


def depuis(etat: EtatReprise, qui: str = "lea") -> Callable[..., Preparer]:
    """De quoi préparer un geste sur la reprise de cette personne, mise dans cet état avant tout."""

    def mettre(s: Scene) -> None:
        s.cibles.setdefault("reprise:lea", s.reprise(etat, qui).pk)

    def geste(nom: str, par: str = "principal") -> Preparer:
        def preparer(s: Scene) -> Callable[[], object]:
            mettre(s)
            return REPRISES[f"reprises.actions.{nom}"].preparer(s, s.qui(par))

        return preparer

    return geste


def echue(s: Scene) -> Callable[[], object]:
    Reprise.objects.filter(pk=s.reprise(E.OPPOSABLE).pk).update(opposition_jusqu_au=now() - timedelta(minutes=1))
    return preuves.executer_les_echues


def perimee(s: Scene) -> Callable[[], object]:
    ancienne = now() - timedelta(days=8)
    Reprise.objects.filter(pk=s.reprise(E.PROPOSEE, "voisin").pk).update(proposee_le=ancienne)
    return delais.perimer_les_propositions


def accueillir(s: Scene) -> Callable[[], object]:
    return partial(rejoindre.accepter, s.rejoindre(nom="noe"), par=s.qui("principal"))


def retirer_un_membre(s: Scene) -> Callable[[], object]:
    return partial(personnes.retirer, s.habilitation("membre"), par=s.qui("principal"), motif=MotifRetrait.DEPART)


def passer_la_main(s: Scene) -> Callable[[], object]:
    quitter = personnes.Suite.QUITTER
    return partial(personnes.passer_la_main, s.habilitation("principale"), par=s.qui("principal"), puis=quitter)


def choisir(s: Scene) -> Callable[[], object]:
    return partial(recuperation.choisir_mot_de_passe, s.lien(Usage.MOT_DE_PASSE, "principal"), PHRASE)


ouverte, proposee, opposable, faite = (
    depuis(E.EXAMINEE),
    depuis(E.PROPOSEE, "voisin"),
    depuis(E.OPPOSABLE),
    depuis(E.EXECUTEE),
)
FAMILLES: dict[str, dict[str, Preparer]] = {
    "une demande de reprise": {
        "confirmer": depuis(E.DEPOSEE)("demande.confirmer"),
        "envoyer le lien": depuis(E.DEPOSEE)("demande.envoyer_lien"),
        "renouveler le lien": depuis(E.DEPOSEE)("demande.renouveler_lien"),
        "abandonner": depuis(E.DEPOSEE)("demande.abandonner"),
    },
    "une reprise, par ses preuves": {
        "donner l'accord": ouverte("preuves.donner_accord", "membre"),
        "donner l'accord, une autre": ouverte("preuves.donner_accord", "principale"),
        "refuser l'accord": ouverte("preuves.refuser_accord", "principale"),
        "demander l'accord": ouverte("preuves.demander_accord"),
        "envoyer le code": ouverte("preuves.envoyer_code"),
        "taper le code": ouverte("preuves.employer_code"),
        "par le domaine": ouverte("preuves.invoquer_le_domaine"),
        "envoyer une pièce": ouverte("pieces.joindre"),
        "abandonner": ouverte("demande.abandonner"),
        "proposer": ouverte("agents.proposer", "agent"),
        "s'opposer": ouverte("execution.s_opposer"),
        "retirer qui en répond": lambda s: (s.reprise(E.EXAMINEE), retirer_un_membre(s))[1],
    },
    "une reprise, par les agents": {
        "demander une pièce": ouverte("agents.demander_piece", "agent"),
        "rappeler": ouverte("agents.rappeler", "superviseur"),
        "proposer": ouverte("agents.proposer", "agent"),
        "proposer, un autre": ouverte("agents.proposer", "superviseur"),
        "refuser": ouverte("agents.refuser", "superviseur"),
        "envoyer une pièce": ouverte("pieces.joindre"),
        "taper le code": ouverte("preuves.employer_code"),
    },
    "une reprise proposée": {
        "approuver": proposee("agents.approuver", "superviseur"),
        "approuver, une autre": proposee("agents.approuver", "superviseure"),
        "retirer la proposition": proposee("agents.retirer_proposition", "agent"),
        "refuser": proposee("agents.refuser", "superviseur"),
        "abandonner": proposee("demande.abandonner"),
        "s'opposer": proposee("execution.s_opposer"),
        "le temps d'approuver passe": lambda s: (proposee("agents.approuver")(s), perimee(s))[1],
        "accepter quelqu'un": lambda s: (s.reprise(E.PROPOSEE, "voisin"), accueillir(s))[1],
        "passer la main": lambda s: (s.reprise(E.PROPOSEE, "voisin"), passer_la_main(s))[1],
        "choisir un mot de passe": lambda s: (s.reprise(E.PROPOSEE, "voisin"), choisir(s))[1],
    },
    "une reprise dont le délai finit": {
        "le délai passe": echue,
        "s'opposer": lambda s: (echue(s), opposable("execution.s_opposer")(s))[1],
        "refuser l'accord": lambda s: (echue(s), opposable("preuves.refuser_accord", "membre")(s))[1],
        "refuser": lambda s: (echue(s), opposable("agents.refuser", "agent")(s))[1],
        "abandonner": lambda s: (echue(s), opposable("demande.abandonner")(s))[1],
    },
    "une reprise faite": {
        "entrer": faite("execution.entrer"),
        "renouveler l'entrée": faite("execution.renouveler_entree"),
        "s'opposer": faite("execution.s_opposer"),
        "maintenir": lambda s: partial(
            agents.lever_contestation, a_maintenir(s), motif="Lue.", par=s.qui("superviseur")
        ),
        "proposer de défaire": faite("agents.proposer_annulation", "superviseur"),
        "défaire": faite("agents.annuler", "superviseur"),
        "défaire, une autre": faite("agents.annuler", "superviseure"),
        "ne pas défaire": faite("agents.refuser_annulation", "superviseure"),
    },
}

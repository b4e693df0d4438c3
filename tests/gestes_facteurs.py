"""Les gestes de qui a perdu son second facteur : employeur, après un délai ; agent, par deux superviseurs."""

from __future__ import annotations

from functools import partial

from django.utils.timezone import now

from apart.administrations.actions import facteurs
from apart.administrations.etats import TRANSITIONS as TRANSITIONS_AGENT
from apart.administrations.etats import EtatProposition
from apart.administrations.models import PropositionFacteur
from apart.comptes.actions import facteur_perdu
from apart.comptes.etats import TRANSITIONS, EtatFacteurPerdu
from apart.comptes.models import Acces, FacteurPerdu, Usage, Utilisateur
from tests.comptes import perdus
from tests.comptes.fabriques import equiper
from tests.empechements import Mettre, fermer, hors, morts
from tests.geste import SUPERVISEURS, Geste
from tests.scene import Scene

E = EtatFacteurPerdu
SOI = frozenset({"principal"})


def equipe(s: Scene, nom: str = "principal") -> Utilisateur:
    """Cette personne, avec son second facteur, la première fois qu'on la demande."""
    if f"equipe:{nom}" not in s.cibles:
        s.cibles[f"equipe:{nom}"] = True
        equiper(s.qui(nom))
    return s.qui(nom)


def perdu(s: Scene, etat: EtatFacteurPerdu = E.OUVERTE) -> FacteurPerdu:
    """La demande du principal, mise dans cet état la première fois."""
    if "perdu" not in s.cibles:
        s.cibles["perdu"] = perdus.demande(equipe(s), etat).pk
    return FacteurPerdu.objects.get(pk=s.cibles["perdu"])


def perdu_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS, transition, lambda etat: partial(perdu, etat=etat))


def lien(s: Scene, usage: Usage) -> str:
    perdu(s)
    return s.lien(usage, "principal")


def posee(nom: str) -> Mettre:
    return lambda s: Utilisateur.objects.filter(pk=s.qui(nom).pk).update(adresse_posee_le=now())


def agent_promu(s: Scene) -> object:
    return Utilisateur.objects.filter(pk=s.qui("principal").pk).update(est_agent=True)


def proposition(s: Scene, etat: EtatProposition = EtatProposition.PROPOSEE) -> PropositionFacteur:
    """Pour l'agent, par la superviseure ; mise dans cet état la première fois."""
    if "proposition" not in s.cibles:
        neuve = perdus.proposition(equipe(s, "agent"), s.qui("superviseure"))
        if etat != EtatProposition.PROPOSEE:
            tranchee = {"etat": etat, "tranchee_par": s.qui("superviseur"), "tranchee_le": now()}
            PropositionFacteur.objects.filter(pk=neuve.pk).update(**tranchee)
        s.cibles["proposition"] = neuve.pk
    return PropositionFacteur.objects.get(pk=s.cibles["proposition"])


def proposition_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS_AGENT, transition, lambda etat: partial(proposition, etat=etat))


def connecte_depuis(s: Scene) -> object:
    proposition(s)
    return Acces.objects.create(utilisateur=s.qui("agent"))


FACTEURS: dict[str, Geste] = {
    "comptes.actions.facteur_perdu.demander": Geste(
        lambda s, par: (equipe(s), partial(facteur_perdu.demander, s.qui("principal"), par=par))[1],
        SOI,
        refus={"agent": agent_promu, "compte fermé": fermer("principal")},
        sans_effet={"en attente": partial(perdu, etat=E.ATTENTE), "à finir": perdu},
    ),
    "comptes.actions.facteur_perdu.annuler": Geste(
        lambda s, par: partial(facteur_perdu.annuler, lien(s, Usage.FACTEUR_PERDU)),
        refus=morts(Usage.FACTEUR_PERDU, "principal") | perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.annuler_connecte": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.annuler_connecte, s.qui("principal"), par=par))[1],
        SOI,
        sans_effet=perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.annuler_par_facteur": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.annuler_par_facteur, s.qui("principal")))[1],
        sans_effet=perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.envoyer_lien": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.envoyer_lien, s.qui("principal"), par=par))[1],
        SOI,
        refus=perdu_hors("envoyer_lien_facteur") | {"adresse neuve": posee("principal"), "agent": agent_promu},
    ),
    "comptes.actions.facteur_perdu.remplacer": Geste(
        lambda s, par: partial(facteur_perdu.remplacer, lien(s, Usage.NOUVEAU_FACTEUR)),
        refus={
            **morts(Usage.NOUVEAU_FACTEUR, "principal"),
            **perdu_hors("remplacer_facteur"),
            "adresse neuve": posee("principal"),
            "agent": agent_promu,
            "compte fermé": fermer("principal"),
        },
    ),
    "administrations.actions.facteurs.proposer": Geste(
        lambda s, par: (
            equipe(s, "agent"),
            partial(facteurs.proposer, s.qui("agent"), motif="Vu ce matin.", par=par),
        )[1],
        SUPERVISEURS,
        refus={
            "déjà proposé": proposition,
            "suspendu": fermer("agent"),
            "pas un agent": lambda s: Utilisateur.objects.filter(pk=s.qui("agent").pk).update(est_agent=False),
        },
    ),
    "administrations.actions.facteurs.approuver": Geste(
        lambda s, par: partial(facteurs.approuver, proposition(s), par=par),
        frozenset({"superviseur"}),
        refus={
            **proposition_hors("approuver_facteur_agent"),
            "suspendu": fermer("agent"),
            "connecté depuis": connecte_depuis,
            "adresse neuve": posee("agent"),
        },
    ),
    "administrations.actions.facteurs.retirer": Geste(
        lambda s, par: partial(facteurs.retirer, proposition(s), par=par),
        SUPERVISEURS,
        refus=proposition_hors("retirer_facteur_agent"),
    ),
}

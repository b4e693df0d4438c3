"""Les gestes des superviseurs : comptes d'agents, affectations, services."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from django.utils.timezone import localdate, now

from apart.administrations.actions import affectations, agents, services
from apart.administrations.models import Affectation, RoleAgent, Service
from apart.comptes.models import Usage, Utilisateur
from tests.empechements import Mettre, fermer, morts
from tests.geste import SUPERVISEURS, Geste
from tests.scene import PHRASE, Scene

D_ICI = SUPERVISEURS | {"superviseur_ici"}
DEMAIN = timedelta(days=1)


def fermer_le_service(s: Scene) -> None:
    Service.objects.filter(pk=s.service().pk).update(ferme_le=now())


def finir(nom: str) -> Mettre:
    return lambda s: Affectation.objects.filter(agent=s.qui(nom)).update(au=localdate())


def plus_agent(nom: str) -> Mettre:
    return lambda s: Utilisateur.objects.filter(pk=s.qui(nom).pk).update(est_agent=False)


def supplee(s: Scene) -> Affectation:
    """L'affectation de l'agent, suppléé la première fois qu'on le demande."""
    sienne = s.affectation("agent")
    if "supplee" not in s.cibles:
        s.cibles["supplee"] = True
        affectations.suppleer(sienne, suppleant=s.qui("lecteur"), **absence(), par=s.qui("superviseur"))
    return s.affectation("agent")


def absence() -> dict[str, date]:
    return {"du": localdate(), "au": localdate() + 7 * DEMAIN}


EQUIPE: dict[str, Geste] = {
    "administrations.actions.agents.creer_agent": Geste(
        lambda s, par: partial(agents.creer_agent, courriel=s.adresse("neuf"), nom="A", prenom="B", par=par),
        SUPERVISEURS,
        refus={"adresse prise": lambda s: Utilisateur.objects.create(courriel=s.adresse("neuf"), nom="A", prenom="B")},
    ),
    "administrations.actions.agents.renvoyer_invitation": Geste(
        lambda s, par: partial(agents.renvoyer_invitation, courriel=s.invitee().courriel, par=par),
        SUPERVISEURS,
        refus={
            "suspendu": lambda s: Utilisateur.objects.filter(pk=s.invitee().pk).update(is_active=False),
            "activé": lambda s: Utilisateur.objects.filter(pk=s.invitee().pk).update(password="x"),
            "pas un agent": lambda s: Utilisateur.objects.filter(pk=s.invitee().pk).update(est_agent=False),
        },
    ),
    "administrations.actions.agents.activer_agent": Geste(
        lambda s, par: partial(agents.activer_agent, s.lien(Usage.ACTIVATION_AGENT, "agent"), mot_de_passe=PHRASE),
        refus={
            **morts(Usage.ACTIVATION_AGENT, "agent"),
            "compte fermé": fermer("agent"),
            "plus agent": lambda s: Utilisateur.objects.filter(pk=s.qui("agent").pk).update(est_agent=False),
        },
    ),
    "administrations.actions.agents.suspendre": Geste(
        lambda s, par: partial(agents.suspendre, s.qui("agent"), par=par),
        SUPERVISEURS,
        refus={
            "pas un agent": lambda s: Utilisateur.objects.filter(pk=s.qui("agent").pk).update(est_agent=False),
            "superviseur suspendu entre-temps": fermer("superviseur"),
        },
        sans_effet={"déjà suspendu": fermer("agent")},
    ),
    "administrations.actions.agents.retablir": Geste(
        lambda s, par: partial(agents.retablir, s.qui("agent_suspendu"), par=par),
        SUPERVISEURS,
        refus={
            "pas un agent": lambda s: Utilisateur.objects.filter(pk=s.qui("agent_suspendu").pk).update(est_agent=False)
        },
        sans_effet={
            "déjà actif": lambda s: Utilisateur.objects.filter(pk=s.qui("agent_suspendu").pk).update(is_active=True)
        },
    ),
    "administrations.actions.affectations.affecter": Geste(
        lambda s, par: partial(
            affectations.affecter, s.qui("lecteur"), service=s.service(), role=RoleAgent.ASSISTANCE, par=par
        ),
        D_ICI,
        refus={
            "service fermé": fermer_le_service,
            "pas un agent": plus_agent("lecteur"),
            "déjà, en partie": lambda s: Affectation.objects.create(
                agent=s.qui("lecteur"), service=s.service(), role=RoleAgent.ASSISTANCE, du=localdate() + DEMAIN
            ),
        },
    ),
    "administrations.actions.affectations.terminer": Geste(
        lambda s, par: partial(affectations.terminer, s.affectation("agent"), par=par),
        SUPERVISEURS,
        sans_effet={"déjà finie": finir("agent")},
    ),
    "administrations.actions.affectations.suppleer": Geste(
        lambda s, par: partial(
            affectations.suppleer, s.affectation("agent"), suppleant=s.qui("lecteur"), **absence(), par=par
        ),
        SUPERVISEURS,
        refus={
            "finie": finir("agent"),
            "suppléant suspendu": fermer("lecteur"),
            "suppléant jamais venu": lambda s: Utilisateur.objects.filter(pk=s.qui("lecteur").pk).update(password="!"),
            "pas un agent": plus_agent("lecteur"),
        },
    ),
    "administrations.actions.affectations.lever_suppleance": Geste(
        lambda s, par: partial(affectations.lever_suppleance, supplee(s), par=par),
        SUPERVISEURS,
        sans_effet={"de retour": lambda s: affectations.lever_suppleance(supplee(s), par=s.qui("superviseur"))},
    ),
    "administrations.actions.services.creer": Geste(
        lambda s, par: partial(services.creer, s.contenu_service("neuf"), par=par),
        D_ICI,
        refus={"nom pris": lambda s: services.creer(s.contenu_service("neuf"))},
    ),
    "administrations.actions.services.modifier": Geste(
        lambda s, par: partial(services.modifier, s.service(), s.contenu_service("renommé"), par=par),
        D_ICI,
        refus={"fermé": fermer_le_service, "nom pris": lambda s: services.creer(s.contenu_service("renommé"))},
        sans_effet={
            "déjà ainsi": lambda s: services.modifier(
                s.service(), s.contenu_service("renommé"), par=s.qui("superviseur")
            )
        },
    ),
    "administrations.actions.services.fermer": Geste(
        lambda s, par: partial(services.fermer, s.service(), par=par),
        D_ICI,
        refus={
            "encore un agent": lambda s: Affectation.objects.create(
                agent=s.qui("lecteur"), service=s.service(), role=RoleAgent.ASSISTANCE, du=localdate()
            )
        },
        sans_effet={"déjà fermé": fermer_le_service},
    ),
}

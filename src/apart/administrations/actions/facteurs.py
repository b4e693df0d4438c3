"""Le second facteur perdu d'un agent : un superviseur propose, un autre approuve, jamais l'agent lui-même."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apart.administrations.actions.agents import Invitation, a_deja_active, inviter
from apart.administrations.actions.superviseurs import gere, relire
from apart.administrations.droits import Droit, peut
from apart.administrations.models import PropositionFacteur
from apart.comptes import second_facteur
from apart.comptes.actions import jetons
from apart.comptes.actions.second_facteur import oublier
from apart.comptes.actions.securite import avertir
from apart.comptes.models import Acces, Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.courriels.actions import mettre_en_file
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller
from apart.socle.saisies import courriel as lire_courriel
from apart.socle.travaux import chacun

DUREE_DU_LIEN = timedelta(hours=24)  # au plus pour un lien envoyé (NIST SP 800-63B-4 §4.2.1.2)
ANNEE = timedelta(days=365.25)
ADRESSE_NEUVE = "Son adresse électronique vient de changer : son second facteur ne se remplace pas"
PROPOSE = "Un superviseur a proposé de remplacer le second facteur de votre compte d'agent"
REMPLACE = "Le second facteur et le mot de passe de votre compte d'agent ne valent plus"


@transaction.atomic
def proposer(agent: Utilisateur, *, motif: str, par: Utilisateur) -> PropositionFacteur:
    """Propose de remplacer le second facteur de cet agent ; motif : comment on l'a reconnu. L'agent est prévenu.

    Rien ne change avant l'accord d'un autre superviseur. Lève PermissionDenied si par ne gère pas l'équipe de ses
    services ou si c'est le même ; ValidationError s'il est suspendu, n'a pas de second facteur, ou si c'est déjà
    proposé.
    """
    relus = relire(agent, par)
    relu = _exiger_un_autre(relus[agent.pk], relus[par.pk])
    _exiger_a_remplacer(relu)
    if relu.propositions_facteur.proposees().exists():
        raise ValidationError("Un superviseur l'a déjà proposé : relisez la page.", code="deja")
    proposee = PropositionFacteur.objects.create(agent=relu, motif=motif, proposee_par=par)
    journaliser("proposer_facteur_agent", sujet=relu.sujet, par=par)
    avertir(relu, PROPOSE)
    return proposee


def _exiger_un_autre(agent: Utilisateur, par: Utilisateur) -> Utilisateur:
    permis = peut(par, Droit.GERER_EQUIPE) and agent.est_agent and agent != par and gere(par, agent)
    exiger(permis, "remplacer le second facteur de cet agent")
    return agent


def _exiger_a_remplacer(agent: Utilisateur) -> None:
    if not agent.is_active:
        raise ValidationError("Cet agent est suspendu : rétablissez son accès d'abord.", code="suspendu")
    attend_son_lien = not agent.has_usable_password() and a_deja_active(agent)
    if not second_facteur.est_actif(agent) and not attend_son_lien:
        raise ValidationError("Cet agent n'a pas de second facteur : sa connexion lui en donne un.", code="sans")


@transaction.atomic
def approuver(proposition: PropositionFacteur, *, par: Utilisateur) -> None:
    """Un autre superviseur approuve : ni second facteur ni mot de passe ne valent plus, et l'agent reçoit un lien.

    Sans mot de passe, sinon qui l'aurait volé entrerait le premier. Le lien va à l'adresse de l'agent, 24 heures :
    aucun superviseur ne le voit (T20). Lève PermissionDenied si par est l'agent, qui a proposé, ou ne gère pas ses
    services ; GesteImpossible si ce n'est plus proposé ; ValidationError s'il est suspendu, ou s'il s'est connecté
    depuis, donc avec son second facteur ; AdresseRetenue si son adresse vient d'être posée (T38).
    """
    relus = relire(proposition.agent, par)
    agent = _exiger_un_autre(relus[proposition.agent_id], relus[par.pk])
    exiger(par.pk != proposition.proposee_par_id, "approuver votre propre proposition")
    with proposition.franchir("approuver_facteur_agent", par=par, propose_par=proposition.proposee_par_id):
        _exiger_a_remplacer(agent)
        if Acces.objects.filter(utilisateur=agent, le__gt=proposition.proposee_le).exists():
            raise ValidationError("Cet agent s'est connecté depuis, avec son second facteur : retirez la proposition.")
        if fin := agent.adresse_retenue_jusqu_au:
            raise AdresseRetenue(ADRESSE_NEUVE, fin)
        proposition.tranchee_par, proposition.tranchee_le = par, timezone.now()
    _desarmer(agent)
    _envoyer_le_lien(agent)


def _desarmer(agent: Utilisateur) -> None:
    agent.set_unusable_password()
    agent.save(update_fields=["password"])
    oublier(agent)
    avertir(agent, REMPLACE)


def _envoyer_le_lien(agent: Utilisateur) -> None:
    emis = jetons.emettre(Usage.ACTIVATION_AGENT, courriel=agent.courriel, utilisateur=agent, duree=DUREE_DU_LIEN)
    mettre_en_file(
        "facteur_agent",
        a=agent.courriel,
        utilisateur=agent,
        contexte={},
        secrets={"lien": settings.URL_PUBLIQUE + reverse("activer-agent", kwargs={"secret": emis.secret})},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def retirer(proposition: PropositionFacteur, *, par: Utilisateur) -> None:
    """Qui a proposé, ou un autre superviseur de cet agent, retire la proposition : rien n'a changé.

    Lève PermissionDenied si par ne gère pas ses services ou si c'est l'agent, GesteImpossible si c'est tranché.
    """
    relus = relire(proposition.agent, par)
    agent = _exiger_un_autre(relus[proposition.agent_id], relus[par.pk])
    with proposition.franchir("retirer_facteur_agent", par=par):
        proposition.tranchee_par, proposition.tranchee_le = par, timezone.now()
    avertir(agent, "Un superviseur a retiré la proposition de remplacer votre second facteur")


def perimer() -> None:
    """Laisse tomber les propositions que personne n'a approuvées en sept jours. Sans dommage deux fois."""
    chacun(*(partial(_perimer, proposition) for proposition in PropositionFacteur.objects.a_perimer()))


@transaction.atomic
def _perimer(proposition: PropositionFacteur) -> None:
    relire(proposition.agent)
    proposition.verrouiller()
    if proposition.peut("perimer_facteur_agent"):
        with proposition.franchir("perimer_facteur_agent"):
            proposition.tranchee_le = timezone.now()


def purger() -> int:
    """Efface les propositions tranchées depuis DECISIONS_ANNEES ; rend leur nombre. Le journal, lui, reste."""
    avant = timezone.now() - ANNEE * settings.DECISIONS_ANNEES
    return PropositionFacteur.objects.filter(tranchee_le__lt=avant).delete()[0]


@transaction.atomic
def remplacer(*, courriel: str) -> Invitation:
    """La ligne de commande : retire le second facteur et le mot de passe d'un agent, rend son lien d'activation.

    Pour qui n'a pas deux autres superviseurs. Une proposition en cours se périme. Lève ValidationError si aucun agent
    n'a cette adresse, s'il est suspendu ou n'a pas de second facteur.
    """
    agent = verrouiller(Utilisateur.objects.filter(courriel=lire_courriel(courriel), est_agent=True)).first()
    if agent is None:
        raise ValidationError(f"Aucun agent n'a l'adresse {courriel}.", code="inconnu")
    _exiger_a_remplacer(agent)
    for proposition in agent.propositions_facteur.proposees():
        _perimer(proposition)
    journaliser("remplacer_facteur_agent", sujet=agent.sujet)
    _desarmer(agent)
    return inviter(agent)

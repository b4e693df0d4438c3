"""Les comptes des agents : aucun d'office, et personne ne choisit leur mot de passe à leur place (ASVS 6.4.6)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apart.administrations.actions.affectations import affecter
from apart.administrations.actions.services import assistance_nationale
from apart.administrations.actions.superviseurs import (
    attendre_son_tour,
    exiger_gerant,
    exiger_qu_il_en_reste,
    gere,
    relire,
)
from apart.administrations.droits import Droit, peut
from apart.administrations.models import Affectation, RoleAgent, Service
from apart.comptes import motdepasse
from apart.comptes.actions import jetons, sessions
from apart.comptes.actions.adresse import AdressePrise, exiger_libre
from apart.comptes.actions.securite import avertir
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.models import Usage, Utilisateur
from apart.socle.acces import exiger
from apart.socle.models import EntreeJournal, journaliser, verrouiller
from apart.socle.saisies import courriel as lire_courriel


@dataclass(frozen=True)
class Invitation:
    """Un agent et son lien d'activation : à lui remettre en main propre ou par un canal sûr, il vaut son compte."""

    agent: Utilisateur
    lien: str


@transaction.atomic
def creer_agent(
    *,
    courriel: str,
    nom: str,
    prenom: str,
    service: Service | None = None,
    role: RoleAgent = RoleAgent.ASSISTANCE,
    par: Utilisateur | None = None,
) -> Invitation:
    """Crée un agent sans mot de passe, l'affecte dès aujourd'hui, et rend son lien d'activation.

    Le lien vaut settings.DUREE_ACTIVATION_AGENT. service : l'assistance de tout le territoire si None. par : le
    superviseur qui le crée, ou personne depuis la ligne de commande. Lève ValidationError si l'adresse n'en est pas
    une, si quelqu'un l'a déjà ou si le service est fermé ; PermissionDenied si par ne gère pas l'équipe de ce service.
    """
    service = service or assistance_nationale()
    auteur = relire(par).get(par.pk) if par else None
    exiger_gerant(auteur, service.departements, "créer un compte d'agent dans ce service")
    agent = _ouvrir(lire_courriel(courriel), nom, prenom)
    journaliser("creer_agent", sujet=agent.sujet, par=par, service=service.pk, role=role)
    affecter(agent, service=service, role=role, par=par)
    return inviter(Utilisateur.objects.get(pk=agent.pk))


def _ouvrir(adresse: str, nom: str, prenom: str) -> Utilisateur:
    if existant := Utilisateur.objects.par_courriel(adresse):
        raise _deja_pris(existant)
    try:
        exiger_libre(adresse)
    except AdressePrise as prise:  # un compte vient de la quitter, et peut y revenir
        raise _deja_pris(Utilisateur(courriel=adresse)) from prise
    agent = Utilisateur(courriel=adresse, nom=nom, prenom=prenom, est_agent=True)
    agent.set_unusable_password()
    agent.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            agent.save(force_insert=True)
    except IntegrityError as erreur:  # un autre superviseur vient de le créer
        raise _deja_pris(Utilisateur.objects.get(courriel=adresse)) from erreur
    return agent


def _deja_pris(existant: Utilisateur) -> ValidationError:
    suite = "--renvoyer lui donne un nouveau lien" if existant.est_agent else "un agent a sa propre adresse"
    return ValidationError(f"L'adresse {existant.courriel} a déjà un compte : {suite}.", code="existe")


@transaction.atomic
def renvoyer_invitation(*, courriel: str, par: Utilisateur | None = None) -> Invitation:
    """Rend un nouveau lien d'activation ; les précédents ne valent plus.

    Lève ValidationError si aucun agent n'a cette adresse, s'il est suspendu, s'il a un mot de passe, ou s'il en a eu
    un (son second facteur vient d'être remplacé : un superviseur seul n'en obtient pas le lien) ; PermissionDenied si
    par ne gère pas l'équipe de ses services.
    """
    exiger(par is None or peut(par, Droit.GERER_EQUIPE), "inviter un agent")
    agent = verrouiller(Utilisateur.objects.filter(courriel=lire_courriel(courriel), est_agent=True)).first()
    if agent is None:
        raise ValidationError(f"Aucun agent n'a l'adresse {courriel}.", code="inconnu")
    exiger(par is None or gere(par, agent), "inviter cet agent")
    if not agent.is_active:
        raise ValidationError("Cet agent est suspendu : rétablissez son accès d'abord.", code="suspendu")
    if agent.has_usable_password():
        raise ValidationError(
            "Cet agent a déjà activé son compte : il passe par « J'ai oublié mon mot de passe ».", code="active"
        )
    if par and a_deja_active(agent):
        raise ValidationError("Son second facteur a été remplacé : un nouveau lien s'approuve à deux.", code="a_deux")
    jetons.annuler_ceux_de(agent)
    journaliser("renvoyer_invitation_agent", sujet=agent.sujet, par=par)
    return inviter(agent)


@transaction.atomic
def activer_agent(secret: str, *, mot_de_passe: str) -> Utilisateur:
    """Pose le premier mot de passe d'un agent ; la connexion lui demandera ensuite un second facteur.

    Lève JetonRefuse si le lien ne vaut plus, ValidationError si le mot de passe se devine.
    """
    jeton = jetons.verrouiller(Usage.ACTIVATION_AGENT, secret)
    agent = jeton.utilisateur
    if agent is None or not agent.agit_en_agent:
        raise JetonRefuse(Raison.INCONNU)
    motdepasse.verifier(mot_de_passe, mots=motdepasse.contexte(agent))
    agent.set_password(mot_de_passe)
    agent.save(update_fields=["password"])
    jetons.employer(jeton, freres=agent.jetons.all())
    jetons.annuler_ceux_de(agent)
    journaliser("activer_agent", sujet=agent.sujet, par=agent)
    avertir(agent, "Votre compte d'agent est activé")
    return agent


@transaction.atomic
def suspendre(agent: Utilisateur, *, par: Utilisateur) -> None:
    """Ferme l'accès d'un agent sur-le-champ : ses sessions et ses liens ne valent plus (ASVS 7.4.2).

    Déjà suspendu : ne change rien. Lève PermissionDenied si par ne gère pas l'équipe de ses services, si agent n'est
    pas un agent, ou si c'est le même ; ValidationError s'il ne resterait aucun superviseur de tout le territoire.
    """
    _ouvrir_ou_fermer(agent, est_ouvert=False, par=par)
    sessions.fermer_toutes(agent)
    jetons.annuler_ceux_de(agent)


@transaction.atomic
def retablir(agent: Utilisateur, *, par: Utilisateur) -> None:
    """Rouvre l'accès d'un agent suspendu ; son mot de passe et son second facteur n'ont pas changé.

    Lève PermissionDenied comme suspendre.
    """
    _ouvrir_ou_fermer(agent, est_ouvert=True, par=par)


def _ouvrir_ou_fermer(agent: Utilisateur, *, est_ouvert: bool, par: Utilisateur) -> None:
    geste = "retablir" if est_ouvert else "suspendre"
    relus = relire(agent, par)
    relu, auteur = relus[agent.pk], relus[par.pk]
    exiger(peut(auteur, Droit.GERER_EQUIPE) and relu.est_agent and relu != auteur, "changer l'accès de ce compte")
    attendre_son_tour()
    exiger(gere(auteur, relu), "changer l'accès de cet agent")
    if relu.is_active == est_ouvert:
        return
    supervise = Affectation.objects.superviseurs_durables(timezone.localdate()).filter(agent=relu).exists()
    relu.is_active = est_ouvert
    relu.save(update_fields=["is_active"])
    if supervise:
        exiger_qu_il_en_reste()
    journaliser(f"{geste}_agent", sujet=relu.sujet, par=par)
    avertir(relu, "Votre compte d'agent est rétabli" if est_ouvert else "Votre compte d'agent est suspendu")


def a_deja_active(agent: Utilisateur) -> bool:
    """Vrai s'il a déjà choisi un mot de passe par un lien d'activation. Le journal seul s'en souvient toujours."""
    return EntreeJournal.objects.du_sujet(agent.sujet).filter(geste="activer_agent").exists()


def inviter(agent: Utilisateur) -> Invitation:
    """Le lien d'activation d'un agent sans mot de passe, tout neuf."""
    emis = jetons.emettre(
        Usage.ACTIVATION_AGENT, courriel=agent.courriel, utilisateur=agent, duree=settings.DUREE_ACTIVATION_AGENT
    )
    return Invitation(agent, settings.URL_PUBLIQUE + reverse("activer-agent", kwargs={"secret": emis.secret}))

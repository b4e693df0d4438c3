"""Second facteur et codes de rechange perdus : un délai, trois avis, puis une preuve du niveau de l'enrôlement.

ASVS 6.4.4 : perdre un facteur demande autant que de l'avoir posé, ici le mot de passe et un lien ouvert dans la boîte.
Le délai est pour la vraie personne : chaque avis annule d'un clic, sans se connecter (docs/decisions/0021).
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apart.comptes import second_facteur
from apart.comptes.actions import jetons
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.actions.second_facteur import annuler_demande, oublier, tuer_les_liens
from apart.comptes.actions.secours import exiger_soi
from apart.comptes.actions.securite import avertir
from apart.comptes.etats import EtatFacteurPerdu
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.limites import FACTEURS_PERDUS
from apart.comptes.models import FacteurPerdu, Jeton, Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.chiffrement import empreinte
from apart.socle.limites import depasse
from apart.socle.models import journaliser, verrouiller
from apart.socle.travaux import chacun

SANS_FACTEUR = "Votre compte n'a pas de second facteur : recommencez la connexion."
TROP_DE_FOIS = (
    "Cette demande a déjà été annulée plusieurs fois avec ce mot de passe. Choisissez-en un nouveau par « J'ai oublié "
    "mon mot de passe », puis recommencez."
)
ADRESSE_NEUVE = "Votre adresse électronique vient de changer, ou de servir à reprendre un accès : le lien ne part pas"


class FacteurPerduRefuse(Exception):
    """Cette demande ne peut pas se faire ; le message dit pourquoi, et quoi faire."""


@transaction.atomic
def demander(utilisateur: Utilisateur, *, par: Utilisateur) -> FacteurPerdu:
    """Ouvre le délai (settings.DELAI_FACTEUR_PERDU) au bout duquel le second facteur pourra être remplacé, et l'écrit.

    par : la personne elle-même, qui vient de donner son mot de passe. Une demande en cours est rendue telle quelle :
    ni avis de plus, ni délai qui repart. Lève PermissionDenied si c'est une autre, ou un agent (deux superviseurs le
    font pour lui) ; FacteurPerduRefuse s'il n'y a rien à remplacer, ou si trop de demandes ont été annulées.
    """
    exiger_soi(utilisateur, par)
    relu = _verrouiller(utilisateur)
    exiger(relu.is_active and not relu.est_agent, "remplacer seul le second facteur d'un compte d'agent")
    if deja := FacteurPerdu.objects.de(relu):
        return deja
    if not second_facteur.est_actif(relu):
        raise FacteurPerduRefuse(SANS_FACTEUR)
    maintenant, delai = timezone.now(), settings.DELAI_FACTEUR_PERDU
    demande = FacteurPerdu.objects.create(
        utilisateur=relu,
        courriel=relu.courriel,
        deposee_le=maintenant,
        prevenir_le=maintenant + delai / 2,
        ouvrable_le=maintenant + delai,
    )
    journaliser("demander_facteur_perdu", sujet=demande.sujet, par=par)
    _aviser(demande, "debut")
    if depasse(FACTEURS_PERDUS, f"{relu.pk}:{empreinte(relu.password)[:16]}"):
        raise FacteurPerduRefuse(TROP_DE_FOIS)
    return demande


def _verrouiller(utilisateur: Utilisateur) -> Utilisateur:
    return verrouiller(Utilisateur.objects.filter(pk=utilisateur.pk)).get()


def _aviser(demande: FacteurPerdu, moment: str) -> None:
    """L'avis de ce moment (« debut », « milieu », « fin »), avec son lien pour annuler sans se connecter.

    Ces avis protègent : aucune limite d'envoi ne les retient, et il n'y en a que trois par demande.
    """
    fin = demande.abandonnable_le
    emis = jetons.emettre(
        Usage.FACTEUR_PERDU,
        courriel=demande.courriel,
        utilisateur=demande.utilisateur,
        duree=fin - timezone.now(),
    )
    mettre_en_file(
        "facteur_perdu",
        a=demande.courriel,
        utilisateur=demande.utilisateur,
        contexte={"moment": moment, "le": demande.ouvrable_le, "deposee_le": demande.deposee_le, "jusqu_au": fin},
        secrets={"lien": lien_public("facteur-annuler-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def annuler(secret: str) -> Utilisateur:
    """Qui a reçu un avis annule la demande, sans se connecter. Le second facteur reste. Lève JetonRefuse."""
    jeton = jetons.verrouiller(Usage.FACTEUR_PERDU, secret)
    if jeton.utilisateur is None:
        raise JetonRefuse(Raison.INCONNU)
    jetons.employer(jeton, freres=jeton.utilisateur.jetons.all())
    if not _annuler(jeton.utilisateur, pourquoi="avis"):
        raise JetonRefuse(Raison.SANS_OBJET)
    return jeton.utilisateur


@transaction.atomic
def annuler_connecte(utilisateur: Utilisateur, *, par: Utilisateur) -> bool:
    """Annule depuis une session ouverte ; faux s'il n'y a rien à annuler. Lève PermissionDenied si c'est une autre."""
    exiger_soi(utilisateur, par)
    return _annuler(utilisateur, pourquoi="session", par=par)


@transaction.atomic
def annuler_par_facteur(utilisateur: Utilisateur) -> bool:
    """La personne vient d'entrer avec son second facteur : sa demande n'a plus d'objet. Faux s'il n'y en a pas."""
    return _annuler(utilisateur, pourquoi="facteur")


def _annuler(utilisateur: Utilisateur, *, pourquoi: str, par: Utilisateur | None = None) -> bool:
    est_annulee = annuler_demande(utilisateur, pourquoi=pourquoi, par=par)
    if est_annulee:
        avertir(utilisateur, "La demande de remplacer le second facteur de votre compte est annulée")
    return est_annulee


@transaction.atomic
def envoyer_lien(utilisateur: Utilisateur, *, par: Utilisateur, demandeur: Demandeur = Demandeur.IDENTIFIANT) -> bool:
    """Le délai passé, envoie à la personne le lien qui remplace son second facteur, valable 60 minutes.

    par : elle-même, qui vient de redonner son mot de passe. Rend faux si le message est retenu (T15). Lève
    GesteImpossible si aucune demande n'est à finir, AdresseRetenue si l'adresse vient d'être posée (T38).
    """
    exiger_soi(utilisateur, par)
    demande = _a_finir(_verrouiller(utilisateur))
    if not admettre(demande.courriel, objet=ObjetDemande.SECOND_FACTEUR, demandeur=demandeur):
        journaliser("retenir_lien_facteur", sujet=demande.sujet, par=par)
        return False
    with demande.franchir("envoyer_lien_facteur", par=par):
        emis = jetons.emettre(Usage.NOUVEAU_FACTEUR, courriel=demande.courriel, utilisateur=demande.utilisateur)
    mettre_en_file(
        "facteur_a_remplacer",
        a=demande.courriel,
        utilisateur=demande.utilisateur,
        contexte={},
        secrets={"lien": lien_public("facteur-nouveau-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )
    return True


def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien que la messagerie a retenu plus longtemps qu'il ne valait ; faux si rien ne part.

    Sans effet s'il a servi, si un autre a servi à sa place, ou si la demande n'est plus à finir.
    """
    ancien = Jeton.objects.du_secret(secret, Usage.NOUVEAU_FACTEUR).filter(employe_le=None, annule_le=None).first()
    if ancien is None or ancien.utilisateur is None:
        return False
    try:
        return envoyer_lien(ancien.utilisateur, par=ancien.utilisateur, demandeur=Demandeur.LIEN)
    except (GesteImpossible, PermissionDenied):
        return False


def _a_finir(relu: Utilisateur) -> FacteurPerdu:
    """Sa demande, dont le délai est passé, à une adresse qui n'a pas bougé. Lève GesteImpossible, AdresseRetenue."""
    exiger(relu.is_active and not relu.est_agent, "remplacer seul le second facteur d'un compte d'agent")
    demande = FacteurPerdu.objects.de(relu)
    if demande is None or not demande.est_ouverte or demande.courriel != relu.courriel:
        raise GesteImpossible("remplacer_facteur", demande.etat if demande else EtatFacteurPerdu.ANNULEE)
    if fin := relu.adresse_retenue_jusqu_au:
        raise AdresseRetenue(ADRESSE_NEUVE, fin)
    return demande


@transaction.atomic
def remplacer(secret: str) -> Utilisateur:
    """Retire le second facteur perdu et ses codes de rechange, ferme toutes les sessions, tue les liens, l'écrit.

    À n'appeler qu'une fois le mot de passe vérifié à l'instant (forms.facteur_perdu) : en changer annule la demande,
    donc celui vérifié est encore le bon sous le verrou. Rend la personne, à qui un autre facteur se propose. Lève
    JetonRefuse, GesteImpossible si la demande n'est plus à finir, AdresseRetenue.
    """
    jeton = jetons.verrouiller(Usage.NOUVEAU_FACTEUR, secret)
    if jeton.utilisateur is None:
        raise JetonRefuse(Raison.INCONNU)
    demande = _a_finir(jeton.utilisateur)
    with demande.franchir("remplacer_facteur", par=jeton.utilisateur):
        demande.finie_le = timezone.now()
    jetons.employer(jeton, freres=jeton.utilisateur.jetons.all())
    oublier(jeton.utilisateur)
    avertir(jeton.utilisateur, "Votre second facteur perdu a été retiré de votre compte, après le délai d'attente")
    return jeton.utilisateur


def avancer() -> None:
    """Prévient à mi-délai, ouvre au bout, abandonne ce que personne n'est revenu finir. Sans dommage deux fois.

    En retard, le délai s'allonge : entre l'avis du milieu et la fin, il reste toujours la moitié du délai.
    """
    demandes = FacteurPerdu.objects
    dues = ((demandes.a_prevenir(), _prevenir), (demandes.a_ouvrir(), _ouvrir), (demandes.oubliees(), _abandonner))
    chacun(*(partial(geste, demande) for lignes, geste in dues for demande in lignes))


def _relire(demande: FacteurPerdu, geste: str) -> bool:
    """Verrouille la personne, puis la demande ; annule celle d'un compte fermé, passé agent ou changé d'adresse."""
    relu = _verrouiller(demande.utilisateur)
    if relu.courriel != demande.courriel or relu.est_agent or not relu.is_active:
        annuler_demande(relu, pourquoi="compte_change")
    demande.verrouiller()
    return demande.peut(geste)


@transaction.atomic
def _prevenir(demande: FacteurPerdu) -> None:
    if not _relire(demande, "prevenir_a_mi_delai") or demande.prevenue_le:
        return
    with demande.franchir("prevenir_a_mi_delai"):
        demande.prevenue_le = timezone.now()
        moitie = demande.ouvrable_le - demande.prevenir_le
        demande.ouvrable_le = max(demande.ouvrable_le, demande.prevenue_le + moitie)
    _aviser(demande, "milieu")


@transaction.atomic
def _ouvrir(demande: FacteurPerdu) -> None:
    if not _relire(demande, "ouvrir_facteur_perdu"):
        return
    with demande.franchir("ouvrir_facteur_perdu"):
        demande.ouverte_le = timezone.now()
    _aviser(demande, "fin")


@transaction.atomic
def _abandonner(demande: FacteurPerdu) -> None:
    if not _relire(demande, "abandonner_facteur_perdu"):
        return
    with demande.franchir("abandonner_facteur_perdu"):
        demande.finie_le = timezone.now()
    tuer_les_liens(demande.utilisateur)

"""Renvoyer un accès, vers l'adresse du compte et nulle part ailleurs ; ou le lien que quelqu'un attend pour entrer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices

from apart.assistance.actions.demandes import exiger_traitant
from apart.assistance.models import DemandeAssistance
from apart.comptes.actions.recuperation import envoyer_reinitialisation
from apart.comptes.models import Utilisateur
from apart.courriels.models import Demandeur
from apart.etablissements.actions import espace, rejoindre
from apart.etablissements.actions.identifiant import envoyer_identifiant
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeEspace, DemandeRejoindre, Habilitation
from apart.socle.acces import exiger
from apart.socle.models import EntreeJournal, journaliser, verrouiller

GESTES = ("renvoyer", "faire_repartir")
RENVOIS_MONTRES = 5


@dataclass(frozen=True)
class RenvoiFait:
    """Un message qu'un agent a fait repartir : lequel, pourquoi, par qui, quand."""

    quoi: str
    motif: str
    par: str
    le: datetime


class Renvoi(TextChoices):
    IDENTIFIANT = "identifiant", "l'identifiant"
    MOT_DE_PASSE = "mot-de-passe", "un lien pour choisir un nouveau mot de passe"


class MotifRenvoi(TextChoices):
    """Pourquoi un agent fait repartir un message : gardé au journal, lu par ses collègues."""

    PAS_RECU = "pas_recu", "la personne n'a rien reçu"
    PERDU = "perdu", "le message est perdu ou effacé"
    EXPIRE = "expire", "le lien a expiré avant de servir"
    REPARE = "repare", "sa messagerie nous refusait, et nous laisse passer maintenant"


@transaction.atomic
def renvoyer(
    demande: DemandeAssistance, *, membre: Habilitation, quoi: Renvoi, motif: MotifRenvoi, par: Utilisateur
) -> bool:
    """Écrit à un membre de l'établissement de la demande, à l'adresse de son compte ; celle de la demande ne sert pas.

    L'agent ne voit ni l'identifiant, ni le lien. Rend faux si le message est retenu (T15).
    Lève PermissionDenied si la personne n'est pas membre en cours de cet établissement, ou si son compte est fermé.
    """
    exiger_traitant(demande, par)
    verrouiller(Utilisateur.objects.filter(pk=membre.utilisateur_id)).get()
    relus = Habilitation.objects.select_related("utilisateur", "etablissement")
    membre = verrouiller(relus.filter(pk=membre.pk)).get()
    exiger(membre.au is None and membre.etablissement.siret == demande.siret, "écrire à qui n'est pas membre")
    exiger(membre.utilisateur.is_active, "écrire à un compte fermé")
    exiger(membre.utilisateur_id != par.pk, "vous renvoyer votre propre accès")
    journaliser("renvoyer", sujet=demande.sujet, par=par, quoi=quoi, motif=motif, utilisateur=membre.utilisateur_id)
    if quoi == Renvoi.IDENTIFIANT:
        return envoyer_identifiant(membre.utilisateur, par=par)
    return envoyer_reinitialisation(membre.utilisateur, par=par) is not None


def renvois_faits(demande: DemandeAssistance) -> list[RenvoiFait]:
    """Ce que les agents ont fait repartir depuis cette demande, et pourquoi ; du plus récent au plus ancien.

    Ce qui fut renvoyé avant que la raison se garde n'en dit pas.
    """
    lignes = EntreeJournal.objects.du_sujet(demande.sujet).filter(geste__in=GESTES).select_related("par")
    return [_lu(ligne) for ligne in lignes[:RENVOIS_MONTRES]]


def _lu(ligne: EntreeJournal) -> RenvoiFait:
    quoi = Renvoi(ligne.details["quoi"]).label if ligne.geste == "renvoyer" else "le lien attendu à cette adresse"
    motif = ligne.details.get("motif")
    return RenvoiFait(quoi, MotifRenvoi(motif).label if motif else "", str(ligne.par), ligne.le)


def lien_attendu(demande: DemandeAssistance) -> DemandeRejoindre | DemandeEspace | None:
    """Ce que l'adresse de cette demande a déposé pour entrer dans son établissement, et n'a pas encore prouvé."""
    if Habilitation.objects.actives().filter(
        etablissement__siret=demande.siret, utilisateur__courriel=demande.courriel
    ):
        return None
    ailleurs = DemandeRejoindre.objects.filter(etablissement__siret=demande.siret, courriel=demande.courriel)
    espaces = DemandeEspace.objects.filter(siret=demande.siret, courriel_utilisateur=demande.courriel, ouverte_le=None)
    entree = ailleurs.filter(etat=EtatRejoindre.DEPOSEE).order_by("-deposee_le").first()
    return entree or espaces.order_by("-deposee_le").first()


@transaction.atomic
def faire_repartir(demande: DemandeAssistance, *, motif: MotifRenvoi, par: Utilisateur) -> bool:
    """Renvoie le lien que cette adresse attend, sur les places de l'agent : celles des inconnus sont peut-être prises.

    L'agent ne choisit ni l'adresse, ni l'établissement, et ne voit pas le lien. Rend faux si plus rien n'est attendu,
    ou si le message est retenu (T15). Lève PermissionDenied.
    """
    exiger_traitant(demande, par)
    attendu = lien_attendu(demande)
    if attendu is None:
        return False
    journaliser("faire_repartir", sujet=demande.sujet, par=par, motif=motif)
    if isinstance(attendu, DemandeEspace):
        return espace.envoyer_lien(attendu, demandeur=Demandeur.AGENT)
    return rejoindre.envoyer_lien(attendu, demandeur=Demandeur.AGENT)

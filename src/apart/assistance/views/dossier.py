"""Ce qu'un agent voit à côté d'une demande, pour répondre sans chercher."""

from __future__ import annotations

from typing import Any

from apart.administrations.droits import Droit, peut
from apart.assistance.actions.renvois import lien_attendu, renvois_faits
from apart.assistance.forms import RenvoiForm
from apart.assistance.models import DemandeAssistance
from apart.comptes.models import Utilisateur
from apart.courriels.diagnostic import diagnostic
from apart.courriels.models import Courriel, CourrielQuerySet, CourrielRetenu, CourrielRetenuQuerySet
from apart.etablissements.models import Etablissement, Habilitation, HabilitationQuerySet
from apart.repertoire.models import trouver
from apart.reprises.actions import agents
from apart.socle.saisies import boite

SEMBLABLES = 5
COURRIELS = 4
DIAGNOSTIQUES = 20  # derniers messages dont le sort se résume en une phrase


def dossier(demande: DemandeAssistance, par: Utilisateur) -> dict[str, Any]:
    """La conversation, l'établissement et ses membres, le répertoire, les courriels et leur sort, les semblables.

    Rien n'y vient d'un département où cet agent ne lit pas (T21).
    """
    etablissement = Etablissement.objects.filter(siret=demande.siret).first()
    membres = list(_membres(etablissement)) if etablissement else []
    vers_elle = list(_courriels(demande, par)[:DIAGNOSTIQUES])
    return {
        "demande": demande,
        "conversation": demande.messages.select_related("par").prefetch_related("pieces"),
        "etablissement": etablissement,
        "membres": membres,
        "est_membre_connecte": any(membre.utilisateur_id == demande.auteur_id for membre in membres),
        "est_un_membre": any(membre.utilisateur.courriel == demande.courriel for membre in membres),
        "fiche_repertoire": trouver(demande.siret),
        "diagnostic": diagnostic(vers_elle),
        "courriels_adresse": vers_elle[:COURRIELS],
        "courriels_etablissement": _autres_courriels(demande)[:COURRIELS],
        "retenus": _retenus(demande, membres)[:COURRIELS],
        "lien_attendu": lien_attendu(demande),
        "renvoi": RenvoiForm(prefix="repartir"),
        "renvois": renvois_faits(demande),
        **_reprises(demande, etablissement, par),
        "semblables": DemandeAssistance.objects.visibles_par(par).semblables_a(demande)[:SEMBLABLES],
    }


def _reprises(demande: DemandeAssistance, etablissement: Etablissement | None, par: Utilisateur) -> dict[str, Any]:
    """Les reprises d'accès en cours ici, et s'il peut en ouvrir une pour qui écrit ; rien à qui n'en examine pas."""
    if etablissement is None:
        return {"reprises": [], "ouvre_une_reprise": False}
    reprises = agents.en_cours_vues_par(etablissement, par)
    en_a_une = any(boite(reprise.courriel) == boite(demande.courriel) for reprise in reprises)
    ouvre = not en_a_une and agents.peut_ouvrir(etablissement, demande.courriel, par=par)
    return {"reprises": reprises, "ouvre_une_reprise": ouvre}


def _membres(etablissement: Etablissement) -> HabilitationQuerySet:
    actives = Habilitation.objects.actives().filter(etablissement=etablissement)
    return actives.select_related("utilisateur").order_by("-role", "du")


def _courriels(demande: DemandeAssistance, par: Utilisateur) -> CourrielQuerySet:
    """Partis vers l'adresse de la demande. Qui ne lit pas partout n'y voit aucun autre établissement que le sien."""
    vers = Courriel.objects.vers(demande.courriel).recents().defer("texte", "html")
    return vers if peut(par, Droit.LIRE_ASSISTANCE, "") else vers.filter(siret__in=["", demande.siret])


def _autres_courriels(demande: DemandeAssistance) -> CourrielQuerySet:
    """Les messages au sujet de cet établissement partis vers d'autres adresses que celle de la demande."""
    return Courriel.objects.de_l_etablissement(demande.siret).recents().exclude(destinataire=demande.courriel)


def _retenus(demande: DemandeAssistance, membres: list[Habilitation]) -> CourrielRetenuQuerySet:
    """Ce qui n'est pas parti vers l'adresse de la demande, ni vers celles des membres, et pourquoi."""
    return CourrielRetenu.objects.vers(demande.courriel, *(m.utilisateur.courriel for m in membres)).recents()

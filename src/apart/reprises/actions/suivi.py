"""Renvoyer le lien de suivi à qui a perdu le message qui le portait."""

from __future__ import annotations

from django.db import transaction

from apart.comptes.actions.recuperation import lien_public
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.reprises.actions.demande import emettre_suivi, envoyer_lien
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.socle.models import journaliser

SUIVIS_RENVOYES = 3


@transaction.atomic
def renvoyer_suivis(courriel: str, *, demandeur: Demandeur = Demandeur.INCONNU) -> None:
    """Envoie un lien de suivi neuf pour les dernières demandes de cette adresse ; rien si elle n'en a pas (T3).

    Celle qui attend encore que l'adresse soit confirmée reçoit de nouveau le lien qui la confirme. Un inconnu peut en
    déposer sous cette adresse : elles ne prennent pas la place de celles que la personne a confirmées.
    """
    siennes = Reprise.objects.filter(courriel=courriel)
    confirmees = siennes.exclude(confirmee_le=None).order_by("-confirmee_le", "-pk")[:SUIVIS_RENVOYES]
    deposee = siennes.filter(etat=EtatReprise.DEPOSEE).order_by("-pk").first()
    for reprise in sorted([*confirmees, *([deposee] if deposee else [])], key=lambda reprise: reprise.pk):
        if reprise.etat == EtatReprise.DEPOSEE:
            envoyer_lien(reprise, demandeur=demandeur)
        else:
            _renvoyer(reprise, demandeur)


def _renvoyer(reprise: Reprise, demandeur: Demandeur) -> None:
    """Compté à la demande : ce que d'autres y dépensent, ce sont des liens qui y mènent, pour la même personne."""
    if not admettre(reprise.courriel, objet=ObjetDemande.ESPACE, demandeur=demandeur, pour=reprise.numero):
        journaliser("retenir_suivi_reprise", sujet=reprise.sujet, reprise=reprise.pk)
        return
    journaliser("renvoyer_suivi_reprise", sujet=reprise.sujet, reprise=reprise.pk)
    mettre_en_file(
        "reprise_suivi",
        a=reprise.courriel,
        siret=reprise.etablissement.siret,
        contexte={"numero": reprise.numero, "quoi": reprise.quoi},
        secrets={"lien": lien_public("reprise-suivi", emettre_suivi(reprise))},
    )

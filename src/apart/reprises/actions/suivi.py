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

    Celles qui attendent encore que l'adresse soit confirmée, une par établissement, reçoivent de nouveau le lien qui
    la confirme. Un inconnu peut en déposer sous cette adresse : elles ne prennent pas la place de celles que la
    personne a confirmées, ni une seule celle de la sienne.
    """
    siennes = Reprise.objects.filter(courriel=courriel)
    confirmees = siennes.exclude(confirmee_le=None).order_by("-confirmee_le", "-pk")[:SUIVIS_RENVOYES]
    par_etablissement = {r.etablissement_id: r for r in siennes.filter(etat=EtatReprise.DEPOSEE).order_by("pk")}
    deposees = sorted(par_etablissement.values(), key=lambda reprise: -reprise.pk)[:SUIVIS_RENVOYES]
    for reprise in sorted([*confirmees, *deposees], key=lambda reprise: reprise.pk):
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

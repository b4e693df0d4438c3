"""« J'ai oublié mon identifiant » : le message porte l'identifiant et les établissements qu'il ouvre."""

from __future__ import annotations

from django.db import transaction

from apart.comptes.actions.recuperation import est_gelee, rappeler_retour, tenir
from apart.comptes.models import Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.etablissements.models import Etablissement
from apart.socle.acces import exiger
from apart.socle.models import journaliser


@transaction.atomic
def envoyer_identifiant(
    utilisateur: Utilisateur, *, par: Utilisateur | None = None, demandeur: Demandeur = Demandeur.INCONNU
) -> bool:
    """Envoie l'identifiant à l'adresse au dossier, jamais à une autre ; faux si le message est retenu (T15).

    Si elle vient de changer, il ne part pas : celle d'avant reçoit de quoi la remettre (T38). par : l'agent qui
    l'envoie, sinon personne. demandeur : qui d'autre le fait partir.
    Lève PermissionDenied si le compte est fermé, ou si par n'est pas un agent.
    """
    exiger(par is None or par.agit_en_agent, "envoyer un identifiant")
    utilisateur = tenir(utilisateur)
    exiger(utilisateur.is_active, "écrire à un compte fermé")
    demandeur = Demandeur.AGENT if par else demandeur
    if est_gelee(utilisateur):
        rappeler_retour(utilisateur, objet=ObjetDemande.IDENTIFIANT, demandeur=demandeur, par=par)
        return False
    if not admettre(utilisateur.courriel, objet=ObjetDemande.IDENTIFIANT, demandeur=demandeur):
        journaliser("retenir_identifiant", sujet=utilisateur.sujet, par=par)
        return False
    journaliser("envoyer_identifiant", sujet=utilisateur.sujet, par=par)
    mettre_en_file(
        "identifiant_oublie",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        contexte={
            "identifiant": utilisateur.identifiant_lisible,
            "etablissements": [
                {"siret": siret, "denomination": denomination}
                for siret, denomination in Etablissement.objects.visibles_par(utilisateur)
                .order_by("denomination")
                .values_list("siret", "denomination")
            ],
        },
    )
    return True

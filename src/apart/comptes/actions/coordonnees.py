"""Corriger son nom, son prénom, son téléphone."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apart.comptes.actions.adresse import exiger_la_sienne
from apart.comptes.actions.recuperation import tenir
from apart.comptes.actions.securite import avertir
from apart.comptes.models import Utilisateur
from apart.socle.models import journaliser

CHAMPS = ("nom", "prenom", "telephone")


@transaction.atomic
def corriger(utilisateur: Utilisateur, *, nom: str, prenom: str, telephone: str, par: Utilisateur) -> bool:
    """Remplace ce que la personne dit d'elle-même, et l'en prévient ; faux si rien ne change.

    Un numéro changé est neuf : un agent n'y rappelle personne avant 30 jours (reprises.rappel, T20). Lève
    PermissionDenied si ce n'est pas elle, ou si c'est un agent.
    """
    utilisateur = tenir(utilisateur)
    exiger_la_sienne(utilisateur, par)
    dits = dict(zip(CHAMPS, (nom, prenom, telephone), strict=True))
    changes = [champ for champ in CHAMPS if getattr(utilisateur, champ) != dits[champ]]
    if not changes:
        return False
    for champ in changes:
        setattr(utilisateur, champ, dits[champ])
    if "telephone" in changes:
        utilisateur.telephone_pose_le = timezone.now()
    utilisateur.save(update_fields=[*changes, "telephone_pose_le"])
    journaliser("corriger_coordonnees", sujet=utilisateur.sujet, par=par, quoi=", ".join(changes))
    avertir(utilisateur, "Votre nom, votre prénom ou votre téléphone a été corrigé")
    return True

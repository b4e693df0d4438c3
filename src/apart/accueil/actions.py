"""Publier, corriger et retirer les annonces de l'accueil. Réservé à qui en a le droit."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apart.accueil.models import Annonce
from apart.administrations.droits import Droit, peut
from apart.comptes.models import Utilisateur
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller


@transaction.atomic
def publier(*, titre: str, texte: str, niveau: str, du: datetime, au: datetime, par: Utilisateur) -> Annonce:
    """Écrit une annonce, visible de « du » (compris) à « au » (exclu) ; une fois si elle est envoyée deux.

    Lève PermissionDenied, ValidationError.
    """
    auteur = verrouiller(Utilisateur.objects.filter(pk=par.pk)).get()
    exiger(peut(auteur, Droit.GERER_ANNONCES), "publier une annonce")
    contenu = {"titre": titre, "texte": texte, "niveau": niveau, "du": du, "au": au, "par": auteur}
    if deja := Annonce.objects.filter(**contenu, retiree_le=None).first():
        return deja
    annonce = Annonce(**contenu)
    annonce.full_clean()
    annonce.save(force_insert=True)
    journaliser("publier_annonce", sujet=annonce.sujet, par=par, titre=titre, niveau=niveau)
    return annonce


@transaction.atomic
def corriger(
    annonce: Annonce, *, titre: str, texte: str, niveau: str, du: datetime, au: datetime, par: Utilisateur
) -> Annonce:
    """Remplace le contenu et les dates d'une annonce. Lève PermissionDenied si elle est retirée, ValidationError."""
    exiger(peut(par, Droit.GERER_ANNONCES), "corriger une annonce")
    actuelle = verrouiller(Annonce.objects.filter(pk=annonce.pk)).get()
    exiger(actuelle.retiree_le is None, "corriger une annonce retirée")
    for champ, valeur in {"titre": titre, "texte": texte, "niveau": niveau, "du": du, "au": au}.items():
        setattr(actuelle, champ, valeur)
    actuelle.full_clean()
    actuelle.save(update_fields=["titre", "texte", "niveau", "du", "au"])
    journaliser("corriger_annonce", sujet=actuelle.sujet, par=par, titre=titre, niveau=niveau)
    return actuelle


@transaction.atomic
def retirer(annonce: Annonce, *, par: Utilisateur) -> None:
    """Ôte une annonce de l'accueil avant sa fin. Déjà retirée : ne change rien. Lève PermissionDenied."""
    exiger(peut(par, Droit.GERER_ANNONCES), "retirer une annonce")
    actuelle = verrouiller(Annonce.objects.filter(pk=annonce.pk)).get()
    if actuelle.retiree_le is None:
        actuelle.retiree_le = timezone.now()
        actuelle.save(update_fields=["retiree_le"])
        journaliser("retirer_annonce", sujet=actuelle.sujet, par=par, titre=actuelle.titre)

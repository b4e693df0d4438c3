"""Ce qu'une personne connectée change à la sécurité de son compte."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apart.comptes import motdepasse
from apart.comptes.actions import jetons, secours, sessions
from apart.comptes.actions.second_facteur import annuler_demande
from apart.comptes.actions.secours import exiger_soi
from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.socle.models import journaliser


@transaction.atomic
def changer_mot_de_passe(
    utilisateur: Utilisateur, *, mot_de_passe: str, session: str | None, par: Utilisateur
) -> None:
    """Remplace le mot de passe, ferme les autres sessions, tue les jetons en attente, prévient par courriel.

    session : clé de la session à garder. Lève ValidationError si le mot de passe se devine, PermissionDenied si ce
    n'est pas la personne elle-même.
    """
    exiger_soi(utilisateur, par)
    motdepasse.verifier(mot_de_passe, mots=motdepasse.contexte(utilisateur))
    utilisateur.set_password(mot_de_passe)
    utilisateur.save(update_fields=["password"])
    annuler_demande(utilisateur, pourquoi="mot_de_passe", par=par)
    jetons.annuler_ceux_de(utilisateur)
    sessions.fermer_toutes(utilisateur, sauf=session)
    journaliser("changer_mot_de_passe", sujet=utilisateur.sujet, par=par)
    avertir(utilisateur, "Votre mot de passe a été changé")


@transaction.atomic
def renouveler_code_secours(utilisateur: Utilisateur, *, par: Utilisateur) -> str:
    """Tire un nouveau code de secours, prévient par courriel, et rend le code, à montrer une seule fois."""
    exiger_soi(utilisateur, par)
    avertir(utilisateur, "Un nouveau code de secours a été tiré pour votre compte")
    return secours.renouveler_code(utilisateur, par=par)


@transaction.atomic
def fermer_session(utilisateur: Utilisateur, *, session: str, par: Utilisateur) -> int:
    """Ferme une session listée (désignée par son empreinte) ; rend 0 si elle n'existe plus."""
    exiger_soi(utilisateur, par)
    fermees = sessions.fermer(utilisateur, session)
    if fermees:
        journaliser("fermer_session", sujet=utilisateur.sujet, par=par)
    return fermees


@transaction.atomic
def fermer_autres_sessions(utilisateur: Utilisateur, *, session: str | None, par: Utilisateur) -> int:
    """Ferme toutes les sessions sauf celle dont voici la clé ; rend leur nombre."""
    exiger_soi(utilisateur, par)
    fermees = sessions.fermer_toutes(utilisateur, sauf=session)
    journaliser("fermer_autres_sessions", sujet=utilisateur.sujet, par=par, nombre=fermees)
    return fermees


@transaction.atomic
def noter_second_facteur(utilisateur: Utilisateur, *, geste: str, avis: str) -> None:
    """Journalise un changement de second facteur que django-allauth vient de faire (geste : son nom) et l'écrit.

    Qui change les siens depuis une session n'attend plus de remplacer ceux qu'il avait perdus.
    """
    annuler_demande(utilisateur, pourquoi="facteur", par=utilisateur)
    journaliser("changer_second_facteur", sujet=utilisateur.sujet, par=utilisateur, quoi=geste)
    avertir(utilisateur, avis)


@transaction.atomic
def avertir(utilisateur: Utilisateur, geste: str) -> None:
    """Envoie l'avis qu'un changement de sécurité a eu lieu (ASVS 6.3.7). geste : une phrase sans point final."""
    mettre_en_file(
        "securite_modifiee",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        contexte={"geste": geste, "le": timezone.now()},
    )

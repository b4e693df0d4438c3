"""Rouvrir l'accès d'avant, avec tout ce que la même personne a reçu depuis sur un autre (décision 0020)."""

from __future__ import annotations

from apart.etablissements.actions import personnes
from apart.etablissements.etats import EtatOffre
from apart.etablissements.models import DemandePreuve, Habilitation, OffreRole
from apart.reprises.actions.demande import abandonner
from apart.reprises.etats import EN_COURS
from apart.reprises.models import Lettre, Reprise


def rouvrir(habilitation: Habilitation, *, cause: str) -> None:
    """Elle n'en a qu'un à la fois : ce qui tient à l'autre passe d'abord, puis l'autre finit sans rien en perdre.

    Un morceau du geste qui défait, sous les verrous de la personne et de l'établissement.
    """
    actives = Habilitation.objects.actives().filter(utilisateur=habilitation.utilisateur_id)
    for autre in actives.filter(etablissement=habilitation.etablissement_id).exclude(pk=habilitation.pk):
        _passer(autre, a=habilitation)
        personnes.ceder(autre, cause=cause)
    personnes.rouvrir(habilitation, cause=cause)


def _passer(de: Habilitation, *, a: Habilitation) -> None:
    de.fondements.update(habilitation=a)
    _passer_les_demandes(de, a=a)
    _passer_les_reprises(de, a=a)
    Lettre.objects.vivantes().filter(habilitation=de).update(habilitation=a)
    OffreRole.objects.filter(habilitation=de, etat=EtatOffre.OFFERTE).update(habilitation=a)
    if de.contestee_le and not a.contestee_le:
        a.contestee_le = de.contestee_le
        a.save(update_fields=["contestee_le"])


def _passer_les_demandes(de: Habilitation, *, a: Habilitation) -> None:
    """Une seule ouverte par niveau : celle de l'accès fini n'attendait plus rien."""
    niveaux = DemandePreuve.objects.ouvertes().filter(habilitation=de).values_list("niveau", flat=True)
    for oubliee in DemandePreuve.objects.ouvertes().filter(habilitation=a, niveau__in=list(niveaux)):
        with oubliee.franchir("abandonner_preuve", demande=oubliee.pk):
            oubliee.traitee_le = a.au
    DemandePreuve.objects.filter(habilitation=de).update(habilitation=a)


def _passer_les_reprises(de: Habilitation, *, a: Habilitation) -> None:
    siennes = Reprise.objects.filter(est_releve=True, etat__in=EN_COURS)
    if siennes.filter(habilitation=de).exists():
        for oubliee in siennes.filter(habilitation=a):
            abandonner(oubliee)
    Reprise.objects.filter(habilitation=de).update(habilitation=a)
    Reprise.objects.filter(remplace=de, etat__in=EN_COURS).update(remplace=a)

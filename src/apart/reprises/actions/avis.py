"""Prévenir d'une reprise d'accès ceux qu'elle concerne, avec de quoi s'y opposer sans se connecter (T18, T19)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.models import ChangementAdresse, Usage, Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.neutralite import Adresse
from apart.etablissements.models import Habilitation
from apart.repertoire.models import nom_public
from apart.reprises.actions.demande import emettre_suivi
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from apart.reprises.models.reprise import DELAI_ANNULATION
from apart.socle.saisies import boite


def adresses_a_prevenir(reprise: Reprise) -> list[str]:
    """Qui tient l'espace ou va y entrer, chaque membre, l'établissement à son adresse prouvée ; jamais qui demande.

    Qui vient de changer d'adresse, à l'ancienne aussi tant qu'elle peut revenir : ce n'est peut-être pas lui (T38).
    """
    etablissement = reprise.etablissement
    membres = etablissement.habilitations.actives().select_related("utilisateur").order_by("pk")
    adresses = [membre.utilisateur.courriel for membre in membres]
    gens = [*membres.values_list("utilisateur", flat=True), reprise.remplace and reprise.remplace.utilisateur_id]
    quittees = ChangementAdresse.objects.defaisables().filter(utilisateur__in=[pk for pk in gens if pk])
    adresses += quittees.values_list("ancienne", flat=True)
    adresses += Reprise.objects.attendent_l_entree(etablissement).values_list("courriel", flat=True)
    if reprise.remplace:
        adresses.append(reprise.remplace.utilisateur.courriel)
    if etablissement.courriel_prouve_le:
        adresses.append(etablissement.courriel)
    return [adresse for adresse in dict.fromkeys(adresses) if boite(adresse) != boite(reprise.courriel)]


def prevenir(reprise: Reprise, *, duree: timedelta = DELAI_ANNULATION) -> None:
    """Écrit à chacun ce qui va se passer, ou vient de se passer, et jusqu'à quand s'y opposer.

    La personne y est nommée par son adresse, qu'elle a prouvée : aucun nom tapé n'y part (T17). Une reprise défaite se
    dit sans lien.
    """
    for adresse in adresses_a_prevenir(reprise):
        secrets = {} if reprise.etat == EtatReprise.ANNULEE else {"lien": _lien(reprise, adresse, duree)}
        mettre_en_file(
            "reprise_avis",
            a=adresse,
            utilisateur=Utilisateur.objects.par_courriel(adresse),
            siret=reprise.etablissement.siret,
            contexte={
                "denomination": _nom_pour(reprise, adresse),
                "courriel": Adresse(reprise.courriel),
                "etat": str(reprise.etat),
                "est_releve": reprise.est_releve,
                "perd": _perd(reprise, adresse),
                "jusqu_au": reprise.opposition_jusqu_au,
            },
            secrets=secrets,
            expire_le=timezone.now() + duree,
        )


def dire_aux_opposants(reprise: Reprise) -> None:
    """Un agent a lu leur opposition : ils l'apprennent, et qu'un avis suivrait si l'accès devait changer de main."""
    for adresse in reprise.phrases.exclude(adresse="").order_by("pk").values_list("adresse", flat=True).distinct():
        mettre_en_file(
            "reprise_opposition_lue",
            a=adresse,
            siret=reprise.etablissement.siret,
            contexte={"denomination": _nom_pour(reprise, adresse), "courriel": Adresse(reprise.courriel)},
        )


def _nom_pour(reprise: Reprise, adresse: str) -> str:
    """À l'adresse de l'établissement, le nom du répertoire : la dénomination a pu être tapée (T17)."""
    ici = reprise.etablissement
    return nom_public(ici.siret) if boite(adresse) == boite(ici.courriel) else ici.denomination


def _lien(reprise: Reprise, adresse: str, duree: timedelta) -> str:
    emis = jetons.emettre(Usage.OPPOSITION_REPRISE, courriel=adresse, duree=duree)
    reprise.jetons.add(emis.jeton)
    return lien_public("opposition-lien", emis.secret)


def _perd(reprise: Reprise, adresse: str) -> bool:
    """Vrai pour la personne qui perd cet établissement."""
    remplace: Habilitation | None = reprise.remplace
    return remplace is not None and adresse in remplace.utilisateur.adresses


@transaction.atomic
def repondre(reprise: Reprise, modele: str, **contexte: str | bool | datetime | None) -> None:
    """Écrit à qui demande, avec un lien de suivi neuf."""
    mettre_en_file(
        modele,
        a=reprise.courriel,
        siret=reprise.etablissement.siret,
        contexte={
            "denomination": _denomination(reprise),
            "numero": reprise.numero,
            "quoi": reprise.quoi,
            "est_releve": reprise.est_releve,
            **contexte,
        },
        secrets={"lien": lien_public("reprise-suivi", emettre_suivi(reprise))},
    )


def _denomination(reprise: Reprise) -> str:
    """Avant que l'accès soit à la personne, le nom du répertoire : celui de l'espace, quelqu'un l'a tapé."""
    etablissement = reprise.etablissement
    return etablissement.denomination if reprise.executee_le else nom_public(etablissement.siret)

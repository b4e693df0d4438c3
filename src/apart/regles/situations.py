"""Ce qui, avec la date, décide du taux d'une heure chômée : dispositif, secteur, contrat, lieu, taille."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dispositif(StrEnum):
    """Ce au titre de quoi l'heure est indemnisée. Pas de cumul pour un même salarié et une même période."""

    DROIT_COMMUN = "droit_commun"
    VULNERABLES = "vulnerables_garde_enfant"  # loi 2020-473, art. 20
    APLD = "apld"  # loi 2020-734, art. 53
    APLD_REBOND = "apld_rebond"  # loi 2025-127, art. 193


class Secteur(StrEnum):
    """L'employeur, pendant la crise de 2020 à 2022."""

    ORDINAIRE = "ordinaire"
    PROTEGE = "secteurs_proteges_s1_s1bis"
    TRES_AFFECTE = "tres_affectes_fermetures_territoires_ski"


class Statut(StrEnum):
    """Le contrat du salarié, quand il change le calcul."""

    ORDINAIRE = "ordinaire"
    TEMPS_PARTIEL = "temps_partiel"
    INTERIMAIRE = "interimaire"
    ALTERNANT = "alternant"  # apprenti, contrat de professionnalisation
    SANS_MINIMUM = "vrp_pigiste"  # rémunéré sans référence au SMIC : VRP, journaliste pigiste


@dataclass(frozen=True, slots=True)
class Situation:
    """Une situation complète ; par défaut, le droit commun : temps plein, métropole, entreprise de 250 au plus."""

    dispositif: Dispositif = Dispositif.DROIT_COMMUN
    secteur: Secteur = Secteur.ORDINAIRE
    statut: Statut = Statut.ORDINAIRE
    mayotte: bool = False
    plus_de_250: bool = False  # ne compte que jusqu'en février 2020 (forfait)
    formation: bool = False  # heures consacrées à une formation
    garde_enfant: bool = False  # dans le dispositif des personnes vulnérables, qui a fini plus tôt pour la garde

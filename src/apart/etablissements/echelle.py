"""L'échelle des preuves : six échelons, ce que chacun demande, prend et ouvre. Des données, pas des conditions.

La décision 0014 en donne le tableau, tiré d'ici ; la page « Donner une preuve » aussi.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings

from apart.etablissements.models import DERIVEES, INDEPENDANTES, Preuve
from apart.socle.limites import Limite

ATTENTE_OPPOSITION = timedelta(hours=72)  # par le domaine : de quoi lire l'avis, week-end compris
DELAI_POUR_DEFAIRE = timedelta(days=30)
ATTENTE_ACCORD = timedelta(days=30)  # une demande à laquelle personne ne répond
TREVE = timedelta(days=30)  # après une opposition ou un refus, avant de redemander la même preuve
DEMANDES = Limite("preuve-demandes", 10, timedelta(days=1))  # par habilitation, toutes preuves
# Remplir, simuler, déposer se font dès la première preuve ; l'argent en attend une de plus.
SANS_VERSEMENT, AVEC_VERSEMENT = "tout l'espace, sauf les versements", "tout l'espace, versements compris"
AVEC_LE_ROLE = f"{AVEC_VERSEMENT}, et le rôle d'utilisateur principal si personne ne le tient"
COMME_SON_GARANT = "tout l'espace ; les versements aussi, si la personne dont vient cette preuve y a droit"


def ce_qu_ouvre(valeur: int) -> str:
    """Ce qu'ouvre une habilitation de cette valeur ; celle d'une preuve est plafonnée par son garant."""
    if valeur in INDEPENDANTES:
        return AVEC_LE_ROLE
    return AVEC_VERSEMENT if valeur >= Preuve.COURRIEL_ETABLISSEMENT else SANS_VERSEMENT


@dataclass(frozen=True)
class Echelon:
    """intitule, en_bref, sous_la_main, delai : tels que la personne les lit. duree : pour ranger les façons."""

    preuve: Preuve
    intitule: str
    en_bref: str
    verifie_par: str
    sous_la_main: str
    delai: str
    duree: timedelta
    est_defaisable: bool = False  # pendant DELAI_POUR_DEFAIRE
    est_lue_par_des_agents: bool = False  # le délai de réponse promis par l'exploitant s'y ajoute

    @property
    def ouvre(self) -> str:
        return ce_qu_ouvre(self.preuve)

    @property
    def ouvre_a_un_inconnu(self) -> str:
        """Sans lui apprendre ce qu'a prouvé qui tient l'espace : ce que vaut son garant ne se dit pas."""
        est_plafonnee = self.preuve in DERIVEES and self.ouvre == AVEC_VERSEMENT
        return COMME_SON_GARANT if est_plafonnee else self.ouvre

    @property
    def delai_promis(self) -> str:
        if not self.est_lue_par_des_agents:
            return self.delai
        jours = settings.ASSISTANCE_JOURS_OUVRES
        combien = f"{jours} jours ouvrés" if jours > 1 else "1 jour ouvré"
        return f"{self.delai} ; réponse promise sous {combien}"


ECHELLE: Final = (
    Echelon(
        Preuve.COURRIEL,
        "Ouvrir un lien dans votre messagerie",
        "votre messagerie",
        "le service",
        "votre messagerie",
        "tout de suite",
        timedelta(0),
    ),
    Echelon(
        Preuve.DOMAINE,
        "Employer votre adresse professionnelle",
        "votre adresse professionnelle",
        "le service, si personne ne s'y oppose",
        "rien : votre adresse a le même domaine que celle de l'établissement ou d'un membre",
        "72 heures, si personne ne s'y oppose",
        ATTENTE_OPPOSITION,
    ),
    Echelon(
        Preuve.COURRIEL_ETABLISSEMENT,
        "Taper un code reçu au courriel de l'établissement",
        "un code envoyé à l'établissement",
        "le service",
        "la messagerie de l'établissement, ou quelqu'un qui la lit",
        "tout de suite, dès que le code est tapé",
        timedelta(minutes=5),
        est_defaisable=True,
    ),
    Echelon(
        Preuve.MEMBRE,
        "Demander l'accord d'une autre personne habilitée",
        "l'accord d'un collègue",
        "un membre qui a mieux prouvé que vous",
        "un collègue habilité, qui se connecte à son espace",
        "tout de suite, dès son accord",
        timedelta(minutes=15),
        est_defaisable=True,
    ),
    Echelon(
        Preuve.LETTRE,
        "Recevoir un code par lettre",
        "une lettre à l'adresse du répertoire",
        "le service, à l'adresse du répertoire",
        "le courrier de l'établissement",
        "dès que le code de la lettre est tapé ; il vaut 21 jours",
        timedelta(days=5),
    ),
    Echelon(
        Preuve.REPRESENTANT,
        "Faire vérifier que vous représentez l'établissement",
        "une attestation de l'employeur",
        "deux agents",
        "un document du représentant légal",
        "dès l'accord du second agent",
        timedelta(days=7),
        est_defaisable=True,
        est_lue_par_des_agents=True,
    ),
)
PAR_PREUVE: Final = {echelon.preuve: echelon for echelon in ECHELLE}


def en_bref() -> str:
    """Les preuves qui se donnent en plus de sa messagerie, de la plus rapide à la plus lente, en une phrase."""
    autres = sorted((e for e in ECHELLE if e.preuve != Preuve.COURRIEL), key=lambda e: e.duree)
    *premieres, derniere = [e.en_bref for e in autres]
    return f"{', '.join(premieres)} ou {derniere}"


def tableau() -> str:
    """L'échelle en Markdown, telle que la décision 0014 la montre."""
    lignes = ["| N° | Preuve | Qui vérifie | Délai | Ce qu'elle ouvre | Se défait |", "|---|---|---|---|---|---|"]
    for e in ECHELLE:
        defaire = f"pendant {DELAI_POUR_DEFAIRE.days} jours" if e.est_defaisable else "non"
        lignes.append(f"| {e.preuve} | {e.preuve.label} | {e.verifie_par} | {e.delai} | {e.ouvre} | {defaire} |")
    return "\n".join(lignes)

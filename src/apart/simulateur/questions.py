"""Les questions du simulateur : leur libellé, leur aide, leurs choix. Leur lecture est dans saisie.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Genre = Literal["texte", "nombre", "date", "mois", "choix", "case", "radio"]
Choix = tuple[tuple[str, str], ...]

REGIMES: Choix = (
    ("droit_commun", "Activité partielle (droit commun)"),
    ("apld_rebond", "APLD rebond (depuis 2025)"),
    ("apld", "Activité partielle de longue durée, APLD (depuis 2020)"),
    ("vulnerables_garde_enfant", "Personnes vulnérables, garde d'enfant (2020 à 2023)"),
)
STATUTS: Choix = (
    ("ordinaire", "Salarié à temps plein"),
    ("temps_partiel", "Salarié à temps partiel"),
    ("interimaire", "Intérimaire"),
    ("alternant", "Apprenti ou contrat de professionnalisation"),
    ("vrp_pigiste", "VRP ou journaliste pigiste"),
)
SECTEURS: Choix = (
    ("ordinaire", "Aucune mesure particulière"),
    ("secteurs_proteges_s1_s1bis", "Secteurs protégés, S1 et S1 bis"),
    ("tres_affectes_fermetures_territoires_ski", "Très affectés, fermetures, territoires restreints"),
)
RESIDENCES: Choix = (
    ("metropole", "Cas général"),
    ("alsace_moselle", "Alsace-Moselle (régime local)"),
    ("non_resident", "Non-résident fiscal"),
)
OUI_NON: Choix = (("", "Je ne sais pas"), ("oui", "Oui"), ("non", "Non"))


@dataclass(frozen=True, slots=True)
class Question:
    nom: str
    libelle: str
    aide: str = ""
    genre: Genre = "texte"
    choix: Choix = ()
    requise: bool = False
    au_salarie: str = ""  # le libellé quand c'est le salarié qui répond
    aide_au_salarie: str = ""


NOM = Question("nom", "Nom du groupe", "Facultatif. Exemple : cuisine.")
EFFECTIF = Question("effectif", "Nombre de salariés", "De même salaire et mêmes heures.", "nombre", requise=True)
REMUNERATION = Question(
    "remuneration",
    "Salaire brut mensuel d'un salarié",
    "En euros, pour un mois sans absence.",
    "nombre",
    requise=True,
    au_salarie="Votre salaire brut mensuel",
    aide_au_salarie="En euros, pour un mois sans absence : le «\u00a0salaire de base\u00a0» du bulletin de paie.",
)
DUREE = Question(
    "duree_hebdomadaire",
    "Durée du contrat",
    "En heures par semaine. Exemple : 35.",
    "nombre",
    requise=True,
    au_salarie="La durée de votre contrat",
)
REGIME = Question(
    "regime",
    "Régime",
    "Celui que dit votre autorisation.",
    "choix",
    REGIMES,
    aide_au_salarie="Celui que dit votre employeur ; le droit commun, dans le doute.",
)
TAUX_HORAIRE = Question(
    "taux_horaire",
    "Taux horaire brut",
    "En euros, si vous ne connaissez pas le salaire mensuel.",
    "nombre",
    aide_au_salarie="En euros, à la place du salaire mensuel.",
)
STATUT = Question("statut", "Contrat", "", "choix", STATUTS)
RESIDENCE = Question("residence", "Régime social", "", "choix", RESIDENCES)
MAYOTTE = Question("mayotte", "L'établissement est à Mayotte", "", "case")
SECTEUR = Question("secteur", "Secteur, de 2020 à 2022", "", "choix", SECTEURS)
FORMATION = Question("formation", "Les heures non travaillées sont consacrées à une formation", "", "case")
GARDE = Question("garde_enfant", "Il s'agit d'une garde d'enfant", "Régime des personnes vulnérables.", "case")
STRUCTURELLES = Question(
    "structurelles",
    "Les heures du contrat au-delà de 35 h sont-elles structurelles ?",
    "Oui si un forfait en heures écrit au contrat, ou un accord collectif, fixe plus de 35 h : elles sont alors "
    "payées aussi. Sur le bulletin de paie, elles ont leur ligne chaque mois (17,33 h pour 39 h par semaine).",
    "radio",
    OUI_NON,
)
ACCORD = Question(
    "accord_du", "Date du forfait ou de l'accord", "Au-delà de 35 h ; ne compte qu'en 2020 et 2021.", "date"
)
ENTREPRISE = Question(
    "effectif_entreprise", "Salariés de l'entreprise", "Ne compte que pour des heures d'avant mars 2020.", "nombre"
)
MAINTIEN = Question(
    "maintien",
    "Salaire maintenu",
    "En % du brut, si l'employeur complète l'indemnité. Exemple : 80.",
    "nombre",
    aide_au_salarie="En % du brut, si votre employeur complète l'indemnité. Exemple : 80.",
)
COTISATIONS = Question(
    "cotisations_patronales",
    "Cotisations patronales",
    "En % du brut, après réductions. Sans ce taux, le coût est donné sans elles.",
    "nombre",
)
NET = Question(
    "net_mensuel",
    "Net mensuel habituel d'un salarié",
    "En euros, avant impôt. Estimé si vous ne le donnez pas.",
    "nombre",
    au_salarie="Votre net mensuel habituel",
)

DE_L_EMPLOYEUR = (NOM, EFFECTIF, REMUNERATION, DUREE, STRUCTURELLES, REGIME)
PRECISIONS_DE_L_EMPLOYEUR = (
    ("Complément et cotisations", (MAINTIEN, COTISATIONS, NET)),
    ("Contrat", (TAUX_HORAIRE, STATUT, RESIDENCE, FORMATION, GARDE, ACCORD)),
    ("Entreprise", (SECTEUR, ENTREPRISE, MAYOTTE)),
)
DU_SALARIE = (REMUNERATION, DUREE, STRUCTURELLES, REGIME)
PRECISIONS_DU_SALARIE = (
    ("Salaire", (MAINTIEN, NET, TAUX_HORAIRE)),
    ("Contrat", (STATUT, RESIDENCE, ACCORD, MAYOTTE)),
)

MOIS = Question("mois", "Un mois entier", "Exemple : 04/2020.", "mois")
HEURES = Question(
    "heures", "Heures non travaillées", "Par salarié. Tout un mois à 35 h : 151,67.", "nombre", requise=True
)
DU = Question("du", "Premier jour", "Sans mois entier. Exemple : 18/05/2026.", "date")
AU = Question("au", "Dernier jour", "Compris. Exemple : 19/06/2026.", "date")
D_UNE_PERIODE = (MOIS, HEURES, DU, AU)
DU_MOIS_DU_SALARIE = (
    Question("mois", "Le mois", "Exemple : 04/2020.", "mois", requise=True),
    Question("heures", "Heures non travaillées ce mois-là", "Tout un mois à 35 h : 151,67.", "nombre", requise=True),
)

"""Les colonnes d'un fichier de simulation : ce qu'on y met, et comment la paie les écrit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.tableaux.cellules import NON, OUI
from apart.tableaux.entetes import Colonne

OUI_NON = "oui ou non"


def _choix(valeurs: type[StrEnum]) -> str:
    return ", ".join(membre.value for membre in valeurs)


def _selon(oui: str, non: str) -> Mapping[str, str]:
    """Ce que veulent dire oui et non sous un en-tête qui pose la question."""
    return {**dict.fromkeys(OUI, oui), **dict.fromkeys(NON, non)}


def _dire(valeur: str, *ecritures: str) -> dict[str, str]:
    return dict.fromkeys(ecritures, valeur)


REGIMES = {
    **_dire(Dispositif.DROIT_COMMUN, "droit commun", "activite partielle", "activite partielle classique", "ap",
            "apdc", "activite partielle de droit commun", "chomage partiel"),
    **_dire(Dispositif.APLD, "activite partielle de longue duree", "longue duree"),
    **_dire(Dispositif.APLD_REBOND, "apld rebond", "apld r", "apldr", "apld rebond 2025"),
}  # fmt: skip
STATUTS = {
    **_dire(Statut.ORDINAIRE, "cdi", "cdd", "temps plein", "temps complet", "cdi temps plein", "cdi temps complet",
            "cdd temps plein", "cdd temps complet", "permanent", "full time"),
    **_dire(Statut.TEMPS_PARTIEL, "temps partiel", "tps partiel", "partiel", "cdi temps partiel", "cdd temps partiel",
            "part time"),
    **_dire(Statut.INTERIMAIRE, "interim", "travail temporaire", "mission", "contrat de mission", "temporary"),
    **_dire(Statut.ALTERNANT, "apprenti", "apprentie", "apprentissage", "contrat d apprentissage", "alternance",
            "alternante", "contrat pro", "professionnalisation", "contrat de professionnalisation", "apprentice"),
    **_dire(Statut.SANS_MINIMUM, "vrp", "pigiste", "journaliste pigiste", "vrp ou pigiste", "vrp pigiste"),
}  # fmt: skip
SOUS_LE_STATUT = {
    "apprenti": _selon(Statut.ALTERNANT, Statut.ORDINAIRE),
    "alternant": _selon(Statut.ALTERNANT, Statut.ORDINAIRE),
    "interimaire": _selon(Statut.INTERIMAIRE, Statut.ORDINAIRE),
    "partiel": _selon(Statut.TEMPS_PARTIEL, Statut.ORDINAIRE),
}
SOUS_LE_REGIME = {
    "rebond": _selon(Dispositif.APLD_REBOND, Dispositif.DROIT_COMMUN),
    "apld": _selon(Dispositif.APLD, Dispositif.DROIT_COMMUN),
}
D_AUTRES_HEURES = (
    "travaillees effectuees sup supplementaires contrat contractuelles payees mensuel hebdomadaire theoriques worked "
    "complementaires jour conges cumul annuelles"
)

COLONNES = (
    Colonne("nom", "Le nom du salarié ou du groupe ; il ne sert qu'à vous.", "un texte", "vide", ("Durand", "Atelier"),
            titre="Nom",
            autrement=("salarie", "nom prenom", "nom salarie", "matricule nom", "matricule nom prenom", "employe",
                       "nom employe", "collaborateur", "employee", "employee name", "name", "identite", "groupe"),
            exclus="rue societe entreprise service etablissement employeur naissance usage part"),
    Colonne("effectif", "Combien de salariés semblables la ligne décrit.", "un nombre entier", "1", ("1", "12"),
            titre="Effectif de la ligne", autrement=("headcount",), peut_etre=("nombre de salaries",),
            exclus="entreprise total salarie"),
    Colonne("remuneration", "Le salaire brut mensuel d'un salarié, en euros.", "un montant", "voir taux_horaire",
            ("2150,50", "1900"), titre="Salaire brut mensuel",
            autrement=("remuneration brute", "salaire brut", "remuneration mensuelle", "salaire brut mensuel",
                       "remuneration brute mensuelle", "brut mensuel", "gross salary", "monthly gross salary",
                       "salaire brut de base"),
            peut_etre=("salaire", "brut", "gross pay"),
            exclus="horaire net heures annuel taux hourly maintien part fiscal"),
    Colonne("taux_horaire", "Le salaire brut d'une heure, si vous ne donnez pas la rémunération.", "un montant",
            "voir remuneration", titre="Taux horaire brut",
            autrement=("taux horaire brut", "salaire horaire", "brut horaire", "taux horaire de base", "hourly rate"),
            exclus="indemnite allocation maintien"),
    Colonne("duree_hebdomadaire", "La durée du contrat, en heures par semaine.", "de 1 à 60", "35", ("35", "39"),
            titre="Durée du contrat, par semaine",
            autrement=("duree", "duree hebdomadaire du travail", "horaire hebdomadaire", "heures hebdomadaires",
                       "heures hebdomadaire", "duree contrat", "temps de travail hebdomadaire", "weekly hours",
                       "heures par semaine", "duree du travail hebdomadaire", "duree semaine"),
            exclus="chomees mois annuelle essai"),
    Colonne("mois", "Le mois des heures non travaillées.", "MM/AAAA", "voir du et au", ("04/2026", ""), titre="Mois",
            autrement=("periode", "mois de paie", "periode de paie", "mois concerne", "month", "pay period",
                       "mois paie", "activite partielle mois"),
            exclus="salaire brut heures anciennete debut fin net taux"),
    Colonne("du", "Le premier jour, si la période n'est pas un mois entier.", "JJ/MM/AAAA", "voir mois",
            ("", "04/05/2026"), titre="Premier jour",
            autrement=("debut", "date debut", "date de debut", "debut periode", "periode du", "date du", "start date",
                       "date debut periode", "premier jour"),
            exclus="contrat naissance anciennete"),
    Colonne("au", "Le dernier jour, si la période n'est pas un mois entier.", "JJ/MM/AAAA", "voir mois",
            ("", "15/05/2026"), titre="Dernier jour",
            autrement=("fin", "date fin", "date de fin", "fin periode", "periode au", "date au", "end date",
                       "date fin periode", "dernier jour"),
            exclus="contrat naissance"),
    Colonne("heures", "Les heures non travaillées d'un salarié pendant la période.", "un nombre", "", ("70", "42,5"),
            titre="Heures non travaillées",
            autrement=("heures non travaillees", "heures chomees", "heures perdues", "heures activite partielle",
                       "heures ap", "heures d absence ap", "lost hours", "hours not worked",
                       "heures chomage partiel", "heures apld", "heures chomees mois"),
            peut_etre=("heures indemnisees", "heures absence", "absence ap", "absence activite partielle"),
            exclus=D_AUTRES_HEURES),
    Colonne("regime", "Ce qui est autorisé.", _choix(Dispositif), Dispositif.DROIT_COMMUN, ("droit_commun", "apld"),
            titre="Dispositif",
            autrement=("dispositif", "dispositif apld", "apld", "apld rebond", "type activite partielle",
                       "regime activite partielle", "dispositif activite partielle"),
            exclus="heures social taux securite retraite", valeurs=REGIMES,
            selon_entete=SOUS_LE_REGIME),
    Colonne("secteur", "Le secteur de l'employeur, de 2020 à 2022.", _choix(Secteur), Secteur.ORDINAIRE,
            titre="Secteur, de 2020 à 2022",
            exclus="activite geographique"),
    Colonne("statut", "Le contrat du salarié.", _choix(Statut), Statut.ORDINAIRE, ("ordinaire", "ordinaire"),
            titre="Contrat",
            autrement=("type de contrat", "contrat", "nature contrat", "statut salarie", "apprenti", "alternant",
                       "temps partiel", "interimaire", "contract type", "nature du contrat"),
            exclus="date debut fin duree heures numero professionnel marital cadre",
            valeurs=STATUTS, selon_entete=SOUS_LE_STATUT),
    Colonne("mayotte", "Le salarié travaille à Mayotte.", OUI_NON, "non", ("non", "non"), titre="À Mayotte"),
    Colonne("effectif_entreprise", "Les salariés de l'entreprise ; ne compte que jusqu'en février 2020.",
            "un nombre entier", "1", titre="Effectif de l'entreprise",
            autrement=("effectif total", "effectif de l entreprise", "nombre de salaries de l entreprise")),
    Colonne("formation", "Les heures sont consacrées à une formation.", OUI_NON, "non", titre="En formation",
            exclus="heures cout plan"),
    Colonne("garde_enfant", "Dans le régime des personnes vulnérables, pour garder un enfant.", OUI_NON, "non",
            titre="Garde d'enfant", autrement=("garde d enfants",)),
    Colonne("structurelles", "Une convention ou un accord prévoit plus que la durée légale.", OUI_NON, "non",
            titre="Heures structurelles", autrement=("heures structurelles",)),
    Colonne("accord_du", "La date de cette convention ou de cet accord.", "JJ/MM/AAAA", "vide",
            titre="Date de l'accord", autrement=("date accord", "date de l accord")),
    Colonne("residence", "Le régime social du salarié.", _choix(Residence), Residence.METROPOLE,
            titre="Régime social", autrement=("regime social",), exclus="adresse lieu"),
    Colonne("maintien", "La part du salaire brut que vous garantissez, en pour cent.", "de 0 à 100", "sans maintien",
            ("", "80"), titre="Maintien, en % du brut",
            autrement=("maintien de salaire", "taux de maintien", "pourcentage de maintien", "maintien brut"),
            exclus="montant"),
    Colonne("cotisations_patronales", "Leur part du salaire brut, en pour cent.", "de 0 à 100", "inconnues",
            titre="Cotisations patronales, en % du brut",
            autrement=("taux de cotisations patronales", "taux charges patronales", "cotisations employeur"),
            exclus="montant"),
    Colonne("net_mensuel", "Le salaire net d'un mois ordinaire, en euros.", "un montant", "estimé",
            titre="Salaire net habituel",
            autrement=("net habituel", "salaire net", "salaire net mensuel", "net salary"),
            exclus="imposable payer verse fiscal social"),
)  # fmt: skip
NOMS = tuple(colonne.nom for colonne in COLONNES)
PAR_NOM = {colonne.nom: colonne for colonne in COLONNES}
RESULTATS = (
    "indemnite_horaire",
    "allocation_horaire",
    "heures_indemnisables",
    "indemnite",
    "allocation",
    "reste_a_charge",
    "a_confirmer",
)
A_CORRIGER, A_VERIFIER = "a_corriger", "a_verifier"
AJOUTEES = frozenset({*RESULTATS, A_CORRIGER, A_VERIFIER, "a_savoir"})


def manquantes(noms: Sequence[str]) -> Iterable[str]:
    """Les colonnes sans lesquelles aucune ligne ne se calcule, comme on les dit."""
    dits = set(noms)
    if not dits & {"remuneration", "taux_horaire"}:
        yield "le salaire brut mensuel, ou le taux horaire"
    if "mois" not in dits and not dits >= {"du", "au"}:
        yield "le mois, ou le premier et le dernier jour"
    if "heures" not in dits:
        yield "les heures non travaillées"

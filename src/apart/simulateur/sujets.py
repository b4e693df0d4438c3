"""Les sujets du barème, dans l'ordre où on les lit, et ceux qui comptent dans chaque régime."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sujet:
    """Un chapitre du barème : le début de ses clés, son titre, et à quoi il sert."""

    cle: str
    titre: str
    resume: str


SUJETS = {
    sujet.cle: sujet
    for sujet in (
        Sujet("smic", "SMIC", "Le salaire minimum, dont dépendent les plafonds et les planchers."),
        Sujet(
            "droit_commun",
            "Droit commun",
            "L'indemnité due au salarié et l'allocation versée à l'employeur, sauf régime particulier.",
        ),
        Sujet(
            "secteurs_proteges",
            "Secteurs protégés (S1, S1 bis)",
            "Les taux majorés de 2020 et 2021 : tourisme, restauration, sport, culture, et leurs fournisseurs.",
        ),
        Sujet(
            "tres_affectes",
            "Employeurs très affectés",
            "Fermetures, territoires restreints, stations de ski, très fortes baisses d'activité, de 2020 à 2022.",
        ),
        Sujet(
            "vulnerables",
            "Personnes vulnérables et garde d'enfant",
            "L'activité partielle des salariés qui ne pouvaient pas travailler, de mai 2020 à janvier 2023.",
        ),
        Sujet("apld", "APLD", "L'activité partielle de longue durée, ouverte par un accord, depuis juillet 2020."),
        Sujet("apld_rebond", "APLD rebond", "L'activité partielle de longue durée rebond, depuis avril 2025."),
        Sujet("mayotte", "Mayotte", "Les planchers propres au département, et ceux d'après le cyclone Chido."),
        Sujet("alternants", "Alternants", "Apprentis et contrats de professionnalisation."),
        Sujet("heures", "Heures indemnisables", "Ce qui se compte, et jusqu'où."),
        Sujet("feries", "Jours fériés", "Ceux de chaque lieu, et leur texte."),
        Sujet("prelevements", "Prélèvements", "Ce qui est prélevé sur l'indemnité et sur le complément."),
        Sujet("contingent", "Contingent annuel", "Les heures indemnisables par salarié et par an."),
        Sujet("autorisation", "Durée d'autorisation", "Combien de temps une autorisation dure et se renouvelle."),
        Sujet("procedure", "Procédure", "Les délais pour demander, décider, verser."),
    )
}
COMMUNS = frozenset({"smic", "alternants", "heures", "feries", "prelevements", "procedure"})
ORDINAIRES = COMMUNS | {"contingent", "autorisation"}
# Ce qui se lit dans chaque régime : les sujets où chercher.
REGIMES = {
    "droit_commun": ("Droit commun", ORDINAIRES | {"droit_commun"}),
    "secteurs_proteges": ("Secteurs protégés", ORDINAIRES | {"droit_commun", "secteurs_proteges"}),
    "tres_affectes": ("Employeurs très affectés", ORDINAIRES | {"droit_commun", "tres_affectes"}),
    "vulnerables": ("Personnes vulnérables et garde d'enfant", COMMUNS | {"droit_commun", "vulnerables"}),
    "apld": ("APLD", COMMUNS | {"apld"}),
    "apld_rebond": ("APLD rebond", COMMUNS | {"apld_rebond"}),
    "mayotte": ("Mayotte", ORDINAIRES | {"droit_commun", "mayotte"}),
}


def sujet_de(cle: str) -> Sujet:
    """Le sujet d'une clé ; un sujet que cette liste n'a pas se montre sous son nom."""
    nom = cle.split(".", 1)[0]
    return SUJETS.get(nom) or Sujet(nom, nom.replace("_", " ").capitalize(), "")

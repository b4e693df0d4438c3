"""Demander à rejoindre un établissement qui a déjà son espace."""

from apart.comptes.forms.personne import Personne
from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel


class Demandeur(Personne):
    """Ce que les utilisateurs principaux liront : la personne le relit une fois son adresse prouvée."""


class Rejoindre(AntiRobot, Demandeur):
    nom_anti_robot = "rejoindre"
    courriel = ChampCourriel(
        label="Courriel",
        help_text="Un lien y sera envoyé pour vérifier cette adresse.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )

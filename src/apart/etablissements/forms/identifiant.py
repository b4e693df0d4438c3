"""« J'ai oublié mon identifiant »."""

from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel, Formulaire


class IdentifiantOublie(AntiRobot, Formulaire):
    nom_anti_robot = "identifiant-oublie"
    courriel = ChampCourriel(
        label="Adresse électronique",
        help_text="Celle que vous aviez donnée en ouvrant votre espace.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )

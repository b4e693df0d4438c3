"""Demander à rejoindre un établissement qui a déjà son espace."""

from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel, ChampLigne, ChampTelephone, Formulaire


class Demandeur(Formulaire):
    """Ce que les utilisateurs principaux liront : la personne le relit une fois son adresse prouvée."""

    nom = ChampLigne(label="Nom", max_length=80, error_messages={"required": phrases.NOM_MANQUE})
    prenom = ChampLigne(label="Prénom", max_length=80, error_messages={"required": phrases.PRENOM_MANQUE})
    telephone = ChampTelephone(
        label="Téléphone",
        help_text="Exemple : 06 02 03 04 05.",
        error_messages={"required": phrases.TELEPHONE_MANQUE},
    )


class Rejoindre(AntiRobot, Demandeur):
    nom_anti_robot = "rejoindre"
    courriel = ChampCourriel(
        label="Courriel",
        help_text="Un lien y sera envoyé pour vérifier cette adresse.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )

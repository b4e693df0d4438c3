"""Demander à rejoindre un établissement qui a déjà son espace."""

from django import forms

from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel, ChampTelephone, Formulaire


class Demandeur(Formulaire):
    """Ce que les utilisateurs principaux liront : la personne le relit une fois son adresse prouvée."""

    nom = forms.CharField(label="Nom", max_length=80)
    prenom = forms.CharField(label="Prénom", max_length=80)
    telephone = ChampTelephone(label="Téléphone", max_length=30, help_text="Exemple : 06 02 03 04 05.")


class Rejoindre(AntiRobot, Demandeur):
    nom_anti_robot = "rejoindre"
    courriel = ChampCourriel(label="Courriel", help_text="Un lien y sera envoyé pour vérifier cette adresse.")

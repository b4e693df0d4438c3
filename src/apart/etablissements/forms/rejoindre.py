"""Demander à rejoindre un établissement qui a déjà son espace."""

from django import forms

from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel, ChampTelephone, Formulaire


class Rejoindre(AntiRobot, Formulaire):
    nom_anti_robot = "rejoindre"
    nom = forms.CharField(label="Nom", max_length=80)
    prenom = forms.CharField(label="Prénom", max_length=80)
    telephone = ChampTelephone(label="Téléphone", max_length=30, help_text="Exemple : 06 02 03 04 05.")
    courriel = ChampCourriel(label="Courriel", help_text="Un lien y sera envoyé pour vérifier cette adresse.")

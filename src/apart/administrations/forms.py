"""Inviter un agent, depuis l'équipe."""

from django import forms

from apart.socle.formulaires import ChampCourriel, ChampLigne, Formulaire


class InvitationAgent(Formulaire):
    nom = ChampLigne(label="Nom", max_length=80)
    prenom = ChampLigne(label="Prénom", max_length=80)
    courriel = ChampCourriel(label="Adresse électronique professionnelle")
    superviseur = forms.BooleanField(label="Superviseur : il gère l'équipe", required=False)

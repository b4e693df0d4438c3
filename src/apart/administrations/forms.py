"""Inviter un agent, depuis l'équipe."""

from django import forms

from apart.socle.formulaires import ChampCourriel, Formulaire


class InvitationAgent(Formulaire):
    nom = forms.CharField(label="Nom", max_length=80)
    prenom = forms.CharField(label="Prénom", max_length=80)
    courriel = ChampCourriel(label="Adresse électronique professionnelle")
    superviseur = forms.BooleanField(label="Superviseur : il gère l'équipe", required=False)

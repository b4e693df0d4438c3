"""Inviter un agent, depuis l'équipe."""

from django import forms

from apart.socle.formulaires import ChampCourriel, ChampLigne, Formulaire


class InvitationAgent(Formulaire):
    nom = ChampLigne(label="Nom", max_length=80, error_messages={"required": "Indiquez le nom de l'agent."})
    prenom = ChampLigne(label="Prénom", max_length=80, error_messages={"required": "Indiquez le prénom de l'agent."})
    courriel = ChampCourriel(
        label="Adresse électronique professionnelle",
        error_messages={"required": "Indiquez l'adresse électronique de l'agent."},
    )
    superviseur = forms.BooleanField(label="Superviseur : il gère l'équipe", required=False)

"""Demander une reprise d'accès, la relire une fois son adresse prouvée, et donner ses preuves."""

from __future__ import annotations

from django import forms

from apart.comptes.forms.personne import Personne
from apart.pieces.formulaires import ChampPieces, EnvoiDePieces
from apart.pieces.recues import Recue
from apart.reprises.models import PieceAttendue, Raison
from apart.socle import phrases
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import ChampCourriel, ChampLigne, ChampLu, ChampTexte, Formulaire


class Demandeur(Personne):
    """Ce que liront les agents et l'établissement : la personne le relit une fois son adresse prouvée."""

    fonction = ChampLigne(
        label="Votre fonction dans l'entreprise",
        max_length=120,
        help_text="Exemple : responsable des ressources humaines, gérante.",
        error_messages={"required": "Indiquez votre fonction dans l'entreprise."},
    )


class Demande(Demandeur):
    """Ce qui se passe, et qui le dit. Aucune preuve n'est demandée ici : elles viennent après, au choix."""

    raison = forms.ChoiceField(
        label="Ce qui se passe",
        choices=Raison.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce qui se passe.", "invalid_choice": "Choisissez l'une des réponses."},
    )
    explication = ChampTexte(
        label="Précisions",
        required=False,
        max_length=1000,
        help_text="Facultatif : ce qu'il est utile de savoir, en 1 000 caractères au plus.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Votre texte dépasse 1 000 caractères : raccourcissez-le."},
    )
    field_order = ["raison", "explication", "nom", "prenom", "fonction", "telephone", "courriel"]


class DemandeReprise(AntiRobot, Demande):
    nom_anti_robot = "reprise"
    courriel = ChampCourriel(
        label="Courriel professionnel",
        help_text="Un lien y sera envoyé. Une adresse de l'entreprise va plus vite qu'une adresse personnelle.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )


class LienPerdu(AntiRobot, Formulaire):
    nom_anti_robot = "reprise-retrouver"
    courriel = ChampCourriel(
        label="Adresse électronique",
        help_text="Celle que vous avez donnée dans votre demande.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )


class CodeEtablissement(Formulaire):
    code = ChampLu(
        label="Code reçu à l'adresse de l'établissement",
        max_length=30,
        help_text="8 signes, avec ou sans tiret.",
        error_messages={"required": "Tapez le code reçu."},
    )


def _champ(attendue: PieceAttendue, aide: str) -> ChampPieces:
    return ChampPieces(label=attendue.label, help_text=aide)


class PiecesJointes(EnvoiDePieces):
    """Un champ par pièce, sous son nom : la personne choisit un fichier, jamais une sorte."""

    attestation = _champ(PieceAttendue.ATTESTATION, "Sur papier à en-tête, elle dit votre nom et votre fonction.")
    identite = _champ(PieceAttendue.IDENTITE, "Le recto et le verso, ensemble.")
    pouvoir = _champ(PieceAttendue.POUVOIR, "Avec la pièce d'identité, il remplace l'attestation.")
    registre = _champ(PieceAttendue.REGISTRE, "Public, il ne suffit pas seul : il aide à lire les autres.")

    @property
    def recues(self) -> dict[PieceAttendue, list[Recue]]:
        """Ce qui a été choisi, sous le nom de chaque pièce, une fois le formulaire valide."""
        return {PieceAttendue(nom): lues for nom, lues in self.cleaned_data.items() if lues}


class Opposition(Formulaire):
    texte = ChampTexte(
        label="Pourquoi vous y opposez-vous ?",
        required=False,
        max_length=1000,
        help_text="Facultatif : un agent le lira. 1 000 caractères au plus.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Votre texte dépasse 1 000 caractères : raccourcissez-le."},
    )

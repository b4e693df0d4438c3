"""« CRÉER MON ESPACE » : le SIRET, puis les deux groupes de champs de la note de 2020."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from apart.comptes.forms.personne import Personne
from apart.comptes.models import Question, Utilisateur
from apart.etablissements.models import DemandeEspace
from apart.repertoire.models import Fiche, trouver
from apart.socle import phrases, saisies
from apart.socle.anti_robot import AntiRobot
from apart.socle.dates import jour
from apart.socle.formulaires import (
    ChampCodePostal,
    ChampCourriel,
    ChampLigne,
    ChampPays,
    ChampSiret,
    ChampTelephone,
    Formulaire,
)

COURRIEL_ETABLISSEMENT_MANQUE = "Indiquez l'adresse électronique de l'établissement."
MEME_ADRESSE = "La même adresse ; vous pouvez la coller."
CONFIRMATIONS = {"confirmer_courriel": "courriel", "confirmer_courriel_utilisateur": "courriel_utilisateur"}


class NumeroSiret(AntiRobot, Formulaire):
    nom_anti_robot = "creer-espace"
    siret = ChampSiret(
        label="N° de Siret",
        help_text="14 chiffres, sur vos factures ou votre avis de situation.",
        error_messages={"required": phrases.SIRET_MANQUE},
    )
    cgu = forms.BooleanField(
        label="J'accepte les conditions générales d'utilisation",
        error_messages={"required": "Cochez cette case pour continuer."},
    )
    fiche: Fiche | None = None  # celle d'un numéro accepté : la page la montre, même s'il manque autre chose

    def clean_siret(self) -> str:
        siret: str = self.cleaned_data["siret"]
        fiche = trouver(siret)
        if fiche and not fiche.est_ouverte:
            depuis = f" depuis le {jour(fiche.fermeture)}" if fiche.fermeture else ""
            raise ValidationError(
                format_html(
                    "D'après le répertoire, cet établissement est fermé{}. Prenez le SIRET d'un établissement "
                    'ouvert, ou <a href="{}?motif=fiche-etablissement&amp;siret={}">envoyez une demande '
                    "d'assistance</a> si le répertoire se trompe.",
                    depuis,
                    reverse("assistance"),
                    siret,
                ),
                code="ferme",
            )
        self.fiche = fiche
        return siret


class Coordonnees(Personne):
    """Les champs de la note, moins les adresses à confirmer et la question : ce qui se relit après la preuve."""

    denomination = ChampLigne(
        label="Dénomination de l'établissement",
        max_length=250,
        error_messages={"required": phrases.DENOMINATION_MANQUE},
    )
    numero_voie = ChampLigne(label="Numéro de voie", max_length=20, required=False, help_text="12, 12-14…")
    extension_voie = ChampLigne(label="Extension de voie", max_length=20, required=False, help_text="bis, ter…")
    type_voie = ChampLigne(label="Type de voie", max_length=40, required=False, help_text="rue, avenue…")
    libelle_voie = ChampLigne(
        label="Libellé de la voie",
        max_length=120,
        error_messages={"required": "Indiquez le nom de la voie ou du lieu."},
    )
    complement = ChampLigne(label="Complément d'adresse", max_length=160, required=False)
    code_postal = ChampCodePostal(
        label="Code postal", max_length=60, error_messages={"required": "Indiquez le code postal."}
    )
    ville = ChampLigne(label="Ville", max_length=120, error_messages={"required": "Indiquez la ville."})
    pays = ChampPays(label="Pays", max_length=60, required=False, help_text="À remplir hors de France seulement.")
    telephone_fixe = ChampTelephone(
        label="Téléphone fixe",
        help_text="Exemple : 01 02 03 04 05.",
        error_messages={"required": "Indiquez le téléphone de l'établissement."},
    )
    fax = ChampTelephone(label="Fax", required=False, help_text="Facultatif.")
    courriel = ChampCourriel(
        label="Courriel établissement",
        help_text="Exemple : contact@entreprise.fr.",
        error_messages={"required": COURRIEL_ETABLISSEMENT_MANQUE},
    )

    ETABLISSEMENT = (
        "denomination", "numero_voie", "extension_voie", "type_voie", "libelle_voie", "complement", "code_postal",
        "ville", "pays", "telephone_fixe", "fax", "courriel",
    )  # fmt: skip
    PERSONNE = ("nom", "prenom", "telephone")
    field_order: tuple[str, ...] = (*ETABLISSEMENT, *PERSONNE)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        completions = {
            "denomination": "organization",
            "ville": "address-level2",
            "nom": "family-name",
            "prenom": "given-name",
        }
        for nom, completion in completions.items():
            self.fields[nom].widget.attrs["autocomplete"] = completion
        if pays := self._pays():
            code_postal = cast(ChampCodePostal, self.fields["code_postal"])
            code_postal.pays, code_postal.required = pays, False
            code_postal.widget.attrs.pop("aria-required", None)

    def _pays(self) -> str:
        """Celui qui est tapé, ou déjà connu ; vide en France. Mal tapé, il n'est pas vide : son champ le refuse."""
        tape = str(self["pays"].value() or "")
        try:
            return saisies.pays(tape)
        except ValidationError:
            return tape


class CreationEspace(AntiRobot, Coordonnees):
    """Les champs de la note, dans son ordre. Les obligatoires sont les siens ; les confirmations se collent.

    La question y est proposée, comme dans la note ; sa réponse ne se tape qu'après la preuve (décision 0014).
    """

    nom_anti_robot = "creation-espace"

    confirmer_courriel = ChampCourriel(
        label="Confirmer courriel établissement",
        suggerer=False,
        help_text=MEME_ADRESSE,
        error_messages={"required": "Tapez ou collez de nouveau l'adresse de l'établissement."},
    )
    courriel_utilisateur = ChampCourriel(
        label="Courriel",
        help_text="Votre lien y sera envoyé.",
        error_messages={"required": phrases.COURRIEL_MANQUE},
    )
    confirmer_courriel_utilisateur = ChampCourriel(
        label="Confirmer courriel",
        suggerer=False,
        help_text=MEME_ADRESSE,
        error_messages={"required": "Tapez ou collez de nouveau votre adresse électronique."},
    )
    question = forms.ChoiceField(
        label="Question secrète",
        choices=[("", "Pas de question secrète"), *Question.choices],
        required=False,
        help_text="Posée si vous oubliez votre mot de passe. Vous y répondrez une fois votre adresse vérifiée.",
        error_messages={"required": phrases.QUESTION_MANQUE},
    )

    field_order = (
        *Coordonnees.ETABLISSEMENT, "confirmer_courriel", *Coordonnees.PERSONNE, "courriel_utilisateur",
        "confirmer_courriel_utilisateur", "question",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Qui est connecté a déjà choisi la sienne, ou de s'en passer.
        if settings.QUESTION_SECRETE == "desactivee" or self.request.user.is_authenticated:
            del self.fields["question"]
        elif settings.QUESTION_SECRETE == "obligatoire":
            self.fields["question"].required = True
        if self.request.user.is_authenticated:
            self.fields[
                "courriel_utilisateur"
            ].help_text = (
                "Celle de votre identifiant : l'établissement s'ajoute aussitôt. Une autre reçoit d'abord un lien."
            )

    def clean(self) -> dict[str, Any]:
        saisie: dict[str, Any] = super().clean() or self.cleaned_data
        for confirmation, champ in CONFIRMATIONS.items():
            if saisie.get(confirmation) and saisie.get(champ) and saisie[confirmation] != saisie[champ]:
                self.add_error(confirmation, "Cette adresse diffère de la précédente. Corrigez l'une des deux.")
        return saisie

    def demande(self, siret: str, *, est_a_confirmer: bool) -> DemandeEspace:
        """La demande saisie, à enregistrer."""
        saisie = {nom: v for nom, v in self.cleaned_data.items() if nom in CHAMPS_DEMANDE}
        return DemandeEspace(siret=siret, est_a_confirmer=est_a_confirmer, **saisie)


CHAMPS_DEMANDE = {champ.name for champ in DemandeEspace._meta.get_fields()}


def depuis_fiche(fiche: Fiche) -> dict[str, str]:
    """Ce que le répertoire sait déjà ; vide pour une fiche masquée, que l'employeur remplit lui-même."""
    return {nom: getattr(fiche, nom) for nom in Coordonnees.ETABLISSEMENT if hasattr(fiche, nom)}


def depuis_demande(demande: DemandeEspace) -> dict[str, str]:
    """Ce qui avait été saisi : à corriger sans rien retaper, à relire une fois l'adresse prouvée."""
    champs = (*Coordonnees.ETABLISSEMENT, *Coordonnees.PERSONNE, "courriel_utilisateur", "question")
    initial = {nom: getattr(demande, nom) for nom in champs}
    initial |= {nom: saisies.courriel_lisible(initial[nom]) for nom in CONFIRMATIONS.values()}
    return initial | {confirmation: initial[champ] for confirmation, champ in CONFIRMATIONS.items()}


def depuis_compte(utilisateur: Utilisateur) -> dict[str, str]:
    """Ce que l'on sait d'une personne connectée qui ajoute un établissement : elle ne le retape pas."""
    return {
        "nom": utilisateur.nom,
        "prenom": utilisateur.prenom,
        "telephone": utilisateur.telephone,
        "courriel_utilisateur": saisies.courriel_lisible(utilisateur.courriel),
        "confirmer_courriel_utilisateur": saisies.courriel_lisible(utilisateur.courriel),
    }

"""Une reprise d'accès : qui la demande, pour quel établissement, sur quelle preuve, et ce qu'elle devient."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apart.comptes.models import Jeton, Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.etats import EN_COURS, OUVERTES, PROPOSEES, TRANSITIONS, EtatReprise
from apart.socle.automate import Dossier

DELAI_CONFIRMATION = timedelta(hours=48)  # passé ce temps, une demande sans adresse prouvée n'existe plus
DELAI_PREUVE = timedelta(days=30)  # sans preuve ni pièce, une demande confirmée s'abandonne
DELAI_OPPOSITION = timedelta(hours=72)
DELAI_ANNULATION = timedelta(days=30)


class Raison(models.TextChoices):
    PARTIE = "partie", "La personne qui tenait l'espace est partie"
    MESSAGERIE = "messagerie", "Sa messagerie est fermée, ou je n'y ai plus accès"
    INJOIGNABLE = "injoignable", "Elle est absente et je ne peux pas la joindre"
    INCONNUE = "inconnue", "Je ne sais pas qui tient l'espace"


class RepriseQuerySet(models.QuerySet["Reprise"]):
    def en_cours(self) -> RepriseQuerySet:
        return self.filter(etat__in=EN_COURS)

    def de_la_file(self) -> RepriseQuerySet:
        """Ce qu'un agent peut avancer d'abord, la plus ancienne en tête."""
        attend = models.Case(models.When(etat__in=A_EXAMINER, then=0), default=1, output_field=models.IntegerField())
        return (
            self.exclude(etat=EtatReprise.DEPOSEE).select_related("etablissement").order_by(attend, "deposee_le", "pk")
        )


# Ce qui attend le geste d'un agent.
A_EXAMINER = (
    EtatReprise.CONFIRMEE,
    EtatReprise.EXAMINEE,
    EtatReprise.PIECE_RECUE,
    EtatReprise.PROPOSEE,
    EtatReprise.OPPOSEE,
)


class Reprise(Dossier):
    """Une personne demande l'accès d'un établissement que tient quelqu'un de parti, ou d'injoignable."""

    TRANSITIONS = TRANSITIONS

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="reprises")
    departement = models.CharField(
        "département", max_length=3, blank=True
    )  # du répertoire ; de lui dépend qui examine
    nom = models.CharField("Nom", max_length=80)
    prenom = models.CharField("Prénom", max_length=80)
    fonction = models.CharField("Fonction dans l'entreprise", max_length=120)
    telephone = models.CharField("Téléphone", max_length=32)
    courriel = models.EmailField("Courriel")
    raison = models.CharField("Ce qui se passe", max_length=12, choices=Raison)
    explication = models.TextField("Précisions", max_length=1000, blank=True)
    etat = models.CharField("état", max_length=14, choices=EtatReprise, default=EtatReprise.DEPOSEE)
    deposee_le = models.DateTimeField(default=timezone.now)
    ouverte_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")  # au téléphone
    confirmee_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="reprises")  # chaque lien et code envoyé pour elle

    # Ce sur quoi elle repose. « garant » : qui a donné son accord (preuve 4).
    preuve = models.PositiveSmallIntegerField(choices=Preuve, null=True)
    garant = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    piece_demandee = models.TextField(blank=True)
    rappel_le = models.DateTimeField(null=True)
    rappel_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    rappel_numero = models.CharField(max_length=32, blank=True)

    # Quatre yeux : qui propose n'approuve pas.
    proposee_le = models.DateTimeField(null=True)
    proposee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    motif = models.TextField(blank=True)  # pourquoi proposée, ou refusée
    approuvee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    opposition_jusqu_au = models.DateTimeField(null=True)
    opposee_le = models.DateTimeField(null=True)
    opposition = models.TextField(blank=True)  # ce qu'en dit qui s'oppose

    # L'accès qui finit et celui qui commence.
    remplace = models.ForeignKey(Habilitation, on_delete=models.PROTECT, null=True, related_name="+")
    executee_le = models.DateTimeField(null=True)
    habilitation = models.ForeignKey(Habilitation, on_delete=models.PROTECT, null=True, related_name="+")
    annulation_le = models.DateTimeField(null=True)
    annulation_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    annulee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    close_le = models.DateTimeField(null=True)  # refusée, abandonnée ou défaite

    objects = RepriseQuerySet.as_manager()

    class Meta:
        verbose_name = "reprise d'accès"
        indexes: ClassVar = [
            models.Index(fields=["etat", "deposee_le"], name="reprise_file"),
            models.Index(fields=["departement", "deposee_le"], name="reprise_departement"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["etablissement"], condition=Q(etat__in=PROPOSEES), name="une_reprise_proposee"
            ),
            models.CheckConstraint(condition=Q(etat__in=EtatReprise.values), name="reprise_etat_connu"),
            models.CheckConstraint(condition=Q(raison__in=Raison.values), name="reprise_raison_connue"),
            models.CheckConstraint(
                condition=Q(approuvee_par=None) | ~Q(approuvee_par=models.F("proposee_par")),
                name="reprise_quatre_yeux",
            ),
            models.CheckConstraint(
                condition=Q(annulee_par=None) | ~Q(annulee_par=models.F("annulation_par")),
                name="reprise_annulee_a_deux",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatReprise.DEPOSEE) | Q(confirmee_le__isnull=False) | Q(etat=EtatReprise.ABANDONNEE),
                name="reprise_adresse_confirmee",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=[EtatReprise.EXECUTEE, EtatReprise.ANNULEE])
                | Q(executee_le__isnull=False, preuve__isnull=False),
                name="reprise_faite_sur_preuve",
            ),
            models.CheckConstraint(
                condition=~Q(etat=EtatReprise.OPPOSABLE) | Q(opposition_jusqu_au__isnull=False),
                name="reprise_opposable_jusqu_au",
            ),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def numero(self) -> str:
        """Ce que la personne lit et dicte : « RA-2026-000012 »."""
        return f"RA-{timezone.localtime(self.deposee_le).year}-{self.pk:06d}"

    @property
    def sujet(self) -> str:
        """L'établissement : c'est son histoire que l'on relit."""
        return self.etablissement.sujet

    @property
    def est_ouverte(self) -> bool:
        return self.etat in OUVERTES

    @property
    def annulable_jusqu_au(self) -> datetime | None:
        return self.executee_le + DELAI_ANNULATION if self.executee_le else None

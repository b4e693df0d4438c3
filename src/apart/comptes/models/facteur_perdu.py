"""La demande de qui a perdu son second facteur et ses codes de rechange."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apart.comptes.etats import EN_COURS, TRANSITIONS, EtatFacteurPerdu
from apart.comptes.models.personne import Utilisateur
from apart.socle.automate import Dossier


class FacteurPerduQuerySet(models.QuerySet["FacteurPerdu"]):
    def en_cours(self) -> FacteurPerduQuerySet:
        return self.filter(etat__in=EN_COURS)

    def de(self, qui: Utilisateur) -> FacteurPerdu | None:
        """Sa demande en cours, s'il y en a une."""
        return self.en_cours().filter(utilisateur=qui).first()

    def a_prevenir(self) -> FacteurPerduQuerySet:
        """La moitié du délai est passée."""
        return self.filter(etat=EtatFacteurPerdu.ATTENTE, prevenue_le=None, prevenir_le__lte=timezone.now())

    def a_ouvrir(self) -> FacteurPerduQuerySet:
        return self.filter(etat=EtatFacteurPerdu.ATTENTE, prevenue_le__isnull=False, ouvrable_le__lte=timezone.now())

    def oubliees(self) -> FacteurPerduQuerySet:
        return self.filter(etat=EtatFacteurPerdu.OUVERTE, ouverte_le__lte=timezone.now() - FacteurPerdu.POUR_FINIR)


class FacteurPerdu(Dossier):
    """La demande de qui n'a plus ni son second facteur ni ses codes de rechange : un délai, des avis, une preuve.

    Rien ne s'ouvre avant que la personne ait été prévenue trois fois : à la demande, à mi-délai, à la fin.
    """

    TRANSITIONS = TRANSITIONS
    POUR_FINIR = timedelta(days=7)  # le délai passé, le temps de revenir finir

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="facteurs_perdus")
    courriel = models.EmailField()  # l'adresse prévenue : une autre, posée depuis, ne finit pas cette demande
    etat = models.CharField(max_length=20, choices=EtatFacteurPerdu, default=EtatFacteurPerdu.ATTENTE)
    deposee_le = models.DateTimeField(default=timezone.now)
    prevenir_le = models.DateTimeField()
    prevenue_le = models.DateTimeField(null=True)
    ouvrable_le = models.DateTimeField()
    ouverte_le = models.DateTimeField(null=True)
    finie_le = models.DateTimeField(null=True)

    objects = FacteurPerduQuerySet.as_manager()

    class Meta:
        verbose_name = "second facteur perdu"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(etat__in=EtatFacteurPerdu.values), name="facteur_perdu_etat_connu"),
            models.UniqueConstraint(
                fields=["utilisateur"], condition=Q(etat__in=EN_COURS), name="facteur_perdu_une_en_cours"
            ),
            models.CheckConstraint(
                condition=Q(etat__in=EN_COURS, finie_le=None) | ~Q(etat__in=EN_COURS) & Q(finie_le__isnull=False),
                name="facteur_perdu_finie_le",
            ),
            models.CheckConstraint(
                condition=Q(prevenir_le__gt=models.F("deposee_le"), ouvrable_le__gt=models.F("prevenir_le")),
                name="facteur_perdu_delais_en_ordre",
            ),
            models.CheckConstraint(
                condition=Q(ouverte_le=None) | Q(prevenue_le__isnull=False, ouverte_le__gte=models.F("ouvrable_le")),
                name="facteur_perdu_ouverte_apres_les_avis",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=[EtatFacteurPerdu.ATTENTE, EtatFacteurPerdu.ANNULEE])
                | Q(ouverte_le__isnull=False),
                name="facteur_perdu_fait_une_fois_ouvert",
            ),
        ]

    @property
    def sujet(self) -> str:
        return self.utilisateur.sujet

    @property
    def est_ouverte(self) -> bool:
        return self.etat == EtatFacteurPerdu.OUVERTE

    @property
    def abandonnable_le(self) -> datetime:
        """Jusqu'à quand elle peut se finir ; au plus tôt, tant que le délai court."""
        return (self.ouverte_le or self.ouvrable_le) + self.POUR_FINIR

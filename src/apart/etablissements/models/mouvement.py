"""Qui est entré à un établissement, en est sorti, y a changé de rôle : quand, et qui l'a décidé (décision 0020)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models.espace import Etablissement, Habilitation, MotifRetrait, Role


class Sorte(models.TextChoices):
    ENTRE = "entre", "entre"
    SORT = "sort", "sort"
    ROLE = "role", "change de rôle"


class Mouvement(models.Model):
    """Une ligne par entrée, sortie ou changement de rôle ; défaire les rejoue, il ne devine rien."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="mouvements")
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    habilitation = models.ForeignKey(Habilitation, on_delete=models.CASCADE, related_name="mouvements")
    sorte = models.CharField(max_length=5, choices=Sorte)
    le = models.DateTimeField(default=timezone.now)
    decide_le = models.DateTimeField(default=timezone.now)  # l'accord se donne parfois des jours avant l'entrée
    # Vide : le système, ou la preuve de la personne elle-même.
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    role_avant = models.CharField(max_length=10, choices=Role, blank=True)
    pris_le_avant = models.DateTimeField(null=True)  # Habilitation.role_pris_le, d'avant
    role_apres = models.CharField(max_length=10, choices=Role, blank=True)
    motif = models.CharField(max_length=10, choices=MotifRetrait, blank=True)
    cause = models.CharField(max_length=24, blank=True)  # « reprise:12 » : elle l'a fait ; « defaite:12 » : défaite

    class Meta:
        verbose_name = "mouvement"
        indexes: ClassVar = [models.Index(fields=["etablissement", "le"], name="mouvement_histoire")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(decide_le__lte=F("le")), name="mouvement_decide_avant"),
            models.CheckConstraint(
                condition=(Q(sorte=Sorte.ENTRE, role_avant="", motif="") & ~Q(role_apres=""))
                | (Q(sorte=Sorte.SORT, role_apres="") & ~Q(role_avant=""))
                | (Q(sorte=Sorte.ROLE, motif="") & ~Q(role_avant="") & ~Q(role_apres="")),
                name="mouvement_selon_sa_sorte",
            ),
        ]

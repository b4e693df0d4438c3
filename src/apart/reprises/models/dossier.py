"""Ce qui s'attache au dossier d'une reprise : les pièces reçues, ce que chacun en a dit."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.pieces.models import Piece
from apart.reprises.models.reprise import PieceAttendue, Reprise


class PieceReprise(models.Model):
    """Une pièce reçue pour une reprise, sous le nom où elle a été demandée."""

    reprise = models.ForeignKey(Reprise, on_delete=models.CASCADE, related_name="recues")
    piece = models.OneToOneField(Piece, on_delete=models.PROTECT, related_name="+")
    attendue = models.CharField("pièce", max_length=12, choices=PieceAttendue)

    class Meta:
        verbose_name = "pièce d'une reprise"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(attendue__in=PieceAttendue.values), name="piece_attendue_connue"),
        ]


class PhraseReprise(models.Model):
    """Ce que quelqu'un a dit d'une reprise, sous le geste qu'il faisait : un agent, ou qui s'y oppose."""

    reprise = models.ForeignKey(Reprise, on_delete=models.CASCADE, related_name="phrases")
    geste = models.CharField(max_length=30)
    texte = models.TextField(max_length=1000, blank=True)
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    adresse = models.EmailField(blank=True)  # celle qui a reçu l'avis, quand on s'oppose par un lien
    le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "phrase dite d'une reprise"
        ordering: ClassVar = ["-le", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(par__isnull=False) | ~Q(adresse=""), name="phrase_de_quelqu_un"),
        ]

"""Deux comptes d'une même personne, à réunir en un."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apart.comptes.models import Jeton, Utilisateur


class Reunion(models.Model):
    """Qui est connecté a prouvé l'adresse et le mot de passe de son autre compte ; reste à prouver la sienne."""

    demandeur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="reunions")
    autre = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="+")
    garde = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="+")
    empreinte_autre = models.CharField(max_length=64)  # de son mot de passe : changé, elle ne se fait plus
    prouvee_le = models.DateTimeField(default=timezone.now)
    faite_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="reunions")

    class Meta:
        verbose_name = "réunion de deux comptes"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(demandeur=F("autre")), name="reunion_de_deux_comptes"),
            models.CheckConstraint(
                condition=Q(garde=F("demandeur")) | Q(garde=F("autre")), name="reunion_garde_l_un_des_deux"
            ),
        ]

    @property
    def ferme(self) -> Utilisateur:
        """Celui des deux qui se fermera."""
        return self.autre if self.garde_id == self.demandeur_id else self.demandeur

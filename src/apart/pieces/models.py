"""Une pièce jointe : ce qu'elle est, où est son contenu, jusqu'à quand il se garde."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from apart.pieces.bornes import OCTETS_PERMIS

NOM_LE_PLUS_LONG = 120


class Nature(models.TextChoices):
    """À quoi sert une pièce ; sa conservation en dépend."""

    ASSISTANCE = "assistance", "pièce d'une demande d'assistance"
    REPRISE = "reprise", "justificatif d'une reprise d'accès"


# Depuis le dépôt. Un justificatif se garde ensuite 90 jours après la décision, que seul le module au-dessus connaît
# (actions.conserver_jusqu_au) ; d'ici là, un an suffit à toute instruction.
CONSERVATION: Final[dict[Nature, timedelta]] = {
    Nature.ASSISTANCE: timedelta(days=365),
    Nature.REPRISE: timedelta(days=365),
}


class Sorte(models.TextChoices):
    """Ce qu'une pièce peut être, d'après son contenu."""

    PDF = "pdf", "PDF"
    PNG = "png", "image PNG"
    JPEG = "jpeg", "image JPEG"


class PieceQuerySet(models.QuerySet["Piece"]):
    def a_effacer(self) -> PieceQuerySet:
        return self.filter(effacee_le=None, a_effacer_le__lte=timezone.now())


class _SansContenu(models.Manager["Piece"]):
    """Une liste de pièces ne charge pas leurs mébioctets : chacun se lit quand on le demande."""

    def get_queryset(self) -> PieceQuerySet:
        return PieceQuerySet(self.model, using=self._db).defer("contenu")


class Piece(models.Model):
    """Une pièce jointe. Son contenu est dans la base, ou dans le dossier partagé ; effacée, il reste son nom.

    Aucun sujet : le module au-dessus porte la relation, et décide qui la lit.
    """

    nature = models.CharField(max_length=12, choices=Nature)
    nom = models.CharField(max_length=NOM_LE_PLUS_LONG)  # celui d'origine, nettoyé ; jamais un chemin
    sorte = models.CharField(max_length=4, choices=Sorte)
    taille = models.PositiveIntegerField()  # octets
    empreinte = models.CharField(max_length=64)  # SHA-256 du contenu
    contenu = models.BinaryField(null=True)
    chemin = models.CharField(max_length=35, blank=True)  # dans PIECES_DOSSIER, tiré au hasard
    deposee_le = models.DateTimeField(default=timezone.now)
    deposee_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    a_effacer_le = models.DateTimeField()
    effacee_le = models.DateTimeField(null=True)

    objects = _SansContenu.from_queryset(PieceQuerySet)()

    class Meta:
        verbose_name = "pièce jointe"
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["a_effacer_le"], condition=Q(effacee_le=None), name="piece_a_effacer"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chemin"], condition=~Q(chemin=""), name="piece_chemin_unique"),
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="piece_nature_connue"),
            models.CheckConstraint(condition=Q(sorte__in=Sorte.values), name="piece_sorte_connue"),
            models.CheckConstraint(condition=Q(taille__gt=0, taille__lte=OCTETS_PERMIS), name="piece_taille"),
            models.CheckConstraint(condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"), name="piece_empreinte"),
            models.CheckConstraint(
                condition=Q(chemin="") | Q(chemin__regex=r"^[0-9a-f]{2}/[0-9a-f]{32}$"), name="piece_chemin_tire"
            ),
            models.CheckConstraint(
                condition=Q(effacee_le=None, contenu__isnull=False, chemin="")
                | (Q(effacee_le=None, contenu=None) & ~Q(chemin=""))
                | Q(effacee_le__isnull=False, contenu=None, chemin=""),
                name="piece_a_un_seul_endroit",
            ),
            models.CheckConstraint(
                condition=Q(contenu=None) | Q(taille=Length("contenu")), name="piece_taille_du_contenu"
            ),
        ]

    def __str__(self) -> str:
        return self.nom

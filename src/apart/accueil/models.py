"""Les annonces du bloc « Information »."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.socle.pages import INSTANT_ET_NUMERO, Cle, Liste, Page

PAR_PAGE = 20  # annonces passées


class Niveau(models.TextChoices):
    INFORMATION = "information", "Information"
    ATTENTION = "attention", "Attention : une démarche est gênée"
    ALERTE = "alerte", "Alerte : le service est touché"


GRAVITE = models.Case(
    models.When(niveau=Niveau.ALERTE, then=0), models.When(niveau=Niveau.ATTENTION, then=1), default=2
)


class AnnonceQuerySet(models.QuerySet["Annonce"]):
    def en_cours(self, maintenant: datetime) -> AnnonceQuerySet:
        """Celles que les visiteurs voient : la plus grave d'abord, puis la plus récente."""
        return self.filter(retiree_le=None, du__lte=maintenant, au__gt=maintenant).order_by(GRAVITE, "-du", "-pk")

    def prevues(self, maintenant: datetime) -> AnnonceQuerySet:
        return self.filter(retiree_le=None, du__gt=maintenant).order_by("du", "pk")

    def passees(self, maintenant: datetime) -> AnnonceQuerySet:
        return self.exclude(retiree_le=None, au__gt=maintenant).order_by("-au", "-pk")

    def page_des_passees(self, maintenant: datetime, demandee: str) -> Page[Annonce]:
        """Celle que désigne une clé, la première si elle n'en est pas une."""
        return PASSEES.page(self.passees(maintenant), demandee, par_page=PAR_PAGE)


# L'an 1 ou l'an 9999 sortent du calendrier dès qu'un fuseau s'y ajoute : une seule ligne fermerait l'accueil à tous.
PREMIER_MOMENT, DERNIER_MOMENT = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Annonce(models.Model):
    """Une annonce écrite par un agent, montrée à tous entre deux dates."""

    titre = models.CharField(max_length=120)
    texte = models.TextField(max_length=2000)
    niveau = models.CharField(max_length=11, choices=Niveau, default=Niveau.INFORMATION)
    du = models.DateTimeField("début")
    au = models.DateTimeField("fin")
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    creee_le = models.DateTimeField(default=timezone.now)
    retiree_le = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AnnonceQuerySet.as_manager()

    class Meta:
        verbose_name = "annonce"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(au__gt=F("du")),
                name="annonce_fin_apres_debut",
                violation_error_message="La fin de l'annonce doit venir après son début.",
            ),
            models.CheckConstraint(
                condition=Q(du__gte=PREMIER_MOMENT) & Q(au__lte=DERNIER_MOMENT),
                name="annonce_dans_le_siecle",
                violation_error_message="Les dates d'une annonce vont de l'an 2000 à l'an 2100.",
            ),
            models.CheckConstraint(
                condition=Q(niveau__in=Niveau.values),
                name="annonce_niveau_connu",
                violation_error_message="Choisissez un niveau parmi ceux proposés.",
            ),
            models.CheckConstraint(
                condition=~Q(titre="") & ~Q(texte=""),
                name="annonce_ecrite",
                violation_error_message="Une annonce a un titre et un texte.",
            ),
        ]

    def __str__(self) -> str:
        return self.titre

    @property
    def sujet(self) -> str:
        """Son nom dans le journal."""
        return f"annonce:{self.pk}"


PASSEES: Liste[Annonce] = Liste(
    ordre=(F("au"), F("pk")),
    place=lambda sens, annonce: Cle(sens, (), annonce.au, annonce.pk),
    forme=re.compile(f"(apres|avant)-{INSTANT_ET_NUMERO}", re.ASCII),
    est_decroissante=True,
)

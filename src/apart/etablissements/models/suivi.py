"""Ce que l'on fait, dans le temps, de qui a accès : le retirer, le revoir chaque trimestre, remplacer un principal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.etats import TRANSITIONS_OFFRE, EtatOffre
from apart.etablissements.models.espace import (
    Etablissement,
    EtablissementQuerySet,
    Habilitation,
    HabilitationQuerySet,
    Role,
)
from apart.socle.automate import Dossier


class RevueAcces(models.Model):
    """Un utilisateur principal a revu, pour ce trimestre, qui a accès à cet établissement."""

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="revues")
    par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    trimestre = models.DateField()  # son premier jour
    le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "revue des accès"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["etablissement", "trimestre", "par"], name="une_revue_par_trimestre"),
        ]


class AppelRevue(models.Model):
    """Le courriel qui appelle à la revue d'un trimestre : un seul par personne, pour tous ses établissements."""

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="+")
    trimestre = models.DateField()
    le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "appel à la revue"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["utilisateur", "trimestre"], name="un_appel_par_trimestre"),
        ]


class OffreRoleQuerySet(models.QuerySet["OffreRole"]):
    def ouvertes(self) -> OffreRoleQuerySet:
        return self.filter(etat=EtatOffre.OFFERTE).select_related("habilitation__utilisateur")

    def refusees(self) -> OffreRoleQuerySet:
        """Celles qu'un membre a refusées, depuis que l'établissement n'a plus d'utilisateur principal."""
        parti_depuis = Habilitation.objects.filter(
            etablissement=OuterRef("etablissement"), role=Role.PRINCIPAL, au__gt=OuterRef("close_le")
        )
        return self.filter(~Exists(parti_depuis), etat__in=[EtatOffre.DECLINEE, EtatOffre.OPPOSEE])

    def a_ouvrir(self) -> EtablissementQuerySet:
        """Les établissements sans principal, où un membre peut recevoir le rôle et où personne ne l'a refusé."""
        ici = Q(etablissement=OuterRef("pk"))
        libres = Etablissement.objects.filter(
            ~Exists(self.ouvertes().filter(ici)), ~Exists(self.refusees().filter(ici))
        )
        return libres.sans_principal().filter(Exists(Habilitation.objects.candidates().filter(ici)))

    def preneuses(self) -> HabilitationQuerySet:
        """Celles qui peuvent prendre elles-mêmes le rôle, sur leur preuve 5 ou 6.

        Là où il n'y a plus de principal et où l'offre n'a plus rien à donner : un membre l'a refusée, ou personne
        d'autre ne pourrait la recevoir. Tant qu'elle est ouverte, ou près de l'être, on l'attend.
        """
        ici = Q(etablissement=OuterRef("etablissement"))
        vacant = Etablissement.objects.sans_principal().filter(pk=OuterRef("etablissement"))
        autres = Habilitation.objects.candidates().filter(ici).exclude(pk=OuterRef("pk"))
        libres = Habilitation.objects.qui_tiennent_seules().filter(
            Exists(vacant), ~Exists(self.ouvertes().filter(ici))
        )
        return libres.filter(Exists(self.refusees().filter(ici)) | ~Exists(autres))


class OffreRole(Dossier):
    """Le rôle d'utilisateur principal, offert au membre le plus ancien d'un établissement qui n'en a plus."""

    TRANSITIONS = TRANSITIONS_OFFRE

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="offres")
    habilitation = models.ForeignKey(Habilitation, on_delete=models.PROTECT, related_name="+")  # à qui
    etat = models.CharField("état", max_length=10, choices=EtatOffre, default=EtatOffre.OFFERTE)
    offerte_le = models.DateTimeField(default=timezone.now)
    expire_le = models.DateTimeField()  # sans refus d'ici là, le rôle est acquis
    close_le = models.DateTimeField(null=True)
    close_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OffreRoleQuerySet.as_manager()

    class Meta:
        verbose_name = "offre de rôle"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["etablissement"], condition=Q(etat=EtatOffre.OFFERTE), name="une_offre_ouverte"
            ),
            models.CheckConstraint(condition=Q(expire_le__gt=models.F("offerte_le")), name="offre_expire_apres"),
            models.CheckConstraint(
                condition=Q(etat=EtatOffre.OFFERTE, close_le=None, close_par=None)
                | Q(etat__in=[EtatOffre.ACQUISE, EtatOffre.CADUQUE], close_le__isnull=False, close_par=None)
                | Q(etat__in=[EtatOffre.DECLINEE, EtatOffre.OPPOSEE], close_le__isnull=False, close_par__isnull=False),
                name="offre_close_selon_son_etat",
            ),
        ]

    @property
    def sujet(self) -> str:
        return self.etablissement.sujet

"""Ce sur quoi reposent les habilitations, et les preuves qu'on demande à leur donner (niveaux 2, 3 et 4)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apart.comptes.models import Jeton, Utilisateur
from apart.etablissements.etats import TRANSITIONS_PREUVE, EtatPreuve
from apart.etablissements.models.espace import DERIVEES, Habilitation, Preuve
from apart.socle.automate import Dossier


class Fondement(models.Model):
    """Une preuve que cette habilitation a reçue, et qui tient tant que rien ne la défait.

    L'habilitation repose sur la plus forte de celles qui tiennent ; sur la messagerie de la personne, toujours.
    Défaire une preuve retire son fondement, et n'en rend jamais un autre que l'on aurait retiré entre-temps.
    """

    habilitation = models.ForeignKey(Habilitation, on_delete=models.CASCADE, related_name="fondements")
    preuve = models.PositiveSmallIntegerField(choices=Preuve)
    garant = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    pose_le = models.DateTimeField(default=timezone.now)
    retire_le = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "fondement d'une habilitation"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(preuve__in=Preuve.values), name="fondement_preuve_connue"),
            models.CheckConstraint(condition=Q(preuve__in=DERIVEES) | Q(garant=None), name="fondement_garant"),
            models.CheckConstraint(
                condition=Q(retire_le=None) | Q(retire_le__gte=F("pose_le")), name="fondement_dates"
            ),
        ]


class DemandePreuveQuerySet(models.QuerySet["DemandePreuve"]):
    def ouvertes(self) -> DemandePreuveQuerySet:
        return self.filter(etat=EtatPreuve.DEPOSEE)

    def dues(self) -> DemandePreuveQuerySet:
        """Par le domaine, dont le délai d'opposition est passé."""
        return self.ouvertes().filter(niveau=Preuve.DOMAINE, opposable_jusqu_au__lte=timezone.now())

    def adressees_a(self, utilisateur: Utilisateur) -> DemandePreuveQuerySet:
        """Celles de collègues qui attendent ou ont attendu l'accord d'un membre d'un de ses établissements."""
        siens = Habilitation.objects.actives().filter(utilisateur=utilisateur).values("etablissement")
        autres = self.filter(niveau=Preuve.MEMBRE, habilitation__etablissement__in=siens)
        return autres.exclude(habilitation__utilisateur=utilisateur)

    def a_approuver_par(self, utilisateur: Utilisateur) -> DemandePreuveQuerySet:
        """Parmi elles, celles que son accord relèverait vraiment."""
        sienne = Habilitation.objects.actives().filter(
            utilisateur=utilisateur,
            etablissement=OuterRef("habilitation__etablissement"),
            valeur__gt=OuterRef("habilitation__valeur"),
        )
        relevables = self.adressees_a(utilisateur).ouvertes().filter(Exists(sienne), habilitation__au=None)
        return relevables.select_related("habilitation__utilisateur", "habilitation__etablissement").order_by("pk")

    def sous_la_main_de(self, utilisateur: Utilisateur) -> DemandePreuveQuerySet:
        """Celles d'autres personnes, posées ou défaites, là où il est principal."""
        siens = Habilitation.objects.principales().filter(utilisateur=utilisateur).values("etablissement")
        posees = self.filter(etat__in=[EtatPreuve.POSEE, EtatPreuve.DEFAITE], habilitation__etablissement__in=siens)
        siennes = posees.exclude(habilitation__utilisateur=utilisateur)
        return siennes.select_related("habilitation__utilisateur", "habilitation__etablissement").order_by("pk")

    def defaisables_par(self, utilisateur: Utilisateur) -> DemandePreuveQuerySet:
        """Parmi elles, celles dont le délai court encore : sous une plus forte aussi, qui peut se défaire."""
        siennes = self.sous_la_main_de(utilisateur).filter(etat=EtatPreuve.POSEE, habilitation__au=None)
        return siennes.filter(defaisable_jusqu_au__gt=timezone.now(), fondement__retire_le=None)


class DemandePreuve(Dossier):
    """Une personne habilitée relève sa preuve : par son domaine (2), un code (3) ou l'accord d'un membre (4)."""

    TRANSITIONS = TRANSITIONS_PREUVE

    habilitation = models.ForeignKey(Habilitation, on_delete=models.CASCADE, related_name="demandes_preuve")
    niveau = models.PositiveSmallIntegerField(choices=Preuve)
    etat = models.CharField("état", max_length=10, choices=EtatPreuve, default=EtatPreuve.DEPOSEE)
    deposee_le = models.DateTimeField(default=timezone.now)
    opposable_jusqu_au = models.DateTimeField(null=True)  # par le domaine seulement
    traitee_le = models.DateTimeField(null=True)  # posée, arrêtée, refusée ou sans suite
    traitee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    # Posée : jusqu'à quand un principal peut la défaire, et ce qu'elle a donné à l'habilitation.
    defaisable_jusqu_au = models.DateTimeField(null=True)
    fondement = models.OneToOneField(Fondement, on_delete=models.PROTECT, null=True, related_name="+")
    defaite_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    jetons = models.ManyToManyField(Jeton, related_name="demandes_preuve")

    objects = DemandePreuveQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de preuve"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["habilitation", "niveau"],
                condition=Q(etat=EtatPreuve.DEPOSEE),
                name="une_demande_de_preuve_ouverte",
            ),
            models.CheckConstraint(condition=Q(niveau__in=DERIVEES), name="demande_preuve_niveau_connu"),
            models.CheckConstraint(
                condition=Q(niveau=Preuve.DOMAINE, opposable_jusqu_au__isnull=False)
                | (~Q(niveau=Preuve.DOMAINE) & Q(opposable_jusqu_au=None)),
                name="demande_preuve_opposable",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatPreuve.DEPOSEE, traitee_le=None, fondement=None)
                | Q(
                    etat__in=[EtatPreuve.POSEE, EtatPreuve.DEFAITE],
                    traitee_le__isnull=False,
                    fondement__isnull=False,
                )
                | Q(
                    etat__in=[EtatPreuve.OPPOSEE, EtatPreuve.REFUSEE, EtatPreuve.ABANDONNEE],
                    traitee_le__isnull=False,
                    fondement=None,
                ),
                name="demande_preuve_datee_selon_son_etat",
            ),
        ]

    @property
    def sujet(self) -> str:
        """L'établissement : c'est son histoire que l'on relit."""
        return self.habilitation.etablissement.sujet

"""Les connexions d'une personne : en cours, réussies, refusées."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from apart.comptes.models.personne import Utilisateur


class SessionQuerySet(models.QuerySet["Session"]):
    def ouvertes(self, utilisateur: Utilisateur) -> SessionQuerySet:
        """Les sessions encore ouvertes d'une personne, la plus récemment active d'abord."""
        return self.filter(utilisateur=utilisateur, expire_date__gt=timezone.now()).order_by("-vue_le")


class Session(models.Model):
    """Une session. Sa clé est gardée hachée : lire la base ne permet d'en reprendre aucune (T42)."""

    # Les trois premiers noms sont ceux qu'attend django.contrib.sessions.backends.db.
    session_key = models.CharField(max_length=64, primary_key=True)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, null=True, related_name="sessions")
    adresse = models.CharField(max_length=45, blank=True)
    navigateur = models.CharField(max_length=200, blank=True)
    ouverte_le = models.DateTimeField(default=timezone.now)
    vue_le = models.DateTimeField(default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session"


class Acces(models.Model):
    """Une connexion réussie, montrée à la personne pour qu'elle reconnaisse les siennes."""

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="acces")
    le = models.DateTimeField(default=timezone.now, db_index=True)
    adresse = models.CharField(max_length=45, blank=True)
    navigateur = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "accès"
        indexes: ClassVar = [models.Index(fields=["utilisateur", "-le"], name="acces_recents")]


class EchecConnexionQuerySet(models.QuerySet["EchecConnexion"]):
    def perimes(self) -> EchecConnexionQuerySet:
        return self.filter(le__lte=timezone.now() - EchecConnexion.CONSERVATION)


class EchecConnexion(models.Model):
    """Un essai de connexion refusé, que l'identifiant existe ou non. Effacé après 24 heures."""

    CONSERVATION = timedelta(hours=24)

    compte = models.CharField(max_length=64)  # HMAC de l'identifiant tapé
    appareil = models.CharField(max_length=32, blank=True)  # vide : appareil inconnu
    adresse = models.CharField(max_length=45)
    le = models.DateTimeField(default=timezone.now, db_index=True)

    objects = EchecConnexionQuerySet.as_manager()

    class Meta:
        verbose_name = "échec de connexion"
        indexes: ClassVar = [
            models.Index(fields=["compte", "le"], name="echec_par_compte"),
            models.Index(fields=["adresse", "le"], name="echec_par_adresse"),
        ]

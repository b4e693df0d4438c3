"""La file d'envoi : chaque message est d'abord une ligne, écrite dans la transaction du geste qui le cause."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Sort(models.TextChoices):
    EN_FILE = "en_file", "en file"
    REMIS = "remis", "remis"
    DIFFERE = "differe", "différé"
    REFUSE = "refuse", "refusé"
    REBONDI = "rebondi", "rebondi"


class Courriel(models.Model):
    numero = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    modele = models.CharField(max_length=60)
    destinataire = models.EmailField()
    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    siret = models.CharField(max_length=14, blank=True)
    objet = models.CharField(max_length=200)
    texte = models.TextField()
    html = models.TextField()
    secrets = models.BinaryField(default=b"")  # liens et codes, chiffrés, effacés après l'envoi
    sort = models.CharField(max_length=10, choices=Sort, default=Sort.EN_FILE)
    essais = models.PositiveSmallIntegerField(default=0)
    reponse = models.TextField(blank=True)  # ce qu'a répondu le serveur
    cree_le = models.DateTimeField(default=timezone.now)
    prochain_essai_le = models.DateTimeField(default=timezone.now)
    expire_le = models.DateTimeField(null=True)  # passé ce moment, le message n'a plus de sens
    remis_le = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "courriel"

"""Briques sans sujet : le journal, les compteurs de limites, les preuves anti-robot employées, les envois faits."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models
from django.utils import timezone

M = TypeVar("M", bound=models.Model)

VERROUILLER = "SELECT pg_advisory_xact_lock(hashtextextended(nom, 0)) FROM unnest(%s::text[]) AS nom"


def verrouiller(lignes: models.QuerySet[M]) -> models.QuerySet[M]:
    """Ces lignes, verrouillées dans l'ordre de leur clé. Qui en verrouille de plusieurs tables suit la décision 0012.

    Sans la clé (NO KEY UPDATE) : une ligne fille ou du journal s'ajoute pendant ce temps sans attendre.
    """
    return lignes.order_by("pk").select_for_update(of=("self",), no_key=True)


def verrouiller_noms(*noms: str) -> None:
    """Attend son tour, jusqu'à la fin de la transaction, pour ce qui n'a pas de ligne : une adresse, un compteur.

    Toujours dans le même ordre, quel que soit celui de l'appel : deux gestes ne s'étreignent pas.
    """
    with connection.cursor() as curseur:
        curseur.execute(VERROUILLER, [sorted(noms)])


class EntreeJournalQuerySet(models.QuerySet["EntreeJournal"]):
    def du_sujet(self, sujet: str) -> EntreeJournalQuerySet:
        return self.filter(sujet=sujet).order_by("-le", "-pk")


class EntreeJournal(models.Model):
    """Un geste fait, par qui, sur quoi. Table en ajout seul : un déclencheur refuse UPDATE et DELETE."""

    le = models.DateTimeField(default=timezone.now, db_index=True)
    geste = models.CharField(max_length=60)
    sujet = models.CharField(max_length=80, db_index=True)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    details = models.JSONField(default=dict)

    objects = EntreeJournalQuerySet.as_manager()

    class Meta:
        verbose_name = "entrée du journal"


def journaliser(
    geste: str, *, sujet: str, par: AbstractBaseUser | None = None, **details: str | int | bool | None
) -> EntreeJournal:
    """Ajoute une ligne au journal, dans la transaction du geste. Jamais de secret dans les détails.

    sujet : celui que donne le modèle (Utilisateur.sujet, Etablissement.sujet…).
    """
    return EntreeJournal.objects.create(geste=geste, sujet=sujet, par_id=par.pk if par else None, details=details)


class Compteur(models.Model):
    """Combien de fois une chose a eu lieu pendant une fenêtre de temps (socle.limites)."""

    cle = models.CharField(max_length=120)
    fenetre = models.DateTimeField()
    expire_le = models.DateTimeField(db_index=True)
    nombre = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cle", "fenetre"], name="compteur_unique")]


class PreuveEmployee(models.Model):
    """Une preuve de travail déjà acceptée : elle ne sert qu'une fois (T22)."""

    empreinte = models.CharField(max_length=64, primary_key=True)
    expire_le = models.DateTimeField(db_index=True)


class Envoi(models.Model):
    """Ce qu'a donné un formulaire envoyé, ou la page qu'il a montrée : dix minutes, pour le navigateur qui l'a reçu.

    Chiffré sous une clé tirée de son cookie ; l'empreinte ne se recalcule pas sans lui (socle.envois).
    """

    empreinte = models.CharField(max_length=64, primary_key=True)
    contenu = models.BinaryField()
    expire_le = models.DateTimeField(db_index=True)

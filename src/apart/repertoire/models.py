"""Le répertoire SIRENE : ce qu'un employeur peut en avoir besoin."""

from __future__ import annotations

from django.db import models


class Fiche(models.Model):
    """Un établissement tel que l'INSEE le décrit. La table est remplacée d'un bloc par chaque import."""

    siret = models.CharField(max_length=14, primary_key=True)
    denomination = models.CharField(max_length=250, blank=True)  # vide si masquée ([ND])
    numero_voie = models.CharField(max_length=20, blank=True)
    extension_voie = models.CharField(max_length=20, blank=True)
    type_voie = models.CharField(max_length=40, blank=True)
    libelle_voie = models.CharField(max_length=120, blank=True)
    complement = models.CharField(max_length=160, blank=True)
    code_postal = models.CharField(max_length=5, blank=True)  # celui du Cedex s'il y en a un
    ville = models.CharField(max_length=120, blank=True)  # libellé du Cedex s'il y en a un
    code_commune = models.CharField(max_length=5, blank=True)
    est_siege = models.BooleanField(default=False)
    est_masquee = models.BooleanField(default=False)  # diffusion partielle
    fermee_le = models.DateField(null=True)
    est_fermee = models.BooleanField(default=False)
    activite = models.CharField(max_length=6, blank=True)  # APE
    categorie_juridique = models.CharField(max_length=4, blank=True)
    tranche_effectif = models.CharField(max_length=2, blank=True)

    class Meta:
        verbose_name = "fiche du répertoire"


def trouver(siret: str) -> Fiche | None:
    """La fiche de ce SIRET (14 chiffres), ou None si le répertoire ne le connaît pas."""
    return Fiche.objects.filter(siret=siret).first()

"""Le répertoire SIRENE : ce qu'un employeur peut en avoir besoin.

Unités et fiches restent deux tables, comme à l'INSEE : le nom d'une entreprise n'est pas répété sur chacun de ses
établissements, l'import n'a rien à joindre, et la lecture d'une fiche suit deux index en une requête.
Aucune clé étrangère ne vise ces tables : chaque import les remplace d'un bloc (repertoire.actions).
"""

from __future__ import annotations

import re
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apart.repertoire import adresses
from apart.repertoire.champs import NumeroField
from apart.socle.accents import sans_accents


class Unite(models.Model):
    """Une unité légale : la société, l'association, la commune, la personne qui a des établissements."""

    siren = NumeroField(max_length=9, primary_key=True)
    cessee_le = models.DateField(null=True)  # None : active, ou date inconnue
    est_cessee = models.BooleanField(default=False)
    est_masquee = models.BooleanField(default=False)  # diffusion partielle
    denomination = models.TextField(blank=True)  # vide si masquée
    categorie_juridique = models.CharField(max_length=4, blank=True)
    nic_siege = models.CharField(max_length=5, blank=True)

    class Meta:
        verbose_name = "unité légale"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(cessee_le=None) | Q(est_cessee=True), name="unite_cessee_datee"),
        ]


class Fiche(models.Model):
    """Un établissement tel que l'INSEE le décrit. La table est remplacée d'un bloc par chaque import."""

    siret = NumeroField(max_length=14, primary_key=True)
    # Sans contrainte : une unité peut manquer au fichier, la fiche vaut quand même.
    unite = models.ForeignKey(
        Unite, models.DO_NOTHING, db_column="siren", db_constraint=False, db_index=False, null=True, related_name="+"
    )
    fermee_le = models.DateField(null=True)  # None : ouverte, ou date inconnue ; parfois à venir
    est_fermee = models.BooleanField(default=False)
    est_siege = models.BooleanField(default=False)
    est_masquee = models.BooleanField(default=False)  # diffusion partielle : rien à préremplir
    enseigne = models.TextField(blank=True)  # le nom propre à l'établissement, s'il en a un
    numero_voie = models.TextField(blank=True)
    extension_voie = models.TextField(blank=True)
    type_voie = models.TextField(blank=True)
    libelle_voie = models.TextField(blank=True)
    complement = models.TextField(blank=True)
    code_postal = models.TextField(blank=True)  # celui du Cedex s'il y en a un ; souvent vide à l'étranger
    ville = models.TextField(blank=True)  # libellé du Cedex s'il y en a un
    pays = models.TextField(blank=True)  # vide en France
    code_commune = models.CharField(max_length=5, blank=True)
    # Deux nomenclatures côte à côte jusqu'à la bascule du 1er janvier 2027 : rien ne se décide sur l'une seule.
    activite = models.CharField(max_length=6, blank=True)  # APE (NAF rév. 2)
    activite_naf25 = models.CharField(max_length=6, blank=True)  # NAF 2025
    tranche_effectif = models.CharField(max_length=2, blank=True)

    class Meta:
        verbose_name = "fiche du répertoire"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(fermee_le=None) | Q(est_fermee=True), name="fiche_fermee_datee"),
        ]

    @property
    def denomination(self) -> str:
        """« COMMUNE DE NANTES, enseigne MAIRIE » : l'unité d'abord, l'enseigne seule ne dit pas de qui il s'agit.

        L'enseigne seule si l'unité est masquée ou absente du fichier ; vide si tout est masqué.
        """
        nom = self.unite.denomination if self.unite else ""
        if not nom:
            return self.enseigne
        return f"{nom}, enseigne {self.enseigne}" if _dit_autre_chose(self.enseigne, nom) else nom

    @property
    def categorie_juridique(self) -> str:
        return self.unite.categorie_juridique if self.unite else ""

    @property
    def fermeture(self) -> date | None:
        """Le jour où l'établissement ferme, ou celui où l'entreprise entière cesse."""
        return self.fermee_le or (self.unite.cessee_le if self.unite else None)

    @property
    def est_ouverte(self) -> bool:
        """Ouverte aujourd'hui : une fermeture annoncée pour plus tard ne ferme pas encore."""
        ferme = self.est_fermee or (self.unite is not None and self.unite.est_cessee)
        return not ferme or (self.fermeture is not None and self.fermeture > timezone.localdate())

    @property
    def lieu(self) -> str:
        return adresses.lieu(self)

    @property
    def adresse(self) -> str:
        return adresses.adresse(self)


class ImportationQuerySet(models.QuerySet["Importation"]):
    def derniere(self) -> Importation | None:
        return self.order_by("-pk").first()


class Importation(models.Model):
    """Un import réussi : de quoi dire d'où vient le répertoire et ce qui a été refusé."""

    commencee_le = models.DateTimeField(default=timezone.now)
    finie_le = models.DateTimeField(default=timezone.now)
    fichier_etablissements = models.CharField(max_length=255)
    fichier_unites = models.CharField(max_length=255)
    fiches = models.PositiveIntegerField()
    unites = models.PositiveIntegerField()
    refus = models.JSONField(default=list)  # [{"fichier", "motif", "nombre", "exemples"}]

    objects = ImportationQuerySet.as_manager()

    class Meta:
        verbose_name = "importation du répertoire"

    @property
    def sujet(self) -> str:
        """Le répertoire entier : un import le remplace, et c'est son histoire que l'on relit."""
        return "repertoire"


def _dit_autre_chose(enseigne: str, nom: str) -> bool:
    """Faux si les mots de l'enseigne se suivent déjà dans le nom, aux accents et à la ponctuation près."""
    mots = _mots(enseigne)
    return mots != "" and f" {mots} " not in f" {_mots(nom)} "


def _mots(texte: str) -> str:
    return " ".join(re.findall(r"\w+", sans_accents(texte.casefold().replace("&", " et "))))


def trouver(siret: str) -> Fiche | None:
    """La fiche de ce SIRET (14 chiffres), ou None si le répertoire ne le connaît pas. Une requête, deux index."""
    if not re.fullmatch(r"[0-9]{14}", siret):
        return None
    return Fiche.objects.select_related("unite").filter(siret=siret).first()


def nom_public(siret: str) -> str:
    """Le nom que le répertoire donne à cet établissement ; vide s'il est inconnu, ou masqué.

    Le seul nom qu'un courriel porte vers une adresse qui n'est pas prouvée : celui qui est tapé peut venir de
    n'importe qui, et arriver à n'importe qui (T17).
    """
    fiche = trouver(siret)
    return fiche.denomination if fiche else ""

"""Personnes, jetons et moyens de retrouver un accès."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from apart.comptes import identifiant as forme
from apart.socle.accents import normale
from apart.socle.chiffrement import empreinte


class UtilisateurQuerySet(models.QuerySet["Utilisateur"]):
    def toutes_leurs_adresses(self) -> list[tuple[int, str]]:
        """La clé de chaque personne avec son adresse, puis avec chacune de celles qu'elle a eues."""
        quittees = ChangementAdresse.objects.faits().filter(utilisateur__in=self.values("pk"))
        return [*self.values_list("pk", "courriel"), *quittees.values_list("utilisateur", "ancienne")]

    def a_cette_adresse(self, courriel: str) -> UtilisateurQuerySet:
        """Qui l'a, ou l'a eue avant d'en changer : on la lit encore après."""
        quittee = ChangementAdresse.objects.faits().filter(ancienne=courriel).values("utilisateur")
        return self.filter(Q(courriel=courriel) | Q(pk__in=quittee))


class UtilisateurManager(BaseUserManager["Utilisateur"]):
    def get_by_natural_key(self, username: str | None) -> Utilisateur:
        return self.get(identifiant=forme.normaliser(username or ""))

    def par_courriel(self, courriel: str) -> Utilisateur | None:
        """La personne qui a cette adresse (déjà normalisée par saisies.courriel), si elle existe."""
        return self.filter(courriel=courriel).first()

    def libre(self, identifiant: str) -> str:
        """Cet identifiant si personne ne l'a, sinon un autre."""
        return forme.tirer() if self.filter(identifiant=identifiant).exists() else identifiant

    def agents(self) -> models.QuerySet[Utilisateur]:
        return self.filter(est_agent=True).order_by("nom", "prenom", "pk")

    def agents_en_etat_d_agir(self) -> models.QuerySet[Utilisateur]:
        """Leur compte est ouvert, et ils ont choisi leur mot de passe."""
        return self.agents().filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


RETENUE_ADRESSE = timedelta(hours=24)  # une adresse qui vient d'être posée (comptes.retenue)
GEL_RECUPERATION = timedelta(hours=24)  # rien de ce qui rend un compte ne part à une adresse si neuve (décision 0022)
DELAI_RETOUR = timedelta(hours=72)  # l'adresse d'avant reprend le compte


class Utilisateur(AbstractBaseUser):
    """Une personne : une adresse électronique, un identifiant, pour tous ses établissements."""

    identifiant = models.CharField(max_length=8, unique=True, default=forme.tirer, editable=False)
    courriel = models.EmailField("adresse électronique", unique=True)
    nom = models.CharField(max_length=80)
    prenom = models.CharField("prénom", max_length=80)
    telephone = models.CharField("téléphone", max_length=32, blank=True)
    # Quand elle l'a changé elle-même ; vide, il date de l'ouverture de son compte.
    telephone_pose_le = models.DateTimeField(null=True, blank=True)
    # Deux reflets des affectations (administrations) : ce qui ouvre une page, ce sont les droits du jour.
    est_agent = models.BooleanField(default=False)
    est_superviseur = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    cree_le = models.DateTimeField(default=timezone.now)
    # Quand un accès a été repris sous cette adresse, ou qu'elle a été changée : elle ne sert d'abord à rien reprendre.
    adresse_posee_le = models.DateTimeField(null=True, blank=True)
    last_login = None  # Acces dit mieux : quand, d'où, avec quoi

    USERNAME_FIELD = "identifiant"
    EMAIL_FIELD = "courriel"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["courriel", "nom", "prenom"]
    objects = UtilisateurManager.from_queryset(UtilisateurQuerySet)()

    class Meta:
        verbose_name = "utilisateur"
        indexes: ClassVar = [
            models.Index(
                fields=["adresse_posee_le"],
                condition=Q(adresse_posee_le__isnull=False),
                name="utilisateur_adresse_posee",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(identifiant__regex=r"^[0-9A-HJKMNP-TV-Z]{8}$"), name="identifiant_crockford"
            ),
            models.CheckConstraint(condition=Q(courriel=Lower("courriel")), name="courriel_en_minuscules"),
            models.CheckConstraint(
                condition=Q(est_superviseur=False) | Q(est_agent=True), name="superviseur_est_agent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"

    @property
    def sujet(self) -> str:
        """Son nom dans le journal."""
        return f"utilisateur:{self.pk}"

    @property
    def adresse_retenue_jusqu_au(self) -> datetime | None:
        """Jusqu'à quand elle ne reprend aucun autre accès et ne répond de personne ; None : rien ne la retient."""
        fin = self.adresse_posee_le and self.adresse_posee_le + RETENUE_ADRESSE
        return fin if fin and fin > timezone.now() else None

    @property
    def agit_en_agent(self) -> bool:
        return self.is_active and self.est_agent

    @property
    def identifiant_lisible(self) -> str:
        return forme.lisible(self.identifiant)

    def set_password(self, raw_password: str | None) -> None:
        """Gardé sous la forme que motdepasse.ecritures essaie en premier."""
        super().set_password(raw_password and normale("NFKC", raw_password))

    @property
    def adresses(self) -> list[str]:
        """La sienne, et celles qu'elle a eues : qui change d'adresse reste la même personne, et lit encore l'autre."""
        return [self.courriel, *self.changements_adresse.faits().values_list("ancienne", flat=True)]

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.prenom


class Usage(models.TextChoices):
    """À quoi sert un jeton. Un jeton d'un usage est refusé partout ailleurs (T12)."""

    CREATION = "creation", "ouvrir un espace"
    MOT_DE_PASSE = "mot_de_passe", "choisir un nouveau mot de passe"
    REJOINDRE = "rejoindre", "demander à rejoindre un établissement"
    ADMISSION = "admission", "entrer dans un établissement après accord"
    ADRESSE = "adresse", "vérifier l'adresse d'un établissement"
    PREUVE = "preuve", "prouver que l'on lit le courriel d'un établissement"
    OPPOSITION = "opposition", "s'opposer à une preuve qui va être posée"
    ACTIVATION_AGENT = "activation_agent", "activer un compte d'agent"
    SUIVI = "suivi", "suivre une demande sans compte"
    REPRISE = "reprise", "demander une reprise d'accès"
    CODE_REPRISE = "code_reprise", "reprendre un accès par l'adresse de l'établissement"
    OPPOSITION_REPRISE = "opposition_reprise", "s'opposer à une reprise d'accès"
    ENTREE = "entree", "entrer dans un espace repris"
    FACTEUR_PERDU = "facteur_perdu", "annuler le remplacement d'un second facteur"
    NOUVEAU_FACTEUR = "nouveau_facteur", "remplacer un second facteur perdu"
    NOUVELLE_ADRESSE = "nouvelle_adresse", "prouver la nouvelle adresse d'un compte"
    REUNION = "reunion", "réunir deux comptes d'une personne"
    RETOUR_ADRESSE = "retour_adresse", "remettre l'adresse d'avant d'un compte"


class JetonQuerySet(models.QuerySet["Jeton"]):
    def vivants(self) -> JetonQuerySet:
        return self.filter(employe_le=None, annule_le=None, expire_le__gt=timezone.now())

    def du_secret(self, secret: str, *usages: Usage) -> JetonQuerySet:
        """Le jeton de ce lien, ou de la suite ouverte par son code, vivant ou non."""
        garde = empreinte(secret)
        return self.filter(Q(empreinte=garde) | Q(empreinte_suite=garde), usage__in=usages)


class Jeton(models.Model):
    """Un lien et un code envoyés par courriel : seules leurs empreintes sont gardées, ils servent une fois.

    Le lien de suivi, sans code, sert tant qu'il n'a pas expiré : rien ne l'emploie ni ne l'annule.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    usage = models.CharField(max_length=20, choices=Usage)
    courriel = models.EmailField()
    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, null=True, related_name="jetons")
    empreinte = models.CharField(max_length=64, unique=True)  # SHA-256 d'un secret de 256 bits
    # Secret remis après le bon code tapé ; NULL et non vide, pour que l'unicité tienne.
    empreinte_suite = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    empreinte_code = models.CharField(max_length=64, blank=True)  # HMAC du code de 8 signes, lié à la référence
    essais_question = models.PositiveSmallIntegerField(default=0)
    question_passee_le = models.DateTimeField(null=True)
    est_de_secours = models.BooleanField(default=False)  # remis contre un code de secours, sans courriel
    emis_le = models.DateTimeField(default=timezone.now)
    expire_le = models.DateTimeField()
    employe_le = models.DateTimeField(null=True)
    annule_le = models.DateTimeField(null=True)

    objects = JetonQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton"
        indexes: ClassVar = [
            models.Index(
                fields=["courriel"],
                condition=Q(employe_le=None, annule_le=None) & ~Q(usage="suivi"),
                name="jeton_a_employer",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(usage__in=Usage.values), name="jeton_usage_connu"),
            models.CheckConstraint(condition=Q(employe_le=None) | Q(annule_le=None), name="jeton_employe_ou_annule"),
            models.CheckConstraint(condition=Q(expire_le__gt=models.F("emis_le")), name="jeton_expire_apres_emission"),
            models.CheckConstraint(
                condition=~Q(usage="suivi") | Q(utilisateur=None, employe_le=None, annule_le=None),
                name="jeton_de_suivi_jamais_employe",
            ),
        ]

    def est_vivant(self, maintenant: datetime) -> bool:
        return self.employe_le is None and self.annule_le is None and maintenant < self.expire_le


class ChangementAdresseQuerySet(models.QuerySet["ChangementAdresse"]):
    def faits(self) -> ChangementAdresseQuerySet:
        return self.filter(defait_le=None)

    def defaisables(self) -> ChangementAdresseQuerySet:
        """Ceux que l'adresse d'avant peut encore défaire, du plus ancien au plus récent."""
        return self.faits().filter(fait_le__gt=timezone.now() - DELAI_RETOUR).order_by("fait_le", "pk")

    def gelent(self) -> ChangementAdresseQuerySet:
        """Si récents que rien de ce qui rend le compte ne part à la nouvelle adresse."""
        return self.faits().filter(fait_le__gt=timezone.now() - GEL_RECUPERATION)

    def du_lien(self, jetons: JetonQuerySet) -> ChangementAdresse | None:
        return self.filter(jetons__in=jetons).select_related("utilisateur").first()


class ChangementAdresse(models.Model):
    """L'adresse d'une personne est passée d'une boîte à une autre, toutes deux lues. Gardé tant que dure le compte."""

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.CASCADE, related_name="changements_adresse")
    ancienne = models.EmailField()
    nouvelle = models.EmailField()
    demande_le = models.DateTimeField()  # ce qui s'est ajouté au compte depuis part avec, quand on le défait
    fait_le = models.DateTimeField(default=timezone.now)
    defait_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="changements_adresse")  # de quoi le défaire

    objects = ChangementAdresseQuerySet.as_manager()

    class Meta:
        verbose_name = "changement d'adresse"
        indexes: ClassVar = [models.Index(fields=["ancienne"], name="changement_ancienne")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(ancienne=models.F("nouvelle")), name="changement_d_adresse_change"),
            models.CheckConstraint(
                condition=Q(defait_le=None) | Q(defait_le__gte=models.F("fait_le")), name="changement_dates"
            ),
        ]

    @property
    def retour_jusqu_au(self) -> datetime:
        return self.fait_le + DELAI_RETOUR

    @property
    def gel_jusqu_au(self) -> datetime:
        return self.fait_le + GEL_RECUPERATION


class Question(models.TextChoices):
    """Liste fermée : rien que l'on trouve sur un réseau social professionnel ou dans un registre."""

    ANIMAL = "animal", "Quel était le nom de votre premier animal ?"
    RUE = "rue", "Dans quelle rue avez-vous grandi ?"
    INSTITUTEUR = "instituteur", "Comment s'appelait votre premier instituteur ou votre première institutrice ?"
    PLAT = "plat", "Quel plat vous préparait-on pour votre anniversaire ?"
    LIVRE = "livre", "Quel livre vous a marqué enfant ?"
    VACANCES = "vacances", "Où avez-vous passé vos premières vacances ?"
    AMI = "ami", "Quel était le surnom de votre meilleur ami d'enfance ?"
    OBJET = "objet", "Quel objet d'enfance avez-vous gardé ?"


class QuestionSecrete(models.Model):
    """La question de la note de 2020. La réponse est hachée comme un mot de passe et ne suffit jamais seule."""

    utilisateur = models.OneToOneField(Utilisateur, on_delete=models.CASCADE, related_name="question_secrete")
    question = models.CharField(max_length=20, choices=Question)
    empreinte = models.CharField(max_length=200)
    modifiee_le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "question secrète"


class CodeSecours(models.Model):
    """Le code à imprimer, 16 signes (80 bits) : il remplace le courriel quand la messagerie bloque, une fois."""

    utilisateur = models.OneToOneField(Utilisateur, on_delete=models.CASCADE, related_name="code_secours")
    empreinte = models.CharField(max_length=64)
    cree_le = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "code de secours"

"""Établissements qui ont un espace, habilitations des personnes, demandes d'espace et demandes à rejoindre."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone

from apart.comptes.models import Acces, Jeton, Utilisateur
from apart.etablissements.etats import TRANSITIONS, EtatRejoindre
from apart.etablissements.trimestres import minuit
from apart.repertoire import adresses
from apart.socle.automate import Dossier
from apart.socle.models import EntreeJournal
from apart.socle.pages import INSTANT_ET_NUMERO, Cle, Liste

PLAFOND_ETABLISSEMENTS = 200  # par personne, comme l'extranet d'origine


class Coordonnees(models.Model):
    """Les champs « Information établissement » de la note."""

    siret = models.CharField("N° de Siret", max_length=14)
    denomination = models.CharField("Dénomination de l'établissement", max_length=250)
    numero_voie = models.CharField("Numéro de voie", max_length=20, blank=True)
    extension_voie = models.CharField("Extension de voie", max_length=20, blank=True)
    type_voie = models.CharField("Type de voie", max_length=40, blank=True)
    libelle_voie = models.CharField("Libellé de la voie", max_length=120)
    complement = models.CharField("Complément d'adresse", max_length=160, blank=True)
    code_postal = models.CharField("Code postal", max_length=12, blank=True)  # vide là où il n'y en a pas
    ville = models.CharField("Ville", max_length=120)
    pays = models.CharField("Pays", max_length=60, blank=True)  # vide en France
    telephone_fixe = models.CharField("Téléphone fixe", max_length=32)
    fax = models.CharField("Fax", max_length=32, blank=True)
    courriel = models.EmailField("Courriel établissement")
    est_a_confirmer = models.BooleanField(default=False)  # SIRET absent du répertoire

    class Meta:
        abstract = True

    @property
    def sujet(self) -> str:
        """Le nom de l'établissement dans le journal."""
        return f"etablissement:{self.siret}"

    @property
    def lieu(self) -> str:
        return adresses.lieu(self)

    @property
    def adresse(self) -> str:
        return adresses.adresse(self)


class EtablissementQuerySet(models.QuerySet["Etablissement"]):
    def visibles_par(self, utilisateur: Utilisateur) -> EtablissementQuerySet:
        """Ceux où la personne a une habilitation active ; la seule porte vers un établissement (T25)."""
        return self.filter(habilitations__in=Habilitation.objects.actives().filter(utilisateur=utilisateur)).distinct()

    def sans_principal(self) -> EtablissementQuerySet:
        """Ceux où quelqu'un a accès, dont aucun principal n'a de compte ouvert, et où l'on n'en attend aucun."""
        gens = Habilitation.objects.agissantes().filter(etablissement=OuterRef("pk"))
        attendus = self.exclude(acces_attendu_jusqu_au__gt=timezone.now())
        return attendus.filter(Exists(gens), ~Exists(gens.filter(role=Role.PRINCIPAL)))


class Etablissement(Coordonnees):
    """Un établissement qui a son espace."""

    cree_le = models.DateTimeField(default=timezone.now)
    # Le « courriel établissement » : qui l'a posé, et quand quelqu'un y a ouvert notre lien. Vides, il ne prouve rien.
    courriel_pose_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    courriel_prouve_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(
        Jeton, related_name="etablissements"
    )  # les liens envoyés au courriel établissement
    # Une personne va y entrer comme utilisateur principal : elle a, jusque-là, son mot de passe à choisir.
    acces_attendu_jusqu_au = models.DateTimeField(null=True)

    objects = EtablissementQuerySet.as_manager()

    class Meta:
        verbose_name = "établissement"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["siret"], name="un_espace_par_siret"),
            models.CheckConstraint(condition=Q(siret__regex=r"^[0-9]{14}$"), name="siret_14_chiffres"),
        ]

    def __str__(self) -> str:
        return self.denomination

    @property
    def courriel_est_d_un_membre(self) -> bool:
        """L'adresse d'une personne, prouvée comme la sienne, n'en prouve aucune autre ; celle d'avant non plus."""
        siens = Utilisateur.objects.a_cette_adresse(self.courriel).values("pk")
        return self.habilitations.actives().filter(utilisateur__in=siens).exists()


class Role(models.TextChoices):
    PRINCIPAL = "principal", "utilisateur principal"
    MEMBRE = "membre", "membre"
    TIERS = "tiers", "tiers déclarant"


# Le plus fort de deux rôles d'une même personne : deux accès, ou deux comptes, qui n'en font plus qu'un.
RANGS: Final = {Role.TIERS: 0, Role.MEMBRE: 1, Role.PRINCIPAL: 2}


class Preuve(models.IntegerChoices):
    """Sur quoi repose une habilitation, du plus faible au plus fort (etablissements.preuves, décision 0014)."""

    COURRIEL = 1, "messagerie de la personne"
    DOMAINE = 2, "même domaine que l'établissement"
    COURRIEL_ETABLISSEMENT = 3, "code reçu à l'adresse de l'établissement"
    MEMBRE = 4, "accord d'un membre de l'établissement"
    LETTRE = 5, "code reçu par lettre à l'adresse du répertoire"
    REPRESENTANT = 6, "représentant légal vérifié"


# Celles qui viennent de quelqu'un : qui a posé le domaine ou l'adresse, ou donné l'accord.
DERIVEES = (Preuve.DOMAINE, Preuve.COURRIEL_ETABLISSEMENT, Preuve.MEMBRE)
# Celles qui viennent de l'établissement lui-même, hors de toute messagerie : aucun garant ne les plafonne.
INDEPENDANTES = (Preuve.LETTRE, Preuve.REPRESENTANT)


class MotifRetrait(models.TextChoices):
    """Pourquoi une habilitation a pris fin."""

    DEPART = "depart", "cette personne n'y travaille plus"
    MISSION = "mission", "sa mission est terminée"
    INCONNUE = "inconnue", "personne inconnue de l'établissement"
    AUTRE = "autre", "une autre raison"
    QUITTE = "quitte", "cette personne a quitté l'établissement d'elle-même"
    REPRISE = "reprise", "une reprise d'accès"
    DEFAITE = "defaite", "la reprise d'accès qui l'avait fait entrer est défaite"
    REUNION = "reunion", "deux comptes d'une même personne sont réunis"


class HabilitationQuerySet(models.QuerySet["Habilitation"]):
    def actives(self) -> HabilitationQuerySet:
        return self.filter(au=None)

    def de(self, utilisateur: Utilisateur) -> HabilitationQuerySet:
        return (
            self.filter(utilisateur=utilisateur)
            .select_related("etablissement")
            .order_by("etablissement__denomination")
        )

    def finies_de(self, utilisateur: Utilisateur) -> HabilitationQuerySet:
        """Celles qui ont pris fin dans l'année sans qu'il y ait encore accès, la dernière en tête."""
        siens = Habilitation.objects.actives().filter(utilisateur=utilisateur).values("etablissement")
        depuis = timezone.now() - timedelta(days=365)
        finies = self.filter(utilisateur=utilisateur, au__gt=depuis).exclude(etablissement__in=siens)
        return finies.select_related("etablissement").order_by("-au")

    def principales(self) -> HabilitationQuerySet:
        return self.actives().filter(role=Role.PRINCIPAL)

    def qui_decident(self) -> HabilitationQuerySet:
        """Les principales dont personne ne conteste l'accès : elles admettent, retirent, changent un rôle."""
        return self.principales().filter(contestee_le=None)

    def agissantes(self) -> HabilitationQuerySet:
        """Celles dont la personne a un compte ouvert."""
        return self.actives().filter(utilisateur__is_active=True)

    def candidates(self) -> HabilitationQuerySet:
        """Les membres à qui le rôle de principal peut s'offrir, du plus ancien au plus récent.

        Assez prouvés, et dont personne ne conteste l'accès. Un cabinet n'en est pas.
        """
        assez = self.agissantes().filter(role=Role.MEMBRE, valeur__gte=Preuve.MEMBRE, contestee_le=None)
        return assez.order_by("du", "pk")

    def qui_tiennent_seules(self) -> HabilitationQuerySet:
        """Les candidates dont la preuve ne vient de personne (5 ou 6) : elles peuvent prendre le rôle elles-mêmes."""
        return self.candidates().filter(preuve__in=INDEPENDANTES)

    def avec_leurs_traces(self) -> HabilitationQuerySet:
        """Et, pour chacune, le dernier geste de la personne dans l'établissement, sa dernière connexion."""
        histoire = EntreeJournal.objects.filter(
            par=OuterRef("utilisateur"), sujet=Concat(Value("etablissement:"), OuterRef("etablissement__siret"))
        )
        acces = Acces.objects.filter(utilisateur=OuterRef("utilisateur")).order_by("-le")
        return self.select_related("utilisateur").annotate(
            dernier_geste=Subquery(histoire.order_by("-le").values("le")[:1]),
            derniere_connexion=Subquery(acces.values("le")[:1]),
        )

    def a_revoir(self, trimestre: date) -> HabilitationQuerySet:
        """Celles d'utilisateurs principaux dont l'établissement, ouvert avant ce trimestre, n'y est pas encore revu.

        Là où elle est seule, la personne n'a rien à revoir.
        """
        ici = Q(etablissement=OuterRef("etablissement"))
        autres = Habilitation.objects.actives().filter(ici, ~Q(utilisateur=OuterRef("utilisateur")))
        ouverts_avant = self.principales().filter(etablissement__cree_le__lt=minuit(trimestre))
        restent = ouverts_avant.filter(Exists(autres)).exclude(etablissement__revues__trimestre=trimestre)
        return restent.order_by("du", "pk")


class Habilitation(models.Model):
    """Qui peut agir pour quel établissement, depuis quand, et sur quelle preuve."""

    utilisateur = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="habilitations")
    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="habilitations")
    role = models.CharField(max_length=10, choices=Role)
    preuve = models.PositiveSmallIntegerField(choices=Preuve)
    garant = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    valeur = models.PositiveSmallIntegerField(default=Preuve.COURRIEL)  # ce que vaut la preuve, au plus son garant
    prouvee_le = models.DateTimeField(default=timezone.now)
    du = models.DateTimeField(default=timezone.now)
    au = models.DateTimeField(null=True)
    finie_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    motif_fin = models.CharField("pourquoi elle a pris fin", max_length=10, choices=MotifRetrait, blank=True)
    contestee_le = models.DateTimeField(
        null=True
    )  # quelqu'un s'oppose à la reprise qui l'a donnée ; des agents lisent
    role_pris_le = models.DateTimeField(null=True)  # principal sans qu'on l'ait désigné, sur sa seule preuve (4 à 6)

    objects = HabilitationQuerySet.as_manager()

    class Meta:
        verbose_name = "habilitation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["utilisateur", "etablissement"], condition=Q(au=None), name="une_habilitation_active"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="habilitation_role_connu"),
            models.CheckConstraint(condition=Q(preuve__in=Preuve.values), name="habilitation_preuve_connue"),
            models.CheckConstraint(condition=Q(au=None) | Q(au__gte=models.F("du")), name="habilitation_dates"),
            models.CheckConstraint(
                condition=(~Q(preuve__in=DERIVEES) & Q(garant=None, valeur=models.F("preuve")))
                | Q(preuve__in=DERIVEES, garant=None, valeur=Preuve.COURRIEL)
                | Q(
                    preuve__in=DERIVEES,
                    garant__isnull=False,
                    valeur__gte=Preuve.COURRIEL,
                    valeur__lte=models.F("preuve"),
                ),
                name="habilitation_valeur_plafonnee",
            ),
            models.CheckConstraint(
                condition=Q(garant=None) | ~Q(garant=models.F("utilisateur")), name="habilitation_garant_autre"
            ),
            models.CheckConstraint(
                condition=Q(motif_fin="") | Q(au__isnull=False, motif_fin__in=MotifRetrait.values),
                name="habilitation_motif_d_une_fin",
            ),
            models.CheckConstraint(
                condition=Q(role_pris_le=None) | Q(role=Role.PRINCIPAL),
                name="habilitation_role_pris_de_principal",
            ),
        ]

    @property
    def permet_paiement(self) -> bool:
        """L'argent ne bouge que sur une preuve qui vaut plus que la seule messagerie d'une personne.

        Ni tant que des agents lisent une opposition à la façon dont cet accès a été donné.
        """
        return self.valeur >= Preuve.COURRIEL_ETABLISSEMENT and self.contestee_le is None

    @property
    def peut_monter(self) -> bool:
        """Vrai s'il reste une preuve plus forte à donner : l'attestation, au moins, est ouverte à tous."""
        return self.valeur < Preuve.REPRESENTANT

    @property
    def est_plafonnee(self) -> bool:
        """Vrai si la preuve vaut moins que son rang, faute d'un garant qui ait mieux prouvé."""
        return self.valeur < self.preuve

    def garanties(self) -> HabilitationQuerySet:
        """Celles de l'établissement qui reposent sur l'accord de cette personne."""
        ici = Habilitation.objects.actives().filter(etablissement=self.etablissement_id, preuve=Preuve.MEMBRE)
        return ici.filter(garant=self.utilisateur_id).select_related("utilisateur").order_by("pk")


PAR_ENTREE: Liste[Habilitation] = Liste(
    ordre=(F("du"), F("pk")),
    place=lambda sens, habilitation: Cle(sens, (), habilitation.du, habilitation.pk),
    forme=re.compile(f"(apres|avant)-{INSTANT_ET_NUMERO}", re.ASCII),
)


class DemandeEspace(Coordonnees):
    """Ce qui a été saisi pour ouvrir un espace, à relire une fois l'adresse prouvée. Effacée après 7 jours."""

    nom = models.CharField("Nom", max_length=80)
    prenom = models.CharField("Prénom", max_length=80)
    telephone = models.CharField("Téléphone", max_length=32)
    courriel_utilisateur = models.EmailField("Courriel")
    question = models.CharField("Question secrète", max_length=20, blank=True)  # proposée ; choisie après la preuve
    cgu_acceptees_le = models.DateTimeField(default=timezone.now)
    deposee_le = models.DateTimeField(default=timezone.now)
    ouverte_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="demandes_espace")

    class Meta:
        verbose_name = "demande d'espace"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(siret__regex=r"^[0-9]{14}$"), name="demande_siret_14_chiffres"),
        ]


class DemandeRejoindreQuerySet(models.QuerySet["DemandeRejoindre"]):
    def adressees_a(self, utilisateur: Utilisateur) -> DemandeRejoindreQuerySet:
        """Demandes à l'adresse prouvée, répondues ou non, d'un établissement dont la personne est principale."""
        siens = Habilitation.objects.principales().filter(utilisateur=utilisateur).values("etablissement")
        return self.filter(etablissement__in=siens).exclude(etat=EtatRejoindre.DEPOSEE)

    def a_decider_par(self, utilisateur: Utilisateur) -> DemandeRejoindreQuerySet:
        """Celles qui attendent encore une réponse."""
        ouvertes = self.adressees_a(utilisateur).filter(etat=EtatRejoindre.CONFIRMEE)
        return ouvertes.select_related("etablissement").order_by("confirmee_le")


class DemandeRejoindre(Dossier):
    """Une personne demande à rejoindre un établissement ; un utilisateur principal répond dans son espace."""

    TRANSITIONS = TRANSITIONS

    etablissement = models.ForeignKey(Etablissement, on_delete=models.CASCADE, related_name="demandes_rejoindre")
    nom = models.CharField("Nom", max_length=80)
    prenom = models.CharField("Prénom", max_length=80)
    telephone = models.CharField("Téléphone", max_length=32)
    courriel = models.EmailField("Courriel")
    etat = models.CharField("état", max_length=10, choices=EtatRejoindre, default=EtatRejoindre.DEPOSEE)
    deposee_le = models.DateTimeField(default=timezone.now)
    confirmee_le = models.DateTimeField(null=True)
    traitee_le = models.DateTimeField(null=True)
    traitee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    jetons = models.ManyToManyField(Jeton, related_name="demandes_rejoindre")

    objects = DemandeRejoindreQuerySet.as_manager()

    class Meta:
        verbose_name = "demande à rejoindre"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(etat=EtatRejoindre.DEPOSEE, confirmee_le=None, traitee_le=None, traitee_par=None)
                | Q(etat=EtatRejoindre.CONFIRMEE, confirmee_le__isnull=False, traitee_le=None, traitee_par=None)
                | Q(
                    etat__in=[
                        EtatRejoindre.ACCEPTEE,
                        EtatRejoindre.REFUSEE,
                        EtatRejoindre.ENTREE,
                        EtatRejoindre.ANNULEE,
                    ],
                    confirmee_le__isnull=False,
                    traitee_le__isnull=False,
                    traitee_par__isnull=False,
                ),
                name="rejoindre_datee_selon_son_etat",
            ),
        ]

    @property
    def sujet(self) -> str:
        """L'établissement : c'est son histoire que l'on relit."""
        return self.etablissement.sujet

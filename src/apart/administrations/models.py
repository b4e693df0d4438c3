"""Les services de l'État, et qui y est affecté, dans quel rôle, de quand à quand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from apart.administrations.etats import TRANSITIONS, EtatProposition
from apart.comptes.models import Utilisateur
from apart.repertoire.departements import DEPARTEMENTS
from apart.socle.automate import Dossier


class SorteService(models.TextChoices):
    ASSISTANCE = "assistance", "Assistance"
    DDETS = "ddets", "DDETS"
    DREETS = "dreets", "DREETS"
    AGENCE_DE_PAIEMENT = "agence_de_paiement", "Agence de paiement"


# Les autres n'ont de compétence que là où ils sont : sans département, ils verraient tout le pays.
NATIONALES = (SorteService.ASSISTANCE, SorteService.AGENCE_DE_PAIEMENT)


# Au nom de qui part une lettre, dans cet ordre ; l'agence de paiement n'écrit pas pour prouver un accès.
EXPEDITRICES = (SorteService.DDETS, SorteService.DREETS, SorteService.ASSISTANCE)


class ServiceQuerySet(models.QuerySet["Service"]):
    def ouverts(self) -> ServiceQuerySet:
        return self.filter(ferme_le=None)

    def assistance_nationale(self) -> Service | None:
        """Le service d'assistance de tout le territoire ; le plus ancien s'il y en a plusieurs."""
        return self.ouverts().filter(sorte=SorteService.ASSISTANCE, departements=[]).order_by("pk").first()

    def expediteurs(self) -> list[Service]:
        """Ceux au nom de qui l'on écrit à un établissement, le plus proche d'abord (DDETS, DREETS, assistance).

        Ouverts, et dont l'adresse est connue : une lettre revenue y arrive.
        """
        ouverts = self.ouverts().filter(sorte__in=EXPEDITRICES).exclude(adresse="").order_by("pk")
        return sorted(
            ouverts, key=lambda service: (service.est_national, EXPEDITRICES.index(SorteService(service.sorte)))
        )

    def couverts_par(self, departements: Collection[str] | None) -> ServiceQuerySet:
        """Ceux dont tous les départements sont là ; None : tous, les nationaux compris."""
        if departements is None:
            return self.all()
        return self.filter(departements__contained_by=sorted(departements)).exclude(departements=[])


class Service(models.Model):
    """Un service de l'État, et les départements où il est compétent : une donnée que l'exploitant tient à jour."""

    nom = models.CharField(max_length=120, unique=True)
    sorte = models.CharField(max_length=20, choices=SorteService)
    departements = ArrayField(models.CharField(max_length=3), default=list, blank=True)  # vide : tout le territoire
    adresse = models.TextField("adresse postale", max_length=400, blank=True)
    signature = models.TextField("bloc de signature", max_length=400, blank=True)
    courriel = models.EmailField("adresse électronique", blank=True)
    telephone = models.CharField("téléphone", max_length=32, blank=True)
    cree_le = models.DateTimeField(default=timezone.now)
    ferme_le = models.DateTimeField(null=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "service"
        ordering: ClassVar = ["nom", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sorte__in=SorteService.values), name="service_sorte_connue"),
            models.CheckConstraint(
                condition=Q(departements__contained_by=list(DEPARTEMENTS)), name="service_departements_connus"
            ),
            models.CheckConstraint(
                condition=Q(sorte__in=NATIONALES) | ~Q(departements=[]), name="service_national_selon_sa_sorte"
            ),
        ]

    def __str__(self) -> str:
        return self.nom

    @property
    def sujet(self) -> str:
        return f"service:{self.pk}"

    @property
    def est_national(self) -> bool:
        return not self.departements

    def est_competent(self, departement: str) -> bool:
        """Vrai là, ou partout s'il est national ; un département inconnu (vide) n'est qu'aux nationaux."""
        return self.est_national or departement in self.departements

    @property
    def est_ferme(self) -> bool:
        return self.ferme_le is not None

    @property
    def lieux(self) -> str:
        """« Loire-Atlantique (44), Vendée (85) », ou « tout le territoire »."""
        noms = [f"{DEPARTEMENTS[code]} ({code})" for code in self.departements]
        return ", ".join(noms) or "tout le territoire"


class RoleAgent(models.TextChoices):
    """Ce qu'un agent fait dans un service ; ses droits sont dans administrations.droits."""

    LECTEUR = "lecteur", "lecteur"
    ASSISTANCE = "assistance", "assistance"
    INSTRUCTEUR = "instructeur", "instructeur"
    SIGNATAIRE = "signataire", "signataire"
    CONTROLEUR = "controleur", "contrôleur"
    PAYEUR = "payeur", "payeur"
    SUPERVISEUR = "superviseur", "superviseur"


class AffectationQuerySet(models.QuerySet["Affectation"]):
    def en_cours(self, jour: date) -> AffectationQuerySet:
        return self.filter(Q(au=None) | Q(au__gt=jour), du__lte=jour)

    def pas_finies(self, jour: date) -> AffectationQuerySet:
        """En cours, ou à venir."""
        return self.filter(Q(au=None) | Q(au__gt=jour))

    def donnees_a(self, agent: Utilisateur, jour: date) -> AffectationQuerySet:
        """Les siennes, et celles dont il est le suppléant tant que dure l'absence."""
        en_suppleance = Q(suppleant=agent, absent_du__lte=jour, absent_au__gt=jour)
        return self.en_cours(jour).filter(Q(agent=agent) | en_suppleance)

    def supplees_par(self, agent: Utilisateur, jour: date) -> AffectationQuerySet:
        """Celles dont il est, ou sera, le suppléant."""
        siennes = self.pas_finies(jour).filter(suppleant=agent, absent_au__gt=jour)
        return siennes.select_related("agent", "service").order_by("absent_du", "pk")

    def superviseurs_durables(self, jour: date) -> AffectationQuerySet:
        """Les superviseurs de tout le territoire, en cours, sans date de fin, dont le compte est ouvert."""
        nationaux = self.en_cours(jour).filter(service__departements=[], role=RoleAgent.SUPERVISEUR)
        return nationaux.filter(au=None, agent__is_active=True)


PERIODE = Func("du", "au", RangeBoundary(), function="daterange", output_field=DateRangeField())


class Affectation(models.Model):
    """Un agent dans un service, avec un rôle, de « du » (compris) à « au » (exclu), à la date de Paris.

    Pendant son absence (mêmes bornes), le suppléant a aussi ce que cette affectation donne.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="affectations")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="affectations")
    role = models.CharField("rôle", max_length=12, choices=RoleAgent)
    du = models.DateField()
    au = models.DateField(null=True)  # le premier jour sans elle ; le même que « du » : elle n'a jamais compté
    suppleant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="suppleances"
    )
    absent_du = models.DateField(null=True)
    absent_au = models.DateField(null=True)  # le jour du retour

    objects = AffectationQuerySet.as_manager()

    class Meta:
        verbose_name = "affectation"
        ordering: ClassVar = ["agent", "du", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=RoleAgent.values), name="affectation_role_connu"),
            models.CheckConstraint(condition=Q(au=None) | Q(au__gte=F("du")), name="affectation_dates_en_ordre"),
            models.CheckConstraint(
                condition=Q(suppleant=None, absent_du=None, absent_au=None)
                | Q(suppleant__isnull=False, absent_du__isnull=False, absent_au__isnull=False)
                & Q(absent_au__gt=F("absent_du")),
                name="affectation_absence_entiere",
            ),
            models.CheckConstraint(
                condition=Q(suppleant=None) | ~Q(suppleant=F("agent")), name="affectation_suppleee_par_un_autre"
            ),
            ExclusionConstraint(
                name="affectation_une_a_la_fois",
                expressions=[
                    ("agent", RangeOperators.EQUAL),
                    ("service", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (PERIODE, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.service}"

    @property
    def est_finie(self) -> bool:
        return self.au is not None and self.au <= timezone.localdate()

    @property
    def est_en_cours(self) -> bool:
        jour = timezone.localdate()
        return self.du <= jour and (self.au is None or jour < self.au)

    @property
    def est_suppleee(self) -> bool:
        """Vrai tant que dure l'absence."""
        return bool(self.absent_du and self.absent_au and self.absent_du <= timezone.localdate() < self.absent_au)


class PropositionFacteurQuerySet(models.QuerySet["PropositionFacteur"]):
    def proposees(self) -> PropositionFacteurQuerySet:
        return self.filter(etat=EtatProposition.PROPOSEE)

    def a_perimer(self) -> PropositionFacteurQuerySet:
        return self.proposees().filter(proposee_le__lte=timezone.now() - PropositionFacteur.POUR_APPROUVER)


class PropositionFacteur(Dossier):
    """Un superviseur propose de remplacer le second facteur perdu d'un agent ; un autre l'approuve."""

    TRANSITIONS = TRANSITIONS
    POUR_APPROUVER = timedelta(days=7)

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="propositions_facteur")
    etat = models.CharField(max_length=10, choices=EtatProposition, default=EtatProposition.PROPOSEE)
    motif = models.TextField("comment vous l'avez reconnu", max_length=1000)
    proposee_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposee_le = models.DateTimeField(default=timezone.now)
    tranchee_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    tranchee_le = models.DateTimeField(null=True)

    objects = PropositionFacteurQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition de second facteur"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(etat__in=EtatProposition.values), name="proposition_etat_connu"),
            models.UniqueConstraint(
                fields=["agent"], condition=Q(etat=EtatProposition.PROPOSEE), name="proposition_une_par_agent"
            ),
            models.CheckConstraint(
                condition=~Q(proposee_par=F("agent")) & (Q(tranchee_par=None) | ~Q(tranchee_par=F("agent"))),
                name="proposition_jamais_l_agent",
            ),
            models.CheckConstraint(
                condition=~Q(etat=EtatProposition.APPROUVEE)
                | Q(tranchee_par__isnull=False) & ~Q(tranchee_par=F("proposee_par")),
                name="proposition_approuvee_par_un_autre",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatProposition.PROPOSEE, tranchee_le=None)
                | ~Q(etat=EtatProposition.PROPOSEE) & Q(tranchee_le__isnull=False),
                name="proposition_tranchee_le",
            ),
        ]

    @property
    def sujet(self) -> str:
        return self.agent.sujet

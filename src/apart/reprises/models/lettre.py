"""Une lettre à l'adresse du répertoire, qui porte un code ; et les lots où elles s'impriment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import ClassVar

from cryptography.fernet import InvalidToken
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apart.administrations.droits import Droit, departements_de
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.etats import EN_COURS, TRANSITIONS_LETTRE, VIVANTES, EtatLettre
from apart.reprises.lettres import ESSAIS, LIGNES, SIGNES, Pli
from apart.reprises.models.reprise import Reprise
from apart.socle.automate import Dossier
from apart.socle.chiffrement import coffre
from apart.socle.pages import INSTANT_ET_NUMERO, Cle, Liste, Page
from apart.socle.saisies import boite

RENVOI_APRES = timedelta(days=10)  # au-delà, on peut en demander une autre
TELECHARGEMENT = timedelta(hours=24)  # les fichiers d'un lot, après l'impression ou une réimpression motivée
PLACES = 3  # lettres de reprises en route à la fois vers un établissement, chacune d'un demandeur
PAR_PAGE = 25
LISTE_FORME = re.compile(f"(apres|avant)-{INSTANT_ET_NUMERO}", re.ASCII)
ADRESSE = rf"^[A-Z0-9 ]{{1,{SIGNES}}}(\n[A-Z0-9 ]{{1,{SIGNES}}}){{1,{LIGNES}}}$"


class LotLettresQuerySet(models.QuerySet["LotLettres"]):
    def visibles_par(self, agent: Utilisateur) -> LotLettresQuerySet:
        """Ceux qui portent une lettre qu'il voit, le plus récent en tête."""
        siennes = Lettre.objects.visibles_par(agent).filter(lot__isnull=False).values("lot")
        return self.filter(pk__in=siennes).select_related("imprime_par", "confie_a").order_by("-pk")


class LotLettres(models.Model):
    """Des lettres imprimées ensemble : un PDF et un CSV, recomposés à l'identique, dont seule l'empreinte se garde."""

    imprime_le = models.DateTimeField(default=timezone.now)
    imprime_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    nombre = models.PositiveSmallIntegerField()
    empreinte = models.CharField(max_length=64)  # SHA-256 du PDF
    # Ses fichiers portent des codes : un seul agent les télécharge, un jour seulement.
    confie_a = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, related_name="+")
    confie_jusqu_au = models.DateTimeField()

    objects = LotLettresQuerySet.as_manager()

    class Meta:
        verbose_name = "lot de lettres"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(nombre__gte=1), name="lot_de_lettres_non_vide"),
            models.CheckConstraint(condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"), name="lot_de_lettres_empreinte"),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def numero(self) -> str:
        return f"LL-{timezone.localtime(self.imprime_le).year}-{self.pk:05d}"

    @property
    def sujet(self) -> str:
        return f"lot_lettres:{self.pk}"

    def est_confie_a(self, agent: Utilisateur) -> bool:
        return self.confie_a_id == agent.pk and timezone.now() < self.confie_jusqu_au


class LettreQuerySet(models.QuerySet["Lettre"]):
    def vivantes(self) -> LettreQuerySet:
        return self.filter(etat__in=VIVANTES)

    def de_la_sorte(self, *, est_reprise: bool) -> LettreQuerySet:
        """Celles des reprises, ou celles des habilitations : les unes ne prennent pas la place des autres."""
        return self.filter(reprise__isnull=not est_reprise)

    def parties_depuis(self, duree: timedelta) -> LettreQuerySet:
        """Celles qu'un établissement a reçues ou va recevoir ; annulée avant de partir, une lettre ne compte pas.

        Sauf écartée par un agent : elle ne compte plus que contre qui l'avait demandée.
        """
        jamais_partie = Q(etat=EtatLettre.ANNULEE, imprimee_le=None, ecartee_par=None)
        return self.filter(ecrite_le__gt=timezone.now() - duree).exclude(jamais_partie)

    def sans_objet(self) -> LettreQuerySet:
        """Vivantes, quand ce qu'elles prouveraient ne le demande plus."""
        attendue = Q(habilitation__au=None, habilitation__valeur__lt=Preuve.LETTRE)
        return self.vivantes().exclude(attendue | Q(reprise__etat__in=EN_COURS))

    def visibles_par(self, agent: Utilisateur) -> LettreQuerySet:
        """Celles des départements où il imprime ; toutes, s'il imprime pour tout le territoire."""
        lieux = departements_de(agent, Droit.IMPRIMER_LETTRES)
        return self.all() if lieux is None else self.filter(departement__in=lieux)

    def maniables_par(self, agent: Utilisateur) -> LettreQuerySet:
        """Hors des établissements où il a, ou a eu, un accès, et des demandes de sa boîte (T21)."""
        siens = Habilitation.objects.filter(utilisateur=agent).values("etablissement")
        en_route = self.vivantes().exclude(reprise=None).values_list("reprise", "reprise__courriel")
        siennes = [pk for pk, courriel in en_route if boite(courriel) == boite(agent.courriel)]
        return self.visibles_par(agent).exclude(etablissement__in=siens).exclude(reprise__in=siennes)

    def page(self, demandee: str) -> Page[Lettre]:
        """La plus récente en tête."""
        rangees = self.select_related("etablissement", "lot").order_by("-ecrite_le", "-pk")
        return LISTE.page(rangees, demandee, par_page=PAR_PAGE)


class Lettre(Dossier):
    """Une lettre, pour une habilitation ou pour une reprise d'accès ; son code ne se lit pas dans la base."""

    TRANSITIONS = TRANSITIONS_LETTRE

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="lettres")
    habilitation = models.ForeignKey(Habilitation, on_delete=models.PROTECT, null=True, related_name="lettres")
    reprise = models.ForeignKey(Reprise, on_delete=models.PROTECT, null=True, related_name="lettres")
    demandee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    # D'une reprise : la boîte de qui la demande (socle.saisies.boite), et l'une des trois places de l'établissement.
    demandeur = models.CharField(max_length=254, blank=True)
    place = models.PositiveSmallIntegerField(null=True)
    ecartee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")  # un agent
    # Ceux du répertoire, au moment d'écrire : l'import suivant ne les change pas.
    denomination = models.TextField(blank=True)
    departement = models.CharField("département", max_length=3, blank=True)  # de lui dépend qui imprime
    adresse = models.TextField()
    code_chiffre = models.BinaryField()  # vide dès que la lettre ne vaut plus
    etat = models.CharField("état", max_length=10, choices=EtatLettre, default=EtatLettre.A_IMPRIMER)
    essais = models.PositiveSmallIntegerField(default=0)
    ecrite_le = models.DateTimeField(default=timezone.now)
    lot = models.ForeignKey(LotLettres, on_delete=models.PROTECT, null=True, related_name="lettres")
    imprimee_le = models.DateTimeField(null=True)
    expire_le = models.DateTimeField(null=True)
    finie_le = models.DateTimeField(null=True)

    objects = LettreQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre"
        indexes: ClassVar = [
            models.Index(fields=["-ecrite_le", "-id"], name="lettre_liste"),
            models.Index(fields=["etat", "ecrite_le"], condition=Q(etat__in=VIVANTES), name="lettre_file"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(habilitation__isnull=False, reprise=None) | Q(habilitation=None, reprise__isnull=False),
                name="lettre_un_seul_objet",
            ),
            # À part : la demande d'un inconnu ne prend pas la place de qui a déjà un accès.
            models.UniqueConstraint(
                fields=["etablissement"],
                condition=Q(etat__in=VIVANTES, reprise=None),
                name="une_lettre_vivante_pour_une_habilitation",
            ),
            # Une par demandeur, trois en tout : un inconnu n'occupe pas la place d'un autre.
            models.UniqueConstraint(
                fields=["etablissement", "demandeur"],
                condition=Q(etat__in=VIVANTES, habilitation=None),
                name="une_lettre_vivante_par_demandeur",
            ),
            models.UniqueConstraint(
                fields=["etablissement", "place"],
                condition=Q(etat__in=VIVANTES, habilitation=None),
                name="une_lettre_vivante_par_place",
            ),
            models.CheckConstraint(
                condition=Q(reprise=None, demandeur="", place=None)
                | (Q(reprise__isnull=False, place__range=(1, PLACES)) & ~Q(demandeur="")),
                name="lettre_d_une_reprise_a_sa_place",
            ),
            models.CheckConstraint(condition=Q(etat__in=EtatLettre.values), name="lettre_etat_connu"),
            models.CheckConstraint(condition=Q(essais__lte=ESSAIS), name="lettre_essais"),
            models.CheckConstraint(condition=Q(adresse__regex=ADRESSE), name="lettre_adresse_postale"),
            models.CheckConstraint(
                condition=Q(etat=EtatLettre.A_IMPRIMER, lot=None, imprimee_le=None, expire_le=None)
                | Q(
                    etat__in=[EtatLettre.IMPRIMEE, EtatLettre.EMPLOYEE, EtatLettre.REVENUE, EtatLettre.ECHUE],
                    lot__isnull=False,
                    imprimee_le__isnull=False,
                    expire_le__gt=F("imprimee_le"),
                )
                | Q(etat=EtatLettre.ANNULEE),
                name="lettre_court_de_l_impression",
            ),
            models.CheckConstraint(
                condition=(Q(etat__in=VIVANTES, finie_le=None) & ~Q(code_chiffre=b""))
                | (~Q(etat__in=VIVANTES) & Q(finie_le__isnull=False, code_chiffre=b"")),
                name="lettre_finie_sans_code",
            ),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def numero(self) -> str:
        """Ce qui est imprimé sur la lettre : « LT-2026-000012 »."""
        return f"LT-{timezone.localtime(self.ecrite_le).year}-{self.pk:06d}"

    @property
    def sujet(self) -> str:
        """L'établissement : c'est son histoire que l'on relit."""
        return self.etablissement.sujet

    @property
    def adresse_de_qui_demande(self) -> str:
        """La seule façon de le nommer : il l'a prouvée ; un nom, il l'aurait tapé (T17)."""
        if self.reprise is not None:
            return self.reprise.courriel
        return self.habilitation.utilisateur.courriel if self.habilitation else ""

    @property
    def lignes(self) -> tuple[str, ...]:
        return tuple(self.adresse.split("\n"))

    @property
    def essais_restants(self) -> int:
        return ESSAIS - self.essais

    @property
    def dernier_jour(self) -> date | None:
        return timezone.localdate(self.expire_le - timedelta(seconds=1)) if self.expire_le else None

    @property
    def est_vivante(self) -> bool:
        return self.etat in VIVANTES

    @property
    def est_epuisee(self) -> bool:
        return self.essais >= ESSAIS

    @property
    def est_echue(self) -> bool:
        """Vrai dès l'heure passée : la tâche de nuit ne fait que l'écrire."""
        return self.expire_le is not None and self.expire_le <= timezone.now()

    @property
    def se_renvoie(self) -> bool:
        """Imprimée depuis dix jours, échue ou non : elle n'est sans doute pas arrivée."""
        return self.imprimee_le is not None and self.imprimee_le + RENVOI_APRES <= timezone.now()

    @property
    def code(self) -> str:
        """En clair, pour la page à imprimer et pour le comparer ; la clé de l'application y est nécessaire (T42).

        Vide si la lettre n'en a plus, ou si la clé qui l'a chiffré n'est plus gardée.
        """
        try:
            return coffre("lettre").decrypt(bytes(self.code_chiffre)).decode()
        except InvalidToken:
            return ""

    @property
    def pli(self) -> Pli:
        """La page à imprimer. Lève ValueError si la lettre n'a pas de date de fin."""
        if self.imprimee_le is None or self.dernier_jour is None:
            raise ValueError("Une lettre s'imprime dans un lot.")
        return Pli(
            numero=self.numero,
            siret=self.etablissement.siret,
            denomination=self.denomination,
            lignes=self.lignes,
            code=self.code,
            demandeur=self.adresse_de_qui_demande,
            du=timezone.localdate(self.imprimee_le),
            jusqu_au=self.dernier_jour,
            est_reprise=self.reprise_id is not None,
        )


LISTE: Liste[Lettre] = Liste(
    (F("ecrite_le"), F("pk")), lambda sens, lettre: Cle(sens, (), lettre.ecrite_le, lettre.pk), LISTE_FORME, True
)

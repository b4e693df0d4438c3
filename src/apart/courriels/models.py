"""La file d'envoi : chaque message est d'abord une ligne, écrite dans la transaction du geste qui le cause."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apart.courriels.explications import Explication, expliquer

CONSERVATION_CORPS = timedelta(days=30)
CONSERVATION_LIGNE = timedelta(days=365)


class Sort(models.TextChoices):
    EN_FILE = "en_file", "en file"
    REMIS = "remis", "remis"
    DIFFERE = "differe", "différé"
    REFUSE = "refuse", "refusé"
    REBONDI = "rebondi", "rebondi"
    INCERTAIN = "incertain", "sans réponse"  # reçu en entier par un serveur qui n'a jamais dit s'il l'acceptait
    RENOUVELE = "renouvele", "renouvelé"  # retenu trop longtemps pour son lien : un autre message en porte un neuf
    PERIME = "perime", "périmé"


EN_ATTENTE = (Sort.EN_FILE, Sort.DIFFERE)
DEFINITIFS = (Sort.REFUSE, Sort.REBONDI)  # le serveur du destinataire n'en veut pas

RETENU = r"^4[0-9][0-9] "  # début des réponses par lesquelles un serveur demande d'attendre


class CourrielQuerySet(models.QuerySet["Courriel"]):
    def en_attente(self) -> CourrielQuerySet:
        return self.filter(sort__in=EN_ATTENTE)

    def a_envoyer(self) -> CourrielQuerySet:
        """Ceux dont l'heure est venue et qui ont encore un sens ; d'abord ceux qu'on attend devant son écran."""
        maintenant = timezone.now()
        dus = self.en_attente().filter(prochain_essai_le__lte=maintenant, expire_le__gt=maintenant)
        return dus.order_by("-a_secrets", "prochain_essai_le", "pk")

    def perimes(self) -> CourrielQuerySet:
        """En attente alors que leur heure limite est passée, sauf ceux qu'un travailleur est en train d'envoyer."""
        maintenant = timezone.now()
        en_cours = Q(envoi_commence_le__isnull=False, prochain_essai_le__gt=maintenant)
        return self.en_attente().filter(expire_le__lte=maintenant).exclude(en_cours)

    def retenus(self) -> CourrielQuerySet:
        """Ceux, porteurs d'un lien, que le serveur du destinataire a fait attendre par une réponse 4xx."""
        return self.filter(sort=Sort.DIFFERE, a_secrets=True, reponse__regex=RETENU)

    def bloques_chez_nous(self) -> CourrielQuerySet:
        """En attente, sauf ceux que le serveur de leur destinataire fait attendre par une réponse 4xx."""
        return self.en_attente().exclude(sort=Sort.DIFFERE, reponse__regex=RETENU)

    def vers(self, adresse: str) -> CourrielQuerySet:
        return self.filter(destinataire=adresse.lower())

    def de_l_etablissement(self, siret: str) -> CourrielQuerySet:
        return self.filter(siret=siret)

    def recents(self) -> CourrielQuerySet:
        """Du plus récent au plus ancien, sur la durée où les corps sont gardés (30 jours)."""
        return self.filter(cree_le__gte=timezone.now() - CONSERVATION_CORPS).order_by("-cree_le", "-pk")


class Courriel(models.Model):
    """Un message et ce qu'il est devenu. Le corps garde des marques ⟦lien⟧, ⟦code⟧ à la place des secrets."""

    numero = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    modele = models.CharField(max_length=60)
    destinataire = models.EmailField()
    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    siret = models.CharField(max_length=14, blank=True)
    objet = models.CharField(max_length=200)
    texte = models.TextField(blank=True)  # vidé après 30 jours, comme html
    html = models.TextField(blank=True)
    a_secrets = models.BooleanField(default=False)  # vrai même après leur effacement : ce message ne se renvoie pas
    secrets = models.BinaryField(default=b"")  # liens et codes, chiffrés, effacés dès que le sort est connu
    sort = models.CharField(max_length=10, choices=Sort, default=Sort.EN_FILE)
    essais = models.PositiveSmallIntegerField(default=0)
    incertains = models.PositiveSmallIntegerField(default=0)  # ceux dont le serveur a tout reçu sans répondre
    reponse = models.TextField(blank=True)  # ce qu'a répondu le serveur
    cree_le = models.DateTimeField(default=timezone.now)
    # Pendant un envoi, c'est la fin du bail : passé ce moment, un autre travailleur peut reprendre la ligne.
    prochain_essai_le = models.DateTimeField(default=timezone.now)
    envoi_commence_le = models.DateTimeField(null=True)  # posé avec le bail, ôté avec le résultat
    expire_le = models.DateTimeField()  # passé ce moment, le message n'a plus de sens
    remis_le = models.DateTimeField(null=True)
    sort_le = models.DateTimeField(null=True)  # quand ce sort a été connu ; à chaque essai pour un message qui attend
    # Sans contrainte : les lignes de plus de 12 mois s'effacent d'un trait, sans chercher qui les nomme.
    remplace = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )

    repris: bool  # seulement sur une ligne que l'on vient de réserver : un envoi en avait été interrompu
    objects = CourrielQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sort__in=Sort.values), name="courriel_sort_connu"),
            models.CheckConstraint(
                condition=Q(sort__in=EN_ATTENTE) | Q(secrets=b""), name="courriel_secrets_effaces_a_la_fin"
            ),
            models.CheckConstraint(
                condition=~Q(sort=Sort.REMIS) | Q(remis_le__isnull=False), name="courriel_remis_le"
            ),
            models.UniqueConstraint(
                fields=["remplace"], condition=Q(remplace__isnull=False), name="courriel_remplace_une_fois"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-a_secrets", "prochain_essai_le", "id"],
                condition=Q(sort__in=EN_ATTENTE),
                name="courriel_a_envoyer",
            ),
            models.Index(fields=["destinataire", "-cree_le"], name="courriel_destinataire"),
            models.Index(fields=["siret", "-cree_le"], condition=~Q(siret=""), name="courriel_siret"),
            # Sans lui, vider les corps relirait chaque nuit douze mois de lignes déjà vides.
            models.Index(fields=["cree_le"], condition=~Q(texte=""), name="courriel_corps_a_vider"),
            BrinIndex(fields=["cree_le"], name="courriel_cree_le"),
        ]

    def __str__(self) -> str:
        return self.objet

    @property
    def est_retenu(self) -> bool:
        """Comme retenus, pour cette ligne telle qu'elle a été lue."""
        return self.sort == Sort.DIFFERE and self.a_secrets and re.match(RETENU, self.reponse) is not None

    @property
    def est_parti(self) -> bool:
        """Un envoi en a été commencé : quelqu'un d'autre que nous en connaît peut-être l'adresse de retour."""
        return self.sort != Sort.EN_FILE or self.envoi_commence_le is not None

    @property
    def peut_rebondir(self) -> bool:
        """Son sort n'est pas encore le dernier. Un rebond arrive parfois avant que nous ayons noté l'envoi."""
        return self.sort in (Sort.REMIS, Sort.INCERTAIN, *EN_ATTENTE)

    def premier(self) -> Courriel:
        """Le message que celui-ci renouvelle, en remontant jusqu'au premier ; lui-même le plus souvent."""
        precedent = Courriel.objects.filter(pk=self.remplace_id).first() if self.remplace_id else None
        return precedent.premier() if precedent else self

    def dernier(self) -> Courriel:
        """Le dernier message qui renouvelle celui-ci ; lui-même le plus souvent."""
        suivant = Courriel.objects.filter(remplace=self).first()
        return suivant.dernier() if suivant else self

    @property
    def explication(self) -> Explication:
        """Ce qui est arrivé à ce message et quoi faire, en français courant."""
        return expliquer(self.sort, self.reponse)


class ObjetDemande(models.TextChoices):
    """Ce que quelqu'un demande à recevoir : chacun a ses places (courriels.limites)."""

    IDENTIFIANT = "identifiant", "l'identifiant"
    MOT_DE_PASSE = "mot_de_passe", "un lien pour choisir un nouveau mot de passe"
    ESPACE = "espace", "un lien pour ouvrir ou rejoindre un espace"
    ADRESSE = "adresse", "un lien pour vérifier l'adresse d'un établissement"
    NOUVELLE_ADRESSE = "nouvelle_adresse", "un lien pour prouver la nouvelle adresse d'un compte"
    PREUVE = "preuve", "un code ou une question pour donner une preuve"
    SECOND_FACTEUR = "second_facteur", "un lien pour remplacer un second facteur perdu"
    ASSISTANCE = "assistance", "un message sur une demande d'assistance"


class Demandeur(models.TextChoices):
    """Qui fait partir un message : chacun a ses places, qu'un autre ne peut dépenser (courriels.limites)."""

    INCONNU = "inconnu", "quelqu'un qui a tapé l'adresse"
    IDENTIFIANT = "identifiant", "quelqu'un qui a tapé l'identifiant"
    APPAREIL = "appareil", "un appareil où la personne s'est déjà connectée"
    LIEN = "lien", "quelqu'un qui avait reçu un lien à cette adresse"
    AGENT = "agent", "un agent"
    SERVICE = "service", "notre service, à la place d'un message que la messagerie avait fait attendre"


class CourrielRetenuQuerySet(models.QuerySet["CourrielRetenu"]):
    def vers(self, *adresses: str) -> CourrielRetenuQuerySet:
        return self.filter(destinataire__in=[adresse.lower() for adresse in adresses])

    def recents(self) -> CourrielRetenuQuerySet:
        """Du plus récent au plus ancien, sur 30 jours."""
        return self.filter(dernier_le__gte=timezone.now() - CONSERVATION_CORPS).order_by("-dernier_le", "-pk")


class CourrielRetenu(models.Model):
    """Un message demandé et pas envoyé, parce que l'adresse venait d'en recevoir assez. Une ligne par raison."""

    destinataire = models.EmailField()
    objet = models.CharField(max_length=20, choices=ObjetDemande)
    demandeur = models.CharField(max_length=20, choices=Demandeur)
    places = models.PositiveSmallIntegerField()  # la limite pleine : tant de messages…
    periode = models.DurationField()  # …en tant de temps
    rouvre_le = models.DateTimeField()
    nombre = models.PositiveIntegerField(default=1)  # combien de fois demandé en vain
    premier_le = models.DateTimeField(default=timezone.now)
    dernier_le = models.DateTimeField(default=timezone.now)

    objects = CourrielRetenuQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel retenu"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["destinataire", "objet", "demandeur", "periode", "rouvre_le"], name="retenu_une_fois"
            ),
            models.CheckConstraint(condition=Q(objet__in=ObjetDemande.values), name="retenu_objet_connu"),
            models.CheckConstraint(condition=Q(demandeur__in=Demandeur.values), name="retenu_demandeur_connu"),
        ]
        indexes: ClassVar = [models.Index(fields=["destinataire", "-dernier_le"], name="retenu_destinataire")]


class AdresseRefuseeQuerySet(models.QuerySet["AdresseRefusee"]):
    def vers(self, adresse: str) -> AdresseRefuseeQuerySet:
        return self.filter(adresse=adresse.lower())


class AdresseRefusee(models.Model):
    """Une adresse dont le serveur a refusé ou renvoyé nos messages, et par où aucun n'a été lu depuis.

    Elle n'est pas écartée : on continue d'y envoyer, et l'on dit à la personne et à l'agent ce qui s'y passe.
    """

    adresse = models.EmailField(unique=True)
    depuis = models.DateTimeField(default=timezone.now)
    dernier_le = models.DateTimeField(default=timezone.now)
    nombre = models.PositiveIntegerField(default=1)  # de messages refusés depuis
    # Du dernier de ces messages.
    sort = models.CharField(max_length=10, choices=Sort)
    reponse = models.TextField()
    numero = models.UUIDField()

    objects = AdresseRefuseeQuerySet.as_manager()

    class Meta:
        verbose_name = "adresse refusée"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sort__in=DEFINITIFS), name="adresse_refusee_pour_de_bon"),
            models.CheckConstraint(condition=Q(nombre__gte=1), name="adresse_refusee_une_fois_au_moins"),
            models.CheckConstraint(condition=Q(dernier_le__gte=models.F("depuis")), name="adresse_refusee_dates"),
        ]
        indexes: ClassVar = [models.Index(fields=["dernier_le"], name="adresse_refusee_dernier")]

    def __str__(self) -> str:
        return self.adresse

    @property
    def explication(self) -> Explication:
        return expliquer(self.sort, self.reponse)

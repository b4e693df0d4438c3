"""Demandes d'assistance et leur conversation ; index de la base documentaire."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
    SearchVector,
    SearchVectorField,
    TrigramWordSimilarity,
)
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Least
from django.utils import timezone

from apart.administrations.droits import Droit, departements_de
from apart.assistance.etats import TRANSITIONS, Etat
from apart.assistance.recherche import (
    COMPTEES,
    FORME,
    PAR_PAGE,
    PageComptee,
    debuts_de_mots,
    index_de_mots,
    mots_entiers,
)
from apart.comptes.models import Jeton, Utilisateur
from apart.pieces.models import Piece
from apart.socle.accents import sans_accents
from apart.socle.automate import Dossier
from apart.socle.pages import Cle, Liste

NUMERO = re.compile(r"^AP-?(?P<annee>20[0-9]{2})-?(?P<rang>[0-9]{1,9})$", re.IGNORECASE)
DUREE_LIEN = timedelta(days=365)  # après le dernier courriel qui le porte
LONGUEUR_MESSAGE = 1000
RESSEMBLANCE = 0.4  # trigrammes communs entre un mot tapé et le mot le plus proche de la fiche


class Motif(models.TextChoices):
    """Les six motifs de la note, dans son ordre."""

    HABILITATION = "habilitation", "Habilitation à l'extranet"
    FICHE_ETABLISSEMENT = "fiche-etablissement", "Fiche Etablissement"
    AUTORISATION = "autorisation", "Décision d'Autorisation"
    INDEMNISATION = "indemnisation", "Demande d'Indemnisation"
    CERTIFICAT = "certificat", "Certificat de signature"
    AUTRES = "autres", "Autres"


# L'ordre de la file. Un index porte la même expression : la première page se lit sans trier toutes les demandes.
RANGS = {Etat.A_TRAITER: 0, Etat.REPONDUE: 1}
DERNIER_RANG = 2
RANG = models.Case(
    *(models.When(etat=etat, then=Value(rang)) for etat, rang in RANGS.items()), default=Value(DERNIER_RANG)
)
ORDRE = (RANG, F("attend_depuis"), F("pk"))
# Ce que l'on cherche par des mots. L'index porte la même expression.
FICHE = index_de_mots(
    Concat("denomination", Value(" "), "nom_complet", Value(" "), "courriel", output_field=models.TextField())
)


class DemandeAssistanceQuerySet(models.QuerySet["DemandeAssistance"]):
    def visibles_par(self, utilisateur: Utilisateur) -> DemandeAssistanceQuerySet:
        """Celles des départements où cet agent lit l'assistance ; de tout le territoire, toutes.

        Une demande dont on ignore le département n'est vue que de là. Les autres personnes n'en voient que par leur
        lien de suivi.
        """
        lieux = departements_de(utilisateur, Droit.LIRE_ASSISTANCE)
        return self.all() if lieux is None else self.filter(departement__in=sorted(lieux))

    def de_la_file(self) -> DemandeAssistanceQuerySet:
        """Ce qui attend une réponse d'abord, la plus ancienne attente en tête ; puis le reste."""
        return self.select_related("prise_par").order_by(*ORDRE)

    def page(self, demandee: str) -> PageComptee[DemandeAssistance]:
        """La page de la file que désigne une clé, la première si elle n'en est pas une."""
        page = FILE.page(self.de_la_file(), demandee, par_page=PAR_PAGE)
        return PageComptee(**vars(page), nombre=self[: COMPTEES + 1].count())

    def en_retard(self) -> DemandeAssistanceQuerySet:
        return self.filter(etat=Etat.A_TRAITER, promise_le__lt=timezone.now())

    def cherchees(self, texte: str) -> DemandeAssistanceQuerySet:
        """Par numéro, SIRET, ou tous ces mots, dans la fiche (nom, adresse, dénomination) ou dans un message.

        Des mots entiers ; si aucune demande ne les porte, des débuts de mots.
        """
        if trouve := NUMERO.match(texte):
            return self.filter(pk=int(trouve["rang"]), deposee_le__year=int(trouve["annee"]))
        chiffres = re.sub(r"\s", "", texte)
        if re.fullmatch(r"[0-9]{9,14}", chiffres):
            return self.filter(siret__startswith=chiffres)
        entiers = self._par_mots(mots_entiers(texte))
        return entiers if entiers.exists() else self._par_mots(debuts_de_mots(texte))

    def _par_mots(self, mots: SearchQuery) -> DemandeAssistanceQuerySet:
        fiches = self.alias(lus=FICHE).filter(lus=mots).values("pk")
        messages = Message.objects.alias(lus=index_de_mots("texte")).filter(lus=mots, demande__in=self)
        # Chaque moitié s'arrête à ce qu'on montrera, sans rien ranger : un mot que portent toutes les demandes coûte
        # comme un mot rare.
        trouvees = fiches.order_by()[: COMPTEES + 1].union(messages.order_by().values("demande")[: COMPTEES + 1])
        return self.model.objects.filter(pk__in=trouvees)

    def semblables_a(self, demande: DemandeAssistance) -> DemandeAssistanceQuerySet:
        """Les autres demandes du même établissement ou de la même adresse, la plus récente d'abord."""
        meme = Q(siret=demande.siret) | Q(courriel=demande.courriel)
        return self.filter(meme).exclude(pk=demande.pk).order_by("-deposee_le")


def _place(sens: str, demande: DemandeAssistance) -> Cle:
    return Cle(sens, (RANGS.get(Etat(demande.etat), DERNIER_RANG),), demande.attend_depuis, demande.pk)


FILE: Liste[DemandeAssistance] = Liste(ORDRE, _place, FORME)


class DemandeAssistance(Dossier):
    """Une demande d'assistance : qui la fait, pour quel établissement, où elle en est."""

    TRANSITIONS = TRANSITIONS

    envoi = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # un double clic n'en fait qu'une
    siret = models.CharField("N° de Siret", max_length=14)
    est_a_confirmer = models.BooleanField(default=False)  # SIRET absent du répertoire
    # Celui de l'établissement quand la demande est déposée, d'après le répertoire ; vide si rien ne le dit.
    departement = models.CharField("département", max_length=3, blank=True)
    denomination = models.CharField("Dénomination établissement", max_length=250)
    nom_complet = models.CharField("Nom et prénom", max_length=160)
    telephone = models.CharField("N° de téléphone", max_length=32)
    courriel = models.EmailField("Adresse électronique")
    motif = models.CharField("Motif de la demande", max_length=20, choices=Motif)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.A_TRAITER)
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    prise_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deposee_le = models.DateTimeField(default=timezone.now)
    attend_depuis = models.DateTimeField(default=timezone.now)  # dernier message du demandeur
    promise_le = models.DateTimeField()  # quand une réponse est promise
    close_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="demandes_assistance")  # un lien de suivi par courriel envoyé

    objects = DemandeAssistanceQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d'assistance"
        indexes: ClassVar = [
            models.Index(RANG, "attend_depuis", "id", name="assistance_ordre"),
            models.Index("departement", RANG, "attend_depuis", "id", name="assistance_ordre_departement"),
            models.Index(fields=["etat", "attend_depuis"], name="assistance_file"),
            models.Index(fields=["siret"], name="assistance_siret"),
            models.Index(fields=["courriel"], name="assistance_courriel"),
            models.Index(fields=["promise_le"], condition=Q(etat=Etat.A_TRAITER), name="assistance_promises"),
            GinIndex(FICHE, name="assistance_mots"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(siret__regex=r"^[0-9]{14}$"), name="assistance_siret_14_chiffres"),
            models.CheckConstraint(condition=Q(etat__in=Etat.values), name="assistance_etat_connu"),
            models.CheckConstraint(condition=Q(motif__in=Motif.values), name="assistance_motif_connu"),
            models.CheckConstraint(
                condition=Q(etat=Etat.CLOSE, close_le__isnull=False) | (~Q(etat=Etat.CLOSE) & Q(close_le=None)),
                name="assistance_close_datee",
            ),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def numero(self) -> str:
        return f"AP-{timezone.localtime(self.deposee_le).year}-{self.pk:06d}"

    @property
    def sujet(self) -> str:
        return f"assistance:{self.pk}"

    @property
    def est_en_retard(self) -> bool:
        return self.etat == Etat.A_TRAITER and self.promise_le < timezone.now()

    def est_de(self, utilisateur: Utilisateur) -> bool:
        """Vrai si cette personne l'a déposée, connectée ou avec son adresse."""
        return self.auteur_id == utilisateur.pk or self.courriel == utilisateur.courriel


class Voix(models.TextChoices):
    """Qui parle dans la conversation ; une note interne n'est jamais montrée au demandeur."""

    DEMANDEUR = "demandeur", "demandeur"
    AGENT = "agent", "service d'assistance"
    NOTE = "note", "note interne"


class MessageQuerySet(models.QuerySet["Message"]):
    def publics(self) -> MessageQuerySet:
        return self.exclude(voix=Voix.NOTE)

    def piece(self, pk: int) -> Piece | None:
        """Cette pièce, si l'un de ces messages la porte."""
        return Piece.objects.filter(pk=pk, messages__in=self).first()


class Message(models.Model):
    """Un message de la conversation : du texte seul, et des pièces jointes."""

    demande = models.ForeignKey(DemandeAssistance, on_delete=models.CASCADE, related_name="messages")
    voix = models.CharField(max_length=10, choices=Voix)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    texte = models.TextField()
    ecrit_le = models.DateTimeField(default=timezone.now)
    pieces = models.ManyToManyField(Piece, related_name="messages")

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        indexes: ClassVar = [GinIndex(index_de_mots("texte"), name="message_mots")]
        ordering: ClassVar = ["ecrit_le", "pk"]


class IndexFicheQuerySet(models.QuerySet["IndexFiche"]):
    def cherchees(self, termes: str) -> list[str]:
        """Les noms, parmi celles-ci, des fiches qui répondent, la meilleure d'abord.

        Pardonne les accents, puis les fautes de frappe.
        """
        if not termes:
            return []
        requete = SearchQuery(termes, config="francais", search_type="websearch")
        exactes = (
            self.filter(recherche=requete)
            .annotate(poids=SearchRank(F("recherche"), requete))
            .order_by("-poids", "nom")
        )
        return list(exactes.values_list("nom", flat=True)) or self._approchees(termes)

    def _approchees(self, termes: str) -> list[str]:
        """Sans réponse exacte : les fiches où chaque mot de plus de deux lettres ressemble à un mot."""
        mots = re.findall(r"\w{3,}", sans_accent(termes))[:8]
        if not mots:
            return []
        mot_le_moins_proche = Least(*(TrigramWordSimilarity(mot, "texte_simple") for mot in mots), Value(1.0))
        proches = self.annotate(poids=mot_le_moins_proche).filter(poids__gte=RESSEMBLANCE)
        return list(proches.order_by("-poids", "nom").values_list("nom", flat=True)[:5])


def sans_accent(texte: str) -> str:
    return sans_accents(texte.lower())


class IndexFiche(models.Model):
    """Ce que la recherche sait d'une fiche de la base documentaire ; rempli par « apart aide charger »."""

    nom = models.SlugField(primary_key=True)
    titre = models.TextField()
    resume = models.TextField()
    mots = models.TextField()  # autres mots que les gens emploient
    corps = models.TextField()
    texte_simple = models.TextField()  # titre, mots et résumé en minuscules sans accent, pour les fautes de frappe
    recherche = models.GeneratedField(
        expression=SearchVector("titre", "mots", weight="A", config="francais")
        + SearchVector("resume", weight="B", config="francais")
        + SearchVector("corps", weight="C", config="francais"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = IndexFicheQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche indexée"
        indexes: ClassVar = [GinIndex(fields=["recherche"], name="fiche_recherche")]

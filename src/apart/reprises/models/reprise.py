"""Une reprise d'accès : qui la demande, pour quel établissement, sur quelle preuve, et ce qu'elle devient."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from apart.administrations.droits import Droit, departements_de
from apart.comptes.models import RETENUE_ADRESSE, Jeton, Utilisateur
from apart.etablissements.models import Etablissement, Fondement, Habilitation, Preuve
from apart.pieces.models import Piece
from apart.reprises.etats import ATTENDENT_UN_AGENT, CLOSES, EN_COURS, OUVERTES, PROPOSEES, TRANSITIONS, EtatReprise
from apart.socle.automate import Dossier
from apart.socle.saisies import boite

DELAI_CONFIRMATION = timedelta(hours=48)  # passé ce temps, une demande sans adresse prouvée n'existe plus
DELAI_PREUVE = timedelta(days=30)  # sans preuve ni pièce, une demande confirmée s'abandonne
RELANCE_PIECE = timedelta(days=15)  # une pièce demandée se rappelle une fois
DELAI_PIECE = timedelta(days=30)  # jamais envoyée, la demande s'abandonne
DELAI_APPROBATION = timedelta(days=7)  # une proposition que personne n'approuve laisse sa place
DELAI_OPPOSITION = timedelta(hours=72)
DELAI_ANNULATION = timedelta(days=30)
DUREE_ENTREE = timedelta(days=7)  # pour choisir son mot de passe, une fois l'accès repris
TREVE = timedelta(days=30)  # après un refus ou une opposition, aucune preuve qui se ferait seule


DEFAITE = "defaite"
A_LIRE = Q(opposee_le__isnull=False) & (Q(levee_le=None) | Q(opposee_le__gt=F("levee_le")))  # comme Reprise.a_lire


class Raison(models.TextChoices):
    PARTIE = "partie", "La personne qui tenait l'espace est partie"
    MESSAGERIE = "messagerie", "Sa messagerie est fermée, ou je n'y ai plus accès"
    INJOIGNABLE = "injoignable", "Elle est absente et je ne peux pas la joindre"
    INCONNUE = "inconnue", "Je ne sais pas qui tient l'espace"


class PieceAttendue(models.TextChoices):
    """Ce qu'un agent peut demander, par son nom. Les deux premières suffisent le plus souvent, ensemble."""

    ATTESTATION = "attestation", "Attestation de l'employeur, datée et signée par son représentant légal"
    IDENTITE = "identite", "Pièce d'identité du représentant légal"
    POUVOIR = "pouvoir", "Pouvoir signé, si le signataire n'est pas le représentant légal"
    REGISTRE = "registre", "Extrait du registre (Kbis, RNE) de moins de trois mois, qui nomme le représentant légal"


class RepriseQuerySet(models.QuerySet["Reprise"]):
    def ouvertes(self) -> RepriseQuerySet:
        """Celles où la personne peut donner une preuve."""
        return self.filter(etat__in=OUVERTES)

    def visibles_par(self, agent: Utilisateur) -> RepriseQuerySet:
        """Celles des départements où il les examine, l'adresse confirmée ; la seule porte d'un agent (T21)."""
        lieux = departements_de(agent, Droit.EXAMINER_REPRISE)
        visibles = self.exclude(confirmee_le=None)
        return visibles if lieux is None else visibles.filter(departement__in=lieux)

    def en_delai(self, etablissement: Etablissement) -> RepriseQuerySet:
        """Celles qui se feront ici si personne ne s'y oppose à temps."""
        return self.filter(etablissement=etablissement, etat=EtatReprise.OPPOSABLE).order_by("opposition_jusqu_au")

    def attendent_l_entree(self, etablissement: Etablissement) -> RepriseQuerySet:
        """Faites ici, quand la personne n'a pas encore choisi son mot de passe : elle tient l'accès, ou presque."""
        faites = self.filter(etablissement=etablissement, etat=EtatReprise.EXECUTEE, est_releve=False)
        return faites.filter(habilitation=None, executee_le__gt=timezone.now() - DUREE_ENTREE)

    def en_cours(self) -> RepriseQuerySet:
        return self.filter(etat__in=EN_COURS)

    def finies_avant(self, moment: datetime) -> RepriseQuerySet:
        """Faites ou closes avant ce moment, sauf celles dont quelqu'un attend encore la lecture ou une lettre."""
        finies = Q(etat=EtatReprise.EXECUTEE, executee_le__lt=moment) | Q(etat__in=CLOSES, close_le__lt=moment)
        return self.filter(finies & (~A_LIRE | Q(etat__in=CLOSES)), lettres=None)

    def a_traiter(self) -> RepriseQuerySet:
        """Ce qui attend un agent, la plus ancienne attente en tête ; « depuis » la dit."""
        return self.annotate(rang=_attente_des_agents()).exclude(rang=None).order_by("rang", "pk")

    def en_attente(self) -> RepriseQuerySet:
        """En cours, sans que rien n'attende un agent : c'est à la personne, ou au délai d'opposition."""
        autres = self.en_cours().alias(attente=_attente_des_agents()).filter(attente=None)
        return autres.annotate(rang=F("deposee_le")).order_by("rang", "pk")

    def finies(self) -> RepriseQuerySet:
        """Faites ou closes, la dernière en tête ; celles qui attendent encore un agent sont à traiter."""
        autres = self.exclude(etat__in=EN_COURS).alias(attente=_attente_des_agents()).filter(attente=None)
        return autres.annotate(rang=Coalesce("close_le", "executee_le", "deposee_le")).order_by("-rang", "-pk")


def _attente_des_agents() -> Case:
    """Depuis quand une reprise attend un agent ; vide si c'est à la personne, à un délai, ou si elle est finie."""
    ensuite = _faites_ensuite(OuterRef("etablissement"), OuterRef("executee_le"))
    annulable = Q(etat=EtatReprise.EXECUTEE, executee_le__gte=timezone.now() - DELAI_ANNULATION - F("suspension"))
    annulable = annulable & (Q(est_releve=True) | Q(~Exists(ensuite)))
    appelee = Q(etat=EtatReprise.CONFIRMEE, ouverte_par__isnull=False)
    return Case(
        When(A_LIRE & Q(etat__in=(EtatReprise.OPPOSEE, EtatReprise.EXECUTEE)), then="opposee_le"),
        When(annulable & Q(annulation_le__isnull=False), then="annulation_le"),
        When(Q(etat__in=ATTENDENT_UN_AGENT) | appelee, then="attend_depuis"),
        output_field=models.DateTimeField(),
    )


class Reprise(Dossier):
    """Une personne demande l'accès d'un établissement que tient quelqu'un de parti, ou d'injoignable.

    Ou, si est_releve, une personne qui a déjà un accès fait vérifier une attestation : elle ne reprend rien à
    personne, sa preuve seule change.
    """

    TRANSITIONS = TRANSITIONS

    etablissement = models.ForeignKey(Etablissement, on_delete=models.PROTECT, related_name="reprises")
    departement = models.CharField(
        "département", max_length=3, blank=True
    )  # du répertoire ; de lui dépend qui examine
    nom = models.CharField("Nom", max_length=80)
    prenom = models.CharField("Prénom", max_length=80)
    fonction = models.CharField("Fonction dans l'entreprise", max_length=120)
    telephone = models.CharField("Téléphone", max_length=32)
    courriel = models.EmailField("Courriel")
    raison = models.CharField("Ce qui se passe", max_length=12, choices=Raison, blank=True)  # vide : est_releve
    explication = models.TextField("Précisions", max_length=1000, blank=True)
    etat = models.CharField("état", max_length=14, choices=EtatReprise, default=EtatReprise.DEPOSEE)
    est_releve = models.BooleanField(default=False)
    deposee_le = models.DateTimeField(default=timezone.now)
    attend_depuis = models.DateTimeField(default=timezone.now)  # la personne, ou un agent : qui doit agir
    ouverte_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")  # au téléphone
    confirmee_le = models.DateTimeField(null=True)
    jetons = models.ManyToManyField(Jeton, related_name="reprises")  # chaque lien et code envoyé pour elle

    # Ce sur quoi elle repose. « garant » : qui a donné son accord (preuve 4).
    preuve = models.PositiveSmallIntegerField(choices=Preuve, null=True)
    garant = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    pieces = models.ManyToManyField(Piece, through="PieceReprise", related_name="reprises")
    accord_demande_le = models.DateTimeField(null=True)  # aux collègues
    piece_demandee = models.CharField("pièce demandée", max_length=12, choices=PieceAttendue, blank=True)
    piece_relancee_le = models.DateTimeField(null=True)
    rappel_le = models.DateTimeField(null=True)
    rappel_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    rappel_numero = models.CharField(max_length=32, blank=True)

    # Quatre yeux : qui propose n'approuve pas.
    proposee_le = models.DateTimeField(null=True)
    proposee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    motif = models.TextField(blank=True)  # pourquoi refusée : la personne le relit
    approuvee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    opposition_jusqu_au = models.DateTimeField(null=True)
    opposee_le = models.DateTimeField(null=True)
    levee_proposee_le = models.DateTimeField(null=True)
    levee_proposee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    levee_le = models.DateTimeField(null=True)  # deux agents ont lu l'opposition ; une autre ne mettra plus en pause
    levee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")

    # L'accès qui finit et celui qui commence, et la preuve qu'il en a reçue ; est_releve : l'habilitation relevée.
    remplace = models.ForeignKey(Habilitation, on_delete=models.PROTECT, null=True, related_name="+")
    executee_le = models.DateTimeField(null=True)
    acces_avant = models.JSONField(default=list)  # qui avait accès, et sous quel rôle, juste avant
    habilitation = models.ForeignKey(Habilitation, on_delete=models.PROTECT, null=True, related_name="+")
    fondement = models.OneToOneField(Fondement, on_delete=models.PROTECT, null=True, related_name="+")
    # Le temps où une autre, faite ensuite, empêchait de la défaire : il ne compte pas dans ses trente jours.
    suspension = models.DurationField(default=timedelta)
    # Celle qui l'a fait abandonner en se faisant d'abord.
    devancee_par = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    annulation_le = models.DateTimeField(null=True)
    annulation_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    annulee_par = models.ForeignKey(Utilisateur, on_delete=models.PROTECT, null=True, related_name="+")
    close_le = models.DateTimeField(null=True)  # refusée, abandonnée ou défaite

    objects = RepriseQuerySet.as_manager()

    class Meta:
        verbose_name = "reprise d'accès"
        indexes: ClassVar = [
            models.Index(fields=["etat", "deposee_le"], name="reprise_file"),
            models.Index(fields=["departement", "deposee_le"], name="reprise_departement"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["etablissement"],
                condition=Q(etat__in=PROPOSEES, est_releve=False),
                name="une_reprise_proposee",
            ),
            models.UniqueConstraint(
                fields=["habilitation"],
                condition=Q(etat__in=EN_COURS, est_releve=True),
                name="une_releve_en_cours",
            ),
            models.CheckConstraint(condition=Q(etat__in=EtatReprise.values), name="reprise_etat_connu"),
            models.CheckConstraint(
                condition=Q(raison__in=Raison.values, est_releve=False) | Q(raison="", est_releve=True),
                name="reprise_raison_connue",
            ),
            models.CheckConstraint(
                condition=Q(est_releve=False) | Q(est_releve=True, habilitation__isnull=False, remplace=None),
                name="releve_ne_reprend_rien",
            ),
            models.CheckConstraint(
                condition=Q(est_releve=False)
                | ~Q(etat__in=[EtatReprise.EXECUTEE, EtatReprise.ANNULEE])
                | Q(preuve=Preuve.REPRESENTANT, fondement__isnull=False),
                name="releve_faite_se_defait",
            ),
            models.CheckConstraint(
                condition=Q(approuvee_par=None) | ~Q(approuvee_par=models.F("proposee_par")),
                name="reprise_quatre_yeux",
            ),
            models.CheckConstraint(
                condition=Q(levee_par=None)
                | (Q(levee_proposee_par__isnull=False) & ~Q(levee_par=models.F("levee_proposee_par"))),
                name="reprise_levee_a_deux",
            ),
            models.CheckConstraint(
                condition=Q(annulee_par=None) | ~Q(annulee_par=models.F("annulation_par")),
                name="reprise_annulee_a_deux",
            ),
            models.CheckConstraint(
                condition=Q(etat=EtatReprise.DEPOSEE) | Q(confirmee_le__isnull=False) | Q(etat=EtatReprise.ABANDONNEE),
                name="reprise_adresse_confirmee",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=[EtatReprise.EXECUTEE, EtatReprise.ANNULEE])
                | Q(executee_le__isnull=False, preuve__isnull=False),
                name="reprise_faite_sur_preuve",
            ),
            models.CheckConstraint(
                condition=~Q(etat=EtatReprise.OPPOSABLE) | Q(opposition_jusqu_au__isnull=False),
                name="reprise_opposable_jusqu_au",
            ),
        ]

    def __str__(self) -> str:
        return self.numero

    @property
    def numero(self) -> str:
        """Ce que la personne lit et dicte : « RA-2026-000012 »."""
        return f"RA-{timezone.localtime(self.deposee_le).year}-{self.pk:06d}"

    @property
    def sujet(self) -> str:
        """L'établissement : c'est son histoire que l'on relit."""
        return self.etablissement.sujet

    @property
    def depuis(self) -> datetime:
        """Ce qui la range dans sa file : lu par a_traiter, en_attente ou finies."""
        lu: datetime = vars(self)["rang"]
        return lu

    @property
    def cause(self) -> str:
        """Ce que disent d'elle les mouvements qu'elle fait (Mouvement.cause)."""
        return f"reprise:{self.pk}"

    @property
    def cause_defaite(self) -> str:
        """Ceux que fait sa défaite : les rejouer n'a pas de sens, ils viennent d'avoir été rejoués."""
        return f"{DEFAITE}:{self.pk}"

    @property
    def quoi(self) -> str:
        """Ce que la personne demande, en trois mots : au féminin, comme les phrases où il entre."""
        return "demande de preuve" if self.est_releve else "reprise d'accès"

    @property
    def est_ouverte(self) -> bool:
        return self.etat in OUVERTES

    @property
    def attend_une_preuve(self) -> bool:
        """Une preuve plus forte vaut aussi pendant le délai d'opposition d'une plus faible."""
        return self.est_ouverte or self.etat == EtatReprise.OPPOSABLE

    @property
    def est_en_cours(self) -> bool:
        return self.etat in EN_COURS

    @property
    def piece_attendue_jusqu_au(self) -> datetime:
        """Le dernier jour de la pièce demandée."""
        return self.attend_depuis + DELAI_PIECE

    def comptes_de_qui_demande(self) -> list[int]:
        """Ceux qui ont, ou ont eu, un accès ici, et sa boîte : une étiquette « +… » n'est personne d'autre.

        Ni qui a changé d'adresse depuis, et la demande par celle d'avant.
        """
        gens = Utilisateur.objects.filter(pk__in=self.etablissement.habilitations.values("utilisateur"))
        adresses = gens.toutes_leurs_adresses()
        return sorted({pk for pk, courriel in adresses if boite(courriel) == boite(self.courriel)})

    def siennes(self) -> RepriseQuerySet:
        """Toutes celles de la même personne, à sa boîte, pour cet établissement ; celle-ci comprise."""
        autres = Reprise.objects.filter(etablissement=self.etablissement_id).values_list("pk", "courriel")
        return Reprise.objects.filter(pk__in=[pk for pk, c in autres if boite(c) == boite(self.courriel)])

    @property
    def est_en_treve(self) -> bool:
        """Une de ses demandes est en pause, ou vient d'être refusée, opposée, défaite : rien ne se fait plus seul."""
        depuis = timezone.now() - TREVE
        finies = Q(etat=EtatReprise.REFUSEE, close_le__gt=depuis) | Q(opposee_le__gt=depuis)
        finies |= Q(etat=EtatReprise.ANNULEE, est_releve=False, close_le__gt=depuis)
        return self.siennes().filter(Q(etat=EtatReprise.OPPOSEE) | finies).exists()

    @property
    def vient_d_etre_defaite(self) -> bool:
        """Deux agents viennent de défaire une reprise de la même boîte : seuls deux agents la feraient de nouveau."""
        defaites = self.siennes().filter(etat=EtatReprise.ANNULEE, est_releve=False)
        return not self.est_releve and defaites.filter(close_le__gt=timezone.now() - TREVE).exists()

    @property
    def retenue_jusqu_au(self) -> datetime | None:
        """Jusqu'à quand sa boîte, qui vient de reprendre un autre accès, n'en reprend pas un second (T38)."""
        if self.est_releve:
            return None
        depuis, initiale = timezone.now() - RETENUE_ADRESSE, self.courriel[:1]  # la même, sous toute étiquette
        faites = Reprise.objects.filter(executee_le__gt=depuis, est_releve=False, courriel__istartswith=initiale)
        posees = [*faites.exclude(pk=self.pk).values_list("courriel", "executee_le")]
        poseurs = Utilisateur.objects.filter(adresse_posee_le__gt=depuis, courriel__istartswith=initiale)
        posees += poseurs.values_list("courriel", "adresse_posee_le")
        siennes = [le for courriel, le in posees if le and boite(courriel) == boite(self.courriel)]
        return max(siennes) + RETENUE_ADRESSE if siennes else None

    @property
    def s_arrete_si_l_on_s_oppose(self) -> bool:
        """Une opposition la met en pause. Pas deux fois, ni après coup, ni quand deux agents en ont déjà levé une.

        Pendant un délai au bout duquel tout se ferait seul, toujours.
        """
        if self.etat in (EtatReprise.EXECUTEE, EtatReprise.OPPOSEE):
            return False
        return self.levee_le is None or self.etat == EtatReprise.OPPOSABLE

    @property
    def est_contestee(self) -> bool:
        """Faite, et quelqu'un s'y oppose sans qu'un agent ait encore tranché."""
        return self.etat == EtatReprise.EXECUTEE and self.a_lire

    @property
    def a_lire(self) -> bool:
        """Quelqu'un s'y oppose, et deux agents n'ont pas tranché depuis."""
        return self.opposee_le is not None and (self.levee_le is None or self.opposee_le > self.levee_le)

    @property
    def a_une_attestation(self) -> bool:
        """Une attestation ou un pouvoir, et l'identité du représentant légal. Un extrait du registre est public."""
        recues = set(self.recues.values_list("attendue", flat=True))
        est_signee = bool({PieceAttendue.ATTESTATION, PieceAttendue.POUVOIR} & recues)
        return est_signee and PieceAttendue.IDENTITE in recues

    @property
    def attend_l_entree(self) -> bool:
        """Faite, et la personne peut encore choisir son mot de passe : sept jours, que rien ne prolonge."""
        if self.etat != EtatReprise.EXECUTEE or self.habilitation_id or self.executee_le is None:
            return False
        apres = _faites_ensuite(self.etablissement_id, self.executee_le)
        return timezone.now() < self.executee_le + DUREE_ENTREE and not apres.exists()

    @property
    def annulable_jusqu_au(self) -> datetime | None:
        return self.executee_le + DELAI_ANNULATION + self.suspension if self.executee_le else None

    @property
    def peut_se_defaire(self) -> bool:
        """Trente jours, et la plus récente d'abord : défaire la première rendrait ce que la seconde a déjà changé."""
        if self.annulable_jusqu_au is None or timezone.now() > self.annulable_jusqu_au:
            return False
        return self.est_releve or not _faites_ensuite(self.etablissement_id, self.executee_le).exists()


def _faites_ensuite(etablissement: int | OuterRef, depuis: datetime | OuterRef | None) -> RepriseQuerySet:
    """Celles qui ont changé l'accès de main depuis, et tiennent."""
    faites = Reprise.objects.filter(etablissement=etablissement, etat=EtatReprise.EXECUTEE, est_releve=False)
    return faites.filter(executee_le__gt=depuis)

"""Déposer une demande d'assistance, y écrire, y répondre, la clore, la rouvrir."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apart.administrations.droits import Droit, peut
from apart.assistance.etats import Etat
from apart.assistance.models import DUREE_LIEN, DemandeAssistance, Message, Motif, Voix
from apart.comptes.actions import jetons
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse, MultiLignes, TexteAgent
from apart.pieces.actions import deposer as deposer_piece
from apart.pieces.models import Nature, Piece
from apart.pieces.recues import Recue
from apart.repertoire import adresses
from apart.repertoire.models import nom_public, trouver
from apart.socle.acces import exiger
from apart.socle.calendrier import echeance
from apart.socle.models import journaliser

LIENS_RENVOYES = 3


@dataclass(frozen=True)
class Saisie:
    """Ce que le demandeur a tapé, déjà vérifié par le formulaire. envoi : tiré à l'affichage du formulaire."""

    siret: str
    denomination: str
    nom_complet: str
    telephone: str
    courriel: str
    motif: Motif
    description: str
    envoi: uuid.UUID
    pieces: tuple[Recue, ...] = ()

    @property
    def cle(self) -> uuid.UUID:
        """La même pour un double clic ; une autre dès que le contenu, ou celui d'une pièce, change."""
        contenu = (self.siret, self.denomination, self.nom_complet, self.telephone, self.courriel, self.motif)
        empreintes = (piece.empreinte for piece in self.pieces)
        return uuid.uuid5(self.envoi, "\0".join((*contenu, self.description, *empreintes)))


@dataclass(frozen=True)
class Depot:
    """Une demande enregistrée et le secret de son lien de suivi, gardé nulle part."""

    demande: DemandeAssistance
    secret: str


def demande_du_lien(secret: str) -> DemandeAssistance | None:
    """La demande que ce lien de suivi ouvre, ou None s'il est inconnu ou expiré. Ne change rien."""
    return DemandeAssistance.objects.filter(jetons__in=Jeton.objects.vivants().du_secret(secret, Usage.SUIVI)).first()


@transaction.atomic
def emettre_lien(demande: DemandeAssistance) -> str:
    """Crée un lien de suivi (un an) et rend son secret. Les précédents restent valables."""
    emis = jetons.emettre(Usage.SUIVI, courriel=demande.courriel, duree=DUREE_LIEN)
    demande.jetons.add(emis.jeton)
    return emis.secret


def adresse_suivi(secret: str) -> str:
    return f"{settings.URL_PUBLIQUE}{reverse('suivi', args=[secret])}"


@transaction.atomic
def deposer(saisie: Saisie, *, par: Utilisateur | None = None) -> Depot:
    """Enregistre une demande, en accuse réception par courriel et en envoie copie au bureau.

    Rejouée à l'identique (double clic), elle rend la demande déjà enregistrée et n'écrit à personne.
    """
    demande, est_neuve = _enregistrer(saisie, par)
    if est_neuve:
        if saisie.description or saisie.pieces:
            _dire(demande, Voix.DEMANDEUR, saisie.description, par=par, pieces=saisie.pieces)
        journaliser(
            "deposer",
            sujet=demande.sujet,
            par=par,
            siret=demande.siret,
            motif=demande.motif,
            pieces=len(saisie.pieces),
        )
        _accuser_reception(demande, par)
        _copier_au_bureau(demande, saisie.description, pieces=len(saisie.pieces))
    return Depot(demande, emettre_lien(demande))


def _accuser_reception(demande: DemandeAssistance, par: Utilisateur | None) -> None:
    """Compté au SIRET, car cent dépôts font cent numéros ; et à la demande, dont c'est le premier lien."""
    demandeur = Demandeur.APPAREIL if par and par.courriel == demande.courriel else Demandeur.INCONNU
    if all(_admettre(demande, demandeur, pour=pour) for pour in (demande.siret, demande.numero)):
        _ecrire_au_demandeur(demande, "assistance_accuse", {"promise_le": demande.promise_le})


def _enregistrer(saisie: Saisie, par: Utilisateur | None) -> tuple[DemandeAssistance, bool]:
    maintenant, fiche = timezone.now(), trouver(saisie.siret)
    try:
        with transaction.atomic():
            return DemandeAssistance.objects.create(
                envoi=saisie.cle,
                siret=saisie.siret,
                est_a_confirmer=fiche is None,
                departement=adresses.departement(fiche.code_postal, fiche.code_commune) if fiche else "",
                denomination=saisie.denomination,
                nom_complet=saisie.nom_complet,
                telephone=saisie.telephone,
                courriel=saisie.courriel,
                motif=saisie.motif,
                auteur=par,
                deposee_le=maintenant,
                attend_depuis=maintenant,
                promise_le=echeance(maintenant, settings.ASSISTANCE_JOURS_OUVRES),
            ), True
    except IntegrityError:
        if deja := DemandeAssistance.objects.filter(envoi=saisie.cle).first():
            return deja, False
        raise


@transaction.atomic
def ecrire(demande: DemandeAssistance, *, texte: str, pieces: Sequence[Recue] = ()) -> None:
    """Le demandeur écrit, depuis son lien de suivi : sa demande revient dans la file, même close.

    Une attente déjà commencée garde son échéance. Le même message envoyé deux fois de suite n'est gardé qu'une fois.
    Lève PieceRefusee si une pièce n'a pas été analysée alors qu'un antivirus est réglé.
    """
    demande.verrouiller()
    if demande.etat == Etat.A_TRAITER and _est_dit(demande, Voix.DEMANDEUR, texte, pieces=pieces):
        return
    with demande.franchir("ecrire", pieces=len(pieces)):
        if demande.etat != Etat.A_TRAITER:
            _promettre(demande)
    _dire(demande, Voix.DEMANDEUR, texte, pieces=pieces)
    _copier_au_bureau(demande, texte, est_suite=True, pieces=len(pieces))


@transaction.atomic
def repondre(demande: DemandeAssistance, *, texte: str, par: Utilisateur, pieces: Sequence[Recue] = ()) -> None:
    """Un agent répond : le message se lit sur la page de suivi et part par courriel, une fois s'il est envoyé deux.

    Ses pièces ne se lisent que sur la page de suivi ; le courriel dit combien.

    La demande est à lui si elle n'était à personne. Lève PermissionDenied, GesteImpossible si elle est close.
    """
    exiger_traitant(demande, par)
    demande.verrouiller()
    if demande.etat == Etat.REPONDUE and _est_dit(demande, Voix.AGENT, texte, par, pieces=pieces):
        return
    with demande.franchir("repondre", par=par, pieces=len(pieces)):
        demande.prise_par = demande.prise_par or par
    _dire(demande, Voix.AGENT, texte, par=par, pieces=pieces)
    _ecrire_au_demandeur(demande, "assistance_reponse", {"reponse": TexteAgent(texte), "pieces": len(pieces)})


@transaction.atomic
def annoter(demande: DemandeAssistance, *, texte: str, par: Utilisateur) -> None:
    """Une note interne, que seuls les agents lisent ; une fois si elle est envoyée deux. Lève PermissionDenied."""
    exiger_traitant(demande, par)
    demande.verrouiller()
    if _est_dit(demande, Voix.NOTE, texte, par):
        return
    _dire(demande, Voix.NOTE, texte, par=par)
    journaliser("annoter", sujet=demande.sujet, par=par)


def prendre(demande: DemandeAssistance, *, par: Utilisateur) -> None:
    """L'agent s'attribue la demande. Lève PermissionDenied, GesteImpossible si elle est close."""
    exiger_traitant(demande, par)
    with demande.franchir("prendre", par=par):
        demande.prise_par = par


def clore(demande: DemandeAssistance, *, par: Utilisateur | None) -> None:
    """Ferme la demande : par un agent, ou par le demandeur depuis son lien (par=None).

    Lève PermissionDenied, GesteImpossible si elle est déjà close.
    """
    if par is not None:
        exiger_traitant(demande, par)
    with demande.franchir("clore", par=par):
        demande.close_le = timezone.now()


def rouvrir(demande: DemandeAssistance, *, par: Utilisateur) -> None:
    """Un agent remet une demande close dans la file. Lève PermissionDenied, GesteImpossible si elle ne l'est pas."""
    exiger_traitant(demande, par)
    with demande.franchir("rouvrir", par=par):
        _promettre(demande)


def consulter(demande: DemandeAssistance, *, par: Utilisateur, piece: Piece | None = None) -> None:
    """Laisse la trace qu'un agent a ouvert cette demande, ou l'une de ses pièces (T21).

    Lève PermissionDenied s'il ne lit pas là.
    """
    exiger(peut(par, Droit.LIRE_ASSISTANCE, demande.departement), "lire cette demande d'assistance")
    details = {"piece": piece.pk} if piece else {}
    journaliser("consulter", sujet=demande.sujet, par=par, **details)


def _promettre(demande: DemandeAssistance) -> None:
    """L'attente commence maintenant, et avec elle le délai de réponse."""
    demande.close_le, demande.attend_depuis = None, timezone.now()
    demande.promise_le = echeance(demande.attend_depuis, settings.ASSISTANCE_JOURS_OUVRES)


def _dire(
    demande: DemandeAssistance,
    voix: Voix,
    texte: str,
    *,
    par: Utilisateur | None = None,
    pieces: Sequence[Recue] = (),
) -> None:
    message = Message.objects.create(demande=demande, voix=voix, par=par, texte=texte)
    message.pieces.set([deposer_piece(recue, nature=Nature.ASSISTANCE, par=par) for recue in pieces])


def _est_dit(
    demande: DemandeAssistance,
    voix: Voix,
    texte: str,
    par: Utilisateur | None = None,
    *,
    pieces: Sequence[Recue] = (),
) -> bool:
    """Vrai si le dernier message est celui-ci, pièces comprises : un double clic, un envoi rejoué."""
    dernier = demande.messages.last()
    if dernier is None or (dernier.voix, dernier.texte, dernier.par_id) != (voix, texte, par and par.pk):
        return False
    return sorted(dernier.pieces.values_list("empreinte", flat=True)) == sorted(piece.empreinte for piece in pieces)


@transaction.atomic
def renvoyer_liens(courriel: str, *, demandeur: Demandeur = Demandeur.INCONNU) -> None:
    """Envoie un lien de suivi neuf pour les demandes récentes de cette adresse ; rien si elle n'en a pas (T26).

    Les places d'une demande ne se dépensent qu'en liens qui y mènent, valables un an : chacun sert à la personne.
    """
    recentes = DemandeAssistance.objects.filter(courriel=courriel).order_by("-attend_depuis")[:LIENS_RENVOYES]
    for demande in recentes:
        if _admettre(demande, demandeur, pour=demande.numero):
            _ecrire_au_demandeur(demande, "assistance_lien", {})


def peut_traiter(demande: DemandeAssistance, par: Utilisateur) -> bool:
    """Vrai si cet agent répond à l'assistance là où est l'établissement de cette demande."""
    return peut(par, Droit.REPONDRE_ASSISTANCE, demande.departement)


def exiger_traitant(demande: DemandeAssistance, par: Utilisateur) -> None:
    """Refuse à un agent de traiter sa propre demande, et à qui n'a pas ce droit dans son département de traiter quoi
    que ce soit : un lecteur lit.
    """
    exiger(peut_traiter(demande, par), "traiter cette demande d'assistance")
    exiger(not demande.est_de(par), "traiter une demande déposée par vous ou avec votre adresse")


def _admettre(demande: DemandeAssistance, demandeur: Demandeur, *, pour: str) -> bool:
    """La réponse d'un agent, elle, part toujours."""
    est_admis = admettre(demande.courriel, objet=ObjetDemande.ASSISTANCE, demandeur=demandeur, pour=pour)
    if not est_admis:
        journaliser("retenir_courriel", sujet=demande.sujet, pour=pour)
    return est_admis


def _ecrire_au_demandeur(demande: DemandeAssistance, modele: str, contexte: dict[str, object]) -> None:
    """Rien de ce que le demandeur a tapé n'y figure : l'adresse peut être celle d'un tiers (T17)."""
    mettre_en_file(
        modele,
        a=demande.courriel,
        siret=demande.siret,
        secrets={"lien": adresse_suivi(emettre_lien(demande))},
        contexte={
            "numero": demande.numero,
            "siret": demande.siret,
            "denomination": nom_public(demande.siret),
            "motif": demande.get_motif_display(),
            **contexte,
        },
    )


def _copier_au_bureau(demande: DemandeAssistance, texte: str, *, est_suite: bool = False, pieces: int = 0) -> None:
    """Copie au bureau, si une adresse est réglée. Les textes y sont rendus inertes par la file des courriels (T17).

    pieces : leur nombre ; elles ne se lisent qu'au bureau (T23).
    """
    if not settings.COURRIEL_ASSISTANCE:
        return
    mettre_en_file(
        "assistance_copie",
        a=settings.COURRIEL_ASSISTANCE,
        siret=demande.siret,
        contexte={
            "numero": demande.numero,
            "siret": demande.siret,
            "est_a_confirmer": demande.est_a_confirmer,
            "denomination": demande.denomination,
            "nom_complet": demande.nom_complet,
            "telephone": demande.telephone,
            "courriel": Adresse(demande.courriel),
            "motif": demande.get_motif_display(),
            "texte": MultiLignes(texte),
            "est_suite": est_suite,
            "pieces": pieces,
            "adresse_bureau": f"{settings.URL_PUBLIQUE}{reverse('bureau-demande', args=[demande.pk])}",
        },
    )

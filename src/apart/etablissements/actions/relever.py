"""Relever sa preuve dans son espace : par son domaine (2), un code (3) ou l'accord d'un membre (4) ; et défaire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.actions.jetons import echanger_code
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.comptes.retenue import exiger_qui_repond
from apart.etablissements.actions import avis_de_preuve, preuves
from apart.etablissements.echelle import (
    ATTENTE_ACCORD,
    ATTENTE_OPPOSITION,
    DELAI_POUR_DEFAIRE,
    DEMANDES,
    PAR_PREUVE,
    TREVE,
)
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import DemandePreuve, Etablissement, Habilitation, Preuve
from apart.etablissements.preuves import ParDomaine, par_domaine, possibles, qui_peut_relever
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.limites import consommer
from apart.socle.models import journaliser, verrouiller
from apart.socle.travaux import chacun

ANNEE = timedelta(days=365.25)


class PreuveRefusee(Exception):
    """Cette preuve ne peut pas être donnée ou défaite ; le message dit pourquoi, et quoi faire."""


@transaction.atomic
def demander(habilitation: Habilitation, niveau: Preuve, *, par: Utilisateur) -> bool:
    """La personne demande à relever sa preuve ; vrai si un message part, faux s'il est retenu ou déjà parti.

    Par le domaine, elle sera posée dans 72 heures et chacun en reçoit l'avis. Par un code, il part (de nouveau) au
    courriel de l'établissement. Par un accord, ceux qui peuvent le donner sont prévenus. Lève PermissionDenied si par
    n'est pas elle, GesteImpossible si elle n'est plus habilitée, PreuveRefusee, TropDeDemandes.
    """
    exiger(par.is_active and par.pk == habilitation.utilisateur_id, "donner une preuve pour quelqu'un d'autre")
    tenue = preuves.tenir(habilitation)
    ouverte = DemandePreuve.objects.ouvertes().filter(habilitation=tenue, niveau=niveau).first()
    if niveau not in possibles(tenue):
        raise PreuveRefusee(
            "Cette preuve ne peut plus être donnée ici : rechargez la page pour voir celles qui restent."
        )
    if ouverte and niveau != Preuve.COURRIEL_ETABLISSEMENT:
        return False
    _exiger_treve_finie(tenue, niveau)
    demande = ouverte or DemandePreuve.objects.create(
        habilitation=tenue,
        niveau=niveau,
        opposable_jusqu_au=timezone.now() + ATTENTE_OPPOSITION if niveau == Preuve.DOMAINE else None,
    )
    journaliser("demander_preuve", sujet=demande.sujet, par=par, demande=demande.pk, niveau=niveau)
    est_parti = avis_de_preuve.ENVOIS[niveau](demande)
    consommer(DEMANDES, str(tenue.pk))
    return est_parti


def _exiger_treve_finie(habilitation: Habilitation, niveau: Preuve) -> None:
    """Opposée ou refusée, la même demande ne revient pas aussitôt lasser ceux qui ont dit non."""
    non = DemandePreuve.objects.filter(habilitation=habilitation, niveau=niveau)
    non = non.filter(etat__in=[EtatPreuve.OPPOSEE, EtatPreuve.REFUSEE], traitee_le__gt=timezone.now() - TREVE)
    if non.exists():
        raise PreuveRefusee(
            f"Cette preuve vous a été refusée il y a moins de {TREVE.days} jours. Donnez-en une autre."
        )


def taper_code(demande: DemandePreuve, code: str, *, par: Utilisateur) -> Habilitation:
    """La personne tape dans son espace le code reçu au courriel de l'établissement. Cinq essais par code (T31).

    Lève PermissionDenied si par n'est pas elle, JetonRefuse, GesteImpossible, PreuveRefusee.
    """
    exiger(par.is_active and par.pk == demande.habilitation.utilisateur_id, "taper un code pour quelqu'un d'autre")
    refus = JetonRefuse(Raison.EXPIRE)
    for jeton in demande.jetons.vivants().order_by("-emis_le"):  # un message retardé arrive parfois après le suivant
        try:
            demande_du_jeton(jeton)  # répondue depuis : le code ne s'échange plus
            secret = echanger_code(Usage.PREUVE, Demande(jeton.reference, jeton.emis_le), code)
        except JetonRefuse as raison:
            refus = raison
        else:
            return prouver(secret, par=par)
    raise refus


@transaction.atomic
def prouver(secret: str, *, par: Utilisateur) -> Habilitation:
    """La personne, connectée, a ouvert le lien reçu au courriel de l'établissement ou tapé son code.

    Lève JetonRefuse, PermissionDenied si la demande est celle d'une autre, GesteImpossible, PreuveRefusee.
    """
    jeton = jetons.verrouiller(Usage.PREUVE, secret)
    demande = demande_du_jeton(jeton)
    exiger(par.is_active and par.pk == demande.habilitation.utilisateur_id, "donner une preuve pour quelqu'un d'autre")
    tenue = preuves.tenir(demande.habilitation)
    if tenue.etablissement.courriel != jeton.courriel:
        raise JetonRefuse(Raison.REMPLACE)
    _exiger_en_attente(demande)
    relevee = _relever(demande, tenue, par=par)
    jetons.employer(jeton, freres=demande.jetons.all())
    return relevee


def demande_du_jeton(jeton: Jeton) -> DemandePreuve:
    """La demande de ce lien ; lève JetonRefuse si elle n'attend plus rien."""
    demande: DemandePreuve | None = jeton.demandes_preuve.select_related("habilitation__etablissement").first()
    if demande is None:
        raise JetonRefuse(Raison.INCONNU)
    if demande.etat != EtatPreuve.DEPOSEE:
        raise JetonRefuse(Raison.EMPLOYE)
    return demande


def _exiger_en_attente(demande: DemandePreuve) -> None:
    """Verrouille et relit : un autre geste vient peut-être d'y répondre."""
    demande.verrouiller()
    if demande.etat != EtatPreuve.DEPOSEE:
        raise JetonRefuse(Raison.EMPLOYE)


@transaction.atomic
def approuver(demande: DemandePreuve, *, par: Utilisateur) -> Habilitation:
    """Un membre qui a mieux prouvé donne son accord : la preuve est posée, et vaut au plus la sienne.

    Lève PermissionDenied si son accord ne relèverait rien, GesteImpossible s'il y a déjà une réponse, AdresseRetenue
    s'il vient lui-même de reprendre un accès (T38).
    """
    tenue = _tenir_pour(demande, par)
    exiger_qui_repond(par)
    return _relever(demande, tenue, accord_de=par, par=par)


@transaction.atomic
def refuser(demande: DemandePreuve, *, par: Utilisateur) -> None:
    """Un membre qui pourrait donner son accord le refuse ; la personne en est prévenue.

    Lève PermissionDenied si ce n'est pas le sien, GesteImpossible s'il y a déjà une réponse.
    """
    _tenir_pour(demande, par)
    _clore(demande, "refuser_preuve", par=par)
    avis_de_preuve.dire_non(demande, "refusee")


def _tenir_pour(demande: DemandePreuve, par: Utilisateur) -> Habilitation:
    """Les droits se lisent sous les verrous : un membre qu'on vient d'ôter ne répond plus."""
    membres = Habilitation.objects.actives().filter(etablissement=demande.habilitation.etablissement_id)
    exiger(par.is_active and membres.filter(utilisateur=par).exists(), "répondre à cette demande")
    tenue = preuves.tenir(demande.habilitation)
    demande.verrouiller()
    if not demande.peut("relever_preuve"):
        raise GesteImpossible("relever_preuve", demande.etat)
    est_permis = demande.niveau == Preuve.MEMBRE and qui_peut_relever(tenue).filter(utilisateur=par).exists()
    exiger(est_permis, "répondre à cette demande : il faut avoir mieux prouvé que cette personne")
    return tenue


@transaction.atomic
def opposer(secret: str) -> DemandePreuve:
    """Qui a reçu l'avis d'une preuve par le domaine s'y oppose, sans se connecter : elle ne sera pas posée.

    Rien de plus : la personne garde sa preuve d'avant et les autres façons de la relever (T18). Lève JetonRefuse, même
    d'un lien vivant, si celui qui s'oppose n'est plus membre ou si l'adresse n'est plus celle de l'établissement.
    """
    jeton = jetons.verrouiller(Usage.OPPOSITION, secret)
    demande = demande_du_jeton(jeton)
    etablissement = verrouiller(Etablissement.objects.filter(pk=demande.habilitation.etablissement_id)).get()
    if not _peut_s_opposer(jeton, etablissement):
        raise JetonRefuse(Raison.REMPLACE)
    _exiger_en_attente(demande)
    _clore(demande, "opposer_preuve", par=jeton.utilisateur)
    jetons.employer(jeton, freres=demande.jetons.all())
    avis_de_preuve.dire_non(demande, "opposee")
    return demande


def _peut_s_opposer(jeton: Jeton, etablissement: Etablissement) -> bool:
    if jeton.utilisateur_id is None:
        return etablissement.courriel == jeton.courriel
    return etablissement.habilitations.actives().filter(utilisateur=jeton.utilisateur_id).exists()


@transaction.atomic
def defaire(demande: DemandePreuve, *, par: Utilisateur) -> None:
    """Un autre principal, qui a prouvé au moins autant, défait une preuve posée depuis moins de 30 jours.

    L'habilitation repose de nouveau sur la preuve d'avant, et ce qui en venait est repesé. Lève PermissionDenied,
    GesteImpossible si elle n'est pas posée ou l'habilitation terminée, PreuveRefusee passé le délai.
    """
    exiger(par.is_active and par.pk != demande.habilitation.utilisateur_id, "défaire votre propre preuve")
    tenue = _tenir_la_sienne(demande)
    sienne = tenue.etablissement.habilitations.qui_decident().filter(utilisateur=par).first()
    exiger(
        sienne is not None and sienne.valeur >= tenue.valeur,
        "défaire cette preuve : il faut être utilisateur principal et avoir prouvé au moins autant",
    )
    with demande.franchir("defaire_preuve", par=par, demande=demande.pk):
        if demande.defaisable_jusqu_au is None or timezone.now() >= demande.defaisable_jusqu_au:
            raise PreuveRefusee("Cette preuve ne se défait plus. Écrivez à l'assistance.")
        demande.defaite_par = par
    if demande.fondement:
        preuves.revenir(demande.fondement, par=par)
    avis_de_preuve.dire_defaite(demande)


def _tenir_la_sienne(demande: DemandePreuve) -> Habilitation:
    """L'accès d'où elle pend, relu sous les verrous : une reprise défaite l'a peut-être passée à un autre, rouvert."""
    verrouiller(Utilisateur.objects.filter(pk=demande.habilitation.utilisateur_id)).get()
    verrouiller(Etablissement.objects.filter(pk=demande.habilitation.etablissement_id)).get()
    demande.refresh_from_db(fields=["habilitation"])
    return preuves.tenir(demande.habilitation)


@transaction.atomic
def rendre_les_preuves(
    etablissement: Etablissement, *, depuis: datetime, decidait: Callable[[int | None, datetime], bool]
) -> None:
    """Ce qu'a défait depuis qui ne décidait pas revient. Un morceau du geste qui défait une reprise, et qui a refusé.

    decidait : si cette personne avait ce pouvoir à cet instant. Repeser suit.
    """
    defaites = DemandePreuve.objects.filter(
        habilitation__etablissement=etablissement, etat=EtatPreuve.DEFAITE, fondement__retire_le__gte=depuis
    )
    for demande in defaites.exclude(defaite_par=None).select_related("fondement").order_by("pk"):
        fondement = demande.fondement
        if fondement and fondement.retire_le and not decidait(demande.defaite_par_id, fondement.retire_le):
            with demande.franchir("rendre_preuve", demande=demande.pk):
                demande.defaite_par = None
            fondement.retire_le = None
            fondement.save(update_fields=["retire_le"])


@transaction.atomic
def ecarter_les_refus(
    etablissement: Etablissement, *, depuis: datetime, y_etait: Callable[[int | None, datetime], bool]
) -> None:
    """Le refus, ou l'opposition, de qui n'y était pas n'arrête plus personne. Comme rendre_les_preuves."""
    non = DemandePreuve.objects.filter(habilitation__etablissement=etablissement, traitee_le__gte=depuis)
    non = non.filter(etat__in=[EtatPreuve.OPPOSEE, EtatPreuve.REFUSEE], traitee_par__isnull=False)
    for demande in non.order_by("pk"):
        if demande.traitee_le and not y_etait(demande.traitee_par_id, demande.traitee_le):
            with demande.franchir("ecarter_refus", demande=demande.pk):
                pass


def _relever(
    demande: DemandePreuve, tenue: Habilitation, *, par: Utilisateur | None, accord_de: Utilisateur | None = None
) -> Habilitation:
    """Pose la preuve demandée, sous les verrous de tenir. Lève GesteImpossible, PreuveRefusee si rien n'est relevé."""
    autres = list(verrouiller(DemandePreuve.objects.ouvertes().filter(habilitation=tenue).exclude(pk=demande.pk)))
    echelon = PAR_PREUVE[Preuve(demande.niveau)]
    with demande.franchir("relever_preuve", par=par, demande=demande.pk):
        demande.traitee_le, demande.traitee_par = timezone.now(), par
        if echelon.est_defaisable:
            demande.defaisable_jusqu_au = timezone.now() + DELAI_POUR_DEFAIRE
        demande.fondement = preuves.poser(tenue, echelon.preuve, accord_de=accord_de, par=par)
    relevee = demande.fondement.habilitation
    if relevee.valeur <= tenue.valeur:
        raise PreuveRefusee("Cette preuve ne vaudrait pas plus que la vôtre. Donnez-en une autre.")
    for autre in autres:
        if autre.niveau <= relevee.valeur:
            _clore(autre, "abandonner_preuve")
    return relevee


def _clore(demande: DemandePreuve, geste: str, *, par: Utilisateur | None = None) -> None:
    with demande.franchir(geste, par=par, demande=demande.pk):
        demande.traitee_le, demande.traitee_par = timezone.now(), par


def poser_les_dues() -> None:
    """Pose les preuves par le domaine auxquelles personne ne s'est opposé en 72 heures.

    Tout est relu au moment de poser : ce qui ne convient plus est laissé sans suite. Sans dommage deux fois, ou tard.
    """
    dues = DemandePreuve.objects.dues().select_related("habilitation__etablissement")
    chacun(*(partial(_poser_due, demande) for demande in dues))


@transaction.atomic
def _poser_due(demande: DemandePreuve) -> None:
    tenue, convient = _si_elle_convient_encore(demande)
    demande.verrouiller()
    if not demande.peut("relever_preuve"):  # un autre travailleur, ou une opposition, est passé entre-temps
        return
    if tenue and convient:
        _relever(demande, tenue, accord_de=convient.accord_de, par=None)
    else:
        _clore(demande, "abandonner_preuve")
        avis_de_preuve.dire_non(demande, "abandonnee")


def _si_elle_convient_encore(demande: DemandePreuve) -> tuple[Habilitation | None, ParDomaine | None]:
    try:
        tenue = preuves.tenir(demande.habilitation)
    except GesteImpossible:  # elle n'est plus habilitée
        return None, None
    return tenue, par_domaine(tenue)


def purger() -> int:
    """Efface les demandes de preuve tranchées depuis DECISIONS_ANNEES ; rend leur nombre. Le journal, lui, reste.

    L'habilitation garde sa preuve, et qui s'en porte garant.
    """
    depuis = timezone.now() - ANNEE * settings.DECISIONS_ANNEES
    return DemandePreuve.objects.filter(traitee_le__lt=depuis).delete()[1].get(DemandePreuve._meta.label, 0)


def abandonner_les_oubliees() -> int:
    """Laisse sans suite les demandes que rien n'a fait avancer en 30 jours ; rend leur nombre."""
    anciennes = DemandePreuve.objects.ouvertes().filter(deposee_le__lt=timezone.now() - ATTENTE_ACCORD)
    oubliees = list(anciennes.exclude(niveau=Preuve.DOMAINE))
    for demande in oubliees:
        _oublier(demande)
    return len(oubliees)


def _oublier(demande: DemandePreuve) -> None:
    try:
        _clore(demande, "abandonner_preuve")
    except GesteImpossible:
        return  # répondue entre-temps

"""Écrire une lettre à l'adresse du répertoire, et employer le code qu'elle porte (preuve 5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apart.comptes.identifiant import normaliser
from apart.comptes.models import Utilisateur
from apart.etablissements import messageries
from apart.etablissements.actions import preuves
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.repertoire.adresses import departement
from apart.repertoire.models import trouver
from apart.reprises.actions import contestations
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.lettres import ESSAIS, CodeRefuse, LettreRefusee, adresse_postale, tirer_code
from apart.reprises.models import Lettre, Reprise
from apart.reprises.models.lettre import PLACES, LettreQuerySet
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.chiffrement import coffre
from apart.socle.models import journaliser, verrouiller
from apart.socle.saisies import boite

PERIODE = timedelta(days=30)
PAR_ETABLISSEMENT = 3  # lettres d'habilitations ; pour les reprises, demandeurs à qui une lettre est écrite
PAR_DEMANDEUR = 2  # d'une reprise : sa lettre, et celle qui la remplace si elle n'est pas arrivée
CONSERVATION = timedelta(days=365)  # d'une lettre finie : de quoi répondre à qui en parle
EN_ROUTE = (
    "Une lettre est déjà en route vers cet établissement, et il n'en part qu'une à la fois. Attendez la fin de "
    "celle-ci, 21 jours après son impression, ou donnez une autre preuve."
)
ASSEZ = (
    "Trois lettres sont déjà parties vers cet établissement en trente jours : il n'en part pas davantage. Donnez une "
    "autre preuve, ou revenez plus tard."
)
PLEIN = (
    "Trois autres personnes ont déjà une lettre en route vers cet établissement, et il n'en part pas davantage à la "
    "fois. Donnez une autre preuve, ou écrivez à l'assistance : un agent peut en annuler une."
)
TROIS_PERSONNES = (
    "Trois autres personnes ont fait partir une lettre vers cet établissement en trente jours : il n'en part pas "
    "davantage. Donnez une autre preuve, ou revenez plus tard."
)
MEME_DOMAINE = (
    "Une lettre a déjà été demandée par une autre adresse du même domaine, et il n'en part qu'une en trente jours. "
    "Donnez une autre preuve, ou écrivez à l'assistance."
)
DEJA_EU = (
    "Une lettre vous a déjà été écrite, et il n'en part qu'une par personne en trente jours, sauf dix jours après son "
    "impression si elle n'est pas arrivée. Reste l'attestation de l'employeur, ou une autre preuve."
)
PHRASES = {
    EtatLettre.A_IMPRIMER: "Cette lettre n'est pas encore partie. Son code vaudra dès qu'elle sera imprimée.",
    EtatLettre.EMPLOYEE: "Ce code a déjà servi.",
    EtatLettre.REVENUE: "Cette lettre nous est revenue : son code ne vaut plus. Donnez une autre preuve.",
    EtatLettre.ANNULEE: "Cette lettre ne vaut plus. Demandez-en une autre.",
    EtatLettre.ECHUE: "Ce code ne vaut plus : sa date est passée. Demandez une autre lettre.",
}
EPUISE = "Ce code a été essayé trois fois : cette lettre ne vaut plus. Demandez-en une autre."
INTERDIT = "Vous ne pouvez pas demander cette lettre."
FINIE = "Vous n'êtes plus habilité pour cet établissement : ce code n'y prouve plus rien."
SANS_LETTRE = "Aucune lettre n'est en route. Demandez-en une d'abord."


@dataclass(frozen=True)
class CodeJuste:
    """Un code tapé, jugé juste et compté : de quoi employer sa lettre, et elle seule (juger_code)."""

    lettre: int


@transaction.atomic
def ecrire(
    *,
    etablissement: Etablissement,
    par: Utilisateur | None,
    pour_habilitation: Habilitation | None = None,
    pour_reprise: Reprise | None = None,
) -> Lettre:
    """Écrit une lettre à l'adresse du répertoire, recopiée à cet instant ; elle part au lot suivant.

    Envoyé deux fois, n'en écrit qu'une : celle du même objet est rendue, sauf imprimée depuis dix jours, où elle
    n'est sans doute pas arrivée et où une neuve la remplace. par : la personne habilitée ; pour une reprise, qui la
    demande (personne sans compte) ou l'agent. Lève PermissionDenied, LettreRefusee, SansAdresse.
    """
    etablissement = verrouiller(Etablissement.objects.filter(pk=etablissement.pk)).get()
    objet = _objet(etablissement, par, pour_habilitation, pour_reprise)
    if en_route := _en_route(etablissement, objet, par):
        return en_route
    fiche = trouver(etablissement.siret)
    lettre = Lettre.objects.create(
        etablissement=etablissement,
        demandee_par=par,
        adresse=adresse_postale(fiche),
        denomination=fiche.denomination if fiche else "",
        departement=departement(fiche.code_postal, fiche.code_commune) if fiche else "",
        code_chiffre=coffre("lettre").encrypt(tirer_code().encode()),
        **objet,
        **_place(etablissement, pour_reprise),
    )
    journaliser("ecrire_lettre", sujet=lettre.sujet, par=par, lettre=lettre.pk)
    return lettre


def _place(etablissement: Etablissement, reprise: Reprise | None) -> dict[str, str | int]:
    """Ce qui range la lettre d'une reprise : son demandeur, et la première place libre. Sous l'établissement."""
    if reprise is None:
        _exiger_debit(etablissement)
        return {}
    _exiger_debit_de_reprise(etablissement, reprise)
    prises = set(etablissement.lettres.de_la_sorte(est_reprise=True).vivantes().values_list("place", flat=True))
    libres = set(range(1, PLACES + 1)) - prises
    if not libres:
        raise LettreRefusee(PLEIN)
    return {"demandeur": boite(reprise.courriel), "place": min(libres)}


def _exiger_debit(etablissement: Etablissement) -> None:
    """Trois lettres d'habilitations en trente jours vers un établissement ; lève LettreRefusee."""
    parties = etablissement.lettres.de_la_sorte(est_reprise=False).parties_depuis(PERIODE)
    if parties.filter(ecartee_par=None).count() >= PAR_ETABLISSEMENT:
        raise LettreRefusee(ASSEZ)


def _exiger_debit_de_reprise(etablissement: Etablissement, reprise: Reprise) -> None:
    """Une lettre par messagerie, et celle qui la remplace si elle n'arrive pas ; trois messageries en trente jours.

    Celle qu'un agent a écartée n'est comptée que contre qui l'avait demandée, ou son domaine. Lève LettreRefusee.
    """
    toutes = etablissement.lettres.de_la_sorte(est_reprise=True).exclude(pk__in=_perdues_pour_rien(etablissement))
    parties = toutes.parties_depuis(PERIODE)
    siennes = (parties | toutes.vivantes()).filter(demandeur=boite(reprise.courriel)).order_by("-ecrite_le", "-pk")
    derniere = siennes.first()
    if derniere is not None:
        est_close = derniere.est_epuisee or derniere.etat == EtatLettre.REVENUE or derniere.ecartee_par_id is not None
        if est_close or not derniere.se_renvoie or siennes.count() >= PAR_DEMANDEUR:
            raise LettreRefusee(DEJA_EU)
    elif _son_domaine_en_a_une(reprise, parties):
        raise LettreRefusee(MEME_DOMAINE)
    autres = parties.filter(ecartee_par=None).exclude(demandeur=boite(reprise.courriel))
    if autres.values("demandeur").distinct().count() >= PAR_ETABLISSEMENT:
        raise LettreRefusee(PLEIN if autres.vivantes().count() >= PLACES else TROIS_PERSONNES)


def _perdues_pour_rien(etablissement: Etablissement) -> list[int]:
    """Celles qu'a tuées, en se faisant d'abord, une reprise défaite depuis : elles ne comptent contre personne."""
    tuees = etablissement.lettres.filter(etat=EtatLettre.ANNULEE, essais__lt=ESSAIS, ecartee_par=None)
    return list(tuees.filter(reprise__devancee_par__etat=EtatReprise.ANNULEE).values_list("pk", flat=True))


def _son_domaine_en_a_une(reprise: Reprise, parties: LettreQuerySet) -> bool:
    """Une autre adresse du domaine professionnel de qui demande : il en crée autant qu'il veut.

    Une messagerie grand public est à chacun ; le domaine de l'établissement, ou d'un de ses membres, à ses salariés.
    """
    sienne, ici = _famille(reprise.courriel), reprise.etablissement
    membres = ici.habilitations.actives().values_list("utilisateur__courriel", flat=True)
    if messageries.est_grand_public(sienne) or sienne in {_famille(adresse) for adresse in (ici.courriel, *membres)}:
        return False
    demandeurs = parties.exclude(demandeur=boite(reprise.courriel)).values_list("demandeur", flat=True)
    return sienne in {_famille(autre) for autre in demandeurs}


def _famille(adresse: str) -> str:
    return messageries.famille(messageries.domaine(adresse))


def pourquoi_pas(reprise: Reprise) -> str:
    """Ce qui empêche d'écrire la lettre de cette reprise, en une phrase ; vide si elle peut partir. Ne change rien."""
    etablissement, maintenant = reprise.etablissement, timezone.now()
    autres = etablissement.lettres.de_la_sorte(est_reprise=True).vivantes().exclude(demandeur=boite(reprise.courriel))
    genantes = autres.exclude(expire_le__lte=maintenant).exclude(
        pk__in=etablissement.lettres.sans_objet().values("pk")
    )
    try:
        _exiger_debit_de_reprise(etablissement, reprise)
        if genantes.count() >= PLACES:
            raise LettreRefusee(PLEIN)
        adresse_postale(trouver(etablissement.siret))
    except LettreRefusee as refus:
        return refus.phrase
    return ""


def _objet(
    etablissement: Etablissement,
    par: Utilisateur | None,
    habilitation: Habilitation | None,
    reprise: Reprise | None,
) -> dict[str, Habilitation | Reprise]:
    """Ce que la lettre prouvera, verrouillé et relu."""
    if habilitation is not None:
        return {"habilitation": _a_prouver(etablissement, habilitation, par)}
    if reprise is None or (par is not None and not par.is_active):
        raise PermissionDenied(INTERDIT)
    relue: Reprise = verrouiller(etablissement.reprises.filter(pk=reprise.pk)).get()
    if not relue.est_ouverte or relue.est_releve:
        raise LettreRefusee("Cette demande n'attend plus de preuve.")
    return {"reprise": relue}


def _a_prouver(etablissement: Etablissement, habilitation: Habilitation, par: Utilisateur | None) -> Habilitation:
    siennes = etablissement.habilitations.actives().filter(pk=habilitation.pk, utilisateur=par)
    relue = verrouiller(siennes).first()
    if relue is None or par is None or not par.is_active:
        raise PermissionDenied(INTERDIT)
    if relue.valeur >= Preuve.LETTRE:
        raise LettreRefusee("Votre preuve vaut déjà au moins ce que vaut une lettre.")
    return relue


def _en_route(
    etablissement: Etablissement, objet: dict[str, Habilitation | Reprise], par: Utilisateur | None
) -> Lettre | None:
    """La lettre vivante du même objet, si elle suffit. Celles qui n'ont plus lieu d'être laissent leur place."""
    sorte = etablissement.lettres.de_la_sorte(est_reprise="reprise" in objet)
    sans_objet = set(sorte.sans_objet().values_list("pk", flat=True))
    restent = []
    for lettre in verrouiller(sorte.vivantes()):
        if lettre.est_echue:
            finir(lettre, "echoir")
        elif lettre.pk in sans_objet or (lettre.se_renvoie and _est_sienne(lettre, objet)):
            finir(lettre, "annuler_lettre", par=par)
        else:
            restent.append(lettre.pk)
    la_meme: Lettre | None = sorte.filter(pk__in=restent, **objet).first()
    if la_meme is None and restent and "habilitation" in objet:
        raise LettreRefusee(EN_ROUTE)
    return la_meme


def _est_sienne(lettre: Lettre, objet: dict[str, Habilitation | Reprise]) -> bool:
    """Celle de la même personne : de son habilitation, ou d'une de ses reprises."""
    pour = objet.get("reprise") or objet["habilitation"]
    if isinstance(pour, Reprise):
        return boite(lettre.demandeur) == boite(pour.courriel)
    return lettre.habilitation_id == pour.pk


def finir(lettre: Lettre, geste: str, *, par: Utilisateur | None = None, **details: str | int) -> None:
    """Franchit un geste qui finit la lettre. Elle n'a plus de code : il ne servirait qu'à qui n'y a pas droit."""
    with lettre.franchir(geste, par=par, lettre=lettre.pk, **details):
        lettre.finie_le, lettre.code_chiffre = timezone.now(), b""


@transaction.atomic
def annuler_celles_de(reprise: Reprise, *, par: Utilisateur | None) -> None:
    """Annule la lettre d'une reprise finie, dans la transaction du geste qui la finit."""
    for lettre in verrouiller(Lettre.objects.vivantes().filter(reprise=reprise)):
        finir(lettre, "annuler_lettre", par=par)


def juger_code(objet: Lettre | Habilitation | Reprise, code: str, *, par: Utilisateur | None) -> CodeJuste:
    """Juge le code tapé pour cet objet, et compte l'essai s'il est faux : le troisième tue la lettre (T31).

    Hors de toute transaction, qui déferait le compte avec le refus. Un code juste ne change rien : employer_code le
    fait, avec ce qu'il prouve. Lève CodeRefuse, dont la phrase dit ce qui reste ; PermissionDenied.
    """
    with transaction.atomic():
        lettre = _lettre_de(objet)
        if lettre.habilitation is not None:
            exiger(par is not None and par.is_active and lettre.habilitation.utilisateur == par, "employer ce code")
        lettre.verrouiller()
        if lettre.etat != EtatLettre.IMPRIMEE or lettre.est_echue:
            raise CodeRefuse(_phrase(lettre))
        if not lettre.code:
            raise CodeRefuse(PHRASES[EtatLettre.ANNULEE])
        if hmac.compare_digest(normaliser(code).encode(), lettre.code.encode()):
            return CodeJuste(lettre.pk)
        refus = _compter_un_essai(lettre, par)
    raise CodeRefuse(refus)


def _lettre_de(objet: Lettre | Habilitation | Reprise) -> Lettre:
    """La dernière lettre de cet objet ; morte, elle dit encore pourquoi."""
    lettre = objet if isinstance(objet, Lettre) else objet.lettres.order_by("-ecrite_le", "-pk").first()
    if lettre is None:
        raise CodeRefuse(SANS_LETTRE)
    return lettre


def _phrase(lettre: Lettre) -> str:
    if lettre.etat == EtatLettre.IMPRIMEE:
        return PHRASES[EtatLettre.ECHUE]
    return EPUISE if not lettre.essais_restants else PHRASES[EtatLettre(lettre.etat)]


def _compter_un_essai(lettre: Lettre, par: Utilisateur | None) -> str:
    geste = "essayer_code" if lettre.essais_restants > 1 else "epuiser_lettre"
    with lettre.franchir(geste, par=par, lettre=lettre.pk, essai=lettre.essais + 1):
        lettre.essais += 1
        if not lettre.essais_restants:
            lettre.finie_le, lettre.code_chiffre = timezone.now(), b""
    if not lettre.essais_restants:
        return EPUISE
    restent = "un seul essai" if lettre.essais_restants == 1 else f"{lettre.essais_restants} essais"
    return f"Ce code n'est pas celui de la lettre. Vérifiez chaque signe : il vous reste {restent}."


@transaction.atomic
def employer_code(juste: CodeJuste, *, par: Utilisateur | None) -> Lettre:
    """Emploie une lettre, une fois, dans la transaction de ce qu'elle prouve, ses verrous déjà pris (décision 0012).

    Lève CodeRefuse si elle a servi, a été annulée ou est échue depuis.
    """
    lettre = Lettre.objects.get(pk=juste.lettre)
    try:
        with lettre.franchir("employer_lettre", par=par, lettre=lettre.pk):
            if lettre.est_echue:
                raise CodeRefuse(PHRASES[EtatLettre.ECHUE])
            lettre.finie_le, lettre.code_chiffre = timezone.now(), b""
    except GesteImpossible as refus:
        raise CodeRefuse(_phrase(lettre)) from refus
    return lettre


def prouver(habilitation: Habilitation, code: str, *, par: Utilisateur) -> Lettre:
    """La personne tape le code reçu : son habilitation repose sur la preuve 5. Lève CodeRefuse, PermissionDenied."""
    juste = juger_code(habilitation, code, par=par)
    with transaction.atomic():
        try:
            tenue = preuves.tenir(habilitation)
        except GesteImpossible as refus:
            raise CodeRefuse(FINIE) from refus
        lettre = employer_code(juste, par=par)
        preuves.poser(tenue, Preuve.LETTRE, par=par)
        contestations.accorder(tenue.etablissement)
    return lettre


def achever() -> int:
    """Chaque nuit : échoit les lettres passées, annule celles qui ne prouveraient plus rien ; rend leur nombre.

    Celles dont la clé n'est plus gardée aussi. Sans danger deux fois, en retard, ou à deux ensemble.
    """
    passees = Lettre.objects.filter(etat=EtatLettre.IMPRIMEE, expire_le__lte=timezone.now())
    illisibles = (lettre for lettre in Lettre.objects.vivantes().order_by("pk") if not lettre.code)
    return (
        sum(_achever(lettre, "echoir") for lettre in passees.order_by("pk"))
        + sum(_achever(lettre, "annuler_lettre") for lettre in Lettre.objects.sans_objet().order_by("pk"))
        + sum(_achever(lettre, "annuler_lettre") for lettre in illisibles)
    )


def _achever(lettre: Lettre, geste: str) -> bool:
    try:
        finir(lettre, geste)
    except GesteImpossible:  # employée à l'instant, ou achevée par un autre travailleur
        return False
    return True


def purger() -> int:
    """Efface les lettres finies depuis un an ; le journal garde qu'elles ont existé."""
    return Lettre.objects.filter(finie_le__lt=timezone.now() - CONSERVATION).delete()[0]

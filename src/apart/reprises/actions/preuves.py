"""Ce que la personne donne elle-même pour reprendre un accès : un niveau de l'échelle, à son choix."""

from __future__ import annotations

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apart.comptes import jetons as lecture
from apart.comptes.actions import jetons
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.models import Jeton, JetonQuerySet, Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue, exiger_qui_repond
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse
from apart.etablissements import messageries
from apart.etablissements.actions.espace import OuvertureRefusee
from apart.etablissements.models import Etablissement, Habilitation, HabilitationQuerySet, Preuve, Role
from apart.reprises.actions import avis, lettres
from apart.reprises.actions.demande import abandonner, dire, franchir, verrouiller_etablissement
from apart.reprises.actions.execution import (
    DefaiteDepuisPeu,
    executer,
    exiger_adresse_libre,
    exiger_pas_defaite,
    ouvrir_opposition,
    titulaire,
)
from apart.reprises.actions.verrous import verrouiller_parents
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Lettre, PhraseReprise, Reprise
from apart.reprises.models.reprise import TREVE
from apart.reprises.poids import code_vaut_moins, plus_forte
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.models import journaliser
from apart.socle.saisies import boite
from apart.socle.travaux import chacun

journal = logging.getLogger(__name__)
REFUS_D_ACCORD = "refuser_accord"
DELAIS_PERMIS = 3  # délais d'opposition ouverts en trente jours par une même personne


def adresse_independante(etablissement: Etablissement, courriel: str) -> bool:
    """L'adresse de l'établissement prouve : vérifiée, à aucun membre, et pas celle de qui demande (niveau 3)."""
    return (
        etablissement.courriel_prouve_le is not None
        and boite(etablissement.courriel) != boite(courriel)
        and not _est_ou_fut_d_une_personne(etablissement)
    )


def _est_ou_fut_d_une_personne(etablissement: Etablissement) -> bool:
    """L'adresse de qui est, ou fut, habilité ici, ou celle qu'il avait : renvoyé, il la lit encore."""
    gens = etablissement.habilitations.values("utilisateur")
    adresses = [a for _, a in Utilisateur.objects.filter(pk__in=gens).toutes_leurs_adresses()]
    return any(boite(adresse) == boite(etablissement.courriel) for adresse in adresses)


def collegues(reprise: Reprise) -> HabilitationQuerySet:
    """Ceux dont l'accord vaut (niveau 4) : membres actifs, ni qui demande, ni le titulaire que l'on remplace.

    Un cabinet n'en est pas : il n'est pas de l'établissement. Personne pour une preuve à relever : elle a son geste.
    """
    if reprise.est_releve:
        return Habilitation.objects.none()
    actives = Habilitation.objects.actives().filter(
        etablissement=reprise.etablissement_id, role__in=(Role.PRINCIPAL, Role.MEMBRE), utilisateur__is_active=True
    )
    ancien = titulaire(reprise)
    autres = actives.exclude(utilisateur__in=reprise.comptes_de_qui_demande())
    return autres.exclude(pk=ancien.pk) if ancien else autres


def code_en_attente(reprise: Reprise) -> Jeton | None:
    """Le dernier code parti vers l'adresse de l'établissement, s'il vaut encore."""
    return _codes(reprise).first()


def _codes(reprise: Reprise) -> JetonQuerySet:
    return Jeton.objects.vivants().filter(reprises=reprise, usage=Usage.CODE_REPRISE).order_by("-emis_le")


def _exiger_ouverte(reprise: Reprise, geste: str) -> None:
    """La demande attend une preuve, et son adresse n'est pas retenue (T38). Lève GesteImpossible, AdresseRetenue."""
    if not reprise.attend_une_preuve:
        raise GesteImpossible(geste, reprise.etat)
    if geste != "contester":
        exiger_adresse_libre(reprise)
    if geste in ("envoyer_code", "executer_reprise"):
        exiger_pas_defaite(reprise)


def porteurs_du_domaine(etablissement: Etablissement, courriel: str) -> list[Utilisateur | None]:
    """De qui la personne a le domaine professionnel : des membres, puis l'adresse de l'établissement (None).

    Vide si ce domaine est celui d'une messagerie grand public, ou si personne ici ne l'a. Un cabinet n'en est pas.
    """
    nom = messageries.domaine(courriel)
    if messageries.est_grand_public(nom):
        return []
    membres = etablissement.habilitations.actives().exclude(role=Role.TIERS)
    memes = membres.filter(utilisateur__courriel__endswith=f"@{nom}", utilisateur__is_active=True)
    personnes = [m.utilisateur for m in memes.select_related("utilisateur").order_by("-valeur")]
    trouves: list[Utilisateur | None] = [p for p in personnes if boite(p.courriel) != boite(courriel)]
    if etablissement.courriel_prouve_le and messageries.domaine(etablissement.courriel) == nom:
        trouves.append(None)
    return trouves


@transaction.atomic
def invoquer_le_domaine(reprise: Reprise) -> None:
    """Niveau 2 : même domaine professionnel que l'établissement ou qu'un membre. 72 heures pour s'y opposer.

    Lève PermissionDenied si le domaine n'est pas commun ou est grand public, GesteImpossible, DejaProposee.
    """
    etablissement = verrouiller_etablissement(reprise)
    exiger_adresse_libre(reprise)
    porteurs = porteurs_du_domaine(etablissement, reprise.courriel)
    exiger(bool(porteurs) and peut_attendre(reprise), "employer ce domaine comme preuve")
    ouvrir_opposition(reprise, Preuve.DOMAINE, garant=_qui_reste(reprise, porteurs))


def peut_attendre(reprise: Reprise) -> bool:
    """Un délai d'opposition peut s'ouvrir : ni trêve, ni opposition levée, ni trois délais en trente jours."""
    depuis = timezone.now() - TREVE
    ouverts = reprise.siennes().filter(opposition_jusqu_au__gt=depuis).count()
    return not reprise.est_en_treve and reprise.levee_le is None and ouverts < DELAIS_PERMIS


def _qui_reste(reprise: Reprise, porteurs: list[Utilisateur | None]) -> Utilisateur | None:
    """Le garant de la preuve : pas le titulaire que l'on remplace, si quelqu'un d'autre l'est aussi."""
    ancien = titulaire(reprise)
    restent = [p for p in porteurs if p is None or ancien is None or p.pk != ancien.utilisateur_id]
    return (restent or porteurs)[0]


@transaction.atomic
def envoyer_code(reprise: Reprise) -> bool:
    """Niveau 3 : envoie un code à l'adresse vérifiée de l'établissement ; faux si elle a déjà trop reçu (T15).

    Lève PermissionDenied si cette adresse ne prouve rien pour cette personne, GesteImpossible.
    """
    etablissement = verrouiller_etablissement(reprise)
    reprise.verrouiller()
    _exiger_ouverte(reprise, "envoyer_code")
    est_independante = adresse_independante(etablissement, reprise.courriel)
    exiger(est_independante and not reprise.est_releve, "employer l'adresse de l'établissement")
    objet, siret = ObjetDemande.ADRESSE, etablissement.siret
    if not admettre(etablissement.courriel, objet=objet, demandeur=Demandeur.INCONNU, pour=_pour(reprise)):
        return False
    journaliser("envoyer_code_reprise", sujet=reprise.sujet, reprise=reprise.pk)
    emis = jetons.emettre(Usage.CODE_REPRISE, courriel=etablissement.courriel)
    reprise.jetons.add(emis.jeton)
    mettre_en_file(
        "reprise_code",
        a=etablissement.courriel,
        siret=siret,
        contexte={"denomination": etablissement.denomination, "courriel": Adresse(reprise.courriel)},
        secrets={"code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return True


def _pour(reprise: Reprise) -> str:
    """Chaque demandeur a ses places vers l'établissement et ses membres, et ne prend pas celles d'un autre."""
    return f"reprise:{min(reprise.siennes().values_list('pk', flat=True))}"


def employer_code(reprise: Reprise, code: str) -> None:
    """Niveau 3 : le code lu dans la boîte de l'établissement rend l'accès aussitôt, ou ouvre 72 heures d'opposition.

    Ces heures, si l'adresse a été posée par quelqu'un qui n'a prouvé que sa messagerie, et qu'un autre ici a mieux
    prouvé : sinon un imposteur chassé reviendrait par la boîte qu'il avait posée.
    Lève JetonRefuse (faux, périmé, cinq essais), PermissionDenied si l'adresse a changé depuis, GesteImpossible.
    """
    _exiger_code(Reprise.objects.get(pk=reprise.pk), code_en_attente(reprise))
    refus: JetonRefuse | None = None
    for jeton in _codes(reprise):  # un message retardé arrive parfois après le suivant
        try:
            # Hors de toute transaction : un essai manqué reste compté.
            secret = jetons.echanger_code(Usage.CODE_REPRISE, Demande(jeton.reference, jeton.emis_le), code)
        except JetonRefuse as raison:
            refus = refus or raison  # celui du dernier message : c'est lui que la personne a sous les yeux
        else:
            return _executer_sur_code(reprise, secret)
    raise refus or JetonRefuse(Raison.EXPIRE)


@transaction.atomic
def _executer_sur_code(reprise: Reprise, secret: str) -> None:
    verrouiller_parents(reprise)
    reprise.verrouiller()
    try:
        jeton = lecture.lire(Usage.CODE_REPRISE, secret)
    except JetonRefuse as refus:  # le même code, tapé au même instant, est passé devant
        raise GesteImpossible("executer_reprise", reprise.etat) from refus
    _exiger_code(reprise, jeton)
    jetons.employer(jeton, freres=Jeton.objects.filter(reprises=reprise))
    if code_vaut_moins(reprise):
        exiger(peut_attendre(reprise), "employer ce code : une opposition à cette personne attend un agent")
        ouvrir_opposition(reprise, Preuve.COURRIEL_ETABLISSEMENT)
    else:
        executer(reprise, Preuve.COURRIEL_ETABLISSEMENT)


def _exiger_code(reprise: Reprise, jeton: Jeton | None) -> None:
    """Lu avant l'échange, qu'un refus ne doit pas entamer, puis de nouveau sous les verrous."""
    _exiger_ouverte(reprise, "executer_reprise")
    etablissement = Etablissement.objects.get(pk=reprise.etablissement_id)
    prouve = adresse_independante(etablissement, reprise.courriel)
    est_la_meme = jeton is None or (prouve and etablissement.courriel == jeton.courriel)
    exiger(est_la_meme, "employer ce code : l'adresse de l'établissement a changé")


@transaction.atomic
def demander_lettre(reprise: Reprise) -> Lettre:
    """Niveau 5 : écrit une lettre à l'adresse du répertoire ; un message dit à la personne où en taper le code.

    Envoyé deux fois, n'en écrit qu'une. Lève LettreRefusee, SansAdresse.
    """
    etablissement = verrouiller_etablissement(reprise)
    exiger_adresse_libre(reprise)
    exiger_pas_defaite(reprise)
    avant = set(reprise.lettres.values_list("pk", flat=True))
    lettre = lettres.ecrire(etablissement=etablissement, par=None, pour_reprise=reprise)
    if lettre.pk not in avant:
        avis.repondre(reprise, "reprise_lettre")
    return lettre


def employer_lettre(reprise: Reprise, code: str) -> None:
    """Niveau 5 : le code lu dans la lettre rend l'accès aussitôt, pendant un délai d'opposition aussi.

    Lève CodeRefuse, dont la phrase dit ce qui reste ; GesteImpossible si la demande n'attend plus de preuve.
    """
    if not reprise.peut("executer_reprise"):
        raise GesteImpossible("executer_reprise", reprise.etat)
    exiger_adresse_libre(reprise)
    exiger_pas_defaite(reprise)
    # Hors de toute transaction : un essai manqué reste compté.
    juste = lettres.juger_code(reprise, code, par=None)
    with transaction.atomic():
        verrouiller_parents(reprise)
        reprise.verrouiller()
        lettres.employer_code(juste, par=None)
        executer(reprise, Preuve.LETTRE)


@transaction.atomic
def demander_accord(reprise: Reprise) -> int:
    """Niveau 4 : écrit aux collègues qui ont un accès ; rend combien de messages partent.

    Lève GesteImpossible, PermissionDenied si la demande ne fait que relever une preuve.
    """
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    exiger(not reprise.est_releve, "demander un accord : cette demande attend une attestation")
    _exiger_ouverte(reprise, "demander_accord")
    journaliser("demander_accord", sujet=reprise.sujet, reprise=reprise.pk)
    reprise.accord_demande_le = timezone.now()
    reprise.save(update_fields=["accord_demande_le"])
    partis = 0
    for collegue in collegues(reprise).select_related("utilisateur").order_by("pk"):
        a, siret = collegue.utilisateur, reprise.etablissement.siret
        if not admettre(a.courriel, objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU, pour=_pour(reprise)):
            continue
        mettre_en_file(
            "reprise_accord",
            a=a.courriel,
            utilisateur=a,
            siret=siret,
            contexte={
                "denomination": reprise.etablissement.denomination,
                "courriel": Adresse(reprise.courriel),
                "reponse": f"{settings.URL_PUBLIQUE}{reverse('reprise-accords', args=[siret])}",
            },
        )
        partis += 1
    return partis


@transaction.atomic
def donner_accord(reprise: Reprise, *, par: Utilisateur) -> None:
    """Niveau 4 : un collègue répond de la personne. Aussitôt, si nul ici n'a mieux prouvé que lui.

    Sinon un membre qui n'a prouvé que sa messagerie ouvrirait la porte d'un représentant vérifié : 72 heures
    d'opposition. De même sans utilisateur principal, à moins qu'il ait la preuve 4 ; ou si une demande de cette
    personne vient d'être opposée ou refusée, et alors seulement un agent peut la faire avancer.
    Lève PermissionDenied si son accord ne vaut pas ici, GesteImpossible.
    """
    verrouiller_parents(reprise)
    reprise.verrouiller()
    sienne = collegues(reprise).filter(utilisateur=par).select_related("utilisateur").first()
    exiger(par.is_active and sienne is not None, "donner votre accord à cette reprise d'accès")
    exiger_qui_repond(par)
    _exiger_ouverte(reprise, "executer_reprise")
    if sienne and not repond_seul(reprise, sienne):
        exiger(peut_attendre(reprise), "donner votre accord : une opposition à cette personne attend un agent")
        ouvrir_opposition(reprise, Preuve.MEMBRE, garant=par)
        avis.repondre(reprise, "reprise_accord_delai", jusqu_au=reprise.opposition_jusqu_au)
    else:
        executer(reprise, Preuve.MEMBRE, garant=par)


def repond_seul(reprise: Reprise, sienne: Habilitation) -> bool:
    """Nul autre n'a mieux prouvé, personne n'a refusé, et il y a un principal (ou il a lui-même la preuve 4)."""
    la_plus_forte = plus_forte(reprise, sauf=sienne)
    a_un_principal = reprise.etablissement.habilitations.principales().filter(utilisateur__is_active=True).exists()
    requise = la_plus_forte if a_un_principal else max(la_plus_forte, Preuve.MEMBRE)
    est_contestee = sienne.contestee_le is not None or a_ete_refuse(reprise)
    return sienne.valeur >= requise and not est_contestee and not reprise.est_en_treve


def a_ete_refuse(reprise: Reprise) -> bool:
    """Un collègue n'en répond pas : de cette demande, ou d'une autre de la même boîte, refaite depuis."""
    recents = PhraseReprise.objects.filter(geste=REFUS_D_ACCORD, le__gt=timezone.now() - TREVE)
    return recents.filter(reprise__in=reprise.siennes()).exists()


@transaction.atomic
def refuser_accord(reprise: Reprise, *, par: Utilisateur) -> None:
    """Un collègue ne répond pas de la personne : cela se dit aux agents, une fois, et n'arrête aucune autre preuve.

    Au premier refus, la personne l'apprend, sans lire de qui : cette preuve ne lui est plus proposée.
    Lève PermissionDenied si elle ne lui est pas adressée, GesteImpossible.
    """
    verrouiller_etablissement(reprise)
    reprise.verrouiller()
    exiger(par.is_active and collegues(reprise).filter(utilisateur=par).exists(), "répondre à cette reprise d'accès")
    refus = reprise.phrases.filter(geste=REFUS_D_ACCORD)
    if refus.filter(par=par).exists():
        raise GesteImpossible("contester", reprise.etat)
    est_le_premier = not refus.exists()
    _exiger_ouverte(reprise, "contester")
    with franchir(reprise, "contester", par=par):
        dire(reprise, REFUS_D_ACCORD, "N'en répond pas.", par=par)
    if est_le_premier and reprise.accord_demande_le:
        avis.repondre(reprise, "reprise_accord_refuse")


def executer_les_echues() -> None:
    """Fait celles dont le délai est passé sans opposition. Rejouable ; l'une n'arrête pas les autres."""
    echues = Reprise.objects.filter(etat=EtatReprise.OPPOSABLE, opposition_jusqu_au__lte=timezone.now())
    chacun(*(partial(_echoir, reprise) for reprise in echues.select_related("etablissement").order_by("pk")))


def _echoir(reprise: Reprise) -> None:
    """La fait, si la preuve convient encore et si personne n'est arrivé depuis ; sinon l'abandonne, et le dit."""
    try:
        with transaction.atomic():
            verrouiller_parents(reprise)
            reprise.verrouiller()
            if reprise.etat == EtatReprise.OPPOSABLE and _convient_encore(reprise):
                executer(reprise, Preuve(reprise.preuve or Preuve.DOMAINE), garant=reprise.garant)
                return
    except AdresseRetenue:
        journal.info("reprise %s : son adresse vient d'en reprendre une autre, elle attend", reprise.pk)
        return
    except DefaiteDepuisPeu:
        journal.info("reprise %s : une autre de la même boîte vient d'être défaite", reprise.pk)
    except OuvertureRefusee:
        journal.info("reprise %s : la personne ne peut pas recevoir d'établissement de plus", reprise.pk)
    with transaction.atomic():
        verrouiller_etablissement(reprise)
        reprise.verrouiller()
        if reprise.etat == EtatReprise.OPPOSABLE:
            abandonner(reprise)
            avis.repondre(reprise, "reprise_caduque")


def _convient_encore(reprise: Reprise) -> bool:
    """Relu à l'échéance : la personne n'a pas été retirée, son garant est là, et qui tient l'espace a été prévenu."""
    parties = reprise.etablissement.habilitations.filter(au__gte=reprise.deposee_le)
    if parties.filter(utilisateur__in=reprise.comptes_de_qui_demande()).exists():
        return False
    ancien = titulaire(reprise)
    if (ancien and ancien.pk) != reprise.remplace_id:
        return False
    if reprise.preuve == Preuve.MEMBRE:
        return collegues(reprise).filter(utilisateur=reprise.garant_id, contestee_le=None).exists()
    if reprise.preuve == Preuve.COURRIEL_ETABLISSEMENT:
        return adresse_independante(reprise.etablissement, reprise.courriel)
    return bool(porteurs_du_domaine(reprise.etablissement, reprise.courriel))

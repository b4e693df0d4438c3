"""Imprimer les lettres par lots, une fois chacune ; les réimprimer, les dire revenues."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from apart.administrations.droits import Droit, peut
from apart.administrations.models import Service
from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.reprises.actions.lettres import finir
from apart.reprises.etats import EtatLettre
from apart.reprises.lettres import LIGNES, LettreRefusee, Pli, composer, fin_de_validite
from apart.reprises.models import Lettre, LotLettres
from apart.reprises.models.lettre import TELECHARGEMENT, LettreQuerySet
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller

PAR_LOT = 500
NOMMES = ("etablissement", "reprise", "habilitation__utilisateur")  # ce qu'une page nomme
# La lettre entière, et d'eux ce qui s'imprime : lire le reste prend un tiers de plus (banc/notes.md).
IMPRIMES = (
    *(champ.name for champ in Lettre._meta.concrete_fields),
    "etablissement__siret",
    "reprise__courriel",
    "habilitation__utilisateur__courriel",
)
VIDE = "Aucune lettre n'attend d'être imprimée."
PLUS_RIEN = "Aucune lettre de ce lot n'attend plus son code : il n'y a rien à réimprimer."


@transaction.atomic
def imprimer_lot(*, par: Utilisateur) -> LotLettres:
    """Met en un lot les lettres à imprimer, 500 au plus, chacune une fois ; leurs 21 jours commencent.

    Deux agents ensemble se les partagent : l'un saute celles que l'autre tient. Celles d'un établissement où l'agent
    est habilité attendent un autre agent. Lève PermissionDenied, LettreRefusee s'il n'y en a pas.
    """
    exiger_imprimeur(par)
    a_imprimer = Lettre.objects.filter(etat=EtatLettre.A_IMPRIMER).maniables_par(par)
    a_imprimer = a_imprimer.exclude(pk__in=Lettre.objects.sans_objet().values("pk")).order_by("ecrite_le", "pk")
    tenues = a_imprimer.select_for_update(of=("self",), no_key=True, skip_locked=True)[:PAR_LOT]
    prises = [lettre for lettre in tenues if lettre.code]
    if not prises:
        raise LettreRefusee(VIDE)
    maintenant = timezone.now()
    lot = LotLettres.objects.create(
        imprime_le=maintenant,
        imprime_par=par,
        nombre=len(prises),
        empreinte="0" * 64,
        confie_a=par,
        confie_jusqu_au=maintenant + TELECHARGEMENT,
    )
    for lettre in prises:
        with lettre.franchir("imprimer_lettre", par=par, lettre=lettre.pk, lot=lot.pk):
            lettre.lot, lettre.imprimee_le, lettre.expire_le = lot, maintenant, fin_de_validite(maintenant)
    lot.empreinte = hashlib.sha256(composer(plis(lot))).hexdigest()
    lot.save(update_fields=["empreinte"])
    journaliser("imprimer_lot", sujet=lot.sujet, par=par, lettres=lot.nombre, empreinte=lot.empreinte)
    return lot


def exiger_imprimeur(par: Utilisateur) -> None:
    exiger(peut(par, Droit.IMPRIMER_LETTRES), "imprimer des lettres")


def plis(lot: LotLettres) -> list[Pli]:
    """Les pages du lot dont le code est encore attendu, dans l'ordre où elles sont imprimées.

    Chacune part au nom du service de l'État compétent là, tel qu'il est aujourd'hui ; sans lui, de l'exploitant.
    """
    services = Service.objects.expediteurs()
    lues = _attendues(lot).select_related(*NOMMES).only(*IMPRIMES).order_by("pk")
    pages = (_au_nom_de(lettre.pli, lettre.departement, services) for lettre in lues)
    return [page for page in pages if page.code]


def _au_nom_de(pli: Pli, departement: str, services: Sequence[Service]) -> Pli:
    service = next((service for service in services if service.est_competent(departement)), None)
    if service is None:
        return pli
    adresse, signature = service.adresse.splitlines()[:LIGNES], service.signature.splitlines()[:LIGNES]
    return replace(pli, expediteur=(service.nom, *adresse), signature=tuple(signature))


def _attendues(lot: LotLettres) -> LettreQuerySet:
    return Lettre.objects.filter(lot=lot, etat=EtatLettre.IMPRIMEE)


@transaction.atomic
def telecharger(lot: LotLettres, fichier: Callable[[Sequence[Pli]], bytes], *, par: Utilisateur) -> bytes:
    """Le PDF du lot (lettres.composer) ou son CSV (lettres.bordereau), recomposé ; qui l'a pris est noté (T21).

    Lève PermissionDenied hors des 24 heures où le lot est confié à cet agent.
    """
    exiger_imprimeur(par)
    exiger(lot.est_confie_a(par), "télécharger ce lot : réimprimez-le d'abord, en disant pourquoi")
    contenu = fichier(plis(lot))
    empreinte = hashlib.sha256(contenu).hexdigest()
    journaliser("consulter", sujet=lot.sujet, par=par, fichier=fichier.__name__, empreinte=empreinte)
    return contenu


@transaction.atomic
def reimprimer_lot(lot: LotLettres, *, par: Utilisateur, motif: str) -> LotLettres:
    """Rouvre pour 24 heures les fichiers d'un lot : mêmes pages, mêmes codes, mêmes adresses, mêmes dates.

    Lève PermissionDenied si le lot porte une lettre que cet agent ne peut pas manier, LettreRefusee si plus aucune
    n'est attendue.
    """
    exiger_imprimeur(par)
    lot = verrouiller(LotLettres.objects.filter(pk=lot.pk)).get()
    # En une lecture : deux comptes verraient, l'un avant l'autre après, une lettre que l'on annule au même instant.
    interdites = _attendues(lot).exclude(pk__in=Lettre.objects.maniables_par(par).values("pk"))
    exiger(not interdites.exists(), "réimprimer ce lot, qui porte un de vos accès")
    pages = plis(lot)
    if not pages:
        raise LettreRefusee(PLUS_RIEN)
    lot.confie_a, lot.confie_jusqu_au = par, timezone.now() + TELECHARGEMENT
    lot.save(update_fields=["confie_a", "confie_jusqu_au"])
    empreinte = hashlib.sha256(composer(pages)).hexdigest()
    journaliser("reimprimer_lot", sujet=lot.sujet, par=par, motif=motif, lettres=len(pages), empreinte=empreinte)
    return lot


@transaction.atomic
def reimprimer(lettre: Lettre, *, par: Utilisateur, motif: str) -> None:
    """Remet une lettre à imprimer, au lot suivant : même code, même adresse ; ses 21 jours recommenceront.

    Lève PermissionDenied, GesteImpossible si elle n'est pas imprimée ou ne vaut plus.
    """
    _exiger_maniable(lettre, par)
    with lettre.franchir("reimprimer_lettre", par=par, lettre=lettre.pk, motif=motif):
        lettre.lot, lettre.imprimee_le, lettre.expire_le = None, None, None


@transaction.atomic
def signaler_revenue(lettre: Lettre, *, par: Utilisateur) -> None:
    """La poste l'a rendue (« n'habite pas à l'adresse indiquée ») : son code meurt, qui l'attendait est prévenu.

    Lève PermissionDenied, GesteImpossible si elle n'est pas imprimée ou ne vaut plus.
    """
    _exiger_maniable(lettre, par)
    finir(lettre, "signaler_revenue", par=par)
    a = lettre.habilitation.utilisateur.courriel if lettre.habilitation else ""
    mettre_en_file(
        "lettre_revenue",
        a=lettre.reprise.courriel if lettre.reprise else a,
        utilisateur=lettre.habilitation.utilisateur if lettre.habilitation else None,
        siret=lettre.etablissement.siret,
        contexte={
            "denomination": lettre.denomination,
            "le": lettre.ecrite_le,
            "est_reprise": lettre.reprise is not None,
        },
    )


@transaction.atomic
def annuler(lettre: Lettre, *, par: Utilisateur, motif: str) -> None:
    """Un agent écarte une lettre, partie ou non : quelqu'un d'autre peut en demander une, pas qui l'avait demandée.

    Lève PermissionDenied, GesteImpossible si elle ne vaut plus.
    """
    _exiger_maniable(lettre, par)
    with lettre.franchir("annuler_lettre", par=par, lettre=lettre.pk, motif=motif):
        lettre.finie_le, lettre.code_chiffre, lettre.ecartee_par = timezone.now(), b"", par


def _exiger_maniable(lettre: Lettre, par: Utilisateur) -> None:
    exiger_imprimeur(par)
    exiger(Lettre.objects.maniables_par(par).filter(pk=lettre.pk).exists(), "manier cette lettre")

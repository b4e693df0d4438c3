"""Un établissement sans utilisateur principal : le rôle est offert à son plus ancien membre assez prouvé.

L'offre refusée, ou sans personne à qui la faire, le rôle se prend sur une preuve 5 ou 6.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.neutralite import Adresse
from apart.etablissements.actions import mouvements
from apart.etablissements.actions.personnes import verrouiller_acces
from apart.etablissements.etats import EtatOffre
from apart.etablissements.models import Etablissement, Habilitation, OffreRole, Role
from apart.repertoire.models import nom_public
from apart.socle.acces import exiger
from apart.socle.automate import GesteImpossible
from apart.socle.models import journaliser
from apart.socle.travaux import chacun

DELAI = timedelta(days=7)
PAR_PASSAGE = 5_000
PRIS = "prise"  # dans le courriel, à côté des états d'une offre


def tenir() -> None:
    """Chaque jour : clôt les offres finies, puis en ouvre là où il manque un utilisateur principal.

    En retard ou rejoué, ne fait rien deux fois ; une offre impossible n'arrête pas les autres.
    """
    ouvertes = list(OffreRole.objects.ouvertes().order_by("pk"))
    chacun(*(partial(conclure, offre) for offre in ouvertes))
    chacun(*(partial(offrir, ou) for ou in OffreRole.objects.a_ouvrir().order_by("pk")[:PAR_PASSAGE]))


@transaction.atomic
def offrir(etablissement: Etablissement) -> OffreRole | None:
    """Offre le rôle au membre le plus ancien de preuve 4 ou mieux, et le dit à tous ; rien s'il n'y a plus lieu."""
    candidate = etablissement.habilitations.candidates().first()
    if candidate is None:
        return None
    verrouiller_acces(candidate)
    a_ouvrir = OffreRole.objects.a_ouvrir().filter(pk=etablissement.pk).exists()
    if not a_ouvrir or not etablissement.habilitations.candidates().filter(pk=candidate.pk).exists():
        return None
    maintenant = timezone.now()
    offre = OffreRole.objects.create(
        etablissement=candidate.etablissement,
        habilitation=candidate,
        offerte_le=maintenant,
        expire_le=maintenant + DELAI,
    )
    journaliser("offrir_role", sujet=offre.sujet, habilitation=candidate.pk)
    _annoncer(candidate, offre.etat, acquise_le=offre.expire_le)
    return offre


@transaction.atomic
def conclure(offre: OffreRole) -> bool:
    """Sans refus en sept jours, le rôle est acquis ; l'offre tombe si elle n'a plus d'objet. Vrai si close."""
    candidate = _verrouiller(offre)
    if offre.etat != EtatOffre.OFFERTE:
        return False
    tient = Habilitation.objects.candidates().filter(pk=candidate.pk).exists()
    manque = Etablissement.objects.sans_principal().filter(pk=offre.etablissement_id).exists()
    if tient and manque and timezone.now() < offre.expire_le:
        return False
    with offre.franchir("acquerir_offre" if tient and manque else "abandonner_offre", offre=offre.pk):
        offre.close_le = timezone.now()
    if offre.etat == EtatOffre.ACQUISE:
        mouvements.changer(candidate, Role.PRINCIPAL, pris_le=timezone.now())
    _annoncer(candidate, offre.etat)
    return True


@transaction.atomic
def refuser(offre: OffreRole, *, par: Utilisateur) -> None:
    """La personne à qui le rôle est offert le décline, ou un autre membre s'y oppose : l'offre est close.

    Lève PermissionDenied si par n'est pas de l'établissement (un cabinet n'en est pas), ou si son accès est contesté ;
    GesteImpossible si l'offre est déjà close.
    """
    candidate = _verrouiller(offre)
    siennes = Habilitation.objects.actives().filter(etablissement=offre.etablissement_id, utilisateur=par)
    est_membre = siennes.exclude(role=Role.TIERS).filter(contestee_le=None).exists()
    exiger(par.is_active and est_membre, "refuser ce rôle : il faut être de l'établissement")
    geste = "decliner_offre" if candidate.utilisateur_id == par.pk else "opposer_offre"
    with offre.franchir(geste, par=par, offre=offre.pk):
        offre.close_le, offre.close_par = timezone.now(), par
    _annoncer(candidate, offre.etat)


@transaction.atomic
def prendre(habilitation: Habilitation, *, par: Utilisateur) -> bool:
    """Une personne devient utilisateur principal sur sa preuve 5 ou 6, et tous le savent ; faux si elle l'était déjà.

    Lève PermissionDenied si ce n'est pas elle, GesteImpossible si sa preuve ne suffit pas ou plus, si son accès est
    contesté, si quelqu'un tient le rôle ou va y entrer, ou si une offre doit d'abord avoir sa réponse.
    """
    verrouiller_acces(habilitation)
    est_sienne = habilitation.utilisateur_id == par.pk and habilitation.au is None
    exiger(par.is_active and est_sienne, "prendre ce rôle à la place d'autrui")
    if habilitation.role == Role.PRINCIPAL:
        return False
    if not OffreRole.objects.preneuses().filter(pk=habilitation.pk).exists():
        raise GesteImpossible("prendre_role", Role(habilitation.role).label)
    mouvements.changer(habilitation, Role.PRINCIPAL, pris_le=timezone.now())
    sujet = habilitation.etablissement.sujet
    journaliser("prendre_role", sujet=sujet, par=par, habilitation=habilitation.pk, preuve=habilitation.preuve)
    _annoncer(habilitation, PRIS, preuve=habilitation.get_preuve_display())
    return True


def _verrouiller(offre: OffreRole) -> Habilitation:
    """La personne, l'établissement, l'habilitation, puis l'offre relue (décision 0012)."""
    candidate = Habilitation.objects.get(pk=offre.habilitation_id)
    verrouiller_acces(candidate)
    offre.verrouiller()
    return candidate


def _annoncer(elle: Habilitation, etat: str, *, acquise_le: datetime | None = None, preuve: str = "") -> None:
    """À tous ceux qui ont accès, et à l'adresse vérifiée de l'établissement : où en est le rôle de cette personne.

    À l'établissement, la personne est nommée par son adresse, qu'elle a prouvée : aucun nom tapé n'y part (T17).
    """
    etablissement, personne = elle.etablissement, elle.utilisateur
    commun = {"etat": etat, "courriel": Adresse(personne.courriel), "acquise_le": acquise_le, "preuve": preuve}
    preneuses = set(OffreRole.objects.preneuses().filter(etablissement=etablissement).values_list("pk", flat=True))
    gens = etablissement.habilitations.agissantes().select_related("utilisateur").order_by("pk")
    for h in gens:
        contexte = {
            "denomination": etablissement.denomination,
            "qui": str(personne),
            "est_moi": h.pk == elle.pk,
            "peut_prendre": h.pk in preneuses,
            "peut_prouver": h.role == Role.MEMBRE and h.contestee_le is None,
        }
        _ecrire(elle, h.utilisateur.courriel, {**commun, **contexte}, h.utilisateur)
    if etablissement.courriel_prouve_le and not etablissement.courriel_est_d_un_membre:
        contexte = {"denomination": nom_public(etablissement.siret), "qui": "un membre", "au_siege": True}
        _ecrire(elle, etablissement.courriel, {**commun, **contexte}, None)


def _ecrire(elle: Habilitation, a: str, contexte: dict[str, object], qui: Utilisateur | None) -> None:
    mettre_en_file("offre_role", a=a, utilisateur=qui, siret=elle.etablissement.siret, contexte=contexte)

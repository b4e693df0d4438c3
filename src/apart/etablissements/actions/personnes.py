"""Qui a accès à un établissement : retirer, quitter, changer un rôle, passer la main. L'effet est au prochain clic.

Les droits se relisent à chaque requête (Etablissement.visibles_par) : aucune session n'est à fermer, la personne garde
les siennes pour ses autres établissements.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue, exiger_qui_repond
from apart.courriels.actions import mettre_en_file
from apart.etablissements.actions import mouvements
from apart.etablissements.actions.preuves import repeser
from apart.etablissements.echelle import DELAI_POUR_DEFAIRE
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import (
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    HabilitationQuerySet,
    MotifRetrait,
    Role,
)
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller

DESIGNE_TROP_TOT = (
    "Vous tenez ce rôle sur votre seule preuve : vous ne pouvez pas désigner un autre utilisateur principal"
)


class MainAPasser(Exception):
    """L'établissement n'aurait plus d'utilisateur principal : il faut d'abord en désigner un autre."""


class Suite(models.TextChoices):
    """Ce que devient qui vient de passer la main."""

    RESTER = "rester", "rester utilisateur principal"
    MEMBRE = "membre", "devenir membre"
    QUITTER = "quitter", "quitter l'établissement"


@transaction.atomic
def retirer(habilitation: Habilitation, *, par: Utilisateur | None, motif: MotifRetrait, cause: str = "") -> bool:
    """Ôte à une personne cet établissement, et lui seul ; vrai si elle l'avait encore.

    par : un utilisateur principal de l'établissement, autre qu'elle ; None pour une reprise d'accès faite ou défaite,
    qui a ses propres contrôles, et, faite, son propre avis ; sinon, elle et les autres principaux sont prévenus ici.
    cause : Mouvement.cause.
    Ce qui l'y ferait revenir meurt : accord pas encore employé, liens déjà envoyés (T18).
    Lève PermissionDenied.
    """
    verrouiller_acces(habilitation)
    if par is not None:
        exiger(habilitation.utilisateur_id != par.pk, "vous retirer vous-même ainsi : quittez l'établissement")
        _exiger_principal(habilitation.etablissement, par, "retirer une personne")
    return _finir(habilitation, "retirer_personne", par=par, motif=motif, cause=cause)


@transaction.atomic
def quitter(habilitation: Habilitation, *, par: Utilisateur) -> bool:
    """La personne quitte d'elle-même cet établissement ; vrai si elle y était encore.

    Lève PermissionDenied si ce n'est pas elle, MainAPasser s'il n'y a plus d'autre utilisateur principal.
    """
    verrouiller_acces(habilitation)
    exiger(par.is_active and habilitation.utilisateur_id == par.pk, "quitter un établissement à la place d'autrui")
    _exiger_la_releve(habilitation)
    return _finir(habilitation, "quitter_etablissement", par=par, motif=MotifRetrait.QUITTE)


@transaction.atomic
def changer_role(habilitation: Habilitation, *, role: Role, par: Utilisateur) -> bool:
    """Donne ce rôle à une personne de l'établissement, elle-même comprise ; vrai si elle ne l'avait pas.

    Aucune preuve n'est demandée, et aucune n'en vient : le rôle dit qui décide, la preuve ce que l'argent permet. Faux
    si elle est partie. Lève PermissionDenied si par n'est pas principal, MainAPasser s'il n'y en aurait plus ;
    AdresseRetenue s'il en désigne un autre quand il vient de reprendre l'accès, ou de prendre le rôle.
    """
    verrouiller_acces(habilitation)
    _exiger_principal(habilitation.etablissement, par, "changer le rôle d'une personne")
    if habilitation.au or habilitation.role == role:
        return False
    _exiger_la_releve(habilitation)
    if role == Role.PRINCIPAL:
        _exiger_qui_designe(habilitation.etablissement, par)
    de = habilitation.role
    mouvements.changer(habilitation, role, par=par)
    sujet, personne = habilitation.etablissement.sujet, habilitation.utilisateur
    journaliser("changer_role", sujet=sujet, par=par, personne=personne.pk, de=de, vers=role)
    _annoncer(habilitation, "role_change", par=par, contexte={"role": Role(role).label})
    return True


@transaction.atomic
def passer_la_main(habilitation: Habilitation, *, par: Utilisateur, puis: Suite) -> bool:
    """Désigne un autre utilisateur principal, puis reste, devient membre ou quitte ; vrai si quelque chose a changé.

    Envoyée deux fois, ne se fait qu'une. Lève PermissionDenied si par n'est pas principal ou se désigne lui-même,
    MainAPasser si la personne désignée est partie entre-temps.
    """
    la_mienne = Habilitation.objects.filter(etablissement=habilitation.etablissement_id, utilisateur=par).last()
    if la_mienne is None or la_mienne.pk == habilitation.pk:
        raise PermissionDenied("Vous ne pouvez pas passer ici la main.")
    list(verrouiller(Utilisateur.objects.filter(pk__in=[par.pk, habilitation.utilisateur_id])))
    change = changer_role(habilitation, role=Role.PRINCIPAL, par=par)
    if habilitation.au:
        raise MainAPasser
    if puis == Suite.QUITTER:
        return quitter(la_mienne, par=par) or change
    return (puis == Suite.MEMBRE and changer_role(la_mienne, role=Role.MEMBRE, par=par)) or change


@transaction.atomic
def attendre_quelqu_un(etablissement: Etablissement, jusqu_au: datetime | None) -> bool:
    """Une personne va entrer comme utilisateur principal, d'ici là ; None, on n'attend plus. Vrai si cela change.

    Tant que l'instant est à venir, l'établissement n'est pas dit sans principal, et le rôle ne s'offre à personne. Un
    morceau du geste qui donne l'accès, et qui a refusé : verrouille l'établissement, après les personnes.
    """
    tenu = verrouiller(Etablissement.objects.filter(pk=etablissement.pk)).get()
    etablissement.acces_attendu_jusqu_au = jusqu_au
    if tenu.acces_attendu_jusqu_au == jusqu_au:
        return False
    tenu.acces_attendu_jusqu_au = jusqu_au
    tenu.save(update_fields=["acces_attendu_jusqu_au"])
    journaliser("attendre_quelqu_un", sujet=tenu.sujet, jusqu_au=jusqu_au.isoformat() if jusqu_au else None)
    return True


def verrouiller_acces(habilitation: Habilitation) -> None:
    """La personne, l'établissement, puis l'habilitation, relue (décision 0012) : un lien ouvert attend son tour."""
    list(verrouiller(Utilisateur.objects.filter(pk=habilitation.utilisateur_id)))
    list(verrouiller(Etablissement.objects.filter(pk=habilitation.etablissement_id)))
    habilitation.refresh_from_db(from_queryset=verrouiller(Habilitation.objects.all()))


def _exiger_principal(etablissement: Etablissement, par: Utilisateur, action: str) -> None:
    """Lu sous le verrou de l'établissement : un principal qu'on vient d'ôter ne décide plus."""
    est_principal = etablissement.habilitations.qui_decident().filter(utilisateur=par).exists()
    exiger(par.is_active and est_principal, f"{action} : il faut être utilisateur principal")


def _exiger_qui_designe(etablissement: Etablissement, par: Utilisateur) -> None:
    """Une preuve se défait trente jours : d'ici là, le rôle pris sur elle n'en fait pas un autre, qui resterait."""
    exiger_qui_repond(par)
    pris_le = etablissement.habilitations.qui_decident().get(utilisateur=par).role_pris_le
    if pris_le and timezone.now() < pris_le + DELAI_POUR_DEFAIRE:
        raise AdresseRetenue(DESIGNE_TROP_TOT, pris_le + DELAI_POUR_DEFAIRE)


def _exiger_la_releve(habilitation: Habilitation) -> None:
    """Le dernier utilisateur principal ne laisse pas l'établissement sans personne pour décider."""
    if est_dernier_principal(habilitation):
        raise MainAPasser


def est_dernier_principal(habilitation: Habilitation) -> bool:
    """Vrai si, sans elle, l'établissement n'aurait plus d'utilisateur principal dont le compte soit ouvert."""
    tient = habilitation.role == Role.PRINCIPAL and habilitation.au is None
    return tient and not autres_principaux(habilitation).exists()


def autres_principaux(habilitation: Habilitation) -> HabilitationQuerySet:
    """Les utilisateurs principaux du même établissement dont le compte est ouvert, sans celui-ci."""
    principaux = Habilitation.objects.principales().filter(etablissement=habilitation.etablissement_id)
    return principaux.filter(utilisateur__is_active=True).exclude(utilisateur=habilitation.utilisateur_id)


def _finir(
    habilitation: Habilitation, geste: str, *, par: Utilisateur | None, motif: MotifRetrait, cause: str = ""
) -> bool:
    """habilitation : verrouillée et relue."""
    if habilitation.au:
        return False
    etablissement, personne = habilitation.etablissement, habilitation.utilisateur
    habilitation.au, habilitation.motif_fin = max(timezone.now(), habilitation.du), motif
    habilitation.finie_par = par
    habilitation.save(update_fields=["au", "motif_fin", "finie_par"])
    mouvements.sortir(habilitation, par=par, motif=motif, cause=cause)
    _annuler_ce_qui_attend(habilitation, par=par)
    repeser(etablissement)
    journaliser(geste, sujet=etablissement.sujet, par=par, personne=personne.pk, motif=motif)
    if motif != MotifRetrait.REPRISE:  # elle a son propre avis, qui donne de quoi s'y opposer
        _annoncer(habilitation, "acces_retire", par=par, contexte={"raison": MotifRetrait(motif).label})
    return True


@transaction.atomic
def rouvrir(habilitation: Habilitation, *, cause: str) -> None:
    """Un accès fini reprend, tel qu'il était. Un morceau du geste qui défait, et qui a refusé ; sous ses verrous."""
    habilitation.au, habilitation.motif_fin, habilitation.finie_par = None, "", None
    habilitation.save(update_fields=["au", "motif_fin", "finie_par"])
    mouvements.entrer(habilitation, cause=cause)


@transaction.atomic
def ceder(habilitation: Habilitation, *, cause: str) -> None:
    """Cet accès finit parce qu'un autre de la même personne reprend : rien de ce qui l'attend ne meurt.

    Un morceau du geste qui défait, et qui a refusé ; ce qui en dépend est déjà à l'autre.
    """
    habilitation.au = max(timezone.now(), habilitation.du)
    habilitation.motif_fin, habilitation.finie_par = MotifRetrait.REPRISE, None
    habilitation.save(update_fields=["au", "motif_fin", "finie_par"])
    mouvements.sortir(habilitation, par=None, motif=MotifRetrait.REPRISE, cause=cause)


def annuler_accords(accords: Iterable[DemandeRejoindre]) -> None:
    """Ces accords, pas encore employés, ne comptent plus : leur lien meurt, qui l'attend le sait.

    Un morceau du geste qui défait leur accès, et qui a refusé ; sous l'établissement et les adresses de ces demandes.
    """
    for demande in accords:
        etablissement = demande.etablissement
        with demande.franchir("annuler_admission", demande=demande.pk):
            pass
        Jeton.objects.vivants().filter(demandes_rejoindre=demande).update(annule_le=timezone.now())
        contexte: dict[str, object] = {"denomination": etablissement.denomination}
        mettre_en_file("admission_annulee", a=demande.courriel, siret=etablissement.siret, contexte=contexte)


def _annuler_ce_qui_attend(habilitation: Habilitation, *, par: Utilisateur | None) -> None:
    """Un accord pas encore employé, un lien déjà envoyé : rien ne la fait revenir sans que quelqu'un le décide."""
    etablissement, personne = habilitation.etablissement, habilitation.utilisateur
    siennes = DemandeRejoindre.objects.filter(etablissement=etablissement, courriel__in=personne.adresses)
    for demande in siennes.filter(etat=EtatRejoindre.ACCEPTEE).order_by("pk"):
        with demande.franchir("annuler_admission", par=par, demande=demande.pk):
            pass
    ici = Q(demandes_rejoindre__etablissement=etablissement) | Q(etablissements=etablissement)
    ici |= Q(demandes_espace__siret=etablissement.siret) | Q(
        demandes_preuve__habilitation__etablissement=etablissement
    )
    maintenant, vivants = timezone.now(), Jeton.objects.vivants()
    vivants.filter(pk__in=vivants.filter(ici, courriel__in=personne.adresses).values("pk")).update(
        annule_le=maintenant
    )
    # Ses codes sont partis à l'adresse de l'établissement.
    vivants.filter(usage=Usage.PREUVE, utilisateur=personne, demandes_preuve__habilitation=habilitation).update(
        annule_le=maintenant
    )


def _annoncer(habilitation: Habilitation, modele: str, *, par: Utilisateur | None, contexte: dict[str, str]) -> None:
    """À la personne, et aux autres utilisateurs principaux ; qui l'a fait le sait, sauf s'il s'agit de lui."""
    personne, etablissement = habilitation.utilisateur, habilitation.etablissement
    principaux = autres_principaux(habilitation).exclude(utilisateur=par).select_related("utilisateur").order_by("pk")
    commun = {"denomination": etablissement.denomination, "qui": str(personne), "par": str(par or ""), **contexte}
    for destinataire in (personne, *(h.utilisateur for h in principaux)):
        if destinataire.is_active:  # à un compte fermé, rien ne part
            mettre_en_file(
                modele,
                a=destinataire.courriel,
                utilisateur=destinataire,
                siret=etablissement.siret,
                contexte={**commun, "est_moi": destinataire == personne, "de_moi_meme": par == personne},
            )

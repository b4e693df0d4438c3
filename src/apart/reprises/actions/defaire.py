"""Défaire une reprise faite : rejouer ce qui a suivi sans elle, et rendre chacun à sa place (décision 0020)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.etablissements.actions import mouvements, personnes, preuves, relever, revue
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, MotifRetrait, Mouvement, Role
from apart.reprises.actions.execution import congedier, envoyer_entree
from apart.reprises.actions.preuves import REFUS_D_ACCORD
from apart.reprises.actions.reouvrir import rouvrir
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PhraseReprise, Reprise
from apart.reprises.models.reprise import DEFAITE, DUREE_ENTREE
from apart.reprises.rejeu import Pas, Place, Rejeu, Usurpation, debut, rejouer
from apart.socle.models import journaliser

REFUS_ECARTE = "refus_d_accord_ecarte"


@transaction.atomic
def rendre(reprise: Reprise, *, par: Utilisateur) -> None:
    """Remet chacun où il serait sans elle, sous annuler_reprise : le nouveau titulaire sort, l'ancien revient.

    La preuve qu'elle donna se défait. Ce qu'ont décidé depuis ceux qui n'en avaient le pouvoir que par elle ne compte
    plus ; ce qu'ont décidé les autres reste.
    """
    rendus = preuves.revenir(reprise.fondement, par=par, cause=reprise.cause_defaite) if reprise.fondement else []
    if not reprise.est_releve:
        Jeton.objects.vivants().filter(reprises=reprise, usage=Usage.ENTREE).update(annule_le=timezone.now())
        personnes.attendre_quelqu_un(reprise.etablissement, None)
    if rendus or not reprise.est_releve:
        rejeu = _rejeu(reprise)
        _appliquer(reprise, rejeu)
        _effacer_ses_decisions(reprise.etablissement, rejeu)
        _ecarter_ses_refus(reprise.etablissement, rejeu)
        journaliser("rendre_acces", sujet=reprise.sujet, par=par, reprise=reprise.pk)
    preuves.repeser(reprise.etablissement)


def rendre_l_entree(reprise: Reprise) -> None:
    """Qui avait repris l'accès avant elle, et n'était pas encore entré, en retrouve le lien. Une fois défaite."""
    avant = Reprise.objects.filter(etablissement=reprise.etablissement_id, etat=EtatReprise.EXECUTEE, est_releve=False)
    derniere = avant.order_by("-executee_le").first()
    if not reprise.est_releve and derniere and derniere.executee_le and derniere.attend_l_entree:
        personnes.attendre_quelqu_un(reprise.etablissement, derniere.executee_le + DUREE_ENTREE)
        envoyer_entree(derniere)


def rendre_son_delai(reprise: Reprise) -> None:
    """Celle du dessous ne pouvait pas se défaire : ces jours-là ne lui sont pas comptés. Une fois défaite."""
    avant = Reprise.objects.filter(etablissement=reprise.etablissement_id, etat=EtatReprise.EXECUTEE, est_releve=False)
    dessous = avant.filter(executee_le__lt=reprise.executee_le).order_by("-executee_le").first()
    if not reprise.est_releve and dessous and reprise.executee_le:
        dessous.suspension += timezone.now() - reprise.executee_le
        dessous.save(update_fields=["suspension"])


def _rejeu(reprise: Reprise) -> Rejeu:
    ici = reprise.etablissement
    usurpations = _usurpations(reprise)
    siennes = [u.depuis for u in usurpations if u.cause == reprise.cause or _est_de(reprise, u)]
    depuis = debut(min(siennes), usurpations)
    actives = ici.habilitations.actives()
    places = {h.utilisateur_id: Place(h.pk, h.role, h.role_pris_le) for h in actives}
    return rejouer(places, _pas(ici, depuis), usurpations, depuis=depuis)


def _est_de(reprise: Reprise, usurpation: Usurpation) -> bool:
    rendus = Mouvement.objects.filter(etablissement=reprise.etablissement_id, cause=reprise.cause_defaite)
    return rendus.filter(utilisateur=usurpation.qui, decide_le=usurpation.depuis).exists()


def _pas(etablissement: Etablissement, depuis: datetime) -> list[Pas]:
    suivants = Mouvement.objects.filter(etablissement=etablissement, le__gte=depuis).order_by("le", "pk")
    return [
        Pas(
            qui=m.utilisateur_id,
            acces=m.habilitation_id,
            sorte=m.sorte,
            le=m.le,
            decide_le=m.decide_le,
            par=m.par_id,
            role_avant=m.role_avant,
            pris_le_avant=m.pris_le_avant,
            role_apres=m.role_apres,
            cause=m.cause,
        )
        for m in suivants
    ]


def _usurpations(reprise: Reprise) -> list[Usurpation]:
    """Celle que l'on défait, celles qu'on a déjà défaites, et les rôles pris sur les preuves défaites avec elles."""
    ici, maintenant = reprise.etablissement_id, timezone.now()
    defaites = Reprise.objects.filter(etablissement=ici, est_releve=False, executee_le__isnull=False)
    defaites = defaites.filter(etat=EtatReprise.ANNULEE) | defaites.filter(pk=reprise.pk)
    trouvees = [
        Usurpation(
            r.habilitation.utilisateur_id if r.habilitation else None,
            r.executee_le,
            maintenant if r.pk == reprise.pk else r.close_le or maintenant,
            r.cause,
        )
        for r in defaites.select_related("habilitation")
        if r.executee_le
    ]
    rendus = Mouvement.objects.filter(etablissement=ici, cause__startswith=f"{DEFAITE}:", role_avant=Role.PRINCIPAL)
    pris = rendus.filter(role_apres=Role.MEMBRE, par__isnull=False)  # l'agent : preuves.revenir
    trouvees += [Usurpation(m.utilisateur_id, m.decide_le, m.le) for m in pris]
    return trouvees


def _appliquer(reprise: Reprise, rejeu: Rejeu) -> None:
    """Les sortants d'abord ; puis qui revient, sauf un compte fermé ; puis les rôles."""
    cause, nouvelle = reprise.cause_defaite, reprise.habilitation_id
    for active in reprise.etablissement.habilitations.actives().select_related("utilisateur").order_by("pk"):
        if active.utilisateur_id not in rejeu.places:
            congedier(active, MotifRetrait.REPRISE if active.pk == nouvelle else MotifRetrait.DEFAITE, cause=cause)
    acces = {place.acces for place in rejeu.places.values()}
    for fini in Habilitation.objects.filter(pk__in=acces, utilisateur__is_active=True).order_by("pk"):
        if fini.au is not None:
            rouvrir(fini, cause=cause)
    for active in reprise.etablissement.habilitations.actives().order_by("pk"):
        place = rejeu.places.get(active.utilisateur_id)
        if place and (active.role, active.role_pris_le) != (place.role, place.pris_le):
            mouvements.changer(active, Role(place.role), pris_le=place.pris_le, cause=cause)


def _effacer_ses_decisions(etablissement: Etablissement, rejeu: Rejeu) -> None:
    """Ce qu'a décidé qui n'en avait pas le pouvoir : accords pas encore employés, preuves défaites, refus, revues."""
    accords = DemandeRejoindre.objects.filter(
        etablissement=etablissement, etat=EtatRejoindre.ACCEPTEE, traitee_le__gte=rejeu.depuis
    )
    personnes.annuler_accords(
        a for a in accords.order_by("pk") if a.traitee_le and not rejeu.decidait(a.traitee_par_id, a.traitee_le)
    )
    relever.rendre_les_preuves(etablissement, depuis=rejeu.depuis, decidait=rejeu.decidait)
    relever.ecarter_les_refus(etablissement, depuis=rejeu.depuis, y_etait=rejeu.y_etait)
    revue.rouvrir(etablissement, depuis=rejeu.depuis, decidait=rejeu.decidait)


def _ecarter_ses_refus(etablissement: Etablissement, rejeu: Rejeu) -> None:
    """Le collègue qui ne répondait pas d'une reprise n'en était pas un : sa phrase reste, et n'arrête plus rien."""
    refus = PhraseReprise.objects.filter(reprise__etablissement=etablissement, geste=REFUS_D_ACCORD)
    for phrase in refus.filter(le__gte=rejeu.depuis):
        if not rejeu.y_etait(phrase.par_id, phrase.le):
            phrase.geste = REFUS_ECARTE
            phrase.save(update_fields=["geste"])

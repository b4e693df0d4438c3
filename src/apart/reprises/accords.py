"""Les reprises où l'accord d'un collègue est demandé, et ce qu'il y ferait (niveau 4)."""

from __future__ import annotations

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Role
from apart.reprises.actions.preuves import REFUS_D_ACCORD, collegues, peut_attendre, repond_seul
from apart.reprises.models import PhraseReprise, Reprise
from apart.socle.saisies import boite


def adressees_a(utilisateur: Utilisateur, *, ici: Etablissement | None = None) -> list[Reprise]:
    """Les reprises ouvertes où l'accord de cette personne vaut et qui l'attend encore, la plus ancienne d'abord.

    ici : cet établissement seul.
    """
    siennes = Habilitation.objects.actives().filter(
        utilisateur=utilisateur, utilisateur__is_active=True, role__in=(Role.PRINCIPAL, Role.MEMBRE)
    )
    ou = [pk for pk in siennes.values_list("etablissement", flat=True) if ici is None or pk == ici.pk]
    repondues = PhraseReprise.objects.filter(geste=REFUS_D_ACCORD, par=utilisateur).values("reprise")
    ouvertes = Reprise.objects.ouvertes().filter(etablissement__in=ou, est_releve=False).exclude(pk__in=repondues)
    principaux = list(
        Habilitation.objects.principales()
        .filter(etablissement__in=ou, utilisateur__is_active=True)
        .select_related("utilisateur")
    )
    return [
        r
        for r in ouvertes.select_related("etablissement").order_by("confirmee_le")
        if boite(r.courriel) != boite(utilisateur.courriel) and not _est_le_remplace(r, utilisateur, principaux)
    ]


def _est_le_remplace(reprise: Reprise, qui: Utilisateur, principaux: list[Habilitation]) -> bool:
    """Comme titulaire, pour toutes les demandes d'une page sans rien relire."""
    ici = [h.utilisateur for h in principaux if h.etablissement_id == reprise.etablissement_id]
    autres = [personne for personne in ici if boite(personne.courriel) != boite(reprise.courriel)]
    return autres == [qui]


def accord_peut_aboutir(reprise: Reprise, par: Utilisateur) -> bool:
    """Son accord rendrait l'accès, ou ouvrirait un délai. Sinon, seuls des agents font avancer cette demande."""
    sienne = collegues(reprise).filter(utilisateur=par).first()
    return sienne is not None and (repond_seul(reprise, sienne) or peut_attendre(reprise))

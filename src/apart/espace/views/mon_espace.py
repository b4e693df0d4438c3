"""Mon espace : ce qui m'attend, puis mes établissements ; et la page d'un établissement."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.courriels.diagnostic import alerte_de
from apart.courriels.models import AdresseRefusee
from apart.etablissements.models import (
    DemandePreuve,
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    HabilitationQuerySet,
    OffreRole,
)
from apart.etablissements.trimestres import suivant, trimestre
from apart.reprises.accords import adressees_a
from apart.reprises.models import Reprise
from apart.socle.acces import Public, pour

FINIES_MONTREES = 3
MEMBRES_MONTRES = 10  # les autres sont sur la page « Personnes »


@pour(Public.CONNECTE)
@require_safe
def mon_espace(request: RequeteConnectee) -> HttpResponse:
    """Un seul établissement : on y est directement."""
    if request.user.est_agent:
        return redirect("bureau")
    habilitations = list(Habilitation.objects.actives().de(request.user))
    demandes = list(DemandeRejoindre.objects.a_decider_par(request.user))
    if len(habilitations) == 1:
        return redirect("etablissement", habilitations[0].etablissement.siret)
    contexte = {
        "refusee": alerte_de(AdresseRefusee.objects.vers(request.user.courriel).first()),
        "habilitations": habilitations,
        "finies": Habilitation.objects.finies_de(request.user)[:FINIES_MONTREES],
        "demandes": demandes,
        "preuves": list(DemandePreuve.objects.a_approuver_par(request.user)),
        "accords": adressees_a(request.user),
        "a_revoir": _a_revoir(request.user).count(),
        "avant_le": suivant(trimestre(timezone.localdate())),
    }
    return render(request, "espace/mon_espace.html", contexte)


@pour(Public.CONNECTE)
@require_safe
def etablissement(request: RequeteConnectee, siret: str) -> HttpResponse:
    vu = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    mienne = vu.habilitations.actives().get(utilisateur=request.user)
    contexte = {
        "etablissement": vu,
        "refusee": alerte_de(AdresseRefusee.objects.vers(request.user.courriel).first()),
        "mienne": mienne,
        "membres": vu.habilitations.actives().select_related("utilisateur").order_by("du")[:MEMBRES_MONTRES],
        "nombre_de_membres": vu.habilitations.actives().count(),
        "demandes": DemandeRejoindre.objects.a_decider_par(request.user).filter(etablissement=vu),
        "preuves": DemandePreuve.objects.a_approuver_par(request.user).filter(habilitation__etablissement=vu),
        "defaisables": DemandePreuve.objects.defaisables_par(request.user).filter(habilitation__etablissement=vu),
        "a_revoir": _a_revoir(request.user).filter(etablissement=vu).count(),
        "avant_le": suivant(trimestre(timezone.localdate())),
        "accords": adressees_a(request.user, ici=vu),
        "reprises_en_delai": Reprise.objects.en_delai(vu),
        **_role_vacant(mienne),
    }
    return render(request, "espace/etablissement.html", contexte)


def _role_vacant(mienne: Habilitation) -> dict[str, object]:
    """Là où il n'y a plus d'utilisateur principal : à qui le rôle est offert, et si cette personne peut le prendre."""
    ici = mienne.etablissement
    if not Etablissement.objects.sans_principal().filter(pk=ici.pk).exists():
        return {}
    return {
        "sans_principal": True,
        "offre": ici.offres.ouvertes().first(),
        "peut_prendre": OffreRole.objects.preneuses().filter(pk=mienne.pk).exists(),
        "va_s_offrir": OffreRole.objects.a_ouvrir().filter(pk=ici.pk).exists(),
    }


def _a_revoir(qui: Utilisateur) -> HabilitationQuerySet:
    """Les siennes, d'utilisateur principal, que la revue de ce trimestre attend."""
    return Habilitation.objects.a_revoir(trimestre(timezone.localdate())).filter(utilisateur=qui)

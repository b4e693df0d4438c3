"""Le second facteur perdu d'un agent : la page où un superviseur propose, et où un autre approuve."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.administrations.actions import facteurs
from apart.administrations.actions.superviseurs import gerants_de
from apart.administrations.droits import Droit, reservee
from apart.administrations.forms import FacteurForm
from apart.administrations.models import PropositionFacteur
from apart.administrations.views.equipe import trouver_agent
from apart.comptes.requete import RequeteConnectee, apres_confirmation
from apart.comptes.retenue import AdresseRetenue
from apart.socle.automate import GesteImpossible

DEJA = "Cette proposition est déjà approuvée, retirée ou périmée."


@reservee(Droit.GERER_EQUIPE)
@require_http_methods(["GET", "HEAD", "POST"])
def facteur(request: RequeteConnectee, pk: int) -> HttpResponse:
    """La proposition en cours, ou de quoi la faire."""
    agent = trouver_agent(request, pk)
    form = FacteurForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            facteurs.proposer(agent, motif=form.cleaned_data["motif"], par=request.user)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "C'est proposé. Un autre superviseur approuve, sur cette même page.")
            return redirect("facteur-agent", pk)
    proposition = agent.propositions_facteur.proposees().select_related("proposee_par").first()
    superviseurs = gerants_de(agent)
    contexte = {"agent": agent, "form": form, "proposition": proposition, "superviseurs": superviseurs}
    contexte["peut"] = request.user in superviseurs
    return render(request, "administrations/facteur.html", contexte)


@reservee(Droit.GERER_EQUIPE)
@require_POST
def approuver(request: RequeteConnectee, pk: int, proposition: int) -> HttpResponse:
    """Introuvable avant de redemander qui l'on est : ce qui est ailleurs ne se devine pas."""
    agent = trouver_agent(request, pk)
    return _approuver(request, get_object_or_404(PropositionFacteur, pk=proposition, agent=agent))


@apres_confirmation
def _approuver(request: RequeteConnectee, proposition: PropositionFacteur) -> HttpResponse:
    try:
        facteurs.approuver(proposition, par=request.user)
    except ValidationError as refus:
        messages.error(request, refus.message)
    except AdresseRetenue as refus:
        messages.error(request, str(refus))
    except GesteImpossible:
        messages.warning(request, DEJA)
    else:
        messages.success(request, f"C'est fait : {proposition.agent} reçoit par courriel un lien, valable 24 heures.")
    return redirect("facteur-agent", proposition.agent_id)


@reservee(Droit.GERER_EQUIPE)
@require_POST
def retirer(request: RequeteConnectee, pk: int, proposition: int) -> HttpResponse:
    agent = trouver_agent(request, pk)
    try:
        facteurs.retirer(get_object_or_404(PropositionFacteur, pk=proposition, agent=agent), par=request.user)
    except GesteImpossible:
        messages.warning(request, DEJA)
    else:
        messages.success(request, "La proposition est retirée : rien n'a changé.")
    return redirect("facteur-agent", pk)

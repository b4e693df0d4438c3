"""« Donner une preuve » : choisir une façon, la demander, taper le code reçu."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes.forms.recuperation import CodeRecu
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.espace.facons import BOUTONS, facons
from apart.etablissements.actions import relever
from apart.etablissements.actions.relever import PreuveRefusee
from apart.etablissements.echelle import PAR_PREUVE
from apart.etablissements.models import DemandePreuve, Habilitation, Preuve
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible

PARTI = {
    Preuve.DOMAINE: "Votre demande est notée : sans opposition, votre preuve sera relevée dans 72 heures.",
    Preuve.COURRIEL_ETABLISSEMENT: "Un code part vers le courriel de l'établissement. Tapez-le ici.",
    Preuve.MEMBRE: "Votre demande est envoyée : votre preuve sera relevée dès l'accord d'un membre.",
}
PAS_PARTI = (
    "Rien de neuf n'est parti : votre demande attend déjà, ou cette adresse vient de recevoir plusieurs messages. Le "
    "dernier reçu suffit, ou attendez : un quart d'heure le plus souvent, demain si elle en a reçu dix."
)
PLUS_ATTENDU = "Aucun code n'est plus attendu ici. Choisissez une des façons que montre cette page."


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
def donner_preuve(request: RequeteConnectee, siret: str) -> HttpResponse:
    """Les façons qui conviennent ; un envoi y tape le code reçu au courriel de l'établissement."""
    mienne = _mienne(request.user, siret)
    form = CodeRecu(request.POST or None)
    if form.is_valid() and _code_juste(request.user, mienne, form):
        messages.success(request, "Votre preuve est relevée. Les autres personnes habilitées en sont prévenues.")
        return redirect("donner-preuve", siret)
    contexte = {
        "mienne": mienne,
        "facons": facons(mienne),
        "form": form,
        "actuelle": PAR_PREUVE[Preuve(mienne.preuve)],
    }
    return render(request, "espace/preuve.html", contexte, status=400 if form.errors else 200)


def _code_juste(qui: Utilisateur, mienne: Habilitation, form: CodeRecu) -> bool:
    """Vrai si le code pose la preuve ; sinon, dit pourquoi à côté du champ."""
    ouvertes = DemandePreuve.objects.ouvertes().filter(habilitation=mienne, niveau=Preuve.COURRIEL_ETABLISSEMENT)
    demande = ouvertes.first()
    if demande is None:
        form.add_error("code", PLUS_ATTENDU)
        return False
    try:
        relever.taper_code(demande, form.cleaned_data["code"], par=qui)
    except JetonRefuse as refus:
        form.add_error("code", refus.phrase)
    except (GesteImpossible, PreuveRefusee):
        form.add_error("code", PLUS_ATTENDU)
    return not form.errors


@pour(Public.CONNECTE)
@require_POST
def demander_preuve(request: RequeteConnectee, siret: str, niveau: int) -> HttpResponse:
    mienne = _mienne(request.user, siret)
    if niveau not in BOUTONS:
        raise Http404
    preuve = Preuve(niveau)
    try:
        est_parti = relever.demander(mienne, preuve, par=request.user)
    except PreuveRefusee as refus:
        messages.warning(request, str(refus))
    else:
        dire = messages.success if est_parti else messages.warning
        dire(request, PARTI[preuve] if est_parti else PAS_PARTI)
    return redirect("donner-preuve", siret)


def _mienne(qui: Utilisateur, siret: str) -> Habilitation:
    actives = Habilitation.objects.actives().de(qui).select_related("utilisateur")
    return get_object_or_404(actives, etablissement__siret=siret)

"""Les personnes d'un établissement : qui y a accès, leur rôle ; retirer, quitter, passer la main."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes.requete import RequeteConnectee
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions import personnes as actions
from apart.etablissements.actions import rejoindre
from apart.etablissements.actions.personnes import MainAPasser, Suite
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.forms.personnes import ChoixRole, PasserLaMain, Retrait
from apart.etablissements.models import (
    PAR_ENTREE,
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    HabilitationQuerySet,
    MotifRetrait,
    Role,
)
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible

DERNIER_PRINCIPAL = "Vous êtes le dernier utilisateur principal : désignez d'abord quelqu'un, en passant la main."
PAR_PAGE = 50
LECTURE_ET_ENVOI = ["GET", "HEAD", "POST"]


@pour(Public.CONNECTE)
@require_safe
def personnes(request: RequeteConnectee, siret: str) -> HttpResponse:
    vu = get_object_or_404(Etablissement.objects.visibles_par(request.user), siret=siret)
    mienne = vu.habilitations.actives().get(utilisateur=request.user)
    contexte = {
        "etablissement": vu,
        "mienne": mienne,
        "est_principal": mienne.role == Role.PRINCIPAL,
        "est_dernier": actions.est_dernier_principal(mienne),
        "page": PAR_ENTREE.page(
            vu.habilitations.actives().avec_leurs_traces(), request.GET.get("page", ""), par_page=PAR_PAGE
        ),
        "admissions": vu.demandes_rejoindre.filter(etat=EtatRejoindre.ACCEPTEE).order_by("traitee_le"),
        "demandes": DemandeRejoindre.objects.a_decider_par(request.user).filter(etablissement=vu),
        "revue": vu.revues.select_related("par").order_by("-le").first(),
    }
    return render(request, "etablissements/personnes.html", contexte)


@pour(Public.CONNECTE)
@require_http_methods(LECTURE_ET_ENVOI)
def retirer(request: RequeteConnectee, siret: str, habilitation: int) -> HttpResponse:
    """L'effet est dit avant ; le second clic le fait."""
    choisie = _autre(request, siret, habilitation)
    donnees = request.POST if request.method == "POST" else None
    form = Retrait(donnees, initial={"retour": request.GET.get("retour", "")})
    if not form.is_valid():
        contexte = {"form": form, "choisie": choisie, "garanties": choisie.garanties()}
        return render(request, "etablissements/retirer.html", contexte, status=400 if form.errors else 200)
    if actions.retirer(choisie, par=request.user, motif=MotifRetrait(form.cleaned_data["motif"])):
        messages.success(request, f"{choisie.utilisateur} n'a plus accès à {choisie.etablissement.denomination}.")
    else:
        messages.info(request, f"{choisie.utilisateur} n'avait déjà plus cet accès.")
    return redirect("revue") if form.cleaned_data["retour"] == "revue" else redirect("personnes", siret)


@pour(Public.CONNECTE)
@require_http_methods(LECTURE_ET_ENVOI)
def role(request: RequeteConnectee, siret: str, habilitation: int) -> HttpResponse:
    choisie = get_object_or_404(_de_mes_etablissements(request, siret), pk=habilitation)
    form = ChoixRole(request.POST or None, initial={"role": choisie.role})
    if not form.is_valid():
        contexte = {"form": form, "choisie": choisie, "doit_passer_la_main": actions.est_dernier_principal(choisie)}
        return render(request, "etablissements/role.html", contexte, status=400 if form.errors else 200)
    try:
        if actions.changer_role(choisie, role=Role(form.cleaned_data["role"]), par=request.user):
            messages.success(request, f"{choisie.utilisateur} : {choisie.get_role_display()}. Un courriel le lui dit.")
    except MainAPasser:
        messages.warning(request, DERNIER_PRINCIPAL)
    except AdresseRetenue as refus:
        messages.warning(request, str(refus))
    return redirect("personnes", siret)


@pour(Public.CONNECTE)
@require_http_methods(LECTURE_ET_ENVOI)
def quitter(request: RequeteConnectee, siret: str) -> HttpResponse:
    siennes = Habilitation.objects.filter(utilisateur=request.user, etablissement__siret=siret)
    mienne = get_object_or_404(siennes.select_related("etablissement").order_by("-pk")[:1])
    if request.method != "POST":
        seule = actions.est_dernier_principal(mienne)
        return render(request, "etablissements/quitter.html", {"mienne": mienne, "doit_passer_la_main": seule})
    try:
        actions.quitter(mienne, par=request.user)
    except MainAPasser:
        messages.warning(request, DERNIER_PRINCIPAL)
        return redirect("personnes", siret)
    messages.success(request, f"Vous avez quitté {mienne.etablissement.denomination}.")
    return redirect("mon-espace")


@pour(Public.CONNECTE)
@require_http_methods(LECTURE_ET_ENVOI)
def passer_la_main(request: RequeteConnectee, siret: str) -> HttpResponse:
    miennes = Habilitation.objects.principales().filter(utilisateur=request.user, etablissement__siret=siret)
    mienne = get_object_or_404(miennes.select_related("etablissement"))
    autres = _de_mes_etablissements(request, siret).agissantes().exclude(pk=mienne.pk).order_by("role", "du")
    form = PasserLaMain(request.POST if request.method == "POST" else None, personnes=autres)
    if not form.is_valid():
        contexte = {"form": form, "mienne": mienne, "autres": autres}
        return render(request, "etablissements/passer_la_main.html", contexte, status=400 if form.errors else 200)
    vers, puis = form.cleaned_data["personne"], Suite(form.cleaned_data["puis"])
    try:
        actions.passer_la_main(vers, par=request.user, puis=puis)
    except (MainAPasser, AdresseRetenue) as refus:
        partie = f"{vers.utilisateur} n'a plus accès à l'établissement. Choisissez quelqu'un d'autre."
        messages.warning(request, partie if isinstance(refus, MainAPasser) else str(refus))
        return redirect("passer-la-main", siret)
    messages.success(request, f"{vers.utilisateur} est utilisateur principal. Un courriel le lui dit.")
    if puis is not Suite.QUITTER:
        return redirect("personnes", siret)
    messages.info(request, f"Vous n'avez plus accès à {mienne.etablissement.denomination}.")
    return redirect("mon-espace")


@pour(Public.CONNECTE)
@require_POST
def admission_annuler(request: RequeteConnectee, siret: str, demande: int) -> HttpResponse:
    siennes = DemandeRejoindre.objects.adressees_a(request.user).filter(etablissement__siret=siret)
    choisie = get_object_or_404(siennes, pk=demande)
    try:
        rejoindre.annuler_admission(choisie, par=request.user)
    except GesteImpossible:
        messages.warning(request, _pourquoi_trop_tard(choisie))
    else:
        messages.success(
            request, f"L'accord donné à {choisie.prenom} {choisie.nom} est annulé : son lien ne vaut plus."
        )
    return redirect("personnes", siret)


def _pourquoi_trop_tard(demande: DemandeRejoindre) -> str:
    if demande.etat == EtatRejoindre.ENTREE:
        return f"{demande.prenom} {demande.nom} vient d'entrer : retirez son accès, si besoin."
    return (
        "Cet accord était déjà annulé."
        if demande.etat == EtatRejoindre.ANNULEE
        else "Il n'y a pas d'accord à annuler."
    )


def _de_mes_etablissements(request: RequeteConnectee, siret: str) -> HabilitationQuerySet:
    """Les habilitations, finies ou non, de l'établissement, pour qui en est utilisateur principal ; rien sinon."""
    miens = Habilitation.objects.principales().filter(utilisateur=request.user, etablissement__siret=siret)
    dans = Habilitation.objects.filter(etablissement__in=miens.values("etablissement"))
    return dans.select_related("utilisateur", "etablissement")


def _autre(request: RequeteConnectee, siret: str, habilitation: int) -> Habilitation:
    """Partie ou non : depuis une page ancienne, la réponse est « déjà fait ». Soi-même, on quitte."""
    autres = _de_mes_etablissements(request, siret).exclude(utilisateur=request.user)
    return get_object_or_404(autres, pk=habilitation)

"""Entrer et sortir."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes.forms.connexion import ConnexionForm
from apart.comptes.intergiciels import prolonger as prolonger_la_session
from apart.comptes.models import Utilisateur
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
@sensitive_post_parameters("mot_de_passe")
@require_http_methods(["GET", "HEAD", "POST"])
def connexion(request: HttpRequest) -> HttpResponse:
    """« MON ESPACE PERSONNEL » ; le second facteur, s'il y en a un, est demandé ensuite."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    form = ConnexionForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid() and form.utilisateur:
        return entrer(request, form.utilisateur)
    return render(request, "comptes/connexion.html", {"form": form, "suite": suite(request)})


@sensitive_variables()
def entrer(request: HttpRequest, utilisateur: Utilisateur) -> HttpResponse:
    """Ouvre la session d'une personne dont le mot de passe vient d'être vérifié, ou passe au second facteur."""
    record_authentication(request, utilisateur, method="password", reauthenticated=True)
    reponse: HttpResponse = perform_login(request, Login(user=utilisateur, redirect_url=suite(request) or None))
    return reponse


def suite(request: HttpRequest) -> str:
    """Où aller ensuite : un chemin de ce site, ou rien (T34)."""
    return get_next_redirect_url(request) or ""


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def deconnexion(request: HttpRequest) -> HttpResponse:
    """Une page avec un bouton ; seul le bouton ferme la session."""
    if request.method == "POST":
        logout(request)
        return redirect("accueil")
    return render(request, "comptes/deconnexion.html")


@pour(Public.CONNECTE)
@require_POST
def prolonger(request: HttpRequest) -> HttpResponse:
    """« Prolonger ma session » : l'activité est comptée par SessionsMiddleware comme pour toute page."""
    fin = prolonger_la_session(request)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"reste": (fin - timezone.now()).total_seconds() if fin else 0})
    return redirect(get_login_redirect_url(request))

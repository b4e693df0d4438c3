"""Les pages de django-allauth sur le second facteur et la confirmation, dans nos gabarits."""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStageController
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateCodeView
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apart.comptes import second_facteur, sessions
from apart.comptes.actions import facteur_perdu
from apart.comptes.forms import securite as formulaires
from apart.comptes.models import Utilisateur
from apart.socle.acces import Public, Vue, pour


class CleNeuve:
    """Une confirmation change la clé de session, comme une connexion (T28)."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        sessions.changer_de_cle(self.request)
        reponse: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # fourni par la vue d'allauth
        return reponse


class Confirmation(CleNeuve, ReauthenticateView):  # type: ignore[misc]  # allauth n'est pas typé
    form_class = formulaires.ConfirmationForm
    template_name = "comptes/confirmation.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


class ConfirmationParCode(CleNeuve, ReauthenticateCodeView):  # type: ignore[misc]  # idem
    form_class = formulaires.ConfirmationParCodeForm
    template_name = "comptes/confirmation.html"


class ConfirmationParCle(CleNeuve, ReauthenticateWebAuthnView):  # type: ignore[misc]  # idem
    form_class = formulaires.ConfirmationParCleForm
    template_name = "comptes/confirmation.html"


class RetirerCle(RemoveWebAuthnView):  # type: ignore[misc]  # idem
    template_name = "comptes/cle_retirer.html"

    def form_valid(self, form: Any) -> HttpResponse:
        if not second_facteur.peut_retirer(self.get_object()):
            messages.error(self.request, second_facteur.RETRAIT_REFUSE)
            return redirect("securite")
        reponse: HttpResponse = super().form_valid(form)
        return reponse


class CodesATelecharger(DownloadRecoveryCodesView):  # type: ignore[misc]  # idem
    template_name = "comptes/codes_de_rechange.txt"

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        reponse: HttpResponse = super().render_to_response(context, **options)
        reponse.headers["Content-Disposition"] = 'attachment; filename="codes-de-rechange.txt"'
        return reponse


def publier(vue: Vue) -> Vue:
    """Une vue d'allauth pour une personne connectée ; lue ou postée, rien d'autre (Django traiterait PUT en POST)."""
    return pour(Public.CONNECTE)(require_http_methods(["GET", "HEAD", "POST"])(vue))


demander_le_code = AuthenticateView.as_view(
    template_name="comptes/second_facteur.html",
    form_class=formulaires.CodeForm,
    webauthn_form_class=formulaires.CleForm,
)


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponseBase:
    """Le second facteur, entre le mot de passe et la session ; la page le dit quand la connexion a trop attendu."""
    attendu = None if request.user.is_authenticated else qui_entre(request)
    if attendu is None and not request.user.is_authenticated:
        return render(request, "comptes/connexion_interrompue.html")
    reponse: HttpResponseBase = demander_le_code(request)
    if attendu and request.user.is_authenticated and facteur_perdu.annuler_par_facteur(attendu):
        messages.info(request, "Votre second facteur est retrouvé : la demande de le remplacer est annulée.")
    return reponse


def qui_entre(request: HttpRequest) -> Utilisateur | None:
    """Qui vient de donner son mot de passe, et doit encore montrer son second facteur ; personne sinon."""
    etape = LoginStageController.enter(request, AuthenticateStage.key)
    entrant: Utilisateur | None = etape.login.user if etape else None
    return entrant


confirmation = publier(Confirmation.as_view())
confirmation_par_code = publier(ConfirmationParCode.as_view())
confirmation_par_cle = publier(ConfirmationParCle.as_view())
activer_application = publier(
    ActivateTOTPView.as_view(
        template_name="comptes/application_activer.html", form_class=formulaires.ActiverApplicationForm
    )
)
retirer_application = publier(DeactivateTOTPView.as_view(template_name="comptes/application_retirer.html"))
ajouter_cle = publier(
    AddWebAuthnView.as_view(template_name="comptes/cle_ajouter.html", form_class=formulaires.AjouterCleForm)
)
renommer_cle = publier(
    EditWebAuthnView.as_view(template_name="comptes/cle_renommer.html", form_class=formulaires.RenommerCleForm)
)
retirer_cle = publier(RetirerCle.as_view())
codes_de_rechange = publier(ViewRecoveryCodesView.as_view(template_name="comptes/codes_de_rechange.html"))
codes_a_telecharger = publier(CodesATelecharger.as_view())
nouveaux_codes = publier(GenerateRecoveryCodesView.as_view(template_name="comptes/codes_nouveaux.html"))

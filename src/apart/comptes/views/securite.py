"""« Sécurité » : mes sessions, mon second facteur, mon code de secours, mes derniers accès."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apart.comptes import second_facteur
from apart.comptes.actions import securite as actions
from apart.comptes.forms.securite import ChangementMotDePasse
from apart.comptes.models import Acces, CodeSecours, QuestionSecrete, Session
from apart.comptes.requete import RequeteConnectee, apres_confirmation
from apart.courriels.diagnostic import alerte_de
from apart.courriels.models import AdresseRefusee, CourrielRetenu
from apart.socle.acces import Public, pour
from apart.socle.chiffrement import empreinte
from apart.socle.envois import montrer

DERNIERS_ACCES = 10
DERNIERS_RETENUS = 5


@pour(Public.CONNECTE)
@require_safe
def securite(request: RequeteConnectee) -> HttpResponse:
    facteurs = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    rechange = [f for f in facteurs if f.type == Authenticator.Type.RECOVERY_CODES]
    contexte = {
        "sessions": Session.objects.ouvertes(request.user),
        "session_courante": empreinte(request.session.session_key or ""),
        "application": next((f for f in facteurs if f.type == Authenticator.Type.TOTP), None),
        "cles": [f.wrap() for f in facteurs if f.type == Authenticator.Type.WEBAUTHN],
        "codes_restants": len(rechange[0].wrap().get_unused_codes()) if rechange else 0,
        "code_secours": CodeSecours.objects.filter(utilisateur=request.user).first(),
        "question_permise": settings.QUESTION_SECRETE != "desactivee",
        "question_secrete": QuestionSecrete.objects.filter(utilisateur=request.user).first(),
        "refusee": alerte_de(AdresseRefusee.objects.vers(request.user.courriel).first()),
        "retenus": CourrielRetenu.objects.vers(request.user.courriel).recents()[:DERNIERS_RETENUS],
        "acces": Acces.objects.filter(utilisateur=request.user).order_by("-le")[:DERNIERS_ACCES],
    }
    return render(request, "comptes/securite.html", contexte)


@pour(Public.CONNECTE)
@require_POST
def fermer_sessions(request: RequeteConnectee) -> HttpResponse:
    """Une session (« session ») ou toutes les autres."""
    if choisie := request.POST.get("session"):
        fermees = actions.fermer_session(request.user, session=choisie, par=request.user)
    else:
        fermees = actions.fermer_autres_sessions(request.user, session=request.session.session_key, par=request.user)
    messages.success(request, "La session est fermée." if choisie and fermees else "Les autres sessions sont fermées.")
    return redirect("securite")


@pour(Public.CONNECTE)
@sensitive_post_parameters("actuel", "mot_de_passe")
@require_http_methods(["GET", "HEAD", "POST"])
def mot_de_passe(request: RequeteConnectee) -> HttpResponse:
    """Changer de mot de passe en tapant l'actuel ; les autres sessions se ferment."""
    form = ChangementMotDePasse(
        request.POST if request.method == "POST" else None, utilisateur=request.user, request=request
    )
    if form.is_valid():
        actions.changer_mot_de_passe(
            request.user,
            mot_de_passe=form.cleaned_data["mot_de_passe"],
            session=request.session.session_key,
            par=request.user,
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "Votre mot de passe est changé. Vos autres sessions sont fermées.")
        return redirect("securite")
    return render(request, "comptes/changer_mot_de_passe.html", {"form": form})


@pour(Public.CONNECTE)
@require_safe
def proteger(request: RequeteConnectee) -> HttpResponse:
    """La seule page ouverte à un agent qui n'a pas encore de second facteur."""
    return render(request, "comptes/proteger.html", {"obligatoire": second_facteur.manque(request.user)})


@pour(Public.CONNECTE)
@require_POST
@apres_confirmation
def renouveler_code_secours(request: RequeteConnectee) -> HttpResponse:
    """Un nouveau code à imprimer ; l'ancien ne vaut plus."""
    code = actions.renouveler_code_secours(request.user, par=request.user)
    return montrer(request, "comptes/nouveau_code_de_secours.html", {"code": code})

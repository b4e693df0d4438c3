"""Le second facteur : application d'authentification ou clé d'accès. Facultatif, sauf pour les agents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.socle.chiffrement import empreinte
from apart.socle.limites import Limite, consommer
from apart.socle.models import PreuveEmployee

ESSAIS = Limite("second-facteur", 5, timedelta(minutes=5))
# Un code a 6 chiffres : sans plafond par jour, un mot de passe volé laisserait le temps de le trouver.
ESSAIS_PAR_JOUR = Limite("second-facteur-jour", 50, timedelta(days=1))
DUREE_D_UN_CODE = timedelta(minutes=2)  # 30 secondes, et autant de part et d'autre, arrondi au large
RETRAIT_REFUSE = "Un agent garde toujours un second facteur : ajoutez-en un autre d'abord."
TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

# Ce qu'un agent peut ouvrir tant qu'il n'a pas de second facteur : de quoi s'en donner un, ou partir.
PAGES_D_ENROLEMENT = {
    "proteger",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "deconnexion",
    "account_logout",
    "prolonger-session",
}


def est_actif(utilisateur: Utilisateur) -> bool:
    return bool(Authenticator.objects.filter(user=utilisateur, type__in=TYPES).exists())


def manque(utilisateur: Utilisateur) -> bool:
    return utilisateur.est_agent and not est_actif(utilisateur)


def compter_essai(utilisateur: Utilisateur) -> None:
    """Compte un code tapé ; lève TropDeDemandes au-delà de 5 en 5 minutes, ou de 50 dans la journée."""
    consommer(ESSAIS_PAR_JOUR, str(utilisateur.pk))
    consommer(ESSAIS, str(utilisateur.pk))


def employer_code(utilisateur: Utilisateur, code: str) -> bool:
    """Marque employé un code d'application ; False s'il l'était déjà (RFC 6238 §5.2 : il ne sert qu'une fois)."""
    maintenant = timezone.now()
    preuve = empreinte(f"second-facteur:{utilisateur.pk}:{code}")
    PreuveEmployee.objects.filter(empreinte=preuve, expire_le__lt=maintenant).delete()
    _, neuf = PreuveEmployee.objects.get_or_create(
        empreinte=preuve, defaults={"expire_le": maintenant + DUREE_D_UN_CODE}
    )
    return neuf


def peut_retirer(facteur: Authenticator) -> bool:
    """Un agent garde toujours au moins une application ou une clé."""
    autres = Authenticator.objects.filter(user=facteur.user, type__in=TYPES).exclude(pk=facteur.pk)
    return not facteur.user.est_agent or autres.exists()


class SecondFacteurObligatoire:
    """Un agent sans second facteur ne voit que la page qui lui en donne un."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.suite(request)

    def process_view(
        self, request: HttpRequest, vue: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        permise = request.resolver_match is not None and request.resolver_match.url_name in PAGES_D_ENROLEMENT
        if permise or not isinstance(request.user, Utilisateur) or not manque(request.user):
            return None
        return redirect("proteger")

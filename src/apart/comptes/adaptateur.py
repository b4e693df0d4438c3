"""Ce que django-allauth demande à Apart : où aller, quoi dire, comment chiffrer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from apart.comptes import appareils, second_facteur, sessions
from apart.comptes.actions import securite
from apart.comptes.models import Utilisateur
from apart.socle.chiffrement import coffre
from apart.socle.limites import adresse_ip

# Ce qui est dit après chaque geste d'allauth ; rien pour ceux qui ne sont pas nommés ici.
PHRASES = {
    "account/messages/logged_out.txt": "Vous êtes déconnecté.",
    "mfa/messages/totp_activated.txt": "Votre application d'authentification protège maintenant votre compte.",
    "mfa/messages/totp_deactivated.txt": "L'application d'authentification est retirée.",
    "mfa/messages/webauthn_added.txt": "La clé d'accès est ajoutée.",
    "mfa/messages/webauthn_removed.txt": "La clé d'accès est retirée.",
}
# Ce qui est écrit à la personne après un changement (ASVS 6.3.7).
AVIS = {
    "mfa/email/totp_activated": "Une application d'authentification protège maintenant votre compte",
    "mfa/email/totp_deactivated": "L'application d'authentification a été retirée de votre compte",
    "mfa/email/webauthn_added": "Une clé d'accès a été ajoutée à votre compte",
    "mfa/email/webauthn_removed": "Une clé d'accès a été retirée de votre compte",
    "mfa/email/recovery_codes_generated": "De nouveaux codes de rechange ont été tirés pour votre compte",
}


class AdaptateurCompte(DefaultAccountAdapter):  # type: ignore[misc]  # allauth n'est pas typé
    def is_safe_url(self, url: str | None) -> bool:
        """Une suite est un chemin de ce site, rien d'autre (T34)."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def login(self, request: HttpRequest, user: Utilisateur) -> None:
        super().login(request, user)
        sessions.marquer(request, user)

    def post_login(self, request: HttpRequest, user: Utilisateur, **options: Any) -> HttpResponse:
        reponse: HttpResponse = super().post_login(request, user, **options)
        appareils.retenir(request, reponse, user.identifiant)
        return reponse

    def get_client_ip(self, request: HttpRequest) -> str:
        return adresse_ip(request)

    def send_notification_mail(self, template_prefix: str, user: Utilisateur, *args: Any, **options: Any) -> None:
        securite.noter_second_facteur(
            user, geste=template_prefix.removeprefix("mfa/email/"), avis=AVIS[template_prefix]
        )

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if phrase := message or PHRASES.get(message_template or ""):
            messages.add_message(request, level, phrase, extra_tags=extra_tags)


class AdaptateurSecondFacteur(DefaultMFAAdapter):  # type: ignore[misc]  # allauth n'est pas typé
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Ce code ne correspond pas. Tapez celui que l'application affiche maintenant.",
        "cannot_delete_authenticator": second_facteur.RETRAIT_REFUSE,
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return second_facteur.peut_retirer(authenticator)

    def encrypt(self, text: str) -> str:
        return coffre("second-facteur").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return coffre("second-facteur").decrypt(encrypted_text.encode()).decode()

    def _get_user_identifier(self, user: Utilisateur) -> str:
        return user.identifiant_lisible

    def get_public_key_credential_user_entity(self, user: Utilisateur) -> dict[str, Any]:
        """Le navigateur montre ce nom quand il demande quelle clé employer."""
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.get_full_name()}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Une clé d'accès est liée au nom public du service, jamais à l'en-tête Host reçu.

        Les navigateurs refusent un numéro d'adresse : sur la machine elle-même, une clé se lie à « localhost ».
        """
        hote = urlsplit(settings.URL_PUBLIQUE).hostname or "localhost"
        return {"id": "localhost" if hote == "127.0.0.1" else hote, "name": settings.MFA_TOTP_ISSUER}

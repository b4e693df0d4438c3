"""En-têtes communs à toutes les pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


class EntetesMiddleware:
    """Pas de cache pour les pages (T39), pas de capteur."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponse]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reponse = self.suite(request)
        if not request.path.startswith(settings.STATIC_URL):
            reponse.headers.setdefault("Cache-Control", "no-store")
        reponse.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return reponse

"""Ce que chaque page sait du site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "SERVICE_ETAT": settings.SERVICE_ETAT,
        "URL_PUBLIQUE": settings.URL_PUBLIQUE,
        "DEMO": settings.DEMO,
        "support_telephone": settings.SUPPORT_TELEPHONE,
        "support_horaires": settings.SUPPORT_HORAIRES,
        "support_adresse": settings.SUPPORT_ADRESSE,
    }

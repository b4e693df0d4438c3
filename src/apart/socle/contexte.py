"""Ce que chaque page sait du site. Aucune requête ici : les pages d'erreur l'emploient sans base de données."""

from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest

from apart.socle import accessibilite, feuille


def site(request: HttpRequest | None) -> dict[str, object]:
    return {
        "feuille": feuille.composer(settings.SERVICE_ETAT).adresse,
        "SERVICE_ETAT": settings.SERVICE_ETAT,
        "URL_PUBLIQUE": settings.URL_PUBLIQUE,
        "DEMO": settings.DEMO,
        "expediteur": parseaddr(settings.EXPEDITEUR)[1],
        "ACCESSIBILITE": settings.ACCESSIBILITE,
        "accessibilite_mention": accessibilite.mention(settings.ACCESSIBILITE),
        "exploitant": settings.EXPLOITANT,
        "support_telephone": settings.SUPPORT_TELEPHONE,
        "support_horaires": settings.SUPPORT_HORAIRES,
        "support_adresse": settings.SUPPORT_ADRESSE,
    }

"""Ce que chaque page sait de la session : quand elle se ferme, et si l'on attend de retirer le second facteur."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apart.comptes.models import FacteurPerdu, Utilisateur


def session(request: HttpRequest) -> dict[str, object]:
    fin = getattr(request, "fin_de_session", None)
    return {"fin_de_session": fin, "facteur_perdu": SimpleLazyObject(lambda: _perdu(request)) if fin else None}


def _perdu(request: HttpRequest) -> FacteurPerdu | None:
    """Un agent ne remplace pas seul son second facteur : rien à lire pour lui."""
    qui = request.user
    return FacteurPerdu.objects.de(qui) if isinstance(qui, Utilisateur) and not qui.est_agent else None

"""Ce que chaque page sait de la session : quand elle se ferme."""

from django.http import HttpRequest


def session(request: HttpRequest) -> dict[str, object]:
    return {"fin_de_session": getattr(request, "fin_de_session", None)}

"""Ce que chaque page sait des droits de qui la regarde : de quoi ne montrer que les boutons qui marchent."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apart.administrations.droits import droits_de


def droits(request: HttpRequest) -> dict[str, object]:
    """Lus à la première question seulement : une page publique n'ouvre pas la session pour cela."""
    return {"droits": SimpleLazyObject(lambda: droits_de(request.user))}

"""Le défi du contrôle de sécurité, demandé par la page quand on commence à la remplir."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from apart.socle import anti_robot
from apart.socle.acces import Public, pour
from apart.socle.limites import visiteur


@pour(Public.TOUS)
@require_safe
def defi(request: HttpRequest, nom: str) -> JsonResponse:
    """« majore » : au prix fort, qui vaut depuis n'importe quel réseau (socle.anti_robot)."""
    majore = "majore" in request.GET or anti_robot.est_majore(request)
    return JsonResponse(anti_robot.creer_defi(nom, visiteur=visiteur(request), majore=majore).to_dict())

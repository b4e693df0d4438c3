"""Le défi du contrôle de sécurité, demandé par la page quand on commence à la remplir."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from apart.socle import anti_robot
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
@require_safe
def defi(request: HttpRequest, nom: str) -> JsonResponse:
    return JsonResponse(anti_robot.creer_defi(nom, majore=anti_robot.est_majore(request)).to_dict())

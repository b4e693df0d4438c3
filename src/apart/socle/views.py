"""Ce que toutes les pages emploient : le défi du contrôle de sécurité, et la page d'un geste fait, à revoir."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from apart.socle import anti_robot, envois, erreurs
from apart.socle.acces import Public, pour
from apart.socle.limites import visiteur


@pour(Public.TOUS)
@require_safe
def defi(request: HttpRequest, nom: str) -> JsonResponse:
    """« majore » : au prix fort, qui vaut depuis n'importe quel réseau (socle.anti_robot)."""
    majore = "majore" in request.GET or anti_robot.est_majore(request)
    return JsonResponse(anti_robot.creer_defi(nom, visiteur=visiteur(request), majore=majore).to_dict())


@pour(Public.TOUS)
@require_safe
def revoir(request: HttpRequest, page: str) -> HttpResponse:
    """Ce qu'un envoi vient de montrer, telle quelle, dix minutes, dans le même navigateur."""
    html = envois.page_gardee(request, page)
    return erreurs.page(request, "plus_montree", 404) if html is None else HttpResponse(html)

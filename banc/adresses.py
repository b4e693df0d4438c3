"""Les adresses d'Apart, et une page au texte constant."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from apart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401 — Django les lit ici
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
def constante(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Bonjour.")


urlpatterns = [path("constante/", constante), path("", include("apart.config.urls"))]

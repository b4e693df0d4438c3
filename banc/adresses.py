"""Les adresses d'Apart, une page au texte constant, et une page vide du gabarit commun."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from apart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401 — Django les lit ici
from apart.socle.acces import Public, pour


@pour(Public.TOUS)
def constante(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Bonjour.")


@pour(Public.TOUS)
def vide(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns = [path("constante/", constante), path("vide/", vide), path("", include("apart.config.urls"))]

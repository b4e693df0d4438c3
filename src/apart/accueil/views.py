"""La page d'accueil et les pages légales."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apart.socle.acces import Public, pour


@pour(Public.TOUS)
def accueil(request: HttpRequest) -> HttpResponse:
    return render(request, "accueil/accueil.html")

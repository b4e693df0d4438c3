"""La page d'accueil et les pages légales."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apart.socle.acces import Public, pour


@pour(Public.TOUS)
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    return render(request, "accueil/accueil.html")

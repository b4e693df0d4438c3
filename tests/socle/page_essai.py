"""Une page d'essai protégée par le contrôle de sécurité, qui n'existe que pour les tests."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path

from apart.socle import anti_robot
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import AntiRobot
from apart.socle.formulaires import Formulaire


class FormulaireEssai(AntiRobot, Formulaire):
    nom_anti_robot = "essai"
    ville = forms.CharField(label="Ville", error_messages={"required": "Indiquez la ville."})


MODELE = """{% extends "base.html" %}{% block titre %}Essai{% endblock %}{% block contenu %}<h1>Essai</h1>
<form method="post" novalidate>{% csrf_token %}{% include "composants/_resume_erreurs.html" %}
{% include "composants/_champ.html" with champ=form.ville %}{% include "composants/_anti_robot.html" %}
<button class="fr-btn">Envoyer</button></form>{% endblock %}"""


@pour(Public.TOUS)
def page_essai(request: HttpRequest) -> HttpResponse:
    form = FormulaireEssai(request.POST or None, request=request)
    if form.is_valid():
        return redirect("essai-recu")
    page = engines["django"].from_string(MODELE).render({"form": form}, request)
    return HttpResponse(page, status=anti_robot.statut(form))


@pour(Public.TOUS)
def page_recue(request: HttpRequest) -> HttpResponse:
    recu = '{% extends "base.html" %}{% block contenu %}<h1>Bien reçu</h1>{% endblock %}'
    return HttpResponse(engines["django"].from_string(recu).render({}, request))


urlpatterns = [
    path("essai/", page_essai),
    path("essai/recu/", page_recue, name="essai-recu"),
    path("", include("apart.config.urls")),
]

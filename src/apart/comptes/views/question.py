"""Depuis « Sécurité » : choisir ou retirer sa question secrète."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import question as question_secrete
from apart.comptes.actions import secours as actions
from apart.comptes.forms.question import ChoixQuestion
from apart.comptes.requete import RequeteConnectee, apres_confirmation
from apart.socle.acces import Public, pour


@pour(Public.CONNECTE)
@require_http_methods(["GET", "HEAD", "POST"])
@apres_confirmation
def question(request: RequeteConnectee) -> HttpResponse:
    if settings.QUESTION_SECRETE == "desactivee":
        raise Http404
    form = ChoixQuestion(request.POST or None, utilisateur=request.user)
    if not form.is_valid():
        return render(request, "comptes/choisir_question.html", {"form": form})
    empreinte = question_secrete.empreinte(form.cleaned_data["reponse"])
    actions.definir_question(
        request.user, question=form.cleaned_data["question"], empreinte_reponse=empreinte, par=request.user
    )
    messages.success(request, "Votre question secrète est choisie. Un message vous en prévient.")
    return redirect("securite")


@pour(Public.CONNECTE)
@require_POST
@apres_confirmation
def retirer_question(request: RequeteConnectee) -> HttpResponse:
    actions.supprimer_question(request.user, par=request.user)
    messages.success(request, "Vous n'avez plus de question secrète.")
    return redirect("securite")

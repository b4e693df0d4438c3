"""« Envoyer une attestation » : qui a déjà un accès ouvre la demande qui relèvera sa preuve."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apart.comptes.requete import RequeteConnectee
from apart.etablissements.echelle import DEMANDES
from apart.etablissements.models import Habilitation
from apart.reprises.actions import releve
from apart.socle.acces import Public, pour
from apart.socle.limites import consommer


@pour(Public.CONNECTE)
@require_POST
def attestation(request: RequeteConnectee, siret: str) -> HttpResponse:
    actives = Habilitation.objects.actives().de(request.user)
    mienne = get_object_or_404(actives.select_related("etablissement"), etablissement__siret=siret)
    consommer(DEMANDES, str(mienne.pk))
    try:
        secret = releve.demander(mienne, par=request.user)
    except PermissionDenied:
        messages.info(request, "Votre preuve est déjà la plus forte : rien d'autre n'est attendu de vous.")
        return redirect("etablissement", siret)
    return redirect("reprise-suivi", secret)

"""« Renvoyer » : relire avant de faire, et savoir qui sera prévenu."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.administrations.droits import Droit, reservee
from apart.assistance.actions.renvois import MotifRenvoi, Renvoi, faire_repartir
from apart.assistance.actions.renvois import renvoyer as renvoyer_acces
from apart.assistance.forms import RenvoiForm
from apart.assistance.views.bureau import retour, trouver_demande
from apart.comptes.requete import RequeteConnectee
from apart.etablissements.models import Habilitation


@reservee(Droit.REPONDRE_ASSISTANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def renvoyer(request: RequeteConnectee, pk: int, membre: int, quoi: str) -> HttpResponse:
    if quoi not in Renvoi.values:
        raise Http404
    demande = trouver_demande(request, pk)
    actives = Habilitation.objects.actives().filter(etablissement__siret=demande.siret)
    cible = get_object_or_404(actives.select_related("utilisateur", "etablissement"), pk=membre)
    form = RenvoiForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        contexte = {"demande": demande, "membre": cible, "quoi": Renvoi(quoi), "form": form}
        return render(request, "assistance/renvoyer.html", contexte | {"filtre": request.GET.urlencode()})
    adresse, motif = cible.utilisateur.courriel, MotifRenvoi(form.cleaned_data["motif"])
    if renvoyer_acces(demande, membre=cible, quoi=Renvoi(quoi), motif=motif, par=request.user):
        messages.success(request, f"Le message part vers {adresse}. Son sort s'affiche dans les courriels.")
    else:
        messages.warning(request, f"Rien ne part vers {adresse} : le message est retenu. La raison est plus bas.")
    return retour(request, pk)


@reservee(Droit.REPONDRE_ASSISTANCE)
@require_POST
def repartir(request: RequeteConnectee, pk: int) -> HttpResponse:
    demande = trouver_demande(request, pk)
    form = RenvoiForm(request.POST, prefix="repartir")
    if not form.is_valid():
        messages.warning(request, f"Rien n'est parti. {form.errors['motif'][0]}")
    elif faire_repartir(demande, motif=MotifRenvoi(form.cleaned_data["motif"]), par=request.user):
        messages.success(request, f"Le message part vers {demande.courriel}. Son sort s'affiche dans les courriels.")
    else:
        messages.warning(request, f"Rien ne part vers {demande.courriel} : le lien a servi, ou le message est retenu.")
    return retour(request, pk)

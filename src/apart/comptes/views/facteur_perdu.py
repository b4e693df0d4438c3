"""« Je n'ai plus mon second facteur ni mes codes de rechange » : demander, annuler, remplacer.

La demande se fait entre le mot de passe et la session : qui n'a pas donné le bon mot de passe n'apprend rien. Les
liens suivent le parcours commun : les ouvrir ne change rien (T10).
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import appareils, jetons
from apart.comptes.actions import facteur_perdu as actions
from apart.comptes.actions.facteur_perdu import FacteurPerduRefuse
from apart.comptes.forms.securite import ConfirmationForm
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.models import FacteurPerdu, Usage, Utilisateur
from apart.comptes.requete import RequeteConnectee
from apart.comptes.retenue import AdresseRetenue
from apart.comptes.views.connexion import entrer
from apart.comptes.views.jeton import Parcours
from apart.comptes.views.second_facteur import qui_entre
from apart.courriels.models import Demandeur
from apart.socle.acces import Public, pour
from apart.socle.automate import GesteImpossible

PAS_ENCORE = "Le délai n'est pas passé, ou cette demande est finie : relisez la page."
RETENU = "Cette adresse a reçu assez de liens : le dernier vaut 60 minutes. Revenez dans un quart d'heure."


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def perdu(request: HttpRequest) -> HttpResponse:
    """Entre le mot de passe et la session : où en est la demande, et le bouton qui la fait avancer."""
    entrant = qui_entre(request)
    if entrant is None:
        return render(request, "comptes/connexion_interrompue.html")
    if request.method == "POST":
        _faire(request, entrant)
        return redirect("facteur-perdu")
    contexte = {"demande": FacteurPerdu.objects.de(entrant), "entrant": entrant, "delai": settings.DELAI_FACTEUR_PERDU}
    return render(request, "comptes/facteur_perdu.html", contexte)


def _faire(request: HttpRequest, entrant: Utilisateur) -> None:
    """Demander ; ou, le délai passé, recevoir le lien."""
    demande = FacteurPerdu.objects.de(entrant)
    try:
        if demande is None:
            actions.demander(entrant, par=entrant)
        elif not actions.envoyer_lien(entrant, par=entrant, demandeur=_demandeur(request, entrant)):
            messages.warning(request, RETENU)
        else:
            messages.success(request, "Le lien est parti vers votre adresse électronique. Il vaut 60 minutes.")
    except (FacteurPerduRefuse, AdresseRetenue) as refus:
        messages.warning(request, str(refus))
    except GesteImpossible:
        messages.warning(request, PAS_ENCORE)


def _demandeur(request: HttpRequest, entrant: Utilisateur) -> Demandeur:
    return Demandeur.APPAREIL if appareils.reconnu(request, entrant.identifiant) else Demandeur.IDENTIFIANT


@pour(Public.CONNECTE)
@require_POST
def annuler_connecte(request: RequeteConnectee) -> HttpResponse:
    if actions.annuler_connecte(request.user, par=request.user):
        messages.success(request, "La demande est annulée : votre second facteur reste. Changez de mot de passe.")
    return redirect("changer-mot-de-passe")


def _annuler(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    actions.annuler(secret)
    return render(request, "comptes/facteur_annule.html")


def _remplacer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Le mot de passe, redonné là où le lien s'ouvre : le lien seul ne suffit pas."""
    sienne = jetons.lire(Usage.NOUVEAU_FACTEUR, secret).utilisateur
    if sienne is None:
        raise JetonRefuse(Raison.INCONNU)
    form = ConfirmationForm(request.POST if etape == "mot_de_passe" else None, user=sienne, request=request)
    if form.is_valid():
        try:
            return entrer(request, actions.remplacer(secret))
        except GesteImpossible as refus:
            raise JetonRefuse(Raison.SANS_OBJET) from refus
        except AdresseRetenue as refus:
            form.add_error(None, str(refus))
    contexte = {"form": form, "secret": secret}
    statut = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "comptes/facteur_remplacer.html", contexte, status=statut)


def _deja_annule(secret: str) -> str:
    fait = jetons.employe_le(Usage.FACTEUR_PERDU, secret)
    return "La demande est annulée : le second facteur est resté." if fait else ""


def _deja_remplace(secret: str) -> str:
    fait = jetons.employe_le(Usage.NOUVEAU_FACTEUR, secret)
    return "Il a retiré le second facteur perdu. Connectez-vous pour en ajouter un autre." if fait else ""


ANNULER = Parcours(
    Usage.FACTEUR_PERDU,
    _annuler,
    recommencer="connexion",
    gabarit_lien="comptes/facteur_annuler.html",
    gabarit_refus="comptes/facteur_lien_refuse.html",
    deja_fait=_deja_annule,
)
NOUVEAU = Parcours(
    Usage.NOUVEAU_FACTEUR,
    _remplacer,
    recommencer="connexion",
    gabarit_lien="comptes/facteur_nouveau.html",
    gabarit_refus="comptes/facteur_lien_refuse.html",
    deja_fait=_deja_remplace,
)

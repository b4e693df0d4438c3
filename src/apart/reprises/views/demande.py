"""« La personne est partie, ou sa messagerie est fermée » : demander une reprise d'accès, prouver son adresse."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apart.comptes import appareils, jetons
from apart.comptes.jetons import Demande as DemandeDeLien
from apart.comptes.limites import PAR_ADRESSE_IP
from apart.comptes.messagerie import Attente
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.views.jeton import Parcours, prouver
from apart.etablissements.forms.creation import depuis_compte
from apart.etablissements.models import Etablissement
from apart.etablissements.parcours import lire as lire_siret
from apart.reprises import parcours, taches
from apart.reprises.actions import demande as actions
from apart.reprises.forms.demande import Demande, DemandeReprise
from apart.reprises.models import Reprise
from apart.reprises.parcours import Etape
from apart.socle.acces import Public, pour
from apart.socle.anti_robot import statut
from apart.socle.limites import consommer, visiteur
from apart.socle.saisies import courriel_masque

CHAMPS = ("nom", "prenom", "fonction", "telephone", "courriel", "raison", "explication")
DEJA_SUIVIE = (
    "Votre première demande est déjà en cours : la voici. Elle continue avec ce que vous avez envoyé, et "
    "celle que vous venez de faire s'arrête."
)
RELUS = ("raison", "explication", "nom", "prenom", "fonction", "telephone")


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
def reprise(request: HttpRequest, etape: str) -> HttpResponse:
    etablissement = get_object_or_404(Etablissement, siret=lire_siret(etape).siret)
    form = DemandeReprise(request.POST or None, request=request, initial=_connu(request))
    if not form.is_valid():
        contexte = {"form": form, "siret": etablissement.siret, "etape": etape}
        return render(request, "reprises/demande.html", contexte, status=statut(form))
    consommer(PAR_ADRESSE_IP, visiteur(request))
    saisie = Reprise(etablissement=etablissement, **{nom: form.cleaned_data[nom] for nom in CHAMPS})
    deposee = actions.deposer(saisie)
    qui = request.user
    if isinstance(qui, Utilisateur) and not qui.est_agent and deposee.courriel == qui.courriel:
        return _suivre(request, deposee, actions.confirmer_connecte(deposee, par=qui))
    return _attendre(request, deposee)


def _connu(request: HttpRequest) -> dict[str, str]:
    """Ce que l'on sait d'une personne connectée : elle ne le retape pas."""
    personne = request.user
    return depuis_compte(personne) | {"courriel": personne.courriel} if isinstance(personne, Utilisateur) else {}


def _attendre(request: HttpRequest, deposee: Reprise) -> HttpResponse:
    attente = Attente(DemandeDeLien.maintenant(), courriel_masque(deposee.courriel))
    connus = appareils.connus(request)
    taches.envoyer_lien_reprise.defer(reprise=deposee.pk, connus=connus, **attente.demande.ecrite())
    return redirect("reprise-messagerie", Etape(deposee.etablissement.siret, deposee.pk).sceller(), attente.sceller())


@pour(Public.TOUS)
@require_POST
def reprise_renvoyer(request: HttpRequest, etape: str) -> HttpResponse:
    deposee = get_object_or_404(Reprise, pk=parcours.lire(etape).reprise)
    if sans_preuve := prouver(request):
        return sans_preuve
    consommer(PAR_ADRESSE_IP, visiteur(request))
    return _attendre(request, deposee)


def _confirmer(request: HttpRequest, secret: str, etape: str) -> HttpResponse:
    """Relire sa demande, qu'un autre a pu déposer ; puis choisir comment prouver."""
    deposee = actions.reprise_du_jeton(jetons.lire(Usage.REPRISE, secret))
    saisie = request.POST if etape == "confirmer" else None
    form = Demande(saisie, initial={nom: getattr(deposee, nom) for nom in RELUS})
    if not form.is_valid():
        contexte = {"form": form, "secret": secret, "reprise": deposee}
        return render(request, "reprises/relire.html", contexte, status=400 if form.errors else 200)
    return _suivre(request, deposee, actions.confirmer(secret, **form.cleaned_data))


def _suivre(request: HttpRequest, deposee: Reprise, secret: str) -> HttpResponse:
    """La page de la demande qui continue ; si un agent s'occupait déjà d'une autre, c'est elle, et cela se dit."""
    if actions.suivie(secret) != deposee:
        messages.info(request, DEJA_SUIVIE)
    return redirect("reprise-suivi", secret)


PARCOURS = Parcours(
    Usage.REPRISE,
    _confirmer,
    titre="Reprendre un accès",
    fil=("Créer mon espace", "Reprendre un accès"),
    envoi="Un message est demandé pour l'adresse que vous avez donnée :",
    recommencer="creer-espace",
    renvoyer="reprise-renvoyer",
    contexte=lambda etape: {"siret": parcours.lire(etape).siret},
    gabarit_lien="reprises/lien.html",
    etablissement=lambda jeton: actions.reprise_du_jeton(jeton).etablissement,
    renouveler="reprise-renouveler",
    renvoi=actions.renouveler_lien,
    deja_fait=actions.suite_du_lien,
    gabarit_refus="reprises/lien_refuse.html",
)

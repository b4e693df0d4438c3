"""Choisir, simuler, rouvrir, imprimer. Rien n'est écrit : ni base, ni session."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apart.simulateur import impression, lien, page
from apart.simulateur.brouillon import REPONDRE, Brouillon
from apart.simulateur.calcul import calculer
from apart.simulateur.questions import Profil
from apart.socle.acces import Public, pour
from apart.socle.envois import sans_effet
from apart.socle.limites import Limite, consommer, visiteur

PDF_PAR_ADRESSE = Limite("simulation:adresse", 60, timedelta(hours=1))


@pour(Public.TOUS)
@require_safe
def choisir(request: HttpRequest) -> HttpResponse:
    return render(request, "simulateur/choix.html")


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@sans_effet
def simuler(request: HttpRequest, profil: Profil) -> HttpResponse:
    if request.method == "POST":
        return _repondre(request, profil, profil.lire(Brouillon.du_formulaire(request.POST)))
    code = request.GET.get("s")
    if code is None:
        return page.montrer(request, profil, None)
    try:
        brouillon = profil.lire(lien.ouvrir(code))
    except lien.LienIllisible as refus:
        return page.montrer(request, profil, None, avis=str(refus))
    return page.montrer(request, profil, brouillon, None if page.EN_SAISIE in request.GET else calculer(brouillon))


def _repondre(request: HttpRequest, profil: Profil, brouillon: Brouillon) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return page.montrer_en_direct(request, profil, brouillon, calculer(brouillon))
    geste = request.POST.get("geste", "calculer")
    if geste.startswith(REPONDRE):
        brouillon.appliquer(geste)
    elif geste not in {"calculer", "pdf"}:
        return _modifier(request, profil, brouillon, geste)
    calcul = calculer(brouillon)
    if not calcul.est_juste:
        return page.montrer(request, profil, brouillon, calcul)
    if geste == "pdf":
        consommer(PDF_PAR_ADRESSE, visiteur(request))
        entetes = {"Content-Disposition": 'attachment; filename="simulation-activite-partielle.pdf"'}
        composee = impression.composer(profil, brouillon, calcul)
        return HttpResponse(composee, content_type="application/pdf", headers=entetes)
    chemin = page.chemin_de(profil, brouillon)
    return redirect(f"{chemin}#resume") if chemin else page.montrer(request, profil, brouillon, calcul)


def _modifier(request: HttpRequest, profil: Profil, brouillon: Brouillon, geste: str) -> HttpResponse:
    """Ajouter, retirer, comparer : le formulaire revient avec tout ce qui était tapé, sans rien reprocher."""
    ancre = brouillon.appliquer(geste)
    calcul = calculer(brouillon)
    if brouillon.en_trop:
        return page.montrer(request, profil, brouillon, calcul)
    chemin = page.chemin_de(profil, brouillon, en_saisie=not calcul.est_juste)
    if chemin:
        return redirect(f"{chemin}#{ancre}")
    return page.montrer(request, profil, brouillon, calcul if calcul.est_juste else None)

"""Simuler par fichier : envoyer, lire les totaux, reprendre les résultats ou les lignes à corriger."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from apart.simulateur.fichiers import ecriture, modele
from apart.simulateur.fichiers.colonnes import COLONNES
from apart.simulateur.fichiers.formulaire import A_CORRIGER, RESULTATS, FichierForm
from apart.simulateur.fichiers.reception import en_memoire
from apart.simulateur.fichiers.resultats import Resultats
from apart.simulateur.fichiers.tableaux import Genre
from apart.socle.acces import Public, pour
from apart.socle.limites import Limite, consommer, visiteur

FICHIERS_PAR_ADRESSE = Limite("simulateur-fichiers", 120, timedelta(hours=1))
TYPES = {
    Genre.CSV: "text/csv; charset=utf-8",
    Genre.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pour(Public.TOUS)
@require_http_methods(["GET", "HEAD", "POST"])
@en_memoire
def fichier(request: HttpRequest, *, trop_lourd: bool = False, trop_long: bool = False) -> HttpResponse:
    """Rien n'est gardé ici : le fichier voyage avec la page, ou se renvoie (docs/decisions/0008)."""
    if request.method != "POST":
        return _formulaire(request, FichierForm())
    consommer(FICHIERS_PAR_ADRESSE, visiteur(request))
    donnees = None if trop_long else request.POST
    form = FichierForm(donnees or {}, request.FILES if donnees else None, trop_lourd=trop_lourd, trop_long=trop_long)
    if not form.is_valid() or form.calcul is None:
        return _formulaire(request, form, 413 if trop_lourd or trop_long else 200)
    voulu, calcul = form.cleaned_data["recevoir"], form.calcul
    if voulu == RESULTATS and calcul.calculees:
        return _telecharger(ecriture.resultats(calcul), f"{form.nom_du_fichier}-resultats", calcul.tableau.genre)
    if voulu == A_CORRIGER and calcul.fautives:
        return _telecharger(ecriture.a_corriger(calcul), f"{form.nom_du_fichier}-a-corriger", calcul.tableau.genre)
    contexte = {"resultats": Resultats(calcul, form), "form": FichierForm(), "voulu": voulu}
    return render(request, "simulateur/fichier_resultats.html", contexte)


@pour(Public.TOUS)
@require_safe
def modele_csv(request: HttpRequest) -> HttpResponse:
    return _telecharger(modele.en_csv(), "modele-activite-partielle", Genre.CSV)


@pour(Public.TOUS)
@require_safe
def modele_classeur(request: HttpRequest) -> HttpResponse:
    return _telecharger(modele.en_classeur(), "modele-activite-partielle", Genre.XLSX)


def _formulaire(request: HttpRequest, form: FichierForm, statut: int = 200) -> HttpResponse:
    return render(request, "simulateur/fichier.html", {"form": form, "colonnes": COLONNES}, status=statut)


def _telecharger(contenu: bytes, nom: str, genre: Genre) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{nom}.{genre}")
    return HttpResponse(contenu, content_type=TYPES[genre], headers={"Content-Disposition": disposition})

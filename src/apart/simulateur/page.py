"""La page d'une simulation : son formulaire, ses résultats, son lien. Le service ne garde rien."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from apart.simulateur import lien, resultats
from apart.simulateur.brouillon import Brouillon
from apart.simulateur.calcul import Calcul
from apart.simulateur.formulaire import presenter
from apart.simulateur.questions import SALARIE, Profil

MOIS_EN_DIRECT = 24  # au-delà, le détail ne se refait pas à chaque frappe
EN_SAISIE = "saisie"  # dans l'adresse : le formulaire se remplit encore, ce qui manque ne se reproche pas


def montrer(
    request: HttpRequest, profil: Profil, brouillon: Brouillon | None, calcul: Calcul | None = None, *, avis: str = ""
) -> HttpResponse:
    """La page entière. Sans brouillon, un formulaire vierge ; sans calcul, rien n'est jugé."""
    contexte = _vierge(profil) if brouillon is None else _avec_les_champs(_contexte(profil, brouillon, calcul))
    return render(request, "simulateur/simulation.html", {**contexte, "avis": avis})


def montrer_en_direct(request: HttpRequest, profil: Profil, brouillon: Brouillon, calcul: Calcul) -> HttpResponse:
    """Les seuls résultats, pendant la frappe ; ce qui manque est dit à leur place, sans toucher au formulaire."""
    contexte = _contexte(profil, brouillon, calcul)
    contexte["a_completer"] = contexte["form"].visible_fields[:5]
    contexte["en_bref"] = sum(len(r.mois) for groupes in calcul.scenarios for r in groupes) > MOIS_EN_DIRECT
    reponse = render(request, "simulateur/direct.html", contexte)
    if chemin := chemin_de(profil, brouillon, en_saisie=not calcul.est_juste):
        reponse.headers["X-Simulation"] = chemin
    return reponse


def chemin_de(profil: Profil, brouillon: Brouillon, *, en_saisie: bool = False) -> str | None:
    """L'adresse qui rouvre cette simulation ; None si elle est trop grande."""
    code = lien.ecrire(brouillon)
    return code and f"{profil.adresse}?s={code}{f'&{EN_SAISIE}=1' if en_saisie else ''}"


def _contexte(profil: Profil, brouillon: Brouillon, calcul: Calcul | None) -> dict[str, Any]:
    chemin = chemin_de(profil, brouillon)
    return {
        "form": presenter(profil, brouillon, calcul),
        "resultats": resultats.montrer(calcul, au_salarie=profil is SALARIE) if calcul and calcul.est_juste else None,
        "lien": chemin and f"{settings.URL_PUBLIQUE}{chemin}",
    }


@lru_cache(maxsize=2)
def _vierge(profil: Profil) -> dict[str, Any]:
    """Le formulaire vierge est le même pour tous : rendu une fois par processus."""
    return _avec_les_champs(_contexte(profil, Brouillon.vierge(), None))


def _avec_les_champs(contexte: dict[str, Any]) -> dict[str, Any]:
    rendu = render_to_string("simulateur/_formulaire.html", {"form": contexte["form"]})
    return {**contexte, "champs": mark_safe(rendu)}  # noqa: S308 — rendu d'un gabarit

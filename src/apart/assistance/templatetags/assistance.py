"""Ce que les pages du bureau disent du délai promis : en toutes lettres, et en couleur ; et du sort des courriels."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance
from apart.courriels.models import Courriel, Sort
from apart.socle.templatetags.apart import delai_promis, pastille

register = template.Library()

COULEURS = {Sort.REMIS: "success", Sort.EN_FILE: "info", Sort.RENOUVELE: "info", Sort.DIFFERE: "warning"}
COULEURS[Sort.INCERTAIN] = "warning"


@register.simple_tag
def sort(courriel: Courriel) -> SafeString:
    """Ce qu'un message est devenu : vert s'il est remis, rouge s'il est perdu."""
    couleur = COULEURS.get(Sort(courriel.sort), "error")
    return pastille(couleur, courriel.get_sort_display())


@register.simple_tag
def delai(demande: DemandeAssistance) -> SafeString | str:
    """Ce qui reste du délai promis ; un tiret si rien n'est attendu."""
    return delai_promis(demande.promise_le) if demande.etat == Etat.A_TRAITER else "–"

"""Ce que les pages du bureau disent du délai promis : en toutes lettres, et en couleur ; et du sort des courriels."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance
from apart.courriels.models import Courriel, Sort
from apart.socle.templatetags.apart import duree

register = template.Library()

COULEURS = {Sort.REMIS: "success", Sort.EN_FILE: "info", Sort.RENOUVELE: "info", Sort.DIFFERE: "warning"}
COULEURS[Sort.INCERTAIN] = "warning"


@register.simple_tag
def sort(courriel: Courriel) -> SafeString:
    """Ce qu'un message est devenu : vert s'il est remis, rouge s'il est perdu."""
    couleur = COULEURS.get(Sort(courriel.sort), "error")
    return _pastille(couleur, courriel.get_sort_display())


@register.simple_tag
def delai(demande: DemandeAssistance) -> SafeString | str:
    """« en retard de 3 heures », « à répondre aujourd'hui », « reste 2 jours » ; un tiret si rien n'est attendu."""
    if demande.etat != Etat.A_TRAITER:
        return "–"
    reste = demande.promise_le - timezone.now()
    if reste < timedelta(0):
        couleur, mots = "error", f"en retard de {duree(-reste)}"
    elif timezone.localdate(demande.promise_le) == timezone.localdate():
        couleur, mots = "warning", f"aujourd'hui, reste {duree(reste)}"
    else:
        couleur, mots = "success", f"reste {duree(reste)}"
    return _pastille(couleur, mots)


def _pastille(couleur: str, mots: str) -> SafeString:
    return format_html('<span class="fr-badge fr-badge--sm fr-badge--no-icon fr-badge--{}">{}</span>', couleur, mots)

"""Filtres des gabarits de courriels."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString

from apart.courriels import neutralite
from apart.socle import dates, typographie

register = template.Library()


@register.filter
def neutre(texte: str) -> str:
    """Rend inoffensif un texte tapé par quelqu'un. Déjà fait pour tout le contexte d'un courriel."""
    return neutralite.neutre(texte)


@register.filter(needs_autoescape=True)
def limite(moment: datetime, autoescape: bool = True) -> str:
    """« 11 h 02, heure de Paris, le lundi 23 novembre » : un courriel se lit parfois le lendemain."""
    local = timezone.localtime(moment)
    dite = f"{local.hour} h {local.minute:02d}, heure de Paris, le {dates.jour(local, 'l j F')}"
    return typographie.insecable(dite) if autoescape else dite


@register.filter(needs_autoescape=True)
def citer(texte: str, autoescape: bool = True) -> str | SafeString:  # signature de Django
    """Un texte de plusieurs lignes : « > » devant chaque ligne en texte, <br> entre elles en HTML."""
    lignes = str(texte).splitlines()
    if not autoescape:
        return "\n".join(f"> {ligne}".rstrip() for ligne in lignes)
    return format_html_join(SafeString("<br>\n"), "{}", ((conditional_escape(ligne),) for ligne in lignes))

"""Filtres d'affichage : heures de Paris, durées en clair, numéros lisibles."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta

from django import template
from django.template.defaultfilters import stringfilter
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apart.socle import dates, saisies, telephones, typographie

register = template.Library()


@register.filter(needs_autoescape=True)
def jour(moment: date, forme: str = "j F Y", autoescape: bool = True) -> str:
    """« 1er décembre 2026 » ; avec une heure, « 1er décembre 2026 à 11 h 02 », d'un tenant en HTML."""
    dit = dates.jour(moment, forme)
    return typographie.insecable(dit) if autoescape else dit


@register.filter(needs_autoescape=True)
def heure_paris(moment: datetime, autoescape: bool = True) -> str:
    """« 11 h 02, heure de Paris », suivi de « , le 1er décembre 2026 » si ce n'est pas aujourd'hui."""
    dite = dates.heure(moment)
    return typographie.insecable(dite) if autoescape else dite


@register.filter
def dans(moment: datetime) -> str:
    """« dans 38 minutes », « dans 2 heures », « dans 3 jours »."""
    return f"dans {duree(moment - timezone.now())}"


@register.filter
def duree(ecart: timedelta) -> str:
    minutes = max(1, math.ceil(ecart.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    heures = round(minutes / 60)
    if heures < 48:
        return f"{heures} heures"
    return f"{round(heures / 24)} jours"


@register.filter
def delai_promis(promise_le: datetime) -> SafeString:
    """« en retard de 3 heures », « aujourd'hui, reste 2 heures », « reste 2 jours », en couleur."""
    reste = promise_le - timezone.now()
    if reste < timedelta(0):
        return pastille("error", f"en retard de {duree(-reste)}")
    if timezone.localdate(promise_le) == timezone.localdate():
        return pastille("warning", f"aujourd'hui, reste {duree(reste)}")
    return pastille("success", f"reste {duree(reste)}")


def pastille(couleur: str, mots: str) -> SafeString:
    return format_html('<span class="fr-badge fr-badge--sm fr-badge--no-icon fr-badge--{}">{}</span>', couleur, mots)


@register.filter(needs_autoescape=True)
def siret_lisible(chiffres: str, autoescape: bool = True) -> str:
    """« 732 829 320 00074 », d'un tenant en HTML ; un courriel en texte garde l'espace ordinaire (courriels.rendu)."""
    lisible = saisies.siret_lisible(chiffres)
    return lisible.replace(" ", typographie.INSECABLE) if autoescape else lisible


@register.filter
def telephone_lisible(numero: str) -> str:
    return telephones.telephone_lisible(numero)


@register.filter
def courriel_lisible(adresse: str) -> str:
    return saisies.courriel_lisible(adresse)


@register.filter
def courriel_masque(adresse: str) -> str:
    return saisies.courriel_masque(adresse)


register.filter("insecable", stringfilter(typographie.insecable), is_safe=True)


# Une adresse s'arrête avant la ponctuation qui la suit ; seul https devient un lien (T32).
ADRESSE_HTTPS = re.compile(r"https://[^\s<>\"'&]+(?:&amp;[^\s<>\"'&]+)*[^\s<>\"'&.,;:!?)\]»]")


@register.filter
def texte_lie(texte: str) -> SafeString:
    """Un texte saisi, en paragraphes échappés où les adresses https deviennent des liens."""
    paragraphes = [p.strip() for p in re.split(r"\n\s*\n", texte.replace("\r\n", "\n")) if p.strip()]
    html = "".join(f"<p>{_lier(escape(p))}</p>" for p in paragraphes)
    return mark_safe(html.replace("\n", "<br>"))  # noqa: S308 — chaque paragraphe est échappé ci-dessus


def _lier(echappe: str) -> str:
    return ADRESSE_HTTPS.sub(lambda a: f'<a href="{a[0]}" rel="noopener noreferrer">{a[0]}</a>', echappe)


register.filter("de", stringfilter(typographie.de), is_safe=True)

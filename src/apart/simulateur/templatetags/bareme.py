"""Ce que les pages du barème montrent d'une valeur."""

from __future__ import annotations

from django import template

from apart.regles.bareme import UNITES, Valeur
from apart.simulateur import consultation
from apart.simulateur.sujets import sujet_de

register = template.Library()
register.filter("sujet", sujet_de)


@register.filter
def certitude(valeur: Valeur) -> str:
    return consultation.CERTITUDES[valeur.certitude]


@register.filter
def unite(code: str) -> str:
    """L'unité en toutes lettres."""
    return {"fraction": "pourcentage", "mot": "en toutes lettres", "€": "euros"}.get(code, UNITES.get(code, code))

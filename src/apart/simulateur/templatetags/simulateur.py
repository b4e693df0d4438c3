"""Filtres du simulateur et du barème : euros, heures, dates, étapes, ce qu'on montre d'une valeur."""

from __future__ import annotations

from django import template

from apart.regles import francais
from apart.regles.bareme import UNITES, Valeur
from apart.simulateur import consultation, resultats
from apart.simulateur.sujets import sujet_de

register = template.Library()

register.filter("euros", francais.euros)
register.filter("heures", francais.heures)
register.filter("avant_les_lignes", resultats.avant_les_lignes)
register.filter("apres_les_lignes", resultats.apres_les_lignes)
register.filter("du_au", resultats.du_au)
register.filter("jour_du_droit", francais.jour_en_lettres)
register.filter("mois_du_droit", francais.mois_en_lettres)
register.filter("sujet", sujet_de)


@register.filter
def certitude(valeur: Valeur) -> str:
    return consultation.CERTITUDES[valeur.certitude]


@register.filter
def unite(code: str) -> str:
    """L'unité en toutes lettres."""
    return {"fraction": "pourcentage", "mot": "en toutes lettres", "€": "euros"}.get(code, UNITES.get(code, code))

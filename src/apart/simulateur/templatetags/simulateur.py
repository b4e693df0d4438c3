"""Filtres du simulateur : euros, heures, dates, étapes."""

from __future__ import annotations

from django import template

from apart.regles import francais
from apart.simulateur import resultats

register = template.Library()

register.filter("euros", francais.euros)
register.filter("heures", francais.heures)
register.filter("avant_les_lignes", resultats.avant_les_lignes)
register.filter("apres_les_lignes", resultats.apres_les_lignes)
register.filter("du_au", resultats.du_au)
register.filter("jour_du_droit", francais.jour_en_lettres)
register.filter("mois_du_droit", francais.mois_en_lettres)

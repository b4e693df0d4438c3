"""Filtres du simulateur : euros, heures, écarts."""

from __future__ import annotations

from django import template

from apart.regles import francais
from apart.simulateur import resultats

register = template.Library()

register.filter("euros", francais.euros)
register.filter("heures", francais.heures)
register.filter("ecart", resultats.ecart)
register.filter("du_au", resultats.du_au)
register.filter("jour_du_droit", francais.jour_en_lettres)

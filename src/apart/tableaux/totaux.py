"""Reconnaître les lignes de total à leur libellé : les compter avec les autres doublerait tout.

Un sous-total porte souvent tout ce que porte une ligne : un mois, un service. Le libellé
commence par le mot, dans l'une des deux premières cases remplies : « Totaline » et « Mme Total » sont des personnes,
et « total », dans une colonne plus loin, une façon de chômer.
"""

from __future__ import annotations

import polars as pl

from apart.tableaux.tableau import Tableau

SOUS = r"(?:grand[ -]|(?:sous|sub|ss|s|s[-/. ]*s)[-/. ]*)?"
TOTAL = (
    rf"(?i)^[^\p{{L}}\p{{N}}]*(?:{SOUS}(?:total|totaux|cumul[eé]?s?)|moyennes?|ensemble|Σ)(?:[^\p{{L}}\p{{N}}]|$)"
    r"|^\s*(?:somme|g[eé]n[eé]ral)\s*$"
)


def lignes_de_total(tableau: Tableau) -> list[int]:
    """Les rangs, dans l'ordre, des lignes de total, de sous-total et de cumul."""
    cadre = tableau.cadre.filter(porte := pl.any_horizontal(pl.all().str.contains(TOTAL)))  # presque aucune
    premieres = cadre.select(pl.concat_list(pl.all()).list.drop_nulls().list.head(2)).to_series()
    est_total = premieres.list.eval(pl.element().str.contains(TOTAL)).list.any()
    return tableau.cadre.select(porte.arg_true()).to_series().filter(est_total).to_list()

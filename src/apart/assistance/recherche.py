"""Lire la file du bureau par ses index : chercher des mots, et tourner les pages, en un temps qui ne grandit pas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Func, Value

from apart.socle.pages import INSTANT_ET_NUMERO, L, Page

PAR_PAGE = 25
COMPTEES = 1_000  # au-delà, la page dit « plus de » : compter un million de lignes coûterait plus que les montrer
FORME = re.compile(f"(apres|avant)-([0-2])-{INSTANT_ET_NUMERO}", re.ASCII)


class SansAccent(Func):
    """En minuscules, sans accent : la fonction SQL de la migration 0004."""

    function = "sans_accent"
    output_field = models.TextField()


class Mots(Func):
    """Les mots d'un texte sans accent : lettres et chiffres, quel que soit ce qui les sépare."""

    template = "regexp_replace(%(expressions)s, '[^a-z0-9]+', ' ', 'g')"
    output_field = models.TextField()


class IndexDeMots(Func):
    """Ces mots, chacun une fois, sans le dictionnaire d'aucune langue."""

    template = "to_tsvector('simple', %(expressions)s)"
    output_field = SearchVectorField()


class Debuts(Func):
    """« boul lac » se cherche par ces débuts de mots : « boul:* & lac:* » ; rien si le texte n'a aucun mot."""

    template = "NULLIF(regexp_replace(btrim(%(expressions)s), ' ', ':* & ', 'g'), '') || ':*'"
    output_field = models.TextField()


def index_de_mots(texte: models.Expression | str) -> IndexDeMots:
    """Ce que portent les index du bureau, et ce qu'on leur demande.

    Des mots, et non des suites de trois lettres : un mot rare y mène droit, si communs que soient les autres
    (banc/notes.md).
    """
    return IndexDeMots(Mots(SansAccent(texte)))


def mots_entiers(texte: str) -> SearchQuery:
    return SearchQuery(Mots(SansAccent(Value(texte))), config="simple", search_type="plain")


def debuts_de_mots(texte: str) -> SearchQuery:
    return SearchQuery(Debuts(Mots(SansAccent(Value(texte)))), config="simple", search_type="raw")


@dataclass(frozen=True)
class PageComptee(Page[L]):
    """Une page de la file, et combien de demandes la file en a : une de plus que COMPTEES, au plus."""

    nombre: int

    @property
    def est_comptee(self) -> bool:
        return self.nombre <= COMPTEES

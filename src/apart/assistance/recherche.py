"""Lire la file du bureau par ses index : chercher des mots, et tourner les pages, en un temps qui ne grandit pas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import models
from django.db.models import Func

from apart.socle.pages import INSTANT_ET_NUMERO, L, Page

PAR_PAGE = 25
COMPTEES = 1_000  # au-delà, la page dit « plus de » : compter un million de lignes coûterait plus que les montrer
FORME = re.compile(f"(apres|avant)-([0-2])-{INSTANT_ET_NUMERO}", re.ASCII)


class SansAccent(Func):
    """En minuscules, sans accent : la fonction SQL de la migration 0004, que portent les index."""

    function = "sans_accent"
    output_field = models.TextField()


@dataclass(frozen=True)
class PageComptee(Page[L]):
    """Une page de la file, et combien de demandes la file en a : une de plus que COMPTEES, au plus."""

    nombre: int

    @property
    def est_comptee(self) -> bool:
        return self.nombre <= COMPTEES

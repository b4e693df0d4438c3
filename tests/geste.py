"""Ce qu'est un geste pour tests/gestes.py : comment le faire, qui le peut, ce qui doit le faire refuser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apart.comptes.models import Utilisateur
from tests.empechements import Mettre
from tests.scene import AFFECTATIONS, ROLES, Scene

SUPERVISEURS = frozenset({"superviseur", "superviseure"})
AGENTS = frozenset({"agent"}) | SUPERVISEURS  # à l'assistance, sur tout le territoire
REPONDENT = AGENTS | {"agent_ici", "superviseur_ici"}  # là où est la boulangerie
LISENT = REPONDENT | {"lecteur", "instructeur"}
# Un morceau d'un geste qui a déjà refusé : il ne sait qu'une chose, que c'est un agent.
COMPTES_D_AGENT = frozenset(AFFECTATIONS) - {"agent_suspendu", "superviseur_suspendu"}
PRINCIPAUX = frozenset({"principal", "principale"})
TOUS = frozenset(ROLES)
# Prépare le geste (lit ce qu'une page aurait lu) et rend de quoi le faire.
Preparer = Callable[[Scene, Utilisateur], Callable[[], object]]


@dataclass(frozen=True)
class Geste:
    """permis : les rôles qui le peuvent ; TOUS quand c'est un lien, ou personne, qui agit.

    rien_ici : ceux qui en ont le droit, mais ailleurs : ce n'est pas leur rôle qui refuse.
    refus : ce qui, arrivé avant, doit le faire refuser. sans_effet : ce qui doit le laisser sans effet, sans refus.
    """

    preparer: Preparer
    permis: frozenset[str] = TOUS
    rien_ici: Mapping[str, type[Exception]] = field(default_factory=dict)
    refus: Mapping[str, Mettre] = field(default_factory=dict)
    sans_effet: Mapping[str, Mettre] = field(default_factory=dict)

    @property
    def un_permis(self) -> str:
        return min(self.permis)

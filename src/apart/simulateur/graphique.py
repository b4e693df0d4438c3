"""Ce qu'un mois coûte selon les heures non travaillées : un dessin fait ici, sans script, et ses nombres."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from apart.regles.constats import RESTE_NEGATIF
from apart.regles.francais import FINE, heures, mois_en_lettres, nombre
from apart.regles.simulation import Mois, Resultat, courbe

CADRE = {"largeur": 480, "hauteur": 330, "gauche": 100, "droite": 446, "haut": 14, "bas": 272}
# De bas en haut : qui paie quoi. La trame distingue les surfaces sans la couleur.
SURFACES = (
    ("salaire", "Salaire des heures travaillées, payé par l'employeur"),
    ("reste_a_charge", "Reste à charge de l'employeur"),
    ("allocation", "Allocation, remboursée par l'État"),
)
PAS = tuple(Decimal(n) * 10**puissance for puissance in range(7) for n in (1, 2, 5))


def dessiner(resultat: Resultat, cle: str) -> dict[str, Any]:
    """De quoi dessiner le premier mois d'un groupe, et le tableau des mêmes nombres.

    « cle » rend uniques les identifiants du dessin. « actuel » : les heures de la simulation, s'il y en a.
    """
    premier = resultat.mois[0]
    points = courbe(resultat.groupe, premier.premier)
    # Les hauteurs où les surfaces se touchent, depuis zéro ; un reste négatif ne creuse pas.
    surfaces = ((max(Decimal(), getattr(mois, nom)) for nom, _ in SURFACES) for mois in points)
    contrat, sommets = points[-1].contrat, [list(accumulate(hauteurs, initial=Decimal())) for hauteurs in surfaces]
    graduations = _graduer(max(sommet[-1] for sommet in sommets))

    def x(chomees: Decimal) -> str:
        return f"{CADRE['gauche'] + min(chomees, contrat) / contrat * (CADRE['droite'] - CADRE['gauche']):.1f}"

    def y(montant: Decimal) -> str:
        return f"{CADRE['bas'] - montant / graduations[-1] * (CADRE['bas'] - CADRE['haut']):.1f}"

    abscisses = [x(mois.chomees) for mois in points]
    return {
        "cle": cle,
        "cadre": CADRE,
        "titre": "Qui paie un mois de salaire, selon les heures non travaillées "
        f"({mois_en_lettres(premier.premier)}, par salarié)",
        "description": _description(points),
        "surfaces": _surfaces(abscisses, sommets, y),
        # Quatre graduations seulement : elles se lisent encore sur un téléphone.
        "abscisses": [(x(contrat * n / 3), heures((contrat * n / 3).quantize(Decimal(1)))) for n in range(4)],
        "ordonnees": [(y(v), _euros(v)) for v in graduations],
        "actuel": (x(premier.chomees), heures(premier.chomees)) if premier.chomees else None,
        "constat": RESTE_NEGATIF if any(mois.reste_a_charge < 0 for mois in points) else "",
        "lignes": points[::2],  # un point sur deux : assez pour lire, peu pour un téléphone
    }


def _description(points: Sequence[Mois]) -> str:
    """Le dessin en une phrase."""
    debut, fin = points[0], points[-1]
    return (
        f"Sans heure non travaillée, l'employeur paie {_euros(debut.salaire)} de salaire brut. Quand tout le mois "
        f"est non travaillé ({heures(fin.contrat)}), l'État rembourse {_euros(fin.allocation)} et il reste "
        f"{_euros(fin.reste_a_charge)} à l'employeur."
    )


def _surfaces(
    abscisses: Sequence[str], sommets: Sequence[Sequence[Decimal]], y: Callable[[Decimal], str]
) -> list[tuple[str, str, str]]:
    """La classe de chaque surface, son nom, et son contour : le dessus à l'aller, le dessous au retour."""
    bords = [[f"{x},{y(v)}" for x, v in zip(abscisses, bord, strict=True)] for bord in zip(*sommets, strict=True)]
    return [
        (classe, libelle, " ".join((*dessus, *reversed(dessous))))
        for (classe, libelle), dessous, dessus in zip(SURFACES, bords, bords[1:], strict=False)
    ]


def _graduer(sommet: Decimal) -> list[Decimal]:
    """Des graduations rondes, cinq au plus après zéro ; la dernière dépasse le sommet."""
    pas = next(pas for pas in PAS if pas * 5 >= sommet) if sommet <= PAS[-1] * 5 else sommet / 5
    rangs = math.ceil(sommet / pas) or 1
    return [pas * rang for rang in range(rangs + 1)]


def _euros(valeur: Decimal) -> str:
    """Sans centimes : une graduation, une description."""
    return f"{nombre(valeur, 0)}{FINE}€"

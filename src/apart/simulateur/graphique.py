"""Ce qu'un mois coûte selon les heures non travaillées : un dessin fait ici, sans script, et ses nombres."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apart.regles.constats import RESTE_NEGATIF
from apart.regles.francais import FINE, heures, mois_en_lettres, nombre
from apart.regles.simulation import Mois, Resultat, courbe

LARGEUR, HAUTEUR = 480, 330
GAUCHE, DROITE, HAUT, BAS = 100, 34, 14, 58
# De bas en haut : qui paie quoi. La trame distingue les surfaces sans la couleur.
SURFACES: tuple[tuple[str, str, Callable[[Mois], Decimal]], ...] = (
    ("salaire", "Salaire des heures travaillées, payé par l'employeur", lambda m: m.salaire),
    ("reste", "Reste à charge de l'employeur", lambda m: m.reste_a_charge),
    ("allocation", "Allocation, remboursée par l'État", lambda m: m.allocation),
)
PAS = tuple(Decimal(n) * 10**puissance for puissance in range(7) for n in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Surface:
    classe: str
    libelle: str
    points: str


@dataclass(frozen=True, slots=True)
class Repere:
    """Une graduation : sa place et son texte."""

    place: str
    texte: str


@dataclass(frozen=True, slots=True)
class Courbe:
    """De quoi dessiner, et le tableau des mêmes nombres."""

    cle: str
    mois: str
    surfaces: list[Surface]
    abscisses: list[Repere]
    ordonnees: list[Repere]
    actuel: Repere | None  # les heures de la simulation
    points: tuple[Mois, ...]

    cadre = {
        "largeur": LARGEUR,
        "hauteur": HAUTEUR,
        "gauche": GAUCHE,
        "droite": LARGEUR - DROITE,
        "haut": HAUT,
        "bas": HAUTEUR - BAS,
    }

    @property
    def titre(self) -> str:
        return f"Qui paie un mois de salaire, selon les heures non travaillées ({self.mois}, par salarié)"

    @property
    def description(self) -> str:
        """Le dessin en une phrase."""
        debut, fin = self.points[0], self.points[-1]
        return (
            f"Sans heure non travaillée, l'employeur paie {_euros(debut.salaire)} de salaire brut. Quand tout le mois "
            f"est non travaillé ({heures(fin.contrat)}), l'État rembourse {_euros(fin.allocation)} et il reste "
            f"{_euros(fin.reste_a_charge)} à l'employeur."
        )

    @property
    def constat(self) -> str:
        """Pourquoi des restes à charge du tableau sont négatifs, s'il y en a."""
        return RESTE_NEGATIF if any(mois.reste_a_charge < 0 for mois in self.points) else ""

    @property
    def lignes(self) -> tuple[Mois, ...]:
        """Un point sur deux : assez pour lire, peu pour un téléphone."""
        return self.points[::2]


def dessiner(resultat: Resultat, cle: str) -> Courbe:
    """La courbe du premier mois d'un groupe. « cle » rend uniques les identifiants du dessin."""
    premier = resultat.mois[0]
    points = courbe(resultat.groupe, premier.premier)
    largeur = points[-1].contrat
    sommet = max(sum((montant(mois) for _, _, montant in SURFACES), Decimal()) for mois in points)
    graduations = _graduer(sommet)
    echelle = _Echelle(largeur, graduations[-1])
    actuel = Repere(_ecrire(echelle.x(min(premier.chomees, largeur))), heures(premier.chomees))
    return Courbe(
        cle=cle,
        mois=mois_en_lettres(premier.premier),
        surfaces=_empiler(points, echelle),
        abscisses=[Repere(_ecrire(echelle.x(h)), heures(h.quantize(Decimal(1)))) for h in _tiers(largeur)],
        ordonnees=[Repere(_ecrire(echelle.y(v)), _euros(v)) for v in graduations],
        actuel=actuel if premier.chomees else None,
        points=points,
    )


@dataclass(frozen=True, slots=True)
class _Echelle:
    heures: Decimal
    euros: Decimal

    def x(self, valeur: Decimal) -> Decimal:
        return GAUCHE + valeur / self.heures * (LARGEUR - GAUCHE - DROITE)

    def y(self, valeur: Decimal) -> Decimal:
        return HAUTEUR - BAS - valeur / self.euros * (HAUTEUR - HAUT - BAS)


def _empiler(points: Sequence[Mois], echelle: _Echelle) -> list[Surface]:
    dessous = [Decimal()] * len(points)
    abscisses = [echelle.x(min(mois.chomees, echelle.heures)) for mois in points]
    surfaces = []
    for classe, libelle, montant in SURFACES:
        dessus = [bas + max(Decimal(), montant(mois)) for bas, mois in zip(dessous, points, strict=True)]
        aller = [(x, echelle.y(v)) for x, v in zip(abscisses, dessus, strict=True)]
        retour = [(x, echelle.y(v)) for x, v in zip(abscisses, dessous, strict=True)]
        contour = " ".join(f"{_ecrire(x)},{_ecrire(y)}" for x, y in (*aller, *reversed(retour)))
        surfaces.append(Surface(classe, libelle, contour))
        dessous = dessus
    return surfaces


def _graduer(sommet: Decimal) -> list[Decimal]:
    """Des graduations rondes, cinq au plus après zéro ; la dernière dépasse le sommet."""
    pas = next(pas for pas in PAS if pas * 5 >= sommet) if sommet <= PAS[-1] * 5 else sommet / 5
    rangs = math.ceil(sommet / pas) or 1
    return [pas * rang for rang in range(rangs + 1)]


def _tiers(largeur: Decimal) -> list[Decimal]:
    """Quatre graduations seulement : elles se lisent encore sur un téléphone."""
    return [largeur * tiers / 3 for tiers in range(4)]


def _euros(valeur: Decimal) -> str:
    """Sans centimes : une graduation, une description."""
    return f"{nombre(valeur, 0)}{FINE}€"


def _ecrire(place: Decimal) -> str:
    return f"{place:.1f}"

"""Les années en une image : le SMIC et les planchers en escalier, les taux de chaque régime en bandes datées.

Seulement de la géométrie, en texte pour que le gabarit n'y mette pas de séparateur ; bareme/_frise.html dessine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from apart.regles.bareme import Bareme, Presence, Valeur
from apart.regles.conditions import DEBUT
from apart.regles.francais import euros, nombre

GAUCHE, LARGEUR, MARGE = 168, 960, 8
HAUT, BAS = 34, 214  # des marches
BANDE, PAS = 26, 34
ELARGIES = {2020: 4.0, 2021: 4.0, 2022: 4.0}  # presque tout change ces années-là
ETROITES = 1.6  # depuis 2023 ; 1 avant 2020
ECART_DES_DATES = 10.0
LARGEUR_D_UN_NOMBRE = 30.0
TEXTE_MINIMAL = 28.0
ANNEE_MINIMALE = 24.0

MARCHES = (
    ("smic.horaire_brut", "SMIC horaire brut", "smic"),
    ("apld.allocation_plancher", "Plancher de l'allocation, APLD", "apld"),
    ("droit_commun.allocation_plancher", "Plancher de l'allocation, droit commun", "plancher"),
)
BANDES = (
    ("Indemnité", "droit commun", "droit_commun.indemnite_taux"),
    ("Allocation", "droit commun", "droit_commun.allocation_taux"),
    ("Allocation", "secteurs protégés", "secteurs_proteges.allocation_taux"),
    ("Allocation", "très affectés", "tres_affectes.allocation_taux"),
    ("Allocation", "vulnérables, garde", "vulnerables.allocation_taux"),
    ("Allocation", "APLD", "apld.allocation_taux"),
    ("Allocation", "APLD rebond", "apld_rebond.allocation_taux"),
)


@dataclass(frozen=True, slots=True)
class Echelle:
    """Du jour à l'abscisse : les années de crise sont élargies, l'axe les nomme toutes."""

    debut: date
    fin: date
    gauche: float = GAUCHE
    droite: float = LARGEUR - MARGE
    elargies: bool = True

    def x(self, jour: date) -> float:
        borne = max(self.debut, min(jour, self.fin))
        total = self._poids(self.fin) - self._poids(self.debut)
        part = (self._poids(borne) - self._poids(self.debut)) / total
        return self.gauche + part * (self.droite - self.gauche)

    def _poids(self, jour: date) -> float:
        """Le poids des années écoulées depuis 2013, année entamée comprise."""
        entieres = sum(self._poids_de(annee) for annee in range(2013, jour.year))
        jours = (jour - date(jour.year, 1, 1)).days / 366
        return entieres + jours * self._poids_de(jour.year)

    def _poids_de(self, annee: int) -> float:
        if not self.elargies:
            return 1.0
        return ELARGIES.get(annee, ETROITES if annee > 2022 else 1.0)


@dataclass(frozen=True, slots=True)
class Mot:
    x: str
    y: str
    texte: str


@dataclass(frozen=True, slots=True)
class Marche:
    """Une courbe en escalier, son nom et ses nombres."""

    cle: str
    nom: str
    classe: str
    trace: str
    etiquettes: tuple[Mot, ...]
    periodes: tuple[str, ...]  # en toutes lettres, pour la table


@dataclass(frozen=True, slots=True)
class Segment:
    """Une période d'une bande : sa couleur dit le taux, son texte aussi quand il y tient."""

    x: str
    largeur: str
    classe: str
    texte: str
    milieu: str
    infobulle: str


@dataclass(frozen=True, slots=True)
class Bande:
    cle: str
    y: str
    y_texte: str
    quoi: str
    qui: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Frise:
    """De quoi dessiner toute l'image, et la table qui la double."""

    hauteur: str
    bas: str  # fin des bandes, où commencent les dates
    annees: tuple[tuple[str, str, str], ...]  # abscisse du début, abscisse du nom, nom
    graduations: tuple[Mot, ...]
    marches: tuple[Marche, ...]
    bandes: tuple[Bande, ...]
    dates: tuple[Mot, ...]
    repere: str  # abscisse du jour choisi, ou vide


def frise(bareme: Bareme, jour: date | None = None) -> Frise:
    """L'image des années, avec un repère au jour choisi."""
    echelle = Echelle(DEBUT, bareme.connu_jusqu_au)
    series = [(bareme.parametres[cle].valeurs, nom, classe) for cle, nom, classe in MARCHES]
    tous = [v.nombre for valeurs, *_ in series for v in valeurs if chiffree(v) and v.depuis <= echelle.fin]
    y = Ordonnee(Decimal(int(min(tous))), Decimal(int(max(tous)) + 1), HAUT, BAS)
    premiere = BAS + 48
    bandes = tuple(
        _bande(bareme, cle, quoi, qui, premiere + PAS * rang, echelle) for rang, (quoi, qui, cle) in enumerate(BANDES)
    )
    bas = premiere + PAS * len(BANDES)
    cles = [cle for cle, *_ in MARCHES] + [cle for *_, cle in BANDES]
    return Frise(
        hauteur=str(bas + 78),
        bas=str(bas),
        annees=tuple(_annees(echelle)),
        graduations=y.graduations(echelle.gauche),
        marches=tuple(_marche(valeurs, nom, classe, echelle, y) for valeurs, nom, classe in series),
        bandes=bandes,
        dates=tuple(_dates((v for cle in cles for v in bareme.parametres[cle].valeurs), echelle, bas)),
        repere=_n(echelle.x(jour)) if jour and echelle.debut <= jour <= echelle.fin else "",
    )


@dataclass(frozen=True, slots=True)
class Ordonnee:
    """Du montant à l'ordonnée."""

    minimum: Decimal
    maximum: Decimal
    haut: int
    bas: int

    def y(self, montant: Decimal) -> float:
        return self.bas - float((montant - self.minimum) / (self.maximum - self.minimum)) * (self.bas - self.haut)

    def graduations(self, x: float) -> tuple[Mot, ...]:
        debut, fin = int(self.minimum), int(self.maximum)
        montants = range(debut, fin + 1, max(1, (fin - debut) // 4))
        return tuple(Mot(_n(x), _n(self.y(Decimal(m))), f"{m}\u00a0€") for m in montants)


def _n(abscisse: float) -> str:
    return f"{abscisse:.1f}"


def chiffree(valeur: Valeur) -> bool:
    return valeur.etat is Presence.CONNUE and isinstance(valeur.valeur, Decimal)


def _annees(echelle: Echelle) -> Iterable[tuple[str, str, str]]:
    for annee in range(echelle.debut.year, echelle.fin.year + 1):
        debut, fin = echelle.x(date(annee, 1, 1)), echelle.x(date(annee, 12, 31))
        yield _n(debut), _n((debut + fin) / 2), str(annee) if fin - debut >= ANNEE_MINIMALE else ""


def _marche(valeurs: Sequence[Valeur], nom: str, classe: str, echelle: Echelle, y: Ordonnee) -> Marche:
    suites = [suite for suite in groupes(valeurs, echelle) if chiffree(suite[0])]
    periodes = tuple(f"{v.lisible}, {_quand(v, au, echelle.fin)}" for v, au in suites)
    return Marche(valeurs[0].cle, nom, classe, *escalier(valeurs, echelle, y), periodes)


@dataclass(frozen=True, slots=True)
class Trait:
    """Ce que l'escalier a de propre à son image : la place qu'un nombre demande, et comment il s'écrit."""

    place: float = LARGEUR_D_UN_NOMBRE
    dessus: int = 6
    ecrire: Callable[[Valeur], str] = lambda valeur: nombre(valeur.nombre, 2)


def escalier(
    valeurs: Sequence[Valeur], echelle: Echelle, y: Ordonnee, trait: Trait = Trait()
) -> tuple[str, tuple[Mot, ...]]:
    """Le trait, et le nombre de chaque marche assez longue pour le porter ; la dernière porte toujours le sien.

    Une valeur qui n'est pas un nombre y laisse un trou.
    """
    trace, etiquettes, leve = "", [], True
    suites = [s for s in groupes(valeurs, echelle) if (s[1] or echelle.fin) >= echelle.debut]
    derniere = next((debut for debut, _ in reversed(suites) if chiffree(debut)), None)
    for debut, au in suites:
        if not chiffree(debut):
            leve = True
            continue
        fin = min(au or echelle.fin, echelle.fin)
        x, bout, hauteur = echelle.x(debut.depuis), echelle.x(fin + timedelta(days=1)), y.y(debut.nombre)
        trace += f"{'M' if leve else 'L'}{_n(x)} {_n(hauteur)}H{_n(bout)}"
        leve = False
        if debut is derniere or bout - x >= trait.place:
            gauche = min(x + 2, echelle.droite - trait.place + 2)
            etiquettes.append(Mot(_n(gauche), _n(hauteur - trait.dessus), trait.ecrire(debut)))
    return trace, tuple(etiquettes)


def groupes(valeurs: Sequence[Valeur], echelle: Echelle) -> list[tuple[Valeur, date | None]]:
    """Les entrées visibles, réunies tant que rien ne change : la première, et le dernier jour de la suite."""
    visibles = [v for v in valeurs if v.depuis <= echelle.fin]
    suites = [list(suite) for _, suite in groupby(visibles, key=lambda v: (v.valeur, v.etat))]
    return [(suite[0], suite[-1].au) for suite in suites]


def _bande(bareme: Bareme, cle: str, quoi: str, qui: str, y: int, echelle: Echelle) -> Bande:
    suites = groupes(bareme.parametres[cle].valeurs, echelle)
    segments = (_segment(bareme, debut, au, echelle) for debut, au in suites)
    return Bande(cle, str(y), str(y + 18), quoi, qui, tuple(s for s in segments if s is not None))


def _segment(bareme: Bareme, valeur: Valeur, au: date | None, echelle: Echelle) -> Segment | None:
    fin = min(au or echelle.fin, echelle.fin)
    x, bout = echelle.x(valeur.depuis), echelle.x(fin + timedelta(days=1))
    if chiffree(valeur):
        classe, texte = f"taux-{int(valeur.nombre * 10)}", valeur.lisible
    elif valeur.etat is Presence.INCONNUE:
        classe, texte = "inconnu", "inconnu"
    elif valeur.cle == "droit_commun.allocation_taux":
        forfait = bareme.parametres["droit_commun.forfait_jusqu_a_250"].au(valeur.depuis)
        classe, texte = "forfait", f"forfait, {euros(forfait.nombre)}" if forfait else "forfait"
    else:
        return None
    quand = _quand(valeur, au, fin)
    montre = texte if bout - x >= max(TEXTE_MINIMAL, 7.2 * len(texte)) else ""
    return Segment(_n(x), _n(max(1.0, bout - x - 1)), classe, montre, _n((x + bout) / 2), f"{texte}, {quand}")


def _quand(valeur: Valeur, au: date | None, fin: date) -> str:
    """« du 01/03/2020 au 31/05/2020 », ou « depuis le 01/07/2021 » si rien ne suit avant la fin de l'image."""
    if au is None or au > fin:
        return f"depuis le {valeur.depuis:%d/%m/%Y}"
    return f"du {valeur.depuis:%d/%m/%Y} au {au:%d/%m/%Y}"


def _dates(valeurs: Iterable[Valeur], echelle: Echelle, bas: int) -> Iterable[Mot]:
    """Les dates de changement, écrites de bas en haut ; celle qui couvrirait la précédente ne s'écrit pas."""
    dernier = 0.0
    for jour in sorted({v.depuis for v in valeurs if echelle.debut <= v.depuis <= echelle.fin}):
        x = echelle.x(jour)
        if x - dernier >= ECART_DES_DATES:
            dernier = x
            yield Mot(_n(x + 4), str(bas + 6), f"{jour:%d/%m/%Y}")

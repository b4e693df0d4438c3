"""Quelle colonne d'un fichier est laquelle : par ses mots, sûrement ou à confirmer ; ou comme la personne l'a dit.

Un module déclare ses Colonne ; rien ici ne sait ce qu'elles veulent dire.
"""

from __future__ import annotations

import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from apart.tableaux.cellules import mots

# Les mots que tout le monde abrège, et ceux qui ne distinguent aucune colonne.
ABREGES = {
    "h": "heures", "hr": "heures", "hrs": "heures", "heure": "heures", "hres": "heures", "hours": "heures",
    "tx": "taux", "sal": "salaire", "remun": "remuneration", "rem": "remuneration", "mens": "mensuel",
    "mensuelle": "mensuel", "mensuels": "mensuel", "hebdo": "hebdomadaire", "hor": "horaire", "horaires": "horaire",
    "dt": "date", "deb": "debut", "eff": "effectif", "chomee": "chomees", "chom": "chomees", "pat": "patronales",
    "patronale": "patronales", "cotis": "cotisations", "charges": "cotisations", "brute": "brut", "nette": "net",
    "salariee": "salarie", "contract": "contrat",
}  # fmt: skip
_VIDES = "de d des la le les l en o par nb nbr nbre nombre n no euro euros eur jj mm aaaa pour cent"
VIDES = frozenset(_VIDES.split())
ENTETE_LE_PLUS_LONG = 200  # signes : au-delà, c'est un texte
LIAISONS = frozenset({"du", "au"})  # à elles seules, ou près de « date », ce sont des colonnes
AUTOUR_D_UN_JOUR = frozenset({"date", "periode", "jour"})


@dataclass(frozen=True)
class Colonne:
    """Une colonne qu'un module sait lire."""

    nom: str
    contenu: str  # ce qu'on y met
    permis: str  # les valeurs admises
    defaut: str = ""  # ce que vaut une case vide ; "" si elle est à remplir
    exemples: Sequence[str] = ("", "")
    titre: str = ""  # comme on le dit à une personne
    autrement: Sequence[str] = ()  # ses autres en-têtes
    peut_etre: Sequence[str] = ()  # ceux qui demandent à être confirmés
    exclus: str = ""  # les mots qui disent que c'en est une autre
    valeurs: Mapping[str, str] = field(default_factory=dict)  # « apprenti » → « alternant »
    # Un mot de l'en-tête → ce qu'y veulent dire les réponses : sous « Apprenti », « oui » → « alternant ».
    selon_entete: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def valeurs_sous(self, entete: str) -> Mapping[str, str]:
        """Les écritures d'une case qui en valent une autre, sous cet en-tête."""
        dits = set(mots(entete).split())
        propres = [valeurs for mot, valeurs in self.selon_entete.items() if mot in dits]
        return {**self.valeurs, **(propres[0] if propres else {})}


@dataclass(frozen=True, slots=True)
class Proposition:
    """Ce qu'une colonne du fichier semble être ; nom vide si c'est une inconnue."""

    nom: str
    est_a_confirmer: bool = False


INCONNUE = Proposition("")


def _sens(entete: str) -> frozenset[str]:
    """Les mots qui comptent dans un en-tête, leurs abréviations défaites."""
    dits = frozenset(ABREGES.get(mot, mot) for mot in mots(entete).split())
    utiles = dits - VIDES or dits
    return utiles if utiles - LIAISONS <= AUTOUR_D_UN_JOUR else utiles - LIAISONS


@cache
def _declare(ecriture: str) -> frozenset[str]:
    """Le sens d'une écriture déclarée, gardé ; celui d'une case reçue ne l'est jamais : elle peut porter un nom."""
    return _sens(ecriture)


def reconnaitre(entete: str, colonnes: Sequence[Colonne]) -> Proposition:
    """Sûre si ce sont les mots d'une colonne, à confirmer s'il y en a d'autres autour, inconnue sinon."""
    dits = _sens(entete) if len(entete) <= ENTETE_LE_PLUS_LONG else frozenset()
    if not dits:
        return INCONNUE
    trouvees: list[tuple[int, str]] = []
    for colonne in colonnes:
        for ecriture in (colonne.nom, *colonne.autrement, *colonne.peut_etre):
            voulus = _declare(ecriture)
            if voulus == dits and ecriture not in colonne.peut_etre:
                return Proposition(colonne.nom)
            if voulus <= dits and not _declare(colonne.exclus) & dits:
                trouvees.append((len(voulus), colonne.nom))
    trouvees.sort(reverse=True)
    meilleures = {nom for poids, nom in trouvees if poids == trouvees[0][0]}
    return Proposition(meilleures.pop(), est_a_confirmer=True) if len(meilleures) == 1 else INCONNUE


def compter(entetes: Sequence[str], colonnes: Sequence[Colonne]) -> int:
    """Combien de ces textes sont l'en-tête d'une de ces colonnes : ce que la lecture d'un fichier demande."""
    return len({p.nom for texte in entetes if (p := reconnaitre(texte, colonnes)).nom})


def proposer(entetes: Sequence[str], colonnes: Sequence[Colonne]) -> list[Proposition]:
    """Une proposition par colonne du fichier. Deux qui semblent la même sont à départager : à confirmer."""
    lues = [reconnaitre(entete, colonnes) for entete in entetes]
    sures = [p.nom for p in lues if p.nom and not p.est_a_confirmer]
    prises: set[str] = set()
    proposees = []
    for lue in lues:
        retenue = _departager(lue, sures, prises)
        prises.add(retenue.nom)
        proposees.append(retenue)
    return proposees


def _departager(lue: Proposition, sures: Sequence[str], prises: Container[str]) -> Proposition:
    """Deux colonnes aussi sûres sont à confirmer, la première d'abord ; devant une plus sûre, inconnue."""
    if not lue.est_a_confirmer and sures.count(lue.nom) > 1:
        return Proposition("" if lue.nom in prises else lue.nom, est_a_confirmer=True)
    return INCONNUE if lue.est_a_confirmer and (lue.nom in sures or lue.nom in prises) else lue


def empreinte(entetes: Sequence[str]) -> str:
    """De quoi savoir qu'un fichier renvoyé a les mêmes colonnes que celui dont on a dit le sens."""
    return format(zlib.crc32("\0".join(entetes).encode()), "08x")

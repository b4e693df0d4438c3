"""Ce qu'un fichier calculé a d'étonnant, ligne par ligne, et ce qu'il a fallu supposer ou laisser de côté.

Une faute empêche de calculer une ligne ; un constat la laisse calculée, mais il faut le lire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from apart.regles.bareme import bareme
from apart.regles.constats import RESTE_NEGATIF
from apart.regles.formules import Entiers
from apart.regles.francais import jour_en_lettres, nombre
from apart.simulateur.fichiers.calcul import EPOQUE, Calcul
from apart.simulateur.fichiers.colonnes import PAR_NOM
from apart.tableaux.cellules import court, est_en_centiemes, lire_mois, mots, ressemble_a_des_minutes

DUREE_LEGALE = 35
DISENT_QUI = frozenset({"prenom", "prenoms", "first name", "matricule", "nir", "numero salarie"})  # à côté du nom
CITES = 5  # écritures ou numéros donnés en exemple
DEFAUTS = {  # les seuls qui changent d'ordinaire les montants
    "duree_hebdomadaire": "contrat de 35 heures par semaine",
    "regime": "droit commun",
    "statut": "contrat ordinaire, à temps plein",
}
MEMES_JOURS = (
    "La même personne a une autre ligne pour les mêmes jours : les deux sont comptées. N'en gardez qu'une, ou donnez "
    "à chacune ses dates."
)
TAUX_MOINDRE = (
    "Le taux horaire donne moins que la rémunération : c'est la rémunération qui est employée. Si elle comprend "
    "autre chose que le salaire et ses primes habituelles, videz-la."
)


@dataclass(frozen=True, slots=True)
class Constat:
    """Une phrase, et les rangs des lignes qu'elle touche."""

    phrase: str
    rangs: Entiers


def constats(calcul: Calcul) -> list[Constat]:
    """Ce que les lignes calculées ont d'étonnant."""
    reste = calcul.montants["reste_a_charge"]
    trouves = (
        Constat(MEMES_JOURS, _memes_jours(calcul)),
        Constat(TAUX_MOINDRE, _taux_moindre(calcul)),
        Constat(RESTE_NEGATIF, calcul.calculees[reste[calcul.calculees] < 0]),
    )
    return [constat for constat in trouves if constat.rangs.size]


def _memes_jours(calcul: Calcul) -> Entiers:
    """Les lignes d'un même nom dont les jours se recoupent ; plusieurs salariés ne sont pas une personne."""
    rangs: Entiers = calcul.calculees[calcul.effectif[calcul.calculees] == 1]
    if "nom" not in calcul.places or not rangs.size:
        return rangs[:0]
    aussi = [str(rang) for rang, entete in enumerate(calcul.tableau.entetes) if mots(entete) in DISENT_QUI]
    qui = pl.concat_str(str(calcul.places["nom"]), *aussi, separator=" ", ignore_nulls=True).str.to_lowercase()
    propre = qui.str.replace_all(r"\s+", " ").str.strip_chars().replace("", None)
    noms = calcul.tableau.cadre[rangs].select(propre).to_series()
    cadre = pl.DataFrame({"rang": rangs, "nom": noms, "du": calcul.du[rangs], "au": calcul.au[rangs]})
    recoupe = (pl.col("du") <= pl.col("au").cum_max().shift(1)).over("nom").fill_null(False)
    suivies = cadre.drop_nulls("nom").sort("nom", "du").with_columns(recoupe.alias("recoupe"))
    deux = pl.col("recoupe") | pl.col("recoupe").shift(-1).over("nom").fill_null(False)
    return np.array(suivies.filter(deux)["rang"].sort(), np.int64)


def _taux_moindre(calcul: Calcul) -> Entiers:
    """Un taux qui dépasse la rémunération est une faute (saisie) ; en dessous, des primes l'expliquent sans doute."""
    rangs = calcul.calculees
    if not {"remuneration", "taux_horaire"} <= calcul.places.keys():
        return rangs[:0]
    donnee, taux = calcul.remuneration[rangs], calcul.taux[rangs]
    return rangs[(donnee >= 0) & (taux >= 0) & ((taux + 100) * calcul.diviseur[rangs] < donnee * 100)]


def suppositions(calcul: Calcul) -> list[str]:
    """Ce qui n'a pas été lu, ce qu'une case vide a valu, et comment ce qui prêtait à confusion a été compris."""
    laissees = (*calcul.tableau.ignores, *_totaux(calcul), *_non_lues(calcul))
    return [*laissees, *_defauts(calcul), *_non_structurelles(calcul), *_projetees(calcul), *_comprises(calcul)]


def _totaux(calcul: Calcul) -> Iterator[str]:
    if calcul.totaux:
        numeros = [str(calcul.tableau.lignes[rang]) for rang in calcul.totaux]
        laissees = accorder(len(numeros), "Ligne de total laissée", "Lignes de total laissées")
        yield f"{laissees} de côté : {citer(numeros)}."


def _non_lues(calcul: Calcul) -> Iterator[str]:
    lues = set(calcul.places.values())
    noms = [f"« {court(nom)} »" for rang, nom in enumerate(calcul.tableau.entetes) if rang not in lues and nom.strip()]
    if noms:
        yield (
            f"{accorder(len(noms), 'Colonne gardée telle quelle, que', 'Colonnes gardées telles quelles, que')} le "
            f"calcul n'emploie pas : {', '.join(noms)}."
        )


def _defauts(calcul: Calcul) -> Iterator[str]:
    for nom, dit in DEFAUTS.items():
        titre = PAR_NOM[nom].titre
        if nom not in calcul.places:
            yield f"Pas de colonne « {titre} » : {dit} pour toutes les lignes."
        elif vides := int(calcul.cadre[nom].gather(calcul.calculees).null_count()):
            lignes = accorder(vides, "Une ligne sans", f"{nombre(Decimal(vides))} lignes sans")
            yield f"{lignes} « {titre} » : {dit}."


def _non_structurelles(calcul: Calcul) -> Iterator[str]:
    """Au-delà de 35 h, ce que sont ces heures change les montants du tout au tout : ne pas le dire compte."""
    longs = [p is not None and p.duree_hebdomadaire > DUREE_LEGALE for p in calcul.profils.valeurs]
    rangs = calcul.calculees[np.array(longs, np.bool_)[calcul.profils.rangs[calcul.calculees]]]
    dites = [pl.col(nom).is_not_null() for nom in ("structurelles", "accord_du") if nom in calcul.places]
    muettes = calcul.cadre[rangs].filter(~pl.any_horizontal(dites)).height if dites else len(rangs)
    if muettes:
        lignes = accorder(muettes, "Une ligne dépasse", f"{nombre(Decimal(muettes))} lignes dépassent")
        yield f"{lignes} 35 heures par semaine sans « Heures structurelles » : ces heures ne sont pas payées."


def _projetees(calcul: Calcul) -> Iterator[str]:
    connu = bareme().connu_jusqu_au
    if (calcul.au[calcul.calculees] > (connu - EPOQUE).days).any():
        yield f"Après le {jour_en_lettres(connu)}, les derniers taux connus sont employés."


def _comprises(calcul: Calcul) -> Iterator[str]:
    if (effectifs := calcul.effectif[calcul.calculees]).max(initial=1) > 1:
        combien = nombre(Decimal(int(effectifs.sum())))
        yield f"Effectif : {combien} salariés en tout. Les montants d'une ligne sont pour tous les siens."
    for nom, valeurs in calcul.traduites.items():
        lues = [f"« {court(ecrit)} » lu « {valeur} »" for ecrit, valeur in valeurs.items()]
        yield f"{PAR_NOM[nom].titre} : {citer(lues)}."
    if trouvees := _ecritures(calcul, "heures", est_en_centiemes):
        yield f"Heures : {citer(trouvees)}, des centièmes d'heure et non des minutes, qui vont jusqu'à 59."
    if trouvees := _ecritures(calcul, "heures", ressemble_a_des_minutes):
        yield f"Heures : {citer(trouvees)}, en heures et centièmes. Si ce sont des minutes, écrivez 7h45 et non 7,45."
    if trouvees := _ecritures(calcul, "heures", lambda texte: texte in {"1", "1,0", "1,00", "1.0", "1.00"}):
        yield f"Heures : {citer(trouvees)}, une heure. Si c'est une durée de tableur d'un jour, écrivez 24h00."
    if trouvees := _ecritures(calcul, "mois", _est_un_dernier_jour):
        yield f"Mois : {citer(trouvees)}, un dernier jour du mois, compris comme son mois."


def _ecritures(calcul: Calcul, nom: str, douteuse: Callable[[str], bool]) -> list[str]:
    if nom not in calcul.places:
        return []
    lues = calcul.cadre[nom].gather(calcul.calculees).unique(maintain_order=True).drop_nulls()
    return [f"« {texte} »" for texte in lues if douteuse(texte)]


def _est_un_dernier_jour(texte: str) -> bool:
    """« 30/04/2026 » : un jour écrit en entier, qui n'est pas le premier."""
    if len(texte) < 8 or not texte[:1].isdigit():
        return False
    try:
        return lire_mois(texte)[1].day == int(texte[8:10] if texte[4:5] == "-" else texte[:2].strip("/.-"))
    except ValueError:
        return False


def citer(dites: Sequence[str]) -> str:
    """Les premières, et combien d'autres."""
    autres = len(dites) - CITES
    return ", ".join(dites[:CITES]) + (
        f" et {accorder(autres, 'une autre', f'{autres} autres')}" if autres > 0 else ""
    )


def accorder(nombre: int, une: str, plusieurs: str) -> str:
    return une if nombre == 1 else plusieurs

"""Tout un fichier calculé : chaque écriture distincte lue une fois, toutes les lignes d'un coup, une phrase par faute.

Une ligne que regles.lignes laisse passe par la porte d'un cas, qui la calcule ou dit pourquoi la loi la refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apart.regles import nombres
from apart.regles.bareme import HorsBareme
from apart.regles.formules import Entiers, quotient
from apart.regles.lignes import Lignes, LignesSimulees, Profil, simuler_lignes
from apart.regles.simulation import MINIMUM_MENSUEL, Resultat
from apart.regles.valeurs import INCERTAINE, SECONDAIREMENT_LUE
from apart.simulateur import saisie
from apart.simulateur.fichiers.colonnes import PAR_NOM
from apart.tableaux.cellules import FORMULE, mots
from apart.tableaux.fautes import Faute, LigneFautive
from apart.tableaux.tableau import NOMBRE, Tableau
from apart.tableaux.totaux import lignes_de_total

SANS_MONTANT = -1  # ni un seul montant horaire, ni une ligne calculée
MONTANTS = ("indemnite_horaire", "allocation_horaire", "indemnisables", "indemnite", "allocation", "reste_a_charge")
DU_GROUPE = ("indemnite", "allocation", "reste_a_charge")  # de tous les salariés de la ligne
DU_PROFIL = ("duree_hebdomadaire", "regime", "secteur", "statut", "mayotte", "effectif_entreprise", "formation",
             "garde_enfant", "structurelles", "accord_du", "residence")  # fmt: skip
EPOQUE = date(1970, 1, 1)
UNE_A_UNE = 5_000  # au-delà, la page se ferait trop attendre
COMME_LES_AUTRES = (
    "Cette ligne n'a pas été calculée : plus de 5 000 lignes demandent à l'être une à une. Corrigez les premières et "
    "celles qui leur ressemblent, puis renvoyez le fichier."
)
# Dans une case, la suite d'une réserve ne tient pas : la page du barème la donne.
POURQUOI = re.compile(rf"({SECONDAIREMENT_LUE}|{INCERTAINE}).*|\. .*")


@dataclass(frozen=True, slots=True)
class Lue:
    """Des colonnes lues ensemble : leurs valeurs distinctes (None : vide ou fautive), et celle de chaque ligne."""

    valeurs: list[Any]
    rangs: Entiers

    def entiers(self, puissance: int) -> Entiers:
        """Les nombres fois 10 puissance « puissance » ; -1 sans nombre."""
        lus = [-1 if valeur is None else nombres.entier(valeur, puissance) for valeur in self.valeurs]
        return np.array(lus, np.int64).take(self.rangs)


class Calcul:
    """Un fichier lu et calculé. Montants en centimes, heures en centièmes, SANS_MONTANT où il n'y en a pas."""

    def __init__(self, tableau: Tableau, sens: Sequence[str]) -> None:
        self.tableau = tableau
        self.places = {nom: rang for rang, nom in enumerate(sens) if nom}
        self.cadre, self.traduites = _au_propre(tableau, self.places)
        self.totaux = lignes_de_total(tableau)
        self._fautes = {rang: [Faute("", phrase)] for rang, phrase in tableau.refus.items()}
        self._lire()
        self.montants = {nom: np.full(len(self), SANS_MONTANT, np.int64) for nom in MONTANTS}
        self.reserves: list[tuple[str, ...]] = [()]
        self.reserve, self.diviseur = np.zeros((2, len(self)), np.int64)
        self._calculer()

    def __len__(self) -> int:
        return self.tableau.cadre.height

    # --- Ce qu'on en montre ---

    @property
    def fautives(self) -> list[LigneFautive]:
        numeros = self.tableau.lignes
        return [LigneFautive(rang, int(numeros[rang]), tuple(self._fautes[rang])) for rang in sorted(self._fautes)]

    @property
    def calculees(self) -> Entiers:
        """Les rangs des lignes qui ont un montant."""
        return np.flatnonzero(self.montants["indemnite"] != SANS_MONTANT)

    def total(self, nom: str) -> Decimal:
        """La somme d'une colonne de montants, tous salariés compris, en euros."""
        return nombres.depuis_centiemes(int(self.montants[nom][self.calculees].sum()))

    # --- Lire ---

    def _lire(self) -> None:
        """Les colonnes ; les fautes vont à leurs lignes, sauf aux lignes de total, qui ne comptent pas."""
        self.profils = self._colonnes(DU_PROFIL, saisie.lire_profil)
        self.periodes = self._colonnes(("mois", "du", "au"), saisie.lire_bornes)
        jours = [[(jour - EPOQUE).days for jour in bornes or (EPOQUE, EPOQUE)] for bornes in self.periodes.valeurs]
        self.du, self.au = np.array(jours, np.int64)[self.periodes.rangs].T
        lus = {nom: self._colonnes((nom,), partial(saisie.lire_un, nom)) for nom in saisie.NOMBRES}
        self.heures = lus["heures"].entiers(2)
        self.effectif = np.maximum(1, lus["effectif"].entiers(0))
        self.remuneration, self.taux = lus["remuneration"].entiers(4), lus["taux_horaire"].entiers(4)
        self.net = lus["net_mensuel"].entiers(2)
        self.maintien, self.cotisations = (lus[nom].entiers(6) for nom in ("maintien", "cotisations_patronales"))
        for rang in np.flatnonzero((self.remuneration < 0) & (self.taux < 0)).tolist():
            fautes = self._fautes.setdefault(rang, [])
            if not any(faute.champ in {"", "remuneration", "taux_horaire"} for faute in fautes):
                fautes.append(saisie.SANS_REMUNERATION)
        self.totaux += self._sommes()
        for rang in self.totaux:
            self._fautes.pop(rang, None)

    def _sommes(self) -> list[int]:
        """Les lignes dont le salaire et les heures sont ceux de toutes les précédentes, ou depuis le dernier total.

        Ce sont des totaux, quel que soit leur nom, ou s'ils n'en ont pas.
        """
        trouvees, depuis, en_tout = list[int](), (0, 0, 0), (0, 0, 0)
        for rang, (brut, heures) in enumerate(zip(self.remuneration.tolist(), self.heures.tolist(), strict=True)):
            est_somme = (brut, heures) in {lues[1:] for lues in (depuis, en_tout) if lues[0] > 1} and brut > 0 < heures
            if est_somme:
                trouvees.append(rang)
            if est_somme or rang in self.totaux:
                depuis = (0, 0, 0)
            elif brut >= 0 and heures >= 0:
                depuis, en_tout = ((n + 1, b + brut, h + heures) for n, b, h in (depuis, en_tout))
        return [rang for rang in trouvees if rang not in self.totaux]

    def _colonnes(self, noms: Sequence[str], lecteur: Callable[[Mapping[str, Any]], Any]) -> Lue:
        """Ces colonnes, leurs écritures distinctes lues une fois."""
        distinctes, rangs = _distinctes(self.cadre, [nom for nom in noms if nom in self.cadre.columns])
        valeurs: list[Any] = []
        fautives: dict[int, list[Faute]] = {}
        for place, champs in enumerate(distinctes):
            try:
                _refuser_les_formules(champs)
                valeurs.append(lecteur(champs))
            except saisie.SaisieRefusee as refus:
                valeurs.append(None)
                fautives[place] = list(refus.fautes)
        for rang in np.flatnonzero(np.isin(rangs, list(fautives))).tolist() if fautives else ():
            self._fautes.setdefault(rang, []).extend(fautives[int(rangs[rang])])
        return Lue(valeurs, rangs)

    # --- Calculer ---

    def _calculer(self) -> None:
        bonnes = np.ones(len(self), np.bool_)
        bonnes[[*self._fautes, *self.totaux]] = False
        rangs = np.flatnonzero(bonnes)
        remuneration, sure = self._remunerer(rangs)
        ensemble = rangs[sure]
        simulees = simuler_lignes(self._lignes(ensemble, remuneration[sure]))
        self._retenir(ensemble, simulees)
        self.seules = [*rangs[~sure].tolist(), *ensemble[~simulees.calculees].tolist()]
        self._une_a_une(self.seules)

    def _remunerer(self, rangs: Entiers) -> tuple[Entiers, NDArray[np.bool_]]:
        """La rémunération mensuelle, en dix-millièmes d'euro ; faux où saisie.py aura une phrase à en dire."""
        paires = self.profils.rangs[rangs] * len(self.periodes.valeurs) + self.periodes.rangs[rangs]
        distinctes, places = np.unique(paires, return_inverse=True)
        lus = np.array([self._reperes(*divmod(p, len(self.periodes.valeurs))) for p in distinctes.tolist()], np.int64)
        diviseur, minimum = lus.reshape(-1, 2)[places].T
        self.diviseur[rangs] = diviseur
        donnee, taux = self.remuneration[rangs], self.taux[rangs]
        remuneration = np.where(donnee >= 0, donnee, quotient(taux * diviseur, 100))
        contredite = (donnee >= 0) & ((taux - 100) * diviseur > donnee * 100)
        return remuneration, (quotient(remuneration, diviseur) >= minimum) & ~contredite

    def _reperes(self, profil: int, periode: int) -> tuple[int, int]:
        """Les heures d'un mois, en centièmes, et le plus petit taux admis, en centimes (saisie.reperes)."""
        try:
            diviseur, minimum = saisie.reperes(self.profils.valeurs[profil], self.periodes.valeurs[periode][0])
        except HorsBareme:
            return 1, np.iinfo(np.int64).max  # saisie.py dira pourquoi
        return nombres.centiemes(diviseur), nombres.centiemes(minimum)

    def _lignes(self, rangs: Entiers, remuneration: Entiers) -> Lignes:
        distincts = list(dict.fromkeys(profil for profil in self.profils.valeurs if profil is not None))
        place = {profil: rang for rang, profil in enumerate(distincts)}
        profils = np.array([place.get(profil, 0) for profil in self.profils.valeurs], np.int64)
        return Lignes(
            profils=distincts or [Profil()],
            profil=profils[self.profils.rangs[rangs]],
            du=self.du[rangs],
            au=self.au[rangs],
            heures=self.heures[rangs],
            remuneration=remuneration,
            net=self.net[rangs],
            maintien=self.maintien[rangs],
            cotisations=self.cotisations[rangs],
        )

    def _retenir(self, rangs: Entiers, simulees: LignesSimulees) -> None:
        """Les montants des lignes calculées ensemble."""
        siennes = rangs[simulees.calculees]
        for nom in MONTANTS:
            effectif = self.effectif[siennes] if nom in DU_GROUPE else 1
            self.montants[nom][siennes] = getattr(simulees, nom)[simulees.calculees] * effectif
        breves = np.array([self._ranger(en_bref(phrases)) for phrases in simulees.reserves], np.int64)
        self.reserve[siennes] = breves[simulees.reserve[simulees.calculees]]

    def _ranger(self, reserves: tuple[str, ...]) -> int:
        if reserves not in self.reserves:
            self.reserves.append(reserves)
        return self.reserves.index(reserves)

    def _une_a_une(self, rangs: Sequence[int]) -> None:
        """Par saisie.py et simulation : la ligne est calculée, ou porte ses fautes."""
        for place, (rang, champs) in enumerate(zip(rangs, self.cadre[list(rangs)].iter_rows(named=True), strict=True)):
            if place >= UNE_A_UNE:
                self._fautes[rang] = [Faute("", COMME_LES_AUTRES)]
                continue
            try:
                resultat = saisie.simuler(saisie.lire_groupe({**champs, "periodes": [champs]}))
            except saisie.SaisieRefusee as refus:
                self._fautes[rang] = [_de_la_colonne(faute, champs, refus) for faute in refus.fautes]
            else:
                self._retenir_une(rang, resultat)

    def _retenir_une(self, rang: int, resultat: Resultat) -> None:
        horaires = [ligne.horaire for mois in resultat.mois for ligne in mois.lignes]
        self.montants["indemnite_horaire"][rang] = _commun(horaire.indemnite for horaire in horaires)
        self.montants["allocation_horaire"][rang] = _commun(horaire.allocation for horaire in horaires)
        self.montants["indemnisables"][rang] = nombres.centiemes(resultat.total("indemnisables"))
        for nom in DU_GROUPE:
            self.montants[nom][rang] = nombres.centiemes(resultat.total_du_groupe(nom))
        self.reserve[rang] = self._ranger(en_bref(_reserves(resultat)))


def _au_propre(tableau: Tableau, places: Mapping[str, int]) -> tuple[pl.DataFrame, dict[str, dict[str, str]]]:
    """Les colonnes lues, sous leur nom et sans blancs ; et par colonne, ce que vaut chaque écriture remplacée."""
    propres = [pl.col(str(rang)).str.strip_chars().replace("", None).alias(nom) for nom, rang in places.items()]
    cadre = tableau.cadre.select(propres)
    if tableau.types is not None:  # un nombre de classeur n'a qu'un sens : 2.150 y est 2,15 (cellules.lire_positif)
        genres = tableau.types.select(pl.col(str(rang)).alias(f"genre {nom}") for nom, rang in places.items())
        cadre = pl.concat([cadre, genres], how="horizontal").select(_precis(nom) for nom in places)
    traduites = {nom: _traduire(cadre[nom], nom, tableau.entetes[rang]) for nom, rang in places.items()}
    dites = {nom: valeurs for nom, valeurs in traduites.items() if valeurs}
    return cadre.with_columns(pl.col(nom).replace(valeurs) for nom, valeurs in dites.items()), dites


def _precis(nom: str) -> pl.Expr:
    est_nombre = (pl.col(f"genre {nom}") == NOMBRE) & pl.col(nom).str.contains(r"^\d+\.\d{3}$")
    return pl.when(est_nombre).then(pl.col(nom) + "0").otherwise(pl.col(nom)).alias(nom)


def _traduire(cases: pl.Series, nom: str, entete: str) -> dict[str, str]:
    """Les écritures de cette colonne qui en valent une autre : « Apprenti » → « alternant »."""
    valeurs = PAR_NOM[nom].valeurs_sous(entete)
    ecritures = cases.unique().drop_nulls().to_list() if valeurs else []
    return {texte: valeurs[mots(texte)] for texte in ecritures if valeurs.get(mots(texte), texte) != texte}


def _distinctes(cadre: pl.DataFrame, noms: Sequence[str]) -> tuple[list[dict[str, Any]], Entiers]:
    """Les combinaisons distinctes de ces colonnes, et celle de chaque ligne."""
    if not noms:
        return [{}], np.zeros(cadre.height, np.int64)
    colonnes = cadre.select(noms)
    distinctes = colonnes.unique(maintain_order=True).with_row_index("rang")
    rangs = colonnes.join(distinctes, on=noms, how="left", nulls_equal=True, maintain_order="left")["rang"]
    return distinctes.drop("rang").to_dicts(), rangs.to_numpy().astype(np.int64)


def _refuser_les_formules(champs: Mapping[str, str | None]) -> None:
    fautes = [Faute(nom, FORMULE) for nom, case in champs.items() if case and case[0] in "=+@" and len(case) > 1]
    if fautes:
        raise saisie.SaisieRefusee(fautes)


def _de_la_colonne(faute: Faute, champs: Mapping[str, Any], refus: saisie.SaisieRefusee) -> Faute:
    """La faute sous le nom de sa colonne : « periodes.1.heures » donne « heures »."""
    champ = faute.champ.rpartition(".")[2]
    if champ == "periodes":
        periode = "mois" if champs.get("mois") else "du"
        champ = periode if isinstance(refus.__cause__, HorsBareme) else "heures"
    return Faute(champ, faute.phrase)


def _commun(montants: Iterable[Decimal]) -> int:
    """Le montant horaire de la ligne ; SANS_MONTANT si la loi en donne plusieurs."""
    differents = set(montants)
    return nombres.centiemes(differents.pop()) if len(differents) == 1 else SANS_MONTANT


def _reserves(resultat: Resultat) -> Iterable[str]:
    """Celles des montants rendus, comme regles.lignes : ni le net, ni les cotisations."""
    yield from (phrase for mois in resultat.mois for ligne in mois.lignes for phrase in ligne.horaire.reserves)
    if any(MINIMUM_MENSUEL in mois.remarques for mois in resultat.mois):
        yield MINIMUM_MENSUEL


def en_bref(reserves: Iterable[str]) -> tuple[str, ...]:
    """Ce que les montants d'une ligne ont d'incertain, sans le pourquoi ni la source ; rien le plus souvent."""
    breves = (POURQUOI.sub(r"\1", dite).rstrip(".") for dite in reserves)
    return tuple(dict.fromkeys(f"{breve}." for breve in breves))

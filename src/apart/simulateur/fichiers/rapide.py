"""Le calcul par tableaux : ce que les règles disent d'une combinaison est demandé une fois, puis étendu aux lignes.

N'accepte que ce dont le résultat est le même, au centime, que saisie.py puis simulation.simuler ; tout doute laisse la
ligne à la lecture ligne à ligne (calcul.py). Aucun nombre de la loi n'est ici : ils viennent des règles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apart.regles.bareme import bareme
from apart.regles.conditions import conditions
from apart.regles.formules import total
from apart.regles.prelevements import Residence
from apart.regles.situations import Dispositif, Secteur, Situation, Statut
from apart.regles.vecteurs import Lois, horaires
from apart.simulateur import saisie
from apart.simulateur.fichiers import combinaisons
from apart.simulateur.fichiers.codes import (
    Codes,
    Lue,
    Masque,
    coder,
    distinctes,
    lire,
    lire_centiemes,
    lire_mois,
    sans_montants,
)
from apart.simulateur.fichiers.combinaisons import EPOQUE
from apart.simulateur.fichiers.tableaux import Tableau

LU_COMME_FORMULE = r"^[=+@-]."
SANS_MONTANT = -1  # ni un seul montant horaire, ni une ligne calculée
EN_CENTIEMES = ("remuneration", "taux_horaire", "net_mensuel", "heures")
# Sous quels seuils est un taux : un bit par loi, et ce que chaque somme de bits veut dire.
BITS = 1 << np.arange(combinaisons.LOIS_AU_PLUS)
SOUS_SEUILS = 1 << combinaisons.LOIS_AU_PLUS
LESQUELS = [tuple(bool(somme & bit) for bit in BITS.tolist()) for somme in range(SOUS_SEUILS)]
REMUNERATION_MAXIMALE = int(saisie.REMUNERATION_MAXIMALE * 100)


@dataclass(frozen=True, slots=True)
class Montants:
    """Ce qui est calculé d'une ligne, en centimes et en centièmes d'heure ; `acceptees` dit pour lesquelles.

    Un montant horaire vaut SANS_MONTANT quand la loi change pendant la période.
    """

    acceptees: Masque
    indemnite_horaire: Codes
    allocation_horaire: Codes
    heures: Codes
    indemnite: Codes
    allocation: Codes
    reste_a_charge: Codes
    a_confirmer: Codes  # rang dans `reserves`
    reserves: list[tuple[str, ...]]


def calculer(tableau: Tableau) -> Montants:
    """Toutes les lignes d'un coup ; celles que `acceptees` écarte ont des montants sans valeur."""
    lignes = _Lignes(tableau)
    return lignes.montants()


class _Lignes:
    """Les colonnes lues, et ce que les règles en disent."""

    def __init__(self, tableau: Tableau) -> None:
        self.n = tableau.cadre.height
        self.tableau, self.places = tableau, tableau.places
        codees = {nom: str(rang) for nom, rang in self.places.items() if nom not in {"nom", *EN_CENTIEMES}}
        self.codees = coder(tableau.cadre, list(codees.values()))
        self.acceptees = ~self._formules()
        self.acceptees[list(tableau.refus)] = False
        self._lire_les_periodes()
        self._lire_les_situations()
        self._lire_les_nombres()

    # --- Lire ---

    def _colonne(self, nom: str) -> pl.Series | None:
        rang = self.places.get(nom)
        return None if rang is None else self.tableau.cadre[str(rang)]

    def _lire(self, nom: str, lecteur: Any, defaut: Any) -> Lue:
        lue = lire(self.codees.get(str(self.places.get(nom))), self.n, lecteur, defaut)
        if None in lue.valeurs:
            self.acceptees &= ~lue.refusees
        return lue

    def _formules(self) -> Masque:
        """Les noms qu'un tableur prendrait pour une formule ; dans une autre colonne, la lecture les refuse déjà."""
        noms = self._colonne("nom")
        if noms is None:
            return np.zeros(self.n, np.bool_)
        return noms.str.contains(LU_COMME_FORMULE).fill_null(False).to_numpy()

    def _lire_les_periodes(self) -> None:
        """Le rang de la période de chaque ligne, et ses jours."""
        mois = self._lire("mois", lire_mois, combinaisons.SANS_PERIODE)
        du = self._lire("du", saisie.lire_date, combinaisons.JAMAIS)
        au = self._lire("au", saisie.lire_date, combinaisons.JAMAIS)
        cle = (mois.codes * len(du.valeurs) + du.codes) * len(au.valeurs) + au.codes
        valeurs, self.periode = distinctes(cle, len(mois.valeurs) * len(du.valeurs) * len(au.valeurs))
        lues: list[combinaisons.Periode | None] = []
        for valeur in valeurs.tolist():
            reste, rang_au = divmod(valeur, len(au.valeurs))
            rang_mois, rang_du = divmod(reste, len(du.valeurs))
            du_mois = mois.valeurs[rang_mois] or combinaisons.SANS_PERIODE
            des_dates = (du.valeurs[rang_du], au.valeurs[rang_au])
            lues.append(combinaisons.periode_dite(du_mois, des_dates))
        self._ecarter([p is not None for p in lues], self.periode)
        self.periodes = [p or combinaisons.PERIODE_VIDE for p in lues]
        self.jour = np.array([p.du.toordinal() - EPOQUE for p in self.periodes], np.int64).take(self.periode)

    def _lire_les_situations(self) -> None:
        seuil = bareme().parametres["droit_commun.forfait_seuil_effectif"].valeurs[0].nombre
        lues = (
            self._lire("regime", lambda t: saisie.lire_choix(t, Dispositif), Dispositif.DROIT_COMMUN),
            self._lire("secteur", lambda t: saisie.lire_choix(t, Secteur), Secteur.ORDINAIRE),
            self._lire("statut", lambda t: saisie.lire_choix(t, Statut), Statut.ORDINAIRE),
            self._lire("mayotte", saisie.lire_oui_non, False),
            self._lire("effectif_entreprise", lambda t: saisie.lire_effectif(t) > seuil, False),
            self._lire("formation", saisie.lire_oui_non, False),
            self._lire("garde_enfant", saisie.lire_oui_non, False),
        )
        combinees, rangs = _combiner(lues, self.n)
        situations = [Situation(*(s if s is not None else d for s, d in zip(c, SANS, strict=True))) for c in combinees]
        # Les mêmes situations écrites autrement n'en font qu'une, et toujours dans le même ordre : la table des règles
        # sert alors d'un fichier à l'autre.
        self.situations = sorted(set(situations), key=repr)
        ordre = {situation: rang for rang, situation in enumerate(self.situations)}
        self.situation = np.array([ordre[s] for s in situations], np.int64).take(rangs)

    def _lire_les_nombres(self) -> None:
        places = {nom: str(self.places[nom]) for nom in EN_CENTIEMES if nom in self.places}
        lus = lire_centiemes(self.tableau.cadre, list(places.values()))
        self.remuneration, self.taux_donne, self.net, self.heures = (
            lus.get(places.get(nom, ""), sans_montants(self.n)) for nom in EN_CENTIEMES
        )
        for montant in (self.remuneration, self.taux_donne, self.net):
            c = montant.centiemes
            self.acceptees &= montant.sures & (c != 0) & (c <= REMUNERATION_MAXIMALE)
        self.acceptees &= self.heures.sures & self.heures.donnes
        self.acceptees &= self.remuneration.donnes | self.taux_donne.donnes
        effectif = self._lire("effectif", saisie.lire_effectif, 1)
        self.effectif = effectif.prendre([v or 1 for v in effectif.valeurs], np.int64)
        self.maintien = self._lire("maintien", saisie.lire_part, combinaisons.SANS_MAINTIEN)
        parts = [combinaisons.dix_milliemes(valeur) for valeur in self.maintien.valeurs]
        self.part_maintenue = self.maintien.prendre(parts, np.int64)
        self.acceptees &= self.part_maintenue != combinaisons.TROP_PRECIS
        self._lire("cotisations_patronales", saisie.lire_part, Decimal())
        self.duree = self._lire("duree_hebdomadaire", saisie.lire_duree_hebdomadaire, saisie.DUREE_PAR_DEFAUT)
        self.accord = self._lire("accord_du", saisie.lire_date, combinaisons.JAMAIS)
        self.structurelles = self._lire("structurelles", saisie.lire_oui_non, combinaisons.SELON_ACCORD)
        self.residence = self._lire("residence", lambda t: saisie.lire_choix(t, Residence), Residence.METROPOLE)

    def _ecarter(self, bonnes: list[bool], rangs: Codes) -> None:
        if not all(bonnes):
            self.acceptees &= np.array(bonnes, np.bool_).take(rangs)

    # --- Demander aux règles ---

    def _combinaisons(self, *codes: tuple[Codes, int]) -> tuple[list[tuple[int, ...]], Codes]:
        """Les combinaisons distinctes de plusieurs colonnes de rangs, et celle de chaque ligne."""
        cle, taille = codes[0]
        for suite, n in codes[1:]:
            cle, taille = cle * n + suite, taille * n
        valeurs, rangs = distinctes(cle, taille)
        tailles = tuple(n for _, n in codes)
        return list(zip(*(axe.tolist() for axe in np.unravel_index(valeurs, tailles)), strict=True)), rangs

    def _les_heures(self) -> tuple[Codes, Codes]:
        """Heures indemnisables, et diviseur du taux horaire : regles.heures pour chaque combinaison distincte."""
        duree, accord, structurelles = self.duree, self.accord, self.structurelles
        trouvees, rangs = self._combinaisons(
            (self.periode, len(self.periodes)),
            (duree.codes, len(duree.valeurs)),
            (structurelles.codes, len(structurelles.valeurs)),
            (accord.codes, len(accord.valeurs)),
        )
        dites = [
            combinaisons.heures(self.periodes[p], duree.valeurs[d], structurelles.valeurs[s], accord.valeurs[a])
            for p, d, s, a in trouvees
        ]
        self._ecarter([h is not None for h in dites], rangs)
        colonnes = np.array([h or combinaisons.SANS_HEURES for h in dites], np.int64).T
        contrat, retenues, diviseur, possible = (colonne.take(rangs) for colonne in colonnes)
        chomees = self.heures.centiemes
        self.acceptees &= chomees <= possible
        au_dela = np.maximum(0, contrat - retenues)
        return np.minimum(np.maximum(0, chomees - au_dela), retenues), diviseur

    def _les_lois(self, taux: Codes) -> _Lois:
        """Écarte les lignes dont la loi manque ou demande davantage ; rend les lois et les réserves des autres."""
        trouvees, rangs = self._combinaisons(
            (self.situation, len(self.situations)), (self.periode, len(self.periodes))
        )
        partages = [combinaisons.partages(situation) for situation in self.situations]
        dits = [partages[s](self.periodes[p]) for s, p in trouvees]
        self._ecarter([partage is not None for partage in dits], rangs)
        table = np.array([(partage or combinaisons.SANS_PARTAGE).nombres for partage in dits], np.int64)
        minimal, demande_le_net, nombre = (colonne.take(rangs) for colonne in table[:, :3].T)
        seuils, poids, jours = (colonnes.take(rangs, axis=1) for colonnes in np.split(table[:, 3:].T, 3))
        self.acceptees &= (taux >= minimal) & ((demande_le_net == 0) | self.net.donnes)
        sous = (taux < seuils).T @ BITS
        cles, a_confirmer = distinctes(rangs * SOUS_SEUILS + sous, len(dits) * SOUS_SEUILS)
        textes = [
            combinaisons.a_confirmer(partage, LESQUELS[cle % SOUS_SEUILS])
            if (partage := dits[cle // SOUS_SEUILS])
            else ()
            for cle in cles.tolist()
        ]
        return _Lois(nombre, poids, jours, a_confirmer, textes)

    def _les_prelevements(self) -> None:
        """Le net n'est pas rendu, mais une ligne dont il ne se calcule pas est refusée : saisie.py dira pourquoi."""
        mayotte = np.array([s.mayotte for s in self.situations], np.int64).take(self.situation)
        residence = self.residence
        trouvees, rangs = self._combinaisons(
            (self.periode, len(self.periodes)), (residence.codes, len(residence.valeurs)), (mayotte, 2)
        )
        connus = [
            combinaisons.prelevements_connus(
                self.periodes[p].au, Residence.MAYOTTE if m else residence.valeurs[r] or Residence.METROPOLE
            )
            for p, r, m in trouvees
        ]
        self._ecarter(connus, rangs)

    # --- Calculer ---

    def montants(self) -> Montants:
        self._les_prelevements()
        heures, diviseur = self._les_heures()
        du_mois = _diviser(self.remuneration.centiemes * 100, diviseur)
        taux = np.maximum(0, np.where(self.remuneration.donnes, du_mois, self.taux_donne.centiemes))
        net = np.where(self.net.donnes, _diviser(self.net.centiemes * 100, diviseur), -1)
        lois = self._les_lois(taux)
        t = {champ: np.zeros(self.n, np.int64) for champ in CHAMPS}
        for rang, (jour, part) in enumerate(zip((self.jour, *lois.jours[1:]), lois.partager(heures), strict=True)):
            lignes = np.flatnonzero(self.acceptees & (lois.nombre > rang))
            _ajouter(t, lignes, self._tranche(lignes, jour, taux, part, net), premiere=rang == 0)
        return Montants(
            acceptees=self.acceptees,
            indemnite_horaire=t["indemnite_horaire"],
            allocation_horaire=t["allocation_horaire"],
            heures=heures,
            indemnite=t["indemnite"] * self.effectif,
            allocation=t["allocation"] * self.effectif,
            reste_a_charge=(t["indemnite"] + t["complement"] - t["allocation"]) * self.effectif,
            a_confirmer=lois.a_confirmer,
            reserves=lois.reserves,
        )

    def _tranche(
        self, lignes: NDArray[np.int64], jour: Codes, taux: Codes, heures: Codes, net: Codes
    ) -> dict[str, Codes]:
        """Ce que valent, à ces jours, ces heures de ces lignes : par les règles, et le complément."""
        jour, taux, heures, net = jour[lignes], taux[lignes], heures[lignes], net[lignes]
        trouvees, loi = np.unique(jour * len(self.situations) + self.situation[lignes], return_inverse=True)
        lois = [
            conditions(
                self.situations[cle % len(self.situations)], date.fromordinal(cle // len(self.situations) + EPOQUE)
            )
            for cle in trouvees.tolist()
        ]
        lus = horaires(Lois.de(lois), loi, taux, net)
        return {
            "indemnite_horaire": lus.due,
            "allocation_horaire": lus.versee,
            "indemnite": total(lus.due, heures),
            "allocation": total(lus.versee, heures),
            "complement": self._complement(lignes, jour, taux, lus.due, heures),
        }

    def _complement(self, lignes: NDArray[np.int64], jour: Codes, taux: Codes, due: Codes, heures: Codes) -> Codes:
        """Le complément des lignes avec maintien (regles.complements), arrondi par régime social comme simulation."""
        if self.maintien.valeurs == [combinaisons.SANS_MAINTIEN]:
            return np.zeros(len(lignes), np.int64)
        part = self.part_maintenue[lignes]
        jours, rangs = np.unique(jour, return_inverse=True)
        seuils = [combinaisons.seuil_du_complement(date.fromordinal(j + EPOQUE)) for j in jours.tolist()]
        seuil = np.array(seuils, np.int64).take(rangs)
        verse = np.where(part < 0, 0, np.maximum(0, _diviser(taux * part, 10_000) - due))
        remplacement = np.minimum(verse, np.maximum(0, seuil - due))
        return _diviser(remplacement * heures, 100) + _diviser((verse - remplacement) * heures, 100)


@dataclass(frozen=True, slots=True)
class _Lois:
    """Les lois successives de chaque ligne, le plus souvent une seule ; et le rang de ses réserves."""

    nombre: Codes
    poids: Codes  # une rangée par loi, comme les premiers jours
    jours: Codes
    a_confirmer: Codes
    reserves: list[tuple[str, ...]]

    def partager(self, heures: Codes) -> Codes:
        """Les heures sous chaque loi (mois.repartir) : les centièmes qui restent vont aux plus grands restes."""
        parts = np.zeros_like(self.poids)
        parts[0] = heures
        plusieurs = np.flatnonzero(self.nombre > 1)
        poids, centiemes = self.poids[:, plusieurs], heures[plusieurs]
        total = poids.sum(axis=0)
        entieres, restes = np.divmod(poids * centiemes, total)
        rangs = np.argsort(np.argsort(-restes, axis=0, kind="stable"), axis=0)
        parts[:, plusieurs] = entieres + (rangs < centiemes - entieres.sum(axis=0))
        return parts


def _ajouter(t: dict[str, Codes], lignes: NDArray[np.int64], tranche: dict[str, Codes], *, premiere: bool) -> None:
    """Ajoute une tranche ; un montant horaire qui y diffère n'est plus celui de la ligne."""
    for champ, valeurs in tranche.items():
        if premiere:
            t[champ][lignes] = valeurs
        elif champ.endswith("_horaire"):
            t[champ][lignes] = np.where(t[champ][lignes] == valeurs, valeurs, SANS_MONTANT)
        else:
            t[champ][lignes] += valeurs


CHAMPS = ("indemnite_horaire", "allocation_horaire", "indemnite", "allocation", "complement")
SANS = tuple(getattr(Situation(), champ) for champ in Situation.__slots__)


def _combiner(lues: tuple[Lue, ...], n: int) -> tuple[list[tuple[Any, ...]], Codes]:
    """Les combinaisons de valeurs rencontrées, et celle de chaque ligne."""
    rangs, taille = np.zeros(n, np.int64), 1
    combinees: list[tuple[Any, ...]] = [()]
    for lue in lues:
        cles, rangs = distinctes(rangs * len(lue.valeurs) + lue.codes, taille * len(lue.valeurs))
        combinees = [(*combinees[c // len(lue.valeurs)], lue.valeurs[c % len(lue.valeurs)]) for c in cles.tolist()]
        taille = len(combinees)
    return combinees, rangs


def _diviser(dividende: Codes, diviseur: Codes | int) -> Codes:
    """Au plus proche, demi-supérieur, sans flottant : pour des nombres positifs."""
    quotient: Codes = (2 * dividende + diviseur) // (2 * diviseur)
    return quotient

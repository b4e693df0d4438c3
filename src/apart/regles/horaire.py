"""La porte d'un cas : l'indemnité et l'allocation d'une heure, avec le pourquoi de chaque montant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from apart.regles import formules, nombres
from apart.regles.bareme import HorsBareme, Valeur
from apart.regles.conditions import FORMATION, Conditions, conditions
from apart.regles.formules import Branche, Cas
from apart.regles.francais import jour_en_lettres
from apart.regles.situations import Dispositif, Secteur, Situation
from apart.regles.traces import Etape, Explique, etape, reserves

ORDINAIRE = Situation()
SMIC = ("smic.horaire_brut", "smic.horaire_brut_mayotte")
NOMS = {
    Dispositif.DROIT_COMMUN: "droit commun",
    Dispositif.VULNERABLES: "personnes vulnérables et garde d'enfant",
    Dispositif.APLD: "activité partielle de longue durée (APLD)",
    Dispositif.APLD_REBOND: "APLD rebond",
    Secteur.ORDINAIRE: "",
    Secteur.PROTEGE: "secteurs protégés (S1, S1 bis)",
    Secteur.TRES_AFFECTE: "secteurs très affectés, fermetures, territoires restreints",
}


@dataclass(frozen=True, slots=True)
class MontantHoraire(Explique):
    """Ce que vaut une heure chômée, en euros, et pourquoi."""

    situation: Situation
    jour: date
    taux_horaire: Decimal
    indemnite: Decimal  # due au salarié, brute
    allocation: Decimal  # versée à l'employeur
    trace: tuple[Etape, ...]
    remarques: tuple[str, ...]

    @property
    def reste_a_charge(self) -> Decimal:
        """Ce que l'heure coûte à l'employeur, hors complément (docs/regles/reste-a-charge.md)."""
        return self.indemnite - self.allocation

    def __str__(self) -> str:
        lignes = [etape.phrase for etape in self.trace]
        return "\n".join([*lignes, *(f"Réserve : {phrase}" for phrase in self.reserves)])


class _Calcul(NamedTuple):
    """Des montants en centimes, et ce qui a joué dans chacun."""

    taux: int
    due: int
    versee: int
    branche: Branche  # de l'indemnité
    branche_versee: Branche  # de l'allocation


def montant_horaire(
    taux_horaire: Decimal, jour: date, situation: Situation = ORDINAIRE, *, net_horaire: Decimal | None = None
) -> MontantHoraire:
    """Indemnité et allocation d'une heure chômée ce jour-là, en euros (R5122-18, D5122-13 ; docs/regles).

    taux_horaire : rémunération horaire brute de référence, euros, arrondie ici au centime.
    net_horaire : rémunération nette horaire habituelle, euros ; estimée quand elle manque et qu'elle sert.
    Lève HorsBareme si la loi de ce jour n'est pas connue ; ValueError si le taux est négatif.
    """
    taux = nombres.centiemes(taux_horaire)
    if taux < 0:
        raise ValueError("Le taux horaire ne peut pas être négatif.")
    c = conditions(situation, jour)
    net = _net(taux, c, net_horaire)
    due, pourquoi = formules.indemnite(taux, c.nombres, Cas, c.exceptions, net)
    versee, pourquoi_versee = formules.allocation(taux, c.nombres, Cas, c.exceptions, due)
    calcul = _Calcul(taux, due, versee, Branche(pourquoi), Branche(pourquoi_versee))
    return MontantHoraire(
        situation=situation,
        jour=jour,
        taux_horaire=nombres.depuis_centiemes(taux),
        indemnite=nombres.depuis_centiemes(due),
        allocation=nombres.depuis_centiemes(versee),
        trace=_trace(calcul, c, jour),
        remarques=_remarques(c, l_allocation_depasse=versee > due),
    )


def _remarques(c: Conditions, *, l_allocation_depasse: bool) -> tuple[str, ...]:
    """Celles de la situation, et la raison d'un reste à charge négatif : rien dans la loi ne lie les deux montants
    (docs/regles/reste-a-charge.md).
    """
    if not l_allocation_depasse:
        return c.remarques
    forfait = "son plancher" if c.nombres.allocation_taux else "son forfait"
    pourquoi = f"L'allocation dépasse ici l'indemnité, que rien ne relève jusqu'à elle : c'est {forfait}."
    return (*c.remarques, pourquoi)


def _net(taux: int, c: Conditions, net_horaire: Decimal | None) -> int:
    """Le net donné, sinon estimé, en centimes ; 0 si rien ne le lit. Lève HorsBareme s'il manque."""
    if not c.lit_le_net:
        return 0
    if net_horaire is not None:
        return nombres.centiemes(net_horaire)
    if c.net_estime is None:
        jour = jour_en_lettres(c.du)
        raise HorsBareme(f"Au {jour}, le calcul demande la rémunération nette horaire du salarié : indiquez-la.")
    return estimer_le_net(taux, c.net_estime)


def estimer_le_net(brut: formules.N, net_estime: formules.N) -> formules.N:
    """Rémunération nette estimée, en centimes : le brut moins les cotisations salariales ordinaires."""
    return (brut * net_estime + 5_000_000) // 10_000_000


@lru_cache(maxsize=50_000)
def reserves_d_une_branche(
    c: Conditions, branche: int, branche_versee: int, l_allocation_depasse: bool
) -> tuple[str, ...]:
    """Ce qu'a d'incertain tout montant horaire de ces conditions où ces branches ont joué."""
    calcul = _Calcul(0, 0, 0, Branche(branche), Branche(branche_versee))
    remarques = _remarques(c, l_allocation_depasse=l_allocation_depasse)
    return tuple(dict.fromkeys((*remarques, *reserves(_trace(calcul, c, c.du)))))


# --- Le pourquoi ---

PROPORTION = "{nom} : {part:dix_milliemes} de {base:millimes} = {resultat:euros}."
PROPORTION_PLAFONNEE = (
    "{nom} : {part:dix_milliemes} de {base:millimes} (rémunération de {taux:centimes} plafonnée à 4,5 SMIC) = "
    "{resultat:euros}."
)
RELEVEE = "Relevée au plancher : {resultat:euros}."
SANS_PLANCHER = "Rémunération inférieure au SMIC sans minimum légal : l'{} n'a pas de plancher."


def _trace(calcul: _Calcul, c: Conditions, jour: date) -> tuple[Etape, ...]:
    return (_regime(c, jour), *_trace_indemnite(calcul, c), *_trace_allocation(calcul, c))


def _regime(c: Conditions, jour: date) -> Etape:
    s = c.situation
    noms = [NOMS[s.dispositif], NOMS[s.secteur], "Mayotte" if s.mayotte else ""]
    regime = ", ".join(nom for nom in noms if nom)
    modele = "Heure chômée le {jour:jour} : {regime}."
    return etape("regime", "L5122-1", modele, s.dispositif.value, "mot", jour=jour, regime=regime)


def _trace_indemnite(calcul: _Calcul, c: Conditions) -> tuple[Etape, ...]:
    n, taux = c.nombres, calcul.taux
    selon_taux = _proportion(
        "indemnite-horaire", "R5122-18", "Indemnité", taux, n.indemnite_taux, n.indemnite_plafond, c.indemnite
    )
    if calcul.branche:
        return selon_taux, _indemnite_ecartee(calcul, c)
    if not n.indemnite_plancher:
        return (selon_taux,)
    modele = "L'indemnité dépasse déjà son plancher, {plancher:centimes} : elle reste à {resultat:euros}."
    return selon_taux, _plancher(modele, calcul.due, c.plancher, min(n.indemnite_plancher, taux))


def _indemnite_ecartee(calcul: _Calcul, c: Conditions) -> Etape:
    """Pourquoi l'indemnité n'est pas le simple taux."""
    due = calcul.due
    if Branche.ALTERNANT in calcul.branche:
        modele = "Alternant payé sous le SMIC ({smic:centimes}) : l'indemnité est sa rémunération, {resultat:euros}."
        lues = c.lues("alternants.indemnite_egale_remuneration", *SMIC)
        return _etape("alternants", "L5122-5", modele, due, lues, smic=c.exceptions.alternant)
    if Branche.FORMATION in calcul.branche:
        modele = "Heure de formation : l'indemnité est la rémunération nette antérieure, {resultat:euros}."
        estimation = c.plancher[-1:] if c.net_estime is not None else ()
        return _etape("formation", "R5122-18", modele, due, (*c.lues(*FORMATION.values()), *estimation))
    if Branche.SANS_PLANCHER in calcul.branche:
        lues = c.lues("droit_commun.plancher_exclut_sous_smic", *SMIC)
        return _etape("plancher-de-l-indemnite", "R5122-18", SANS_PLANCHER.format("indemnité"), due, lues)
    lues = c.plancher
    if Branche.NET in calcul.branche:
        lues = (*lues, *c.lues("droit_commun.indemnite_plafond_net"))
        modele = (
            "Relevée au plancher de {plancher:centimes}, dans la limite de la rémunération nette habituelle : "
            "{resultat:euros}."
        )
    elif calcul.taux < c.nombres.indemnite_plancher:
        modele = "Relevée à la rémunération, {resultat:euros}, inférieure au plancher de {plancher:centimes}."
    else:
        modele = RELEVEE
    return _plancher(modele, due, lues, c.nombres.indemnite_plancher)


def _plancher(modele: str, due: int, lues: tuple[Valeur, ...], plancher: int) -> Etape:
    return _etape("plancher-de-l-indemnite", "R5122-18", modele, due, lues, plancher=plancher)


def _trace_allocation(calcul: _Calcul, c: Conditions) -> tuple[Etape, ...]:
    n, branche, lues = c.nombres, calcul.branche_versee, c.plancher_allocation
    page, article = "allocation-horaire", "D5122-13"
    if not n.allocation_taux:
        modele = "Allocation forfaitaire selon la taille de l'entreprise : {resultat:euros} de l'heure."
        return (_etape(page, article, modele, n.allocation_plancher, lues), *_bornee(calcul, c))
    du_taux = (calcul.taux, n.allocation_taux, n.allocation_plafond)
    selon_taux = formules.proportion(*du_taux, Cas)
    premiere = _proportion(page, article, "Allocation", *du_taux, c.allocation)
    if Branche.ALTERNANT in branche:
        modele = "Alternant payé sous le SMIC : l'allocation est égale à l'indemnité, {resultat:euros}."
        lues = c.lues("alternants.indemnite_egale_remuneration", *SMIC)
        return premiere, _etape("alternants", "L5122-5", modele, calcul.versee, lues)
    modele = "L'allocation dépasse déjà son plancher, {plancher:centimes} : elle reste à {resultat:euros}."
    apres_plancher = max(selon_taux, n.allocation_plancher)
    if Branche.SANS_PLANCHER in branche:
        modele, apres_plancher = SANS_PLANCHER.format("allocation"), selon_taux
        lues = c.lues("droit_commun.plancher_exclut_sous_smic", *SMIC)
    elif Branche.PLANCHER in branche:
        modele = RELEVEE
    plancher = _etape(page, article, modele, apres_plancher, lues, plancher=n.allocation_plancher)
    return (premiere, plancher, *_bornee(calcul, c))


def _bornee(calcul: _Calcul, c: Conditions) -> tuple[Etape, ...]:
    versee = calcul.versee
    if Branche.BORNEE_PAR_REMUNERATION in calcul.branche_versee:
        modele = "À Mayotte, l'allocation ne dépasse pas la rémunération horaire : {resultat:euros}."
        lues = c.lues("mayotte.allocation_bornee_par_remuneration")
        return (_etape("mayotte", "D5522-87", modele, versee, lues),)
    if Branche.BORNEE_PAR_INDEMNITE in calcul.branche_versee:
        modele = "Alternant : l'allocation ne dépasse pas l'indemnité due, {resultat:euros}."
        lues = c.lues("alternants.allocation_bornee_par_indemnite")
        return (_etape("alternants", "R5122-18", modele, versee, lues),)
    return ()


def _proportion(
    regle: str, article: str, nom: str, taux: int, part: int, plafond: int, valeurs: tuple[Valeur, ...]
) -> Etape:
    modele = PROPORTION_PLAFONNEE if taux * 10 > plafond else PROPORTION
    resultat = nombres.depuis_centiemes(formules.proportion(taux, part, plafond, Cas))
    lus = {"nom": nom, "part": part, "base": min(taux * 10, plafond), "taux": taux}
    return etape(regle, article, modele, resultat, "euros_par_heure", valeurs, **lus)


def _etape(
    regle: str, article: str, modele: str, resultat: int, valeurs: tuple[Valeur, ...], **centimes: int
) -> Etape:
    """Une étape dont tous les nombres sont des centimes."""
    return Etape(regle, article, modele, centimes, nombres.depuis_centiemes(resultat), "euros_par_heure", valeurs)

"""La porte d'un cas : l'indemnité et l'allocation d'une heure, avec le pourquoi de chaque montant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apart.regles import formules, nombres
from apart.regles.bareme import HorsBareme
from apart.regles.conditions import FORMATION, Conditions, conditions
from apart.regles.formules import Cas
from apart.regles.francais import jour_en_lettres
from apart.regles.situations import Dispositif, Secteur, Situation
from apart.regles.traces import Etape, reserves, simple

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
class MontantHoraire:
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
        """Ce que l'heure coûte à l'employeur, hors complément : l'indemnité moins l'allocation.

        Règle : docs/regles/reste-a-charge.md.
        """
        return self.indemnite - self.allocation

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que le résultat a d'incertain : remarques de lecture et valeurs du barème à confirmer."""
        return tuple(dict.fromkeys((*self.remarques, *reserves(self.trace))))

    def __str__(self) -> str:
        lignes = [etape.phrase for etape in self.trace]
        return "\n".join([*lignes, *(f"Réserve : {phrase}" for phrase in self.reserves)])

    def en_dict(self) -> dict[str, Any]:
        """Pour JSON ; montants en texte exact."""
        return {
            **{nom: simple(getattr(self, nom)) for nom in ("situation", "jour", "taux_horaire", "indemnite")},
            "allocation": simple(self.allocation),
            "reste_a_charge": simple(self.reste_a_charge),
            "trace": simple(self.trace),
            "reserves": list(self.reserves),
        }


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
    indemnite, allocation, net = calculer(taux, c, net_horaire)
    return MontantHoraire(
        situation=situation,
        jour=jour,
        taux_horaire=nombres.depuis_centiemes(taux),
        indemnite=nombres.depuis_centiemes(indemnite),
        allocation=nombres.depuis_centiemes(allocation),
        trace=_trace(taux, indemnite, allocation, net, c, jour),
        remarques=(*c.remarques, *((pourquoi_l_allocation_depasse(c),) if allocation > indemnite else ())),
    )


def pourquoi_l_allocation_depasse(c: Conditions) -> str:
    """La raison d'un reste à charge négatif : rien dans la loi ne lie les deux montants (reste-a-charge.md)."""
    forfait = "son forfait" if not c.nombres.allocation_taux else "son plancher"
    return f"L'allocation dépasse ici l'indemnité, que rien ne relève jusqu'à elle : c'est {forfait}."


def calculer(taux: int, c: Conditions, net_horaire: Decimal | None = None) -> tuple[int, int, int | None]:
    """Indemnité, allocation et net retenu, en centimes. Lève HorsBareme si le net manque et ne s'estime pas."""
    if not c.particuliere:
        return formules.indemnite(taux, c.nombres, Cas), formules.allocation(taux, c.nombres, Cas), None
    net = _net(taux, c, net_horaire)
    due = formules.indemnite_particuliere(taux, net or 0, c.nombres, c.exceptions, Cas)
    return due, formules.allocation_particuliere(taux, due, c.nombres, c.exceptions, Cas), net


def _net(taux: int, c: Conditions, net_horaire: Decimal | None) -> int | None:
    if not (c.exceptions.formation or c.exceptions.plafond_net):
        return None
    if net_horaire is not None:
        return nombres.centiemes(net_horaire)
    if c.net_estime is None:
        raise net_manquant(c.du)
    return estimer_le_net(taux, c.net_estime)


def net_manquant(jour: date) -> HorsBareme:
    """Le refus d'un calcul qui demande un net que l'on ne donne pas et que l'on ne sait pas estimer."""
    phrase = f"Au {jour_en_lettres(jour)}, le calcul demande la rémunération nette horaire du salarié : indiquez-la."
    return HorsBareme(phrase, cle="prelevements.cotisations_salariales", jour=jour)


def estimer_le_net(taux: formules.N, net_estime: formules.N) -> formules.N:
    """Rémunération nette estimée, en centimes : le brut moins les cotisations salariales ordinaires."""
    return (taux * net_estime + 5_000_000) // 10_000_000


# --- Le pourquoi ---

PROPORTION = "{nom} : {part:dix_milliemes} de {base:millimes} = {resultat:centimes}."
PROPORTION_PLAFONNEE = (
    "{nom} : {part:dix_milliemes} de {base:millimes} (rémunération de {taux:centimes} plafonnée à 4,5 SMIC) = "
    "{resultat:centimes}."
)


def _trace(
    taux: int, indemnite: int, allocation: int, net: int | None, c: Conditions, jour: date
) -> tuple[Etape, ...]:
    return (_regime(c, jour), *_trace_indemnite(taux, indemnite, net, c), *_trace_allocation(taux, allocation, c))


def _regime(c: Conditions, jour: date) -> Etape:
    s = c.situation
    noms = [NOMS[s.dispositif], NOMS[s.secteur], "Mayotte" if s.mayotte else ""]
    return Etape(
        "regime",
        "L5122-1",
        "Heure chômée le {jour:jour} : {regime}.",
        {"jour": jour, "regime": ", ".join(nom for nom in noms if nom)},
        s.dispositif.value,
        "mot",
    )


def _trace_indemnite(taux: int, indemnite: int, net: int | None, c: Conditions) -> tuple[Etape, ...]:
    n, e = c.nombres, c.exceptions
    selon_taux = formules.proportion(taux, n.indemnite_taux, n.indemnite_plafond, Cas)
    etapes = [
        _proportion(
            "indemnite-horaire", "R5122-18", "Indemnité", taux, n.indemnite_taux, n.indemnite_plafond, c.indemnite
        )
    ]
    if indemnite != selon_taux:
        etapes.append(_indemnite_ecartee(taux, indemnite, net, c))
    elif formules.sous_smic(taux, e.sans_plancher, e.smic):
        modele = "Rémunération inférieure au SMIC sans minimum légal : l'indemnité n'a pas de plancher."
        lues = c.lues("droit_commun.plancher_exclut_sous_smic", *SMIC)
        etapes.append(_etape("plancher-de-l-indemnite", "R5122-18", modele, indemnite, lues))
    elif c.plancher and n.indemnite_plancher and not e.formation:
        etapes.append(
            _etape(
                "plancher-de-l-indemnite",
                "R5122-18",
                "L'indemnité dépasse déjà son plancher, {plancher:centimes} : elle reste à {indemnite:centimes}.",
                indemnite,
                c.plancher,
                plancher=min(n.indemnite_plancher, taux),
                indemnite=indemnite,
            )
        )
    return tuple(etapes)


def _indemnite_ecartee(taux: int, indemnite: int, net: int | None, c: Conditions) -> Etape:
    """Pourquoi l'indemnité n'est pas le simple taux."""
    n, e = c.nombres, c.exceptions
    if formules.sous_smic(taux, e.alternant, e.smic):
        modele = (
            "Alternant payé sous le SMIC ({smic:centimes}) : l'indemnité est sa rémunération, {indemnite:centimes}."
        )
        lues = c.lues("alternants.indemnite_egale_remuneration", *SMIC)
        return _etape("alternants", "L5122-5", modele, indemnite, lues, smic=e.smic, indemnite=indemnite)
    if e.formation:
        modele = "Heure de formation : l'indemnité est la rémunération nette antérieure, {indemnite:centimes}."
        estimation = c.plancher[-1:] if c.net_estime is not None else ()
        lues = (*c.lues(*FORMATION.values()), *estimation)
        return _etape("formation", "R5122-18", modele, indemnite, lues, indemnite=indemnite)
    plancher, lues = n.indemnite_plancher, c.plancher
    if e.plafond_net and indemnite == net:
        lues = (*lues, *c.lues("droit_commun.indemnite_plafond_net"))
        modele = (
            "Relevée au plancher de {plancher:centimes}, dans la limite de la rémunération nette habituelle : "
            "{indemnite:centimes}."
        )
    elif indemnite == taux:
        modele = "Relevée à la rémunération, {indemnite:centimes}, inférieure au plancher de {plancher:centimes}."
    else:
        modele = "Relevée au plancher : {indemnite:centimes}."
    return _etape(
        "plancher-de-l-indemnite", "R5122-18", modele, indemnite, lues, plancher=plancher, indemnite=indemnite
    )


def _trace_allocation(taux: int, allocation: int, c: Conditions) -> tuple[Etape, ...]:
    n, e = c.nombres, c.exceptions
    if not n.allocation_taux:
        return _trace_forfait(allocation, c)
    selon_taux = formules.proportion(taux, n.allocation_taux, n.allocation_plafond, Cas)
    etape = _proportion(
        "allocation-horaire", "D5122-13", "Allocation", taux, n.allocation_taux, n.allocation_plafond, c.allocation
    )
    if formules.sous_smic(taux, e.alternant, e.smic):
        modele = "Alternant payé sous le SMIC : l'allocation est égale à l'indemnité, {allocation:centimes}."
        lues = c.lues("alternants.indemnite_egale_remuneration", *SMIC)
        return etape, _etape("alternants", "L5122-5", modele, allocation, lues, allocation=allocation)
    if formules.sous_smic(taux, e.sans_plancher, e.smic):
        modele = "Rémunération inférieure au SMIC sans minimum légal : l'allocation n'a pas de plancher."
        lues = c.lues("droit_commun.plancher_exclut_sous_smic", *SMIC)
        sans = _etape("allocation-horaire", "D5122-13", modele, selon_taux, lues)
        return (etape, sans, *_bornee(allocation, selon_taux, c))
    apres_plancher = max(selon_taux, n.allocation_plancher)
    modele = (
        "Relevée au plancher : {plancher:centimes}."
        if apres_plancher != selon_taux
        else "L'allocation dépasse déjà son plancher, {plancher:centimes} : elle reste à {allocation:centimes}."
    )
    plancher = _etape(
        "allocation-horaire",
        "D5122-13",
        modele,
        apres_plancher,
        c.plancher_allocation,
        plancher=n.allocation_plancher,
        allocation=apres_plancher,
    )
    return (etape, plancher, *_bornee(allocation, apres_plancher, c))


def _trace_forfait(allocation: int, c: Conditions) -> tuple[Etape, ...]:
    forfait = c.nombres.allocation_plancher
    modele = "Allocation forfaitaire selon la taille de l'entreprise : {forfait:centimes} de l'heure."
    etape = _etape("allocation-horaire", "D5122-13", modele, forfait, c.plancher_allocation, forfait=forfait)
    return (etape, *_bornee(allocation, forfait, c))


def _bornee(allocation: int, avant: int, c: Conditions) -> tuple[Etape, ...]:
    if allocation == avant:
        return ()
    if c.exceptions.bornee_par_remuneration:
        modele = "À Mayotte, l'allocation ne dépasse pas la rémunération horaire : {allocation:centimes}."
        lues = c.lues("mayotte.allocation_bornee_par_remuneration")
        return (_etape("mayotte", "D5522-87", modele, allocation, lues, allocation=allocation),)
    modele = "Alternant : l'allocation ne dépasse pas l'indemnité due, {allocation:centimes}."
    lues = c.lues("alternants.allocation_bornee_par_indemnite")
    return (_etape("alternants", "R5122-18", modele, allocation, lues, allocation=allocation),)


def _proportion(
    regle: str, article: str, nom: str, taux: int, part: int, plafond: int, valeurs: tuple[Any, ...]
) -> Etape:
    modele = PROPORTION_PLAFONNEE if taux * 10 > plafond else PROPORTION
    resultat = formules.proportion(taux, part, plafond, Cas)
    lus = {"nom": nom, "part": part, "base": min(taux * 10, plafond), "taux": taux, "resultat": resultat}
    return Etape(regle, article, modele, lus, nombres.depuis_centiemes(resultat), "euros_par_heure", valeurs)


def _etape(regle: str, article: str, modele: str, resultat: int, valeurs: tuple[Any, ...], **centimes: int) -> Etape:
    """Une étape dont tous les nombres sont des centimes."""
    return Etape(regle, article, modele, centimes, nombres.depuis_centiemes(resultat), "euros_par_heure", valeurs)

"""Un ou plusieurs groupes de salariés, sur plusieurs mois : ce que chacun reçoit, ce que l'employeur paie et récupère.

Tout montant vient des autres modules ; celui-ci met les mois bout à bout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from apart.regles import nombres
from apart.regles.bareme import bareme
from apart.regles.complements import complement, connait_le_partage
from apart.regles.contingents import HORS_CONTINGENT, contingent_depasse, reduction_depassee
from apart.regles.formules import Euros, perdues
from apart.regles.francais import jour_en_lettres, nombre
from apart.regles.heures import (
    Structurelles,
    chomees_indemnisables,
    dernier_du_mois,
    duree_retenue,
    plafond_de_la_periode,
    possibles,
)
from apart.regles.horaire import ORDINAIRE
from apart.regles.mois import Ligne, Periode, Totaux, par_mois, refuser_les_chevauchements, totaliser
from apart.regles.prelevements import Prelevements, Residence, prelevements
from apart.regles.reference import TauxReference, duree_mensuelle, taux_horaire
from apart.regles.situations import Situation, Statut
from apart.regles.traces import Etape

ZERO = Decimal()
UN = Decimal(1)
PLANCHER_HORAIRE_DES = date(2020, 1, 1)  # l'indemnité a son plancher, qui tient lieu de minimum mensuel
SANS_PARTAGE = (
    "Avant mai 2020, le régime de cotisations du complément n'a pas été relevé : elles ne sont pas comptées."
)
SANS_NET = "Avant 2018, le salaire net ne s'estime pas : donnez-le pour connaître les montants nets."
SANS_ECRETEMENT = "Le salaire net n'étant pas connu, l'écrêtement des prélèvements est calculé comme s'il était nul."
NET_ORDINAIRE = "Le net est estimé aux taux ordinaires des cotisations ; celui d'un alternant est plus élevé."
NET_DE_METROPOLE = "Le net est estimé aux cotisations de métropole ; celles de Mayotte sont moindres."
MINIMUM_MENSUEL = (
    "Avant 2020, la rémunération mensuelle minimale (L3232-1) peut imposer un complément qui n'est pas compté ici."
)


@dataclass(frozen=True, slots=True)
class Groupe:
    """Des salariés semblables. Montants bruts en euros par salarié ; heures par salarié."""

    remuneration: Decimal  # mensuelle, celle que paie la durée retenue (docs/regles/taux-horaire-de-reference.md)
    duree_hebdomadaire: Decimal  # du contrat
    periodes: tuple[Periode, ...]  # heures chômées
    nom: str = ""
    effectif: int = 1
    situation: Situation = ORDINAIRE
    structurelles: Structurelles | None = None
    residence: Residence = Residence.METROPOLE
    maintien: Decimal | None = None  # part du brut garantie par l'employeur, de 0 à 1
    cotisations_patronales: Decimal | None = None  # part du brut
    net_mensuel: Decimal | None = None  # habituel


@dataclass(frozen=True, slots=True)
class Mois:
    """Un mois d'un salarié du groupe, en euros."""

    premier: date  # du mois civil
    contrat: Decimal  # heures d'un mois complet
    chomees: Decimal
    indemnisables: Decimal
    reference: TauxReference
    salaire: Decimal  # brut des heures travaillées
    indemnite: Decimal
    allocation: Decimal
    complement: Decimal
    cotisations: Decimal | None  # patronales : salaire et complément ; None si le taux n'est pas donné
    cotisations_complement: Decimal | None  # dont celles du complément
    prelevements: Prelevements
    net: Decimal | None  # tout compris
    net_normal: Decimal | None  # d'un mois sans heure chômée
    brut_normal: Decimal
    cout_normal: Decimal
    lignes: tuple[Ligne, ...]
    trace: tuple[Etape, ...]
    remarques: tuple[str, ...]

    @property
    def brut(self) -> Decimal:
        """Ce que le salarié reçoit, brut : salaire, indemnité, complément."""
        return self.salaire + self.indemnite + self.complement

    @property
    def reste_a_charge(self) -> Decimal:
        """Indemnité et complément, cotisations du salaire non comprises, moins l'allocation."""
        return self.indemnite + self.complement - self.allocation

    @property
    def cout(self) -> Decimal:
        """Ce que le mois coûte à l'employeur, allocation déduite ; cotisations comprises si leur taux est donné."""
        return self.brut + (self.cotisations or ZERO) - self.allocation

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que ces montants ont d'incertain."""
        heures = (phrase for ligne in self.lignes for phrase in ligne.horaire.reserves)
        return tuple(dict.fromkeys((*self.remarques, *heures, *self.prelevements.reserves)))


@dataclass(frozen=True, slots=True)
class Resultat:
    """Les mois d'un groupe, par salarié."""

    groupe: Groupe
    mois: tuple[Mois, ...]

    def total(self, nom: str) -> Decimal:
        """La somme d'un montant des mois, pour un salarié : « indemnite », « reste_a_charge », « cout »…"""
        return sum((getattr(mois, nom) or ZERO for mois in self.mois), ZERO)

    def total_du_groupe(self, nom: str) -> Decimal:
        """La même somme, pour tout le groupe."""
        return self.total(nom) * self.groupe.effectif

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que ces montants ont d'incertain, et les limites d'heures qu'ils dépassent."""
        return tuple(dict.fromkeys((*self.depassements, *(phrase for mois in self.mois for phrase in mois.reserves))))

    @property
    def depassements(self) -> tuple[str, ...]:
        """Une phrase par limite d'heures dépassée : contingent d'une année civile, réduction d'activité de l'APLD."""
        dispositif = self.groupe.situation.dispositif
        if not self.mois:
            return ()
        if dispositif in HORS_CONTINGENT:
            possibles = sum((m.reference.diviseur for m in self.mois), ZERO)
            jour = self.groupe.periodes[0].du
            phrases = [reduction_depassee(self.total("indemnisables"), possibles, jour, dispositif)]
        else:
            annees = groupby(self.mois, key=lambda m: m.premier.year)
            phrases = [contingent_depasse(a, sum((m.indemnisables for m in mois), ZERO)) for a, mois in annees]
        return tuple(phrase for phrase in phrases if phrase)


def simuler(groupe: Groupe) -> Resultat:
    """Chaque mois du groupe, par salarié (docs/regles/totaux-du-mois.md).

    Lève ValueError, avec une phrase, si les périodes se chevauchent ou dépassent le contrat ; HorsBareme si la loi
    d'un jour n'est pas connue.
    """
    refuser_les_chevauchements(groupe.periodes)
    parties = [partie for periode in sorted(groupe.periodes, key=lambda p: p.du) for partie in par_mois(periode)]
    for partie in parties:
        _refuser_plus_que_le_contrat(groupe, partie)
    mois = groupby(parties, key=lambda p: p.du.replace(day=1))
    return Resultat(groupe, tuple(_mois(groupe, premier, tuple(siennes)) for premier, siennes in mois))


def courbe(groupe: Groupe, premier: date, points: int = 21) -> tuple[Mois, ...]:
    """Le même mois, des heures chômées nulles à toutes : de quoi dessiner ce qu'un mois coûte."""
    dernier = dernier_du_mois(premier)
    toutes = duree_mensuelle(groupe.duree_hebdomadaire)
    heures = (nombres.arrondir(toutes * rang / (points - 1)) for rang in range(points))
    periodes = (Periode(premier.replace(day=1), dernier, chomees) for chomees in heures)
    return tuple(simuler(replace(groupe, periodes=(periode,))).mois[0] for periode in periodes)


def _refuser_plus_que_le_contrat(groupe: Groupe, partie: Periode) -> None:
    possible = possibles(partie.du, partie.au, groupe.duree_hebdomadaire)
    if partie.heures > possible:
        raise ValueError(
            f"Du {jour_en_lettres(partie.du)} au {jour_en_lettres(partie.au)}, le contrat prévoit au plus "
            f"{nombre(possible)} heures ; vous en indiquez {nombre(partie.heures)} non travaillées."
        )


def _mois(groupe: Groupe, premier: date, parties: tuple[Periode, ...]) -> Mois:
    reference, salaire, totaux, trace = _indemnisation(groupe, parties)
    verse = _complement(groupe.maintien, reference.taux_horaire, totaux.lignes)
    activite = salaire + verse.activite
    preleves = prelevements(
        totaux.indemnite + verse.remplacement,
        parties[-1].au,
        net_activite=_net(groupe, premier, activite) or ZERO,
        residence=residence_fiscale(groupe.situation, groupe.residence),
    )
    net_normal = _net(groupe, premier, groupe.remuneration)
    return Mois(
        premier=premier,
        contrat=duree_mensuelle(groupe.duree_hebdomadaire),
        chomees=sum((p.heures for p in parties), ZERO),
        indemnisables=totaux.heures,
        reference=reference,
        salaire=salaire,
        indemnite=totaux.indemnite,
        allocation=totaux.allocation,
        complement=verse.remplacement + verse.activite,
        cotisations=_cotisations(groupe, activite),
        cotisations_complement=_cotisations(groupe, verse.activite),
        prelevements=preleves,
        net=None if net_normal is None else preleves.net,
        net_normal=net_normal,
        brut_normal=groupe.remuneration,
        cout_normal=groupe.remuneration + (_cotisations(groupe, groupe.remuneration) or ZERO),
        lignes=totaux.lignes,
        trace=(*reference.trace, *trace, *verse.trace, *preleves.trace),
        remarques=_remarques(groupe, premier, net=net_normal),
    )


def _indemnisation(
    groupe: Groupe, parties: Sequence[Periode]
) -> tuple[TauxReference, Decimal, Totaux, tuple[Etape, ...]]:
    """Le taux de référence du mois, le brut de ses heures travaillées, ses heures indemnisables et ce qu'elles valent.

    La rémunération paie la durée retenue, la même tout le mois : les heures du contrat au-delà, chômées en premier,
    n'en retirent rien.
    """
    duree, net = groupe.duree_hebdomadaire, groupe.net_mensuel
    hebdomadaire, _ = duree_retenue(parties[0].du, duree, structurelles=groupe.structurelles)
    reference = taux_horaire(groupe.remuneration, duree_mensuelle(hebdomadaire))
    net_horaire = None if net is None else nombres.arrondir(net / reference.diviseur)
    lignes: list[Ligne] = []
    trace: list[Etape] = []
    travaillees = reference.diviseur
    for partie in parties:
        contrat, retenue = (plafond_de_la_periode(partie.du, partie.au, h) for h in (duree, hebdomadaire))
        payables = chomees_indemnisables(partie.heures, contrat, retenue)
        travaillees -= perdues(partie.heures, contrat, retenue, Euros)
        trace += payables.trace
        a_payer = [replace(partie, heures=payables.indemnisables)]
        lignes += totaliser(reference.taux_horaire, a_payer, groupe.situation, net_horaire=net_horaire).lignes
    salaire = max(ZERO, nombres.arrondir(groupe.remuneration * travaillees / reference.diviseur))
    return reference, salaire, Totaux(tuple(lignes)), tuple(trace)


class _Complement(NamedTuple):
    """Le complément d'un mois, en euros : ce qui suit le régime de l'indemnité, ce qui suit celui du salaire."""

    remplacement: Decimal = ZERO
    activite: Decimal = ZERO
    trace: tuple[Etape, ...] = ()


def _complement(maintien: Decimal | None, taux: Decimal, lignes: Iterable[Ligne]) -> _Complement:
    somme = _Complement()
    if maintien is None:
        return somme
    for ligne in lignes:
        jour, heures, due = ligne.periode.du, ligne.periode.heures, ligne.horaire.indemnite
        if connait_le_partage(jour):
            c = complement(taux, due, maintien, jour)
            parts, etapes = (c.part_remplacement, c.part_activite), c.trace
        else:
            parts, etapes = (max(ZERO, nombres.arrondir(taux * maintien) - due), ZERO), ()
        remplacement, activite = (nombres.arrondir(part * heures) for part in parts)
        somme = _Complement(somme.remplacement + remplacement, somme.activite + activite, somme.trace + etapes)
    return somme


def _net(groupe: Groupe, jour: date, brut: Decimal) -> Decimal | None:
    """Le net de ce brut : en proportion de celui que l'employeur donne, sinon estimé ; None s'il ne s'estime pas."""
    if groupe.net_mensuel is not None and groupe.remuneration:
        return nombres.arrondir(brut * groupe.net_mensuel / groupe.remuneration)
    part = part_nette(jour)
    return None if part is None else nombres.arrondir(brut * part)


def part_nette(jour: date) -> Decimal | None:
    """La part du brut qui reste aux taux ordinaires des cotisations ; None si on ne les connaît pas."""
    if not bareme().connait("prelevements.cotisations_salariales", jour):
        return None
    return UN - bareme().valeur("prelevements.cotisations_salariales", jour).nombre


def residence_fiscale(situation: Situation, residence: Residence) -> Residence:
    """Le régime de prélèvement : à Mayotte, le sien, où que l'on réside."""
    return Residence.MAYOTTE if situation.mayotte else residence


def _cotisations(groupe: Groupe, brut: Decimal) -> Decimal | None:
    taux = groupe.cotisations_patronales
    return None if taux is None else nombres.arrondir(brut * taux)


def sans_minimum_mensuel(situation: Situation, jour: date) -> bool:
    """Vrai si la rémunération mensuelle minimale peut imposer un complément qui n'est pas compté."""
    return jour < PLANCHER_HORAIRE_DES and situation.statut is Statut.ORDINAIRE


def _remarques(groupe: Groupe, premier: date, *, net: Decimal | None) -> tuple[str, ...]:
    estime = net is not None and not (groupe.net_mensuel is not None and groupe.remuneration)
    dites = {
        SANS_PARTAGE: groupe.maintien is not None and not connait_le_partage(premier),
        SANS_NET: net is None,
        SANS_ECRETEMENT: net is None,
        NET_ORDINAIRE: estime and groupe.situation.statut is Statut.ALTERNANT,
        NET_DE_METROPOLE: estime and groupe.situation.mayotte,
        MINIMUM_MENSUEL: sans_minimum_mensuel(groupe.situation, premier),
    }
    return tuple(phrase for phrase, vraie in dites.items() if vraie)

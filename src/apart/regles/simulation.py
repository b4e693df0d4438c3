"""Un ou plusieurs groupes de salariés, sur plusieurs mois : ce que chacun reçoit, ce que l'employeur paie et récupère.

Tout montant vient des autres modules ; celui-ci met les mois bout à bout.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

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
        """La somme d'un montant des mois, pour un salarié : « indemnite », « allocation », « reste_a_charge », « cout
        »…
        """
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
    contrat = duree_mensuelle(groupe.duree_hebdomadaire)
    chomees = sum((p.heures for p in parties), ZERO)
    reference, totaux, trace = _indemnisation(groupe, parties)
    verse = _Complement.de(groupe, reference, totaux.lignes)
    salaire = _salaire(groupe, reference, parties)
    net = _Net.de(groupe, premier)
    preleves = prelevements(
        totaux.indemnite + verse.remplacement,
        parties[-1].au,
        net_activite=net.du_brut(salaire + verse.activite) or ZERO,
        residence=residence_fiscale(groupe.situation, groupe.residence),
    )
    return Mois(
        premier=premier,
        contrat=contrat,
        chomees=chomees,
        indemnisables=totaux.heures,
        reference=reference,
        salaire=salaire,
        indemnite=totaux.indemnite,
        allocation=totaux.allocation,
        complement=verse.total,
        cotisations=_cotisations(groupe, salaire + verse.activite),
        cotisations_complement=_cotisations(groupe, verse.activite),
        prelevements=preleves,
        net=preleves.net if net.net is not None else None,
        net_normal=net.du_brut(groupe.remuneration),
        brut_normal=groupe.remuneration,
        cout_normal=groupe.remuneration + (_cotisations(groupe, groupe.remuneration) or ZERO),
        lignes=totaux.lignes,
        trace=(*reference.trace, *trace, *verse.trace, *preleves.trace),
        remarques=_remarques(groupe, premier, net, verse),
    )


def _indemnisation(groupe: Groupe, parties: tuple[Periode, ...]) -> tuple[TauxReference, Totaux, tuple[Etape, ...]]:
    """Le taux de référence du mois, ses heures indemnisables et ce qu'elles valent."""
    lignes: list[Ligne] = []
    trace: list[Etape] = []
    reference: TauxReference | None = None
    for partie in parties:
        retenue, _ = duree_retenue(partie.du, groupe.duree_hebdomadaire, structurelles=groupe.structurelles)
        reference = taux_horaire(groupe.remuneration, duree_mensuelle(retenue))
        payables = chomees_indemnisables(
            partie.heures,
            plafond_de_la_periode(partie.du, partie.au, groupe.duree_hebdomadaire),
            plafond_de_la_periode(partie.du, partie.au, retenue),
        )
        trace += payables.trace
        a_payer = [Periode(partie.du, partie.au, payables.indemnisables)]
        net = groupe.net_mensuel
        net_horaire = None if net is None else nombres.arrondir(net / reference.diviseur)
        lignes += totaliser(reference.taux_horaire, a_payer, groupe.situation, net_horaire=net_horaire).lignes
    assert reference is not None  # noqa: S101  # un mois a au moins une partie
    return reference, Totaux(tuple(lignes)), tuple(trace)


def _salaire(groupe: Groupe, reference: TauxReference, parties: tuple[Periode, ...]) -> Decimal:
    """Brut des heures travaillées. La rémunération paie la durée retenue : les heures du contrat au-delà, chômées en
    premier, n'en retirent rien.
    """
    hebdomadaire, _ = duree_retenue(parties[0].du, groupe.duree_hebdomadaire, structurelles=groupe.structurelles)
    payees = reference.diviseur
    for partie in parties:
        contrat = plafond_de_la_periode(partie.du, partie.au, groupe.duree_hebdomadaire)
        retenue = plafond_de_la_periode(partie.du, partie.au, hebdomadaire)
        payees -= perdues(partie.heures, contrat, retenue, Euros)
    return max(ZERO, nombres.arrondir(groupe.remuneration * payees / reference.diviseur))


@dataclass(frozen=True, slots=True)
class _Complement:
    """Le complément d'un mois, en euros : ce qui suit le régime de l'indemnité, ce qui suit celui du salaire."""

    remplacement: Decimal = ZERO
    activite: Decimal = ZERO
    trace: tuple[Etape, ...] = ()
    est_partage: bool = True

    @property
    def total(self) -> Decimal:
        return self.remplacement + self.activite

    @classmethod
    def de(cls, groupe: Groupe, reference: TauxReference, lignes: Iterable[Ligne]) -> _Complement:
        if groupe.maintien is None:
            return cls()
        somme = cls()
        for ligne in lignes:
            somme = somme._ajouter(groupe.maintien, reference, ligne)
        return somme

    def _ajouter(self, maintien: Decimal, reference: TauxReference, ligne: Ligne) -> _Complement:
        jour, heures = ligne.periode.du, ligne.periode.heures
        taux, due = reference.taux_horaire, ligne.horaire.indemnite
        if not connait_le_partage(jour):
            verse = max(ZERO, nombres.arrondir(taux * maintien) - due)
            return replace(self, remplacement=self.remplacement + nombres.arrondir(verse * heures), est_partage=False)
        c = complement(taux, due, maintien, jour)
        return replace(
            self,
            remplacement=self.remplacement + nombres.arrondir(c.part_remplacement * heures),
            activite=self.activite + nombres.arrondir(c.part_activite * heures),
            trace=(*self.trace, *c.trace),
        )


@dataclass(frozen=True, slots=True)
class _Net:
    """De quoi passer du salaire brut au net : un net pour un brut, donnés par l'employeur, ou la part estimée."""

    net: Decimal | None
    brut: Decimal
    est_donne: bool

    @classmethod
    def de(cls, groupe: Groupe, jour: date) -> _Net:
        if groupe.net_mensuel is not None and groupe.remuneration:
            return cls(groupe.net_mensuel, groupe.remuneration, est_donne=True)
        return cls(part_nette(jour), UN, est_donne=False)

    def du_brut(self, brut: Decimal) -> Decimal | None:
        return None if self.net is None else nombres.arrondir(brut * self.net / self.brut)


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


def _remarques(groupe: Groupe, premier: date, net: _Net, verse: _Complement) -> tuple[str, ...]:
    alternant = groupe.situation.statut is Statut.ALTERNANT
    net_estime = net.net is not None and not net.est_donne
    dites = {
        SANS_PARTAGE: not verse.est_partage,
        SANS_NET: net.net is None,
        SANS_ECRETEMENT: net.net is None,
        NET_ORDINAIRE: alternant and net_estime,
        NET_DE_METROPOLE: groupe.situation.mayotte and net_estime,
        MINIMUM_MENSUEL: sans_minimum_mensuel(groupe.situation, premier),
    }
    return tuple(phrase for phrase, vraie in dites.items() if vraie)

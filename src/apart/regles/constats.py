"""Ce qu'un résultat a d'étonnant ou d'incertain, en phrases à lire à côté de lui. Aucun montant n'y change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from apart.regles import simulation
from apart.regles.bareme import bareme
from apart.regles.francais import euros, heures, jour_en_lettres, mois_en_lettres
from apart.regles.heures import CONCLUES_AVANT, Structurelles, duree_retenue
from apart.regles.horaire import PROPORTION
from apart.regles.mois import Ligne
from apart.regles.nombres import CENTIME, arrondir
from apart.regles.reference import duree_mensuelle
from apart.regles.simulation import Groupe, Mois, Resultat, simuler
from apart.regles.situations import Statut
from apart.regles.traces import Etape
from apart.regles.valeurs import INCERTAINE, SECONDAIREMENT_LUE

ZERO = Decimal()
DU_NET = frozenset(
    {simulation.SANS_NET, simulation.SANS_ECRETEMENT, simulation.NET_ORDINAIRE, simulation.NET_DE_METROPOLE}
)
SANS_DATE = (
    "De mars 2020 à décembre 2021, les heures structurelles ne sont payées que si le forfait ou l'accord date d'avant "
    "le 23 avril 2020 : indiquez sa date."
)
RESTE_NEGATIF = "L'allocation dépasse l'indemnité : le reste à charge est négatif."
# Sous cette durée, un salaire d'au moins un SMIC de temps plein fait douter : c'est peut-être celui d'un temps plein.
PETIT_TEMPS_PARTIEL = Decimal(28)
POURQUOI = re.compile(rf"({SECONDAIREMENT_LUE}|{INCERTAINE}).*", re.DOTALL)


class Sorte(StrEnum):
    """Ce sur quoi porte un constat."""

    STRUCTURELLES = "structurelles"
    TEMPS_PARTIEL = "temps_partiel"
    NET = "net"
    RESTE_NEGATIF = "reste_negatif"
    LIMITE = "limite"
    PROJECTION = "projection"


class Constat(NamedTuple):
    """Une chose à dire, et sur quoi elle porte."""

    sorte: Sorte
    phrase: str


def constats(resultat: Resultat, *, structurelles_dites: bool) -> tuple[Constat, ...]:
    """Ce que ce résultat a d'étonnant ; vide le plus souvent.

    structurelles_dites : faux si personne n'a dit ce que sont les heures du contrat au-delà de la durée légale.
    """
    dits = {
        Sorte.STRUCTURELLES: _structurelles(resultat, structurelles_dites),
        Sorte.TEMPS_PARTIEL: _temps_partiel(resultat),
        Sorte.NET: _net_au_dessus(resultat),
        Sorte.RESTE_NEGATIF: reste_negatif(resultat.mois),
        Sorte.LIMITE: " ".join(resultat.depassements),
        Sorte.PROJECTION: _projection(resultat.mois),
    }
    return tuple(Constat(sorte, phrase) for sorte, phrase in dits.items() if phrase)


def heures_payees(resultat: Resultat) -> str:
    """Combien d'heures chômées sont indemnisées, par salarié, et pourquoi (R5122-11, L5122-3)."""
    chomees, payees = resultat.total("chomees"), resultat.total("indemnisables")
    if not chomees:
        return f"{heures(chomees)} non travaillées : rien n'est à payer."
    if chomees == payees:
        prevues = resultat.groupe.structurelles is not None and _depasse(resultat)
        reste = f", y compris au-delà de {_legale(resultat)} par semaine" if prevues else ""
        return f"{heures(chomees)} non travaillées, toutes payées{reste}."
    au_dela = any(m.reference.diviseur < m.contrat for m in resultat.mois)
    raison = (
        f"les {heures(chomees - payees)} au-delà de {_legale(resultat)} par semaine, comptées en premier, ne sont pas "
        "indemnisées"
        if au_dela
        else f"sur ces jours, {_legale(resultat)} par semaine n'en permettent pas plus"
    )
    return f"{heures(chomees)} non travaillées, {heures(payees)} payées : {raison}."


def autre_lecture(resultat: Resultat) -> Resultat | None:
    """Le même groupe, si ses heures au-delà de la durée légale étaient structurelles ; None si rien ne changerait.

    Là où la date de l'accord compte (SANS_DATE) et manque, il est supposé d'avant le 23 avril 2020.
    """
    dites = resultat.groupe.structurelles
    if not _depasse(resultat) or (dites is not None and dites.conclues_le is not None):
        return None
    supposees = Structurelles(CONCLUES_AVANT - timedelta(days=1))
    autre = simuler(replace(resultat.groupe, structurelles=supposees))
    return autre if autre.total("indemnisables") != resultat.total("indemnisables") else None


def sous_le_smic(groupe: Groupe) -> str:
    """Pourquoi le taux horaire tombe sous le SMIC, à un centime d'arrondi près ; vide s'il n'y tombe pas.

    Quand la rémunération le vaut sur la durée légale, c'est le diviseur qui est en cause : elle ne paie sans doute pas
    les heures au-delà.
    """
    jour = groupe.periodes[0].du
    minimum = _smic(groupe)
    hebdomadaire, _ = duree_retenue(jour, groupe.duree_hebdomadaire, structurelles=groupe.structurelles)
    taux = arrondir(groupe.remuneration / duree_mensuelle(hebdomadaire))
    if minimum is None or taux >= minimum - CENTIME:
        return ""
    phrase = (
        f"Cette rémunération donne {euros(taux)} de l'heure, moins que le SMIC en vigueur le {jour_en_lettres(jour)} "
        f"({euros(minimum)})."
    )
    a_mayotte = _smic(replace(groupe, situation=replace(groupe.situation, mayotte=True)))
    if a_mayotte is not None and taux >= a_mayotte - CENTIME:
        phrase += " Elle atteint celui de Mayotte : si l'établissement y est, indiquez-le."
    legale = duree_mensuelle(_duree_legale(groupe))
    if groupe.remuneration / legale < minimum - CENTIME:
        return phrase
    return (
        f"{phrase} Elle est divisée par {heures(duree_mensuelle(hebdomadaire))} : si elle n'en paie que "
        f"{heures(legale)}, ajoutez le salaire des heures au-delà."
    )


def _smic(groupe: Groupe) -> Decimal | None:
    jour = groupe.periodes[0].du
    cle = "smic.horaire_brut_mayotte" if groupe.situation.mayotte else "smic.horaire_brut"
    return bareme().valeur(cle, jour).nombre if bareme().connait(cle, jour) else None


def reste_negatif(mois: Sequence[Mois]) -> str:
    """Pourquoi un reste à charge est négatif ; vide si aucun ne l'est (docs/regles/reste-a-charge.md)."""
    negatifs = [m for m in mois if m.reste_a_charge < 0]
    if not negatifs:
        return ""
    m, *suite = negatifs
    autres = f" (et {len(suite)} autre{'s' if len(suite) > 1 else ''} mois)" if suite else ""
    return (
        f"En {mois_en_lettres(m.premier)}{autres}, l'allocation ({euros(m.allocation)}) dépasse l'indemnité "
        f"({euros(m.indemnite)}) de {euros(-m.reste_a_charge)} par salarié : {_raison(m.lignes)}. Le reste à charge "
        "est donc négatif."
    )


def _raison(lignes: Sequence[Ligne]) -> str:
    horaire = max((ligne.horaire for ligne in lignes), key=lambda h: h.allocation - h.indemnite)
    forfaitaire = any("forfait" in valeur.cle for etape in horaire.trace for valeur in etape.valeurs)
    nature = "un forfait, quel que soit le salaire" if forfaitaire else "un montant minimal"
    return (
        f"l'État rembourse {euros(horaire.allocation)} de l'heure, {nature}, plus que l'indemnité de ce salaire, "
        f"{euros(horaire.indemnite)}"
    )


def _depasse(resultat: Resultat) -> bool:
    return resultat.groupe.duree_hebdomadaire > _duree_legale(resultat.groupe)


def _duree_legale(groupe: Groupe) -> Decimal:
    return bareme().valeur("heures.duree_legale_hebdomadaire", groupe.periodes[0].du).nombre


def _legale(resultat: Resultat) -> str:
    return heures(_duree_legale(resultat.groupe))


def _structurelles(resultat: Resultat, dites: bool) -> str:
    oui = resultat.groupe.structurelles is not None
    autre = autre_lecture(resultat) if oui or not dites else None
    if autre is None:
        return ""
    if oui:
        return SANS_DATE
    lues = (
        f"{heures(r.total('indemnisables'))} payées et {euros(r.total('allocation'))} d'allocation par salarié"
        for r in (resultat, autre)
    )
    return (
        f"Le contrat dépasse {_legale(resultat)} par semaine. Si ces heures ne sont pas structurelles, ce qui est "
        f"calculé ici : {next(lues)} ; si elles le sont : {next(lues)}."
    )


def _temps_partiel(resultat: Resultat) -> str:
    groupe = resultat.groupe
    legale, duree = _duree_legale(groupe), groupe.duree_hebdomadaire
    if groupe.situation.statut is Statut.TEMPS_PARTIEL and duree >= legale:
        return f"Un temps partiel compte moins de {heures(legale)} par semaine : indiquez la durée de son contrat."
    plein = _smic(groupe)
    if duree > PETIT_TEMPS_PARTIEL or plein is None or groupe.remuneration < plein * duree_mensuelle(legale):
        return ""
    return (
        f"{euros(groupe.remuneration)} pour {heures(duree)} par semaine font "
        f"{euros(resultat.mois[0].reference.taux_horaire)} de l'heure. Si c'est le salaire d'un temps plein, indiquez "
        f"celui de ce contrat : {euros(groupe.remuneration * duree / legale)}."
    )


def _net_au_dessus(resultat: Resultat) -> str:
    if resultat.groupe.situation.mayotte and resultat.groupe.net_mensuel is None:
        return ""  # simulation.NET_DE_METROPOLE : l'écart ne serait que celui des cotisations
    for m in resultat.mois:
        if m.net is not None and m.net_normal is not None and m.net > m.net_normal:
            preleve = m.prelevements.preleve
            combien = f"ne supporte que {euros(preleve)} de prélèvements, moins que" if preleve else "ne supporte pas"
            return (
                f"En {mois_en_lettres(m.premier)}, le net estimé ({euros(m.net)}) dépasse celui d'un mois normal "
                f"({euros(m.net_normal)}) : l'indemnité {combien} les cotisations du salaire qu'elle "
                "remplace." + (" Garantir moins que tout le brut suffit à maintenir le net." if m.complement else "")
            )
    return ""


def _projection(mois: Iterable[Mois]) -> str:
    """Des taux d'après les derniers publiés : la même phrase pour tous."""
    etapes = (e for m in mois for e in (*m.trace, *(e for ligne in m.lignes for e in ligne.horaire.trace)))
    return next((v.projection for e in etapes for v in e.valeurs if v.projection), "")


# --- L'incertitude ---


def incertitudes(resultat: Resultat, *, avec_net: bool) -> tuple[str, ...]:
    """Ce que les montants ont d'incertain et qui a joué, une courte phrase chacune.

    avec_net : le net est montré, ce qu'il a d'incertain compte. Une valeur à confirmer qui n'a rien changé (un
    plancher déjà dépassé) n'y est pas.
    """
    dites = [phrase for mois in resultat.mois for phrase in _du_mois(mois, avec_net=avec_net)]
    return tuple(dict.fromkeys(POURQUOI.sub(r"\1.", phrase) for phrase in dites))


def _du_mois(mois: Mois, *, avec_net: bool) -> Iterable[str]:
    for phrase in mois.remarques:
        if phrase == simulation.MINIMUM_MENSUEL:  # un mois payé plus que le SMIC n'en demande pas
            yield from [phrase] if mois.brut < mois.prelevements.seuil else []
        elif avec_net or phrase not in DU_NET:
            yield phrase
    for ligne in mois.lignes if mois.indemnisables else ():
        yield from (*ligne.horaire.remarques, *_qui_ont_joue(ligne.horaire.trace))
    if avec_net:
        yield from (v.reserve for etape in mois.prelevements.trace for v in etape.valeurs if v.reserve)


def _qui_ont_joue(trace: Sequence[Etape]) -> Iterable[str]:
    """Les réserves des étapes qui ont changé le montant : relever à un plancher déjà dépassé ne change rien."""
    for avant, etape in pairwise(trace):
        a_neuf = etape.regle == "allocation-horaire" and avant.regle != etape.regle  # ne continue pas l'indemnité
        if a_neuf or avant.resultat != etape.resultat:
            # Sous le plafond d'une part, le SMIC qui le fixe n'a rien changé.
            lues = (v for v in etape.valeurs if v.unite == "fraction" or etape.modele != PROPORTION)
            yield from (v.reserve for v in lues if v.reserve)

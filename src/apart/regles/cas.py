"""Des cas écrits à plat, comme les exemples publiés : un type, une date, un régime, des entrées ; des résultats
nommés.

C'est la porte de « apart bareme calculer » et des exemples qui servent de preuve (docs/regles/cas.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from apart.regles import complements, contingents, delais, heures, nombres, prelevements, reference
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.horaire import montant_horaire
from apart.regles.mois import Periode, totaliser
from apart.regles.situations import Dispositif, Secteur, Situation, Statut
from apart.regles.traces import Etape, reserves

ZERO = Decimal()


class CasRefuse(ValueError):
    """Le cas ne se calcule pas ; la phrase dit quel champ, et quoi faire."""


@dataclass(frozen=True, slots=True)
class Reponse:
    """Les résultats d'un cas, sous les noms des exemples publiés, et leur trace."""

    resultats: dict[str, Any]  # Decimal, int, date
    trace: tuple[Etape, ...]
    remarques: tuple[str, ...] = ()

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que le résultat a d'incertain."""
        return tuple(dict.fromkeys((*self.remarques, *reserves(self.trace))))


def calculer(cas: Mapping[str, Any]) -> Reponse:
    """Calcule un cas : « type », « date », « regime », « entrees » (montants en euros, durées en heures).

    Lève CasRefuse, avec une phrase, si un champ manque, n'est pas du bon genre, ou sort de ce que la loi connaît.
    """
    if not isinstance(cas, Mapping):
        raise CasRefuse("Un cas est un objet avec « type », « date », « regime » et « entrees ».")
    type_ = cas.get("type")
    if type_ not in TYPES:
        raise CasRefuse(f"Le type « {type_} » n'existe pas. Types connus : {', '.join(sorted(TYPES))}.")
    entrees = cas.get("entrees")
    if not isinstance(entrees, Mapping):
        raise CasRefuse("« entrees » manque : c'est l'objet qui porte les données du cas.")
    e = Entrees(_date(cas.get("date"), "date"), situation(cas.get("regime"), entrees), entrees)
    try:
        return TYPES[type_](e)
    except (HorsBareme, ValueError) as refus:
        raise CasRefuse(str(refus)) from refus


REGIMES = {
    "droit_commun": (Dispositif.DROIT_COMMUN, Secteur.ORDINAIRE, False),
    "mayotte": (Dispositif.DROIT_COMMUN, Secteur.ORDINAIRE, True),
    **{s.value: (Dispositif.DROIT_COMMUN, s, False) for s in Secteur if s is not Secteur.ORDINAIRE},
    **{d.value: (d, Secteur.ORDINAIRE, False) for d in Dispositif if d is not Dispositif.DROIT_COMMUN},
}


def situation(regime: object, entrees: Mapping[str, Any]) -> Situation:
    """La situation que décrivent « regime » et, dans les entrées, secteur, statut, mayotte, effectif, formation,
    garde_enfant.
    """
    if regime is None:
        regime = Dispositif.DROIT_COMMUN.value
    if not isinstance(regime, str) or regime not in REGIMES:
        raise CasRefuse(f"Le régime « {regime} » n'existe pas. Régimes connus : {', '.join(REGIMES)}.")
    dispositif, secteur, mayotte = REGIMES[regime]
    e = Entrees(date.min, Situation(), entrees)
    return Situation(
        dispositif=dispositif,
        secteur=e.choix("secteur", Secteur, secteur),
        statut=e.choix("statut", Statut, Statut.ORDINAIRE),
        mayotte=e.booleen("mayotte", mayotte),
        plus_de_250=(e.nombre("effectif", ZERO) or ZERO) > _seuil_effectif(),
        formation=e.booleen("formation"),
        garde_enfant=e.booleen("garde_enfant"),
    )


def _seuil_effectif() -> Decimal:
    return bareme().parametres["droit_commun.forfait_seuil_effectif"].valeurs[0].nombre


@dataclass(frozen=True, slots=True)
class Entrees:
    """Les données d'un cas, lues avec une phrase quand elles ne vont pas."""

    jour: date
    situation: Situation
    donnees: Mapping[str, Any]

    def exige(self, nom: str) -> Decimal:
        if self.donnees.get(nom) is None:
            raise CasRefuse(f"« {nom} » manque dans les entrées.")
        nombre = self.nombre(nom)
        assert nombre is not None  # noqa: S101  # vérifié ci-dessus
        return nombre

    def nombre(self, nom: str, defaut: Decimal | None = None) -> Decimal | None:
        valeur = self.donnees.get(nom)
        return defaut if valeur is None else _decimal(valeur, nom)

    def positif(self, nom: str, defaut: Decimal | None = None) -> Decimal:
        nombre = self.exige(nom) if defaut is None else self.nombre(nom, defaut)
        assert nombre is not None  # noqa: S101  # il y a un défaut
        if nombre < 0:
            raise CasRefuse(f"« {nom} » ne peut pas être négatif : {nombre}.")
        return nombre

    def facultatif(self, nom: str) -> Decimal | None:
        return None if self.donnees.get(nom) is None else self.positif(nom)

    def booleen(self, nom: str, defaut: bool = False) -> bool:
        valeur = self.donnees.get(nom, defaut)
        if not isinstance(valeur, bool):
            raise CasRefuse(f"« {nom} » vaut true ou false, pas « {valeur} ».")
        return valeur

    def choix(self, nom: str, choix: Any, defaut: Any) -> Any:
        valeur = self.donnees.get(nom, defaut)
        try:
            return choix(valeur)
        except ValueError:
            permis = ", ".join(membre.value for membre in choix)
            raise CasRefuse(f"« {nom} » vaut « {valeur} » ; valeurs possibles : {permis}.") from None

    def date(self, nom: str) -> date:
        return _date(self.donnees.get(nom), nom)

    def nombres(self, nom: str) -> list[Decimal]:
        valeurs = self.donnees.get(nom) or []
        if not isinstance(valeurs, list):
            raise CasRefuse(f"« {nom} » est une liste de nombres.")
        return [_decimal(valeur, nom) for valeur in valeurs]


def _decimal(valeur: object, nom: str) -> Decimal:
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | str | Decimal):
        raise CasRefuse(f"« {nom} » est un nombre, pas « {valeur} ».")
    try:
        nombre = Decimal(str(valeur).replace(",", ".").replace("\u202f", "").replace("\u00a0", "").strip())
    except InvalidOperation:
        raise CasRefuse(f"« {nom} » est un nombre, pas « {valeur} ».") from None
    if not nombre.is_finite() or abs(nombre) >= 10**9:
        raise CasRefuse(f"« {nom} » est hors de toute mesure : {valeur}.")
    return nombre


def _date(valeur: object, nom: str) -> date:
    if isinstance(valeur, date):
        return valeur
    if valeur is None:
        raise CasRefuse(f"« {nom} » manque : une date de la forme AAAA-MM-JJ.")
    try:
        return date.fromisoformat(str(valeur))
    except ValueError:
        raise CasRefuse(f"« {nom} » n'est pas une date de la forme AAAA-MM-JJ : « {valeur} ».") from None


# --- Un type, un calcul ---


def _montant(e: Entrees) -> Reponse:
    taux, net = e.positif("taux_horaire_brut"), e.facultatif("taux_horaire_net")
    horaire = montant_horaire(taux, e.jour, e.situation, net_horaire=net)
    resultats: dict[str, Any] = {
        "indemnite_horaire": horaire.indemnite,
        "allocation_horaire": horaire.allocation,
        "reste_a_charge_horaire": horaire.reste_a_charge,
    }
    trace = horaire.trace
    if (chomees := e.facultatif("heures_indemnisables")) is not None:
        totaux = totaliser(taux, [Periode(e.jour, e.jour, chomees)], e.situation, net_horaire=net)
        preleves = _preleves(e, totaux.indemnite)
        trace += preleves.trace
        resultats |= {
            "indemnite_totale": totaux.indemnite,
            "allocation_totale": totaux.allocation,
            "reste_a_charge": totaux.reste_a_charge,
            "csg_crds": preleves.preleve,
        }
    return Reponse(resultats, trace, horaire.remarques)


def _preleves(e: Entrees, indemnite: Decimal) -> prelevements.Prelevements:
    lieu = prelevements.Residence.MAYOTTE if e.situation.mayotte else prelevements.Residence.METROPOLE
    return prelevements.prelevements(
        indemnite,
        e.jour,
        net_activite=e.positif("net_activite", ZERO),
        residence=e.choix("residence", prelevements.Residence, lieu),
        csg_reduite=e.booleen("csg_reduite"),
    )


def _complement(e: Entrees) -> Reponse:
    horaire = montant_horaire(e.positif("taux_horaire_brut"), e.jour, e.situation)
    c = complements.complement(horaire.taux_horaire, horaire.indemnite, e.positif("maintien", Decimal(1)), e.jour)
    resultats = {
        "indemnite_horaire": horaire.indemnite,
        "allocation_horaire": horaire.allocation,
        "complement": c.complement,
        "part_remplacement": c.part_remplacement,
        "part_activite": c.part_activite,
        **({"seuil": c.seuil} if c.seuil is not None else {}),
    }
    return Reponse(resultats, horaire.trace + c.trace, horaire.remarques)


def _reference(e: Entrees) -> Reponse:
    legale = bareme().valeur("heures.duree_legale_mensuelle", e.jour).nombre
    diviseur = e.positif("diviseur", legale)
    r = reference.taux_horaire(e.positif("salaire_mensuel"), diviseur, e.nombres("variables"))
    resultats: dict[str, Any] = {"taux_horaire": r.taux_horaire}
    trace = r.trace
    if (travaillees := e.facultatif("heures_travaillees")) is not None:
        h = heures.indemnisables_du_mois(travaillees, diviseur, e.positif("assimilees", ZERO))
        resultats["heures_indemnisables"] = h.indemnisables
        trace += h.trace
    return Reponse(resultats, trace)


def _heures(e: Entrees) -> Reponse:
    if any(nom in e.donnees for nom in ("jours", "demi_journees", "semaines")):
        h = heures.forfait_jours(
            e.jour,
            e.positif("jours", ZERO),
            e.positif("demi_journees", ZERO),
            semaines=e.positif("semaines", ZERO),
            deduites=e.positif("jours_deduits", ZERO),
        )
        return Reponse({"heures_indemnisables": h.indemnisables}, h.trace)
    accord = e.donnees.get("accord_du")
    structurelles = heures.Structurelles(None if accord is None else e.date("accord_du"))
    h = heures.indemnisables(
        e.jour,
        e.positif("travaillees"),
        e.positif("duree_hebdo"),
        assimilees=e.positif("assimilees", ZERO),
        collective=e.facultatif("duree_collective"),
        structurelles=structurelles if e.booleen("structurelles") or accord is not None else None,
        equivalence=e.facultatif("equivalence"),
    )
    return Reponse({"heures_indemnisables": h.indemnisables}, h.trace)


def _plafond(e: Entrees) -> Reponse:
    """Le plafond horaire d'un taux : taux × 4,5 SMIC, au centime."""
    taux = e.positif("taux")
    multiple = bareme().valeur("droit_commun.allocation_plafond_smic", e.jour)
    smic = bareme().valeur("smic.horaire_brut", e.jour)
    plafond = nombres.arrondir(taux * multiple.nombre * smic.nombre)
    modele = "{taux:pourcent} de {multiple:nombre} SMIC ({smic:euros}) = {plafond:euros}."
    lus = {"taux": taux, "multiple": multiple.nombre, "smic": smic.nombre, "plafond": plafond}
    etape = Etape("allocation-horaire", "D5122-13", modele, lus, plafond, "euros_par_heure", (multiple, smic))
    return Reponse({"plafond_horaire": plafond}, (etape,))


def _forfait(e: Entrees) -> Reponse:
    e.exige("effectif")
    if not bareme().connait("droit_commun.forfait_jusqu_a_250", e.jour):
        bareme().valeur("droit_commun.forfait_jusqu_a_250", e.jour)  # lève, avec la raison
    horaire = montant_horaire(e.positif("taux_horaire_brut", Decimal(1000)), e.jour, e.situation)
    return Reponse({"allocation_horaire": horaire.allocation}, horaire.trace, horaire.remarques)


def _ecretement(e: Entrees) -> Reponse:
    p = _preleves(e, e.positif("indemnite"))
    resultats = {
        "csg_deductible": p.csg_deductible,
        "csg_non_deductible": p.csg_non_deductible,
        "crds": p.crds,
        "total": p.total,
        "net_sans_ecretement": p.net_sans_ecretement,
        "seuil": p.seuil,
        "preleve": p.preleve,
        "net": p.net,
        **({"maladie": p.maladie} if p.maladie else {}),
    }
    return Reponse(resultats, p.trace)


def _apld_reduction(e: Entrees) -> Reponse:
    dispositif = e.situation.dispositif
    if dispositif not in contingents.HORS_CONTINGENT:
        dispositif = Dispositif.APLD
    legale = bareme().valeur("heures.duree_legale_hebdomadaire", e.jour).nombre
    defaut = bareme().valeur(f"{dispositif}.reduction_maximale", e.jour).nombre
    r = contingents.reduction_apld(e.positif("duree_hebdo", legale), e.positif("taux", defaut), e.jour, dispositif)
    return Reponse({"heures": r.heures}, r.trace)


def _duree_autorisation(e: Entrees) -> Reponse:
    periodes = e.donnees.get("autorisations")
    if not isinstance(periodes, Sequence) or isinstance(periodes, str):
        raise CasRefuse("« autorisations » est une liste de périodes : [[premier jour, dernier jour], …].")
    lues = []
    for rang, periode in enumerate(periodes, 1):
        if not isinstance(periode, Sequence) or isinstance(periode, str) or len(periode) != 2:
            raise CasRefuse(f"La période {rang} d'« autorisations » n'a pas ses deux dates.")
        lues.append((_date(periode[0], f"autorisations, {rang}"), _date(periode[1], f"autorisations, {rang}")))
    d = delais.duree_d_autorisation(lues, e.jour, sinistre=e.booleen("sinistre"))
    resultats = {
        "mois_restants": d.mois_restants,
        "jours_restants": d.jours_restants,
        "mois_consommes": d.mois_consommes,
        "duree_maximale": d.maximum,
    }
    return Reponse(resultats, d.trace)


def _delai_demande(e: Entrees) -> Reponse:
    if "fin_autorisation" in e.donnees:
        limite = delais.demande_de_versement(e.date("fin_autorisation"))
    else:
        jours = e.facultatif("delai_jours")
        limite = delais.demande_a_posteriori(e.date("placement"), None if jours is None else int(jours))
    return Reponse({"limite": limite.limite}, limite.trace)


def _contingent(e: Entrees) -> Reponse:
    c = contingents.contingent(
        e.jour.year,
        e.positif("heures_consommees", ZERO),
        dispositif=e.situation.dispositif,
        transformation=e.booleen("transformation"),
        jour=e.jour,
    )
    return Reponse({"contingent": c.annuel, "heures_restantes": c.restantes}, c.trace)


TYPES: dict[Any, Callable[[Entrees], Reponse]] = {
    "montant": _montant,
    "complement": _complement,
    "reference": _reference,
    "heures": _heures,
    "plafond": _plafond,
    "forfait": _forfait,
    "ecretement": _ecretement,
    "apld_reduction": _apld_reduction,
    "duree_autorisation": _duree_autorisation,
    "delai_demande": _delai_demande,
    "contingent": _contingent,
}

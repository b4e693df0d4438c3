"""Des cas écrits à plat, comme les exemples publiés : un type, une date, un régime, des entrées.

C'est la porte de « apart bareme calculer » et des exemples qui servent de preuve (docs/regles/cas.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apart.regles import complements, contingents, delais, heures, nombres, prelevements, reference
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.dispositifs import Lecture
from apart.regles.entrees import ZERO, CasRefuse, Entrees, lire_date, lire_nombre, situation
from apart.regles.horaire import MontantHoraire, montant_horaire
from apart.regles.mois import Periode, Totaux, totaliser
from apart.regles.situations import Dispositif, Situation
from apart.regles.traces import Etape, Explique, etape

SANS_REGIME = frozenset({"reference", "taux_moyen"})  # un salaire et une durée suffisent


@dataclass(frozen=True, slots=True)
class Reponse(Explique):
    """Les résultats d'un cas, sous les noms des exemples publiés, et leur trace."""

    resultats: Mapping[str, object]  # Decimal, int, bool, date
    trace: tuple[Etape, ...]
    remarques: tuple[str, ...] = ()


def calculer(cas: Mapping[str, object]) -> Reponse:
    """Calcule un cas : « type », « date », « regime », « entrees » (montants en euros, durées en heures).

    Lève CasRefuse, avec une phrase, si un champ manque, n'est pas du bon genre, ou sort de ce que la loi connaît.
    """
    if not isinstance(cas, Mapping):
        raise CasRefuse("Un cas est un objet avec « type », « date », « regime » et « entrees ».")
    type_ = cas.get("type")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise CasRefuse(f"Le type « {type_} » n'existe pas. Types connus : {', '.join(sorted(TYPES))}.")
    entrees = cas.get("entrees")
    if not isinstance(entrees, Mapping):
        raise CasRefuse("« entrees » manque : c'est l'objet qui porte les données du cas.")
    lue = Situation() if type_ in SANS_REGIME else situation(cas.get("regime"), entrees)
    e = Entrees(lire_date(cas.get("date"), "date"), lue, entrees)
    try:
        return TYPES[type_](e)
    except (HorsBareme, ValueError) as refus:
        raise CasRefuse(str(refus)) from refus
    except ArithmeticError as refus:  # une date après l'an 9999, un quotient sans mesure
        raise CasRefuse("Une date ou un nombre de ce cas est hors de toute mesure : vérifiez les entrées.") from refus


# --- Un type, un calcul ---


def _montant(e: Entrees) -> Reponse:
    taux, net = e.positif("taux_horaire_brut"), e.facultatif("taux_horaire_net")
    horaire = montant_horaire(taux, e.jour, e.situation, net_horaire=net)
    resultats = {**_horaires(horaire), "reste_a_charge_horaire": horaire.reste_a_charge}
    trace = horaire.trace
    if (chomees := e.facultatif("heures_indemnisables")) is not None:
        totaux = totaliser(taux, [Periode(e.jour, e.jour, chomees)], e.situation, net_horaire=net)
        preleves = _preleves(e, totaux.indemnite)
        trace += preleves.trace
        resultats |= {**_montants(totaux), "csg_crds": preleves.preleve}
    return Reponse(resultats, trace, horaire.remarques)


def _horaires(horaire: MontantHoraire) -> dict[str, object]:
    return {"indemnite_horaire": horaire.indemnite, "allocation_horaire": horaire.allocation}


def _montants(totaux: Totaux) -> dict[str, object]:
    return {
        "indemnite_totale": totaux.indemnite,
        "allocation_totale": totaux.allocation,
        "reste_a_charge": totaux.reste_a_charge,
    }


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
    noms = ["complement", "part_remplacement", "part_activite", *(["seuil"] if c.seuil is not None else [])]
    resultats = _horaires(horaire) | {nom: getattr(c, nom) for nom in noms}
    return Reponse(resultats, horaire.trace + c.trace, horaire.remarques)


def _reference(e: Entrees) -> Reponse:
    legale = bareme().valeur("heures.duree_legale_mensuelle", e.jour).nombre
    diviseur = e.positif("diviseur", legale)
    r = reference.taux_horaire(e.positif("salaire_mensuel"), diviseur, e.nombres("variables"))
    resultats: dict[str, object] = {"taux_horaire": r.taux_horaire}
    trace = r.trace
    if (travaillees := e.facultatif("heures_travaillees")) is not None:
        h = heures.indemnisables_du_mois(travaillees, diviseur, e.positif("assimilees", ZERO))
        resultats["heures_indemnisables"] = h.indemnisables
        trace += h.trace
    return Reponse(resultats, trace)


def _heures(e: Entrees) -> Reponse:
    lues = next((calcul for nom, calcul in HEURES.items() if nom in e.donnees), _heures_d_une_semaine)(e)
    return Reponse({"heures_indemnisables": lues.indemnisables}, lues.trace)


def _forfait_jours(e: Entrees) -> heures.Heures:
    return heures.forfait_jours(
        e.jour,
        e.positif("jours", ZERO),
        e.positif("demi_journees", ZERO),
        semaines=e.positif("semaines", ZERO),
        deduites=e.positif("jours_deduits", ZERO),
        semaines_touchees=e.facultatif("semaines_touchees"),
    )


HEURES: dict[str, Callable[[Entrees], heures.Heures]] = {
    **dict.fromkeys(("jours", "demi_journees", "semaines"), _forfait_jours),
    "perte": lambda e: heures.par_perte_de_remuneration(
        e.positif("perte"), e.positif("taux_horaire_brut"), e.positif("heures_legales")
    ),
    "cachets": lambda e: heures.cachets(e.jour, e.positif("cachets")),
    "jours_d_inactivite": lambda e: heures.navigants(e.jour, e.positif("jours_d_inactivite")),
    "jours_de_fermeture": lambda e: heures.cadre_dirigeant(e.jour, e.positif("jours_de_fermeture")),
}


def _heures_d_une_semaine(e: Entrees) -> heures.Heures:
    accord = e.donnees.get("accord_du")
    structurelles = heures.Structurelles(None if accord is None else e.date("accord_du"))
    return heures.indemnisables(
        e.jour,
        e.positif("travaillees"),
        e.positif("duree_hebdo"),
        assimilees=e.positif("assimilees", ZERO),
        collective=e.facultatif("duree_collective"),
        structurelles=structurelles if e.booleen("structurelles") or accord is not None else None,
        equivalence=e.facultatif("equivalence"),
    )


def _plafond(e: Entrees) -> Reponse:
    """Le plafond horaire d'un taux : taux × 4,5 SMIC, au centime."""
    taux = e.positif("taux")
    multiple = bareme().valeur("droit_commun.allocation_plafond_smic", e.jour)
    smic = Lecture(e.situation, e.jour).smic
    plafond = nombres.arrondir(taux * multiple.nombre * smic.nombre)
    modele = "{taux:pourcent} de {multiple:nombre} SMIC ({smic:euros}) = {resultat:euros}."
    lus = {"taux": taux, "multiple": multiple.nombre, "smic": smic.nombre}
    trace = etape("allocation-horaire", "D5122-13", modele, plafond, "euros_par_heure", (multiple, smic), **lus)
    return Reponse({"plafond_horaire": plafond}, (trace,))


def _forfait(e: Entrees) -> Reponse:
    e.nombre("effectif")
    bareme().valeur("droit_commun.forfait_jusqu_a_250", e.jour)  # lève, avec la raison, quand il n'existe pas
    horaire = montant_horaire(e.positif("taux_horaire_brut", Decimal(1000)), e.jour, e.situation)
    return Reponse({"allocation_horaire": horaire.allocation}, horaire.trace, horaire.remarques)


def _ecretement(e: Entrees) -> Reponse:
    p = _preleves(e, e.positif("indemnite"))
    noms = ("csg_deductible", "csg_non_deductible", "crds", "total", "net_sans_ecretement", "seuil", "preleve", "net")
    resultats = {nom: getattr(p, nom) for nom in (*noms, *(["maladie"] if p.maladie else []))}
    return Reponse(resultats, p.trace)


def _apld_reduction(e: Entrees) -> Reponse:
    dispositif = _longue_duree(e)
    legale = bareme().valeur("heures.duree_legale_hebdomadaire", e.jour).nombre
    defaut = bareme().valeur(f"{dispositif}.reduction_maximale", e.jour).nombre
    r = contingents.reduction_apld(e.positif("duree_hebdo", legale), e.positif("taux", defaut), e.jour, dispositif)
    return Reponse({"heures": r.heures}, r.trace)


def _duree_autorisation(e: Entrees) -> Reponse:
    suites = e.suites("autorisations", "[[premier jour, dernier jour], …]", 2)
    lues = [_periode(suite, f"autorisations, {rang}") for rang, suite in enumerate(suites, 1)]
    d = delais.duree_d_autorisation(lues, e.jour, sinistre=e.booleen("sinistre"))
    resultats = {nom: getattr(d, nom) for nom in ("mois_restants", "jours_restants", "mois_consommes")}
    resultats["duree_maximale"] = d.maximum
    if e.donnees.get("nouvelle") is None:
        return Reponse(resultats, d.trace)
    examen = delais.examiner(_periode(e.donnees["nouvelle"], "nouvelle"), lues, e.jour, sinistre=e.booleen("sinistre"))
    totaux = {"total_mois_12": examen.total_mois, "total_jours_12": examen.total_jours}
    resultats |= {"accordable": examen.accordable, **totaux}
    return Reponse(resultats, d.trace + examen.trace)


def _periode(valeur: object, nom: str) -> tuple[date, date]:
    if not isinstance(valeur, Sequence) or isinstance(valeur, str) or len(valeur) != 2:
        raise CasRefuse(f"« {nom} » n'a pas la forme [premier jour, dernier jour].")
    return lire_date(valeur[0], nom), lire_date(valeur[1], nom)


DELAIS: dict[str, Callable[[Entrees], delais.Limite]] = {
    "fin_autorisation": lambda e: delais.demande_de_versement(
        e.date("fin_autorisation"), amenagement=e.booleen("amenagement")
    ),
    "depot": lambda e: delais.decision_tacite(e.date("depot")),
    "demande": lambda e: delais.avis_du_comite(e.date("demande")),
    "notification": lambda e: delais.restitution(e.date("notification")),
    "depot_accord": lambda e: delais.decision_de_longue_duree(
        e.date("depot_accord"), _longue_duree(e), document=e.booleen("document_unilateral")
    ),
}


def _delai_demande(e: Entrees) -> Reponse:
    """Un délai de la procédure, selon la date donnée ; sans autre, celui de la demande après le placement."""
    limite = next((calcul for nom, calcul in DELAIS.items() if nom in e.donnees), _apres_le_placement)(e)
    return Reponse({"limite": limite.limite}, limite.trace)


def _apres_le_placement(e: Entrees) -> delais.Limite:
    jours, motif = (None if (lu := e.facultatif(nom)) is None else int(lu) for nom in ("delai_jours", "motif"))
    suspension = e.booleen("suspension", True)
    return delais.demande_a_posteriori(e.date("placement"), jours, motif=motif, suspension=suspension)


def _longue_duree(e: Entrees) -> Dispositif:
    dispositif = e.situation.dispositif
    return dispositif if dispositif in contingents.HORS_CONTINGENT else Dispositif.APLD


def _duree_apld(e: Entrees) -> Reponse:
    d = contingents.duree_de_longue_duree(int(e.positif("mois_consommes", ZERO)), e.jour, _longue_duree(e))
    return Reponse({"mois_restants": d.restants, "duree_maximale": d.maximum, "sur_mois": d.sur}, d.trace)


def _totaux(e: Entrees) -> Reponse:
    """Une ou plusieurs périodes, coupées là où la loi change."""
    periodes = [
        Periode(lire_date(du, f"periodes, {rang}"), lire_date(au, f"periodes, {rang}"), lire_nombre(h, "heures"))
        for rang, (du, au, h) in enumerate(e.suites("periodes", "[[premier jour, dernier jour, heures], …]", 3), 1)
    ]
    net = e.facultatif("taux_horaire_net")
    totaux = totaliser(e.positif("taux_horaire_brut"), periodes, e.situation, net_horaire=net)
    resultats = {"heures": totaux.heures, **_montants(totaux), "sous_periodes": len(totaux.lignes)}
    trace = tuple(etape for ligne in totaux.lignes for etape in ligne.horaire.trace)
    return Reponse(resultats, trace, totaux.reserves)


def _minimum_mensuel(e: Entrees) -> Reponse:
    m = complements.minimum_mensuel(
        e.positif("net_activite", ZERO), e.positif("indemnite_nette"), e.jour, heures=e.facultatif("heures_legales")
    )
    return Reponse({"minimum": m.minimum, "complement": m.complement}, m.trace)


def _taux_moyen(e: Entrees) -> Reponse:
    calcul = reference.taux_d_un_cadre_dirigeant if e.booleen("cadre_dirigeant") else reference.taux_moyen
    r = calcul(e.nombres("remunerations"), e.jour)
    return Reponse({"taux_horaire": r.taux_horaire}, r.trace)


def _contingent(e: Entrees) -> Reponse:
    c = contingents.contingent(
        e.jour.year,
        e.positif("heures_consommees", ZERO),
        dispositif=e.situation.dispositif,
        transformation=e.booleen("transformation"),
        jour=e.jour,
    )
    return Reponse({"contingent": c.annuel, "heures_restantes": c.restantes}, c.trace)


TYPES: dict[str, Callable[[Entrees], Reponse]] = {
    calcul.__name__[1:]: calcul
    for calcul in (
        _montant, _complement, _reference, _heures, _plafond, _forfait, _ecretement, _apld_reduction,
        _duree_autorisation, _delai_demande, _contingent, _duree_apld, _totaux, _minimum_mensuel, _taux_moyen,
    )
}  # fmt: skip

"""Ce qui est prélevé sur l'indemnité, écrêtement compris (docs/regles/prelevements-et-ecretement.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from apart.regles import nombres
from apart.regles.bareme import Valeur, bareme
from apart.regles.formules import Euros, ecretement
from apart.regles.traces import Etape, Explique, etape

PAGE = "prelevements-et-ecretement"
ZERO = Decimal()


class Residence(StrEnum):
    """Le régime social du salarié, quand il change les prélèvements."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace_moselle"
    NON_RESIDENT = "non_resident"  # fiscal
    MAYOTTE = "mayotte"


@dataclass(frozen=True, slots=True)
class Prelevements(Explique):
    """Prélèvements d'un mois, en euros : avant écrêtement, puis ce qui est réellement prélevé."""

    csg_deductible: Decimal
    csg_non_deductible: Decimal
    crds: Decimal
    maladie: Decimal  # Alsace-Moselle, non-résidents, Mayotte
    total: Decimal  # sans écrêtement
    net_sans_ecretement: Decimal
    seuil: Decimal  # SMIC brut d'un mois plein
    preleve: Decimal  # après écrêtement
    net: Decimal  # activité et indemnité, après prélèvement
    repartition: tuple[tuple[str, Decimal], ...]  # de ce qui est prélevé, dans l'ordre où on le prélève
    trace: tuple[Etape, ...]


def prelevements(
    indemnite: Decimal,
    jour: date,
    *,
    net_activite: Decimal = ZERO,
    residence: Residence = Residence.METROPOLE,
    csg_reduite: bool = False,
) -> Prelevements:
    """Ce qui est prélevé sur l'indemnité d'un mois, en euros (L136-1-2, L136-2, D242-12 à D242-14).

    indemnite : brute, de tout le mois. net_activite : salaire net du même mois, 0 s'il n'y en a pas.
    csg_reduite : taux réduit selon le revenu fiscal, admis jusqu'en février 2020.
    Lève ValueError si un montant est négatif ; HorsBareme si la loi du jour n'est pas connue.
    """
    if indemnite < 0 or net_activite < 0:
        raise ValueError("Un montant ne peut pas être négatif.")
    lues = retenues(jour, residence, csg_reduite=csg_reduite)
    dus = {nom: nombres.arrondir(indemnite * part) for nom, part in lues.parts.items()}
    total, revenu = nombres.arrondir(sum(dus.values(), ZERO)), net_activite + indemnite
    preleve = ecretement(total, revenu, lues.seuil, Euros)
    a_l_euro = lues.seuil.to_integral_value(ROUND_CEILING)  # doute 7
    en_doute = preleve != ecretement(total, revenu, a_l_euro, Euros)
    arrondi = (bareme().valeur("prelevements.ecretement_arrondi", jour),) if en_doute else ()
    return Prelevements(
        **{nom: dus.get(nom, ZERO) for nom in PRELEVEMENTS},
        total=total,
        net_sans_ecretement=revenu - total,
        seuil=lues.seuil,
        preleve=preleve,
        net=revenu - preleve,
        repartition=_repartir(preleve, dus),
        trace=_trace(indemnite, revenu, total, preleve, lues, arrondi),
    )


MALADIE = {
    Residence.ALSACE_MOSELLE: "prelevements.alsace_moselle",
    Residence.NON_RESIDENT: "prelevements.non_residents",
    Residence.MAYOTTE: "prelevements.mayotte",
}
PRELEVEMENTS = ("csg_deductible", "csg_non_deductible", "crds", "maladie")  # dans l'ordre où on les prélève


@dataclass(frozen=True, slots=True)
class Retenues:
    """Ce que la loi d'un jour prélève d'une indemnité, et jusqu'où : euros, et parts de l'indemnité."""

    parts: dict[str, Decimal]  # dans l'ordre de PRELEVEMENTS
    seuil: Decimal  # SMIC brut d'un mois plein, au centime, sans prorata (D242-13 ; la FAQ le prend exact)
    valeurs: tuple[Valeur, ...]  # lues, le SMIC en dernier


def retenues(jour: date, residence: Residence, *, csg_reduite: bool = False) -> Retenues:
    """Ce que la loi de ce jour prélève (L136-1-2, L136-2, D242-12). Lève HorsBareme si elle n'est pas connue."""
    b = bareme()
    parts: dict[str, Decimal] = {}
    lues: list[Valeur] = []
    if residence in {Residence.METROPOLE, Residence.ALSACE_MOSELLE}:
        assiette = b.valeur("prelevements.assiette", jour)
        lues.append(assiette)
        for nom, cle in _csg_et_crds(jour, csg_reduite):
            lues.append(b.valeur(cle, jour))
            parts[nom] = assiette.nombre * lues[-1].nombre
    if residence in MALADIE:
        lues.append(b.valeur(MALADIE[residence], jour))
        parts["maladie"] = lues[-1].nombre
    smic = b.valeur("smic.horaire_brut_mayotte" if residence is Residence.MAYOTTE else "smic.horaire_brut", jour)
    return Retenues(parts, nombres.arrondir(smic.nombre * 35 * 52 / 12), (*lues, smic))


def _csg_et_crds(jour: date, csg_reduite: bool) -> Iterable[tuple[str, str]]:
    if csg_reduite and bareme().valeur("prelevements.csg_reduite", jour).valeur is not None:
        return [("csg_deductible", "prelevements.csg_reduite"), ("crds", "prelevements.crds")]
    return [(nom, f"prelevements.{nom}") for nom in PRELEVEMENTS[:3]]


def _repartir(preleve: Decimal, dus: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    """Ce qui est prélevé, dans l'ordre de la FAQ : CSG déductible, CSG non déductible, CRDS, régime local."""
    reste, parts = preleve, []
    for nom, montant in dus.items():
        parts.append((nom, min(montant, reste)))
        reste -= parts[-1][1]
    return tuple(parts)


def _trace(
    indemnite: Decimal, revenu: Decimal, total: Decimal, preleve: Decimal, lues: Retenues, arrondi: tuple[Valeur, ...]
) -> tuple[Etape, ...]:
    modele = "CSG, CRDS et régime local sur {indemnite:euros} d'indemnité : {resultat:euros} avant écrêtement."
    avant = etape(PAGE, "L136-1-2, L136-2", modele, total, "euros", lues.valeurs, indemnite=indemnite)
    if preleve == total:
        modele = "Aucun écrêtement : le net reste au-dessus du SMIC brut mensuel, {seuil:euros}."
    elif preleve:
        modele = (
            "Écrêtement : {resultat:euros} sont prélevés au lieu de {total:euros}, pour laisser le SMIC brut mensuel, "
            "{seuil:euros}."
        )
    else:
        modele = (
            "Écrêtement : rien n'est prélevé, car salaire net et indemnité font {revenu:euros}, pas plus que le SMIC "
            "brut mensuel, {seuil:euros}."
        )
    lus = {"seuil": lues.seuil, "revenu": revenu, "total": total}
    return avant, etape(PAGE, "D242-13", modele, preleve, "euros", (*lues.valeurs[-1:], *arrondi), **lus)

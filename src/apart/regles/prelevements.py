"""Ce qui est prélevé sur l'indemnité : CSG, CRDS, régimes locaux, et l'écrêtement.

Règle : docs/regles/prelevements-et-ecretement.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from apart.regles import nombres
from apart.regles.bareme import Valeur, bareme
from apart.regles.traces import Etape, reserves

PAGE = "prelevements-et-ecretement"
ZERO = Decimal()


class Residence(StrEnum):
    """Le régime social du salarié, quand il change les prélèvements."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace_moselle"
    NON_RESIDENT = "non_resident"  # fiscal
    MAYOTTE = "mayotte"


@dataclass(frozen=True, slots=True)
class Prelevements:
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

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que les valeurs employées ont d'incertain."""
        return reserves(self.trace)


def seuil_d_ecretement(jour: date, *, mayotte: bool = False) -> tuple[Decimal, Valeur]:
    """SMIC brut d'un mois plein : SMIC × 35 × 52 / 12, au centime, sans prorata (D242-13 ; la FAQ le prend exact)."""
    smic = bareme().valeur("smic.horaire_brut_mayotte" if mayotte else "smic.horaire_brut", jour)
    return nombres.arrondir(smic.nombre * 35 * 52 / 12), smic


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
    dus, lus = _dus(indemnite, jour, residence, csg_reduite)
    total = nombres.arrondir(sum(dus.values(), ZERO))
    seuil, smic = seuil_d_ecretement(jour, mayotte=residence is Residence.MAYOTTE)
    preleve = max(ZERO, min(total, net_activite + indemnite - seuil))
    return Prelevements(
        csg_deductible=dus.get("csg_deductible", ZERO),
        csg_non_deductible=dus.get("csg_non_deductible", ZERO),
        crds=dus.get("crds", ZERO),
        maladie=dus.get("maladie", ZERO),
        total=total,
        net_sans_ecretement=net_activite + indemnite - total,
        seuil=seuil,
        preleve=preleve,
        net=net_activite + indemnite - preleve,
        repartition=_repartir(preleve, dus),
        trace=_trace(
            indemnite,
            net_activite,
            total,
            seuil,
            preleve,
            (*lus, smic),
            _arrondi_en_doute(total, net_activite + indemnite, seuil, jour),
        ),
    )


def _arrondi_en_doute(total: Decimal, revenu: Decimal, seuil: Decimal, jour: date) -> tuple[Valeur, ...]:
    """L'arrondi du seuil, quand l'arrondir à l'euro supérieur changerait ce qui est prélevé (doute 7)."""
    a_l_euro = seuil.to_integral_value(ROUND_CEILING)
    if min(total, max(ZERO, revenu - seuil)) == min(total, max(ZERO, revenu - a_l_euro)):
        return ()
    return (bareme().valeur("prelevements.ecretement_arrondi", jour),)


MALADIE = {
    Residence.ALSACE_MOSELLE: "prelevements.alsace_moselle",
    Residence.NON_RESIDENT: "prelevements.non_residents",
    Residence.MAYOTTE: "prelevements.mayotte",
}


def _dus(
    indemnite: Decimal, jour: date, residence: Residence, csg_reduite: bool
) -> tuple[dict[str, Decimal], tuple[Valeur, ...]]:
    """Chaque prélèvement avant écrêtement, dans l'ordre où on le prélève, et les paramètres lus."""
    b = bareme()
    dus: dict[str, Decimal] = {}
    lus: list[Valeur] = []
    if residence in {Residence.METROPOLE, Residence.ALSACE_MOSELLE}:
        assiette = b.valeur("prelevements.assiette", jour)
        lus.append(assiette)
        for nom, cle in _csg_et_crds(jour, csg_reduite):
            taux = b.valeur(cle, jour)
            lus.append(taux)
            dus[nom] = nombres.arrondir(indemnite * assiette.nombre * taux.nombre)
    if residence in MALADIE:
        taux = b.valeur(MALADIE[residence], jour)
        lus.append(taux)
        dus["maladie"] = nombres.arrondir(indemnite * taux.nombre)
    return dus, tuple(lus)


def _csg_et_crds(jour: date, csg_reduite: bool) -> Iterable[tuple[str, str]]:
    if csg_reduite and bareme().valeur("prelevements.csg_reduite", jour).valeur is not None:
        return [("csg_deductible", "prelevements.csg_reduite"), ("crds", "prelevements.crds")]
    return [
        ("csg_deductible", "prelevements.csg_deductible"),
        ("csg_non_deductible", "prelevements.csg_non_deductible"),
        ("crds", "prelevements.crds"),
    ]


def _repartir(preleve: Decimal, dus: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    """Ce qui est prélevé, dans l'ordre de la FAQ : CSG déductible, CSG non déductible, CRDS, régime local."""
    reste, parts = preleve, []
    for nom, montant in dus.items():
        part = min(montant, reste)
        parts.append((nom, part))
        reste -= part
    return tuple(parts)


def _trace(
    indemnite: Decimal,
    net_activite: Decimal,
    total: Decimal,
    seuil: Decimal,
    preleve: Decimal,
    valeurs: tuple[Valeur, ...],
    arrondi: tuple[Valeur, ...],
) -> tuple[Etape, ...]:
    avant = Etape(
        PAGE,
        "L136-1-2, L136-2",
        "CSG, CRDS et régime local sur {indemnite:euros} d'indemnité : {total:euros} avant écrêtement.",
        {"indemnite": indemnite, "total": total},
        total,
        "euros",
        valeurs,
    )
    if preleve == total:
        modele = "Aucun écrêtement : le net reste au-dessus du SMIC brut mensuel, {seuil:euros}."
    elif preleve:
        modele = (
            "Écrêtement : {preleve:euros} sont prélevés au lieu de {total:euros}, pour laisser le SMIC brut mensuel, "
            "{seuil:euros}."
        )
    else:
        modele = (
            "Écrêtement : rien n'est prélevé, car salaire net et indemnité font {revenu:euros}, pas plus que le SMIC "
            "brut mensuel, {seuil:euros}."
        )
    apres = Etape(
        PAGE,
        "D242-13",
        modele,
        {"seuil": seuil, "revenu": net_activite + indemnite, "preleve": preleve, "total": total},
        preleve,
        "euros",
        (*valeurs[-1:], *arrondi),
    )
    return avant, apres

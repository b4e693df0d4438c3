"""Le taux horaire de référence : ce qu'une heure aurait rapporté au salarié
(docs/regles/taux-horaire-de-reference.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apart.regles import nombres
from apart.regles.traces import Etape


@dataclass(frozen=True, slots=True)
class TauxReference:
    """Le taux horaire brut de référence, en euros, et d'où il vient."""

    taux_horaire: Decimal
    remuneration: Decimal  # mensuelle brute retenue, euros
    diviseur: Decimal  # heures par mois
    trace: tuple[Etape, ...]


def duree_mensuelle(duree_hebdomadaire: Decimal) -> Decimal:
    """Heures par mois pour une durée hebdomadaire : 35 → 151,67 ; 39 → 169 (heures × 52 / 12)."""
    return nombres.arrondir(duree_hebdomadaire * 52 / 12)


def taux_horaire(remuneration: Decimal, diviseur: Decimal, variables: Sequence[Decimal] = ()) -> TauxReference:
    """Taux horaire de référence, en euros (R5122-18, L3141-24 II).

    remuneration : part mensuelle fixe brute, euros, sans les frais ni les primes annuelles que l'absence ne réduit
    pas.
    diviseur : heures mensuelles que cette rémunération paie (151,67 pour 35 h ; la durée du contrat si elle est
    inférieure ; la durée réelle si les heures structurelles sont indemnisées).
    variables : éléments variables bruts de chacun des 12 mois civils précédant le placement, ou des seuls mois
    travaillés, euros ; leur moyenne s'ajoute.
    Lève ValueError si le diviseur n'est pas positif, un montant négatif, ou s'il y a plus de 12 mois.
    """
    if diviseur <= 0:
        raise ValueError("Le nombre d'heures par mois doit être positif.")
    if remuneration < 0 or any(v < 0 for v in variables):
        raise ValueError("Une rémunération ne peut pas être négative.")
    if len(variables) > 12:
        raise ValueError(f"La moyenne porte sur 12 mois au plus ; il y en a {len(variables)}.")
    moyenne = nombres.arrondir(sum(variables, Decimal()) / len(variables)) if variables else Decimal()
    retenue = remuneration + moyenne
    taux = nombres.arrondir(retenue / diviseur)
    return TauxReference(
        taux, retenue, diviseur, _trace(remuneration, moyenne, len(variables), retenue, diviseur, taux)
    )


def _trace(
    fixe: Decimal, moyenne: Decimal, mois: int, retenue: Decimal, diviseur: Decimal, taux: Decimal
) -> tuple[Etape, ...]:
    page, article = "taux-horaire-de-reference", "R5122-18"
    etapes = []
    if mois:
        modele = "Moyenne des éléments variables sur {mois} mois : {moyenne:euros}, ajoutée à {fixe:euros}."
        etapes.append(Etape(page, article, modele, {"mois": mois, "moyenne": moyenne, "fixe": fixe}, retenue, "euros"))
    modele = "Taux horaire : {retenue:euros} ÷ {diviseur:nombre} heures = {taux:euros}."
    etapes.append(
        Etape(
            page,
            article,
            modele,
            {"retenue": retenue, "diviseur": diviseur, "taux": taux},
            taux,
            "euros_par_heure",
        )
    )
    return tuple(etapes)

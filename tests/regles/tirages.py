"""Des situations, des dates et des paies au hasard, dans tout ce que le barème connaît."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from apart.regles.bareme import HorsBareme
from apart.regles.conditions import conditions
from apart.regles.situations import Dispositif, Secteur, Situation, Statut

DU, AU = date(2013, 7, 1), date(2029, 12, 31)  # au-delà des taux connus et des fins écrites

situations = st.builds(
    Situation,
    dispositif=st.sampled_from(Dispositif),
    secteur=st.sampled_from(Secteur),
    statut=st.sampled_from(Statut),
    mayotte=st.booleans(),
    plus_de_250=st.booleans(),
    formation=st.booleans(),
    garde_enfant=st.booleans(),
)
jours = st.dates(DU, AU)
taux = st.decimals(Decimal("0.01"), Decimal(200), places=2)
heures = st.decimals(Decimal(0), Decimal("151.67"), places=2)


@st.composite
def lignes_connues(tirer: st.DrawFn) -> tuple[Situation, date]:
    """Une situation et un jour dont la loi est connue."""
    situation = tirer(situations)
    jour = tirer(jours.filter(lambda jour: _est_connu(situation, jour)) if _existe(situation) else st.nothing())
    return situation, jour


def _existe(situation: Situation) -> bool:
    return any(_est_connu(situation, jour) for jour in REPERES)


def _est_connu(situation: Situation, jour: date) -> bool:
    try:
        conditions(situation, jour)
    except HorsBareme:
        return False
    return True


# Au moins un jour connu de chaque dispositif, là où il existe.
REPERES = [
    date(2019, 6, 1),
    date(2020, 10, 1),
    date(2022, 2, 1),
    date(2022, 9, 15),
    date(2024, 3, 1),
    date(2026, 3, 1),
]

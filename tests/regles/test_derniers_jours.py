"""Le dernier jour de chaque régime lui appartient encore ; le lendemain, non."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apart.regles.bareme import HorsBareme
from apart.regles.conditions import DEBUT, FIN, conditions
from apart.regles.dispositifs import Lecture, lire_les_taux
from apart.regles.situations import Dispositif, Secteur, Situation

LENDEMAIN = timedelta(days=1)


@pytest.mark.parametrize(
    ("situation", "premier", "dernier"),
    [
        (Situation(Dispositif.APLD), date(2020, 7, 1), date(2026, 12, 31)),
        (Situation(Dispositif.APLD_REBOND), date(2025, 4, 16), date(2028, 4, 30)),
        (Situation(Dispositif.VULNERABLES), date(2020, 5, 1), date(2023, 1, 31)),
        (Situation(Dispositif.VULNERABLES, garde_enfant=True), date(2020, 5, 1), date(2022, 7, 31)),
    ],
)
def test_un_regime_vaut_du_premier_au_dernier_jour_compris(situation: Situation, premier: date, dernier: date) -> None:
    for jour in (premier, dernier):
        indemnite, _ = lire_les_taux(Lecture(situation, jour))
        assert indemnite.taux
        assert conditions(situation, jour).au >= jour
    for jour in (premier - LENDEMAIN, dernier + LENDEMAIN):
        with pytest.raises(HorsBareme, match="choisissez d'autres dates"):
            lire_les_taux(Lecture(situation, jour))
        with pytest.raises(HorsBareme, match="choisissez d'autres dates"):
            conditions(situation, jour)


@pytest.mark.parametrize(
    ("secteur", "dernier", "remarque"),
    [
        (Secteur.PROTEGE, date(2021, 9, 30), "n'a pas de taux majoré"),
        (Secteur.TRES_AFFECTE, date(2022, 2, 28), "revenu au droit commun"),
        (Secteur.TRES_AFFECTE, date(2022, 3, 31), "n'a pas de taux majoré"),
    ],
)
def test_les_taux_majores_de_la_crise_finissent_le_jour_dit(secteur: Secteur, dernier: date, remarque: str) -> None:
    for jour, dite in ((dernier, False), (dernier + LENDEMAIN, True)):
        lecture = Lecture(Situation(secteur=secteur), jour)
        lire_les_taux(lecture)
        lues = (lecture.remarques, conditions(Situation(secteur=secteur), jour).remarques)
        assert [any(remarque in phrase for phrase in phrases) for phrases in lues] == [dite, dite]


def test_le_bareme_va_de_son_premier_a_son_dernier_jour() -> None:
    assert conditions(Situation(), DEBUT).du == DEBUT
    assert conditions(Situation(), FIN).au == FIN
    with pytest.raises(HorsBareme, match="Le barème commence au 1er juillet 2013"):
        conditions(Situation(), DEBUT - LENDEMAIN)
    with pytest.raises(HorsBareme, match="Le calcul va jusqu'au 31 décembre 2040"):
        conditions(Situation(), FIN + LENDEMAIN)

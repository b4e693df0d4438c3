"""Quoi qu'on tape, une simulation rend un résultat ou des phrases ; jamais une panne."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apart.simulateur.brouillon import Brouillon, Tape
from apart.simulateur.calcul import calculer
from apart.simulateur.formulaire import presenter
from apart.simulateur.questions import EMPLOYEUR, SALARIE
from apart.simulateur.saisie import CHAMPS, CHAMPS_PERIODE
from tests.simulateur.envois import groupe, simuler

# Des réponses justes, presque justes et absurdes, mêlées.
REPONSES = st.one_of(
    st.sampled_from(
        ["1539,42", "8", "35", "12/9999", "01/0001", "2020-02-30", "31/04/2020", "04/2020", "2026-06", "7h20"]
    ),
    st.sampled_from(
        ["apld", "alternant", "oui", "0", "0,001", "-1", "=1+1", "1e9", "NaN", "∞", "٣", "1,2,3", "\u202f"]
    ),
    st.text(max_size=12),
)
GROUPES = st.builds(
    Tape,
    st.dictionaries(st.sampled_from(CHAMPS), REPONSES),
    st.lists(st.dictionaries(st.sampled_from(CHAMPS_PERIODE), REPONSES), min_size=1, max_size=3),
)


@given(st.lists(GROUPES, min_size=1, max_size=2))
def test_toute_saisie_rend_un_resultat_ou_des_phrases(groupes: list[Tape]) -> None:
    brouillon = Brouillon([groupes])
    calcul = calculer(brouillon)
    assert calcul.est_juste == bool(calcul.scenarios)
    for profil in (EMPLOYEUR, SALARIE):
        form = presenter(profil, brouillon, calcul)
        dites = [p for champ in form.visible_fields for p in champ.errors] + form.non_field_errors
        assert sorted(dites) == sorted(p for phrases in calcul.fautes.values() for p in phrases)
        assert all(phrase.strip() for phrase in dites)


@pytest.mark.django_db
@pytest.mark.parametrize("mois", ["12/9999", "9999-12", "01/0001", "13/2020", "0/0"])
def test_un_mois_hors_de_tout_se_dit(client: Client, mois: str) -> None:
    assert "réponse est à revoir" in simuler(client, groupe(periodes_1_mois=mois))

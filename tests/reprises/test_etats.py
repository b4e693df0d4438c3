"""Les états d'une reprise d'accès : ceux de la table, et eux seuls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apart.reprises.etats import TRANSITIONS, EtatReprise
from apart.reprises.frise import GESTES
from apart.reprises.models import Reprise
from apart.socle.automate import GesteImpossible, diagramme
from tests.reprises.gens import boulangerie, reprise

PERMIS = {(geste, etat) for geste, transition in TRANSITIONS.items() for etat in transition.depuis}
INTERDITS = sorted((geste, etat) for geste in TRANSITIONS for etat in EtatReprise if (geste, etat) not in PERMIS)
CHAMPS: dict[EtatReprise, dict[str, Any]] = {
    EtatReprise.OPPOSABLE: {"opposition_jusqu_au": "2026-12-01T10:00Z"},
    EtatReprise.EXECUTEE: {"executee_le": "2026-12-01T10:00Z", "preuve": 5},
    EtatReprise.ANNULEE: {"executee_le": "2026-12-01T10:00Z", "preuve": 5},
}


def test_chaque_etat_est_atteint() -> None:
    assert {transition.vers for transition in TRANSITIONS.values()} >= set(EtatReprise) - {EtatReprise.DEPOSEE}


def test_rien_ne_sort_d_une_fin() -> None:
    fins = {EtatReprise.REFUSEE, EtatReprise.ABANDONNEE, EtatReprise.ANNULEE}

    assert not {geste for geste, etat in PERMIS if etat in fins}


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_chaque_geste_interdit_est_refuse() -> None:
    dossier = reprise(boulangerie())
    for geste, etat in INTERDITS:
        Reprise.objects.filter(pk=dossier.pk).update(etat=etat, **CHAMPS.get(etat, {}))
        with pytest.raises(GesteImpossible), dossier.franchir(geste):
            pytest.fail(f"{geste} depuis {etat} s'est fait")


@pytest.mark.django_db
def test_la_base_n_admet_qu_une_reprise_proposee_par_etablissement() -> None:
    ou = boulangerie()
    reprise(ou, EtatReprise.PROPOSEE)

    with pytest.raises(IntegrityError), transaction.atomic():
        reprise(ou, EtatReprise.PROPOSEE, courriel="autre@exemple.fr")


@pytest.mark.django_db
def test_la_base_refuse_une_reprise_faite_sans_preuve() -> None:
    dossier = reprise(boulangerie())

    with pytest.raises(IntegrityError), transaction.atomic():
        Reprise.objects.filter(pk=dossier.pk).update(etat=EtatReprise.EXECUTEE)


def test_chaque_geste_se_dit_dans_les_mots_d_un_agent() -> None:
    assert set(GESTES) >= set(TRANSITIONS)

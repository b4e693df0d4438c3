"""Les états d'une demande de preuve : ceux de la table, et rien d'autre."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from apart.etablissements.etats import TRANSITIONS_PREUVE, EtatPreuve
from apart.etablissements.models import DemandePreuve, Fondement, Preuve
from apart.socle.automate import GesteImpossible, diagramme
from tests.scene import Scene

pytestmark = [pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
PERMIS = {(geste, etat) for geste, transition in TRANSITIONS_PREUVE.items() for etat in transition.depuis}
INTERDITS = sorted((g, etat) for g in TRANSITIONS_PREUVE for etat in EtatPreuve if (g, etat) not in PERMIS)


def test_chaque_etat_est_atteint() -> None:
    assert {t.vers for t in TRANSITIONS_PREUVE.values()} | {EtatPreuve.DEPOSEE} == set(EtatPreuve)


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS_PREUVE) in docs.read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_est_refuse(geste: str, etat: EtatPreuve) -> None:
    demande = Scene().preuve(Preuve.MEMBRE, etat)

    with pytest.raises(GesteImpossible), demande.franchir(geste):
        pytest.fail("le corps d'un geste interdit ne s'exécute pas")


@pytest.mark.django_db
@pytest.mark.parametrize("etat", EtatPreuve)
def test_la_base_refuse_un_etat_que_ses_champs_dementent(etat: EtatPreuve) -> None:
    demande = Scene().preuve(Preuve.MEMBRE, etat)
    sien = Fondement.objects.create(habilitation=demande.habilitation, preuve=Preuve.MEMBRE)
    demande.fondement = None if demande.fondement else sien

    with pytest.raises(IntegrityError), transaction.atomic():
        demande.save()


@pytest.mark.django_db
def test_une_seule_demande_attend_par_niveau() -> None:
    demande = Scene().preuve(Preuve.MEMBRE)

    with pytest.raises(IntegrityError), transaction.atomic():
        DemandePreuve.objects.create(habilitation=demande.habilitation, niveau=Preuve.MEMBRE)

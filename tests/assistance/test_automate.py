"""Les états d'une demande : tout ce que la table ne permet pas est refusé."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.assistance.etats import TRANSITIONS, Etat
from apart.assistance.models import DemandeAssistance
from apart.socle.automate import GesteImpossible, diagramme
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import depot

pytestmark = pytest.mark.jour
PERMIS = [(geste, Etat(etat)) for geste, transition in TRANSITIONS.items() for etat in sorted(transition.depuis)]
INTERDITS = [(geste, etat) for geste in TRANSITIONS for etat in Etat if (geste, etat) not in PERMIS]


def demande_dans(etat: Etat) -> DemandeAssistance:
    demande = depot().demande
    close_le = timezone.now() if etat == Etat.CLOSE else None
    DemandeAssistance.objects.filter(pk=demande.pk).update(etat=etat, close_le=close_le)
    demande.refresh_from_db()
    return demande


def champs_lies(geste: str) -> dict[str, Any]:
    return {"close_le": timezone.now()} if geste == "clore" else {"close_le": None}


def test_chaque_etat_a_une_sortie_et_chaque_etat_est_atteint() -> None:
    assert {etat for transition in TRANSITIONS.values() for etat in transition.depuis} == set(Etat)
    assert {transition.vers for transition in TRANSITIONS.values() if transition.vers} == set(Etat)


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_ne_change_rien(geste: str, etat: Etat) -> None:
    demande = demande_dans(etat)
    lignes = EntreeJournal.objects.count()

    with pytest.raises(GesteImpossible):
        demande.franchir(geste)

    demande.refresh_from_db()
    assert demande.etat == etat
    assert EntreeJournal.objects.count() == lignes


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), PERMIS)
def test_un_geste_permis_mene_ou_dit_la_table_et_laisse_une_ligne_au_journal(geste: str, etat: Etat) -> None:
    demande = demande_dans(etat)

    demande.franchir(geste, **champs_lies(geste))

    voulu = TRANSITIONS[geste].vers or etat
    assert demande.etat == voulu
    assert DemandeAssistance.objects.get(pk=demande.pk).etat == voulu
    ligne = EntreeJournal.objects.du_sujet(demande.sujet)[0]
    assert (ligne.geste, ligne.details) == (geste, {"de": etat, "vers": voulu})


@pytest.mark.django_db
def test_c_est_l_etat_en_base_qui_compte_et_non_celui_de_l_objet() -> None:
    demande = depot().demande
    perimee = DemandeAssistance.objects.get(pk=demande.pk)
    demande.franchir("clore", close_le=timezone.now())

    with pytest.raises(GesteImpossible):
        perimee.franchir("repondre")


@pytest.mark.django_db
def test_la_base_refuse_une_demande_close_sans_date() -> None:
    demande = depot().demande

    with pytest.raises(IntegrityError), transaction.atomic():
        DemandeAssistance.objects.filter(pk=demande.pk).update(etat=Etat.CLOSE)


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")

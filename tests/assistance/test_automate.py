"""Les états d'une demande : tout ce que la table ne permet pas est refusé."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.assistance.etats import TRANSITIONS, Etat
from apart.assistance.models import DemandeAssistance
from apart.socle.automate import Dossier, GesteImpossible, diagramme
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


def test_chaque_etat_a_une_sortie_et_chaque_etat_est_atteint() -> None:
    assert {etat for transition in TRANSITIONS.values() for etat in transition.depuis} == set(Etat)
    assert {transition.vers for transition in TRANSITIONS.values() if transition.vers} == set(Etat)


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_ne_change_rien(geste: str, etat: Etat) -> None:
    demande = demande_dans(etat)
    lignes = EntreeJournal.objects.count()

    with pytest.raises(GesteImpossible), demande.franchir(geste):
        pytest.fail("le corps d'un geste interdit ne s'exécute pas")

    demande.refresh_from_db()
    assert demande.etat == etat
    assert EntreeJournal.objects.count() == lignes


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), PERMIS)
def test_un_geste_permis_mene_ou_dit_la_table_et_laisse_une_ligne_au_journal(geste: str, etat: Etat) -> None:
    demande = demande_dans(etat)

    with demande.franchir(geste):
        demande.close_le = timezone.now() if geste == "clore" else None

    voulu = TRANSITIONS[geste].vers or etat
    assert demande.etat == voulu
    assert DemandeAssistance.objects.get(pk=demande.pk).etat == voulu
    ligne = EntreeJournal.objects.du_sujet(demande.sujet)[0]
    assert (ligne.geste, ligne.details) == (geste, {"de": etat, "vers": voulu})


@pytest.mark.django_db
def test_c_est_ce_qui_est_en_base_qui_compte_et_non_ce_que_l_on_avait_lu() -> None:
    demande = depot().demande
    perimee = DemandeAssistance.objects.get(pk=demande.pk)
    DemandeAssistance.objects.filter(pk=demande.pk).update(telephone="+33611223344")
    with demande.franchir("clore"):
        demande.close_le = timezone.now()

    with pytest.raises(GesteImpossible), perimee.franchir("repondre"):
        pass
    with perimee.franchir("rouvrir"):
        perimee.close_le = None

    demande.refresh_from_db()
    assert (demande.etat, demande.telephone) == (Etat.A_TRAITER, "+33611223344")


@pytest.mark.django_db
def test_un_geste_qui_echoue_ne_laisse_rien() -> None:
    demande = depot().demande
    lignes = EntreeJournal.objects.count()

    with pytest.raises(IntegrityError), demande.franchir("clore"):
        demande.telephone = "+33611223344"  # et sans la date de clôture

    demande.refresh_from_db()
    assert (demande.etat, EntreeJournal.objects.count()) == (Etat.A_TRAITER, lignes)


def test_chaque_nom_d_etat_tient_dans_sa_colonne() -> None:
    for classe in Dossier.__subclasses__():
        longueur = classe._meta.get_field("etat").max_length
        etats = {etat for t in classe.TRANSITIONS.values() for etat in (*t.depuis, t.vers) if etat}
        assert longueur is not None
        assert [etat for etat in etats if len(etat) > longueur] == []


@pytest.mark.django_db
def test_la_base_refuse_une_demande_close_sans_date() -> None:
    demande = depot().demande

    with pytest.raises(IntegrityError), transaction.atomic():
        DemandeAssistance.objects.filter(pk=demande.pk).update(etat=Etat.CLOSE)


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")

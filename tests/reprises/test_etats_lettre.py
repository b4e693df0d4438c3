"""La table des états d'une lettre : ce qu'elle permet, ce que la base refuse, et son diagramme."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.reprises.actions import lots
from apart.reprises.etats import TRANSITIONS_LETTRE, VIVANTES, EtatLettre
from apart.reprises.models import Lettre
from apart.socle.automate import GesteImpossible, diagramme
from tests.reprises.fabriques import ecrite, fiche, habilitee, imprimee, imprimeur

pytestmark = pytest.mark.jour
PERMIS = {(geste, etat) for geste, transition in TRANSITIONS_LETTRE.items() for etat in transition.depuis}
INTERDITS = sorted((geste, etat) for geste in TRANSITIONS_LETTRE for etat in EtatLettre if (geste, etat) not in PERMIS)


def dans_l_etat(etat: EtatLettre) -> Lettre:
    fiche()
    mienne, agent = habilitee(), imprimeur()
    if etat == EtatLettre.A_IMPRIMER:
        return ecrite(mienne)
    lettre = imprimee(mienne, agent)
    if etat != EtatLettre.IMPRIMEE:
        Lettre.objects.update(etat=etat, finie_le=timezone.now(), code_chiffre=b"")
    lettre.refresh_from_db()
    return lettre


def test_chaque_etat_est_atteint() -> None:
    atteints = {transition.vers for transition in TRANSITIONS_LETTRE.values()}
    assert atteints >= set(EtatLettre)


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"
    assert diagramme(TRANSITIONS_LETTRE) in docs.read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_est_refuse(geste: str, etat: EtatLettre) -> None:
    with pytest.raises(GesteImpossible), dans_l_etat(etat).franchir(geste):
        pytest.fail("le corps d'un geste interdit ne s'exécute pas")


@pytest.mark.django_db
@pytest.mark.parametrize("etat", EtatLettre)
def test_la_base_refuse_une_lettre_finie_qui_garde_son_code_et_une_vivante_qui_n_en_a_pas(etat: EtatLettre) -> None:
    lettre = dans_l_etat(etat)
    lettre.code_chiffre = b"" if etat in VIVANTES else b"x"

    with pytest.raises(IntegrityError), transaction.atomic():
        lettre.save()


@pytest.mark.django_db
def test_la_base_refuse_une_lettre_partie_sans_lot_ni_date() -> None:
    lettre = dans_l_etat(EtatLettre.IMPRIMEE)
    lettre.lot = None

    with pytest.raises(IntegrityError), transaction.atomic():
        lettre.save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "adresse", ["BOULANGERIE", "é\n74000 ANNECY", "A" * 39 + "\nB", "=1+1\n74000 ANNECY", "A\nB\n" * 4]
)
def test_la_base_refuse_une_adresse_que_la_poste_ne_lirait_pas(adresse: str) -> None:
    lettre = dans_l_etat(EtatLettre.A_IMPRIMER)
    lettre.adresse = adresse

    with pytest.raises(IntegrityError), transaction.atomic():
        lettre.save()


@pytest.mark.django_db
def test_un_lot_vide_n_existe_pas() -> None:
    lot = lots.imprimer_lot(par=(imprimeur(), fiche(), ecrite(habilitee()))[0])
    lot.nombre = 0

    with pytest.raises(IntegrityError), transaction.atomic():
        lot.save()

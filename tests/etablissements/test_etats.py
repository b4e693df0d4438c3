"""Les états d'une demande à rejoindre : ceux de la table, et ceux que la migration a lus dans les dates."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apart.comptes.models import Usage
from apart.etablissements.etats import TRANSITIONS, EtatRejoindre
from apart.socle.automate import GesteImpossible, diagramme
from tests.migrations import migrer
from tests.monde import creer_monde, demande_rejoindre, etablissement, personne

pytestmark = pytest.mark.jour
PERMIS = {(geste, etat) for geste, transition in TRANSITIONS.items() for etat in transition.depuis}
INTERDITS = sorted((geste, etat) for geste in TRANSITIONS for etat in EtatRejoindre if (geste, etat) not in PERMIS)
AVANT = ("etablissements", "0002_invariants")
APRES = ("etablissements", "0003_etat_des_demandes_a_rejoindre")


def test_chaque_etat_est_atteint() -> None:
    assert {transition.vers for transition in TRANSITIONS.values()} | {EtatRejoindre.DEPOSEE} == set(EtatRejoindre)


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_est_refuse(geste: str, etat: EtatRejoindre) -> None:
    demande, _ = demande_rejoindre(creer_monde(), Usage.REJOINDRE, etat)

    with pytest.raises(GesteImpossible), demande.franchir(geste):
        pytest.fail("le corps d'un geste interdit ne s'exécute pas")


@pytest.mark.django_db
@pytest.mark.parametrize("etat", EtatRejoindre)
def test_la_base_refuse_un_etat_que_ses_dates_dementent(etat: EtatRejoindre) -> None:
    demande, _ = demande_rejoindre(creer_monde(), Usage.REJOINDRE, etat)
    demande.confirmee_le = None if demande.confirmee_le else timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        demande.save()


@pytest.mark.django_db
def test_la_migration_lit_l_etat_dans_les_dates_et_le_retour_les_garde() -> None:
    boulangerie, marie = etablissement("73282932000074", "Boulangerie du Lac"), personne("Durand", "Marie", "m@b.fr")
    for nom in ("entree", "repartie", "revenante"):
        personne(nom, "Léa", f"{nom}@exemple.fr")
    modeles = migrer(AVANT)
    demande, habilitation = (modeles.get_model("etablissements", n) for n in ("DemandeRejoindre", "Habilitation"))
    hier = timezone.now() - timedelta(days=1)
    accord = {"confirmee_le": hier, "traitee_le": hier, "traitee_par_id": marie.pk, "est_acceptee": True}
    dates: dict[str, dict[str, Any]] = {
        "deposee": {},
        "confirmee": {"confirmee_le": hier},
        "refusee": accord | {"est_acceptee": False},
        "acceptee": accord,
        "entree": accord,
        "repartie": accord,
        "revenante": accord,
    }
    for nom, champs in dates.items():
        demande.objects.create(etablissement_id=boulangerie.pk, courriel=f"{nom}@exemple.fr", **champs)
    for nom, du, au in (
        ("entree", hier, None),
        ("repartie", hier, hier),
        ("revenante", hier - timedelta(days=9), hier - timedelta(days=2)),
    ):
        qui = modeles.get_model("comptes", "Utilisateur").objects.get(courriel=f"{nom}@exemple.fr")
        habilitation.objects.create(
            utilisateur=qui, etablissement_id=boulangerie.pk, role="membre", preuve=4, du=du, au=au
        )

    apres = migrer(APRES).get_model("etablissements", "DemandeRejoindre").objects

    lus = {d.courriel.split("@")[0]: d.etat for d in apres.all()}
    voulus = {nom: nom for nom in ("deposee", "confirmee", "refusee", "acceptee", "entree")}
    assert lus == voulus | {"repartie": "entree", "revenante": "acceptee"}
    retour = migrer(AVANT).get_model("etablissements", "DemandeRejoindre").objects
    assert {d.courriel.split("@")[0]: d.est_acceptee for d in retour.exclude(est_acceptee=None)} == {
        "refusee": False, "acceptee": True, "entree": True, "repartie": True, "revenante": True
    }  # fmt: skip

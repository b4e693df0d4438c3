"""Chaque action refuse d'elle-même, quelle que soit la page qui l'appelle, chaque mauvais rôle et chaque mauvais état.

Un refus ne laisse rien en base.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import apart
from apart.comptes.jetons import JetonRefuse
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee
from apart.socle.automate import GesteImpossible
from tests.gestes import GESTES, SANS_REFUS, TOUS
from tests.scene import ROLES, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
REFUS = (PermissionDenied, ValidationError, GesteImpossible, JetonRefuse, OuvertureRefusee, EspaceDejaOuvert)
ETATS_REFUSES = [(nom, etat) for nom, geste in GESTES.items() for etat in geste.refus]
ETATS_SANS_EFFET = [(nom, etat) for nom, geste in GESTES.items() for etat in geste.sans_effet]


def actions_publiques() -> Iterator[str]:
    for module in pkgutil.walk_packages(apart.__path__, "apart."):
        if "actions" not in module.name.split("."):
            continue
        for nom, fonction in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if fonction.__module__ == module.name and not nom.startswith("_"):
                yield f"{module.name.removeprefix('apart.')}.{nom}"


def en_base() -> dict[str, list[dict[str, object]]]:
    """Tout ce que la base garde, hors compteurs ; un message retenu laisse sa ligne au journal et ne change rien."""
    return {
        modele._meta.label: list(modele._base_manager.order_by("pk").values())
        if modele._meta.model_name != "entreejournal"
        else list(modele._base_manager.exclude(geste__startswith="retenir_").order_by("pk").values())
        for modele in apps.get_models()
        if modele.__module__.startswith("apart.") and modele._meta.model_name != "compteur"
    }


def test_chaque_action_est_declaree_et_aucune_declaration_n_est_de_trop() -> None:
    publiques = set(actions_publiques())

    assert publiques - GESTES.keys() - SANS_REFUS.keys() == set(), "à déclarer dans tests/gestes.py"
    assert (GESTES.keys() | SANS_REFUS.keys()) - publiques == set()
    assert GESTES.keys() & SANS_REFUS.keys() == set()


@pytest.mark.parametrize("nom", GESTES)
def test_un_geste_n_est_permis_qu_a_ses_roles(nom: str) -> None:
    """Ceux qui le peuvent le font : sans quoi un refus pour tout le monde passerait pour un contrôle."""
    scene, geste = Scene(), GESTES[nom]
    for role in ROLES if geste.permis != TOUS else ("principal",):
        faire = geste.preparer(scene, scene.qui(role))
        avant = en_base()
        if role in geste.permis:
            with transaction.atomic():
                faire()
                assert en_base() != avant, f"{role} le peut, et rien n'est écrit"
                transaction.set_rollback(True)
        else:
            with pytest.raises(PermissionDenied):
                pytest.fail(f"{role} : {faire()}")
            assert en_base() == avant, f"{role} est refusé, et quelque chose est écrit"


@pytest.mark.parametrize(("nom", "etat"), ETATS_REFUSES)
def test_un_mauvais_etat_est_refuse_et_ne_change_rien(nom: str, etat: str) -> None:
    scene, geste = Scene(), GESTES[nom]
    par = scene.qui(geste.un_permis)
    geste.refus[etat](scene)
    faire = geste.preparer(scene, par)
    avant = en_base()

    with pytest.raises(REFUS):
        faire()

    assert en_base() == avant


@pytest.mark.parametrize(("nom", "etat"), ETATS_SANS_EFFET)
def test_un_geste_qui_n_a_plus_lieu_d_etre_ne_change_rien(nom: str, etat: str) -> None:
    scene, geste = Scene(), GESTES[nom]
    par = scene.qui(geste.un_permis)
    geste.sans_effet[etat](scene)
    faire = geste.preparer(scene, par)
    avant = en_base()

    faire()

    assert en_base() == avant

"""Deux rôles : ce que le site peut faire dans la base du propriétaire, et ce qu'il ne peut pas, même détourné."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege
from pytest_django.fixtures import Settings

from apart.courriels.models import Courriel
from apart.repertoire import actions
from apart.repertoire.models import Fiche, trouver
from apart.socle import droits
from apart.socle.models import EntreeJournal, journaliser
from tests.repertoire.conftest import ETABLISSEMENTS, UNITES, Muette

SITE = "essai_du_site"
pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings: Settings) -> str:
    """Un rôle sans droit par lui-même, à qui le propriétaire vient de donner les siens. Défait avec le test."""
    try:
        with transaction.atomic():
            executer(f"CREATE ROLE {SITE}")
    except ProgrammingError as refus:
        if not isinstance(refus.__cause__, InsufficientPrivilege):
            raise
        pytest.skip("ce PostgreSQL ne laisse pas créer de rôle")
    settings.ROLE_DU_SITE = SITE
    call_command("droits", stdout=StringIO())
    return SITE


def executer(ordre: str) -> None:
    with connection.cursor() as curseur:
        curseur.execute(ordre)


@contextmanager
def au_nom_du(role: str) -> Iterator[None]:
    executer(f"SET LOCAL ROLE {role}")
    try:
        yield
    finally:
        executer("RESET ROLE")


def test_le_site_lit_et_ecrit_chaque_table_et_ajoute_au_journal(site: str) -> None:
    with au_nom_du(site):
        for modele in apps.get_models():
            assert not modele._default_manager.filter(pk=None).exists()
        journaliser("essai", sujet="essai:1")
        Courriel.objects.filter(objet="essai").update(objet="autre")
        Courriel.objects.filter(objet="essai").delete()
    assert EntreeJournal.objects.du_sujet("essai:1").count() == 1


@pytest.mark.parametrize(
    "ordre",
    [
        "UPDATE socle_entreejournal SET geste = 'autre'",
        "DELETE FROM socle_entreejournal",
        "TRUNCATE socle_entreejournal",
        "DROP TRIGGER journal_en_ajout_seul ON socle_entreejournal",
        "ALTER TABLE socle_entreejournal DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuser_de_reecrire_le_journal() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NEW; END'",
        "DROP TABLE socle_entreejournal",
        "ALTER TABLE socle_entreejournal OWNER TO essai_du_site",
        "DELETE FROM django_migrations",
    ],
)
def test_le_site_n_ote_rien_au_journal_et_ne_desarme_pas_sa_garde(site: str, ordre: str) -> None:
    journaliser("essai", sujet="essai:1")
    with au_nom_du(site), pytest.raises(DatabaseError) as refus, transaction.atomic():
        executer(ordre)
    assert isinstance(refus.value.__cause__, InsufficientPrivilege)
    assert EntreeJournal.objects.du_sujet("essai:1").get().geste == "essai"


def test_le_site_lit_le_repertoire_que_le_proprietaire_vient_d_importer(site: str) -> None:
    actions.importer(etablissements=ETABLISSEMENTS, unites=UNITES, progression=Muette())
    with au_nom_du(site):
        fiche = trouver("39234600300198")
        assert fiche
        assert fiche.denomination
        assert Fiche.objects.count() == 328


def test_retirer_rend_la_base_a_un_seul_role(site: str) -> None:
    droits.retirer(connection, site)
    actions.importer(etablissements=ETABLISSEMENTS, unites=UNITES, progression=Muette())
    with au_nom_du(site), pytest.raises(ProgrammingError), transaction.atomic():
        Fiche.objects.count()


def test_avec_un_seul_role_la_commande_dit_qu_il_n_y_a_rien_a_donner(settings: Settings) -> None:
    settings.ROLE_DU_SITE = ""
    with pytest.raises(CommandError, match="le même rôle"):
        call_command("droits")

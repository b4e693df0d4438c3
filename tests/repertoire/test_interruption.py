"""Un import tué net (kill -9), à chaque étape : rien n'a changé, rien ne traîne, on relance et ça marche."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from apart.repertoire import actions
from apart.repertoire.models import Fiche, Importation
from tests.processus import environnement
from tests.repertoire.conftest import ETABLISSEMENTS, UNITES, Muette
from tests.repertoire.test_importation import autre_connexion, importer_ici, structure, tables_du_repertoire

pytestmark = pytest.mark.django_db(transaction=True)


IMPORTER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.core.management import call_command
call_command("sirene", "importer", "--echantillon")
"""


def commande() -> subprocess.Popen[str]:
    """« apart sirene importer --echantillon » dans un autre processus, sur la base de ce test."""
    return subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(connection.settings_dict["NAME"])],
        env=environnement(DJANGO_SETTINGS_MODULE="apart.config.settings"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def attendre_la_fin_cote_serveur() -> None:
    """Le serveur remarque la mort du client et défait tout ; le verrou libre en est la preuve."""
    limite = time.monotonic() + 30
    while time.monotonic() < limite:
        with autre_connexion() as autre:
            ligne = autre.execute("SELECT pg_try_advisory_xact_lock(%s)", [actions.VERROU]).fetchone()
            if ligne and ligne[0]:
                return
        time.sleep(0.1)
    pytest.fail("le verrou de l'import tué n'a pas été rendu")


@pytest.mark.parametrize(
    "etape",
    [
        "Lecture de StockUniteLegale",
        "Lecture de StockEtablissement",
        "Index et statistiques de repertoire_fiche",
        "Mise en service : le répertoire est en cours de lecture",
    ],
)
def test_tue_a_toute_etape_l_import_n_a_pas_eu_lieu(etape: str) -> None:
    importer_ici()
    avant = structure()
    with autre_connexion() as lecteur:
        lecteur.execute("SELECT 1 FROM repertoire_fiche LIMIT 1")  # l'échange doit attendre : l'import ne peut finir
        processus = commande()
        assert processus.stderr is not None
        vues = []
        for ligne in processus.stderr:
            vues.append(ligne)
            if ligne.startswith(etape):
                break
        processus.send_signal(signal.SIGKILL)
        processus.communicate()
        assert processus.returncode == -signal.SIGKILL, "".join(vues)
        attendre_la_fin_cote_serveur()
    assert Fiche.objects.count() == 328
    assert Importation.objects.count() == 1
    assert not [t for t in tables_du_repertoire() if t.endswith("_neuve")]

    actions.importer(etablissements=ETABLISSEMENTS, unites=UNITES, progression=Muette())
    assert Importation.objects.count() == 2
    assert structure() == avant

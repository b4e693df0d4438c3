"""La commande « apart » : celles d'Apart et celles de Django, avec une base qui répond."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.db.migrations.exceptions import MigrationSchemaMissing
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege, UndefinedFile, UndefinedTable

from apart.config.environnement import PARLE_POUR
from apart.config.ligne import Commandes, parler_francais, verifier
from apart.embarque.postgres import usage
from apart.embarque.programmes import PostgresIndisponible

# Celles-ci ne lisent jamais la base ; toute autre démarre la base embarquée au besoin.
SANS_BASE = {"", "help", "version", "collectstatic", "findstatic", "diffsettings", "demo_courriels", "bareme"}

# Celles-ci changent les tables ; toute autre se contente des droits du site (socle.droits).
DU_PROPRIETAIRE = {"migrate", "sirene", "droits", "demo", "flush", "dbshell"}
DROITS_A_RENDRE = "Lancez « apart droits », puis recommencez."
PROPRIETAIRE_A_DONNER = (
    "Il doit posséder la base et ses tables : donnez le propriétaire par DATABASE_URL_PROPRIETAIRE (« Deux rôles », "
    "docs/exploitation.md)."
)
REGLAGES = "DJANGO_SETTINGS_MODULE"
MESURES_PARTAGEES = "PROMETHEUS_MULTIPROC_DIR"  # nom de prometheus_client, qui ne le lit qu'à son premier import


def main() -> None:
    oublier_les_vides()
    os.environ.setdefault(REGLAGES, "apart.config.settings")
    os.environ[PARLE_POUR] = parle_pour(sys.argv)
    for numero in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(numero) is signal.SIG_DFL:  # s'arrêter en rendant la base, pas net
            signal.signal(numero, signal.default_int_handler)
    parler_francais()
    try:
        with mesures_partagees(sys.argv):  # lu par prometheus_client dès qu'on l'importe, donc avant tout
            verifier(sys.argv)
            with base_disponible(sys.argv):
                Commandes(sys.argv).execute()
    except PostgresIndisponible as refus:
        sys.exit(str(refus))
    except DatabaseError as refus:
        if "--traceback" in sys.argv or not (phrase := phrase_de_la_base(refus)):
            raise
        sys.exit(phrase)
    except KeyboardInterrupt:
        sys.exit(130)


def oublier_les_vides() -> None:
    """Vide vaut son défaut ; Django et prometheus_client croiraient leur variable donnée."""
    for nom in (REGLAGES, MESURES_PARTAGEES):
        if not os.environ.get(nom):
            os.environ.pop(nom, None)


def phrase_de_la_base(refus: DatabaseError) -> str:
    """Ce que l'exploitant doit faire ; vide si la faute est à nous."""
    cause = refus.__cause__
    if isinstance(cause, UndefinedFile | FeatureNotSupported) and "extension" in str(cause):
        return f"Il manque une extension à ce PostgreSQL : {refus}\nInstallez le paquet postgresql-contrib."
    if isinstance(refus, OperationalError):
        return f"La base de données ne répond pas : {refus}\nVérifiez DATABASE_URL et que PostgreSQL tourne."
    if isinstance(cause, InsufficientPrivilege) or isinstance(refus, MigrationSchemaMissing):
        remede = PROPRIETAIRE_A_DONNER if os.environ[PARLE_POUR] == "proprietaire" else DROITS_A_RENDRE
        return f"Ce rôle n'a pas ce droit dans la base : {refus}\n{remede}"
    if isinstance(cause, UndefinedTable) and sys.argv[1:2] != ["migrate"]:
        return f"Il manque une table à la base : {refus}\nLancez « apart migrate »."
    return ""


def parle_pour(arguments: list[str]) -> str:
    """Au nom de qui cette commande parle à la base : le propriétaire, les pages, ou le reste du service."""
    commande = arguments[1] if len(arguments) > 1 else ""
    return "proprietaire" if commande in DU_PROPRIETAIRE else "site" if commande == "serveur" else "fond"


@contextmanager
def base_disponible(arguments: list[str]) -> Iterator[None]:
    """Garde la base embarquée en marche le temps de la commande, quand il y en a une et qu'elle sert."""
    commande = arguments[1] if len(arguments) > 1 else ""
    aide = commande.startswith("-") or "--help" in arguments or "-h" in arguments
    if settings.BASE_EMBARQUEE is None or aide or commande in SANS_BASE:
        yield
        return
    with usage(settings.BASE_EMBARQUEE):
        yield


@contextmanager
def mesures_partagees(arguments: list[str]) -> Iterator[None]:
    """Un dossier neuf où les processus du site additionnent leurs mesures, le temps qu'il tourne."""
    if arguments[1:2] != ["serveur"] or not settings.METRIQUES_JETON or MESURES_PARTAGEES in os.environ:
        yield
        return
    processus = os.getpid()
    dossier = os.environ[MESURES_PARTAGEES] = tempfile.mkdtemp(prefix="apart-mesures-")
    try:
        yield
    finally:
        if os.getpid() == processus:  # pas depuis un processus web, né de celui-ci
            shutil.rmtree(dossier, ignore_errors=True)


if __name__ == "__main__":
    main()

"""La commande « apart » : celles d'Apart et celles de Django, avec une base qui répond."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, OperationalError, ProgrammingError
from psycopg.errors import InsufficientPrivilege

from apart.config.environnement import PARLE_POUR
from apart.config.ligne import Commandes, parler_francais, verifier
from apart.embarque.postgres import usage
from apart.embarque.programmes import PostgresIndisponible

# Celles-ci ne lisent jamais la base ; toute autre démarre la base embarquée au besoin.
SANS_BASE = {"", "help", "version", "collectstatic", "findstatic", "diffsettings", "demo_courriels", "bareme"}

# Celles-ci changent les tables ; toute autre se contente des droits du site (socle.droits).
DU_PROPRIETAIRE = {"migrate", "sirene", "droits", "demo", "flush", "dbshell"}
MESURES_PARTAGEES = "PROMETHEUS_MULTIPROC_DIR"  # nom de prometheus_client, qui ne le lit qu'à son premier import


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
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
    except (OperationalError, ProgrammingError) as refus:
        if "--traceback" in sys.argv or not (phrase := phrase_de_la_base(refus)):
            raise
        sys.exit(phrase)
    except KeyboardInterrupt:
        sys.exit(130)


def phrase_de_la_base(refus: DatabaseError) -> str:
    """Ce que l'exploitant doit faire ; vide si la faute est à nous."""
    if isinstance(refus, OperationalError):
        return f"La base de données ne répond pas : {refus}\nVérifiez DATABASE_URL et que PostgreSQL tourne."
    if isinstance(refus.__cause__, InsufficientPrivilege):
        return f"Le rôle du site n'a pas ce droit dans la base : {refus}\nLancez « apart droits », puis recommencez."
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

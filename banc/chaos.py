"""« make chaos » : mille demandes d'espace pendant que l'on tue, sans prévenir, ceux qui les écrivent et PostgreSQL.

Une demande acquittée est une demande dont l'écrivain a dit le numéro après la validation. À la fin, chacune est là une
fois, avec son jeton, son courriel et ses lignes de journal ; ce qui n'a pas été acquitté est entier ou absent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import django

DEMANDES, MORTS, ECRIVAINS = 1_000, 50, 4
PAS = 10_000_000  # numéros de chaque écrivain : deux n'écrivent jamais le même


class Ecrivain:
    """Un processus qui dépose des demandes, l'une après l'autre, et dit chacune."""

    def __init__(self, rang: int, dites: set[int]) -> None:
        self.processus = subprocess.Popen(
            [sys.executable, "-m", "banc.chaos", "ecrire", str(rang * PAS)],
            env={**os.environ, "APART_PARLE_POUR": "fond"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.oreille = threading.Thread(target=self.ecouter, args=(dites,))
        self.oreille.start()

    def ecouter(self, dites: set[int]) -> None:
        assert self.processus.stdout
        for ligne in self.processus.stdout:
            if ligne.endswith("\n"):  # la dernière d'un écrivain tué est parfois coupée
                dites.add(int(ligne))

    def tuer(self) -> None:
        self.processus.kill()
        self.processus.wait()
        self.oreille.join()


def ecrire(premier: int) -> None:
    """Sans fin. Une base tuée se retrouve ; la demande en cours est abandonnée, acquittée ou non."""
    from django.db import Error, connection, transaction

    from apart.etablissements.actions.espace import deposer_demande, envoyer_lien
    from apart.etablissements.models import DemandeEspace

    for numero in range(premier, premier + PAS):
        saisie = DemandeEspace(
            siret=f"{numero:014d}",
            denomination="Essai",
            courriel_utilisateur=f"p{numero}@exemple.fr",
            nom="D",
            prenom="M",
        )
        try:
            with transaction.atomic():
                envoyer_lien(deposer_demande(saisie))
        except Error:
            connection.close()
            time.sleep(0.1)
            continue
        print(numero, flush=True)


def eprouver(base: Path, demandes: int, morts: int) -> set[int]:
    """Tue, à tour de rôle, un écrivain puis PostgreSQL ; rend les numéros acquittés."""
    from apart.embarque import postgres

    dites: set[int] = set()
    ecrivains = [Ecrivain(rang, dites) for rang in range(1, ECRIVAINS + 1)]
    for mort in range(morts):
        while len(dites) < demandes * (mort + 1) // morts:
            time.sleep(0.01)
        if mort % 2:
            numero = postgres.numero(base.resolve() / "donnees" / "postmaster.pid")
            assert numero
            os.kill(numero, signal.SIGKILL)
            postgres.demarrer(base)
        else:
            ecrivains[mort % ECRIVAINS].tuer()
            ecrivains[mort % ECRIVAINS] = Ecrivain(ECRIVAINS + 1 + mort, dites)
    for ecrivain in ecrivains:
        ecrivain.tuer()
    return dites


def compter(dites: set[int]) -> tuple[int, int, int]:
    """Demandes acquittées perdues, en double, et demandes à qui il manque quelque chose."""
    from apart.courriels.models import Courriel
    from apart.etablissements.models import DemandeEspace
    from apart.socle.models import EntreeJournal

    gardees = Counter(int(siret) for siret in DemandeEspace.objects.values_list("siret", flat=True))
    courriels = Counter(Courriel.objects.values_list("siret", flat=True))
    gestes = Counter(EntreeJournal.objects.values_list("details__demande", flat=True))
    boiteuses = [
        demande.siret
        for demande in DemandeEspace.objects.prefetch_related("jetons")
        if (len(demande.jetons.all()), courriels[demande.siret], gestes[demande.pk]) != (1, 1, 2)
    ]
    return len(dites - gardees.keys()), sum(nombre > 1 for nombre in gardees.values()), len(boiteuses)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
    if sys.argv[1:2] == ["ecrire"]:
        django.setup()
        ecrire(int(sys.argv[2]))
    demandes, morts = (int(nombre) for nombre in sys.argv[1:3] or (DEMANDES, MORTS))
    with tempfile.TemporaryDirectory(prefix="apart-chaos-") as var:
        Path(var).chmod(0o755)  # sous root, PostgreSQL tourne sous un autre compte, qui doit y entrer
        os.environ |= {"APART_VAR": var, "NIVEAU_JOURNAL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        return juger(Path(var) / "postgres", demandes, morts)


def juger(base: Path, demandes: int, morts: int) -> int:
    from django.core.management import call_command
    from django.db import connections

    from apart.embarque.postgres import usage

    with usage(base):
        call_command("migrate", verbosity=0)
        connections.close_all()
        debut = time.monotonic()
        dites = eprouver(base, demandes, morts)
        perdues, doubles, boiteuses = compter(dites)
        connections.close_all()
    print(
        f"{len(dites)} demandes acquittées en {time.monotonic() - debut:.0f} s sous {morts} kill -9 : "
        f"{perdues} perdues, {doubles} en double, {boiteuses} incomplètes."
    )
    return 1 if perdues or doubles or boiteuses else 0


if __name__ == "__main__":
    sys.exit(main())

"""« make chaos » : mille espaces demandés et ouverts pendant que l'on tue, sans prévenir, qui les écrit et la base.

Une demande, ou une ouverture, acquittée est celle dont l'écrivain a dit le numéro après la validation. À la fin,
chaque demande est là une fois, avec son jeton, son courriel et ses lignes de journal ; chaque espace ouvert, une
fois, avec sa personne, son habilitation, son code de secours, ses courriels et ses lignes de journal. Ce qui n'a pas
été acquitté est entier ou absent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import django

if TYPE_CHECKING:
    from apart.etablissements.models import DemandeEspace

ESPACES, MORTS, ECRIVAINS = 1_000, 50, 4
PAS = 10_000_000  # numéros de chaque écrivain : deux n'écrivent jamais le même
MOT_DE_PASSE = "clairon brume ecureuil safran"
# Ce que laisse en base chaque SIRET, rien de plus et rien de moins.
DEPOSEE = Counter(["demande", "jeton", "deposer_demande_espace", "envoyer_lien_espace", "courriel ouvrir_espace"])
OUVERTE = DEPOSEE + Counter(
    [
        "ouverte", "établissement", "personne", "habilitation", "code de secours",
        "ouvrir_espace", "renouveler_code_secours", "envoyer_lien_adresse",
        "courriel identifiant", "courriel habilitation", "courriel adresse_etablissement",
    ]
)  # fmt: skip


@dataclass
class Acquits:
    """Les numéros que les écrivains ont dits."""

    deposees: set[int] = field(default_factory=set)
    ouvertes: set[int] = field(default_factory=set)

    def noter(self, ligne: str) -> None:
        geste, numero = ligne.split()
        (self.deposees if geste == "deposee" else self.ouvertes).add(int(numero))


class Ecrivain:
    """Un processus qui demande des espaces et les ouvre, l'un après l'autre, et dit chaque geste."""

    def __init__(self, rang: int, acquits: Acquits) -> None:
        self.processus = subprocess.Popen(
            [sys.executable, "-m", "banc.chaos", "ecrire", str(rang * PAS)],
            env={**os.environ, "APART_PARLE_POUR": "fond"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.oreille = threading.Thread(target=self.ecouter, args=(acquits,))
        self.oreille.start()

    def ecouter(self, acquits: Acquits) -> None:
        assert self.processus.stdout
        for ligne in self.processus.stdout:
            if ligne.endswith("\n"):  # la dernière d'un écrivain tué est parfois coupée
                acquits.noter(ligne)

    def tuer(self) -> None:
        self.processus.kill()
        self.processus.wait()
        self.oreille.join()


def ecrire(premier: int) -> None:
    """Sans fin. Une base tuée se retrouve ; l'espace en cours est abandonné, acquitté ou non."""
    from django.conf import settings
    from django.db import Error, connection

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # le hachage n'est pas en cause
    for numero in range(premier, premier + PAS):
        try:
            demande = deposer(numero)
            print("deposee", numero, flush=True)
            suivre_le_lien(demande)
            print("ouverte", numero, flush=True)
        except Error:
            connection.close()
            time.sleep(0.1)


def deposer(numero: int) -> DemandeEspace:
    from django.db import transaction

    from apart.etablissements.actions.espace import deposer_demande, envoyer_lien
    from apart.etablissements.models import DemandeEspace

    saisie = DemandeEspace(
        siret=f"{numero:014d}", denomination="Essai", courriel_utilisateur=f"p{numero}@exemple.fr", nom="D", prenom="M"
    )
    with transaction.atomic():
        envoyer_lien(deposer_demande(saisie))
    return saisie


def suivre_le_lien(demande: DemandeEspace) -> None:
    """Ouvre l'espace par le lien du message en file, ce qu'elle relit étant ce qu'elle a saisi."""
    from apart.courriels.chiffre import dechiffrer
    from apart.courriels.models import Courriel
    from apart.etablissements.actions.espace import CHAMPS_RELUS, Relue, ouvrir

    (message,) = Courriel.objects.filter(siret=demande.siret)
    secret = urlsplit(dechiffrer(bytes(message.secrets))["lien"]).path.rstrip("/").rpartition("/")[2]
    relus = {nom: getattr(demande, nom) for nom in CHAMPS_RELUS} | {"courriel": f"c{int(demande.siret)}@exemple.fr"}
    ouvrir(secret, relue=Relue(relus, {"nom": "D", "prenom": "M", "telephone": ""}, MOT_DE_PASSE))


def eprouver(base: Path, espaces: int, morts: int) -> Acquits:
    """Tue, à tour de rôle, un écrivain puis PostgreSQL ; rend ce qui a été acquitté."""
    from apart.embarque import postgres

    acquits = Acquits()
    ecrivains = [Ecrivain(rang, acquits) for rang in range(1, ECRIVAINS + 1)]
    for mort in range(morts):
        while len(acquits.ouvertes) < espaces * (mort + 1) // morts:
            time.sleep(0.01)
        if mort % 2:
            numero = postgres.numero(base.resolve() / "donnees" / "postmaster.pid")
            assert numero
            os.kill(numero, signal.SIGKILL)
            postgres.demarrer(base)
        else:
            ecrivains[mort % ECRIVAINS].tuer()
            ecrivains[mort % ECRIVAINS] = Ecrivain(ECRIVAINS + 1 + mort, acquits)
    for ecrivain in ecrivains:
        ecrivain.tuer()
    return acquits


def relever() -> dict[int, Counter[str]]:
    """Par numéro, tout ce que la base garde de lui."""
    from apart.comptes.models import CodeSecours, Utilisateur
    from apart.courriels.models import Courriel
    from apart.etablissements.models import DemandeEspace, Etablissement, Habilitation, Role
    from apart.socle.models import EntreeJournal

    traces: defaultdict[int, Counter[str]] = defaultdict(Counter)
    demandes, personnes = {}, {}
    for demande in DemandeEspace.objects.prefetch_related("jetons"):
        demandes[demande.pk] = numero = int(demande.siret)
        traces[numero].update(["demande", *["jeton" for _ in demande.jetons.all()]])
        traces[numero].update(["ouverte"] if demande.ouverte_le else [])
    for personne in Utilisateur.objects.all():
        personnes[personne.pk] = numero = int(personne.courriel.partition("@")[0].removeprefix("p"))
        traces[numero]["personne"] += 1
    for modele, siret in Courriel.objects.values_list("modele", "siret"):
        traces[int(siret)][f"courriel {modele}"] += 1
    for siret in Etablissement.objects.values_list("siret", flat=True):
        traces[int(siret)]["établissement"] += 1
    for habilitation in Habilitation.objects.actives().filter(role=Role.PRINCIPAL).select_related("etablissement"):
        est_la_sienne = personnes[habilitation.utilisateur_id] == int(habilitation.etablissement.siret)
        traces[int(habilitation.etablissement.siret)]["habilitation" if est_la_sienne else "celle d'un autre"] += 1
    for pk in CodeSecours.objects.values_list("utilisateur_id", flat=True):
        traces[personnes[pk]]["code de secours"] += 1
    for geste, par, demande in EntreeJournal.objects.values_list("geste", "par_id", "details__demande"):
        traces[personnes[par] if par else demandes.get(demande, 0)][geste] += 1
    return traces


@dataclass(frozen=True)
class Bilan:
    perdus: int
    en_double: int
    incomplets: int


def juger(acquits: Acquits, traces: dict[int, Counter[str]]) -> Bilan:
    """Ce qui a été acquitté et n'est plus là, ce qui est là deux fois, ce qui n'est ni entier ni absent."""
    perdues = acquits.deposees - {numero for numero, laisse in traces.items() if laisse["demande"]}
    perdus = acquits.ouvertes - {numero for numero, laisse in traces.items() if laisse["établissement"]}
    return Bilan(
        perdus=len(perdues) + len(perdus),
        en_double=sum(max(laisse.values()) > 1 for laisse in traces.values()),
        incomplets=sum(laisse not in (DEPOSEE, OUVERTE) for laisse in traces.values()),
    )


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
    if sys.argv[1:2] == ["ecrire"]:
        django.setup()
        ecrire(int(sys.argv[2]))
    espaces, morts = (int(nombre) for nombre in sys.argv[1:3] or (ESPACES, MORTS))
    with tempfile.TemporaryDirectory(prefix="apart-chaos-") as var:
        Path(var).chmod(0o755)  # sous root, PostgreSQL tourne sous un autre compte, qui doit y entrer
        os.environ |= {"APART_VAR": var, "NIVEAU_JOURNAL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        return passer(Path(var) / "postgres", espaces, morts)


def passer(base: Path, espaces: int, morts: int) -> int:
    from django.core.management import call_command
    from django.db import connections

    from apart.embarque.postgres import usage

    with usage(base):
        call_command("migrate", verbosity=0)
        connections.close_all()
        debut = time.monotonic()
        acquits = eprouver(base, espaces, morts)
        duree = time.monotonic() - debut
        traces = relever()
        connections.close_all()
    bilan, entiers = juger(acquits, traces), sum(laisse == OUVERTE for laisse in traces.values())
    print(
        f"{len(acquits.deposees)} demandes et {len(acquits.ouvertes)} ouvertures acquittées en {duree:.0f} s sous "
        f"{morts} kill -9 ; en base, {len(traces)} demandes, dont {entiers} espaces ouverts et entiers : "
        f"{bilan.perdus} perdus, {bilan.en_double} en double, {bilan.incomplets} incomplets."
    )
    return 1 if bilan != Bilan(0, 0, 0) else 0


if __name__ == "__main__":
    sys.exit(main())

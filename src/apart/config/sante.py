"""Ce dont le service a besoin pour marcher (une base, ses migrations, un travailleur), et ce que l'on en mesure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apart.courriels.models import Courriel
from apart.repertoire.models import Importation

BATTEMENT_PERDU = 60.0  # secondes ; un travailleur en marche bat toutes les dix
# La file est à l'heure de PostgreSQL, qui l'écrit : sa propre horloge dit seule l'âge d'un battement.
BATTEMENT = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
HORLOGE = "SELECT extract(epoch FROM clock_timestamp())"
BASE_MUETTE = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class Etat:
    base: bool = False
    migrations: bool = False
    travailleur: bool = False

    @property
    def est_pret(self) -> bool:
        return all(asdict(self).values())


def examiner() -> Etat:
    """L'état du service. Ne lève rien : une base muette est une réponse."""
    try:
        if migrations_en_attente():
            return Etat(base=True)
        age = lire(BATTEMENT)
    except BASE_MUETTE:
        return Etat()
    return Etat(base=True, migrations=True, travailleur=age is not None and age < BATTEMENT_PERDU)


def migrations_en_attente() -> list[str]:
    """Les migrations de cette version que la base n'a pas encore reçues."""
    executeur = MigrationExecutor(connection)
    plan = executeur.migration_plan(executeur.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def lire(mesure: str) -> float | None:
    with connection.cursor() as curseur:
        curseur.execute(mesure)
        valeur = curseur.fetchone()[0]
    return None if valeur is None else float(valeur)


def ecart_d_horloge() -> float:
    """De combien de secondes l'horloge de la base est en avance sur celle de ce processus."""
    return (lire(HORLOGE) or 0.0) - timezone.now().timestamp()


class EtatDeLaBase(Collector):
    """Ce que la base dit du service, au moment où on le demande."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        debut = time.perf_counter()
        try:
            yield from (*_de_la_file(), *_des_courriels(), *_du_repertoire())
            yield _jauge("apart_horloge_ecart_secondes", "Avance de l'horloge de la base", ecart_d_horloge())
        except Error:  # muette, ou ses tables manquent : /sante/pret dit lequel
            yield _jauge("apart_base_repond", "1 si la base répond, avec ses tables", 0)
            return
        yield _jauge("apart_base_repond", "1 si la base répond, avec ses tables", 1)
        yield _jauge("apart_base_secondes", "Durée de la lecture de ces mesures", time.perf_counter() - debut)


def _de_la_file() -> Iterator[GaugeMetricFamily]:
    taches = GaugeMetricFamily("apart_taches", "Tâches de la file, par état (failed : échouées)", labels=["etat"])
    nombres = dict(ProcrastinateJob.objects.values_list("status").annotate(Count("pk")).order_by())
    for etat in ("todo", "doing", "failed"):
        taches.add_metric([etat], nombres.get(etat, 0))
    yield taches
    if (age := lire(BATTEMENT)) is not None:
        yield _jauge("apart_travailleur_battement_secondes", "Temps depuis le dernier battement d'un travailleur", age)


def _des_courriels() -> Iterator[GaugeMetricFamily]:
    yield _jauge("apart_courriels_en_attente", "Courriels à envoyer", Courriel.objects.en_attente().count())
    premier = Courriel.objects.bloques_chez_nous().aggregate(le=Min("cree_le"))["le"]
    age = (timezone.now() - premier).total_seconds() if premier else 0
    yield _jauge(
        "apart_courriel_plus_ancien_secondes", "Âge du plus ancien courriel qui ne part pas de chez nous", age
    )


def _du_repertoire() -> Iterator[GaugeMetricFamily]:
    derniere = Importation.objects.all().derniere()
    if derniere is not None:
        age = (timezone.now() - derniere.finie_le).total_seconds()
        yield _jauge("apart_repertoire_age_secondes", "Temps depuis le dernier import du répertoire", age)


def _jauge(nom: str, sens: str, valeur: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(nom, sens, value=valeur)

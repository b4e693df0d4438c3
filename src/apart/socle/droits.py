"""Deux rôles dans PostgreSQL : le propriétaire change les tables ; celui du site s'en sert, et n'ôte rien au journal.

Le déclencheur du journal arrête une faute ; il n'arrête pas un site détourné, qui l'ôterait s'il possédait la table.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

DES_TABLES = "SELECT, INSERT, UPDATE, DELETE"
POSER = (
    "GRANT USAGE ON SCHEMA public TO {site}",
    f"GRANT {DES_TABLES} ON ALL TABLES IN SCHEMA public TO {{site}}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {site}",
    # Celles à venir : chaque import du répertoire crée de nouvelles tables.
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {DES_TABLES} ON TABLES TO {{site}}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {site}",
    "REVOKE ALL ON socle_entreejournal, django_migrations FROM {site}",
    "GRANT SELECT, INSERT ON socle_entreejournal TO {site}",
    "GRANT SELECT ON django_migrations TO {site}",
)
RETIRER = (
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {site}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {site}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {site}",
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {site}",
    "REVOKE USAGE ON SCHEMA public FROM {site}",
)


def poser(connexion: BaseDatabaseWrapper, site: str) -> None:
    """Donne au rôle du site ses droits, présents et à venir. Le propriétaire le demande, autant de fois qu'il veut."""
    _executer(connexion, POSER, site)


def retirer(connexion: BaseDatabaseWrapper, site: str) -> None:
    _executer(connexion, RETIRER, site)


def _executer(connexion: BaseDatabaseWrapper, ordres: tuple[str, ...], site: str) -> None:
    with connexion.cursor() as curseur:
        for ordre in ordres:
            curseur.execute(sql.SQL(ordre).format(site=sql.Identifier(site)))

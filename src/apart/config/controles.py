"""« apart check --deploy » essaie pour de bon ce dont le service dépend : base, courrier, pièces, antivirus.

Les fautes (E) empêchent le service de marcher ; les avertissements W1xx parlent de cette installation, jamais du
code : outils/verifier, qui n'en a pas, les laisse de côté.
"""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from apart.config import sante
from apart.courriels.liaison import Injoignable, Liaison
from apart.embarque.programmes import MAJEURE_MINIMALE
from apart.pieces.antivirus import Muet, saluer
from apart.socle.models import EntreeJournal
from apart.socle.templatetags.apart import duree

ICI = {"", "localhost", "127.0.0.1", "::1"}
ECART_PERMIS = 5.0  # secondes entre deux horloges ; un code à six chiffres en change toutes les trente
ROLE = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
ABSENTES = "SELECT nom FROM unnest(%s::text[]) nom WHERE nom NOT IN (SELECT extname FROM pg_extension)"
FERMEES = """
SELECT nom FROM unnest(%s::text[]) nom
WHERE NOT (has_table_privilege(nom, 'SELECT') AND has_table_privilege(nom, 'INSERT') OR nom = 'django_migrations')
"""
JOURNAL_OUVERT = """
SELECT has_table_privilege(oid, 'UPDATE, DELETE') OR pg_has_role(relowner, 'USAGE')
FROM pg_class WHERE oid = 'socle_entreejournal'::regclass
"""


def base(**_: object) -> list[CheckMessage]:
    """La base répond, a ses extensions et ses tables, et ce rôle y a les droits qu'il faut, sans plus."""
    try:
        return [*_serveur(), *_chiffrement(), *_horloge(), *_tables()]
    except OperationalError as refus:
        return [Error(f"La base de données ne répond pas : {refus}", "Vérifiez DATABASE_URL.", id="apart.E101")]
    except DatabaseError as refus:
        return [Error(f"La base de données refuse d'être examinée : {refus}", id="apart.E105")]


def transport(**_: object) -> list[CheckMessage]:
    """Les gens joignent le service par TLS. Django le demande en anglais, réglage par réglage."""
    if settings.EST_HTTPS:
        return []
    dit = "URL_PUBLIQUE est en http : mots de passe et sessions voyagent en clair."
    return [Warning(dit, "Mettez un mandataire TLS devant le site, et https dans URL_PUBLIQUE.", id="apart.W117")]


def courrier(**_: object) -> list[CheckMessage]:
    """Le serveur d'envoi répond, chiffre et nous reconnaît comme pour un vrai message ; rien n'est envoyé."""
    with closing(Liaison()) as liaison:
        try:
            liaison.saluer()
        except Injoignable as refus:
            dit = f"Le serveur de courrier ne prend pas nos messages. {refus}"
            return [Warning(dit, "Vérifiez EMAIL_URL ; d'ici là les courriels attendent.", id="apart.W121")]
    return []


def pieces(**_: object) -> list[CheckMessage]:
    """Le dossier des pièces jointes est là, se laisse écrire, et rien ne le sert ni ne l'ouvre aux autres comptes."""
    dossier: Path | None = settings.PIECES_DOSSIER
    if dossier is None:
        return []
    if not dossier.is_dir():
        conseil = "Montez le partage, ou créez le dossier sous le compte du site ; il est le même sur chaque machine."
        return [Error(f"PIECES_DOSSIER : {dossier} n'est pas un dossier.", conseil, id="apart.E131")]
    try:
        with tempfile.TemporaryFile(dir=dossier):
            pass
    except OSError as refus:
        dit = f"PIECES_DOSSIER : {dossier} ne se laisse pas écrire ({refus.strerror})."
        return [Error(dit, "Donnez-le au compte du site et du travailleur.", id="apart.E132")]
    return [*_dossier_servi(dossier), *_dossier_ouvert(dossier)]


def _dossier_servi(dossier: Path) -> Iterator[CheckMessage]:
    """Apart sert les dossiers « static » de ses modules ; ce qui les touche donnerait les pièces à qui les demande."""
    reel = dossier.resolve()
    servis = [Path(str(trouve.location)).resolve() for trouve in _dossiers_statiques()]
    if any(reel.is_relative_to(servi) or servi.is_relative_to(reel) for servi in servis):
        dit = f"PIECES_DOSSIER : {dossier} touche un dossier que le site sert."
        yield Error(dit, "Choisissez un dossier à part, hors du code.", id="apart.E133")


def _dossiers_statiques() -> Iterator[FileSystemStorage]:
    for chercheur in get_finders():
        for lieu in getattr(chercheur, "storages", {}).values():
            if isinstance(lieu, FileSystemStorage):
                yield lieu


def _dossier_ouvert(dossier: Path) -> Iterator[CheckMessage]:
    if dossier.stat().st_mode & stat.S_IRWXO:
        dit = f"PIECES_DOSSIER : tout compte de la machine entre dans {dossier}."
        yield Warning(dit, f"chmod 750 {dossier}", id="apart.W131")


def antivirus(**_: object) -> list[CheckMessage]:
    """L'antivirus réglé répond : sans lui, toute pièce jointe est refusée."""
    if settings.CLAMD is None:
        return []
    try:
        saluer()
    except (Muet, OSError) as panne:
        dit = f"CLAMD_URL : l'antivirus ne répond pas ({panne}). Toute pièce jointe est refusée."
        return [Warning(dit, "Vérifiez l'adresse et que clamd tourne.", id="apart.W132")]
    return []


def _lignes(ordre: str, *valeurs: list[str]) -> list[tuple[object, ...]]:
    with connection.cursor() as curseur:
        curseur.execute(ordre, valeurs)
        return list(curseur.fetchall())


def _serveur() -> Iterator[CheckMessage]:
    connection.ensure_connection()
    majeure = connection.connection.info.server_version // 10_000
    if majeure < MAJEURE_MINIMALE:
        yield Error(f"Cette base est un PostgreSQL {majeure} ; il faut {MAJEURE_MINIMALE} ou plus.", id="apart.E102")
    if _lignes(ROLE) == [(True,)]:
        conseil = "Voyez « Deux rôles » dans docs/exploitation.md."
        yield Warning("Le site emploie un rôle tout-puissant dans PostgreSQL.", conseil, id="apart.W111")


def _extensions() -> Iterator[CheckMessage]:
    """Celles que nos migrations créent : les exiger d'après une autre liste en demanderait que rien ne pose."""
    operations = [pas for etape in MigrationLoader(None).disk_migrations.values() for pas in etape.operations]
    attendues = sorted({pas.name for pas in operations if isinstance(pas, CreateExtension)})
    if manquantes := [str(nom) for (nom,) in _lignes(ABSENTES, attendues)]:
        conseil = "Le propriétaire de la base les crée (CREATE EXTENSION) ; paquet postgresql-contrib."
        yield Error(f"Extensions absentes de la base : {', '.join(manquantes)}.", conseil, id="apart.E103")


def _chiffrement() -> Iterator[CheckMessage]:
    hote = str(connection.settings_dict["HOST"])
    if hote in ICI or hote.startswith("/"):
        return
    if not connection.connection.pgconn.ssl_in_use:
        dit = "La liaison avec la base n'est pas chiffrée."
    elif connection.connection.info.get_parameters().get("sslmode") not in {"verify-ca", "verify-full"}:
        dit = "La liaison avec la base est chiffrée, sans vérifier qui est au bout."
    else:
        return
    yield Warning(dit, "Ajoutez ?sslmode=verify-full à DATABASE_URL.", id="apart.W113")


def _horloge() -> Iterator[CheckMessage]:
    ecart = sante.ecart_d_horloge()
    if abs(ecart) > ECART_PERMIS:
        sens = "avance" if ecart > 0 else "retarde"
        dit = f"L'horloge de la base {sens} de {duree(timedelta(seconds=abs(ecart)))} sur celle de cette machine."
        conseil = "Réglez les deux (NTP) : les liens, les sessions et les codes à six chiffres en dépendent."
        yield Warning(dit, conseil, id="apart.W114")


def _tables() -> Iterator[CheckMessage]:
    if attendues := sante.migrations_en_attente():
        dit = f"La base attend {len(attendues)} migrations, dont {attendues[0]}."
        yield Warning(dit, "Lancez « apart migrate ».", id="apart.W115")
        return
    yield from _extensions()
    tables = sorted({modele._meta.db_table for modele in apps.get_models()})
    if fermees := [str(nom) for (nom,) in _lignes(FERMEES, tables)]:
        dit = f"Le rôle du site n'a pas ses droits sur {len(fermees)} tables, dont {fermees[0]}."
        yield Error(dit, "Lancez « apart droits ».", id="apart.E104")
        return
    if _lignes(JOURNAL_OUVERT) == [(True,)]:
        conseil = "Donnez DATABASE_URL_PROPRIETAIRE : voyez « Deux rôles » dans docs/exploitation.md."
        yield Warning("Le rôle du site peut réécrire le journal des gestes.", conseil, id="apart.W112")
    derniere = EntreeJournal.objects.order_by("-pk").first()
    if derniere and derniere.le > timezone.now() + timedelta(seconds=ECART_PERMIS):
        retard = duree(derniere.le - timezone.now())
        dit = f"L'horloge de cette machine est derrière la dernière ligne du journal, de {retard}."
        yield Warning(dit, "Réglez-la (NTP) avant d'ouvrir le service.", id="apart.W116")

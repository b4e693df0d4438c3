"""Le rôle du site reçoit ses droits sur ce qui existe, et d'avance sur ce que le propriétaire créera.

Sans second rôle (ROLE_DU_SITE vide), rien à faire : « apart droits » les posera le jour où il y en aura un.
"""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from apart.socle import droits


def poser(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if settings.ROLE_DU_SITE:
        droits.poser(schema_editor.connection, settings.ROLE_DU_SITE)


def retirer(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if settings.ROLE_DU_SITE:
        droits.retirer(schema_editor.connection, settings.ROLE_DU_SITE)


class Migration(migrations.Migration):
    dependencies = [("socle", "0002_journal_en_ajout_seul")]
    operations = [migrations.RunPython(poser, retirer)]

"""Les agents d'avant les affectations : un service d'assistance de tout le territoire, et rien d'autre.

Le nom du service est à vérifier par l'exploitant : il se corrige sur la page « Services ».
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

NOM = "Assistance activité partielle"


def affecter(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Affectation = apps.get_model("administrations", "Affectation")
    service, _ = apps.get_model("administrations", "Service").objects.get_or_create(nom=NOM, sorte="assistance")
    affectations = [
        Affectation(
            agent=agent,
            service=service,
            role="superviseur" if agent.est_superviseur else "assistance",
            du=timezone.localdate(agent.cree_le),
        )
        for agent in apps.get_model("comptes", "Utilisateur").objects.filter(est_agent=True)
    ]
    Affectation.objects.bulk_create(affectations, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("administrations", "0001_services_et_affectations")]
    operations = [migrations.RunPython(affecter, migrations.RunPython.noop)]

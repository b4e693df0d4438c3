"""Une DDETS ou une DREETS a ses départements : sans eux, ses agents verraient tout le pays."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

NATIONALES = ("assistance", "agence_de_paiement")


def dire_lesquels(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nul ne devine les départements d'un service : l'exploitant les indique, puis rejoue la migration."""
    tous = apps.get_model("administrations", "Service").objects.exclude(sorte__in=NATIONALES)
    if noms := list(tous.filter(departements=[]).order_by("pk").values_list("nom", flat=True)):
        raise ValueError(f"Indiquez d'abord, sur la page « Services », les départements de : {', '.join(noms)}.")


class Migration(migrations.Migration):
    dependencies = [("administrations", "0002_les_agents_d_aujourd_hui")]
    operations = [
        migrations.RunPython(dire_lesquels, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=Q(sorte__in=NATIONALES) | ~Q(departements=[]), name="service_national_selon_sa_sorte"
            ),
        ),
    ]

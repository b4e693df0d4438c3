"""Un accord pas encore employé s'annule. En revenant, il redevient un refus : ni l'un ni l'autre n'ouvre rien."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

ETATS = [("deposee", "déposée"), ("confirmee", "à décider"), ("acceptee", "acceptée"), ("refusee", "refusée"), ("entree", "entrée")]
NOM = "rejoindre_datee_selon_son_etat"
# Une table dont des clés étrangères attendent la fin de la transaction ne change pas de forme.
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def refuser(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Demande: Any = apps.get_model("etablissements", "DemandeRejoindre")
    Demande.objects.filter(etat="annulee").update(etat="refusee")
    schema_editor.execute(SANS_ATTENDRE)


def datee(*tranchees: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(("confirmee_le", None), ("etat", "deposee"), ("traitee_le", None), ("traitee_par", None))
        | Q(("confirmee_le__isnull", False), ("etat", "confirmee"), ("traitee_le", None), ("traitee_par", None))
        | Q(("confirmee_le__isnull", False), ("etat__in", list(tranchees)), ("traitee_le__isnull", False), ("traitee_par__isnull", False)),
        name=NOM,
    )


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0009_demandes_de_preuve")]

    operations = [
        migrations.AlterField(
            "demanderejoindre",
            "etat",
            models.CharField("état", choices=[*ETATS, ("annulee", "annulée")], default="deposee", max_length=10),
        ),
        migrations.RemoveConstraint("demanderejoindre", NOM),
        migrations.AddConstraint("demanderejoindre", datee("acceptee", "refusee", "entree", "annulee")),
        migrations.RunPython(migrations.RunPython.noop, refuser),
    ]

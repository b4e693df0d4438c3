"""L'état d'une demande à rejoindre, jusque-là lu dans ses dates, devient une colonne ; « est_acceptee » y entre."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef, Q

# Une table dont des clés étrangères attendent la fin de la transaction ne change pas de forme.
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def deduire(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Acceptée, et habilitée depuis : la personne est entrée, et l'accord ne sert plus."""
    Demande: Any = apps.get_model("etablissements", "DemandeRejoindre")
    Habilitation = apps.get_model("etablissements", "Habilitation")
    Demande.objects.exclude(confirmee_le=None).filter(traitee_le=None).update(etat="confirmee")
    Demande.objects.filter(est_acceptee=False).update(etat="refusee")
    Demande.objects.filter(est_acceptee=True).update(etat="acceptee")
    # Habilitée avant et encore aujourd'hui, ou depuis l'accord, même si elle est repartie.
    la_sienne = Habilitation.objects.filter(
        Q(au=None) | Q(du__gte=OuterRef("traitee_le")),
        etablissement=OuterRef("etablissement"), utilisateur__courriel=OuterRef("courriel"),
    )
    Demande.objects.filter(Exists(la_sienne), etat="acceptee").update(etat="entree")
    schema_editor.execute(SANS_ATTENDRE)


def rendre(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Demande: Any = apps.get_model("etablissements", "DemandeRejoindre")
    Demande.objects.filter(etat="refusee").update(est_acceptee=False)
    Demande.objects.filter(etat__in=["acceptee", "entree"]).update(est_acceptee=True)
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0002_invariants")]

    operations = [
        migrations.RemoveConstraint(model_name="demanderejoindre", name="rejoindre_tranchee_en_entier"),
        migrations.RemoveConstraint(model_name="demanderejoindre", name="rejoindre_tranchee_confirmee"),
        migrations.AddField(
            model_name="demanderejoindre",
            name="etat",
            field=models.CharField(choices=[("deposee", "déposée"), ("confirmee", "à décider"), ("acceptee", "acceptée"), ("refusee", "refusée"), ("entree", "entrée")], default="deposee", max_length=10, verbose_name="état"),
        ),
        migrations.RunPython(deduire, rendre),
        migrations.RemoveField(model_name="demanderejoindre", name="est_acceptee"),
        migrations.AddConstraint(
            model_name="demanderejoindre",
            constraint=models.CheckConstraint(
                condition=Q(("confirmee_le", None), ("etat", "deposee"), ("traitee_le", None), ("traitee_par", None))
                | Q(("confirmee_le__isnull", False), ("etat", "confirmee"), ("traitee_le", None), ("traitee_par", None))
                | Q(("confirmee_le__isnull", False), ("etat__in", ["acceptee", "refusee", "entree"]), ("traitee_le__isnull", False), ("traitee_par__isnull", False)),
                name="rejoindre_datee_selon_son_etat",
            ),
        ),
    ]

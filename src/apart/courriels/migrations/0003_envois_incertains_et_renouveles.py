from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SORTS = ["en_file", "remis", "differe", "refuse", "rebondi", "incertain", "renouvele", "perime"]
AVANT = {"incertain": "refuse", "renouvele": "perime"}


def rendre_les_anciens_sorts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for nouveau, ancien in AVANT.items():
        apps.get_model("courriels", "Courriel").objects.filter(sort=nouveau).update(sort=ancien)


class Migration(migrations.Migration):

    dependencies = [("courriels", "0002_invariants")]

    operations = [
        migrations.RemoveConstraint(model_name="courriel", name="courriel_sort_connu"),
        migrations.AddField(
            model_name="courriel", name="incertains", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="courriel",
            name="remplace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=models.deletion.DO_NOTHING,
                related_name="+",
                to="courriels.courriel",
            ),
        ),
        migrations.AlterField(
            model_name="courriel",
            name="sort",
            field=models.CharField(
                choices=[
                    ("en_file", "en file"),
                    ("remis", "remis"),
                    ("differe", "différé"),
                    ("refuse", "refusé"),
                    ("rebondi", "rebondi"),
                    ("incertain", "sans réponse"),
                    ("renouvele", "renouvelé"),
                    ("perime", "périmé"),
                ],
                default="en_file",
                max_length=10,
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, rendre_les_anciens_sorts),
        migrations.AddConstraint(
            model_name="courriel",
            constraint=models.CheckConstraint(condition=models.Q(("sort__in", SORTS)), name="courriel_sort_connu"),
        ),
        migrations.AddConstraint(
            model_name="courriel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("remplace__isnull", False)), fields=("remplace",), name="courriel_remplace_une_fois"
            ),
        ),
    ]

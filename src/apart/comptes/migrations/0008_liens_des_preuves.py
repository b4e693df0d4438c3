from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

USAGES = [
    ("creation", "ouvrir un espace"),
    ("mot_de_passe", "choisir un nouveau mot de passe"),
    ("rejoindre", "demander à rejoindre un établissement"),
    ("admission", "entrer dans un établissement après accord"),
    ("adresse", "vérifier l'adresse d'un établissement"),
    ("preuve", "prouver que l'on lit le courriel d'un établissement"),
    ("opposition", "s'opposer à une preuve qui va être posée"),
    ("activation_agent", "activer un compte d'agent"),
    ("suivi", "suivre une demande d'assistance"),
]


def oublier_les_liens(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """En revenant en arrière : plus rien n'ouvre ces liens de trois jours au plus."""
    apps.get_model("comptes", "Jeton").objects.filter(usage__in=["preuve", "opposition"]).delete()
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [("comptes", "0007_telephones_du_monde")]

    operations = [
        migrations.RemoveConstraint(model_name="jeton", name="jeton_usage_connu"),
        migrations.AlterField(model_name="jeton", name="usage", field=models.CharField(choices=USAGES, max_length=20)),
        migrations.AddConstraint(
            model_name="jeton",
            constraint=models.CheckConstraint(
                condition=models.Q(("usage__in", [nom for nom, _ in USAGES])), name="jeton_usage_connu"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, oublier_les_liens),
    ]

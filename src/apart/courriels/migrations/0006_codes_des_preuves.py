from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OBJETS = [
    ("identifiant", "l'identifiant"),
    ("mot_de_passe", "un lien pour choisir un nouveau mot de passe"),
    ("espace", "un lien pour ouvrir ou rejoindre un espace"),
    ("adresse", "un lien pour vérifier l'adresse d'un établissement"),
    ("preuve", "un code ou une question pour donner une preuve"),
    ("assistance", "un message sur une demande d'assistance"),
]


def oublier(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """En revenant en arrière : ce qui a été retenu de ces messages ne se dirait plus."""
    apps.get_model("courriels", "CourrielRetenu").objects.filter(objet="preuve").delete()
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [("courriels", "0005_places_des_renouvellements")]

    operations = [
        migrations.RemoveConstraint(model_name="courrielretenu", name="retenu_objet_connu"),
        migrations.AlterField(
            model_name="courrielretenu", name="objet", field=models.CharField(choices=OBJETS, max_length=20)
        ),
        migrations.RunPython(migrations.RunPython.noop, oublier),
        migrations.AddConstraint(
            model_name="courrielretenu",
            constraint=models.CheckConstraint(
                condition=models.Q(("objet__in", [nom for nom, _ in OBJETS])), name="retenu_objet_connu"
            ),
        ),
    ]

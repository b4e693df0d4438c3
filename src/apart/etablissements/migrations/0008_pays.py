"""Un pays, et les codes postaux d'ailleurs. En revenant, ce qui n'a plus sa colonne se range dans la ville."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELES = ("Etablissement", "DemandeEspace")
CINQ, VILLE = 5, 120  # ce que tenaient les colonnes


def ranger_dans_la_ville(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for nom in MODELES:
        lignes = apps.get_model("etablissements", nom).objects.exclude(pays="")
        for ligne in lignes.iterator():
            trop_long = ligne.code_postal if len(ligne.code_postal) > CINQ else ""
            ligne.code_postal = "" if trop_long else ligne.code_postal
            ligne.ville = f"{trop_long} {ligne.ville}, {ligne.pays}".strip()[:VILLE]
            ligne.save(update_fields=["ville", "code_postal"])


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0007_telephones_du_monde")]

    operations = [
        operation
        for nom in ("etablissement", "demandeespace")
        for operation in (
            migrations.AddField(nom, "pays", models.CharField("Pays", blank=True, max_length=60)),
            migrations.AlterField(nom, "code_postal", models.CharField("Code postal", blank=True, max_length=12)),
        )
    ] + [migrations.RunPython(migrations.RunPython.noop, ranger_dans_la_ville)]

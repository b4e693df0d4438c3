"""Le code d'activité en NAF 2025, à côté de celui de la NAF rév. 2. L'import suivant le remplit."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("repertoire", "0002_pays")]

    operations = [
        migrations.AddField(
            model_name="fiche", name="activite_naf25", field=models.CharField(blank=True, max_length=6)
        )
    ]

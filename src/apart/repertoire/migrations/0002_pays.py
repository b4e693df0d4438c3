"""Le pays, jusque-là à la suite de la ville (« HAMBOURG, ALLEMAGNE »). L'import suivant remplit l'un et refait l'autre."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("repertoire", "0001_initial")]

    operations = [migrations.AddField(model_name="fiche", name="pays", field=models.TextField(blank=True))]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("etablissements", "0013_acces_contestes")]
    operations = [
        migrations.AddField(
            model_name="etablissement", name="acces_attendu_jusqu_au", field=models.DateTimeField(null=True)
        ),
    ]

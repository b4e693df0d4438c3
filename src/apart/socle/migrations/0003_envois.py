from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("socle", "0002_journal_en_ajout_seul")]

    operations = [
        migrations.CreateModel(
            name="Envoi",
            fields=[
                ("empreinte", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("contenu", models.BinaryField()),
                ("expire_le", models.DateTimeField(db_index=True)),
            ],
        ),
    ]

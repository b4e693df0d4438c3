from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("comptes", "0006_liens_de_l_adresse"),
        ("etablissements", "0005_question_apres_la_preuve"),
    ]

    operations = [
        migrations.AddField(
            model_name="etablissement",
            name="jetons",
            field=models.ManyToManyField(related_name="etablissements", to="comptes.jeton"),
        ),
    ]

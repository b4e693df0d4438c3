"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

SANS_POSTE = """
UPDATE assistance_demandeassistance SET telephone = split_part(telephone, ';', 1) WHERE length(telephone) > 20
"""


class Migration(migrations.Migration):

    dependencies = [("assistance", "0005_recherche_par_mots")]

    operations = [
        migrations.AlterField("demandeassistance", "telephone", models.CharField("N° de téléphone", max_length=32)),
        migrations.RunSQL(migrations.RunSQL.noop, SANS_POSTE),
    ]

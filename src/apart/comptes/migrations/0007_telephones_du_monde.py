"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

SANS_POSTE = """
UPDATE comptes_utilisateur SET telephone = split_part(telephone, ';', 1) WHERE length(telephone) > 20
"""


class Migration(migrations.Migration):

    dependencies = [("comptes", "0006_liens_de_l_adresse")]

    operations = [
        migrations.AlterField("utilisateur", "telephone", models.CharField("téléphone", blank=True, max_length=32)),
        migrations.RunSQL(migrations.RunSQL.noop, SANS_POSTE),
    ]

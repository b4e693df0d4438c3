"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

# Coupé au « ; », un numéro sans poste reste le même.
SANS_POSTE = """
UPDATE etablissements_demandeespace SET
    telephone = split_part(telephone, ';', 1), telephone_fixe = split_part(telephone_fixe, ';', 1),
    fax = split_part(fax, ';', 1)
WHERE greatest(length(telephone), length(telephone_fixe), length(fax)) > 20;
UPDATE etablissements_demanderejoindre SET telephone = split_part(telephone, ';', 1) WHERE length(telephone) > 20;
UPDATE etablissements_etablissement SET
    telephone_fixe = split_part(telephone_fixe, ';', 1), fax = split_part(fax, ';', 1)
WHERE greatest(length(telephone_fixe), length(fax)) > 20;
"""


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0006_liens_de_l_adresse")]

    operations = [
        migrations.AlterField("demandeespace", "fax", models.CharField("Fax", blank=True, max_length=32)),
        migrations.AlterField("demandeespace", "telephone", models.CharField("Téléphone", max_length=32)),
        migrations.AlterField("demandeespace", "telephone_fixe", models.CharField("Téléphone fixe", max_length=32)),
        migrations.AlterField("demanderejoindre", "telephone", models.CharField("Téléphone", max_length=32)),
        migrations.AlterField("etablissement", "fax", models.CharField("Fax", blank=True, max_length=32)),
        migrations.AlterField("etablissement", "telephone_fixe", models.CharField("Téléphone fixe", max_length=32)),
        migrations.RunSQL(migrations.RunSQL.noop, SANS_POSTE),
    ]

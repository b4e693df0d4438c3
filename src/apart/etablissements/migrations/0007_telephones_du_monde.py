"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

COLONNES = (
    ("etablissements_demandeespace", "fax"),
    ("etablissements_demandeespace", "telephone"),
    ("etablissements_demandeespace", "telephone_fixe"),
    ("etablissements_demanderejoindre", "telephone"),
    ("etablissements_etablissement", "fax"),
    ("etablissements_etablissement", "telephone_fixe"),
)


def sans_poste(table: str, colonne: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        migrations.RunSQL.noop,
        f"UPDATE {table} SET {colonne} = split_part({colonne}, ';', 1) WHERE length({colonne}) > 20",  # noqa: S608 — nos propres noms
    )


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0006_liens_de_l_adresse")]

    operations = [
        migrations.AlterField("demandeespace", "fax", models.CharField("Fax", blank=True, max_length=32)),
        migrations.AlterField("demandeespace", "telephone", models.CharField("Téléphone", max_length=32)),
        migrations.AlterField("demandeespace", "telephone_fixe", models.CharField("Téléphone fixe", max_length=32)),
        migrations.AlterField("demanderejoindre", "telephone", models.CharField("Téléphone", max_length=32)),
        migrations.AlterField("etablissement", "fax", models.CharField("Fax", blank=True, max_length=32)),
        migrations.AlterField("etablissement", "telephone_fixe", models.CharField("Téléphone fixe", max_length=32)),
        *(sans_poste(table, colonne) for table, colonne in COLONNES),
    ]

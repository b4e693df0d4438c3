"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

COLONNES = (("assistance_demandeassistance", "telephone"),)


def sans_poste(table: str, colonne: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        migrations.RunSQL.noop,
        f"UPDATE {table} SET {colonne} = split_part({colonne}, ';', 1) WHERE length({colonne}) > 20",  # noqa: S608 — nos propres noms
    )


class Migration(migrations.Migration):

    dependencies = [("assistance", "0005_recherche_par_mots")]

    operations = [
        migrations.AlterField("demandeassistance", "telephone", models.CharField("N° de téléphone", max_length=32)),
        *(sans_poste(table, colonne) for table, colonne in COLONNES),
    ]

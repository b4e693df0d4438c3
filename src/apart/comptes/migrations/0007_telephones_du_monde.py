"""Les téléphones du monde entier et leurs postes. En revenant, un numéro trop long perd son poste."""

from django.db import migrations, models

COLONNES = (("comptes_utilisateur", "telephone"),)


def sans_poste(table: str, colonne: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        migrations.RunSQL.noop,
        f"UPDATE {table} SET {colonne} = split_part({colonne}, ';', 1) WHERE length({colonne}) > 20",  # noqa: S608 — nos propres noms
    )


class Migration(migrations.Migration):

    dependencies = [("comptes", "0006_liens_de_l_adresse")]

    operations = [
        migrations.AlterField("utilisateur", "telephone", models.CharField("téléphone", blank=True, max_length=32)),
        *(sans_poste(table, colonne) for table, colonne in COLONNES),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("etablissements", "0014_acces_attendu")]
    operations = [
        migrations.AddField(
            model_name="habilitation", name="role_pris_le", field=models.DateTimeField(null=True)
        ),
        migrations.AddConstraint(
            model_name="habilitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role_pris_le", None),
                    models.Q(("preuve__in", (5, 6)), ("role", "principal")),
                    _connector="OR",
                ),
                name="habilitation_role_pris_sur_preuve",
            ),
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("etablissements", "0010_personnes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RevueAcces",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trimestre", models.DateField()),
                ("le", models.DateTimeField(default=django.utils.timezone.now)),
                ("etablissement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="revues", to="etablissements.etablissement")),
                ("par", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "revue des accès",
                "constraints": [models.UniqueConstraint(fields=("etablissement", "trimestre", "par"), name="une_revue_par_trimestre")],
            },
        ),
        migrations.CreateModel(
            name="AppelRevue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trimestre", models.DateField()),
                ("le", models.DateTimeField(default=django.utils.timezone.now)),
                ("utilisateur", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "appel à la revue",
                "constraints": [models.UniqueConstraint(fields=("utilisateur", "trimestre"), name="un_appel_par_trimestre")],
            },
        ),
    ]

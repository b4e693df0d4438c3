import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ETATS = [("offerte", "offerte"), ("acquise", "acquise"), ("declinee", "déclinée"), ("opposee", "refusée par un autre membre"), ("caduque", "sans objet")]


class Migration(migrations.Migration):

    dependencies = [
        ("etablissements", "0011_revues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OffreRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("etat", models.CharField(choices=ETATS, default="offerte", max_length=10, verbose_name="état")),
                ("offerte_le", models.DateTimeField(default=django.utils.timezone.now)),
                ("expire_le", models.DateTimeField()),
                ("close_le", models.DateTimeField(null=True)),
                ("close_par", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("etablissement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="offres", to="etablissements.etablissement")),
                ("habilitation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="etablissements.habilitation")),
            ],
            options={
                "verbose_name": "offre de rôle",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("etat", "offerte")), fields=("etablissement",), name="une_offre_ouverte"),
                    models.CheckConstraint(condition=models.Q(("expire_le__gt", models.F("offerte_le"))), name="offre_expire_apres"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("close_le", None), ("close_par", None), ("etat", "offerte")),
                            models.Q(("close_le__isnull", False), ("close_par", None), ("etat__in", ["acquise", "caduque"])),
                            models.Q(("close_le__isnull", False), ("close_par__isnull", False), ("etat__in", ["declinee", "opposee"])),
                            _connector="OR",
                        ),
                        name="offre_close_selon_son_etat",
                    ),
                ],
            },
        ),
    ]

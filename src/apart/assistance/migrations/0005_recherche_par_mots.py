from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.functions import Concat

from apart.assistance.recherche import IndexDeMots, Mots, SansAccent


class Migration(migrations.Migration):
    dependencies = [("assistance", "0004_recherche_par_index")]
    operations = [
        migrations.RemoveIndex(model_name="demandeassistance", name="assistance_mots"),
        migrations.RemoveIndex(model_name="message", name="message_mots"),
        migrations.AddIndex(
            model_name="demandeassistance",
            index=GinIndex(
                IndexDeMots(
                    Mots(
                        SansAccent(
                            Concat(
                                "denomination",
                                models.Value(" "),
                                "nom_complet",
                                models.Value(" "),
                                "courriel",
                                output_field=models.TextField(),
                            )
                        )
                    )
                ),
                name="assistance_mots",
            ),
        ),
        migrations.AddIndex(
            model_name="message", index=GinIndex(IndexDeMots(Mots(SansAccent("texte"))), name="message_mots")
        ),
    ]

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models

import apart.assistance.recherche

# « unaccent » suit un dictionnaire que l'on pourrait changer : PostgreSQL ne le croit pas constant, donc ne l'indexe pas.
# Nous n'en changeons jamais. Les noms sont entiers : une restauration travaille sans chemin de recherche.
CREER = """
CREATE FUNCTION sans_accent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0003_liens_de_suivi_en_jetons")]
    operations = [
        migrations.RunSQL(CREER, "DROP FUNCTION sans_accent(text)"),
        migrations.AddIndex(
            model_name="demandeassistance",
            index=django.contrib.postgres.indexes.GinIndex(
                OpClass(
                    apart.assistance.recherche.SansAccent(
                        django.db.models.functions.text.Concat(
                            "denomination",
                            models.Value(" "),
                            "nom_complet",
                            models.Value(" "),
                            "courriel",
                            output_field=models.TextField(),
                        )
                    ),
                    name="gin_trgm_ops",
                ),
                name="assistance_mots",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                OpClass(apart.assistance.recherche.SansAccent("texte"), name="gin_trgm_ops"), name="message_mots"
            ),
        ),
        migrations.AddIndex(
            model_name="demandeassistance",
            index=models.Index(
                fields=["promise_le"], condition=models.Q(("etat", "a_traiter")), name="assistance_promises"
            ),
        ),
    ]

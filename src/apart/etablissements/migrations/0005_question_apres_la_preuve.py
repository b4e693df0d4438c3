"""La réponse secrète ne se tape plus avant la preuve : les empreintes des demandes en attente (sept jours) s'oublient.

En revenant en arrière, une demande en attente n'a plus de question, plutôt qu'une question sans réponse.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def retirer_les_questions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("etablissements", "DemandeEspace").objects.update(question="")


class Migration(migrations.Migration):

    dependencies = [("etablissements", "0004_valeur_des_preuves")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, retirer_les_questions),
        migrations.RemoveField(model_name="demandeespace", name="empreinte_reponse"),
    ]

"""Ce que chaque reprise faite a changé porte son nom parmi les mouvements ; ses trente jours peuvent s'arrêter."""

import datetime
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def nommer(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """L'entrée qu'elle donna, ou le rôle à qui était déjà là ; la sortie de qui tenait l'espace."""
    Reprise: Any = apps.get_model("reprises", "Reprise")
    Mouvement: Any = apps.get_model("etablissements", "Mouvement")
    faites = Reprise.objects.filter(est_releve=False).exclude(executee_le=None).order_by("executee_le", "pk")
    for reprise in faites.iterator(chunk_size=2000):
        cause = f"reprise:{reprise.pk}"
        siens = Mouvement.objects.filter(le__gte=reprise.executee_le, cause="")
        siens.filter(habilitation=reprise.remplace_id, sorte="sort", par=None).update(cause=cause)
        if reprise.habilitation_id is None:
            continue
        avant = [ligne["role"] for ligne in reprise.acces_avant if ligne["habilitation"] == reprise.habilitation_id]
        entrees = Mouvement.objects.filter(habilitation=reprise.habilitation_id, sorte="entre")
        if not avant:
            entrees.filter(cause="").update(cause=cause, par=None)
        elif avant[0] != "principal":
            entrees.filter(role_apres="principal").update(role_apres=avant[0])
            Mouvement.objects.create(
                etablissement_id=reprise.etablissement_id,
                utilisateur_id=reprise.habilitation.utilisateur_id,
                habilitation_id=reprise.habilitation_id,
                sorte="role",
                le=reprise.executee_le,
                decide_le=reprise.executee_le,
                role_avant=avant[0],
                role_apres="principal",
                cause=cause,
            )
    schema_editor.execute(SANS_ATTENDRE)


def oublier(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ('etablissements', '0018_mouvements'),
        ('reprises', '0007_fondements'),
    ]

    operations = [
        migrations.AddField(
            model_name='reprise',
            name='devancee_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='reprises.reprise'),
        ),
        migrations.AddField(
            model_name='reprise',
            name='suspension',
            field=models.DurationField(default=datetime.timedelta),
        ),
        migrations.RunPython(nommer, oublier),
    ]

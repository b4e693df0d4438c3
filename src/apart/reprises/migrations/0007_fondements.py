"""Ce que chaque reprise donna a son fondement ; qui avait accès avant se nomme par son habilitation.

Revenir en arrière oublie les preuves d'avant : une relève défaite y rendrait la messagerie.
"""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apart.socle.saisies import boite

COURRIEL, FAITES = 1, ["executee", "annulee"]
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def fonder(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Reprise: Any = apps.get_model("reprises", "Reprise")
    Fondement: Any = apps.get_model("etablissements", "Fondement")
    for reprise in Reprise.objects.filter(etat__in=FAITES).order_by("executee_le", "pk").iterator(chunk_size=2000):
        reprise.acces_avant = [_nommer(apps, reprise, ligne) for ligne in reprise.acces_avant]
        if reprise.habilitation_id is not None:
            siens = Fondement.objects.filter(habilitation=reprise.habilitation_id, preuve=reprise.preuve)
            tient = reprise.etat == "executee"
            fonde = siens.filter(demandepreuve=None, reprise=None).order_by("-pk").first() if tient else None
            reprise.fondement = fonde or Fondement.objects.create(
                habilitation_id=reprise.habilitation_id,
                preuve=reprise.preuve,
                garant_id=reprise.garant_id,
                pose_le=reprise.executee_le,
                retire_le=None if tient else reprise.executee_le,
            )
        reprise.save(update_fields=["acces_avant", "fondement"])
    Lettre: Any = apps.get_model("reprises", "Lettre")
    for lettre in Lettre.objects.exclude(reprise=None).select_related("reprise").iterator(chunk_size=2000):
        lettre.demandeur = boite(lettre.reprise.courriel)  # plusieurs domaines d'une même messagerie, une boîte
        lettre.save(update_fields=["demandeur"])
    schema_editor.execute(SANS_ATTENDRE)


def _nommer(apps: Apps, reprise: Any, ligne: dict[str, Any]) -> dict[str, Any]:
    """L'habilitation qu'avait alors cette personne : la dernière commencée avant."""
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    siennes = Habilitation.objects.filter(etablissement=reprise.etablissement_id, utilisateur=ligne["utilisateur"])
    alors = siennes.filter(du__lte=reprise.executee_le).order_by("-du", "-pk").values_list("pk", flat=True).first()
    return {
        "habilitation": alors,
        "utilisateur": ligne["utilisateur"],
        "role": ligne["role"],
        "role_pris_le": ligne.get("role_pris_le"),
    }


def rendre(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Reprise: Any = apps.get_model("reprises", "Reprise")
    Reprise.objects.filter(etat__in=FAITES, est_releve=True).update(preuve_avant=COURRIEL)
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ('comptes', '0010_adresse_posee'),
        ('etablissements', '0016_fondements'),
        ('pieces', '0001_initial'),
        ('reprises', '0006_levee_a_deux'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reprise',
            name='releve_ne_reprend_rien',
        ),
        migrations.RemoveConstraint(
            model_name='reprise',
            name='releve_faite_se_defait',
        ),
        migrations.AddField(
            model_name='reprise',
            name='fondement',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='etablissements.fondement'),
        ),
        migrations.RunPython(fonder, rendre),
        migrations.RemoveField(
            model_name='reprise',
            name='garant_avant',
        ),
        migrations.RemoveField(
            model_name='reprise',
            name='preuve_avant',
        ),
        migrations.AddConstraint(
            model_name='reprise',
            constraint=models.CheckConstraint(condition=models.Q(('est_releve', False), models.Q(('est_releve', True), ('habilitation__isnull', False), ('remplace', None)), _connector='OR'), name='releve_ne_reprend_rien'),
        ),
        migrations.AddConstraint(
            model_name='reprise',
            constraint=models.CheckConstraint(condition=models.Q(('est_releve', False), models.Q(('etat__in', ['executee', 'annulee']), _negated=True), models.Q(('fondement__isnull', False), ('preuve', 6)), _connector='OR'), name='releve_faite_se_defait'),
        ),
    ]

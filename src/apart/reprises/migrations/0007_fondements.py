"""Ce que chaque reprise donna a son fondement ; qui avait accès avant se nomme par son habilitation.

Revenir en arrière oublie les preuves d'avant : une relève défaite y rendrait la messagerie.
"""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COURRIEL, DERIVEES = 1, (2, 3, 4)
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def fonder(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ce que chacune donna, défait ou non, et ce que la personne avait avant."""
    Reprise: Any = apps.get_model("reprises", "Reprise")
    Demande: Any = apps.get_model("etablissements", "DemandePreuve")
    Fondement: Any = apps.get_model("etablissements", "Fondement")
    faites = Reprise.objects.exclude(executee_le=None).order_by("executee_le", "pk")
    for reprise in faites.iterator(chunk_size=2000):
        avant = reprise.acces_avant
        reprise.acces_avant = [_nommer(apps, reprise, ligne) for ligne in avant]
        if reprise.habilitation_id is not None:
            siens = Fondement.objects.filter(habilitation=reprise.habilitation_id)
            pris = [*Demande.objects.exclude(fondement=None).values_list("fondement", flat=True)]
            pris += Reprise.objects.exclude(fondement=None).values_list("fondement", flat=True)
            tient = reprise.etat == "executee"
            libres = siens.filter(preuve=reprise.preuve, retire_le=None).exclude(pk__in=pris)
            reprise.fondement = (libres.order_by("-pk").first() if tient else None) or Fondement.objects.create(
                habilitation_id=reprise.habilitation_id,
                preuve=reprise.preuve,
                garant_id=reprise.garant_id if reprise.preuve in DERIVEES else None,
                pose_le=reprise.executee_le,
                retire_le=None if tient else max(reprise.close_le or reprise.executee_le, reprise.executee_le),
            )
            for preuve, garant in _avant(apps, reprise, avant):
                if preuve in DERIVEES and garant is not None:
                    siens.filter(preuve=preuve, garant=None).update(garant=garant)
                if preuve > COURRIEL and not siens.filter(preuve=preuve).exists():
                    Fondement.objects.create(
                        habilitation_id=reprise.habilitation_id,
                        preuve=preuve,
                        garant_id=garant,
                        pose_le=reprise.executee_le,
                    )
        reprise.save(update_fields=["acces_avant", "fondement"])
    schema_editor.execute(SANS_ATTENDRE)


def _avant(apps: Apps, reprise: Any, avant: list[dict[str, Any]]) -> list[tuple[int, int | None]]:
    """Sur quoi reposait l'habilitation qu'elle a relevée, ou que la personne avait déjà en reprenant l'accès."""
    if reprise.est_releve:
        return [(reprise.preuve_avant or COURRIEL, reprise.garant_avant_id)]
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    qui = Habilitation.objects.get(pk=reprise.habilitation_id).utilisateur_id
    return [(ligne["preuve"], ligne.get("garant")) for ligne in avant if ligne["utilisateur"] == qui]


def _nommer(apps: Apps, reprise: Any, ligne: dict[str, Any]) -> dict[str, Any]:
    """L'habilitation qu'avait alors cette personne : la dernière commencée avant. Le reste de la ligne est gardé."""
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    siennes = Habilitation.objects.filter(etablissement=reprise.etablissement_id, utilisateur=ligne["utilisateur"])
    alors = siennes.filter(du__lte=reprise.executee_le).order_by("-du", "-pk").values_list("pk", flat=True).first()
    return {"role_pris_le": None, **ligne, "habilitation": alors}


def rendre(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Les lignes écrites depuis retrouvent les champs d'avant, d'après l'habilitation d'aujourd'hui."""
    Reprise: Any = apps.get_model("reprises", "Reprise")
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    Reprise.objects.filter(est_releve=True).exclude(executee_le=None).update(preuve_avant=COURRIEL)
    for reprise in Reprise.objects.exclude(acces_avant=[]).iterator(chunk_size=2000):
        habilitations = Habilitation.objects.in_bulk([ligne["habilitation"] for ligne in reprise.acces_avant])
        reprise.acces_avant = [
            {
                "preuve": habilitations[ligne["habilitation"]].preuve,
                "garant": habilitations[ligne["habilitation"]].garant_id,
                "valeur": habilitations[ligne["habilitation"]].valeur,
                "prouvee_le": habilitations[ligne["habilitation"]].prouvee_le.isoformat(),
                "contestee_le": None,
                **ligne,
            }
            for ligne in reprise.acces_avant
            if ligne["habilitation"] in habilitations
        ]
        reprise.save(update_fields=["acces_avant"])
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ('comptes', '0011_index_adresse_posee'),
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

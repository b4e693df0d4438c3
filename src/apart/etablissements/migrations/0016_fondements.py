"""Sur quoi repose chaque habilitation, preuve par preuve ; ce qu'une demande donna y a son nom.

Revenir en arrière oublie les preuves d'avant : une demande défaite y rendrait la messagerie.
"""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COURRIEL, MEMBRE, DERIVEES = 1, 4, (2, 3, 4)
# Une table dont des clés étrangères attendent la fin de la transaction ne change pas de forme.
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def fonder(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ce que chaque demande a donné, défait ou non ; ce qu'elle avait remplacé ; puis la preuve d'aujourd'hui."""
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    Demande: Any = apps.get_model("etablissements", "DemandePreuve")
    Fondement: Any = apps.get_model("etablissements", "Fondement")
    donnees = Demande.objects.filter(etat__in=["posee", "defaite"]).order_by("traitee_le", "pk")
    garants = _garants(donnees)
    for demande in donnees.select_related("habilitation").iterator(chunk_size=2000):
        h, tient = demande.habilitation, demande.etat == "posee"
        garant = h.garant_id if h.preuve == demande.niveau else garants.get((h.pk, demande.niveau))
        demande.fondement = Fondement.objects.create(
            habilitation=h,
            preuve=demande.niveau,
            garant_id=garant if garant or demande.niveau != MEMBRE else demande.traitee_par_id,
            pose_le=demande.traitee_le,
            retire_le=None if tient else demande.traitee_le,
        )
        demande.save(update_fields=["fondement"])
    for demande in donnees.select_related("habilitation").iterator(chunk_size=2000):
        _completer(Fondement, demande.habilitation, demande.preuve_avant, demande.garant_avant_id)
    for h in Habilitation.objects.exclude(preuve=COURRIEL).order_by("pk").iterator(chunk_size=2000):
        _completer(Fondement, h, h.preuve, h.garant_id, tient=True)
    schema_editor.execute(SANS_ATTENDRE)


def _garants(donnees: Any) -> dict[tuple[int, int], int | None]:
    """Qui se portait garant d'une preuve remplacée depuis : la demande qui la remplaça le dit."""
    avant = donnees.values_list("habilitation", "preuve_avant", "garant_avant")
    return {(habilitation, preuve): garant for habilitation, preuve, garant in avant}


def _completer(Fondement: Any, h: Any, preuve: int, garant: int | None, *, tient: bool = False) -> None:
    """Une preuve qu'aucune demande n'a donnée. Une que l'on a défaite n'en est pas une autre, sauf si elle tient."""
    deja = Fondement.objects.filter(habilitation=h, preuve=preuve)
    deja = deja.filter(retire_le=None) if tient else deja
    if preuve > COURRIEL and not deja.exists():
        Fondement.objects.create(habilitation=h, preuve=preuve, garant_id=garant, pose_le=h.du)


def rendre(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Demande: Any = apps.get_model("etablissements", "DemandePreuve")
    Demande.objects.filter(etat__in=["posee", "defaite"]).update(preuve_avant=COURRIEL)
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ('comptes', '0011_index_adresse_posee'),
        ('etablissements', '0015_role_pris'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Fondement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('preuve', models.PositiveSmallIntegerField(choices=[(1, 'messagerie de la personne'), (2, "même domaine que l'établissement"), (3, "code reçu à l'adresse de l'établissement"), (4, "accord d'un membre de l'établissement"), (5, "code reçu par lettre à l'adresse du répertoire"), (6, 'représentant légal vérifié')])),
                ('pose_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('retire_le', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': "fondement d'une habilitation",
            },
        ),
        migrations.RemoveConstraint(
            model_name='demandepreuve',
            name='demande_preuve_datee_selon_son_etat',
        ),
        migrations.RemoveConstraint(
            model_name='habilitation',
            name='habilitation_role_pris_sur_preuve',
        ),
        migrations.AddField(
            model_name='habilitation',
            name='finie_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='habilitation',
            name='motif_fin',
            field=models.CharField(blank=True, choices=[('depart', "cette personne n'y travaille plus"), ('mission', 'sa mission est terminée'), ('inconnue', "personne inconnue de l'établissement"), ('autre', 'une autre raison'), ('quitte', "cette personne a quitté l'établissement d'elle-même"), ('reprise', "une reprise d'accès"), ('defaite', "la reprise d'accès qui l'avait fait entrer est défaite")], max_length=10, verbose_name='pourquoi elle a pris fin'),
        ),
        migrations.AddConstraint(
            model_name='habilitation',
            constraint=models.CheckConstraint(condition=models.Q(('motif_fin', ''), models.Q(('au__isnull', False), ('motif_fin__in', ['depart', 'mission', 'inconnue', 'autre', 'quitte', 'reprise', 'defaite'])), _connector='OR'), name='habilitation_motif_d_une_fin'),
        ),
        migrations.AddConstraint(
            model_name='habilitation',
            constraint=models.CheckConstraint(condition=models.Q(('role_pris_le', None), ('role', 'principal'), _connector='OR'), name='habilitation_role_pris_de_principal'),
        ),
        migrations.AddField(
            model_name='fondement',
            name='garant',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='fondement',
            name='habilitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fondements', to='etablissements.habilitation'),
        ),
        migrations.AddField(
            model_name='demandepreuve',
            name='fondement',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='etablissements.fondement'),
        ),
        migrations.RunPython(fonder, rendre),
        migrations.RemoveField(
            model_name='demandepreuve',
            name='garant_avant',
        ),
        migrations.RemoveField(
            model_name='demandepreuve',
            name='preuve_avant',
        ),
        migrations.AddConstraint(
            model_name='demandepreuve',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('etat', 'deposee'), ('fondement', None), ('traitee_le', None)), models.Q(('etat__in', ['posee', 'defaite']), ('fondement__isnull', False), ('traitee_le__isnull', False)), models.Q(('etat__in', ['opposee', 'refusee', 'abandonnee']), ('fondement', None), ('traitee_le__isnull', False)), _connector='OR'), name='demande_preuve_datee_selon_son_etat'),
        ),
        migrations.AddConstraint(
            model_name='fondement',
            constraint=models.CheckConstraint(condition=models.Q(('preuve__in', [1, 2, 3, 4, 5, 6])), name='fondement_preuve_connue'),
        ),
        migrations.AddConstraint(
            model_name='fondement',
            constraint=models.CheckConstraint(condition=models.Q(('preuve__in', (2, 3, 4)), ('garant', None), _connector='OR'), name='fondement_garant'),
        ),
        migrations.AddConstraint(
            model_name='fondement',
            constraint=models.CheckConstraint(condition=models.Q(('retire_le', None), ('retire_le__gte', models.F('pose_le')), _connector='OR'), name='fondement_dates'),
        ),
    ]

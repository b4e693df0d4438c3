"""Chaque entrée, chaque sortie et chaque changement de rôle a sa ligne ; celles d'hier, d'après ce qu'on en sait.

Qui est entré par l'accord d'un autre l'y a : son garant. Un rôle changé se lit dans le journal.
"""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MEMBRE = 4
# Une table dont des clés étrangères attendent la fin de la transaction ne change pas de forme.
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def remonter(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Du plus récent au plus ancien : le rôle d'entrée est celui d'avant le premier changement."""
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    Mouvement: Any = apps.get_model("etablissements", "Mouvement")
    changes = _changements(apps)
    for h in Habilitation.objects.select_related("etablissement").order_by("pk").iterator(chunk_size=2000):
        siens = {"etablissement": h.etablissement, "utilisateur_id": h.utilisateur_id, "habilitation": h}
        lignes, role = [], h.role
        if h.au is not None:
            fin = {"par_id": h.finie_par_id, "role_avant": role, "motif": h.motif_fin, "pris_le_avant": h.role_pris_le}
            lignes.append(Mouvement(**siens, sorte="sort", le=h.au, decide_le=h.au, **fin))
        cle = (h.etablissement.siret, h.utilisateur_id)
        for le, par, de, vers in _de(changes.get(cle, []), h):
            if vers == role and de != vers:
                change = {"par_id": par, "role_avant": de, "role_apres": vers}
                lignes.append(Mouvement(**siens, sorte="role", le=le, decide_le=le, **change))
                role = de
        par = h.garant_id if h.preuve == MEMBRE else None
        lignes.append(Mouvement(**siens, sorte="entre", le=h.du, decide_le=h.du, par_id=par, role_apres=role))
        Mouvement.objects.bulk_create(reversed(lignes))
    schema_editor.execute(SANS_ATTENDRE)


def _changements(apps: Apps) -> dict[tuple[str, int], list[tuple[Any, int | None, str, str]]]:
    """Ceux que dit le journal, par établissement et par personne."""
    Journal: Any = apps.get_model("socle", "EntreeJournal")
    trouves: dict[tuple[str, int], list[tuple[Any, int | None, str, str]]] = {}
    for fait in Journal.objects.filter(geste="changer_role").order_by("le", "pk").iterator(chunk_size=2000):
        lu = fait.details
        siret = fait.sujet.removeprefix("etablissement:")
        if {"personne", "de", "vers"} <= lu.keys():
            trouves.setdefault((siret, lu["personne"]), []).append((fait.le, fait.par_id, lu["de"], lu["vers"]))
    return trouves


def _de(changes: list[tuple[Any, int | None, str, str]], h: Any) -> list[tuple[Any, int | None, str, str]]:
    """Ceux de cet accès, et le rôle pris sans qu'on le désigne ; le plus récent d'abord."""
    siens = [c for c in changes if c[0] >= h.du and (h.au is None or c[0] <= h.au)]
    if h.role_pris_le and h.role_pris_le >= h.du:
        siens.append((h.role_pris_le, None, "membre", "principal"))
    return sorted(siens, key=lambda c: c[0], reverse=True)


def oublier(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ('etablissements', '0017_reunion'),
        ('socle', '0003_envois'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='demandepreuve',
            name='defaite_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Mouvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sorte', models.CharField(choices=[('entre', 'entre'), ('sort', 'sort'), ('role', 'change de rôle')], max_length=5)),
                ('le', models.DateTimeField(default=django.utils.timezone.now)),
                ('decide_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('role_avant', models.CharField(blank=True, choices=[('principal', 'utilisateur principal'), ('membre', 'membre'), ('tiers', 'tiers déclarant')], max_length=10)),
                ('pris_le_avant', models.DateTimeField(null=True)),
                ('role_apres', models.CharField(blank=True, choices=[('principal', 'utilisateur principal'), ('membre', 'membre'), ('tiers', 'tiers déclarant')], max_length=10)),
                ('motif', models.CharField(blank=True, choices=[('depart', "cette personne n'y travaille plus"), ('mission', 'sa mission est terminée'), ('inconnue', "personne inconnue de l'établissement"), ('autre', 'une autre raison'), ('quitte', "cette personne a quitté l'établissement d'elle-même"), ('reprise', "une reprise d'accès"), ('defaite', "la reprise d'accès qui l'avait fait entrer est défaite"), ('reunion', "deux comptes d'une même personne sont réunis")], max_length=10)),
                ('cause', models.CharField(blank=True, max_length=24)),
                ('etablissement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mouvements', to='etablissements.etablissement')),
                ('habilitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mouvements', to='etablissements.habilitation')),
                ('par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('utilisateur', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mouvement',
                'indexes': [models.Index(fields=['etablissement', 'le'], name='mouvement_histoire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decide_le__lte', models.F('le'))), name='mouvement_decide_avant'), models.CheckConstraint(condition=models.Q(models.Q(('motif', ''), ('role_avant', ''), ('sorte', 'entre'), models.Q(('role_apres', ''), _negated=True)), models.Q(('role_apres', ''), ('sorte', 'sort'), models.Q(('role_avant', ''), _negated=True)), models.Q(('motif', ''), ('sorte', 'role'), models.Q(('role_avant', ''), _negated=True), models.Q(('role_apres', ''), _negated=True)), _connector='OR'), name='mouvement_selon_sa_sorte')],
            },
        ),
        migrations.RunPython(remonter, oublier),
    ]

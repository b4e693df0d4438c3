"""Une preuve ne vaut plus que ce dont elle vient : l'accord d'un membre est repesé d'après la preuve de ce membre.

La preuve elle-même ne change pas : revenir en arrière n'oublie que le garant et la valeur, qui s'en recalculent.
« courriel_prouve_le » reste vide : aucune adresse d'avant n'a été prouvée.
"""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Max, Q

COURRIEL, MEMBRE, DERIVEES = 1, 4, (2, 3, 4)
# Une table dont des clés étrangères attendent la fin de la transaction ne change pas de forme.
SANS_ATTENDRE = "SET CONSTRAINTS ALL IMMEDIATE"


def peser(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """De la plus ancienne à la plus récente : qui a donné son accord est entré avant. Inconnu, il ne garantit rien."""
    Habilitation: Any = apps.get_model("etablissements", "Habilitation")
    Habilitation.objects.exclude(preuve__in=DERIVEES).update(valeur=F("preuve"))
    accords = Habilitation.objects.filter(preuve=MEMBRE).select_related("etablissement", "utilisateur")
    for habilitation in accords.order_by("prouvee_le", "pk").iterator(chunk_size=2000):
        garant = _garant(apps, habilitation)
        if garant in {None, habilitation.utilisateur_id}:
            continue
        siennes = Habilitation.objects.filter(etablissement=habilitation.etablissement, utilisateur=garant)
        autres = siennes.exclude(garant=habilitation.utilisateur_id).filter(Q(au=None) | Q(au__gte=habilitation.du))
        plus_forte = autres.aggregate(valeur=Max("valeur"))["valeur"] or COURRIEL
        Habilitation.objects.filter(pk=habilitation.pk).update(garant=garant, valeur=min(MEMBRE, plus_forte))
    schema_editor.execute(SANS_ATTENDRE)


def _garant(apps: Apps, habilitation: Any) -> int | None:
    """Qui a répondu à la demande de cette personne : la demande le dit trente jours, le journal ensuite."""
    Demande: Any = apps.get_model("etablissements", "DemandeRejoindre")
    Journal: Any = apps.get_model("socle", "EntreeJournal")
    demandes = Demande.objects.filter(
        etablissement=habilitation.etablissement, courriel=habilitation.utilisateur.courriel, etat="entree"
    )
    if par := demandes.order_by("-traitee_le").values_list("traitee_par", flat=True).first():
        return int(par)
    histoire = Journal.objects.filter(sujet=f"etablissement:{habilitation.etablissement.siret}")
    entrees = histoire.filter(geste="entrer", par=habilitation.utilisateur).values_list("details__demande", flat=True)
    accords = histoire.filter(geste="accepter_rejoindre", details__demande__in=[n for n in entrees if n is not None])
    accord: int | None = accords.order_by("-le").values_list("par", flat=True).first()
    return accord


def garder(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(SANS_ATTENDRE)


class Migration(migrations.Migration):

    dependencies = [
        ("etablissements", "0003_etat_des_demandes_a_rejoindre"),
        ("socle", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="etablissement",
            name="courriel_pose_par",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="etablissement",
            name="courriel_prouve_le",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="habilitation",
            name="garant",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="habilitation",
            name="valeur",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.RunPython(peser, garder),
        migrations.AddConstraint(
            model_name="habilitation",
            constraint=models.CheckConstraint(
                condition=(~Q(preuve__in=DERIVEES) & Q(garant=None, valeur=F("preuve")))
                | Q(preuve__in=DERIVEES, garant=None, valeur=1)
                | Q(preuve__in=DERIVEES, garant__isnull=False, valeur__gte=1, valeur__lte=F("preuve")),
                name="habilitation_valeur_plafonnee",
            ),
        ),
        migrations.AddConstraint(
            model_name="habilitation",
            constraint=models.CheckConstraint(
                condition=Q(garant=None) | ~Q(garant=F("utilisateur")), name="habilitation_garant_autre"
            ),
        ),
    ]

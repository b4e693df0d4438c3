"""Le département des demandes déjà déposées, d'après le répertoire : par lots."""

from collections import defaultdict

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from apart.repertoire.adresses import departement

LOT = 2_000


def remplir(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    demandes = apps.get_model("assistance", "DemandeAssistance").objects.order_by("pk")
    fiches = apps.get_model("repertoire", "Fiche").objects
    dernier = 0
    while lot := list(demandes.filter(pk__gt=dernier).values_list("pk", "siret")[:LOT]):
        lues = fiches.filter(siret__in={siret for _, siret in lot})
        lieux = {f.siret: departement(f.code_postal, f.code_commune) for f in lues}
        par_lieu: dict[str, list[int]] = defaultdict(list)
        for pk, siret in lot:
            par_lieu[lieux.get(siret, "")].append(pk)
        for lieu, cles in par_lieu.items():
            demandes.filter(pk__in=cles, departement="").update(departement=lieu)
        dernier = lot[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("assistance", "0008_departement"), ("repertoire", "0003_activite_naf25")]
    operations = [
        migrations.RunPython(remplir, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="demandeassistance",
            index=models.Index(
                models.F("departement"),
                models.Case(
                    models.When(etat="a_traiter", then=models.Value(0)),
                    models.When(etat="repondue", then=models.Value(1)),
                    default=models.Value(2),
                ),
                models.F("attend_depuis"),
                models.F("id"),
                name="assistance_ordre_departement",
            ),
        ),
    ]

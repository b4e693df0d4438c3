from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ANCIENS = [
    ("inconnu", "quelqu'un qui a tapé l'adresse"),
    ("identifiant", "quelqu'un qui a tapé l'identifiant"),
    ("appareil", "un appareil où la personne s'est déjà connectée"),
    ("lien", "quelqu'un qui avait reçu un lien à cette adresse"),
    ("agent", "un agent"),
]
NOUVEAUX = [*ANCIENS, ("service", "notre service, à la place d'un message que la messagerie avait fait attendre")]
UNE_FOIS = ("destinataire", "objet", "periode", "rouvre_le")


def rendre_au_lien(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Avant, ces messages prenaient les places de qui tient un lien ; deux lignes de même raison n'en font qu'une."""
    retenus = apps.get_model("courriels", "CourrielRetenu").objects
    for retenu in retenus.filter(demandeur="service"):
        memes = retenus.filter(demandeur="lien", **{champ: getattr(retenu, champ) for champ in UNE_FOIS})
        if memes.update(
            nombre=models.F("nombre") + retenu.nombre,
            premier_le=models.functions.Least("premier_le", retenu.premier_le),
            dernier_le=models.functions.Greatest("dernier_le", retenu.dernier_le),
        ):
            retenu.delete()
        else:
            retenus.filter(pk=retenu.pk).update(demandeur="lien")


class Migration(migrations.Migration):

    dependencies = [("courriels", "0004_courriels_retenus")]

    operations = [
        migrations.RemoveConstraint(model_name="courrielretenu", name="retenu_demandeur_connu"),
        migrations.AlterField(
            model_name="courrielretenu",
            name="demandeur",
            field=models.CharField(choices=NOUVEAUX, max_length=20),
        ),
        migrations.RunPython(migrations.RunPython.noop, rendre_au_lien),
        migrations.AddConstraint(
            model_name="courrielretenu",
            constraint=models.CheckConstraint(
                condition=models.Q(("demandeur__in", [nom for nom, _ in NOUVEAUX])), name="retenu_demandeur_connu"
            ),
        ),
    ]

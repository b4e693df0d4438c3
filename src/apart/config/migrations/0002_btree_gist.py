"""Ce qu'il faut pour qu'une contrainte refuse deux périodes qui se chevauchent pour un même établissement.

Posée avant que rien ne l'emploie : un hébergeur qui ne l'a pas se voit à l'installation, pas à une mise à jour.
"""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("configuration", "0001_droits_du_site")]
    operations = [BtreeGistExtension()]

"""Les pièces jointes d'un message."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assistance', '0006_telephones_du_monde'),
        ('pieces', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='pieces',
            field=models.ManyToManyField(related_name='messages', to='pieces.piece'),
        ),
    ]

"""Les pièces jointes."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nature', models.CharField(choices=[('assistance', "pièce d'une demande d'assistance"), ('reprise', "justificatif d'une reprise d'accès")], max_length=12)),
                ('nom', models.CharField(max_length=120)),
                ('sorte', models.CharField(choices=[('pdf', 'PDF'), ('png', 'image PNG'), ('jpeg', 'image JPEG')], max_length=4)),
                ('taille', models.PositiveIntegerField()),
                ('empreinte', models.CharField(max_length=64)),
                ('contenu', models.BinaryField(null=True)),
                ('chemin', models.CharField(blank=True, max_length=35)),
                ('deposee_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('a_effacer_le', models.DateTimeField()),
                ('effacee_le', models.DateTimeField(null=True)),
                ('deposee_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pièce jointe',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('effacee_le', None)), fields=['a_effacer_le'], name='piece_a_effacer')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('chemin', ''), _negated=True), fields=('chemin',), name='piece_chemin_unique'), models.CheckConstraint(condition=models.Q(('nature__in', ['assistance', 'reprise'])), name='piece_nature_connue'), models.CheckConstraint(condition=models.Q(('sorte__in', ['pdf', 'png', 'jpeg'])), name='piece_sorte_connue'), models.CheckConstraint(condition=models.Q(('taille__gt', 0), ('taille__lte', 10485760)), name='piece_taille'), models.CheckConstraint(condition=models.Q(('empreinte__regex', '^[0-9a-f]{64}$')), name='piece_empreinte'), models.CheckConstraint(condition=models.Q(('chemin', ''), ('chemin__regex', '^[0-9a-f]{2}/[0-9a-f]{32}$'), _connector='OR'), name='piece_chemin_tire'), models.CheckConstraint(condition=models.Q(models.Q(('chemin', ''), ('contenu__isnull', False), ('effacee_le', None)), models.Q(('contenu', None), ('effacee_le', None), models.Q(('chemin', ''), _negated=True)), models.Q(('chemin', ''), ('contenu', None), ('effacee_le__isnull', False)), _connector='OR'), name='piece_a_un_seul_endroit'), models.CheckConstraint(condition=models.Q(('contenu', None), ('taille', django.db.models.functions.text.Length('contenu')), _connector='OR'), name='piece_taille_du_contenu')],
            },
        ),
    ]

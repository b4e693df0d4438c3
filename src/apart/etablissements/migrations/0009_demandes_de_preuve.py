
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comptes', '0008_liens_des_preuves'),
        ('etablissements', '0008_pays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DemandePreuve',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('niveau', models.PositiveSmallIntegerField(choices=[(1, 'messagerie de la personne'), (2, "même domaine que l'établissement"), (3, "code reçu à l'adresse de l'établissement"), (4, "accord d'un membre de l'établissement"), (5, "code reçu par lettre à l'adresse du répertoire"), (6, 'représentant légal vérifié')])),
                ('etat', models.CharField(choices=[('deposee', 'en attente'), ('posee', 'posée'), ('opposee', 'arrêtée par une opposition'), ('refusee', 'refusée'), ('abandonnee', 'sans suite'), ('defaite', 'défaite')], default='deposee', max_length=10, verbose_name='état')),
                ('deposee_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('opposable_jusqu_au', models.DateTimeField(null=True)),
                ('traitee_le', models.DateTimeField(null=True)),
                ('defaisable_jusqu_au', models.DateTimeField(null=True)),
                ('preuve_avant', models.PositiveSmallIntegerField(choices=[(1, 'messagerie de la personne'), (2, "même domaine que l'établissement"), (3, "code reçu à l'adresse de l'établissement"), (4, "accord d'un membre de l'établissement"), (5, "code reçu par lettre à l'adresse du répertoire"), (6, 'représentant légal vérifié')], null=True)),
                ('garant_avant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('habilitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='demandes_preuve', to='etablissements.habilitation')),
                ('jetons', models.ManyToManyField(related_name='demandes_preuve', to='comptes.jeton')),
                ('traitee_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'demande de preuve',
                'constraints': [models.UniqueConstraint(condition=models.Q(('etat', 'deposee')), fields=('habilitation', 'niveau'), name='une_demande_de_preuve_ouverte'), models.CheckConstraint(condition=models.Q(('niveau__in', (2, 3, 4))), name='demande_preuve_niveau_connu'), models.CheckConstraint(condition=models.Q(models.Q(('niveau', 2), ('opposable_jusqu_au__isnull', False)), models.Q(models.Q(('niveau', 2), _negated=True), ('opposable_jusqu_au', None)), _connector='OR'), name='demande_preuve_opposable'), models.CheckConstraint(condition=models.Q(models.Q(('etat', 'deposee'), ('preuve_avant', None), ('traitee_le', None)), models.Q(('etat__in', ['posee', 'defaite']), ('preuve_avant__isnull', False), ('traitee_le__isnull', False)), models.Q(('etat__in', ['opposee', 'refusee', 'abandonnee']), ('preuve_avant', None), ('traitee_le__isnull', False)), _connector='OR'), name='demande_preuve_datee_selon_son_etat')],
            },
        ),
    ]

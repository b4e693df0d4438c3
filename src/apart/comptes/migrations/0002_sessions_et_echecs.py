import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comptes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EchecConnexion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('compte', models.CharField(max_length=64)),
                ('appareil', models.CharField(blank=True, max_length=32)),
                ('adresse', models.CharField(max_length=45)),
                ('le', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'échec de connexion',
                'indexes': [models.Index(fields=['compte', 'le'], name='echec_par_compte'), models.Index(fields=['adresse', 'le'], name='echec_par_adresse')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('session_data', models.TextField()),
                ('expire_date', models.DateTimeField(db_index=True)),
                ('adresse', models.CharField(blank=True, max_length=45)),
                ('navigateur', models.CharField(blank=True, max_length=200)),
                ('ouverte_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('vue_le', models.DateTimeField(default=django.utils.timezone.now)),
                ('utilisateur', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
            },
        ),
        migrations.CreateModel(
            name='Acces',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('le', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('adresse', models.CharField(blank=True, max_length=45)),
                ('navigateur', models.CharField(blank=True, max_length=200)),
                ('utilisateur', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acces', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'accès',
                'indexes': [models.Index(fields=['utilisateur', '-le'], name='acces_recents')],
            },
        ),
    ]

from django.apps import AppConfig


class RepertoireConfig(AppConfig):
    name = "apart.repertoire"
    verbose_name = "Répertoire"

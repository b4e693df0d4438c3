from django.apps import AppConfig


class ReprisesConfig(AppConfig):
    name = "apart.reprises"
    verbose_name = "Reprises d'accès"

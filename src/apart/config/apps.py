from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Les commandes qui font tourner Apart : serveur, travailleur."""

    name = "apart.config"
    label = "configuration"
    verbose_name = "Configuration"

from django.apps import AppConfig
from django.core import checks


class ConfigConfig(AppConfig):
    """Les commandes qui font tourner Apart : serveur, travailleur."""

    name = "apart.config"
    label = "configuration"
    verbose_name = "Configuration"

    def ready(self) -> None:
        from apart.config import controles  # après les modèles, qu'il lit

        checks.register(controles.base, deploy=True)
        checks.register(controles.courrier, deploy=True)

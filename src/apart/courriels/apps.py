from django.apps import AppConfig
from django.core import checks

from apart.socle import enfant


class CourrielsConfig(AppConfig):
    name = "apart.courriels"
    verbose_name = "Courriels"

    def ready(self) -> None:
        from apart.courriels.alertes import courriels_passent  # elle lit les modèles, pas encore chargés plus haut

        checks.register(courriels_passent, checks.Tags.database)
        enfant.precharger("apart.courriels.rapport")

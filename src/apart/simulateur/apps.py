from django.apps import AppConfig
from django.core import checks
from django.utils import timezone

from apart.regles.bareme import bareme
from apart.socle import enfant


class SimulateurConfig(AppConfig):
    name = "apart.simulateur"
    verbose_name = "Simulateur"

    def ready(self) -> None:
        checks.register(bareme_a_jour)
        enfant.precharger("apart.simulateur.fichiers.traitement")
        enfant.precharger("apart.simulateur.api.rendu")


def bareme_a_jour(**_: object) -> list[checks.CheckMessage]:
    """`apart check` avertit l'exploitant trente jours avant que le barème ne finisse, puis tant qu'il est dépassé."""
    alerte = bareme().alerte(timezone.localdate())
    return [checks.Warning(alerte, id="apart.W001")] if alerte else []

from django.apps import AppConfig


class CourrielsConfig(AppConfig):
    name = "apart.courriels"
    verbose_name = "Courriels"

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    name = "apart.assistance"
    verbose_name = "Assistance"

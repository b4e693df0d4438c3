from django.apps import AppConfig


class SocleConfig(AppConfig):
    name = "apart.socle"
    verbose_name = "Socle"

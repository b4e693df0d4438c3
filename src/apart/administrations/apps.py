from django.apps import AppConfig


class AdministrationsConfig(AppConfig):
    name = "apart.administrations"
    verbose_name = "Administrations"

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "apart.demo"
    verbose_name = "Démonstration"

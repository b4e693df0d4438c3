from django.apps import AppConfig


class EtablissementsConfig(AppConfig):
    name = "apart.etablissements"
    verbose_name = "Établissements"

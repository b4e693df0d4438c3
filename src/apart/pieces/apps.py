from django.apps import AppConfig


class PiecesConfig(AppConfig):
    name = "apart.pieces"
    verbose_name = "Pièces jointes"

"""Convertisseurs d'adresses : le SIRET reste une chaîne, un zéro de tête ne se perd pas."""

from django.urls import register_converter


class Siret:
    regex = "[0-9]{14}"

    def to_python(self, valeur: str) -> str:
        return valeur

    def to_url(self, siret: str) -> str:
        return siret


def inscrire() -> None:
    """À appeler en tête d'un urls.py qui emploie <siret:siret>."""
    register_converter(Siret, "siret")

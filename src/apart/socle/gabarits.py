"""Charge un gabarit HTML par la règle des espaces insécables : une fois ; Django le garde ensuite, compilé."""

from __future__ import annotations

from django.template import Origin
from django.template.loaders import app_directories, filesystem

from apart.socle.typographie import du_gabarit


class ParDossier(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        contenu: str = super().get_contents(origin)
        return du_gabarit(contenu) if str(origin.name).endswith(".html") else contenu


class ParModule(ParDossier, app_directories.Loader):
    """Ceux du dossier « templates » de chaque module."""

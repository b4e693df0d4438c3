"""Adresses des fichiers statiques : leur version y figure, ils se gardent donc un an."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@lru_cache(maxsize=512)
def empreinte(nom: str) -> str:
    """Douze signes qui changent avec le contenu ; vide si le fichier n'existe pas."""
    trouve = finders.find(nom)
    return hashlib.sha256(Path(trouve).read_bytes()).hexdigest()[:12] if isinstance(trouve, str) else ""


class StockageVersionne(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        adresse = super().url(name)
        version = empreinte(name) if name else ""
        return f"{adresse}?v={version}" if version else adresse

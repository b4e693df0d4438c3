"""Le PostgreSQL qu'Apart démarre lui-même quand DATABASE_URL est absente."""

from pathlib import Path
from urllib.parse import quote


def adresse(dossier: Path) -> str:
    """Adresse de la base embarquée : une prise Unix dans son dossier, pas de port ouvert."""
    return f"postgresql://apart@{quote(str(dossier / 'prise'), safe='')}/apart"

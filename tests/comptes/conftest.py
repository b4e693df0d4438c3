"""Argon2 à petit coût : ces tests comptent les calculs, la vitesse est l'affaire de banc/connexion.py."""

import pytest

from apart.comptes.hachage import Argon2


@pytest.fixture(autouse=True)
def argon2_leger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2, "memory_cost", 64)
    monkeypatch.setattr(Argon2, "time_cost", 1)

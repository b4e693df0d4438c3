"""Deux gabarits d'essai, et des raccourcis pour mettre en file."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings as reglages
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.courriels.actions import mettre_en_file
from apart.courriels.models import Courriel

SECRET = "x7Tq9-LmPzR4wYb2NcVd8sKf3hJg6uEaX1oQ5iBtM0k"
CODE = "K7MP-2QXV"


@pytest.fixture(autouse=True)
def _gabarits(settings: Settings) -> None:
    dossiers = [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": dossiers}]


@pytest.fixture
def certificat(tmp_path: Path) -> Path:
    """La clé et le certificat de 127.0.0.1, signé par lui-même."""
    cle, nom = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    signe = (
        x509.CertificateBuilder(nom, nom, cle.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(cle, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    prive = cle.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chemin = tmp_path / "essai.pem"
    chemin.write_bytes(prive + signe.public_bytes(pem))
    return chemin


def lien() -> str:
    return f"{reglages.URL_PUBLIQUE}/mot-de-passe-oublie/lien/{SECRET}/"


def en_file(a: str = "marie@exemple.fr", **contexte: object) -> Courriel:
    """Un message avec lien et code, valable 60 minutes."""
    return mettre_en_file(
        "essai",
        a=a,
        contexte={"denomination": "Café des Halles", **contexte},
        secrets={"lien": lien(), "code": CODE},
        siret="73282932000074",
        expire_le=timezone.now() + timedelta(minutes=60),
    )


def avis(a: str = "marie@exemple.fr", titre: str = "votre espace est ouvert") -> Courriel:
    """Un message sans secret ni heure limite."""
    return mettre_en_file("avis", a=a, contexte={"titre": titre})

"""Employer un code d'application."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.socle.chiffrement import empreinte
from apart.socle.models import PreuveEmployee

DUREE_D_UN_CODE = timedelta(minutes=2)  # 30 secondes, et autant de part et d'autre, arrondi au large


def employer_code(utilisateur: Utilisateur, code: str) -> bool:
    """Marque employé un code d'application ; False s'il l'était déjà (RFC 6238 §5.2 : il ne sert qu'une fois)."""
    maintenant = timezone.now()
    preuve = empreinte(f"second-facteur:{utilisateur.pk}:{code}")
    PreuveEmployee.objects.filter(empreinte=preuve, expire_le__lt=maintenant).delete()
    _, neuf = PreuveEmployee.objects.get_or_create(
        empreinte=preuve, defaults={"expire_le": maintenant + DUREE_D_UN_CODE}
    )
    return neuf

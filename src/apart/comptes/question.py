"""La réponse à la question secrète : normalisée puis hachée comme un mot de passe, avec un poivre à part."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError

from apart.socle.accents import sans_accents
from apart.socle.chiffrement import cles

LONGUEUR_MINIMALE = 4
TROP_COURANTES = frozenset(
    {
        "aucun",
        "aucune",
        "rien",
        "paris",
        "france",
        "maman",
        "papa",
        "test",
        "azerty",
        "reponse",
        "1234",
        "12345",
        "0000",
    }
)


def normaliser(reponse: str) -> str:
    """« Médor  le Chien » → « medor le chien » : casse, accents et espaces ne comptent pas."""
    return " ".join(sans_accents(reponse.casefold()).split())


def verifier_choix(reponse: str, *, interdits: tuple[str, ...] = ()) -> None:
    """Refuse une réponse trop courte, trop courante, ou égale à ce que d'autres savent déjà (interdits)."""
    propre = normaliser(reponse)
    if len(propre) < LONGUEUR_MINIMALE:
        raise ValidationError(f"Cette réponse est trop courte : il faut au moins {LONGUEUR_MINIMALE} signes.")
    if propre in TROP_COURANTES or propre in {normaliser(mot) for mot in interdits if mot}:
        raise ValidationError("Cette réponse se devine trop facilement. Choisissez-en une que vous seul connaissez.")


def empreinte(reponse: str) -> str:
    return make_password(_poivrer(reponse, settings.SECRET_KEY))


def correspond(reponse: str, gardee: str) -> bool:
    """Sous la clé du jour ou une ancienne : on ne sait pas laquelle était là quand la réponse a été choisie."""
    return any(check_password(_poivrer(reponse, cle), gardee) for cle in cles())


def _poivrer(reponse: str, cle_secrete: str) -> str:
    cle = hashlib.sha256(b"question-secrete:" + cle_secrete.encode()).digest()
    return hmac.new(cle, normaliser(reponse).encode(), hashlib.sha256).hexdigest()

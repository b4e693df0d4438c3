"""Une simulation dans une adresse : ce qui a été tapé, et rien sur le serveur.

JSON, zlib, base64url, précédés de la version de cette forme. Le dictionnaire de compression fait partie de la version.
"""

from __future__ import annotations

import base64
import json
import zlib

from apart.simulateur.brouillon import Brouillon
from apart.simulateur.saisie import CHAMPS, CHAMPS_PERIODE
from apart.socle.lecture_json import lire_json

VERSION = "1"
# gunicorn refuse une ligne de demande de plus de 4 094 octets : il faut y loger aussi le chemin.
LONGUEUR_PERMISE = 3_500
TAILLE_PERMISE = 128 * 1024  # octets une fois décompressé : un lien court peut en cacher des millions
CONNUS = ("droit_commun", "apld", "apld_rebond", "temps_partiel", "alternant", "oui", "2020-0", "2026-0")
DICTIONNAIRE = "".join(f'","{mot}":"' for mot in (*CONNUS, *CHAMPS, *CHAMPS_PERIODE)).encode()
ABIME = (
    "Ce lien ne s'ouvre pas : il a été coupé ou modifié en route. Copiez-le en entier, ou remplissez de nouveau le "
    "formulaire."
)
ANCIEN = (
    "Ce lien vient d'une autre version du simulateur, qui ne se relit plus. Remplissez de nouveau le formulaire : il "
    "vous en donnera un autre."
)


class LienIllisible(ValueError):
    """Le lien ne rend pas de simulation ; le message est une phrase à montrer."""


def ecrire(brouillon: Brouillon) -> str | None:
    """Le code à mettre dans l'adresse ; None si la simulation est trop grande pour y tenir."""
    texte = json.dumps(brouillon.en_json(), ensure_ascii=False, separators=(",", ":")).encode()
    compresseur = zlib.compressobj(9, zdict=DICTIONNAIRE)
    comprime = compresseur.compress(texte) + compresseur.flush()
    code = f"{VERSION}{base64.urlsafe_b64encode(comprime).decode().rstrip('=')}"
    return code if len(code) <= LONGUEUR_PERMISE and len(texte) <= TAILLE_PERMISE else None


def ouvrir(code: str) -> Brouillon:
    """Le brouillon qu'un code contient. Lève LienIllisible, avec ce qu'il faut faire, si ce n'en est pas un."""
    if not code or len(code) > LONGUEUR_PERMISE:
        raise LienIllisible(ABIME)
    if code[0] != VERSION:
        raise LienIllisible(ANCIEN if code[0].isdecimal() else ABIME)
    try:
        return Brouillon.de_json(lire_json(_decompresser(code[1:]), strict=True))
    except (ValueError, zlib.error) as refus:
        raise LienIllisible(ABIME) from refus


def _decompresser(code: str) -> bytes:
    """Lève ValueError ou zlib.error si ce n'est pas, tout entier, un texte compressé d'une taille permise."""
    comprime = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
    lecteur = zlib.decompressobj(zdict=DICTIONNAIRE)
    texte = lecteur.decompress(comprime, TAILLE_PERMISE)
    if not lecteur.eof or lecteur.unused_data:
        raise ValueError("Trop court, trop long, ou suivi d'autre chose.")
    return texte

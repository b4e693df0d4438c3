"""Émettre, lire, employer un jeton. Lire ne consomme jamais : les analyseurs de courriels suivent les liens (T10)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apart.comptes import identifiant as forme
from apart.comptes.models import Jeton, Usage, Utilisateur

ESSAIS_PAR_CODE = 5


class Raison(StrEnum):
    INCONNU = "inconnu"
    EXPIRE = "expire"
    EMPLOYE = "employe"
    REMPLACE = "remplace"
    CODE_FAUX = "code_faux"
    TROP_D_ESSAIS = "trop_d_essais"


class JetonRefuse(Exception):
    """Le lien ou le code ne peut pas servir ; raison dit laquelle des phrases montrer."""

    def __init__(self, raison: Raison) -> None:
        super().__init__(raison.value)
        self.raison = raison


@dataclass(frozen=True)
class JetonEmis:
    """Un jeton tout neuf, avec ses secrets : ils partent dans le courriel et ne sont gardés nulle part."""

    jeton: Jeton
    secret: str
    code: str


def empreinte(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _empreinte_code(reference: UUID, code: str) -> str:
    message = f"{reference}:{forme.normaliser(code)}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()


@transaction.atomic
def emettre(
    usage: Usage, *, courriel: str, utilisateur: Utilisateur | None = None, duree: timedelta | None = None
) -> JetonEmis:
    """Crée un jeton (60 minutes par défaut). Les précédents restent valables jusqu'au premier employé :

    un courriel retardé par une liste grise sert encore, et personne ne peut tuer le lien d'autrui en redemandant.
    """
    maintenant = timezone.now()
    secret, code = secrets.token_urlsafe(32), forme.tirer()
    jeton = Jeton(usage=usage, courriel=courriel, utilisateur=utilisateur, emis_le=maintenant)
    jeton.expire_le = maintenant + (duree or settings.DUREE_JETON)
    jeton.empreinte = empreinte(secret)
    jeton.empreinte_code = _empreinte_code(jeton.reference, code)
    jeton.save(force_insert=True)
    return JetonEmis(jeton, secret, forme.lisible(code))


def lire(usage: Usage, secret: str) -> Jeton:
    """Le jeton vivant de ce lien. Lève JetonRefuse ; ne change rien."""
    return _verifier(Jeton.objects.du_secret(usage, empreinte(secret)).first())


def verrouiller(usage: Usage, secret: str) -> Jeton:
    """Comme lire, en verrouillant la ligne : à appeler dans la transaction qui l'emploiera."""
    return _verifier(Jeton.objects.select_for_update().du_secret(usage, empreinte(secret)).first())


def echanger_code(usage: Usage, reference: UUID, code: str) -> str:
    """Vérifie un code tapé et rend un nouveau secret pour la suite du parcours. Cinq essais au plus (T31)."""
    with transaction.atomic():
        jeton = Jeton.objects.select_for_update().filter(usage=usage, reference=reference).first()
        refus = _essayer_code(jeton, code)
        if refus is None and jeton is not None:
            secret = secrets.token_urlsafe(32)
            jeton.empreinte_suite = empreinte(secret)
            jeton.save(update_fields=["empreinte_suite"])
            return secret
    raise JetonRefuse(refus or Raison.CODE_FAUX)


def _essayer_code(jeton: Jeton | None, code: str) -> Raison | None:
    """None si le code est bon ; sinon la raison, l'essai compté."""
    if jeton is None:
        return Raison.CODE_FAUX
    if jeton.essais >= ESSAIS_PAR_CODE:
        return Raison.TROP_D_ESSAIS
    if not jeton.est_vivant(timezone.now()):
        return _raison(jeton)
    if hmac.compare_digest(jeton.empreinte_code, _empreinte_code(jeton.reference, code)):
        return None
    jeton.essais += 1
    if jeton.essais >= ESSAIS_PAR_CODE:
        jeton.annule_le = timezone.now()
    jeton.save(update_fields=["essais", "annule_le"])
    return Raison.CODE_FAUX


def employer(jeton: Jeton) -> None:
    """Marque employé un jeton verrouillé et annule ses frères encore vivants (T8)."""
    maintenant = timezone.now()
    jeton.employe_le = maintenant
    jeton.save(update_fields=["employe_le"])
    Jeton.objects.vivants().filter(usage=jeton.usage, courriel=jeton.courriel).update(annule_le=maintenant)


def annuler_ceux_de(utilisateur: Utilisateur) -> int:
    """Annule tous les jetons vivants d'une personne, quel que soit leur usage ; rend leur nombre."""
    return Jeton.objects.vivants().filter(utilisateur=utilisateur).update(annule_le=timezone.now())


def _verifier(jeton: Jeton | None) -> Jeton:
    if jeton is None:
        raise JetonRefuse(Raison.INCONNU)
    if not jeton.est_vivant(timezone.now()):
        raise JetonRefuse(_raison(jeton))
    return jeton


def _raison(jeton: Jeton) -> Raison:
    if jeton.employe_le:
        return Raison.EMPLOYE
    if jeton.annule_le:
        return Raison.REMPLACE
    return Raison.EXPIRE

"""Lire un jeton, dire pourquoi il ne vaut pas. Lire ne consomme jamais : les analyseurs suivent les liens (T10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from apart.comptes.models import Jeton, Usage
from apart.socle.templatetags.apart import duree as en_clair


class Raison(StrEnum):
    INCONNU = "inconnu"
    EXPIRE = "expire"
    EMPLOYE = "employe"
    REMPLACE = "remplace"
    CODE_FAUX = "code_faux"
    TROP_D_ESSAIS = "trop_d_essais"
    SANS_OBJET = "sans_objet"


PHRASES = {
    Raison.INCONNU: "Ce lien n'est pas complet, ou il ne vient pas de nous.",
    Raison.EXPIRE: "Ce lien a expiré : il valait {duree}.",
    Raison.EMPLOYE: "Ce lien a déjà servi.",
    Raison.REMPLACE: "Ce lien est remplacé : un plus récent a servi, l'adresse a changé ou trop d'essais ont échoué.",
    Raison.CODE_FAUX: "Ce code ne correspond pas à cette demande, ou il a déjà servi. Vérifiez chaque signe.",
    Raison.SANS_OBJET: "Ce lien n'a plus d'objet : ce à quoi il servait est fini.",
    Raison.TROP_D_ESSAIS: "Ce code a été essayé trop de fois : il ne vaut plus. Demandez un nouveau message.",
}


class JetonRefuse(Exception):
    """Le lien ou le code ne peut pas servir ; raison dit pourquoi, phrase le dit à la personne."""

    def __init__(self, raison: Raison, *, duree: timedelta | None = None) -> None:
        super().__init__(raison.value)
        self.raison = raison
        self.phrase = PHRASES[raison].format(duree=en_clair(duree or settings.DUREE_JETON))


@dataclass(frozen=True)
class Demande:
    """Ce qu'une page « Consultez votre messagerie » sait de la demande : de quoi rattacher un code tapé."""

    reference: UUID
    deposee_le: datetime

    @classmethod
    def maintenant(cls) -> Demande:
        return cls(uuid4(), timezone.now())

    @classmethod
    def lue(cls, reference: str, deposee_le: str) -> Demande:
        return cls(UUID(reference), datetime.fromisoformat(deposee_le))

    def ecrite(self) -> dict[str, str]:
        """Pour un travail en file ; lue la retrouve."""
        return {"reference": str(self.reference), "deposee_le": self.deposee_le.isoformat()}


def lire(usage: Usage, secret: str) -> Jeton:
    """Le jeton vivant de ce lien. Lève JetonRefuse ; ne change rien."""
    return _verifier(Jeton.objects.du_secret(secret, usage).first())


def _verifier(jeton: Jeton | None) -> Jeton:
    """Ce jeton, s'il vit. Lève JetonRefuse."""
    if jeton is None:
        raise JetonRefuse(Raison.INCONNU)
    if not jeton.est_vivant(timezone.now()):
        raise JetonRefuse(_raison(jeton), duree=jeton.expire_le - jeton.emis_le)
    return jeton


def _raison(jeton: Jeton) -> Raison:
    if jeton.employe_le:
        return Raison.EMPLOYE
    if jeton.annule_le:
        return Raison.REMPLACE
    return Raison.EXPIRE


def employe_le(usage: Usage, secret: str) -> datetime | None:
    """Quand ce lien a fait ce pour quoi il est parti ; None s'il ne l'a pas fait. Ne change rien."""
    return Jeton.objects.du_secret(secret, usage).values_list("employe_le", flat=True).first()

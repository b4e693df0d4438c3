"""Émettre un jeton, échanger son code, l'employer, l'annuler."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apart.comptes import identifiant as forme
from apart.comptes.jetons import Demande, JetonRefuse, Raison, lire
from apart.comptes.models import Jeton, JetonQuerySet, Usage, Utilisateur
from apart.courriels.actions import refus
from apart.socle.chiffrement import cles, empreinte
from apart.socle.limites import Limite, compter
from apart.socle.models import verrouiller as verrouiller_lignes
from apart.socle.models import verrouiller_noms

ESSAIS_PAR_CODE = Limite("essais-code", 5, timedelta(days=7))


@dataclass(frozen=True)
class JetonEmis:
    """Un jeton tout neuf, avec ses secrets : ils partent dans le courriel et ne sont gardés nulle part."""

    jeton: Jeton
    secret: str
    code: str


@transaction.atomic
def emettre(
    usage: Usage,
    *,
    courriel: str,
    utilisateur: Utilisateur | None = None,
    demande: Demande | None = None,
    duree: timedelta | None = None,
    est_de_secours: bool = False,
) -> JetonEmis:
    """Crée un jeton (60 minutes par défaut). Les précédents restent valables jusqu'au premier employé :

    un courriel retardé par une liste grise sert encore, et personne ne peut tuer le lien d'autrui en redemandant.
    demande : celle de la page « Consultez votre messagerie », dont l'heure fait partir les 60 minutes. Usage.SUIVI :
    sans code.
    """
    demande = demande or Demande.maintenant()
    secret, code = secrets.token_urlsafe(32), "" if usage is Usage.SUIVI else forme.tirer()
    jeton = Jeton(usage=usage, courriel=courriel, utilisateur=utilisateur, est_de_secours=est_de_secours)
    jeton.reference, jeton.emis_le = demande.reference, demande.deposee_le
    jeton.expire_le = jeton.emis_le + (duree or settings.DUREE_JETON)
    jeton.empreinte = empreinte(secret)
    jeton.empreinte_code = _empreintes_code(jeton.reference, code)[0] if code else ""
    jeton.save(force_insert=True)
    return JetonEmis(jeton, secret, forme.lisible(code))


def _empreintes_code(reference: UUID, code: str) -> list[str]:
    """Sous la clé du jour, puis sous les anciennes : un code reçu avant qu'elle change vaut encore."""
    message = f"{reference}:{forme.normaliser(code)}".encode()
    return [hmac.new(cle.encode(), message, hashlib.sha256).hexdigest() for cle in cles()]


def echanger_code(usage: Usage, demande: Demande, code: str) -> str:
    """Vérifie un code tapé et rend un nouveau secret pour la suite du parcours. Cinq essais au plus (T31).

    Les refus sont les mêmes, dans le même ordre, que la demande ait donné un jeton ou non (T3).
    """
    if timezone.now() >= demande.deposee_le + settings.DUREE_JETON:
        raise JetonRefuse(Raison.EXPIRE)
    if compter(ESSAIS_PAR_CODE, str(demande.reference)) > ESSAIS_PAR_CODE.nombre:
        raise JetonRefuse(Raison.TROP_D_ESSAIS)
    with transaction.atomic():
        jeton = Jeton.objects.vivants().select_for_update().filter(usage=usage, reference=demande.reference).first()
        attendue = jeton.empreinte_code if jeton else "0" * 64
        donnees = _empreintes_code(demande.reference, code)
        if not any(hmac.compare_digest(attendue, donnee) for donnee in donnees) or jeton is None:
            raise JetonRefuse(Raison.CODE_FAUX)
        secret = secrets.token_urlsafe(32)
        jeton.empreinte_suite = empreinte(secret)
        jeton.save(update_fields=["empreinte_suite"])
    return secret


def verrouiller(usage: Usage, secret: str) -> Jeton:
    """Comme jetons.lire, dans la transaction qui emploiera le jeton, avant tout autre verrou (décision 0012).

    L'adresse d'abord, car sa personne n'existe peut-être pas encore ; la personne ; puis le jeton, relu. Deux liens
    d'une même personne envoyés ensemble passent ainsi l'un après l'autre. Lève JetonRefuse.
    """
    jeton = lire(usage, secret)
    verrouiller_noms(jeton.courriel)
    list(verrouiller_lignes(Utilisateur.objects.filter(Q(pk=jeton.utilisateur_id) | Q(courriel=jeton.courriel))))
    list(verrouiller_lignes(Jeton.objects.filter(pk=jeton.pk)))
    return lire(usage, secret)


def employer(jeton: Jeton, *, freres: JetonQuerySet) -> None:
    """Marque employé un jeton verrouillé et annule ses frères encore vivants : même usage, même adresse (T8).

    freres : ceux qui mènent au même endroit ; ouvrir un établissement ne tue pas le lien d'un autre.
    Ce lien ou ce code a été lu dans la messagerie : elle reçoit. Sauf ceux qu'une page ou un terminal a montrés.
    """
    if not jeton.est_de_secours and jeton.usage != Usage.ACTIVATION_AGENT:
        refus.lever(jeton.courriel)
    maintenant = timezone.now()
    jeton.employe_le = maintenant
    jeton.save(update_fields=["employe_le"])
    freres.vivants().filter(usage=jeton.usage, courriel=jeton.courriel).update(annule_le=maintenant)


def annuler_ceux_de(utilisateur: Utilisateur) -> int:
    """Annule tous les jetons vivants d'une personne, quel que soit leur usage ; rend leur nombre.

    Sauf celui qui remet son adresse d'avant : qui a volé une session et changé l'adresse ne le tue pas en changeant
    le mot de passe (T38).
    """
    list(verrouiller_lignes(Utilisateur.objects.filter(pk=utilisateur.pk)))
    siens = Jeton.objects.vivants().filter(utilisateur=utilisateur).exclude(usage=Usage.RETOUR_ADRESSE)
    return siens.update(annule_le=timezone.now())

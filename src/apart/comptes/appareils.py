"""Appareils reconnus : un cookie signé, posé à la connexion réussie, lié à un compte.

Il ne donne aucun droit. Il donne à cet appareil son propre compteur d'échecs (comptes.connexion, T5).
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from apart.comptes.connexion import cles_compte
from apart.comptes.models import Utilisateur
from apart.courriels.models import Demandeur
from apart.socle.limites import reseau_de

NOM = "__Host-appareil" if settings.EST_HTTPS else "appareil"
DUREE = 365 * 24 * 3600
COMPTES_PAR_APPAREIL = 8
SEL = "comptes.appareils"


def reconnu(request: HttpRequest, identifiant: str) -> str:
    """Le jeton de cet appareil pour ce compte ; vide s'il n'y a jamais ouvert de session."""
    connus = _lire(request)
    return next((connus[cle] for cle in _cles(identifiant) if cle in connus), "")


def visiteur(request: HttpRequest) -> str:
    """Qui paie le calcul d'une demande sans session : l'appareil où quelqu'un s'est déjà connecté, sinon le réseau."""
    return next((f"appareil:{jeton}" for jeton in _lire(request).values()), "") or reseau_de(request)


def connus(request: HttpRequest) -> list[str]:
    """Les comptes que cet appareil a ouverts, session en cours comprise, chacun par un bout de sa clé."""
    ouverts = set(_lire(request))
    if isinstance(request.user, Utilisateur):
        ouverts.add(_cles(request.user.identifiant)[0])
    return sorted(ouverts)


def ouvert_ici(identifiant: str, connus: list[str]) -> bool:
    """Vrai si ce compte est de ceux-là."""
    return not set(_cles(identifiant)).isdisjoint(connus)


def demandeur(courriel: str, connus: list[str]) -> Demandeur:
    """Qui tape cette adresse : un appareil où sa personne s'est connectée, ou un inconnu."""
    personne = Utilisateur.objects.par_courriel(courriel)
    est_chez_soi = personne is not None and ouvert_ici(personne.identifiant, connus)
    return Demandeur.APPAREIL if est_chez_soi else Demandeur.INCONNU


def retenir(request: HttpRequest, reponse: HttpResponse, identifiant: str) -> None:
    """Reconnaîtra cet appareil la prochaine fois."""
    jeton = reconnu(request, identifiant) or secrets.token_hex(16)
    siennes = _cles(identifiant)
    autres = [(cle, connu) for cle, connu in _lire(request).items() if cle not in siennes]
    gardes = dict([*autres, (siennes[0], jeton)][-COMPTES_PAR_APPAREIL:])
    reponse.set_cookie(
        NOM,
        signing.dumps(gardes, salt=SEL),
        max_age=DUREE,
        secure=settings.EST_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _cles(identifiant: str) -> list[str]:
    return [cle[:16] for cle in cles_compte(identifiant)]


def _lire(request: HttpRequest) -> dict[str, str]:
    try:
        connus = signing.loads(request.COOKIES.get(NOM, ""), salt=SEL, max_age=DUREE)
    except signing.BadSignature:
        return {}
    return connus if isinstance(connus, dict) else {}

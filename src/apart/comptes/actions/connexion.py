"""Se connecter : vérifier un identifiant et un mot de passe, noter les échecs."""

from __future__ import annotations

import logging

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.utils import timezone

from apart.comptes.connexion import ALARME, COMPTES_PAR_ADRESSE, PAR_ADRESSE, attente, cle_compte
from apart.comptes.models import EchecConnexion, Utilisateur
from apart.socle.limites import TropDeDemandes, compter, consommer

journal = logging.getLogger("apart.securite")


def tenter(*, identifiant: str, mot_de_passe: str, adresse: str, appareil: str = "") -> Utilisateur | None:
    """La personne, si le couple est juste et l'essai permis ; sinon None, sans dire pourquoi.

    identifiant : normalisé (comptes.identifiant). appareil : jeton d'un appareil reconnu pour ce compte, ou vide.
    adresse : réseau du visiteur. Lève TropDeDemandes si cette adresse essaie trop souvent, ou sur trop de comptes.
    """
    compte = cle_compte(identifiant)
    if not appareil:
        _freiner(adresse)
    echecs = EchecConnexion.objects.de(compte, appareil)
    moments = list(echecs.recents().values_list("le", flat=True))
    utilisateur = Utilisateur.objects.filter(identifiant=identifiant).first()
    juste = _verifier(utilisateur, mot_de_passe)
    if attente(moments, timezone.now()):
        journal.warning("connexion: refus pendant attente compte=%s adresse=%s", compte[:12], adresse)
        return None
    if utilisateur is None or not juste or not utilisateur.is_active:
        _noter_echec(compte, appareil, adresse)
        return None
    if moments:
        echecs.delete()
    _rafraichir_empreinte(utilisateur, mot_de_passe)
    return utilisateur


def oublier_echecs(utilisateur: Utilisateur) -> None:
    """Lève toute attente sur un compte. Après une réinitialisation par courriel, la connexion marche aussitôt (T4)."""
    EchecConnexion.objects.filter(compte=cle_compte(utilisateur.identifiant)).delete()


def _freiner(adresse: str) -> None:
    """Lève TropDeDemandes si cette adresse, d'appareils inconnus, essaie trop souvent ou vise trop de comptes."""
    consommer(PAR_ADRESSE, adresse)
    vises = EchecConnexion.objects.comptes_vises(adresse, timezone.now() - COMPTES_PAR_ADRESSE.periode)
    if vises >= COMPTES_PAR_ADRESSE.nombre:
        journal.warning("connexion: comptes en série adresse=%s comptes=%d", adresse, vises)
        raise TropDeDemandes(COMPTES_PAR_ADRESSE, COMPTES_PAR_ADRESSE.periode)


def _verifier(utilisateur: Utilisateur | None, mot_de_passe: str) -> bool:
    """Un calcul Argon2 dans tous les cas, compte inconnu ou sans mot de passe compris (keycloak#51887)."""
    if utilisateur is None:
        make_password(mot_de_passe)
        return False
    return check_password(mot_de_passe, utilisateur.password)


def _noter_echec(compte: str, appareil: str, adresse: str) -> None:
    EchecConnexion.objects.create(compte=compte, appareil=appareil, adresse=adresse)
    journal.warning("connexion: refus compte=%s adresse=%s", compte[:12], adresse)
    if compter(ALARME, "site") == ALARME.nombre:
        journal.error("connexion: alarme, %d refus en une minute sur tout le site", ALARME.nombre)


def _rafraichir_empreinte(utilisateur: Utilisateur, mot_de_passe: str) -> None:
    """Recalcule l'empreinte si le coût d'Argon2 a changé. Un mot de passe changé à l'instant n'est pas remis."""
    lue = utilisateur.password
    if identify_hasher(lue).must_update(lue):
        utilisateur.set_password(mot_de_passe)
        Utilisateur.objects.filter(pk=utilisateur.pk, password=lue).update(password=utilisateur.password)

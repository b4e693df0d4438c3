"""Se connecter : vérifier un identifiant et un mot de passe, noter les échecs."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import connection, transaction
from django.utils import timezone

from apart.comptes import hachage, motdepasse
from apart.comptes.connexion import ALARME, COMPTES_PAR_ADRESSE, PAR_ADRESSE, PAR_APPAREIL, attente, cle_compte
from apart.comptes.models import EchecConnexion, Utilisateur
from apart.socle.disque import SANS_ATTENDRE
from apart.socle.limites import TropDeDemandes, compter, consommer
from apart.socle.models import verrouiller_noms

journal = logging.getLogger("apart.securite")

# Compter un essai et lire ceux d'avant en un ordre. Par l'ORM, trois, et le cinquième d'une connexion sans Argon2.
COMPTER_ET_LIRE = """
WITH essai AS (
    INSERT INTO comptes_echecconnexion (compte, appareil, adresse, le)
    VALUES (%(compte)s, %(appareil)s, %(adresse)s, %(le)s)
)
SELECT
    ARRAY(
        SELECT le FROM comptes_echecconnexion
        WHERE compte = %(compte)s AND appareil = %(appareil)s AND le > %(hier)s ORDER BY le
    ),
    (
        SELECT count(DISTINCT compte) FROM comptes_echecconnexion
        WHERE adresse = %(adresse)s AND appareil = '' AND le > %(serie)s
    )
"""
OUBLIER = "DELETE FROM comptes_echecconnexion WHERE compte = %s AND appareil = %s"


def tenter(*, identifiant: str, mot_de_passe: str, adresse: str, appareil: str = "") -> Utilisateur | None:
    """La personne, si le couple est juste et l'essai permis ; sinon None, sans dire pourquoi.

    identifiant : normalisé (comptes.identifiant). appareil : jeton d'un appareil reconnu pour ce compte, ou vide.
    adresse : réseau du visiteur. Lève TropDeDemandes si cette adresse (ou cet appareil) essaie trop souvent, ou
    sur trop de comptes ; ServiceOccupe, sans rien compter, si trop de mots de passe attendent déjà d'être jugés.
    """
    formes = motdepasse.ecritures(mot_de_passe)
    if min(map(len, formes)) > motdepasse.LONGUEUR_MAXIMALE:
        return None  # personne n'en a de si long : rien à calculer
    with hachage.une_place():
        return _juger(identifiant, formes, adresse, appareil)


def _juger(identifiant: str, formes: tuple[str, ...], adresse: str, appareil: str) -> Utilisateur | None:
    compte = cle_compte(identifiant)
    for _ in formes:  # un calcul par forme : autant d'essais
        consommer(*((PAR_APPAREIL, appareil) if appareil else (PAR_ADRESSE, adresse)))
    est_permis = _compter_d_avance(compte, appareil, adresse)
    utilisateur = Utilisateur.objects.filter(identifiant=identifiant).first()
    justes = [ecriture for ecriture in formes if _verifier(utilisateur, ecriture)]
    if not est_permis:
        journal.warning("connexion: refus pendant attente compte=%s adresse=%s", compte[:12], adresse)
        return None
    if utilisateur is None or not justes or not utilisateur.is_active:
        _signaler_echec(compte, adresse)
        return None
    _oublier(compte, appareil)
    _rafraichir_empreinte(utilisateur, justes[0], a_changer=justes[0] != formes[0])
    return utilisateur


def oublier_echecs(utilisateur: Utilisateur) -> None:
    """Lève toute attente sur un compte. Après une réinitialisation par courriel, la connexion marche aussitôt (T4)."""
    EchecConnexion.objects.filter(compte=cle_compte(utilisateur.identifiant)).delete()


@transaction.atomic
def _compter_d_avance(compte: str, appareil: str, adresse: str) -> bool:
    """Compte l'essai comme un échec avant de le juger ; faux, sans rien compter, pendant une attente.

    Chacun à son tour, le temps de compter : cent essais partis ensemble ne liraient sinon que des compteurs vides. Le
    calcul d'Argon2 vient après, hors du verrou. Lève TropDeDemandes si cette adresse vise trop de comptes (T6).
    """
    verrouiller_noms(*([] if appareil else [f"connexion:{adresse}"]), f"connexion:{compte}:{appareil}")
    maintenant = timezone.now()
    moments, vises = _compter_et_lire(compte, appareil, adresse, maintenant)
    if not appareil and vises >= COMPTES_PAR_ADRESSE.nombre:
        journal.warning("connexion: comptes en série adresse=%s comptes=%d", adresse, vises)
        raise TropDeDemandes(COMPTES_PAR_ADRESSE, COMPTES_PAR_ADRESSE.periode)
    if attente(moments, maintenant):
        transaction.set_rollback(True)
        return False
    return True


def _compter_et_lire(compte: str, appareil: str, adresse: str, le: datetime) -> tuple[list[datetime], int]:
    """Les échecs d'avant celui-ci, du plus ancien au plus récent, et combien de comptes cette adresse a manqués."""
    valeurs: dict[str, str | datetime] = {
        "compte": compte,
        "appareil": appareil,
        "adresse": adresse,
        "le": le,
        "hier": le - EchecConnexion.CONSERVATION,
        "serie": le - COMPTES_PAR_ADRESSE.periode,
    }
    with connection.cursor() as curseur:
        curseur.execute(f"{COMPTER_ET_LIRE}, {SANS_ATTENDRE}", valeurs)
        moments, vises, _ = curseur.fetchone()
    return moments, vises


def _oublier(compte: str, appareil: str) -> None:
    with connection.cursor() as curseur:
        curseur.execute(f"{OUBLIER} RETURNING {SANS_ATTENDRE}", [compte, appareil])


def _verifier(utilisateur: Utilisateur | None, mot_de_passe: str) -> bool:
    """Un calcul Argon2 dans tous les cas, compte inconnu ou sans mot de passe compris (keycloak#51887)."""
    if utilisateur is None:
        make_password(mot_de_passe)
        return False
    return check_password(mot_de_passe, utilisateur.password)


def _signaler_echec(compte: str, adresse: str) -> None:
    journal.warning("connexion: refus compte=%s adresse=%s", compte[:12], adresse)
    if compter(ALARME, "site") == ALARME.nombre:
        journal.error("connexion: alarme, %d refus en une minute sur tout le site", ALARME.nombre)


def _rafraichir_empreinte(utilisateur: Utilisateur, mot_de_passe: str, *, a_changer: bool) -> None:
    """Recalcule l'empreinte d'une autre forme (a_changer), ou si le coût d'Argon2 a changé.

    Un mot de passe changé à l'instant n'est pas remis.
    """
    lue = utilisateur.password
    if a_changer or identify_hasher(lue).must_update(lue):
        utilisateur.set_password(mot_de_passe)
        Utilisateur.objects.filter(pk=utilisateur.pk, password=lue).update(password=utilisateur.password)

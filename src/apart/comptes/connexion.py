"""Vérifier un identifiant et un mot de passe, en freinant les essais sans jamais fermer un compte pour de bon.

Même réponse et même travail pour toutes les raisons de refuser (T2, T4) : un calcul Argon2, ni plus ni moins.
Un appareil déjà reconnu a son propre compteur : celui qui attaque un compte n'en prive pas son titulaire (T5).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apart.comptes.models import EchecConnexion, Utilisateur
from apart.socle.limites import COMPTER, Limite, TropDeDemandes, compter

PAR_ADRESSE = Limite("connexion-adresse", 30, timedelta(minutes=1))
# Une adresse qui se trompe sur beaucoup de comptes différents essaie des listes de mots de passe (T6).
COMPTES_PAR_ADRESSE = Limite("connexion-comptes", 20, timedelta(minutes=15))
ALARME = Limite("connexion-alarme", 300, timedelta(minutes=1))

ECHECS_PERMIS = 5
FENETRE = timedelta(minutes=5)
PREMIERE_ATTENTE = timedelta(minutes=1)
ATTENTE_LA_PLUS_LONGUE = timedelta(minutes=15)
OUBLI = timedelta(hours=1)  # sans échec pendant ce temps, on repart de zéro
CONSERVATION = timedelta(hours=24)

# En un seul ordre SQL, sans ORM : ce chemin est celui de chaque connexion (banc/notes.md).
COLONNES = [champ.column for champ in Utilisateur._meta.concrete_fields]
ESSAI = f"""
WITH geste AS ({{compter}})
SELECT (SELECT nombre FROM geste),
  (SELECT array_agg(le ORDER BY le) FROM comptes_echecconnexion WHERE compte = %s AND appareil = %s AND le > %s),
  (SELECT count(DISTINCT compte) FROM comptes_echecconnexion WHERE adresse = %s AND appareil = '' AND le > %s),
  EXISTS (SELECT FROM mfa_authenticator WHERE user_id = personne.id AND type IN ('totp', 'webauthn')),
  {", ".join(f"personne.{colonne}" for colonne in COLONNES)}
FROM (VALUES (%s)) AS tape(identifiant) LEFT JOIN comptes_utilisateur AS personne USING (identifiant)
"""  # noqa: S608  # rien d'autre que les noms de nos colonnes
ESSAI_COMPTE = ESSAI.format(compter=COMPTER)
ESSAI_NON_COMPTE = ESSAI.format(compter="SELECT 0 AS nombre")

journal = logging.getLogger("apart.securite")


@dataclass(frozen=True)
class Passe:
    """Ce que l'on sait avant de vérifier : gestes de cette adresse, échecs récents, et la personne si elle existe."""

    gestes: int
    echecs: list[datetime]
    comptes_vises: int
    utilisateur: Utilisateur | None


def attente(echecs: list[datetime], maintenant: datetime) -> timedelta:
    """Combien de temps refuser encore : 5 échecs en 5 minutes, puis 1, 2, 4, 8 et 15 minutes à chaque nouvel échec.

    echecs : moments des échecs comptés, du plus ancien au plus récent. Zéro : l'essai est permis.
    """
    niveau, recents, fin = 0, list[datetime](), maintenant
    for le in echecs:
        if recents and le - recents[-1] > OUBLI:
            niveau, recents = 0, []
        recents = [*recents, le]
        if niveau or len([t for t in recents if le - t < FENETRE]) >= ECHECS_PERMIS:
            fin = le + min(PREMIERE_ATTENTE * 2**niveau, ATTENTE_LA_PLUS_LONGUE)
            niveau += 1
    return max(fin - maintenant, timedelta())


def tenter(*, identifiant: str, mot_de_passe: str, adresse: str, appareil: str = "") -> Utilisateur | None:
    """La personne, si le couple est juste et l'essai permis ; sinon None, sans dire pourquoi.

    identifiant : normalisé (comptes.identifiant). appareil : jeton d'un appareil reconnu pour ce compte, ou vide.
    adresse : réseau du visiteur. Lève TropDeDemandes si cette adresse essaie trop souvent, ou sur trop de comptes.
    """
    compte = cle_compte(identifiant)
    passe = _passe(identifiant, compte, appareil, adresse)
    PAR_ADRESSE.exiger(passe.gestes)
    if not appareil and passe.comptes_vises >= COMPTES_PAR_ADRESSE.nombre:
        journal.warning("connexion: comptes en série adresse=%s comptes=%d", adresse, passe.comptes_vises)
        raise TropDeDemandes(COMPTES_PAR_ADRESSE, COMPTES_PAR_ADRESSE.periode)
    utilisateur = passe.utilisateur
    juste = _verifier(utilisateur, mot_de_passe)
    if attente(passe.echecs, timezone.now()):
        journal.warning("connexion: refus pendant attente compte=%s adresse=%s", compte[:12], adresse)
        return None
    if utilisateur is None or not juste or not utilisateur.is_active:
        _noter_echec(compte, appareil, adresse)
        return None
    if passe.echecs:
        EchecConnexion.objects.filter(compte=compte, appareil=appareil).delete()
    _rafraichir_empreinte(utilisateur, mot_de_passe)
    return utilisateur


def oublier_echecs(utilisateur: Utilisateur) -> None:
    """Lève toute attente sur un compte. Après une réinitialisation par courriel, la connexion marche aussitôt (T4)."""
    EchecConnexion.objects.filter(compte=cle_compte(utilisateur.identifiant)).delete()


def cle_compte(identifiant: str) -> str:
    """Ce qui désigne un compte dans les compteurs, illisible : on tape parfois son mot de passe dans ce champ."""
    return salted_hmac("comptes.connexion", identifiant, algorithm="sha256").hexdigest()


def _passe(identifiant: str, compte: str, appareil: str, adresse: str) -> Passe:
    """Compte le geste de cette adresse, sauf d'un appareil reconnu, et lit le reste."""
    maintenant = timezone.now()
    depuis, depuis_comptes = maintenant - CONSERVATION, maintenant - COMPTES_PAR_ADRESSE.periode
    lus: list[str | datetime] = [compte, appareil, depuis, adresse, depuis_comptes, identifiant]
    ordre, valeurs = (ESSAI_NON_COMPTE, lus) if appareil else (ESSAI_COMPTE, [*PAR_ADRESSE.geste(adresse), *lus])
    with connection.cursor() as curseur:
        curseur.execute(ordre, valeurs)
        gestes, echecs, comptes_vises, second_facteur, *personne = curseur.fetchone()
    utilisateur = None
    if personne[0] is not None:
        utilisateur = Utilisateur.from_db(connection.alias, COLONNES, personne)  # type: ignore[arg-type]  # des valeurs
        utilisateur.second_facteur_lu = second_facteur
    return Passe(gestes, echecs or [], comptes_vises, utilisateur)


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
    """Recalcule l'empreinte quand le coût d'Argon2 a changé depuis."""
    if identify_hasher(utilisateur.password).must_update(utilisateur.password):
        utilisateur.set_password(mot_de_passe)
        utilisateur.save(update_fields=["password"])


def purger() -> int:
    """Efface les échecs de plus de 24 heures ; rend leur nombre."""
    return EchecConnexion.objects.filter(le__lt=timezone.now() - CONSERVATION).delete()[0]

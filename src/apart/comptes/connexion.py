"""Freiner les essais de connexion sans jamais fermer un compte pour de bon.

Même réponse et même travail pour toutes les raisons de refuser (T2, T4) : un calcul Argon2, ni plus ni moins.
Un appareil déjà reconnu a son propre compteur : celui qui attaque un compte n'en prive pas son titulaire (T5).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from apart.socle.chiffrement import cles
from apart.socle.limites import Limite

PAR_ADRESSE = Limite("connexion-adresse", 30, timedelta(minutes=1))
# Il échappe aux limites de son réseau, que ses voisins dépensent, et a la sienne : un essai coûte cher au serveur.
PAR_APPAREIL = Limite("connexion-appareil", 10, timedelta(minutes=1))
# Une adresse qui se trompe sur beaucoup de comptes différents essaie des listes de mots de passe (T6).
COMPTES_PAR_ADRESSE = Limite("connexion-comptes", 20, timedelta(minutes=15))
ALARME = Limite("connexion-alarme", 300, timedelta(minutes=1))

ECHECS_PERMIS = 5
FENETRE = timedelta(minutes=5)
PREMIERE_ATTENTE = timedelta(minutes=1)
ATTENTE_LA_PLUS_LONGUE = timedelta(minutes=15)
OUBLI = timedelta(hours=1)  # sans échec pendant ce temps, on repart de zéro


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


def cle_compte(identifiant: str) -> str:
    """Ce qui désigne un compte dans les compteurs, illisible : on tape parfois son mot de passe dans ce champ."""
    return cles_compte(identifiant)[0]


def cles_compte(identifiant: str) -> list[str]:
    """Celle du jour, puis celles que donnaient les clés secrètes d'avant : un cookie d'un an les porte encore."""
    return [
        salted_hmac("comptes.connexion", identifiant, secret=cle, algorithm="sha256").hexdigest() for cle in cles()
    ]

"""Combien de messages une boîte peut recevoir (T15), par ce qui est demandé et par qui le demande.

On compte ce qui part, jamais ce qui est demandé : redemander ne rallonge rien. Chaque origine a sa place : ce que des
inconnus dépensent en tapant l'adresse de quelqu'un, ils ne le prennent ni à son identifiant, ni à un appareil où il
s'est déjà connecté, ni à un lien qu'il a reçu, ni à l'agent qui l'aide ; un lien que nous renouvelons de nous-mêmes
n'en prend à personne. Et ce qui est demandé a la sienne : la place d'un identifiant n'est épuisée que par des messages
qui portent cet identifiant, et celle d'un établissement par des liens qui l'ouvrent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apart.courriels.models import Demandeur, ObjetDemande
from apart.socle.limites import Limite, depasse
from apart.socle.saisies import boite

PAR_QUART_D_HEURE = Limite("courriel_quart_d_heure", 3, timedelta(minutes=15))
PAR_JOUR = Limite("courriel_jour", 10, timedelta(days=1))
# Tous établissements, ou toutes demandes : sinon, en changeant de SIRET, on écrirait sans fin à quelqu'un.
EN_TOUT = Limite("courriel_en_tout", 30, timedelta(hours=12))


def prendre(adresse: str, objet: ObjetDemande, demandeur: Demandeur, pour: str = "") -> Limite | None:
    """Prend une place pour un message qui va partir ; rend la limite pleine s'il n'y en a plus, None sinon.

    pour : ce que le message ouvre (un SIRET, un numéro de demande), vide s'il ne tient qu'à la personne. Un message
    que rien ne laisse partir ne prend aucune place.
    """
    siens = f"{demandeur}:{objet}:{boite(adresse)}"
    memes = f"{siens}:{pour}" if pour else siens
    places = [(PAR_QUART_D_HEURE, memes), (PAR_JOUR, memes), *([(EN_TOUT, siens)] if pour else [])]
    with transaction.atomic():
        pleine = next((limite for limite, cle in places if depasse(limite, cle)), None)
        transaction.set_rollback(pleine is not None)
    return pleine


def place_a_nouveau(limite: Limite) -> datetime:
    """Quand une limite pleine rouvrira."""
    return limite.fenetre(timezone.now()) + limite.periode

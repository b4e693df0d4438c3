"""Prolonger et fermer des sessions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils import timezone

from apart.comptes.models import Session, Utilisateur
from apart.comptes.sessions import fin
from apart.socle.chiffrement import empreinte

EMPREINTE = re.compile("[0-9a-f]{64}")
PAS = timedelta(minutes=1)  # précision de « dernière activité » : une écriture par minute au plus


def prolonger(session: Session, *, agent: bool) -> datetime:
    """Compte une activité (une écriture par minute au plus) et rend le moment où la session se fermera."""
    maintenant = timezone.now()
    if maintenant - session.vue_le >= PAS:
        session.vue_le = maintenant
        session.expire_date = fin(ouverte_le=session.ouverte_le, vue_le=maintenant, agent=agent)
        Session.objects.filter(pk=session.pk).update(vue_le=session.vue_le, expire_date=session.expire_date)
    return session.expire_date


def fermer(utilisateur: Utilisateur, session_key: str) -> int:
    """Ferme une session de cette personne (désignée par l'empreinte listée) ; rend 0 si elle n'existe plus."""
    if not EMPREINTE.fullmatch(session_key):  # PostgreSQL refuse le caractère nul : une saisie forgée ferait une panne
        return 0
    return Session.objects.filter(utilisateur=utilisateur, session_key=session_key).delete()[0]


def fermer_toutes(utilisateur: Utilisateur, sauf: str | None = None) -> int:
    """Ferme toutes les sessions d'une personne, sauf celle dont le cookie porte la clé « sauf » ; rend leur nombre."""
    a_fermer = Session.objects.filter(utilisateur=utilisateur)
    if sauf:
        a_fermer = a_fermer.exclude(session_key=empreinte(sauf))
    return a_fermer.delete()[0]

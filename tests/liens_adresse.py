"""Les liens de qui change d'adresse, ou réunit deux comptes (tests/monde.py)."""

from __future__ import annotations

from django.utils.timezone import now

from apart.comptes.actions import jetons
from apart.comptes.models import ChangementAdresse, Usage, Utilisateur
from apart.etablissements.models import Reunion
from apart.socle.chiffrement import empreinte


def nouvelle(qui: Utilisateur) -> str:
    """Elle prouve une adresse que personne n'a."""
    return jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel="marie.nouvelle@exemple.fr", utilisateur=qui).secret


def d_avant(qui: Utilisateur) -> str:
    """Elle vient de changer d'adresse ; celle d'avant peut revenir."""
    emis = jetons.emettre(Usage.RETOUR_ADRESSE, courriel="marie.avant@boulangerie.fr", utilisateur=qui)
    quittee = {"ancienne": emis.jeton.courriel, "nouvelle": qui.courriel, "demande_le": now()}
    ChangementAdresse.objects.create(utilisateur=qui, **quittee).jetons.add(emis.jeton)
    return emis.secret


def reunion(qui: Utilisateur) -> str:
    """Elle a un second compte, dont elle a prouvé l'adresse et le mot de passe."""
    nommee = {"nom": qui.nom, "prenom": qui.prenom}
    autre, _ = Utilisateur.objects.get_or_create(courriel="marie.seconde@exemple.fr", defaults=nommee)
    emis = jetons.emettre(Usage.REUNION, courriel=qui.courriel, utilisateur=qui)
    faite = Reunion.objects.create(demandeur=qui, autre=autre, garde=qui, empreinte_autre=empreinte(autre.password))
    faite.jetons.add(emis.jeton)
    return emis.secret

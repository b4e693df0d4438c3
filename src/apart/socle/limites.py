"""Limites de débit, comptées dans PostgreSQL : justes quel que soit le nombre de processus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from apart.socle.chiffrement import empreinte
from apart.socle.disque import SANS_ATTENDRE
from apart.socle.models import Compteur
from apart.socle.reseau import lire, reseau

# Ajouter un et rendre le total sans qu'un autre passe entre les deux : l'ORM n'a pas de mot pour cela.
COMPTER = """
INSERT INTO socle_compteur (cle, fenetre, expire_le, nombre) VALUES (%(cle)s, %(fenetre)s, %(fin)s, %(fois)s)
ON CONFLICT (cle, fenetre) DO UPDATE SET nombre = socle_compteur.nombre + %(fois)s RETURNING nombre
"""
# Compté seul, sans attendre le disque ; dans la transaction d'un geste, c'est elle qui dit si elle l'attend.
COMPTER_SEUL = f"{COMPTER}, {SANS_ATTENDRE}"


@dataclass(frozen=True)
class Limite:
    """« nombre » gestes permis par « periode », pour chaque valeur de la clé."""

    nom: str
    nombre: int
    periode: timedelta

    def cle(self, valeur: str) -> str:
        return f"{self.nom}:{empreinte(valeur)[:40]}"

    def fenetre(self, maintenant: datetime) -> datetime:
        secondes = int(self.periode.total_seconds())
        return datetime.fromtimestamp(int(maintenant.timestamp()) // secondes * secondes, tz=UTC)


class TropDeDemandes(Exception):
    """Une limite est dépassée ; attente dit combien de temps patienter."""

    def __init__(self, limite: Limite, attente: timedelta) -> None:
        super().__init__(limite.nom)
        self.limite = limite
        self.attente = attente


def compter(limite: Limite, valeur: str, fois: int = 1) -> int:
    """Ajoute un geste, ou autant, et rend le total de la fenêtre courante, en un seul ordre SQL atomique."""
    debut = limite.fenetre(timezone.now())
    with connection.cursor() as curseur:
        fin = debut + 2 * limite.periode
        ordre = COMPTER if connection.in_atomic_block else COMPTER_SEUL
        curseur.execute(ordre, {"cle": limite.cle(valeur), "fenetre": debut, "fin": fin, "fois": fois})
        return int(curseur.fetchone()[0])


def depasse(limite: Limite, valeur: str, fois: int = 1) -> bool:
    """Compte un geste, ou autant ; vrai au-delà de la limite."""
    return compter(limite, valeur, fois) > limite.nombre


def atteinte(limite: Limite, valeur: str) -> bool:
    """Vrai si la limite est déjà atteinte dans la fenêtre courante. Ne compte rien."""
    cle, fenetre = limite.cle(valeur), limite.fenetre(timezone.now())
    return Compteur.objects.filter(cle=cle, fenetre=fenetre, nombre__gte=limite.nombre).exists()


def consommer(limite: Limite, valeur: str, fois: int = 1) -> None:
    """Compte un geste, ou autant ; lève TropDeDemandes au-delà de la limite."""
    if depasse(limite, valeur, fois):
        raise _trop(limite)


def exiger(limite: Limite, valeur: str) -> None:
    """Lève TropDeDemandes si la limite est déjà atteinte. Ne compte rien."""
    if atteinte(limite, valeur):
        raise _trop(limite)


def _trop(limite: Limite) -> TropDeDemandes:
    maintenant = timezone.now()
    return TropDeDemandes(limite, limite.fenetre(maintenant) + limite.periode - maintenant)


def adresse_ip(request: HttpRequest) -> str:
    """L'adresse du visiteur. X-Forwarded-For n'est cru que derrière MANDATAIRES_DE_CONFIANCE mandataires (T7).

    Ce qui n'y est pas une adresse vaut celle du mandataire : un texte quelconque ferait de chaque demande un visiteur.
    """
    relais = settings.MANDATAIRES_DE_CONFIANCE
    chaine = [a for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
    annoncee = lire(chaine[-relais]) if 0 < relais <= len(chaine) else ""
    return annoncee or str(request.META.get("REMOTE_ADDR", ""))


def reseau_de(request: HttpRequest) -> str:
    """Le réseau du visiteur, connecté ou non."""
    return reseau(adresse_ip(request))


def visiteur(request: HttpRequest) -> str:
    """Ce que les limites comptent : la personne connectée, sinon le réseau. Un bureau n'a souvent qu'une adresse."""
    personne = getattr(request, "user", None)
    return f"personne:{personne.pk}" if personne is not None and personne.is_authenticated else reseau_de(request)

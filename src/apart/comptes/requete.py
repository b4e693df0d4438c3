"""La requête d'une personne connectée, pour les types."""

from django.http import HttpRequest

from apart.comptes.models import Utilisateur


class RequeteConnectee(HttpRequest):
    """Une requête dont l'auteur est connecté (LoginRequiredMiddleware l'a vérifié)."""

    user: Utilisateur

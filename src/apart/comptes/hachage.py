"""Hachage des mots de passe : Argon2id, au coût que recommande l'OWASP (19 Mio, 2 passes, 1 fil)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Un coût qui laisse deux cœurs vérifier plus de 80 mots de passe par seconde, avec de la marge.

    Mesuré sur deux cœurs au repos : 102 par seconde à 19 Mio ; le réglage de Django (100 Mio, 8 fils) en permettait
    10. Sur deux cœurs très chargés, par seconde de processeur : 90 au mieux à 19 Mio, 83 à 20, 70 à 22.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

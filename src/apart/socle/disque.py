"""Valider sans attendre le disque, ce qui peut se perdre avec la dernière demi-seconde d'une base tuée."""

from __future__ import annotations

# À rendre par l'ordre lui-même : la transaction où il passe, et elle seule, n'attend pas que le disque l'ait écrite.
# Un compteur, un échec, une session : PostgreSQL tué peut en oublier les derniers, jamais en garder la moitié. Ce qui
# est validé ensuite en attendant le disque les y met aussi : la réponse à un envoi ne part qu'une fois tout écrit.
SANS_ATTENDRE = "set_config('synchronous_commit', 'off', true)"

"""Les réglages d'Apart, avec deux pages de plus, limites du même serveur : un texte constant et un gabarit vide."""

from apart.config.settings import *  # noqa: F403 — les mêmes réglages, à deux adresses près

ROOT_URLCONF = "banc.adresses"

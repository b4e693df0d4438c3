"""Les réglages d'Apart, avec une page de plus : un texte constant, la limite de toute page du même serveur."""

from apart.config.settings import *  # noqa: F403 — les mêmes réglages, à une adresse près

ROOT_URLCONF = "banc.adresses"

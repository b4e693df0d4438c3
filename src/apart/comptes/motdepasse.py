"""Règles d'un mot de passe : assez long, pas deviné d'avance. Aucune règle de composition (ASVS 6.2.5)."""

LONGUEUR_MINIMALE = 15
LONGUEUR_MAXIMALE = 128

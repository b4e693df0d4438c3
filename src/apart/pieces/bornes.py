"""Ce qu'un envoi peut porter. Sans modèle ni réglage : le serveur le lit avant eux (config.ecoute)."""

OCTETS_PERMIS = 10 << 20  # d'une pièce
OCTETS_EN_TOUT = 20 << 20  # d'un envoi
NOMBRE_PERMIS = 5

"""Limites des demandes de récupération (identite.md §7). Par destinataire : courriels.limites."""

from datetime import timedelta

from apart.socle.limites import Limite

PAR_ADRESSE_IP = Limite("recuperation-ip", 20, timedelta(hours=1))
CODE_DE_SECOURS = Limite("code-secours", 5, timedelta(minutes=15))
# Chacune annulée, par mot de passe en cours : qui l'a volé n'écrit pas sans fin, et en changer rend ses demandes.
FACTEURS_PERDUS = Limite("facteur-perdu", 3, timedelta(days=30))
# Par compte : qui a volé une session n'inonde personne. Aux adresses tapées, leurs places (courriels.limites).
CHANGEMENTS = Limite("changements-adresse", 10, timedelta(days=1))

"""Le simulateur public : ce que l'activité partielle coûte et rapporte. Rien n'est gardé."""

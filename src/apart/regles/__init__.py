"""Le droit de l'activité partielle : du Python pur et des valeurs datées. Ni Django, ni base, ni horloge."""

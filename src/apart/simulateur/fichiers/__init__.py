"""Le simulateur par fichier : le sens de ses colonnes, le calcul de ses lignes, ce qui en est montré et rendu."""

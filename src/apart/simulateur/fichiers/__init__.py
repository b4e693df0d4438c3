"""Le simulateur par fichier : une ligne par salarié et par période, lue, calculée, rendue, jamais gardée.

`lecture` fait d'un envoi un Tableau de textes ; `calcul` le calcule, par tableaux (`rapide`) ou ligne à ligne avec les
phrases de saisie.py ; `ecriture` rend le même fichier, résultats compris, ou ses seules lignes à corriger.
"""

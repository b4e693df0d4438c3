"""Ce que les gens envoient en tableaux : fichiers, feuilles, cases, en-têtes, fautes ; et le fichier qu'on leur rend.

Ce module ne sait rien des salaires : chaque autre dit ce que veulent dire ses colonnes (docs/tableaux.md).
"""

"""L'interface pour les programmes : lire une demande, simuler, décrire."""

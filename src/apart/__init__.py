"""Apart : l'extranet libre de l'activité partielle."""

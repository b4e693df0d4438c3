"""L'échelle des preuves : ce que vaut chacune, jamais plus que ce dont elle vient (décision 0014).

Sans quoi un imposteur qui ouvre un espace avec une messagerie, puis y admet sa seconde, toucherait l'argent.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from apart.comptes.models import Utilisateur
from apart.etablissements.models import DERIVEES, Etablissement, Habilitation, Preuve


def peser(
    preuve: Preuve, etablissement: Etablissement, *, pour: Utilisateur, accord_de: Utilisateur | None = None
) -> dict[str, Any]:
    """Les champs preuve, garant et valeur d'une habilitation qui repose sur cette preuve, pour cette personne.

    accord_de : qui l'a acceptée (Preuve.MEMBRE). Une preuve d'une personne sur elle-même vaut sa messagerie.
    """
    if preuve not in DERIVEES:
        return {"preuve": preuve, "garant": None, "valeur": preuve}
    garant = accord_de if preuve == Preuve.MEMBRE else _garant_de_l_adresse(etablissement, pour)
    if garant is None or garant.pk == pour.pk:
        return {"preuve": preuve, "garant": None, "valeur": Preuve.COURRIEL}
    siennes = Habilitation.objects.filter(etablissement=etablissement, utilisateur=garant)
    if preuve == Preuve.MEMBRE:  # qui n'y est plus n'accueille plus ; l'adresse reste à l'établissement après lui
        siennes = siennes.actives()
    plus_forte = siennes.exclude(garant=pour).aggregate(valeur=Max("valeur"))["valeur"]
    return {"preuve": preuve, "garant": garant, "valeur": min(preuve, plus_forte or Preuve.COURRIEL)}


def _garant_de_l_adresse(etablissement: Etablissement, pour: Utilisateur) -> Utilisateur | None:
    """Qui a posé l'adresse ou son domaine ; personne si elle n'est pas prouvée, ou si c'est celle qui demande."""
    if etablissement.courriel_prouve_le is None or etablissement.courriel == pour.courriel:
        return None
    return etablissement.courriel_pose_par

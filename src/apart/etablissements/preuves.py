"""L'échelle des preuves : ce que vaut chacune, jamais plus que ce dont elle vient (décision 0014).

Sans quoi un imposteur qui ouvre un espace avec une messagerie, puis y admet sa seconde, toucherait l'argent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from apart.comptes.models import Utilisateur
from apart.etablissements import messageries
from apart.etablissements.models import DERIVEES, Etablissement, Habilitation, HabilitationQuerySet, Preuve


def peser(
    preuve: Preuve, etablissement: Etablissement, *, pour: Utilisateur, accord_de: Utilisateur | None = None
) -> dict[str, Any]:
    """Les champs preuve, garant et valeur d'une habilitation qui repose sur cette preuve, pour cette personne.

    accord_de : qui l'a acceptée (Preuve.MEMBRE), ou le membre dont elle a le domaine (Preuve.DOMAINE ; sans lui, celui
    de l'adresse de l'établissement). Une preuve d'une personne sur elle-même vaut sa messagerie.
    """
    if preuve not in DERIVEES:
        return {"preuve": preuve, "garant": None, "valeur": preuve}
    a_un_accord = preuve == Preuve.MEMBRE or (preuve == Preuve.DOMAINE and accord_de is not None)
    garant = accord_de if a_un_accord else _garant_de_l_adresse(etablissement, pour)
    if garant is None or garant.pk == pour.pk:
        return {"preuve": preuve, "garant": None, "valeur": Preuve.COURRIEL}
    siennes = Habilitation.objects.filter(etablissement=etablissement, utilisateur=garant)
    if a_un_accord:  # qui n'y est plus n'accueille plus ; l'adresse reste à l'établissement après lui
        siennes = siennes.actives()
    siennes = siennes.filter(contestee_le=None)  # contesté, il ne répond de rien de plus que d'une messagerie
    plus_forte = siennes.exclude(garant=pour).aggregate(valeur=Max("valeur"))["valeur"]
    return {"preuve": preuve, "garant": garant, "valeur": min(preuve, plus_forte or Preuve.COURRIEL)}


def _garant_de_l_adresse(etablissement: Etablissement, pour: Utilisateur) -> Utilisateur | None:
    """Qui a posé l'adresse ou son domaine ; personne si elle n'est pas prouvée, ou si c'est celle d'un membre."""
    if etablissement.courriel_prouve_le is None or etablissement.courriel == pour.courriel:
        return None
    if etablissement.courriel_est_d_un_membre:
        return None
    return etablissement.courriel_pose_par


def repesees(habilitations: Iterable[Habilitation]) -> dict[int, int]:
    """Ce que vaut chaque habilitation d'un établissement, par sa clé, d'après ce que valent aujourd'hui les garants.

    habilitations : toutes, terminées ou non. Le plus petit point fixe : on part de ce que chacun a prouvé lui-même, et
    une garantie ne monte que par lui. Deux personnes qui se garantissent l'une l'autre n'y montent pas.
    """
    toutes = list(habilitations)
    valeurs = {h.pk: Preuve.COURRIEL if h.preuve in DERIVEES else h.preuve for h in toutes}
    a_change = True
    while a_change:
        neuves = {h.pk: _derivee(h, toutes, valeurs) if h.preuve in DERIVEES else h.preuve for h in toutes}
        a_change, valeurs = neuves != valeurs, neuves
    return valeurs


def _derivee(habilitation: Habilitation, toutes: list[Habilitation], valeurs: dict[int, int]) -> int:
    """Au plus sa preuve, au plus la meilleure de son garant."""
    siennes = [
        valeurs[h.pk] for h in toutes if h.utilisateur_id == habilitation.garant_id and _garantit(h, habilitation)
    ]
    return min(habilitation.preuve, max(siennes, default=Preuve.COURRIEL))


def _garantit(garante: Habilitation, habilitation: Habilitation) -> bool:
    """Un membre ne se porte garant que tant qu'il l'est ; une habilitation terminée garde celui de sa fin."""
    if garante.contestee_le is not None:
        return False
    if habilitation.preuve != Preuve.MEMBRE or garante.au is None:
        return True
    return habilitation.au is not None and garante.au >= habilitation.au


def possibles(habilitation: Habilitation) -> dict[Preuve, int]:
    """Ce que vaudrait chacune des preuves 2, 3 et 4 qui relèveraient la sienne, si cette personne les donnait ici."""
    domaine, membre = par_domaine(habilitation), qui_peut_relever(habilitation).order_by("-valeur", "pk").first()
    valeurs = {
        Preuve.DOMAINE: domaine.valeur if domaine else Preuve.COURRIEL,
        Preuve.COURRIEL_ETABLISSEMENT: _vaut(habilitation, Preuve.COURRIEL_ETABLISSEMENT),
        Preuve.MEMBRE: min(membre.valeur, Preuve.MEMBRE) if membre else Preuve.COURRIEL,
    }
    return {preuve: valeur for preuve, valeur in valeurs.items() if valeur > habilitation.valeur}


def qui_peut_relever(habilitation: Habilitation) -> HabilitationQuerySet:
    """Les autres membres dont l'accord relèverait cette preuve : ils ont mieux prouvé, et pas grâce à elle."""
    autres = habilitation.etablissement.habilitations.actives().exclude(utilisateur=habilitation.utilisateur_id)
    mieux = autres.filter(valeur__gt=habilitation.valeur, utilisateur__is_active=True, contestee_le=None)
    return mieux.exclude(garant=habilitation.utilisateur_id).select_related("utilisateur")


@dataclass(frozen=True)
class ParDomaine:
    """Une personne dont l'adresse a le domaine de l'établissement. accord_de : le membre qui l'a ; None, l'adresse."""

    accord_de: Utilisateur | None
    valeur: int


def par_domaine(habilitation: Habilitation) -> ParDomaine | None:
    """De qui elle a le domaine professionnel : l'adresse prouvée de l'établissement, ou un membre de valeur 3 ou plus.

    None si son domaine est celui d'une messagerie grand public, si personne ne l'a, ou si cela ne relèverait rien.
    """
    nom, etablissement = messageries.domaine(habilitation.utilisateur.courriel), habilitation.etablissement
    if messageries.est_grand_public(nom):
        return None
    autres = etablissement.habilitations.actives().exclude(utilisateur=habilitation.utilisateur_id)
    membres = autres.filter(
        valeur__gte=Preuve.COURRIEL_ETABLISSEMENT,
        utilisateur__courriel__endswith=f"@{nom}",
        utilisateur__is_active=True,
    )
    premier = membres.select_related("utilisateur").order_by("-valeur", "pk").first()
    accords: list[Utilisateur | None] = [premier.utilisateur] if premier else []
    if etablissement.courriel_prouve_le and messageries.domaine(etablissement.courriel) == nom:
        accords.append(None)
    pesees = [ParDomaine(a, _vaut(habilitation, Preuve.DOMAINE, a)) for a in accords]
    return next((p for p in pesees if p.valeur > habilitation.valeur), None)


def _vaut(habilitation: Habilitation, preuve: Preuve, accord_de: Utilisateur | None = None) -> int:
    pese = peser(preuve, habilitation.etablissement, pour=habilitation.utilisateur, accord_de=accord_de)
    return int(pese["valeur"])

"""L'échelle des preuves : ce que vaut chacune, jamais plus que ce dont elle vient (décision 0014).

Sans quoi un imposteur qui ouvre un espace avec une messagerie, puis y admet sa seconde, toucherait l'argent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Assise:
    """Une preuve, qui s'en porte garant, et ce qu'elle vaut aujourd'hui."""

    preuve: int
    garant: int | None
    valeur: int = Preuve.COURRIEL


def repesees(habilitations: Iterable[Habilitation], fondements: Mapping[int, list[Assise]]) -> dict[int, Assise]:
    """Sur quoi repose chaque habilitation d'un établissement, par sa clé : sa plus forte preuve qui tient.

    habilitations : toutes, terminées ou non. fondements : leurs autres preuves qui tiennent, par clé. La messagerie de
    la personne ne se défait pas ; à valeur égale, rien ne change. Le plus petit point fixe : on part de ce que chacun
    a prouvé lui-même, et une garantie ne monte que par lui. Deux personnes qui se garantissent l'une l'autre n'y
    montent pas.
    """
    toutes = list(habilitations)
    par_personne: dict[int, list[Habilitation]] = defaultdict(list)
    for h in toutes:
        par_personne[h.utilisateur_id].append(h)
    assises = {h.pk: [Assise(h.preuve, h.garant_id), *fondements.get(h.pk, []), Assise(1, None)] for h in toutes}
    valeurs = {h.pk: max(a.preuve if a.preuve not in DERIVEES else 1 for a in assises[h.pk]) for h in toutes}
    a_change = True
    while a_change:
        choisies = {
            h.pk: max((_pesee(a, h, par_personne, valeurs) for a in assises[h.pk]), key=lambda a: a.valeur)
            for h in toutes
        }
        neuves = {pk: choisie.valeur for pk, choisie in choisies.items()}
        a_change, valeurs = neuves != valeurs, neuves
    return choisies


def _pesee(
    assise: Assise, de: Habilitation, par_personne: Mapping[int, list[Habilitation]], valeurs: Mapping[int, int]
) -> Assise:
    """Au plus sa preuve, au plus la meilleure de son garant."""
    if assise.preuve not in DERIVEES:
        return replace(assise, valeur=assise.preuve)
    du_garant = par_personne.get(assise.garant, []) if assise.garant is not None else []
    siennes = [valeurs[h.pk] for h in du_garant if _garantit(h, de, assise.preuve)]
    return replace(assise, valeur=min(assise.preuve, max(siennes, default=Preuve.COURRIEL)))


def _garantit(garante: Habilitation, habilitation: Habilitation, preuve: int) -> bool:
    """Un membre ne se porte garant que tant qu'il l'est ; une habilitation terminée garde celui de sa fin."""
    if garante.contestee_le is not None:
        return False
    if preuve != Preuve.MEMBRE or garante.au is None:
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

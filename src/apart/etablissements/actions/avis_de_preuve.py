"""Ce qu'une demande de preuve écrit à chacun : à qui doit répondre ou peut s'opposer, et à la personne."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apart.comptes.actions import jetons
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.models import Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse
from apart.etablissements.echelle import ATTENTE_OPPOSITION
from apart.etablissements.models import DemandePreuve, Preuve
from apart.etablissements.preuves import qui_peut_relever
from apart.repertoire.models import nom_public
from apart.socle.models import journaliser


def envoyer_code(demande: DemandePreuve) -> bool:
    """Envoie au courriel de l'établissement un lien et un code, propres à cette personne ; faux si rien ne part."""
    etablissement, elle = demande.habilitation.etablissement, demande.habilitation.utilisateur
    if not _admettre(demande, etablissement.courriel):
        return False
    emis = jetons.emettre(Usage.PREUVE, courriel=etablissement.courriel, utilisateur=elle)
    demande.jetons.add(emis.jeton)
    mettre_en_file(
        "preuve_code",
        a=etablissement.courriel,
        siret=etablissement.siret,
        contexte=_vu_de_dehors(demande),
        secrets={"lien": lien_public("preuve-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return True


def avertir_avant_opposition(demande: DemandePreuve) -> bool:
    """Écrit à chaque autre membre et au courriel de l'établissement, chacun avec son lien pour s'opposer.

    Toujours vrai : ces avis protègent, aucune limite d'envoi ne les retient ; celle des demandes les contient.
    """
    etablissement = demande.habilitation.etablissement
    for membre in _autres(demande):
        contexte = _vu_d_un_membre(demande)
        _avertir(demande, a=membre.courriel, utilisateur=membre, contexte=contexte)
    if etablissement.courriel_prouve_le and not etablissement.courriel_est_d_un_membre:
        _avertir(demande, a=etablissement.courriel, utilisateur=None, contexte=_vu_de_dehors(demande))
    return True


def _avertir(demande: DemandePreuve, *, a: str, utilisateur: Utilisateur | None, contexte: dict[str, Any]) -> None:
    emis = jetons.emettre(Usage.OPPOSITION, courriel=a, utilisateur=utilisateur, duree=ATTENTE_OPPOSITION)
    demande.jetons.add(emis.jeton)
    mettre_en_file(
        "preuve_opposable",
        a=a,
        utilisateur=utilisateur,
        siret=demande.habilitation.etablissement.siret,
        contexte=contexte | {"le": demande.opposable_jusqu_au},
        secrets={"lien": lien_public("preuve-opposition-lien", emis.secret)},
        expire_le=demande.opposable_jusqu_au,
    )


def demander_accord(demande: DemandePreuve) -> bool:
    """Prévient ceux dont l'accord relèverait cette preuve ; faux si aucun message ne peut partir."""
    admis = [
        h.utilisateur for h in qui_peut_relever(demande.habilitation) if _admettre(demande, h.utilisateur.courriel)
    ]
    for membre in admis:
        _ecrire(demande, "preuve_a_approuver", membre, _vu_d_un_membre(demande))
    return bool(admis)


ENVOIS: dict[Preuve, Callable[[DemandePreuve], bool]] = {
    Preuve.DOMAINE: avertir_avant_opposition,
    Preuve.COURRIEL_ETABLISSEMENT: envoyer_code,
    Preuve.MEMBRE: demander_accord,
}


def dire_non(demande: DemandePreuve, pourquoi: str) -> None:
    """À la personne : sa demande est « opposee », « refusee » ou « abandonnee », et ce qu'elle peut faire d'autre."""
    contexte = {"pourquoi": pourquoi, "preuve": demande.get_niveau_display()}
    _ecrire(demande, "preuve_sans_suite", demande.habilitation.utilisateur, contexte)


def dire_defaite(demande: DemandePreuve) -> None:
    """À la personne et aux autres membres : cette preuve ne compte plus."""
    elle = demande.habilitation.utilisateur
    contexte = {"nom": str(elle), "preuve": demande.get_niveau_display()}
    for qui in (elle, *_autres(demande)):
        _ecrire(demande, "preuve_defaite", qui, contexte | {"est_soi": qui.pk == elle.pk})


def _autres(demande: DemandePreuve) -> list[Utilisateur]:
    actives = demande.habilitation.etablissement.habilitations.actives().select_related("utilisateur").order_by("pk")
    return [h.utilisateur for h in actives.exclude(utilisateur=demande.habilitation.utilisateur)]


def _ecrire(demande: DemandePreuve, modele: str, qui: Utilisateur, contexte: dict[str, Any]) -> None:
    etablissement = demande.habilitation.etablissement
    mettre_en_file(
        modele,
        a=qui.courriel,
        utilisateur=qui,
        siret=etablissement.siret,
        contexte={"denomination": etablissement.denomination, **contexte},
    )


def _admettre(demande: DemandePreuve, adresse: str) -> bool:
    """Les places d'une personne ne se dépensent que par elle : une autre garde les siennes."""
    pour = f"preuve:{demande.habilitation_id}"
    if admettre(adresse, objet=ObjetDemande.PREUVE, demandeur=Demandeur.IDENTIFIANT, pour=pour):
        return True
    journaliser("retenir_preuve", sujet=demande.sujet, demande=demande.pk)
    return False


def _vu_d_un_membre(demande: DemandePreuve) -> dict[str, Any]:
    elle, etablissement = demande.habilitation.utilisateur, demande.habilitation.etablissement
    return {"denomination": etablissement.denomination, "nom": str(elle), "courriel": Adresse(elle.courriel)}


def _vu_de_dehors(demande: DemandePreuve) -> dict[str, Any]:
    """Au courriel de l'établissement : elle y est nommée par son adresse, prouvée, jamais par un nom tapé (T17)."""
    elle, siret = demande.habilitation.utilisateur, demande.habilitation.etablissement.siret
    return {"denomination": nom_public(siret), "courriel": Adresse(elle.courriel)}

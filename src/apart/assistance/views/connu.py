"""Ce qu'on sait déjà de qui demande de l'aide, pour ne pas le lui faire retaper."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apart.assistance.models import Motif
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement
from apart.repertoire.models import trouver
from apart.socle import saisies
from apart.socle.telephones import telephone_lisible


def valeurs_connues(request: HttpRequest) -> dict[str, str]:
    """Motif et SIRET de l'adresse de la page, nom public de l'établissement, coordonnées de la personne connectée."""
    valeurs: dict[str, str] = {}
    if isinstance(request.user, Utilisateur):
        valeurs |= _de_la_personne(request.user)
    motif = request.GET.get("motif", "")
    if motif in Motif.values:
        valeurs["motif"] = motif
    if siret := _siret_lu(request.GET.get("siret", "")):
        valeurs |= _de_l_etablissement(siret)
    return valeurs


def _siret_lu(texte: str) -> str:
    try:
        return saisies.siret(texte[:40])
    except ValidationError:
        return ""


def _de_l_etablissement(siret: str) -> dict[str, str]:
    """Le nom ne vient que du répertoire public, jamais d'un espace : la page est ouverte à tous."""
    fiche = trouver(siret)
    return {"siret": saisies.siret_lisible(siret), "denomination": fiche.denomination if fiche else ""}


def _de_la_personne(personne: Utilisateur) -> dict[str, str]:
    valeurs = {
        "nom_complet": f"{personne.nom} {personne.prenom}",
        "telephone": telephone_lisible(personne.telephone) if personne.telephone else "",
        "courriel": saisies.courriel_lisible(personne.courriel),
    }
    siens = Etablissement.objects.visibles_par(personne)[:2]
    if len(siens) == 1:
        valeurs |= {"siret": saisies.siret_lisible(siens[0].siret), "denomination": siens[0].denomination}
    return valeurs

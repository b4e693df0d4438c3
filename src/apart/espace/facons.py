"""Les façons de relever sa preuve, pour cet établissement et cette personne.

Chaque module du dessous qui en offre a sa fonction dans SOURCES : elle rend les siennes, et seulement celles qui
conviennent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from apart.etablissements.echelle import PAR_PREUVE, Echelon, ce_qu_ouvre
from apart.etablissements.models import DemandePreuve, Habilitation, Preuve
from apart.etablissements.preuves import possibles, qui_peut_relever
from apart.repertoire.models import trouver
from apart.reprises.actions import releve
from apart.reprises.lettres import SansAdresse, adresse_postale


@dataclass(frozen=True)
class Facon:
    """Une façon de relever sa preuve. url : où va son bouton, par un envoi (est_un_envoi) ou un lien.

    precision : ce qui est propre à cet établissement. demande : celle qui attend déjà, s'il y en a une.
    """

    echelon: Echelon
    valeur: int  # ce qu'elle vaudrait ici, au plus son garant
    url: str
    bouton: str
    est_un_envoi: bool = False
    precision: str = ""
    demande: DemandePreuve | None = None

    @property
    def ouvre(self) -> str:
        return ce_qu_ouvre(self.valeur)

    @property
    def attend_un_code(self) -> bool:
        return self.demande is not None and self.echelon.preuve == Preuve.COURRIEL_ETABLISSEMENT


BOUTONS = {
    Preuve.DOMAINE: "Employer mon adresse professionnelle",
    Preuve.COURRIEL_ETABLISSEMENT: "Envoyer un code à l'établissement",
    Preuve.MEMBRE: "Demander un accord",
}


def des_etablissements(habilitation: Habilitation) -> list[Facon]:
    """Par le domaine (2), par un code (3), par l'accord d'un membre (4)."""
    ouvertes = DemandePreuve.objects.ouvertes().filter(habilitation=habilitation)
    en_attente = {demande.niveau: demande for demande in ouvertes}
    siret = habilitation.etablissement.siret
    return [
        Facon(
            PAR_PREUVE[preuve],
            valeur,
            url=reverse("demander-preuve", args=[siret, int(preuve)]),
            bouton=BOUTONS[preuve],
            est_un_envoi=True,
            precision=_precision(habilitation, preuve),
            demande=en_attente.get(preuve),
        )
        for preuve, valeur in possibles(habilitation).items()
    ]


def _precision(habilitation: Habilitation, preuve: Preuve) -> str:
    if preuve == Preuve.COURRIEL_ETABLISSEMENT:
        return f"Le code part vers {habilitation.etablissement.courriel}."
    if preuve == Preuve.MEMBRE:
        noms = ", ".join(str(h.utilisateur) for h in qui_peut_relever(habilitation).order_by("-valeur", "pk")[:3])
        return f"Peut vous le donner : {noms}."
    return ""


def des_reprises(habilitation: Habilitation) -> list[Facon]:
    """Par une lettre à l'adresse du répertoire (5), par une attestation que deux agents vérifient (6)."""
    offertes = (_lettre(habilitation), _attestation(habilitation))
    return [facon for facon in offertes if facon and facon.valeur > habilitation.valeur]


def _lettre(habilitation: Habilitation) -> Facon | None:
    """None si aucune lettre ne peut partir : adresse masquée ou incomplète, établissement fermé."""
    est_en_route = habilitation.lettres.vivantes().exists()
    try:
        adresse = adresse_postale(trouver(habilitation.etablissement.siret)).replace("\n", ", ")
    except SansAdresse:
        if not est_en_route:
            return None
        adresse = ""
    return Facon(
        PAR_PREUVE[Preuve.LETTRE],
        Preuve.LETTRE,
        url=reverse("preuve-lettre", args=[habilitation.etablissement.siret]),
        bouton="Taper le code de la lettre" if est_en_route else "Recevoir une lettre",
        precision="" if est_en_route else f"La lettre part à : {adresse}.",
    )


def _attestation(habilitation: Habilitation) -> Facon:
    est_ouverte = releve.en_cours(habilitation) is not None
    return Facon(
        PAR_PREUVE[Preuve.REPRESENTANT],
        Preuve.REPRESENTANT,
        url=reverse("preuve-attestation", args=[habilitation.etablissement.siret]),
        bouton="Suivre ma demande" if est_ouverte else "Envoyer une attestation",
        est_un_envoi=True,
        precision="L'attestation est datée et signée par le représentant légal, dont il faut la pièce d'identité.",
    )


SOURCES: tuple[Callable[[Habilitation], list[Facon]], ...] = (des_etablissements, des_reprises)


def facons(habilitation: Habilitation) -> list[Facon]:
    toutes = [facon for source in SOURCES for facon in source(habilitation)]
    return sorted(toutes, key=lambda facon: facon.echelon.duree)

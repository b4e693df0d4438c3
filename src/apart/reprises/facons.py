"""Les façons de prouver qui conviennent à cette reprise-ci, en données.

Le délai de chacune et ce qu'elle ouvre viennent de l'échelle ; ne se dit ici que ce qu'une reprise a en propre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apart.etablissements.echelle import PAR_PREUVE
from apart.etablissements.models import Preuve
from apart.reprises.actions import lettres, preuves
from apart.reprises.models import Reprise
from apart.reprises.poids import code_vaut_moins


@dataclass(frozen=True)
class Facon:
    """Une façon de prouver : ce qu'elle demande, l'adresse de son geste, ce qu'une reprise ajoute à son délai."""

    preuve: Preuve
    titre: str
    explication: str
    bouton: str
    url: str
    convient: Callable[[Reprise], bool]
    delai_en_plus: str = ""

    @property
    def delai(self) -> str:
        du_niveau = PAR_PREUVE[self.preuve].delai_promis
        return f"{du_niveau} ; {self.delai_en_plus}" if self.delai_en_plus else du_niveau

    @property
    def ouvre(self) -> str:
        return PAR_PREUVE[self.preuve].ouvre_a_un_inconnu


def _par_adresse(reprise: Reprise) -> bool:
    prouve = preuves.adresse_independante(reprise.etablissement, reprise.courriel)
    return prouve and (not code_vaut_moins(reprise) or preuves.peut_attendre(reprise))


def _par_domaine(reprise: Reprise) -> bool:
    porteurs = preuves.porteurs_du_domaine(reprise.etablissement, reprise.courriel)
    return bool(porteurs) and reprise.est_ouverte and preuves.peut_attendre(reprise)


def _par_collegue(reprise: Reprise) -> bool:
    return not preuves.a_ete_refuse(reprise) and preuves.collegues(reprise).exists()


FACONS: Final = (
    Facon(
        Preuve.COURRIEL_ETABLISSEMENT,
        "Un code envoyé à l'adresse de l'établissement",
        "Quelqu'un lit cette boîte : le code qui y arrive suffit.",
        "Envoyer le code",
        "reprise-par-adresse",
        _par_adresse,
        "72 heures si quelqu'un, ici, a mieux prouvé que la personne qui a donné cette adresse",
    ),
    Facon(
        Preuve.MEMBRE,
        "L'accord d'un collègue qui a déjà un accès",
        "Il vous connaît : il répond de vous dans son espace. Prévenez-le de vive voix.",
        "Demander cet accord",
        "reprise-par-collegue",
        _par_collegue,
        "72 heures si quelqu'un, ici, a mieux prouvé que lui",
    ),
    Facon(
        Preuve.DOMAINE,
        "Votre adresse professionnelle",
        "Elle est du même domaine que celle de l'établissement ou d'une personne qui y a un accès.",
        "Employer mon adresse",
        "reprise-par-domaine",
        _par_domaine,
    ),
    Facon(
        Preuve.LETTRE,
        "Un code par lettre à l'adresse du répertoire",
        "Elle part par la poste à l'adresse publique de l'établissement, et nulle part ailleurs.",
        "Demander la lettre",
        "reprise-par-lettre",
        lambda reprise: reprise.est_ouverte and not lettres.pourquoi_pas(reprise),
        "le courrier met de trois à dix jours le plus souvent",
    ),
    Facon(
        Preuve.REPRESENTANT,
        "Une attestation de l'employeur",
        "Datée et signée par son représentant légal, avec sa pièce d'identité. Deux agents la relisent.",
        "Envoyer mes pièces",
        "reprise-piece",
        lambda reprise: reprise.est_ouverte,
    ),
)


def facons(reprise: Reprise) -> list[Facon]:
    """Celles qui conviennent maintenant ; aucune quand la reprise n'attend plus de preuve.

    La pièce qu'un agent demande passe devant.
    Qui a déjà un accès et relève sa preuve a les autres sur la page « Donner une preuve » : ici, l'attestation seule.
    De même tant que son adresse est retenue, ou qu'une reprise d'elle vient d'être défaite : deux agents la liront,
    et rien ne se fera avant.
    """
    if not reprise.attend_une_preuve:
        return []
    seule = reprise.est_releve or reprise.retenue_jusqu_au or reprise.vient_d_etre_defaite
    offertes = [facon for facon in FACONS if facon.preuve == Preuve.REPRESENTANT] if seule else FACONS
    conviennent = [facon for facon in offertes if facon.convient(reprise)]
    return sorted(conviennent, key=lambda facon: facon.preuve != Preuve.REPRESENTANT if reprise.piece_demandee else 0)

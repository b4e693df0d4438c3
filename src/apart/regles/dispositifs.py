"""Chaque dispositif, un jour donné : son taux d'indemnité, son taux d'allocation, leurs plafonds et leur plancher.

C'est ici, et ici seulement, que la loi choisit entre ses taux (regles §0, docs/regles/regime.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from apart.regles.bareme import HorsBareme, Valeur, bareme
from apart.regles.francais import jour_en_lettres
from apart.regles.situations import Dispositif, Secteur, Situation


@dataclass
class Lecture:
    """Ce que l'on a lu dans le barème, au fur et à mesure."""

    situation: Situation
    jour: date
    remarques: list[str] = field(default_factory=list)

    def valeur(self, cle: str) -> Valeur:
        return bareme().valeur(cle, self.jour)

    def connait(self, cle: str) -> bool:
        return bareme().connait(cle, self.jour)

    def vrai(self, cle: str) -> bool:
        return self.valeur(cle).valeur is True

    @property
    def smic(self) -> Valeur:
        return self.valeur("smic.horaire_brut_mayotte" if self.situation.mayotte else "smic.horaire_brut")


@dataclass(frozen=True, slots=True)
class Taux:
    """Un taux, son plafond en SMIC et son plancher ; plafond et plancher peuvent n'être aucun."""

    taux: Valeur | None
    plafond: Valeur | None
    plancher: Valeur | None


def _droit_commun(lecture: Lecture) -> tuple[Taux, Taux]:
    """R5122-18, D5122-13 ; forfait jusqu'en février 2020 ; taux majorés de crise là où ils existent."""
    sujet = _sujet_de_crise(lecture)
    if sujet:
        return _majore(lecture, sujet)
    plafond = lecture.valeur("droit_commun.indemnite_plafond_smic")
    indemnite = Taux(lecture.valeur("droit_commun.indemnite_taux"), plafond, None)
    if lecture.connait("mayotte.chido_indemnite_taux") and lecture.situation.mayotte:
        return _chido(lecture, plafond)
    if lecture.connait("droit_commun.forfait_jusqu_a_250"):
        return indemnite, _forfait(lecture)
    return indemnite, Taux(
        lecture.valeur("droit_commun.allocation_taux"),
        lecture.valeur("droit_commun.allocation_plafond_smic"),
        lecture.valeur("mayotte.plancher" if lecture.situation.mayotte else "droit_commun.allocation_plancher"),
    )


def _forfait(lecture: Lecture) -> Taux:
    if lecture.situation.mayotte:
        raise HorsBareme(
            f"L'allocation à Mayotte au {jour_en_lettres(lecture.jour)} n'a pas été relevée dans les textes "
            "(article D5522-87 d'avant mars 2020).",
            cle="mayotte.plancher",
            jour=lecture.jour,
        )
    taille = "plus_de_250" if lecture.situation.plus_de_250 else "jusqu_a_250"
    return Taux(None, None, lecture.valeur(f"droit_commun.forfait_{taille}"))


def _sujet_de_crise(lecture: Lecture) -> str | None:
    """Le jeu de taux majorés en vigueur pour ce secteur, ou None : le droit commun s'applique avant et après."""
    secteur = lecture.situation.secteur
    if secteur is Secteur.ORDINAIRE:
        return None
    sujet = "secteurs_proteges" if secteur is Secteur.PROTEGE else "tres_affectes"
    if lecture.connait(f"{sujet}.allocation_taux"):
        _rappeler_la_fin_des_secteurs(lecture, sujet)
        return sujet
    lecture.remarques.append(
        f"Au {jour_en_lettres(lecture.jour)}, ce secteur n'a pas de taux majoré : le droit commun s'applique."
    )
    return None


def _rappeler_la_fin_des_secteurs(lecture: Lecture, sujet: str) -> None:
    if sujet == "tres_affectes" and lecture.jour > _jour(lecture, "tres_affectes.fin_secteurs_proteges"):
        lecture.remarques.append(
            "Depuis mars 2022, les taux majorés ne valent plus que pour les fermetures, les territoires soumis à "
            "restrictions et les zones de ski : un secteur protégé à très forte baisse est revenu au droit commun."
        )


def _majore(lecture: Lecture, sujet: str) -> tuple[Taux, Taux]:
    plancher = "mayotte.majore_plancher" if lecture.situation.mayotte else f"{sujet}.allocation_plancher"
    return (
        Taux(lecture.valeur(f"{sujet}.indemnite_taux"), lecture.valeur("droit_commun.indemnite_plafond_smic"), None),
        Taux(
            lecture.valeur(f"{sujet}.allocation_taux"),
            lecture.valeur(f"{sujet}.plafond_smic"),
            lecture.valeur(plancher),
        ),
    )


def _chido(lecture: Lecture, plafond: Valeur) -> tuple[Taux, Taux]:
    """L'état d'urgence qui a suivi le cyclone Chido (D. 2025-254)."""
    return (
        Taux(lecture.valeur("mayotte.chido_indemnite_taux"), plafond, None),
        Taux(
            lecture.valeur("mayotte.chido_allocation_taux"),
            lecture.valeur("droit_commun.allocation_plafond_smic"),
            lecture.valeur("mayotte.chido_plancher"),
        ),
    )


def _vulnerables(lecture: Lecture) -> tuple[Taux, Taux]:
    """Loi 2020-473, art. 20 : personnes vulnérables et garde d'enfant."""
    if lecture.situation.garde_enfant:
        _exiger_la_garde(lecture)
    protege = lecture.situation.secteur is not Secteur.ORDINAIRE
    taux = lecture.valeur("vulnerables.allocation_taux")
    if protege and lecture.connait("vulnerables.allocation_taux_secteur_protege"):
        taux = lecture.valeur("vulnerables.allocation_taux_secteur_protege")
    plancher = "mayotte.majore_plancher" if lecture.situation.mayotte else "vulnerables.allocation_plancher"
    return (
        Taux(
            lecture.valeur("vulnerables.indemnite_taux"), lecture.valeur("droit_commun.indemnite_plafond_smic"), None
        ),
        Taux(taux, lecture.valeur("vulnerables.plafond_smic"), lecture.valeur(plancher)),
    )


def _jour(lecture: Lecture, cle: str) -> date:
    return date.fromisoformat(str(lecture.valeur(cle).valeur))


def _exiger_la_garde(lecture: Lecture) -> None:
    fin = _jour(lecture, "vulnerables.fin_garde_enfant")
    if lecture.jour > fin:
        raise HorsBareme(
            f"L'activité partielle pour garde d'enfant a pris fin le {jour_en_lettres(fin)} (loi 2022-1157).",
            cle="vulnerables.fin_garde_enfant",
            jour=lecture.jour,
        )


def _apld(lecture: Lecture) -> tuple[Taux, Taux]:
    """D. 2020-926. Depuis novembre 2020, l'allocation ne descend pas sous celle de l'activité partielle."""
    taux = lecture.valeur("apld.allocation_taux")
    if lecture.vrai("apld.alignement_sur_activite_partielle"):
        taux = max(taux, _taux_de_l_activite_partielle(lecture), key=lambda v: v.nombre)
    plancher = "mayotte.apld_plancher" if lecture.situation.mayotte else "apld.allocation_plancher"
    plafond = lecture.valeur("apld.plafond_smic")
    return Taux(lecture.valeur("apld.indemnite_taux"), plafond, None), Taux(taux, plafond, lecture.valeur(plancher))


def _taux_de_l_activite_partielle(lecture: Lecture) -> Valeur:
    """Le taux d'allocation que l'employeur aurait sans accord de longue durée."""
    sujet = _sujet_de_crise(lecture)
    if sujet:
        return lecture.valeur(f"{sujet}.allocation_taux")
    if lecture.situation.mayotte and lecture.connait("mayotte.chido_allocation_taux"):
        lecture.remarques.append(
            "À Mayotte après le cyclone Chido, l'allocation d'APLD est alignée sur le taux majoré d'activité "
            "partielle : le décret n° 2025-254 n'a pas été lu sur ce point."
        )
        return lecture.valeur("mayotte.chido_allocation_taux")
    return lecture.valeur("droit_commun.allocation_taux")


def _apld_rebond(lecture: Lecture) -> tuple[Taux, Taux]:
    """D. 2025-338."""
    if lecture.situation.mayotte:
        raise HorsBareme(
            "Le plancher de l'allocation d'APLD rebond à Mayotte n'a pas été relevé dans les textes.",
            cle="apld_rebond.allocation_plancher",
            jour=lecture.jour,
        )
    plafond = lecture.valeur("apld_rebond.plafond_smic")
    return (
        Taux(lecture.valeur("apld_rebond.indemnite_taux"), plafond, None),
        Taux(
            lecture.valeur("apld_rebond.allocation_taux"), plafond, lecture.valeur("apld_rebond.allocation_plancher")
        ),
    )


DISPOSITIFS: dict[Dispositif, Callable[[Lecture], tuple[Taux, Taux]]] = {
    Dispositif.DROIT_COMMUN: _droit_commun,
    Dispositif.VULNERABLES: _vulnerables,
    Dispositif.APLD: _apld,
    Dispositif.APLD_REBOND: _apld_rebond,
}

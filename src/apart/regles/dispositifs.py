"""Chaque dispositif, un jour donné : son taux d'indemnité, son taux d'allocation, leurs plafonds et leur plancher.

C'est ici, et ici seulement, que la loi choisit entre ses taux (regles §0, docs/regles/regime.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from apart.regles.bareme import HorsBareme, Presence, Valeur, bareme
from apart.regles.francais import jour_en_lettres
from apart.regles.situations import Dispositif, Secteur, Situation

PLAFOND_DE_L_INDEMNITE = "droit_commun.indemnite_plafond_smic"
PLAFOND_DE_L_ALLOCATION = "droit_commun.allocation_plafond_smic"
FIN_DE_LA_GARDE = "vulnerables.fin_garde_enfant"


@dataclass(frozen=True, slots=True)
class Taux:
    """Un taux, son plafond en SMIC et son plancher ; plafond et plancher peuvent n'être aucun."""

    taux: Valeur | None
    plafond: Valeur | None
    plancher: Valeur | None


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

    def jour_de(self, cle: str) -> date:
        return date.fromisoformat(str(self.valeur(cle).valeur))

    def taux(self, taux: str | None, plafond: str | None, plancher: str | None = None) -> Taux:
        """Les valeurs de ces trois clés."""
        return Taux(*(None if cle is None else self.valeur(cle) for cle in (taux, plafond, plancher)))

    @property
    def smic(self) -> Valeur:
        return self.valeur("smic.horaire_brut_mayotte" if self.situation.mayotte else "smic.horaire_brut")


def _droit_commun(lecture: Lecture) -> tuple[Taux, Taux]:
    """R5122-18, D5122-13 ; forfait jusqu'en février 2020 ; taux majorés de crise là où ils existent."""
    if sujet := _sujet_de_crise(lecture):
        return _majore(lecture, sujet, f"{sujet}.allocation_taux")
    mayotte = lecture.situation.mayotte
    if mayotte and lecture.connait("mayotte.chido_indemnite_taux"):  # après le cyclone, D. 2025-254
        return (
            lecture.taux("mayotte.chido_indemnite_taux", PLAFOND_DE_L_INDEMNITE),
            lecture.taux("mayotte.chido_allocation_taux", PLAFOND_DE_L_ALLOCATION, "mayotte.chido_plancher"),
        )
    indemnite = lecture.taux("droit_commun.indemnite_taux", PLAFOND_DE_L_INDEMNITE)
    if lecture.connait("droit_commun.forfait_jusqu_a_250"):
        return indemnite, _forfait(lecture)
    plancher = "mayotte.plancher" if mayotte else "droit_commun.allocation_plancher"
    return indemnite, lecture.taux("droit_commun.allocation_taux", PLAFOND_DE_L_ALLOCATION, plancher)


def _forfait(lecture: Lecture) -> Taux:
    if lecture.situation.mayotte:
        raise HorsBareme(
            f"L'allocation à Mayotte au {jour_en_lettres(lecture.jour)} n'a pas été relevée dans les textes "
            "(article D5522-87 d'avant mars 2020)."
        )
    taille = "plus_de_250" if lecture.situation.plus_de_250 else "jusqu_a_250"
    return lecture.taux(None, None, f"droit_commun.forfait_{taille}")


def _sujet_de_crise(lecture: Lecture) -> str | None:
    """Le jeu de taux majorés en vigueur pour ce secteur, ou None : le droit commun s'applique avant et après."""
    secteur = lecture.situation.secteur
    if secteur is Secteur.ORDINAIRE:
        return None
    sujet = "secteurs_proteges" if secteur is Secteur.PROTEGE else "tres_affectes"
    if not lecture.connait(f"{sujet}.allocation_taux"):
        lecture.remarques.append("À cette date, ce secteur n'a pas de taux majoré : le droit commun s'applique.")
        return None
    if sujet == "tres_affectes" and lecture.jour > lecture.jour_de("tres_affectes.fin_secteurs_proteges"):
        lecture.remarques.append(
            "Depuis mars 2022, les taux majorés ne valent plus que pour les fermetures, les territoires soumis à "
            "restrictions et les zones de ski : un secteur protégé à très forte baisse est revenu au droit commun."
        )
    return sujet


def _majore(lecture: Lecture, sujet: str, taux: str) -> tuple[Taux, Taux]:
    """Les taux de la crise, à l'allocation mieux plafonnée ; taux : la clé de celui de l'allocation."""
    plancher = "mayotte.majore_plancher" if lecture.situation.mayotte else f"{sujet}.allocation_plancher"
    allocation = lecture.taux(taux, f"{sujet}.plafond_smic", plancher)
    return lecture.taux(f"{sujet}.indemnite_taux", PLAFOND_DE_L_INDEMNITE), allocation


def _vulnerables(lecture: Lecture) -> tuple[Taux, Taux]:
    """Loi 2020-473, art. 20 : personnes vulnérables et garde d'enfant."""
    taux = "vulnerables.allocation_taux"
    protege = f"{taux}_secteur_protege"
    majore = lecture.situation.secteur is not Secteur.ORDINAIRE and lecture.connait(protege)
    return _majore(lecture, "vulnerables", protege if majore else taux)


def _apld(lecture: Lecture) -> tuple[Taux, Taux]:
    """D. 2020-926. Depuis novembre 2020, l'allocation ne descend pas sous celle de l'activité partielle."""
    taux = lecture.valeur("apld.allocation_taux")
    if lecture.vrai("apld.alignement_sur_activite_partielle"):
        taux = max(taux, lecture.valeur(_taux_de_l_activite_partielle(lecture)), key=lambda v: v.nombre)
    plancher = "mayotte.apld_plancher" if lecture.situation.mayotte else "apld.allocation_plancher"
    return (
        lecture.taux("apld.indemnite_taux", "apld.plafond_smic"),
        lecture.taux(taux.cle, "apld.plafond_smic", plancher),
    )


def _taux_de_l_activite_partielle(lecture: Lecture) -> str:
    """La clé du taux d'allocation que l'employeur aurait sans accord de longue durée."""
    if sujet := _sujet_de_crise(lecture):
        return f"{sujet}.allocation_taux"
    if not (lecture.situation.mayotte and lecture.connait("mayotte.chido_allocation_taux")):
        return "droit_commun.allocation_taux"
    lecture.remarques.append(
        "À Mayotte après le cyclone Chido, l'allocation d'APLD est alignée sur le taux majoré d'activité "
        "partielle : le décret n° 2025-254 n'a pas été lu sur ce point."
    )
    return "mayotte.chido_allocation_taux"


def _apld_rebond(lecture: Lecture) -> tuple[Taux, Taux]:
    """D. 2025-338."""
    if lecture.situation.mayotte:
        raise HorsBareme("Le plancher de l'allocation d'APLD rebond à Mayotte n'a pas été relevé dans les textes.")
    noms = ("plafond_smic", "indemnite_taux", "allocation_taux", "allocation_plancher")
    plafond, indemnite, allocation, plancher = (lecture.valeur(f"apld_rebond.{nom}") for nom in noms)
    return Taux(indemnite, plafond, None), Taux(allocation, plafond, plancher)


# Le sujet du barème, le nom dans une phrase, les taux.
DISPOSITIFS: dict[Dispositif, tuple[str, str, Callable[[Lecture], tuple[Taux, Taux]]]] = {
    Dispositif.DROIT_COMMUN: ("droit_commun", "Le droit commun", _droit_commun),
    Dispositif.VULNERABLES: ("vulnerables", "L'activité partielle des personnes vulnérables", _vulnerables),
    Dispositif.APLD: ("apld", "L'APLD", _apld),
    Dispositif.APLD_REBOND: ("apld_rebond", "L'APLD rebond", _apld_rebond),
}


def lire_les_taux(lecture: Lecture) -> tuple[Taux, Taux]:
    """Les taux de l'indemnité et de l'allocation. Lève HorsBareme, qui dit les dates du dispositif, en dehors."""
    situation = lecture.situation
    sujet, nom, lire = DISPOSITIFS[situation.dispositif]
    valeurs = bareme().parametres[f"{sujet}.indemnite_taux"].valeurs
    connues = [valeur for valeur in valeurs if valeur.etat is Presence.CONNUE]
    du, au = connues[0].depuis, connues[-1].au
    if situation.garde_enfant and situation.dispositif is Dispositif.VULNERABLES:  # finie plus tôt (loi 2022-1157)
        nom, au = "L'activité partielle pour garde d'enfant", Lecture(situation, du).jour_de(FIN_DE_LA_GARDE)
    if lecture.jour < du or (au and lecture.jour > au):
        dates = f"du {jour_en_lettres(du)} au {jour_en_lettres(au)}" if au else f"depuis le {jour_en_lettres(du)}"
        raise HorsBareme(f"{nom} vaut {dates} : choisissez d'autres dates, ou un autre régime.")
    return lire(lecture)

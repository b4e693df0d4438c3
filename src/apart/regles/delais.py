"""Délais et durées de la procédure : demande, décision, autorisation, versement (docs/regles/delais.md)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apart.regles.bareme import Valeur, bareme
from apart.regles.traces import Etape, reserves

PAGE = "delais"
JOURS_PAR_MOIS = 30  # pour additionner des reliquats de mois entamés
# R5122-9 dans sa rédaction du 1er juillet 2021 ; D. 2021-1816, art. 2.
NEUTRALISATION = (date(2022, 1, 1), date(2022, 3, 31), date(2021, 12, 31))


@dataclass(frozen=True, slots=True)
class Limite:
    """Une date limite, comprise, et d'où elle vient."""

    limite: date
    trace: tuple[Etape, ...]

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que les valeurs employées ont d'incertain."""
        return reserves(self.trace)


def ajouter_mois(jour: date, mois: int) -> date:
    """De quantième à quantième ; le dernier jour du mois si le quantième n'existe pas."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return date(annee, rang + 1, min(jour.day, calendar.monthrange(annee, rang + 1)[1]))


def demande_a_posteriori(placement: date, jours: int | None = None) -> Limite:
    """Dernier jour pour demander après le placement, quand la loi l'admet : sinistre, circonstance exceptionnelle
    (R5122-3).

    placement : premier jour chômé. jours : le délai s'il est donné, sinon celui de la loi, en jours calendaires.
    """
    valeur = bareme().valeur("procedure.demande_a_posteriori", placement)
    delai = int(valeur.nombre) if jours is None else jours
    limite = placement + timedelta(days=delai)
    modele = "{delai} jours après le placement du {placement:jour} : jusqu'au {limite:jour} compris."
    lus = {"delai": delai, "placement": placement, "limite": limite}
    return Limite(limite, (Etape(PAGE, "R5122-3", modele, lus, limite, "jours", (valeur,)),))


def decision_tacite(depot: date) -> Limite:
    """Jour où le silence de l'administration vaut acceptation (R5122-4). depot : jour de réception de la demande
    complète.
    """
    valeur = bareme().valeur("procedure.silence", depot)
    jours = int(valeur.nombre)
    limite = depot + timedelta(days=jours)
    modele = "Sans réponse {jours} jours après le {depot:jour}, la demande est acceptée le {limite:jour}."
    lus = {"jours": jours, "depot": depot, "limite": limite}
    return Limite(limite, (Etape(PAGE, "R5122-4", modele, lus, limite, "jours", (valeur,)),))


def demande_de_versement(fin_autorisation: date) -> Limite:
    """Dernier jour pour demander le versement de l'allocation (L5122-1), compté du terme de l'autorisation."""
    valeur = bareme().valeur("procedure.demande_versement", fin_autorisation)
    mois = int(valeur.nombre)
    limite = ajouter_mois(fin_autorisation, mois)
    modele = "{mois} mois après la fin de l'autorisation, le {fin:jour} : jusqu'au {limite:jour} compris."
    lus = {"mois": mois, "fin": fin_autorisation, "limite": limite}
    return Limite(limite, (Etape(PAGE, "L5122-1", modele, lus, limite, "mois", (valeur,)),))


def avis_du_comite(demande: date) -> Limite:
    """Dernier jour pour transmettre l'avis du comité social, quand il peut suivre la demande (R5122-2)."""
    valeur = bareme().valeur("procedure.avis_cse_mois", demande)
    mois = int(valeur.nombre)
    limite = ajouter_mois(demande, mois)
    modele = "{mois} mois après la demande du {demande:jour} : jusqu'au {limite:jour} compris."
    lus = {"mois": mois, "demande": demande, "limite": limite}
    return Limite(limite, (Etape(PAGE, "R5122-2", modele, lus, limite, "mois", (valeur,)),))


# --- Durée d'autorisation (docs/regles/duree-d-autorisation.md) ---


@dataclass(frozen=True, slots=True)
class Duree:
    """Ce qu'il reste de durée d'autorisation : des mois entiers, et les jours en plus."""

    mois_restants: int
    jours_restants: int
    mois_consommes: int
    jours_consommes: int
    maximum: int  # mois, pour une autorisation
    trace: tuple[Etape, ...]

    @property
    def reserves(self) -> tuple[str, ...]:
        """Ce que les valeurs employées ont d'incertain."""
        return reserves(self.trace)


def duree_d_autorisation(autorisations: Sequence[tuple[date, date]], jour: date, *, sinistre: bool = False) -> Duree:
    """Durée d'autorisation encore possible au jour de la demande (R5122-9).

    autorisations : périodes déjà accordées, premier et dernier jour compris. sinistre : sinistre ou intempéries, dont
    la durée ne se cumule pas. Avant juillet 2021, aucune limite cumulée : seule compte la durée d'une autorisation.
    Lève ValueError si une période finit avant de commencer.
    """
    if any(au < du for du, au in autorisations):
        raise ValueError("Une période d'autorisation finit avant de commencer.")
    b = bareme()
    cle = "autorisation.duree_maximale_sinistre" if sinistre else "autorisation.duree_maximale"
    maximum = b.valeur(cle, jour)
    cumul = b.valeur("autorisation.duree_cumulee", jour)
    if sinistre or cumul.valeur is None:
        mois = int(maximum.nombre)
        modele = "Une autorisation dure au plus {mois} mois, renouvelables ; rien ne se cumule à cette date."
        etape = Etape("duree-d-autorisation", "R5122-9", modele, {"mois": mois}, Decimal(mois), "mois", (maximum,))
        return Duree(mois, 0, 0, 0, mois, (etape,))
    reference = b.valeur("autorisation.periode_reference", jour)
    du = ajouter_mois(jour, -int(reference.nombre))
    consommes = _consommes(autorisations, _debut_du_decompte(jour, du), jour)
    return _restant(consommes, maximum, cumul, reference, du)


def _debut_du_decompte(jour: date, du: date) -> date:
    """Premier jour qui compte : douze mois avant, pas avant juillet 2021 ; 2022 au premier trimestre 2022."""
    premier = date.fromisoformat(str(bareme().valeur("autorisation.debut_du_decompte", jour).valeur))
    debut = max(du, premier)
    neutre_du, neutre_au, avant = NEUTRALISATION
    return max(debut, avant + timedelta(days=1)) if neutre_du <= jour <= neutre_au else debut


def _consommes(autorisations: Sequence[tuple[date, date]], debut: date, jour: date) -> tuple[int, int]:
    """Mois et jours d'autorisation depuis « debut » ; un mois entamé compte pour ses jours."""
    mois = jours = 0
    for du, au in autorisations:
        premier, apres = max(du, debut), au + timedelta(days=1)
        if premier >= apres:
            continue
        entiers = 0
        while ajouter_mois(premier, entiers + 1) <= apres:
            entiers += 1
        mois += entiers
        jours += (apres - ajouter_mois(premier, entiers)).days
    return mois + jours // JOURS_PAR_MOIS, jours % JOURS_PAR_MOIS


def _restant(consommes: tuple[int, int], maximum: Valeur, cumul: Valeur, reference: Valeur, du: date) -> Duree:
    mois, jours = consommes
    limite = int(cumul.nombre)
    reste = max(0, limite * JOURS_PAR_MOIS - mois * JOURS_PAR_MOIS - jours)
    restants, jours_restants = divmod(reste, JOURS_PAR_MOIS)
    modele = (
        "Depuis le {du:jour} : {mois} mois et {jours} jours d'autorisation sur {limite} mois ; "
        "reste {restants} mois et {jours_restants} jours."
    )
    lus = {
        "du": du,
        "mois": mois,
        "jours": jours,
        "limite": limite,
        "restants": restants,
        "jours_restants": jours_restants,
    }
    etape = Etape(
        "duree-d-autorisation", "R5122-9", modele, lus, Decimal(restants), "mois", (maximum, cumul, reference)
    )
    return Duree(restants, jours_restants, mois, jours, int(maximum.nombre), (etape,))

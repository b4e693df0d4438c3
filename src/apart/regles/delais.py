"""Les délais de la procédure : demande, décision, avis, versement, restitution (docs/regles/delais.md)."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apart.regles.bareme import Valeur, bareme
from apart.regles.situations import Dispositif
from apart.regles.traces import Etape, Explique, etape

PAGE = "delais"
PAGE_DUREE = "duree-d-autorisation"
UN_JOUR = timedelta(days=1)
JOURS_PAR_MOIS = 30  # partout le même, pour que chaque jour demandé en chasse un, douze mois plus tôt
# Loi de finances pour 2021 : une période finie au second semestre 2020 se demandait avant le 1er juillet 2021.
SECOND_SEMESTRE_2020 = (date(2020, 7, 1), date(2020, 12, 30), date(2021, 6, 30))
QUATRE_ANS_JUSQU_AU = date(2018, 9, 23)  # dernier jour d'une demande soumise aux quatre ans


@dataclass(frozen=True, slots=True)
class Limite(Explique):
    """Une date limite, comprise, et d'où elle vient."""

    limite: date
    trace: tuple[Etape, ...]


def ajouter_mois(jour: date, mois: int) -> date:
    """De quantième à quantième ; le dernier jour du mois si le quantième n'existe pas."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return date(annee, rang + 1, min(jour.day, calendar.monthrange(annee, rang + 1)[1]))


def _limite(
    article: str, modele: str, depuis: date, valeurs: tuple[Valeur, ...], delai: int | None = None, regle: str = PAGE
) -> Limite:
    """La limite d'un délai : celui que l'on donne, sinon celui de la première valeur lue, en jours ou en mois."""
    unite = valeurs[0].unite
    delai = int(valeurs[0].nombre) if delai is None else delai
    limite = ajouter_mois(depuis, delai) if unite == "mois" else depuis + timedelta(days=delai)
    return Limite(limite, (etape(regle, article, modele, limite, unite, valeurs, delai=delai, debut=depuis),))


def demande_a_posteriori(
    placement: date, jours: int | None = None, *, motif: int | None = None, suspension: bool = True
) -> Limite:
    """Dernier jour pour demander après le placement, quand la loi l'admet (R5122-3) : sinistre qui suspend l'activité
    (motif 3 de R5122-1) ou, depuis le 26 mars 2020, circonstance exceptionnelle (motif 5).

    placement : premier jour chômé. jours : le délai s'il est donné, sinon celui de la loi, en jours calendaires.
    motif : de 1 à 5 s'il est connu. suspension : faux si l'activité est seulement réduite.
    Lève ValueError si ce motif demande une autorisation avant le placement.
    """
    admis = bareme().valeur("procedure.demande_a_posteriori_motifs", placement)
    exceptionnelle = motif == 5 and admis.valeur != "sinistre"
    if motif is not None and not exceptionnelle and not (motif == 3 and suspension):
        raise ValueError(
            "Ce motif demande une autorisation avant le placement. Après, il faut un sinistre qui suspend l'activité "
            "ou, depuis le 26 mars 2020, une circonstance exceptionnelle."
        )
    valeur = bareme().valeur("procedure.demande_a_posteriori", placement)
    modele = "{delai} jours après le placement du {debut:jour} : jusqu'au {resultat:jour} compris."
    demande = _limite("R5122-3", modele, placement, (valeur, admis), jours)
    return Limite(demande.limite, (*demande.trace, *_tolerance(placement)))


def _tolerance(placement: date) -> tuple[Etape, ...]:
    """Ce que l'administration a admis pour mars 2020, sans que la loi le dise : rappelé, non compté."""
    if (placement.year, placement.month) != (2020, 3):
        return ()
    valeur = bareme().valeur("procedure.tolerance_mars_2020", date(2020, 3, 31))
    jour = date.fromisoformat(str(valeur.valeur))
    modele = "L'administration admettait les demandes des placements de mars 2020 jusqu'au {resultat:jour}."
    return (etape(PAGE, "R5122-3", modele, jour, "jours", (valeur,)),)


def decision_tacite(depot: date) -> Limite:
    """Jour où le silence de l'administration vaut acceptation (R5122-4 ; CRPA L114-3 et L114-5).

    depot : jour où le service compétent a reçu la demande complète. Une pièce exigée par un texte et demandée fait
    repartir le délai de sa réception ; un service saisi à tort transmet, et le délai part de la réception par le bon.
    """
    modele = (
        "Dossier complet reçu par le service compétent le {debut:jour} : sans réponse {delai} jours après, la demande "
        "est acceptée le {resultat:jour}."
    )
    return _limite("R5122-4", modele, depot, (bareme().valeur("procedure.silence", depot),))


def demande_de_versement(fin_autorisation: date, *, amenagement: bool = False) -> Limite:
    """Dernier jour pour demander le versement de l'allocation (L5122-1), compté du terme de l'autorisation.

    amenagement : le temps de travail est aménagé sur plus de six mois, ce qui allonge le délai depuis 2021.
    """
    valeur = bareme().valeur("procedure.demande_versement", fin_autorisation)
    mois, lus = int(valeur.nombre), [valeur]
    if amenagement and bareme().connait("procedure.demande_versement_amenagement", fin_autorisation):
        lus.append(bareme().valeur("procedure.demande_versement_amenagement", fin_autorisation))
        mois += int(lus[-1].nombre)
    limite = ajouter_mois(fin_autorisation, mois)
    modele = "{mois} mois après la fin de l'autorisation, le {fin:jour} : jusqu'au {resultat:jour} compris."
    limite, modele = _transition(fin_autorisation, limite) or (limite, modele)
    return Limite(
        limite, (etape(PAGE, "L5122-1", modele, limite, "mois", tuple(lus), mois=mois, fin=fin_autorisation),)
    )


def _transition(fin: date, limite: date) -> tuple[date, str] | None:
    """Les deux raccourcissements du délai n'ont pas attendu les périodes à venir : limite et phrase, s'ils jouent."""
    du, au, terme = SECOND_SEMESTRE_2020
    if du <= fin <= au:
        return terme, "Autorisation finie le {fin:jour}, au second semestre 2020 : jusqu'au {resultat:jour} compris."
    if fin <= QUATRE_ANS_JUSQU_AU < limite:
        return (
            max(QUATRE_ANS_JUSQU_AU, ajouter_mois(fin, 12)),
            "Les quatre ans ne valent que pour une demande faite avant le 24 septembre 2018, l'année ensuite : "
            "jusqu'au {resultat:jour} compris.",
        )
    return None


def avis_du_comite(demande: date) -> Limite:
    """Dernier jour pour transmettre l'avis du comité social, quand il peut suivre la demande (R5122-2)."""
    modele = "{delai} mois après la demande du {debut:jour} : jusqu'au {resultat:jour} compris."
    return _limite("R5122-2", modele, demande, (bareme().valeur("procedure.avis_cse_mois", demande),))


def decision_de_longue_duree(depot: date, dispositif: Dispositif = Dispositif.APLD, *, document: bool) -> Limite:
    """Jour où le silence vaut validation de l'accord, ou homologation du document unilatéral, d'APLD.

    depot : réception du dossier complet par le service compétent. document : document unilatéral, et non accord.
    Lève HorsBareme pour l'APLD rebond, dont les délais n'ont pas été lus.
    """
    quoi = "homologation" if document else "validation"
    valeur = bareme().valeur(f"{dispositif}.{quoi}_jours", depot)
    modele = f"Sans réponse {{delai}} jours après le {{debut:jour}}, {quoi} acquise le {{resultat:jour}}."
    return _limite("loi 2020-734, art. 53", modele, depot, (valeur,), regle="apld")


def restitution(notification: date) -> Limite:
    """Jour avant lequel l'administration ne peut exiger le remboursement d'une allocation (R5122-10).

    C'est un minimum : la décision peut laisser plus de temps.
    """
    modele = "Au moins {delai} jours après la notification du {debut:jour} : pas avant le {resultat:jour}."
    return _limite("R5122-10", modele, notification, (bareme().valeur("procedure.restitution_jours", notification),))


# --- Durée d'autorisation (docs/regles/duree-d-autorisation.md) ---


@dataclass(frozen=True, slots=True)
class Duree(Explique):
    """Ce qu'il reste de durée d'autorisation : des mois de quantième à quantième, et les jours en plus."""

    mois_restants: int
    jours_restants: int
    mois_consommes: int
    jours_consommes: int
    maximum: int  # mois, pour une autorisation
    trace: tuple[Etape, ...]


def duree_d_autorisation(autorisations: Sequence[tuple[date, date]], jour: date, *, sinistre: bool = False) -> Duree:
    """Durée d'autorisation encore possible à partir du jour de la demande, ou de la fin de celles en cours (R5122-9).

    autorisations : périodes déjà accordées, premier et dernier jour compris. sinistre : sinistre ou intempéries, dont
    la durée ne se cumule pas. Avant juillet 2021, aucune limite cumulée : seule compte la durée d'une autorisation.
    Lève ValueError si une période finit avant de commencer.
    """
    limites = _Limites.du(jour, sinistre=sinistre)
    depart = max([jour, *(au + UN_JOUR for _, au in _a_l_endroit(autorisations))])
    if limites.cumul is None:
        return Duree(limites.maximum, 0, 0, 0, limites.maximum, (limites.sans_cumul(),))
    mois, jours = divmod(limites.sur_douze_mois(autorisations, depart - UN_JOUR), JOURS_PAR_MOIS)
    fins = [depart + timedelta(days=n) for n in range((ajouter_mois(depart, limites.cumul) - depart).days)]
    possibles = bisect_right(
        fins,
        limites.cumul * JOURS_PAR_MOIS,
        key=lambda au: limites.sur_douze_mois([*autorisations, (depart, au)], au),
    )
    apres = depart + timedelta(days=possibles)
    restants = max(n for n in range(limites.cumul + 1) if ajouter_mois(depart, n) <= apres)
    jours_restants = (apres - ajouter_mois(depart, restants)).days
    modele = (
        "Dans les douze mois avant le {depart:jour} : {mois} mois et {jours} jours d'autorisation sur {limite} mois ; "
        "à partir de ce jour, {resultat} mois et {jours_restants} jours sont possibles."
    )
    lus = {"depart": depart, "mois": mois, "jours": jours, "limite": limites.cumul, "jours_restants": jours_restants}
    trace = etape(PAGE_DUREE, "R5122-9", modele, Decimal(restants), "mois", limites.lues, **lus)
    return Duree(restants, jours_restants, mois, jours, limites.maximum, (trace,))


@dataclass(frozen=True, slots=True)
class Examen:
    """Une nouvelle période peut-elle être accordée, et ce que toutes totalisent sur les douze mois qu'elle finit."""

    accordable: bool
    total_mois: int | None  # mois de trente jours, elle comprise ; None si rien ne se cumule ce jour-là
    total_jours: int | None  # en plus
    trace: tuple[Etape, ...]


def examiner(
    nouvelle: tuple[date, date], autorisations: Sequence[tuple[date, date]], jour: date, *, sinistre: bool = False
) -> Examen:
    """Dit si la période demandée ce jour-là tient dans la durée d'une autorisation et la durée cumulée (R5122-9).

    nouvelle : premier et dernier jour demandés. autorisations, sinistre : comme pour duree_d_autorisation.
    Lève ValueError si une période finit avant de commencer, ou si la nouvelle en chevauche une autre.
    """
    _a_l_endroit([*autorisations, nouvelle])
    du, au = nouvelle
    if any(debut <= au and du <= fin for debut, fin in autorisations):
        raise ValueError("La nouvelle période chevauche une autorisation déjà accordée.")
    limites = _Limites.du(jour, sinistre=sinistre)
    tient = au < ajouter_mois(du, limites.maximum)
    if limites.cumul is None:
        return Examen(tient, None, None, (limites.sans_cumul(),))
    total = limites.sur_douze_mois([*autorisations, nouvelle], au)
    accordable = tient and total <= limites.cumul * JOURS_PAR_MOIS
    mois, jours = divmod(total, JOURS_PAR_MOIS)
    modele = (
        "Du {du:jour} au {au:jour} : {mois} mois et {jours} jours sur les douze mois qui finissent alors, au plus "
        "{limite} ; {maximum} mois au plus par autorisation : {reponse}."
    )
    lus = {"du": du, "au": au, "mois": mois, "jours": jours, "limite": limites.cumul, "maximum": limites.maximum}
    lus["reponse"] = "accordable" if accordable else "non accordable"
    trace = etape(PAGE_DUREE, "R5122-9", modele, accordable, "oui_non", limites.lues, **lus)
    return Examen(accordable, mois, jours, (trace,))


@dataclass(frozen=True, slots=True)
class _Limites:
    """Les limites qu'un jour de demande fait jouer, en mois ; `cumul` est None si rien ne se cumule."""

    maximum: int
    cumul: int | None
    reference: int
    decompte: date
    lues: tuple[Valeur, ...]

    @classmethod
    def du(cls, jour: date, *, sinistre: bool) -> _Limites:
        b = bareme()
        propre = sinistre and b.connait("autorisation.duree_maximale_sinistre", jour)
        maximum = b.valeur(f"autorisation.duree_maximale{'_sinistre' if propre else ''}", jour)
        cumul = b.valeur("autorisation.duree_cumulee", jour)
        if sinistre or cumul.valeur is None:
            return cls(int(maximum.nombre), None, 0, jour, (maximum,))
        reference = b.valeur("autorisation.periode_reference", jour)
        decompte = b.valeur("autorisation.debut_du_decompte", jour)
        debut, lues = date.fromisoformat(str(decompte.valeur)), (maximum, cumul, reference, decompte)
        return cls(int(maximum.nombre), int(cumul.nombre), int(reference.nombre), debut, lues)

    def sur_douze_mois(self, autorisations: Sequence[tuple[date, date]], au: date) -> int:
        """Jours d'autorisation, de mois de trente jours, sur les douze mois qui finissent ce jour-là, compris."""
        fin = _rang(au + UN_JOUR)
        debut = max(fin - self.reference * JOURS_PAR_MOIS, _rang(self.decompte))
        bornes = ((max(_rang(du), debut), min(_rang(dernier + UN_JOUR), fin)) for du, dernier in autorisations)
        return sum(max(0, apres - premier) for premier, apres in bornes)

    def sans_cumul(self) -> Etape:
        modele = "Une autorisation dure au plus {resultat} mois, renouvelables ; rien ne se cumule à cette date."
        return etape(PAGE_DUREE, "R5122-9", modele, Decimal(self.maximum), "mois", self.lues)


def _a_l_endroit(periodes: Sequence[tuple[date, date]]) -> Sequence[tuple[date, date]]:
    if any(au < du for du, au in periodes):
        raise ValueError("Une période d'autorisation finit avant de commencer.")
    return periodes


def _rang(jour: date) -> int:
    """Rang du jour quand tous les mois en ont trente : le 31 n'ajoute rien, février va jusqu'à trente."""
    return (jour.year * 12 + jour.month) * JOURS_PAR_MOIS + jour.day - 1


def engagements_exiges(autorisations: Sequence[tuple[date, date]], jour: date) -> bool:
    """Vrai si la demande de ce jour oblige à souscrire des engagements : une autorisation dans les 36 mois (R5122-9).

    autorisations : périodes déjà accordées, premier et dernier jour compris.
    """
    mois = bareme().valeur("autorisation.engagements_recours_mois", jour).nombre
    depuis = ajouter_mois(jour, -int(mois))
    return any(au >= depuis and du < jour for du, au in autorisations)

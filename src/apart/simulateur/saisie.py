"""Du texte tapé, collé, envoyé ou importé à un groupe que la loi sait calculer, avec une phrase par réponse à revoir.

Une seule lecture pour le formulaire, le fichier et l'API : mêmes noms, mêmes phrases. Le fichier lit ses colonnes par
les mêmes morceaux : lire_profil, lire_bornes, NOMBRES et reperes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from apart.regles import constats, simulation
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.conditions import DEBUT, FIN
from apart.regles.francais import euros, jour_en_lettres, nombre
from apart.regles.heures import Structurelles, duree_retenue
from apart.regles.lignes import Profil
from apart.regles.mois import Periode
from apart.regles.nombres import CENTIME, arrondir
from apart.regles.prelevements import Residence
from apart.regles.reference import duree_mensuelle
from apart.regles.simulation import Groupe
from apart.regles.situations import Dispositif, Secteur, Situation, Statut
from apart.socle.saisies import ligne
from apart.tableaux.cellules import (
    lire_choix,
    lire_date,
    lire_heures,
    lire_mois,
    lire_oui_non,
    lire_part,
    lire_positif,
)
from apart.tableaux.fautes import Faute

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

JOURS = ("du", "au")
CHAMPS_PERIODE = ("du", "au", "mois", "heures")
CHAMPS = ("nom", "effectif", "remuneration", "taux_horaire", "duree_hebdomadaire", "regime", "secteur", "statut",
          "mayotte", "effectif_entreprise", "formation", "garde_enfant", "structurelles", "accord_du", "residence",
          "maintien", "cotisations_patronales", "net_mensuel")  # fmt: skip
DUREE_PAR_DEFAUT = Decimal(35)
DUREE_MAXIMALE = Decimal(60)
PERIODES_PERMISES = 60
REMUNERATION_MAXIMALE = Decimal(1_000_000)
TAUX_MAXIMAL = Decimal(1_000)  # euros de l'heure : « 13,375 » n'y est pas 13 375
SANS_SMIC = frozenset({Statut.ALTERNANT, Statut.SANS_MINIMUM})
SANS_REMUNERATION = Faute("remuneration", "Indiquez la rémunération brute du mois.")
SANS_PERIODE = Faute("mois", "Indiquez le mois, ou le premier et le dernier jour.")
SANS_JOUR = {
    "du": Faute("du", "Indiquez le premier jour de la période."),
    "au": Faute("au", "Indiquez le dernier jour de la période."),
}
MOIS_CONTRAIRE = Faute("mois", "Le mois et les dates ne s'accordent pas : gardez l'un ou les autres.")
SANS_HEURES = Faute("heures", "Indiquez les heures non travaillées.")


class SaisieRefusee(ValueError):
    """Des réponses sont à revoir."""

    def __init__(self, fautes: list[Faute]) -> None:
        super().__init__(" ".join(faute.phrase for faute in fautes))
        self.fautes = tuple(fautes)


def lire_groupe(champs: Mapping[str, Any]) -> Groupe:
    """Un groupe de salariés d'après ses champs (CHAMPS, et « periodes » : liste de CHAMPS_PERIODE).

    Les nombres s'écrivent avec virgule ou point, les parts en pour cent, les dates et les mois comme tableaux.cellules
    les lit, les réponses oui ou non. Un champ vide vaut sa valeur par défaut.
    Lève SaisieRefusee avec toutes les fautes trouvées.
    """
    return _exiger(_Lecture(champs), _Lecture.groupe)


def lire_profil(champs: Mapping[str, Any]) -> Profil:
    """Ce qui, hors montants et dates, décide du calcul. Lève SaisieRefusee."""
    return _exiger(_Lecture(champs), _Lecture.profil)


def lire_bornes(champs: Mapping[str, Any]) -> tuple[date, date]:
    """Le premier et le dernier jour que disent « mois », ou « du » et « au ». Lève SaisieRefusee."""
    return _exiger(_Lecture(champs), _Lecture.bornes)


def lire_un(nom: str, champs: Mapping[str, Any]) -> Decimal | None:
    """Un des NOMBRES ; None si le champ est vide et peut l'être. Lève SaisieRefusee."""
    lecture = _Lecture(champs)
    lu = lecture.un(nom)
    if lecture.fautes:
        raise SaisieRefusee(lecture.fautes)
    return lu


def _exiger(lecture: _Lecture, lire: Callable[[_Lecture], T | None]) -> T:
    lu = lire(lecture)
    if lecture.fautes or lu is None:
        raise SaisieRefusee(lecture.fautes)
    return lu


def structurelles_dites(champs: Mapping[str, Any]) -> bool:
    """Faux si rien ne dit ce que sont les heures du contrat au-delà de la durée légale."""
    return not all(_vide(champs.get(nom)) for nom in ("structurelles", "accord_du"))


def simuler(groupe: Groupe) -> simulation.Resultat:
    """Simule ; un refus de la loi devient une faute à montrer près des périodes."""
    try:
        return simulation.simuler(groupe)
    except (HorsBareme, ValueError) as refus:
        raise SaisieRefusee([Faute("periodes", str(refus))]) from refus


def reperes(profil: Profil, jour: date) -> tuple[Decimal, Decimal]:
    """Les heures que paie un mois de ce contrat, et le plus petit taux horaire admis ce jour-là ; 0 s'il n'y en a pas.

    Un salaire sous le SMIC n'est admis que pour les contrats qui le permettent. Lève HorsBareme.
    """
    retenue, _ = duree_retenue(jour, profil.duree_hebdomadaire, structurelles=profil.structurelles)
    cle = "smic.horaire_brut_mayotte" if profil.situation.mayotte else "smic.horaire_brut"
    exige = profil.situation.statut not in SANS_SMIC and bareme().connait(cle, jour)
    return duree_mensuelle(retenue), bareme().valeur(cle, jour).nombre - CENTIME if exige else Decimal()


class _Lecture:
    """La lecture d'un groupe : rend ce qui va, retient ce qui ne va pas."""

    def __init__(self, champs: Mapping[str, Any]) -> None:
        self.champs = champs
        self.fautes: list[Faute] = []

    def groupe(self) -> Groupe | None:
        nom = self.lire("nom", lire_nom, "")
        profil, periodes = self.profil(), self._periodes()
        nombres = {nom: self.un(nom) for nom in NOMBRES if nom != "heures"}
        remuneration = self._remuneration(nombres, profil, periodes)
        if self.fautes or remuneration is None:
            return None
        lu = Groupe(
            remuneration=remuneration,
            duree_hebdomadaire=profil.duree_hebdomadaire,
            periodes=periodes,
            nom=nom,
            effectif=int(nombres["effectif"] or 1),
            situation=profil.situation,
            structurelles=profil.structurelles,
            residence=profil.residence,
            maintien=nombres["maintien"],
            cotisations_patronales=nombres["cotisations_patronales"],
            net_mensuel=nombres["net_mensuel"],
        )
        self._exiger_le_smic(lu)
        return lu

    # --- Les champs ---

    def lire(self, nom: str, lecteur: Callable[[Any], T], defaut: T, manque: Faute | None = None) -> T:
        valeur = self.champs.get(nom)
        try:
            if isinstance(valeur, list | Mapping):
                raise ValueError(f"« {nom} » est une valeur seule, pas une liste ni un objet.")
            if _vide(valeur):
                self.fautes += [manque] if manque else []
                return defaut
            return lecteur(valeur)
        except ValueError as refus:
            self.fautes.append(Faute(nom, str(refus)))
            return defaut

    def un(self, nom: str) -> Decimal | None:
        return self.lire(nom, NOMBRES[nom], None, manque=SANS_HEURES if nom == "heures" else None)

    def _choix(self, nom: str, choix: type[E], defaut: E) -> E:
        return self.lire(nom, lambda valeur: lire_choix(valeur, choix), defaut)

    def profil(self) -> Profil:
        return Profil(
            situation=self._situation(),
            duree_hebdomadaire=self.lire("duree_hebdomadaire", lire_duree_hebdomadaire, DUREE_PAR_DEFAUT),
            structurelles=self._structurelles(),
            residence=self._choix("residence", Residence, Residence.METROPOLE),
        )

    def _situation(self) -> Situation:
        entreprise = self.lire("effectif_entreprise", lire_effectif, 1)
        seuil = bareme().parametres["droit_commun.forfait_seuil_effectif"].valeurs[0].nombre
        return Situation(
            dispositif=self._choix("regime", Dispositif, Dispositif.DROIT_COMMUN),
            secteur=self._choix("secteur", Secteur, Secteur.ORDINAIRE),
            statut=self._choix("statut", Statut, Statut.ORDINAIRE),
            mayotte=self.lire("mayotte", lire_oui_non, False),
            plus_de_250=entreprise > seuil,
            formation=self.lire("formation", lire_oui_non, False),
            garde_enfant=self.lire("garde_enfant", lire_oui_non, False),
        )

    def _structurelles(self) -> Structurelles | None:
        accord = self.lire("accord_du", lire_date, None)
        if not self.lire("structurelles", lire_oui_non, accord is not None):
            return None
        return Structurelles(accord)

    def _remuneration(
        self, nombres: Mapping[str, Decimal | None], profil: Profil, periodes: tuple[Periode, ...]
    ) -> Decimal | None:
        """La rémunération mensuelle, ou celle que donne le taux horaire pour la durée retenue."""
        mensuelle, horaire = nombres["remuneration"], nombres["taux_horaire"]
        if mensuelle is None and horaire is None:
            if not any(f.champ in {"remuneration", "taux_horaire"} for f in self.fautes):
                self.fautes.append(SANS_REMUNERATION)
            return None
        if horaire is None or self.fautes or not periodes:
            return mensuelle
        diviseur, _ = reperes(profil, periodes[0].du)
        if mensuelle is None:
            return arrondir_au_dix_millieme(horaire * diviseur)
        if (horaire - CENTIME) * diviseur > mensuelle:  # des primes expliqueraient l'inverse
            phrase = (
                f"Ce taux donne {euros(horaire * diviseur)} pour {nombre(diviseur)} heures par mois, plus que la "
                f"rémunération ({euros(mensuelle)}). Corrigez l'un, l'autre ou la durée du contrat ; ou videz la case "
                "fausse."
            )
            self.fautes.append(Faute("taux_horaire", phrase))
        return mensuelle

    # --- Les périodes ---

    def _periodes(self) -> tuple[Periode, ...]:
        donnees = self.champs.get("periodes")
        if _vide(donnees):
            self.fautes.append(Faute("periodes", "Indiquez au moins une période, avec ses heures non travaillées."))
            return ()
        if not isinstance(donnees, list | tuple):
            self.fautes.append(Faute("periodes", "« periodes » est une liste de périodes."))
            return ()
        if len(donnees) > PERIODES_PERMISES:
            self.fautes.append(Faute("periodes", f"Un groupe a {PERIODES_PERMISES} périodes au plus."))
            return ()
        lues = [self._periode(rang, champs) for rang, champs in enumerate(donnees, 1)]
        return tuple(periode for periode in lues if periode is not None)

    def _periode(self, rang: int, champs: object) -> Periode | None:
        if not isinstance(champs, Mapping):
            self.fautes.append(Faute(f"periodes.{rang}", "Une période a un début, une fin et des heures."))
            return None
        lecture = _Lecture(champs)
        bornes, heures = lecture.bornes(), lecture.un("heures")
        self.fautes += [Faute(f"periodes.{rang}.{f.champ}", f.phrase) for f in lecture.fautes]
        return Periode(*bornes, heures) if bornes and heures is not None else None

    def bornes(self) -> tuple[date, date] | None:
        """Celles du mois, ou des deux dates ; les unes dans l'autre si tout est donné."""
        donnes = {nom for nom in ("mois", *JOURS) if not _vide(self.champs.get(nom))}
        manques = SANS_JOUR if "mois" not in donnes else {}
        mois = self.lire("mois", lire_mois, None, manque=None if donnes else SANS_PERIODE)
        du, au = (self.lire(nom, lire_date, None, manque=manques.get(nom) if donnes else None) for nom in JOURS)
        if mois and len(donnes) > 1 and not self.fautes and not (du and au and mois[0] <= du <= au <= mois[1]):
            self.fautes.append(MOIS_CONTRAIRE)
        lues = (du, au) if du and au else mois
        if not self.fautes and lues is not None:
            self.fautes += _bornes_refusees(*lues, "au" if du else "mois")
        return None if self.fautes else lues

    def _exiger_le_smic(self, groupe: Groupe) -> None:
        """Un salaire sous le SMIC n'est admis que pour les contrats qui le permettent."""
        if groupe.situation.statut in SANS_SMIC or not groupe.periodes:
            return
        if phrase := constats.sous_le_smic(groupe):
            champ = "remuneration" if not _vide(self.champs.get("remuneration")) else "taux_horaire"
            conseil = (
                "Vérifiez le montant et la durée du contrat ; pour un alternant, un VRP ou un pigiste, changez le"
            )
            self.fautes.append(Faute(champ, f"{phrase} {conseil} statut."))


# --- Une réponse à la fois, quand elle a un sens de paie ; chacune lève ValueError avec une phrase ---


def lire_nom(valeur: Any) -> str:
    if not isinstance(valeur, str):
        raise ValueError("Le nom d'un groupe est un texte.")
    return ligne(valeur)[:100]


def lire_montant(valeur: Any) -> Decimal:
    """Des euros, positifs, au centime."""
    return _pas_nul(arrondir(lire_positif(valeur, REMUNERATION_MAXIMALE, "€")))


def lire_taux(valeur: Any) -> Decimal:
    """Des euros de l'heure, positifs, au dix-millième."""
    return _pas_nul(arrondir_au_dix_millieme(lire_positif(valeur, TAUX_MAXIMAL, "€ de l'heure")))


def arrondir_au_dix_millieme(montant: Decimal) -> Decimal:
    return arrondir(montant.scaleb(2)).scaleb(-2)


def _pas_nul(montant: Decimal) -> Decimal:
    if montant == 0:
        raise ValueError("Ce montant est nul : indiquez-le, ou laissez le champ vide.")
    return montant


def lire_duree_hebdomadaire(valeur: Any) -> Decimal:
    lu = lire_heures(valeur, DUREE_MAXIMALE)
    if not 1 <= lu <= DUREE_MAXIMALE:
        raise ValueError(
            f"La durée du contrat va de 1 à {DUREE_MAXIMALE} heures par semaine ; vous indiquez {nombre(lu)}."
        )
    return lu


def lire_effectif(valeur: Any) -> int:
    lu = lire_positif(valeur, Decimal(1_000_000), "salariés")
    if lu != int(lu) or lu < 1:
        raise ValueError("Indiquez un nombre entier de salariés, au moins 1.")
    return int(lu)


# Les nombres d'un groupe et d'une période.
NOMBRES: Mapping[str, Callable[[Any], Decimal]] = {
    "heures": lire_heures,
    "effectif": lambda valeur: Decimal(lire_effectif(valeur)),
    "remuneration": lire_montant,
    "taux_horaire": lire_taux,
    "maintien": lire_part,
    "cotisations_patronales": lire_part,
    "net_mensuel": lire_montant,
}


def _bornes_refusees(du: date, au: date, champ: str) -> list[Faute]:
    if au < du:
        return [Faute(champ, f"La période finit le {jour_en_lettres(au)}, avant de commencer.")]
    if du < DEBUT:
        phrase = f"Le barème commence le {jour_en_lettres(DEBUT)} : choisissez une date à partir de ce jour."
        return [Faute("du" if champ == "au" else champ, phrase)]
    if au > FIN:
        return [Faute(champ, f"Le calcul va jusqu'au {jour_en_lettres(FIN)} : vérifiez l'année.")]
    return []


def _vide(valeur: object) -> bool:
    return valeur is None or (isinstance(valeur, str) and not ligne(valeur)) or valeur in ([], ())

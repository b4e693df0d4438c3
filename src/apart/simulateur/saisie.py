"""Du texte tapé, collé, envoyé ou importé à un groupe que la loi sait calculer, avec une phrase par réponse à revoir.

Une seule lecture pour le formulaire, le fichier et l'API : mêmes noms, mêmes phrases.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from apart.regles import constats, simulation
from apart.regles.bareme import HorsBareme, bareme
from apart.regles.conditions import DEBUT, FIN
from apart.regles.francais import jour_en_lettres, nombre
from apart.regles.heures import Structurelles, duree_retenue
from apart.regles.mois import Periode
from apart.regles.prelevements import Residence
from apart.regles.reference import duree_mensuelle
from apart.regles.simulation import Groupe
from apart.regles.situations import Dispositif, Secteur, Situation, Statut

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

CHAMPS_PERIODE = ("du", "au", "mois", "heures")
CHAMPS = (
    "nom",
    "effectif",
    "remuneration",
    "taux_horaire",
    "duree_hebdomadaire",
    "regime",
    "secteur",
    "statut",
    "mayotte",
    "effectif_entreprise",
    "formation",
    "garde_enfant",
    "structurelles",
    "accord_du",
    "residence",
    "maintien",
    "cotisations_patronales",
    "net_mensuel",
)
DUREE_PAR_DEFAUT = Decimal(35)
PERIODES_PERMISES = 60
REMUNERATION_MAXIMALE = Decimal(1_000_000)
SANS_SMIC = frozenset({Statut.ALTERNANT, Statut.SANS_MINIMUM})


@dataclass(frozen=True, slots=True)
class Faute:
    """Une réponse à revoir : le champ (« periodes.2.heures » pour une période), et ce qu'il faut faire."""

    champ: str
    phrase: str


class SaisieRefusee(ValueError):
    """Des réponses sont à revoir."""

    def __init__(self, fautes: list[Faute]) -> None:
        super().__init__(" ".join(faute.phrase for faute in fautes))
        self.fautes = tuple(fautes)


def lire_groupe(champs: Mapping[str, Any]) -> Groupe:
    """Un groupe de salariés d'après ses champs (CHAMPS, et « periodes » : liste de CHAMPS_PERIODE).

    Les nombres s'écrivent avec virgule ou point, les parts en pour cent, les dates JJ/MM/AAAA ou AAAA-MM-JJ, un mois
    MM/AAAA ou AAAA-MM, les réponses oui ou non. Un champ vide vaut sa valeur par défaut.
    Lève SaisieRefusee avec toutes les fautes trouvées.
    """
    lecture = _Lecture(champs)
    groupe = lecture.groupe()
    if lecture.fautes or groupe is None:
        raise SaisieRefusee(lecture.fautes)
    return groupe


def structurelles_dites(champs: Mapping[str, Any]) -> bool:
    """Faux si rien ne dit ce que sont les heures du contrat au-delà de la durée légale."""
    return not all(_vide(champs.get(nom)) for nom in ("structurelles", "accord_du"))


def simuler(groupe: Groupe) -> simulation.Resultat:
    """Simule ; un refus de la loi devient une faute à montrer près des périodes."""
    try:
        return simulation.simuler(groupe)
    except (HorsBareme, ValueError) as refus:
        raise SaisieRefusee([Faute("periodes", str(refus))]) from refus


class _Lecture:
    """La lecture d'un groupe : rend ce qui va, retient ce qui ne va pas."""

    def __init__(self, champs: Mapping[str, Any]) -> None:
        self.champs = champs
        self.fautes: list[Faute] = []

    def groupe(self) -> Groupe | None:
        situation = self._situation()
        duree = self._lire("duree_hebdomadaire", lire_duree_hebdomadaire, DUREE_PAR_DEFAUT)
        structurelles = self._structurelles()
        periodes = self._periodes()
        groupe: dict[str, Any] = {
            "nom": str(self.champs.get("nom") or "").strip()[:100],
            "effectif": self._lire("effectif", lire_effectif, 1),
            "residence": self._choix("residence", Residence, Residence.METROPOLE),
            "maintien": self._lire("maintien", lire_part, None),
            "cotisations_patronales": self._lire("cotisations_patronales", lire_part, None),
            "net_mensuel": self._lire("net_mensuel", lire_montant, None),
        }
        remuneration = self._remuneration(duree, structurelles, periodes)
        if self.fautes or remuneration is None or situation is None:
            return None
        lu = Groupe(
            remuneration=remuneration,
            duree_hebdomadaire=duree,
            periodes=periodes,
            situation=situation,
            structurelles=structurelles,
            **groupe,
        )
        self._exiger_le_smic(lu)
        return lu

    # --- Les champs ---

    def _lire(self, nom: str, lire: Callable[[Any], T], defaut: T) -> T:
        valeur = self.champs.get(nom)
        if _vide(valeur):
            return defaut
        try:
            return lire(valeur)
        except ValueError as refus:
            self.fautes.append(Faute(nom, str(refus)))
            return defaut

    def _choix(self, nom: str, choix: type[E], defaut: E) -> E:
        return self._lire(nom, lambda valeur: lire_choix(valeur, choix), defaut)

    def _situation(self) -> Situation | None:
        entreprise = self._lire("effectif_entreprise", lire_effectif, 1)
        seuil = bareme().parametres["droit_commun.forfait_seuil_effectif"].valeurs[0].nombre
        return Situation(
            dispositif=self._choix("regime", Dispositif, Dispositif.DROIT_COMMUN),
            secteur=self._choix("secteur", Secteur, Secteur.ORDINAIRE),
            statut=self._choix("statut", Statut, Statut.ORDINAIRE),
            mayotte=self._lire("mayotte", lire_oui_non, False),
            plus_de_250=entreprise > seuil,
            formation=self._lire("formation", lire_oui_non, False),
            garde_enfant=self._lire("garde_enfant", lire_oui_non, False),
        )

    def _structurelles(self) -> Structurelles | None:
        accord = self._lire("accord_du", lire_date, None)
        if not self._lire("structurelles", lire_oui_non, accord is not None):
            return None
        return Structurelles(accord)

    def _remuneration(
        self, duree: Decimal, structurelles: Structurelles | None, periodes: tuple[Periode, ...]
    ) -> Decimal | None:
        """La rémunération mensuelle, ou celle que donne le taux horaire pour la durée retenue."""
        mensuelle = self._lire("remuneration", lire_montant, None)
        horaire = self._lire("taux_horaire", lire_montant, None)
        if mensuelle is None and horaire is None:
            if not any(f.champ in {"remuneration", "taux_horaire"} for f in self.fautes):
                self.fautes.append(Faute("remuneration", "Indiquez la rémunération brute du mois."))
            return None
        if mensuelle is not None or horaire is None or not periodes:
            return mensuelle
        retenue, _ = duree_retenue(periodes[0].du, duree, structurelles=structurelles)
        return horaire * duree_mensuelle(retenue)

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
        try:
            return lire_periode(champs)
        except SaisieRefusee as refus:
            self.fautes += [Faute(f"periodes.{rang}.{f.champ}", f.phrase) for f in refus.fautes]
            return None

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


# --- Une réponse à la fois ; chacune lève ValueError avec une phrase ---


def lire_nombre(valeur: Any) -> Decimal:
    """Un nombre écrit avec une virgule ou un point, des espaces, un symbole € % h. Ni formule, ni exposant."""
    if isinstance(valeur, bool):
        raise ValueError("Écrivez un nombre.")
    texte = re.sub(r"[\s\u00a0\u202f]|€|%|(?<=\d)h$", "", str(valeur).strip())
    if texte[:1] in {"=", "+", "@"}:
        raise ValueError("Cette case contient une formule : remplacez-la par sa valeur.")
    texte = texte.replace("\u2212", "-").replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{0,10})?", texte):
        raise ValueError(f"« {_court(valeur)} » n'est pas un nombre. Écrivez par exemple 1850,50.")
    try:
        return Decimal(texte)
    except InvalidOperation:
        raise ValueError(f"« {_court(valeur)} » n'est pas un nombre. Écrivez par exemple 1850,50.") from None


def lire_positif(valeur: Any, maximum: Decimal, unite: str) -> Decimal:
    lu = lire_nombre(valeur)
    if lu < 0:
        raise ValueError("Ce nombre est négatif : écrivez-le sans le signe moins.")
    if lu > maximum:
        raise ValueError(f"{nombre(lu)} {unite} : c'est plus que le plus grand nombre admis, {nombre(maximum)}.")
    return lu


def lire_montant(valeur: Any) -> Decimal:
    """Des euros, positifs."""
    lu = lire_positif(valeur, REMUNERATION_MAXIMALE, "€")
    if lu == 0:
        raise ValueError("Ce montant est nul : indiquez-le, ou laissez le champ vide.")
    return lu


def lire_heures(valeur: Any) -> Decimal:
    """Des heures chômées, zéro compris ; « 7h30 » vaut 7,5."""
    heures_minutes = re.fullmatch(r"\s*(\d{1,4})\s*[hH:]\s*([0-5]\d)\s*", str(valeur))
    if heures_minutes:
        return Decimal(heures_minutes[1]) + Decimal(heures_minutes[2]) / 60
    return lire_positif(valeur, Decimal(2_000), "heures")


def lire_duree_hebdomadaire(valeur: Any) -> Decimal:
    lu = lire_heures(valeur)
    if not 1 <= lu <= 60:
        raise ValueError(f"La durée du contrat va de 1 à 60 heures par semaine ; vous indiquez {nombre(lu)}.")
    return lu


def lire_effectif(valeur: Any) -> int:
    lu = lire_positif(valeur, Decimal(1_000_000), "salariés")
    if lu != int(lu) or lu < 1:
        raise ValueError("Indiquez un nombre entier de salariés, au moins 1.")
    return int(lu)


def lire_part(valeur: Any) -> Decimal:
    """Une part, donnée en pour cent : 70 vaut 0,70."""
    return lire_positif(valeur, Decimal(100), "%") / 100


def lire_oui_non(valeur: Any) -> bool:
    if isinstance(valeur, bool):
        return valeur
    texte = str(valeur).strip().lower()
    if texte in {"oui", "o", "vrai", "true", "1", "x", "on"}:
        return True
    if texte in {"non", "n", "faux", "false", "0", ""}:
        return False
    raise ValueError(f"Répondez par oui ou par non ; « {_court(valeur)} » n'est ni l'un ni l'autre.")


def lire_choix(valeur: Any, choix: type[E]) -> E:
    texte = str(valeur).strip().lower()
    try:
        return choix(texte)
    except ValueError:
        permis = ", ".join(membre.value for membre in choix)
        raise ValueError(f"« {_court(valeur)} » n'est pas un choix possible : {permis}.") from None


def lire_date(valeur: Any) -> date:
    """JJ/MM/AAAA ou AAAA-MM-JJ."""
    if isinstance(valeur, date):
        return valeur
    texte = str(valeur).strip()
    if francaise := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", texte, re.ASCII):
        jour, mois, annee = (int(part) for part in francaise.groups())
    elif iso := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(T00:00:00)?", texte, re.ASCII):
        annee, mois, jour = (int(part) for part in iso.groups()[:3])
    else:
        raise ValueError(f"« {_court(valeur)} » n'est pas une date. Écrivez-la comme 01/04/2020.")
    try:
        return date(annee, mois, jour)
    except ValueError:
        raise ValueError(f"Le {texte} n'existe pas au calendrier.") from None


def lire_mois(valeur: Any) -> tuple[date, date]:
    """Le premier et le dernier jour d'un mois écrit MM/AAAA ou AAAA-MM."""
    texte = str(valeur).strip()
    lu = re.fullmatch(r"(\d{4})-(\d{1,2})", texte, re.ASCII)
    annee, mois = lu.groups() if lu else ("", "")
    if autre := re.fullmatch(r"(\d{1,2})/(\d{4})", texte, re.ASCII):
        mois, annee = autre.groups()
    if not annee or not 1 <= int(mois) <= 12 or int(annee) < 1:
        raise ValueError(f"« {_court(valeur)} » n'est pas un mois. Écrivez-le comme 04/2020.")
    premier = date(int(annee), int(mois), 1)
    return premier, premier.replace(day=monthrange(premier.year, premier.month)[1])


def lire_periode(champs: Mapping[str, Any]) -> Periode:
    """Une période : « mois », ou « du » et « au » ; et les « heures » non travaillées par salarié."""
    fautes: list[Faute] = []

    def lire(nom: str, lecteur: Callable[[Any], T], manque: str) -> T | None:
        valeur = champs.get(nom)
        if _vide(valeur):
            fautes.append(Faute(nom, manque))
            return None
        try:
            return lecteur(valeur)
        except ValueError as refus:
            fautes.append(Faute(nom, str(refus)))
            return None

    du, au = _quand(champs, lire, fautes)
    heures = lire("heures", lire_heures, "Indiquez les heures non travaillées.")
    if du and au:
        fautes += _bornes_refusees(du, au, "au" if _vide(champs.get("mois")) else "mois")
    if fautes or du is None or au is None or heures is None:
        raise SaisieRefusee(fautes)
    return Periode(du, au, heures)


def _quand(
    champs: Mapping[str, Any], lire: Callable[..., Any], fautes: list[Faute]
) -> tuple[date | None, date | None]:
    """Les bornes que dit le mois, ou que disent les deux dates."""
    a_un_mois, a_des_dates = not _vide(champs.get("mois")), any(not _vide(champs.get(nom)) for nom in ("du", "au"))
    if a_un_mois and a_des_dates:
        fautes.append(Faute("mois", "Un mois et des dates sont indiqués : gardez l'un ou les autres."))
    if a_un_mois or not a_des_dates:
        du, au = lire("mois", lire_mois, "Indiquez le mois, ou le premier et le dernier jour.") or (None, None)
        return du, au
    return (
        lire("du", lire_date, "Indiquez le premier jour de la période."),
        lire("au", lire_date, "Indiquez le dernier jour de la période."),
    )


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
    return valeur is None or (isinstance(valeur, str) and not valeur.strip()) or valeur in ([], ())


def _court(valeur: object) -> str:
    texte = str(valeur).strip()
    return texte if len(texte) <= 40 else f"{texte[:40]}…"

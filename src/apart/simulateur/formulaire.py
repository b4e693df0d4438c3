"""Le formulaire tel que la page le montre : chaque question avec ce qui a été tapé et ce qui est à revoir.

Les réponses ne passent pas par django.forms : leur lecture (saisie.py) est aussi celle des fichiers et de l'API.
L'objet a ce que composants/_resume_erreurs.html demande à un formulaire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter

from apart.regles.francais import jour_en_lettres, mois_en_lettres
from apart.simulateur.brouillon import LETTRES, Brouillon, Tape
from apart.simulateur.calcul import Calcul
from apart.simulateur.questions import Profil, Question
from apart.simulateur.saisie import DUREE_PAR_DEFAUT
from apart.socle.saisies import ligne
from apart.tableaux.cellules import lire_date, lire_heures, lire_mois

DES_PERIODES = Question("periodes", "Périodes")
# Les champs de date et de mois du navigateur, et ce qu'ils prennent.
NATIFS = {"date": ("date", re.compile(r"\d{4}-\d{2}-\d{2}|")), "mois": ("month", re.compile(r"\d{4}-\d{2}|"))}


@dataclass(frozen=True, slots=True)
class Champ:
    """Une question à l'écran."""

    nom: str  # « a-1-remuneration » : nom dans l'envoi et identifiant dans la page
    question: Question
    valeur: str
    errors: list[str]
    label: str  # dans le résumé : « Groupe 2 : salaire brut mensuel »
    cachee: bool = False  # la question ne se pose pas, d'après les autres réponses

    auto_id = id_for_label = property(attrgetter("nom"))

    @property
    def type(self) -> str:
        """Un champ de date ou de mois du navigateur, sauf si ce qui est tapé s'y perdrait."""
        type_, prend = NATIFS.get(self.question.genre, ("text", re.compile("")))
        return type_ if prend.fullmatch(self.valeur) else "text"

    @property
    def lisible(self) -> str:
        """La réponse, telle qu'on la relit."""
        if not ligne(self.valeur):
            return ""
        if self.question.genre == "case":
            return "oui"
        if self.type == "date":
            return jour_en_lettres(lire_date(self.valeur))
        if self.type == "month":
            return mois_en_lettres(lire_mois(self.valeur)[0])
        return dict(self.question.choix).get(self.valeur, self.valeur)

    @property
    def choix_inconnu(self) -> bool:
        return bool(self.valeur) and self.valeur not in dict(self.question.choix)

    @property
    def compte(self) -> bool:
        """Une réponse, autre qu'un choix laissé sur son premier, ou ce qui est à y revoir."""
        return bool(self.errors) or self.valeur not in {"", *(valeur for valeur, _ in self.question.choix[:1])}


@dataclass(frozen=True, slots=True)
class GroupeAffiche:
    prefixe: str  # « a-1 »
    rang: int
    lettre: str
    nom: str
    champs: list[Champ]
    des_periodes: Champ  # ce qui est à revoir dans leur ensemble
    periodes: list[list[Champ]]
    precisions: list[tuple[str, list[Champ]]]

    @property
    def precise(self) -> bool:
        """Des précisions sont données ou à revoir : elles se montrent."""
        return any(champ.compte for _, siens in self.precisions for champ in siens)

    @property
    def fautifs(self) -> Iterator[Champ]:
        """Les champs à revoir, dans l'ordre de la page."""
        precisions = [champ for _, siens in self.precisions for champ in siens]
        tous = chain(self.champs, [self.des_periodes], *self.periodes, precisions)
        return (champ for champ in tous if champ.errors)


@dataclass(slots=True)
class Formulaire:
    """Les scénarios à l'écran, et le résumé de ce qui est à revoir."""

    profil: Profil
    brouillon: Brouillon
    scenarios: list[tuple[str, list[GroupeAffiche]]]
    non_field_errors: list[str]
    visible_fields: list[Champ] = field(default_factory=list)  # les seuls champs à revoir
    hidden_fields: tuple[Champ, ...] = ()

    @property
    def errors(self) -> bool:
        return bool(self.visible_fields or self.non_field_errors)

    @property
    def titre_resume(self) -> str:
        nombre = len(self.visible_fields)
        if not nombre:
            return "Cette simulation ne se calcule pas telle quelle"
        return "Une réponse est à revoir" if nombre == 1 else f"{nombre} réponses sont à revoir"


def presenter(profil: Profil, brouillon: Brouillon, calcul: Calcul | None = None) -> Formulaire:
    """Le formulaire rempli ; avec un calcul, ce qui est à revoir se dit."""
    fautes = calcul.fautes if calcul else {}
    compose = _Composeur(profil, brouillon, fautes)
    scenarios = [
        (lettre, [compose.groupe(tape, lettre, rang) for rang, tape in enumerate(tapes, 1)])
        for lettre, tapes in zip(LETTRES, brouillon.scenarios, strict=False)
    ]
    fautifs = [champ for _, groupes in scenarios for groupe in groupes for champ in groupe.fautifs]
    montrees = {champ.nom for champ in fautifs}
    ailleurs = [phrase for nom, phrases in fautes.items() if nom not in montrees for phrase in phrases]
    return Formulaire(profil, brouillon, scenarios, [*(calcul.generales if calcul else []), *ailleurs], fautifs)


@dataclass(frozen=True)
class _Composeur:
    profil: Profil
    brouillon: Brouillon
    fautes: Mapping[str, list[str]]

    def groupe(self, tape: Tape, lettre: str, rang: int) -> GroupeAffiche:
        prefixe, nom = f"{lettre}-{rang}", ligne(tape.champs.get("nom", ""))
        # Où se trouve une réponse à revoir, quand plusieurs groupes se ressemblent.
        scenario = f"scénario {lettre.upper()}" if self.brouillon.compare else ""
        lieu = (scenario, f"groupe {rang}", nom[:40]) if self.brouillon.plusieurs else ()
        du_groupe = (prefixe, tape.champs, *lieu)
        plusieurs = len(tape.periodes) > 1
        return GroupeAffiche(
            prefixe=prefixe,
            rang=rang,
            lettre=lettre,
            nom=nom,
            champs=self._champs(self.profil.questions, *du_groupe),
            des_periodes=self._champ(DES_PERIODES, *du_groupe),
            periodes=[
                self._champs(
                    self.profil.periode, f"{prefixe}-periodes-{n}", tapes, *lieu, f"période {n}" if plusieurs else ""
                )
                for n, tapes in enumerate(tape.periodes, 1)
            ],
            precisions=[(titre, self._champs(posees, *du_groupe)) for titre, posees in self.profil.precisions],
        )

    def _champs(
        self, questions: Iterable[Question], prefixe: str, tapes: Mapping[str, str], *lieu: str
    ) -> list[Champ]:
        return [self._champ(question, prefixe, tapes, *lieu) for question in questions]

    def _champ(self, question: Question, prefixe: str, tapes: Mapping[str, str], *lieu: str) -> Champ:
        nom, ou = f"{prefixe}-{question.nom}", ", ".join(mot for mot in lieu if mot)
        errors = self.fautes.get(nom, [])
        return Champ(
            nom=nom,
            question=question,
            valeur=_au_navigateur(question, tapes.get(question.nom, "")),
            errors=errors,
            label=f"{question.libelle} ({ou})" if ou else question.libelle,
            cachee=question.genre == "radio" and not (errors or _depasse(tapes)),
        )


def _au_navigateur(question: Question, valeur: str) -> str:
    """Une date ou un mois écrits à la française, comme le champ du navigateur les attend ; le reste tel quel."""
    try:
        if question.genre == "date":
            return lire_date(valeur).isoformat()
        return f"{lire_mois(valeur)[0]:%Y-%m}" if question.genre == "mois" else valeur
    except ValueError:
        return valeur


def _depasse(tapes: Mapping[str, str]) -> bool:
    """Vrai si la durée tapée dépasse 35 h : ce que sont les heures au-delà se demande."""
    try:
        return lire_heures(tapes.get("duree_hebdomadaire", "")) > DUREE_PAR_DEFAUT
    except ValueError:
        return False

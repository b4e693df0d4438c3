"""Ce qui a été tapé, tel quel : des groupes et leurs périodes, en un ou deux scénarios. Rien n'y est jugé.

Dans un formulaire, un champ s'appelle « a-1-remuneration », « a-1-periodes-2-heures » : scénario, rang, champ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from apart.simulateur.saisie import CHAMPS, CHAMPS_PERIODE, PERIODES_PERMISES

LETTRES = ("a", "b")
GROUPES_PERMIS = 50
HABITUELS = {"effectif": "1", "duree_hebdomadaire": "35", "regime": "droit_commun"}
# Ce qu'un groupe ajouté reprend du précédent : ce que les salariés d'un établissement ont d'ordinaire en commun.
COMMUNS = (
    *("duree_hebdomadaire", "structurelles", "accord_du", "regime", "secteur", "mayotte", "effectif_entreprise"),
    "cotisations_patronales",
)
REPONDRE = "structurelles"  # « structurelles a 1 oui » : la réponse prise à côté du résultat
CHAMP_DE_GROUPE = re.compile(rf"([ab])-([0-9]{{1,4}})-({'|'.join(CHAMPS)})")
CHAMP_DE_PERIODE = re.compile(rf"([ab])-([0-9]{{1,4}})-periodes-([0-9]{{1,4}})-({'|'.join(CHAMPS_PERIODE)})")


@dataclass(slots=True)
class Tape:
    """Un groupe tel qu'il a été tapé."""

    champs: dict[str, str] = field(default_factory=dict)
    periodes: list[dict[str, str]] = field(default_factory=lambda: [{}])

    def a_lire(self) -> dict[str, object]:
        """Ce que saisie.lire_groupe lit."""
        return {**self.champs, "periodes": self.periodes}

    def en_json(self) -> dict[str, object]:
        return {**_remplis(self.champs), "periodes": [_remplis(periode) for periode in self.periodes]}

    @classmethod
    def de_json(cls, donnees: object) -> Tape:
        """Lève ValueError si ce n'est pas un groupe."""
        if not isinstance(donnees, dict):
            raise ValueError("Un groupe est un objet.")
        periodes = donnees.get("periodes") or [{}]
        if not isinstance(periodes, list) or not all(isinstance(periode, dict) for periode in periodes):
            raise ValueError("Des périodes sont une liste d'objets.")
        return cls(_textes(donnees, CHAMPS), [_textes(periode, CHAMPS_PERIODE) for periode in periodes])

    def semblable(self) -> Tape:
        """Un autre groupe à remplir, aux mêmes périodes."""
        communs = {nom: self.champs[nom] for nom in COMMUNS if nom in self.champs}
        return Tape({**HABITUELS, **communs}, deepcopy(self.periodes))


@dataclass(slots=True)
class Brouillon:
    """Un scénario, ou deux à comparer ; chacun a un groupe au moins."""

    scenarios: list[list[Tape]]
    en_trop: int = 0  # groupes reçus au-delà de GROUPES_PERMIS, et non repris

    @classmethod
    def vierge(cls) -> Brouillon:
        return cls([[Tape(dict(HABITUELS))]])

    @classmethod
    def du_formulaire(cls, envoi: Mapping[str, str]) -> Brouillon:
        champs: dict[tuple[str, int], dict[str, str]] = {}
        periodes: dict[tuple[str, int], dict[int, dict[str, str]]] = {}
        for nom, valeur in envoi.items():
            if trouve := CHAMP_DE_GROUPE.fullmatch(nom):
                champs.setdefault((trouve[1], int(trouve[2])), {})[trouve[3]] = valeur
            elif trouve := CHAMP_DE_PERIODE.fullmatch(nom):
                rangs = periodes.setdefault((trouve[1], int(trouve[2])), {})
                rangs.setdefault(int(trouve[3]), {})[trouve[4]] = valeur
        scenarios = []
        for lettre in LETTRES:
            cles = sorted(cle for cle in champs.keys() | periodes.keys() if cle[0] == lettre)
            groupes = [Tape(champs.get(c, {}), [p for _, p in sorted(periodes.get(c, {0: {}}).items())]) for c in cles]
            scenarios.append(groupes)
        return cls._borner([groupes for groupes in scenarios if groupes])

    @classmethod
    def de_json(cls, donnees: object) -> Brouillon:
        """Lève ValueError si la forme n'est pas celle d'un brouillon."""
        if not isinstance(donnees, list) or not 1 <= len(donnees) <= len(LETTRES):
            raise ValueError("Un brouillon est une liste d'un ou deux scénarios.")
        if not all(isinstance(groupes, list) and groupes for groupes in donnees):
            raise ValueError("Un scénario est une liste de groupes.")
        return cls._borner([[Tape.de_json(groupe) for groupe in groupes] for groupes in donnees])

    @classmethod
    def _borner(cls, scenarios: list[list[Tape]]) -> Brouillon:
        if not scenarios:
            return cls.vierge()
        en_trop = max(0, max(map(len, scenarios)) - GROUPES_PERMIS)
        for groupes in scenarios:
            for groupe in groupes:
                groupe.periodes = groupe.periodes[: PERIODES_PERMISES + 1]  # un de trop : la lecture le dit
        return cls([groupes[:GROUPES_PERMIS] for groupes in scenarios], en_trop)

    def en_json(self) -> list[list[dict[str, object]]]:
        return [[groupe.en_json() for groupe in groupes] for groupes in self.scenarios]

    def d_un_salarie(self) -> Brouillon:
        """Le premier groupe et sa première période : tout ce qu'un salarié simule pour lui-même."""
        premier = self.scenarios[0][0]
        return Brouillon([[Tape({**premier.champs, "effectif": "1"}, premier.periodes[:1])]])

    # --- Les gestes : chacun rend l'ancre où la page doit s'ouvrir ---

    def appliquer(self, geste: str) -> str:
        """« ajouter-groupe a », « retirer-periode a 1 2 », « comparer »… Un geste impossible ne change rien."""
        nom, *ou = geste.split() or [""]
        if nom not in GESTES:
            return ""
        try:
            return GESTES[nom](self, *(int(mot) if mot.isdecimal() else mot for mot in ou))
        except (IndexError, TypeError, ValueError):
            return ""

    def _groupes(self, lettre: str) -> list[Tape]:
        return self.scenarios[LETTRES.index(lettre)]

    def _ajouter_groupe(self, lettre: str) -> str:
        groupes = self._groupes(lettre)
        if len(groupes) >= GROUPES_PERMIS:
            self.en_trop = 1
            return f"{lettre}-{len(groupes)}"
        groupes.append(groupes[-1].semblable())
        return f"{lettre}-{len(groupes)}"

    def _retirer_groupe(self, lettre: str, rang: int) -> str:
        groupes = self._groupes(lettre)
        if len(groupes) > 1 and rang >= 1:
            groupes.pop(rang - 1)
        return f"{lettre}-{min(rang, len(groupes))}"

    def _ajouter_periode(self, lettre: str, rang: int) -> str:
        periodes = self._groupes(lettre)[rang - 1].periodes
        if len(periodes) <= PERIODES_PERMISES:
            periodes.append({})
        return f"{lettre}-{rang}-periodes"

    def _retirer_periode(self, lettre: str, rang: int, periode: int) -> str:
        periodes = self._groupes(lettre)[rang - 1].periodes
        if len(periodes) > 1 and periode >= 1:
            periodes.pop(periode - 1)
        return f"{lettre}-{rang}-periodes"

    def _structurelles(self, lettre: str, rang: int, reponse: str) -> str:
        self._groupes(lettre)[rang - 1].champs["structurelles"] = reponse
        return "resume"

    def _comparer(self) -> str:
        if len(self.scenarios) == 1:
            self.scenarios.append(deepcopy(self.scenarios[0]))
        return "scenario-b"

    def _retirer_scenario(self) -> str:
        self.scenarios = self.scenarios[:1]
        return "scenario-a"


GESTES: dict[str, Callable[..., str]] = {
    "ajouter-groupe": Brouillon._ajouter_groupe,
    "retirer-groupe": Brouillon._retirer_groupe,
    "ajouter-periode": Brouillon._ajouter_periode,
    "retirer-periode": Brouillon._retirer_periode,
    REPONDRE: Brouillon._structurelles,
    "comparer": Brouillon._comparer,
    "retirer-scenario": Brouillon._retirer_scenario,
}


def _remplis(champs: Mapping[str, str]) -> dict[str, str]:
    return {nom: valeur for nom, valeur in champs.items() if valeur.strip()}


def _textes(donnees: Mapping[str, object], noms: tuple[str, ...]) -> dict[str, str]:
    return {nom: texte for nom in noms if isinstance(texte := donnees.get(nom), str)}

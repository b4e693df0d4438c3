"""Ce qui a été tapé, tel quel : des groupes et leurs périodes, en un ou deux scénarios. Rien n'y est jugé.

Dans un formulaire, un champ s'appelle « a-1-remuneration », « a-1-periodes-2-heures » : scénario, rang, champ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from apart.simulateur.saisie import CHAMPS, CHAMPS_PERIODE, PERIODES_PERMISES
from apart.socle.saisies import entier, ligne

LETTRES = ("a", "b")
GROUPES_PERMIS = 50
HABITUELS = {"effectif": "1", "duree_hebdomadaire": "35", "regime": "droit_commun"}
# Ce qu'un groupe ajouté reprend du précédent : ce que les salariés d'un établissement ont d'ordinaire en commun.
COMMUNS = (
    *("duree_hebdomadaire", "structurelles", "accord_du", "regime", "secteur", "mayotte", "effectif_entreprise"),
    "cotisations_patronales",
)
REPONDRE = "structurelles"  # « structurelles a 1 oui » : la réponse prise à côté du résultat
CHAMP = re.compile(r"([ab])-([0-9]{1,4})-(?:periodes-([0-9]{1,4})-)?(\w+)")


@dataclass(slots=True)
class Tape:
    """Un groupe tel qu'il a été tapé."""

    champs: dict[str, str] = field(default_factory=dict)
    periodes: list[dict[str, str]] = field(default_factory=lambda: [{}])

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
        recus: dict[tuple[str, int], dict[int, dict[str, str]]] = {}
        for nom, valeur in envoi.items():
            trouve = CHAMP.fullmatch(nom)
            if trouve and trouve[4] in (CHAMPS_PERIODE if trouve[3] else CHAMPS):
                siens = recus.setdefault((trouve[1], int(trouve[2])), {-1: {}})  # -1 : hors de toute période
                siens.setdefault(int(trouve[3] or -1), {})[trouve[4]] = valeur
        scenarios: dict[str, list[Tape]] = {}
        for (lettre, _), siens in sorted(recus.items()):
            champs, *periodes = (siens[rang] for rang in sorted(siens))
            scenarios.setdefault(lettre, []).append(Tape(champs, periodes or [{}]))
        return cls._borner(list(scenarios.values()))

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

    @property
    def compare(self) -> bool:
        return len(self.scenarios) > 1

    @property
    def plusieurs(self) -> bool:
        """Plusieurs groupes : chacun se nomme."""
        return sum(map(len, self.scenarios)) > 1

    def en_json(self) -> list[list[dict[str, object]]]:
        return [[groupe.en_json() for groupe in groupes] for groupes in self.scenarios]

    def d_un_salarie(self) -> Brouillon:
        """Le premier groupe et sa première période : tout ce qu'un salarié simule pour lui-même."""
        premier = self.scenarios[0][0]
        return Brouillon([[Tape({**premier.champs, "effectif": "1"}, premier.periodes[:1])]])

    def appliquer(self, geste: str) -> str:
        """« ajouter-groupe a », « retirer-periode a 1 2 », « comparer »… Rend l'ancre où la page doit s'ouvrir.

        Un geste impossible ne change rien, et rend un texte vide.
        """
        match geste.split():
            case ["comparer"]:
                self.scenarios = [*self.scenarios, *deepcopy(self.scenarios)][:2]
                return "scenario-b"
            case ["retirer-scenario"]:
                self.scenarios = self.scenarios[:1]
                return "scenario-a"
            case ["ajouter-groupe", lettre] if groupes := self._groupes(lettre):
                if len(groupes) < GROUPES_PERMIS:
                    groupes.append(groupes[-1].semblable())
                else:
                    self.en_trop = 1
                return f"{lettre}-{len(groupes)}"
            case [nom, lettre, rang, *suite] if _designe(rang, self._groupes(lettre)):
                return self._dans_un_groupe(lettre, int(rang), [nom, *suite])
        return ""

    def _groupes(self, lettre: str) -> list[Tape]:
        return dict(zip(LETTRES, self.scenarios, strict=False)).get(lettre, [])

    def _dans_un_groupe(self, lettre: str, rang: int, geste: list[str]) -> str:
        groupes = self._groupes(lettre)
        tape = groupes[rang - 1]
        match geste:
            case ["retirer-groupe"]:
                groupes[:] = [autre for autre in groupes if autre is not tape] or groupes
                return f"{lettre}-{min(rang, len(groupes))}"
            case ["ajouter-periode"]:
                tape.periodes = [*tape.periodes, {}][: PERIODES_PERMISES + 1]
                return f"{lettre}-{rang}-periodes"
            case ["retirer-periode", periode] if _designe(periode, tape.periodes):
                n = int(periode)
                tape.periodes = [*tape.periodes[: n - 1], *tape.periodes[n:]] or tape.periodes
                return f"{lettre}-{rang}-periodes"
            case [nom, reponse] if nom == REPONDRE:
                tape.champs["structurelles"] = reponse
                return "resume"
        return ""


def _designe(rang: str, liste: Sequence[object]) -> bool:
    return bool(entier(rang, len(liste)))


def _remplis(champs: Mapping[str, str]) -> dict[str, str]:
    return {nom: valeur for nom, valeur in champs.items() if ligne(valeur)}


def _textes(donnees: Mapping[str, object], noms: tuple[str, ...]) -> dict[str, str]:
    return {nom: texte for nom in noms if isinstance(texte := donnees.get(nom), str)}

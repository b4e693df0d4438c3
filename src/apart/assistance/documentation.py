"""La base documentaire : des fiches en Markdown, avec un en-tête TOML, dans le dossier « fiches » du paquet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

from apart.socle.typographie import insecable

DOSSIER = Path(__file__).parent / "fiches"
PROFILS = {
    "etablissement": "Employeur",
    "expert-comptable": "Expert-comptable",
    "agent": "Agent",
}
# Dans l'ordre où la page les montre : ce qui bloque d'abord.
THEMES = {
    "connexion": "Se connecter, retrouver son accès",
    "espace": "Ouvrir un espace, y entrer",
    "etablissement": "L'établissement et ceux qui le représentent",
    "calculs": "Simulation et barème",
    "securite": "Se protéger",
    "assistance": "Demandes d'assistance",
    "agents": "Pour les agents",
}
SEPARATEUR = "+++\n"


@dataclass(frozen=True)
class FicheAide:
    """Une fiche : ce qu'elle règle, pour qui, à quels motifs elle répond, et quand elle a été relue."""

    nom: str
    titre: str
    resume: str
    theme: str
    profils: tuple[str, ...]
    motifs: tuple[str, ...]
    mots: str
    revue_le: date
    rang: int
    corps: str

    @property
    def html(self) -> SafeString:
        # La bibliothèque écarte le HTML du texte et les adresses « javascript: » ; seul le paquet écrit ces fiches.
        rendu: str = MarkdownIt("commonmark", {"html": False}).render(insecable(self.corps))
        return SafeString(rendu.replace("<h2>", '<h2 class="fr-h4 fr-mt-4w">'))

    @property
    def est_interne(self) -> bool:
        """Écrite pour les seuls agents : nul autre ne la trouve."""
        return self.profils == ("agent",)

    @property
    def libelles_profils(self) -> list[str]:
        return [PROFILS[profil] for profil in self.profils]


def lire(chemin: Path) -> FicheAide:
    """Lit un fichier de fiche ; lève ValueError ou KeyError si son en-tête est incomplet."""
    _, entete, corps = chemin.read_text(encoding="utf-8").split(SEPARATEUR, 2)
    champs = tomllib.loads(entete)
    if inconnus := set(champs["profils"]) - set(PROFILS):
        raise ValueError(f"{chemin.name} : profil inconnu {inconnus}")
    if champs["theme"] not in THEMES:
        raise ValueError(f"{chemin.name} : thème inconnu {champs['theme']}")
    return FicheAide(
        nom=chemin.stem,
        titre=champs["titre"],
        resume=champs["resume"],
        theme=champs["theme"],
        profils=tuple(champs["profils"]),
        motifs=tuple(champs["motifs"]),
        mots=" ".join(champs["mots"]),
        revue_le=champs["revue_le"],
        rang=champs["rang"],
        corps=corps.strip(),
    )


@cache
def fiches() -> dict[str, FicheAide]:
    """Toutes les fiches par nom, dans l'ordre où les présenter."""
    lues = sorted((lire(chemin) for chemin in DOSSIER.glob("*.md")), key=lambda fiche: fiche.rang)
    return {fiche.nom: fiche for fiche in lues}


def lisibles(*, par_un_agent: bool) -> dict[str, FicheAide]:
    """Celles que cette personne peut lire."""
    return {nom: fiche for nom, fiche in fiches().items() if par_un_agent or not fiche.est_interne}


def par_theme(lues: Iterable[FicheAide]) -> list[tuple[str, list[FicheAide]]]:
    """Chaque thème qui a une fiche, avec les siennes."""
    rangees: dict[str, list[FicheAide]] = {theme: [] for theme in THEMES}
    for fiche in lues:
        rangees[fiche.theme].append(fiche)
    return [(THEMES[theme], siennes) for theme, siennes in rangees.items() if siennes]


def du_motif(motif: str, nombre: int = 3) -> list[FicheAide]:
    """Les fiches qui répondent à ce motif, les plus utiles d'abord."""
    return [fiche for fiche in lisibles(par_un_agent=False).values() if motif in fiche.motifs][:nombre]

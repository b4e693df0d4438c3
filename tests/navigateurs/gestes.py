"""Ce qu'une personne fait devant l'écran, par les mots qu'elle y lit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
from playwright.sync_api import Locator, Page
from playwright.sync_api import expect as expect_de_playwright

from apart.socle.anti_robot import TEMPS_HUMAIN
from tests.boite import Boite, Lettre
from tests.navigateurs import arbre, pilote
from tests.navigateurs.axe import violations
from tests.navigateurs.webkit import Attente, Repere
from tests.travail import travailler

# Les cas de la note se jouent dans les deux navigateurs, avec et sans JavaScript ; ce qui les prolonge, dans chaque
# navigateur et dans chaque mode, une fois : la même page, servie par les mêmes gabarits, y est déjà passée.
CHACUN_SON_MODE = pytest.mark.parametrize(
    ("nom_navigateur", "parcours"),
    [("chromium", True), ("firefox", False)],
    indirect=True,
    ids=["avec-js-chromium", "sans-js-firefox"],
)


class Ouvrir(Protocol):
    def __call__(
        self,
        nom: pilote.Nom | None = None,
        *,
        largeur: int = 1280,
        hauteur: int = 800,
        javascript: bool = True,
        surveiller: bool = True,
    ) -> Page: ...


@dataclass
class Parcours:
    """Une histoire : le navigateur où elle commence, l'autre où le courriel s'ouvre, et la boîte aux lettres."""

    ouvrir: Ouvrir
    boite: Boite
    nom: pilote.Nom
    javascript: bool
    visiteur: Page = field(init=False)

    def __post_init__(self) -> None:
        self.visiteur = self.ouvrir(javascript=self.javascript)

    def ailleurs(self) -> Page:
        """Un autre navigateur, où personne n'a encore rien ouvert."""
        autre: pilote.Nom = "firefox" if self.nom == "chromium" else "chromium"
        return self.ouvrir(autre, javascript=self.javascript)

    def envoyer(self, page: Page, bouton: str) -> None:
        """Clique comme une personne : sans JavaScript, rien ne retient un envoi trop rapide pour elle."""
        if not self.javascript:
            page.wait_for_timeout(TEMPS_HUMAIN.total_seconds() * 1000)
        page.get_by_role("button", name=re.compile(rf"^{bouton}$", re.IGNORECASE)).click()

    def courrier(self) -> list[Lettre]:
        """Ce qui arrive une fois que le travailleur est passé."""
        travailler()
        return self.boite.recevoir()

    def lettre(self) -> Lettre:
        lettres = self.courrier()
        assert len(lettres) == 1, [(lettre.a, lettre.objet) for lettre in lettres]
        return lettres[0]


def expect(quoi: Any) -> Any:
    """Celui de Playwright, ou le nôtre quand c'est WebKit qui montre la page."""
    return Attente(quoi) if isinstance(quoi, Repere) else expect_de_playwright(quoi)


def titre(page: Page, texte: str) -> None:
    """La page est bien celle-là ; dans Chromium, axe n'y trouve rien (il veut JavaScript), chaque commande se nomme.

    Dans Firefox, axe regarde chaque page une fois (test_accessibilite.py) : à chaque étape, il en doublait la durée.
    """
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^\s*{texte}"))
    if arbre.est_lisible(page) and page.evaluate("matchMedia('(scripting: enabled)').matches"):
        fautes = [*violations(page), *arbre.fautes(page)]
        assert not fautes, fautes


def poster(page: Page, bouton: Locator) -> None:
    """Clique, et attend la page que rend l'envoi : ouvrir une adresse trop tôt interromprait ce qui part encore."""
    with page.expect_navigation():
        bouton.click()


def remplir(page: Page, champs: dict[str, str]) -> None:
    """Remplit les champs par leur libellé, suivi d'une étoile quand ils sont à remplir, puis d'une aide parfois."""
    page.wait_for_load_state()
    for libelle, valeur in champs.items():
        requis = page.get_by_role("textbox", name=re.compile(rf"^{re.escape(libelle)}\s*\*"))
        libre = page.get_by_role("textbox", name=re.compile(rf"^{re.escape(libelle)}(\s|$)"))
        champ = requis if requis.count() else libre
        # Dans Firefox, fill() ajoute au bout d'un champ de type email au lieu de le remplacer.
        champ.evaluate("(champ) => { champ.value = ''; }")
        champ.fill(valeur)


def choisir_mot_de_passe(page: Page, mot_de_passe: str) -> None:
    page.get_by_label("Nouveau mot de passe", exact=True).fill(mot_de_passe)


def se_connecter(page: Page, identifiant: str, mot_de_passe: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant").fill(identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(mot_de_passe)
    page.get_by_role("button", name="Connexion", exact=True).click()


def analyser_lien(page: Page, lettre: Lettre) -> None:
    """L'analyseur de la messagerie visite le lien avant la personne : HEAD et GET, cinq fois (T10)."""
    for _ in range(5):
        assert page.request.head(lettre.lien).ok
        assert page.request.get(lettre.lien).ok


def lire_signes(page: Page, apres: str) -> str:
    """L'identifiant ou le code écrit en grand sous ce titre."""
    bloc = page.locator(".fr-callout, .apart-cadre").filter(has=page.get_by_role("heading", name=apres))
    trouve = re.search(r"(?:[0-9A-Z]{4}-)+[0-9A-Z]{4}", bloc.first.inner_text())
    assert trouve, bloc.first.inner_text()
    return trouve.group()

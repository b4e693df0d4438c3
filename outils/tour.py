"""« make tour » : photographie chaque page du site sous chaque réglage, en fait des planches, et liste les fautes.

PAGES (un motif sur leur nom), NAVIGATEUR, LARGEUR et THEME n'en gardent qu'une part.
"""

from __future__ import annotations

import html
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.navigateurs import pilote

RACINE = Path(__file__).resolve().parents[1]
VAR = RACINE / "var"
TOUR = VAR / "tour"
ADMIS = {"NAVIGATEUR": ("chromium", "firefox"), "LARGEUR": ("320", "768", "1280"), "THEME": ("clair", "sombre")}
# D'une installation voisine : le tour n'en dépend pas.
ETRANGERS = ("DATABASE_URL", "EMAIL_URL", "URL_PUBLIQUE", "ALLOWED_HOSTS", "SECRET_KEY", "APART_DEMO", "TESTS_LE")
MARGE, NOM = 12, 22  # autour d'une photo, et son nom au-dessus, en pixels
HAUTEUR = 1500  # d'une colonne : une planche tient sur un écran sans perdre ses mots
ASPECT = f"""body {{ margin: 0; padding: {MARGE}px; display: flex; gap: {MARGE}px; background: #777; }}
figure {{ margin: 0 0 {MARGE}px; }} figcaption {{ height: {NOM}px; font: bold 14px sans-serif; white-space: nowrap; }}
div {{ overflow: hidden; }} img {{ display: block; }}"""


@dataclass(frozen=True)
class Planche:
    """Tant de colonnes de photos, réduites à cette échelle."""

    colonnes: int
    echelle: float


PLANCHES = {320: Planche(6, 1), 768: Planche(4, 0.6), 1280: Planche(3, 0.48)}


@dataclass(frozen=True)
class Morceau:
    """Une page, ou ce qui en tient dans une colonne : photo, début, hauteur, largeur, en pixels de la planche."""

    photo: Path
    debut: int
    hauteur: int
    largeur: int

    def en_html(self) -> str:
        suite = " (suite)" if self.debut else ""
        return (
            f"<figure><figcaption>{html.escape(self.photo.stem)}{suite}</figcaption>"
            f'<div style="width:{self.largeur}px;height:{self.hauteur}px">'
            f'<img src="{self.photo.name}" width="{self.largeur}" style="margin-top:-{self.debut}px"></div></figure>'
        )


def main() -> int:
    for reglage, admis in ADMIS.items():
        if os.environ.get(reglage, "") not in ("", *admis):
            print(f"{reglage} vaut l'un de : {', '.join(admis)}.")
            return 2
    if absents := [nom for nom in pilote.NOMS if not pilote.programme(nom)]:
        print(f"Navigateur absent : {', '.join(absents)}. « make test » sous root l'installe.")
        return 2
    shutil.rmtree(TOUR, ignore_errors=True)
    issue = visiter()
    if not TOUR.is_dir():
        return issue
    with sync_playwright() as playwright:
        navigateur = pilote.lancer(playwright, "chromium")
        for dossier in sorted(un for un in TOUR.iterdir() if un.is_dir()):
            dessiner(dossier, navigateur.new_page())
        navigateur.close()
    fautes = [ligne for liste in sorted(TOUR.glob("fautes-*.txt")) for ligne in liste.read_text().splitlines()]
    print("\n".join(fautes))
    photos = sum(1 for photo in TOUR.glob("*-*-*/*.png") if photo.parent.name != "planches")
    print(
        f"{photos} photos et leurs planches sont dans {TOUR.relative_to(RACINE)} ; {len(fautes)} faute(s) mesurée(s)."
    )
    return issue


def visiter() -> int:
    """Les photos et les mesures, par les mêmes serveur et monde que les essais."""
    environnement = {nom: valeur for nom, valeur in os.environ.items() if nom not in ETRANGERS}
    environnement.setdefault("APART_VAR", str(VAR / "essais"))
    commande = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--tb=short", "tests/navigateurs/tour.py"]
    return subprocess.run(commande, cwd=RACINE, env=environnement, check=False).returncode


def dessiner(dossier: Path, page: Page) -> None:
    """chromium-320-clair/*.png → planches/chromium-320-clair-01.png, et ses suivantes."""
    forme = PLANCHES[int(dossier.name.split("-")[1])]
    (TOUR / "planches").mkdir(exist_ok=True)
    colonnes = list(ranger(m for photo in sorted(dossier.glob("*.png")) for m in morceaux(photo, forme.echelle)))
    for rang, debut in enumerate(range(0, len(colonnes), forme.colonnes), 1):
        source = dossier / "planche.html"
        siennes = ("".join(m.en_html() for m in colonne) for colonne in colonnes[debut : debut + forme.colonnes])
        corps = "".join(f"<section>{colonne}</section>" for colonne in siennes)
        source.write_text(f"<!doctype html><meta charset=utf-8><style>{ASPECT}</style><body>{corps}", encoding="utf-8")
        page.set_viewport_size({"width": 200, "height": 200})
        page.goto(source.as_uri())
        largeur = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": largeur, "height": 200})
        page.screenshot(path=TOUR / "planches" / f"{dossier.name}-{rang:02}.png", full_page=True)
        source.unlink()


def ranger(morceaux: Iterator[Morceau]) -> Iterator[list[Morceau]]:
    """Les colonnes, remplies dans l'ordre."""
    colonne: list[Morceau] = []
    for morceau in morceaux:
        if sum(m.hauteur + NOM + MARGE for m in [*colonne, morceau]) > HAUTEUR + NOM + MARGE:
            yield colonne
            colonne = []
        colonne.append(morceau)
    if colonne:
        yield colonne


def morceaux(photo: Path, echelle: float) -> Iterator[Morceau]:
    """La photo, coupée à la hauteur d'une colonne."""
    largeur, hauteur = (round(echelle * cote) for cote in struct.unpack(">II", photo.read_bytes()[16:24]))
    for debut in range(0, hauteur, HAUTEUR):
        yield Morceau(photo, debut, min(HAUTEUR, hauteur - debut), largeur)


if __name__ == "__main__":
    sys.exit(main())

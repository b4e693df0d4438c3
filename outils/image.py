"""« make image » : photographie l'accueil de la démonstration, telle qu'un visiteur l'ouvre, pour le README."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.installation.lanceur import Demo, port_libre
from tests.navigateurs import pilote

RACINE = Path(__file__).resolve().parents[1]
IMAGE = RACINE / "docs" / "images" / "accueil.png"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="apart-image-") as dossier, sync_playwright() as playwright:
        Path(dossier).chmod(0o755)  # PostgreSQL n'y tourne pas sous root
        with Demo(Path(dossier) / "var", port_libre()).attendre_prete() as demo:
            navigateur = pilote.lancer(playwright, "chromium")
            url = f"http://127.0.0.1:{demo.port}"
            page = pilote.contexte(navigateur, url=url, largeur=1280, hauteur=800, javascript=True).new_page()
            page.goto("/")
            page.screenshot(path=IMAGE, full_page=True)
            navigateur.close()
    print(f"L'accueil est dans {IMAGE.relative_to(RACINE)}.")


if __name__ == "__main__":
    main()

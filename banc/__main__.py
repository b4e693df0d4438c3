"""« make banc » : chaque vitesse à côté de sa limite, mesurées dans la même exécution. Plus haut est mieux."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django

from banc.ligne import Ligne

RESULTATS = Path(__file__).resolve().parent / "resultats.md"
NOTES = Path(__file__).resolve().parent / "notes.md"
BANCS = [
    "pages",
    "connexion",
    "recherche",
    "courriels",
    "rebonds",
    "repertoire",
    "regles",
    "fichiers",
    "lettres",
    "demo",
]
ENTETE = ("chemin", "nous", "limite", "rapport", "visé")


def main() -> None:
    """Mesure tout, ou les seuls noms donnés (BANCS)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
    os.environ.setdefault("NIVEAU_JOURNAL", "ERROR")
    from apart.config.commande import base_disponible

    with base_disponible(["banc", "banc"]):
        django.setup()
        choisis = sys.argv[1:] or BANCS
        lignes: list[Ligne] = []
        for nom in choisis:
            print(f"Mesure : {nom}…", file=sys.stderr, flush=True)
            lignes += import_module(f"banc.{nom}").mesurer()
    tableau = dresser(lignes)
    print(tableau)
    if not sys.argv[1:]:
        RESULTATS.write_text(f"{preambule()}\n{tableau}\n\n{NOTES.read_text() if NOTES.exists() else ''}")


def dresser(lignes: list[Ligne]) -> str:
    """Le tableau en Markdown. Une ligne sous son but est marquée : la note en dit la raison."""
    rangs = [ENTETE, ("---", "--:", "--:", "--:", "--:")]
    for ligne in lignes:
        marque = "" if ligne.rapport >= ligne.vise else " (manqué)"
        rangs.append(
            (
                ligne.chemin,
                f"{nombre(ligne.nous)} {ligne.unite}",
                f"{nombre(ligne.limite)} {ligne.unite}",
                f"{ligne.rapport:.2f}".replace(".", ","),
                f"≥ {ligne.vise:g}".replace(".", ",") + marque,
            )
        )
    return "\n".join(f"| {' | '.join(rang)} |" for rang in rangs)


def nombre(valeur: float) -> str:
    return f"{valeur:,.0f}".replace(",", " ") if valeur >= 100 else f"{valeur:.1f}".replace(".", ",")


def preambule() -> str:
    jour = datetime.now(tz=UTC).strftime("%d/%m/%Y")
    return (
        f"# Résultats de `make banc`, {jour}\n\n"
        f"Médianes de plusieurs passes en alternance, sur {os.cpu_count()} cœurs ({platform.machine()}, "
        f"Python {platform.python_version()}). Seuls les rapports se comparent d'une machine à l'autre.\n"
    )


if __name__ == "__main__":
    main()

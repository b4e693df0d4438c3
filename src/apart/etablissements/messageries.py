"""Les messageries grand public : un domaine où n'importe qui prend une adresse ne prouve aucune entreprise."""

from __future__ import annotations

from functools import cache
from pathlib import Path


def domaine(courriel: str) -> str:
    return courriel.rpartition("@")[2].lower()


# Sous eux, chacun enregistre le sien : deux noms n'y ont pas le même maître.
SUFFIXES_PARTAGES = frozenset({
    "asso.fr", "com.fr", "gouv.fr", "nom.fr", "prd.fr", "tm.fr", "avocat.fr", "notaires.fr", "medecin.fr",
    "pharmacien.fr", "veterinaire.fr", "geometre-expert.fr", "experts-comptables.fr", "huissier-justice.fr", "cci.fr",
    "aeroport.fr", "chambagri.fr", "asso.re", "com.re", "asso.nc", "eu.com", "eu.org", "fr.eu.org", "co.uk", "org.uk",
    "ac.uk", "com.de", "com.be", "com.es", "com.pl", "com.br", "com.au", "co.nz", "co.jp",
})  # fmt: skip


def famille(nom: str) -> str:
    """Le domaine que quelqu'un a enregistré : il en tire autant de sous-domaines qu'il veut."""
    morceaux = nom.split(".")
    partage = next((n for n in (3, 2) if ".".join(morceaux[-n:]) in SUFFIXES_PARTAGES), 1)
    return ".".join(morceaux[-partage - 1 :])


def est_grand_public(nom: str) -> bool:
    """Vrai si ce domaine, ou un domaine au-dessus de lui, est d'une messagerie grand public ou jetable."""
    morceaux = nom.split(".")
    return any(".".join(morceaux[rang:]) in connues() for rang in range(len(morceaux) - 1))


@cache
def connues() -> frozenset[str]:
    """Les domaines de messageries.txt, qui dit sa source."""
    texte = (Path(__file__).parent / "messageries.txt").read_text(encoding="utf-8")
    return frozenset(mot for ligne in texte.splitlines() if not ligne.startswith("#") for mot in ligne.split())

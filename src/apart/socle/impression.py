"""Un document à imprimer, composé par typst : les valeurs y entrent comme données, jamais comme source.

Un signe que les polices de typst n'ont pas l'arrête (PDF/UA), et certaines suites le font tomber : ne lui parviennent
que les signes essayés. Les polices de la machine ne servent jamais : le même document partout.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import typst

from apart.socle.accents import normale

# Latin, phonétique, grec, cyrillique ; ponctuation, monnaies, indices, fractions, flèches, mathématiques, tracés.
ABSENTS = re.compile(
    "[^\n\t -~\u00a0-\u04ff\u1e00-\u1fff\u2000-\u200a\u2010-\u2027\u202f-\u2040\u2070\u2071\u2074-\u208e\u20a0-\u20c0"
    "\u2100-\u211e\u2122\u2126\u2153-\u2184\u2190-\u22ff\u2500-\u25ff\ufb00-\ufb06]"
)
# Ce qu'un traitement de texte ajoute sans qu'on le voie : largeur nulle, sens d'écriture, variantes de dessin.
CACHES = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
SEULS = {"Cn", "Mn", "Me"}  # inconnu d'Unicode ; accent resté sans lettre, que les polices ne posent pas sur toutes
A_LA_PLACE = "▯"
REMPLACES = (
    "Des signes tapés ne s'impriment pas ici (écritures autres que latine, grecque et cyrillique, images) : "
    f"« {A_LA_PLACE} » en tient la place."
)


def composer(gabarit: Path, donnees: dict[str, Any]) -> bytes:
    """Le PDF/UA de ce gabarit. « remplaces » y est une phrase à montrer si un signe a été remplacé, sinon rien."""
    remplaces: set[str] = set()
    imprimables = _imprimer(donnees, remplaces)
    sys_inputs = {"donnees": json.dumps({**imprimables, "remplaces": REMPLACES if remplaces else ""})}
    rendu: bytes = typst.compile(
        gabarit, sys_inputs=sys_inputs, format="pdf", pdf_standards="ua-1", ignore_system_fonts=True
    )
    return rendu


def _imprimer(donnees: Any, remplaces: set[str]) -> Any:
    """Les mêmes données, imprimables : ce qui ne se voit pas s'ôte, le reste se remplace et se retient."""
    if isinstance(donnees, dict):
        return {nom: _imprimer(valeur, remplaces) for nom, valeur in donnees.items()}
    if isinstance(donnees, list | tuple):
        return [_imprimer(valeur, remplaces) for valeur in donnees]
    if not isinstance(donnees, str) or (donnees.isascii() and donnees.isprintable()):
        return donnees
    texte = CACHES.sub("", normale("NFC", donnees))
    absents = {signe for signe in set(texte) if ABSENTS.match(signe) or unicodedata.category(signe) in SEULS}
    remplaces |= absents
    return texte.translate(dict.fromkeys(map(ord, absents), A_LA_PLACE))

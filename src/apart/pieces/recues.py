"""Une pièce reçue et vérifiée, dont rien n'est encore gardé : son nom remis au propre, son contenu, son empreinte."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from apart.pieces import antivirus
from apart.pieces.formats import verifier
from apart.pieces.models import NOM_LE_PLUS_LONG, Sorte
from apart.socle import saisies

SUFFIXES = {Sorte.PDF: ("pdf",), Sorte.PNG: ("png",), Sorte.JPEG: ("jpg", "jpeg")}
SUFFIXE = re.compile(r"\.[a-z][a-z0-9]{0,4}", re.IGNORECASE)
INTERDITS = re.compile(r'[<>:"|?*]')  # Windows n'en veut pas dans un nom
SANS_NOM = "piece"


@dataclass(frozen=True, slots=True)
class Recue:
    """Ne se fait que par examiner : la tenir, c'est savoir son contenu vérifié."""

    nom: str
    sorte: Sorte
    contenu: bytes = field(repr=False)
    empreinte: str  # SHA-256
    est_analysee: bool


def examiner(nom: str, contenu: bytes, *, echeance: float | None = None) -> Recue:
    """La pièce, son contenu vérifié, puis analysé si un antivirus est réglé (CLAMD_URL).

    nom : tel que le navigateur l'annonce. echeance : quand l'analyse doit avoir fini (antivirus.echeance).
    Lève formats.PieceRefusee, dont le texte dit quoi faire.
    """
    sorte, garde = verifier(contenu)
    # Tout ce qui est reçu, même ce qui ne se garde pas : un envoi piégé ne passe pas parce qu'on en coupe la fin.
    est_analysee = antivirus.analyser(contenu, echeance=echeance)
    return Recue(nommer(nom, sorte), sorte, garde, hashlib.sha256(garde).hexdigest(), est_analysee)


def nommer(annonce: str, sorte: Sorte) -> str:
    """« C:\\scans\\facture.pdf.exe », un PDF → « facture.pdf » : un nom sans chemin, qui dit ce que c'est."""
    lisible = saisies.ligne(annonce.replace("\\", "/").rpartition("/")[2][: 2 * NOM_LE_PLUS_LONG])
    lisible = INTERDITS.sub("-", lisible).strip(". ")
    racine, point, fin = lisible.rpartition(".")
    if point and fin.lower() not in SUFFIXES[sorte] and SUFFIXE.fullmatch(f".{fin}"):
        lisible = racine.strip(". ")
    racine, point, fin = lisible.rpartition(".")
    a_le_sien = bool(racine) and fin.lower() in SUFFIXES[sorte]
    racine, fin = (racine, fin.lower()) if a_le_sien else (lisible, SUFFIXES[sorte][0])
    return f"{racine[: NOM_LE_PLUS_LONG - len(fin) - 1].rstrip('. ') or SANS_NOM}.{fin}"

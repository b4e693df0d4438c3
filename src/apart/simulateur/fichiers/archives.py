"""Ouvrir un classeur .xlsx sans lui faire confiance : ce qu'il pèse vraiment, ce qu'il contient, avant de l'analyser.

Un .xlsx est un zip de XML. Le lecteur de classeurs croit les tailles annoncées et réserve la grille entière, de la
première à la dernière case : tout est donc mesuré ici d'abord, par morceaux, en décompressant pour de bon.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from apart.simulateur.fichiers.tableaux import (
    COLONNES_PERMISES,
    TROP_DE_COLONNES,
    TROP_DE_LIGNES,
    FichierRefuse,
)

OCTETS_DECOMPRESSES = 200 << 20
MEMBRES_PERMIS = 500
MORCEAU = 4 << 20
CHEVAUCHEMENT = 512  # un motif à cheval sur deux morceaux
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FEUILLE = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Une place de case ou de ligne qui sort du permis : au-delà de « BH » (60 colonnes), ou de la ligne 100 001.
_LOIN = (
    rb"(?:(?P<colonne>(?:[A-Za-z]{3,}|[C-Zc-z][A-Za-z]|[Bb][I-Zi-z])[0-9])|"
    rb"[A-Za-z]{0,2}(?:[0-9]{7}|[2-9][0-9]{5}|1(?!0000[01]\b)[0-9]{5}))"
)
LOIN = re.compile(rb' r="' + _LOIN)  # comme l'écrivent les tableurs : le littéral en tête rend la recherche rapide
LOIN_AUTREMENT = re.compile(rb"""\sr\s*=\s*["']\s*""" + _LOIN)
AUTREMENT = (b"='", b"\t", b"\r", b" =", b"= ", b"\n=", b"=\n", b"\nr=")
# Une case dont la formule n'a pas de valeur (jamais calculée), ou une valeur fautive (#REF!).
SANS_VALEUR = re.compile(
    rb"""<c\s[^>]*?r="(?P<place>[A-Z]{1,2}[0-9]{1,7})"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
    rb"""|<c\s(?=[^>]*\bt="e")[^>]*?r="(?P<fautive>[A-Z]{1,2}[0-9]{1,7})\""""
)


@dataclass
class Constat:
    """Ce que les feuilles montrent avant d'être lues."""

    formules: dict[str, list[str]] = field(default_factory=dict)  # fichier de la feuille → cases sans valeur


def examiner(contenu: bytes) -> Constat:
    """Refuse ce qui n'est pas un classeur sain. Lève FichierRefuse avec une phrase."""
    if contenu.startswith(OLE):
        raise FichierRefuse(_phrase_ole(contenu))
    try:
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            return _examiner(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as refus:
        if isinstance(refus, FichierRefuse):
            raise
        raise FichierRefuse(
            "Ce classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le de nouveau en .xlsx, "
            "puis renvoyez-le."
        ) from refus


def _phrase_ole(contenu: bytes) -> str:
    """L'ancien .xls et le .xlsx protégé par un mot de passe ont la même enveloppe."""
    if "EncryptedPackage".encode("utf-16-le") in contenu:
        return "Ce classeur est protégé par un mot de passe. Ôtez la protection dans votre tableur, puis renvoyez-le."
    return (
        "Ce fichier est à l'ancien format .xls. Dans votre tableur, choisissez « Enregistrer sous », puis « Classeur "
        "Excel (.xlsx) » ou « CSV UTF-8 »."
    )


def _examiner(archive: zipfile.ZipFile) -> Constat:
    membres = archive.infolist()
    _refuser_les_autres_formats(archive, {m.filename.lower() for m in membres})
    if len(membres) > MEMBRES_PERMIS:
        raise FichierRefuse(_trop_gros(f"il contient {len(membres)} parties"))
    if any(m.flag_bits & 1 for m in membres):
        raise FichierRefuse(
            "Ce classeur est protégé par un mot de passe. Ôtez la protection dans votre tableur, puis renvoyez-le."
        )
    constat, reste = Constat(), OCTETS_DECOMPRESSES
    for membre in membres:
        for morceau in _morceaux(archive, membre):
            reste -= len(morceau)
            if reste < 0:
                raise FichierRefuse(_trop_gros("une fois décompressé, il dépasse 200 Mio"))
            _examiner_un_morceau(membre.filename, morceau, constat)
    return constat


def _refuser_les_autres_formats(archive: zipfile.ZipFile, noms: set[str]) -> None:
    if "xl/workbook.xml" in noms:
        return
    if "xl/workbook.bin" in noms:
        raise FichierRefuse("Ce classeur est au format .xlsb. Enregistrez-le en « Classeur Excel (.xlsx) ».")
    if "content.xml" in noms:
        raise FichierRefuse(
            "Ce fichier est au format OpenDocument (.ods). Dans votre tableur, enregistrez-le en .xlsx ou en « CSV »."
        )
    raise FichierRefuse(
        "Ce fichier est une archive, pas un classeur. Envoyez un fichier .csv ou .xlsx, sans le mettre dans un zip."
    )


def _trop_gros(pourquoi: str) -> str:
    return (
        f"Ce classeur est trop gros : {pourquoi}. Copiez les seules lignes utiles dans le modèle, ou enregistrez la "
        "feuille en « CSV UTF-8 »."
    )


def _morceaux(archive: zipfile.ZipFile, membre: zipfile.ZipInfo) -> Iterator[bytes]:
    """Ce que le membre contient vraiment, quelle que soit la taille qu'il annonce."""
    membre.file_size = OCTETS_DECOMPRESSES + MORCEAU
    fin = b""
    with archive.open(membre) as flux:
        while morceau := flux.read(MORCEAU):
            yield morceau if not fin else fin + morceau
            fin = morceau[-CHEVAUCHEMENT:]


def _examiner_un_morceau(nom: str, morceau: bytes, constat: Constat) -> None:
    if not nom.lower().endswith((".xml", ".rels")):
        return
    if b"\0" in morceau or (b"<!" in morceau and DOCTYPE.search(morceau)):
        raise FichierRefuse(
            "Ce classeur contient une déclaration (DOCTYPE) ou un encodage qu'aucun tableur n'écrit : il est refusé "
            "par prudence. Copiez vos lignes dans le modèle."
        )
    if not FEUILLE.fullmatch(nom):
        return
    motif = LOIN_AUTREMENT if any(signe in morceau for signe in AUTREMENT) else LOIN
    if loin := motif.search(morceau):
        raise FichierRefuse(TROP_DE_COLONNES if loin["colonne"] else TROP_DE_LIGNES)
    if b"<f" in morceau or b't="e"' in morceau:
        trouvees = (t["place"] or t["fautive"] for t in SANS_VALEUR.finditer(morceau))
        constat.formules.setdefault(nom.lower(), []).extend(place.decode() for place in trouvees)


assert COLONNES_PERMISES == 60  # noqa: S101  # « BH », écrit dans LOIN

"""Ouvrir un classeur .xlsx sans lui faire confiance : ce qu'il pèse vraiment, ce qu'il contient, avant de l'analyser.

Un .xlsx est un zip de XML. Le lecteur de classeurs croit les tailles annoncées et réserve la grille entière, de la
première à la dernière case : tout est donc mesuré ici d'abord, par morceaux, en décompressant pour de bon.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from apart.simulateur.fichiers.tableaux import (
    COLONNES_PERMISES,
    TROP_DE_COLONNES,
    TROP_DE_LIGNES,
    FichierRefuse,
)

OCTETS_DECOMPRESSES = 200 << 20
MEMBRES_PERMIS = 500
MORCEAU = 4 << 20
RESTE_PERMIS = 1 << 16  # le bout d'une balise ou d'un texte, à cheval sur deux morceaux
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# La place d'une case, jusqu'à « BH100001 » : 60 colonnes, 100 000 lignes et l'en-tête.
_PLACE = rb"(?:[A-Z]|A[A-Z]|B[A-H])(?:[0-9]{1,5}|10000[01])"
# Une balise de case qui n'est pas comme tout tableur l'écrit. Le littéral en tête rend la recherche rapide.
INHABITUELLE = re.compile(rb'<c(?=[\s/>])(?! r="' + _PLACE + rb'")')
# La même, préfixe, ordre des attributs, espaces et apostrophes permis : sans cela, elle n'a pas de place admise.
MAL_PLACEE = re.compile(
    rb"""<(?:[\w.\-]+:)?c(?=[\s/>])(?!(?:\s+[\w:.\-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*?\s+r\s*=\s*["']"""
    + _PLACE
    + rb"""["'])[^>]*"""
)
COLONNE_LOIN = re.compile(rb"""\sr\s*=\s*["'](?:[A-Z]{3,}|[C-Z][A-Z]|B[I-Z])[0-9]""")
LIGNE_LOIN = re.compile(rb"""\sr\s*=\s*["'][A-Z]{1,2}[0-9]{6,}""")
SANS_PLACE = (
    "Ce classeur ne dit pas où sont ses cases, ou l'écrit autrement que les tableurs. Ouvrez-le dans le vôtre, "
    "enregistrez-le de nouveau en .xlsx, puis renvoyez-le."
)
# Une case dont la formule n'a pas de valeur (jamais calculée), ou une valeur fautive (#REF!).
SANS_VALEUR = re.compile(
    rb"""<c\s[^>]*?r="(?P<place>[A-Z]{1,2}[0-9]{1,7})"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
    rb"""|<c\s(?=[^>]*\bt="e")[^>]*?r="(?P<fautive>[A-Z]{1,2}[0-9]{1,7})\""""
)


@dataclass
class Constat:
    """Ce que les feuilles montrent avant d'être lues."""

    formules: dict[str, list[str]] = field(default_factory=dict)  # partie de l'archive → cases sans valeur
    feuilles: dict[str, str] = field(default_factory=dict)  # nom de la feuille → partie de l'archive

    def sans_valeur(self, feuille: str) -> list[str]:
        """Les places des cases sans valeur de cette feuille."""
        return list(dict.fromkeys(self.formules.get(self.feuilles.get(feuille, ""), [])))


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
    constat.feuilles = _feuilles(archive)
    return constat


def _feuilles(archive: zipfile.ZipFile) -> dict[str, str]:
    """Quelle partie de l'archive est chaque feuille. Les parties ont été pesées : elles se lisent d'un trait."""
    liens = {
        _attribut(balise, "Id"): _attribut(balise, "Target")
        for balise in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", _texte(archive, "xl/_rels/workbook.xml.rels"))
    }
    return {
        unescape(_attribut(balise, "name")): posixpath.normpath(posixpath.join("/xl", liens.get(lien, "")))[1:]
        for balise in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", _texte(archive, "xl/workbook.xml"))
        if (lien := _attribut(balise, r"\w+:id"))
    }


def _texte(archive: zipfile.ZipFile, nom: str) -> str:
    return archive.read(nom).decode(errors="replace") if nom in archive.namelist() else ""


def _attribut(balise: str, nom: str) -> str:
    trouve = re.search(rf"""\s{nom}=["']([^"']*)["']""", balise)
    return trouve[1] if trouve else ""


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
    """Ce que le membre contient vraiment, quelle que soit la taille qu'il annonce ; coupé entre deux balises."""
    membre.file_size = OCTETS_DECOMPRESSES + 4 * MORCEAU
    reste = b""
    with archive.open(membre) as flux:
        while lu := flux.read(MORCEAU):
            morceau = reste + lu
            coupe = max(morceau.rfind(b">") + 1, len(morceau) - RESTE_PERMIS)
            yield morceau[:coupe]
            reste = morceau[coupe:]
    if reste:
        yield reste


def _examiner_un_morceau(nom: str, morceau: bytes, constat: Constat) -> None:
    """Toutes les parties sont regardées : c'est le classeur qui dit laquelle est une feuille."""
    if nom.lower().endswith((".xml", ".rels")) and (
        b"\0" in morceau or (b"<!" in morceau and DOCTYPE.search(morceau))
    ):
        raise FichierRefuse(
            "Ce classeur contient une déclaration (DOCTYPE) ou un encodage qu'aucun tableur n'écrit : il est refusé "
            "par prudence. Copiez vos lignes dans le modèle."
        )
    if (b":c" in morceau or INHABITUELLE.search(morceau)) and (case := MAL_PLACEE.search(morceau)):
        raise FichierRefuse(_phrase_de_la_case(case[0]))
    if b"<f" in morceau or b't="e"' in morceau:
        trouvees = (t["place"] or t["fautive"] for t in SANS_VALEUR.finditer(morceau))
        constat.formules.setdefault(nom, []).extend(place.decode() for place in trouvees)


def _phrase_de_la_case(case: bytes) -> str:
    if COLONNE_LOIN.search(case):
        return TROP_DE_COLONNES
    return TROP_DE_LIGNES if LIGNE_LOIN.search(case) else SANS_PLACE


assert COLONNES_PERMISES == 60  # noqa: S101  # « BH », écrit dans LOIN

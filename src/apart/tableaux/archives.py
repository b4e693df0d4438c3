"""Lire les parties d'un classeur, un zip de XML, sans lui faire confiance.

Rien n'est cru de ce qu'il annonce : octets, balises, noms et profondeur sont comptés pendant la lecture, qui s'arrête
à la première borne passée. Ce qui n'est pas lu n'est pas décompressé.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from xml.parsers import expat

from apart.tableaux.tableau import FichierRefuse

OCTETS_DECOMPRESSES = 200 << 20
BALISES_PERMISES = 40_000_000  # ouvrantes et fermantes ; la plus grande grille en demande 36 millions
NOMS_PERMIS = 5_000  # de balises et d'attributs ; l'analyseur les garde tous
PROFONDEUR_PERMISE = 100
BALISE_LA_PLUS_LONGUE = 1 << 18  # incomplète, elle est relue depuis son début à chaque morceau
MORCEAU = 1 << 16
LONGUE = 4 << 20  # une partie d'une seconde de lecture : ce que coûte une copie du processus ne s'y voit plus
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ABIME = (
    "Ce classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le de nouveau en .xlsx, puis "
    "renvoyez-le."
)
TROP_GROS = (
    "Ce classeur est trop gros une fois décompressé. Copiez les seules lignes utiles dans le modèle, ou enregistrez "
    "la feuille en « CSV UTF-8 »."
)
PIEGE = (
    "Ce classeur contient une déclaration (DOCTYPE) ou une écriture qu'aucun tableur ne fait : il est refusé par "
    "prudence. Copiez vos lignes dans le modèle."
)
PROTEGE = "Ce classeur est protégé par un mot de passe. Ôtez la protection dans votre tableur, puis renvoyez-le."
Attributs = dict[str, str]
Action = Callable[..., object]
Actions = Mapping[str, Action]
Abreger = Callable[[Action, Action], tuple[Action, Action]]
DEFAUTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, LookupError,
    OverflowError, expat.ExpatError,
)  # fmt: skip


@contextmanager
def ou_abime() -> Iterator[None]:
    """Une valeur impossible, une partie illisible : le classeur est abîmé."""
    try:
        yield
    except FichierRefuse:
        raise
    except DEFAUTS as defaut:
        raise FichierRefuse(ABIME) from defaut


class Assez(Exception):
    """Levée par un lecteur qui a ce qu'il voulait d'une partie."""


class _Actions(dict[str, Action | None]):
    """Ce que chaque balise fait faire, par son nom sans préfixe : un tableur écrit « c », un autre « x:c »."""

    def __missing__(self, nom: str) -> Action | None:
        self[nom] = action = self.get(nom.rpartition(":")[2])
        return action


class Archive:
    """Un classeur ouvert. Lève FichierRefuse avec une phrase si ce n'en est pas un."""

    def __init__(self, contenu: bytes) -> None:
        if contenu.startswith(OLE):
            raise FichierRefuse(_phrase_ole(contenu))
        with ou_abime():
            self._zip = zipfile.ZipFile(io.BytesIO(contenu))
        self._parties = {m.filename.replace("\\", "/").lower(): m for m in self._zip.infolist()}
        if any(m.flag_bits & 1 for m in self._parties.values()):
            raise FichierRefuse(PROTEGE)
        self.octets = self.relus = self.chevrons = 0
        self._noms: dict[str, str] = {}
        if self.balises("META-INF/manifest.xml", "encryption-data"):
            raise FichierRefuse(PROTEGE)

    def __contains__(self, partie: str) -> bool:
        return partie.lower() in self._parties

    def balises(self, partie: str, *noms: str) -> list[tuple[str, Attributs]]:
        """Les balises de ces noms, dans l'ordre. Lève FichierRefuse comme `lire`."""
        lues: list[tuple[str, Attributs]] = []
        self.lire(partie, {nom: lambda attributs, nom=nom: lues.append((nom, attributs)) for nom in noms})
        return lues

    def lire(
        self, partie: str, debuts: Actions, fins: Actions | None = None, texte: Action | None = None,
        abreger: Abreger | None = None, moitie: Iterator[bytes] | None = None,
    ) -> None:  # fmt: skip
        """Parcourt une partie : appelle `debuts` et `fins` au nom de chaque balise, `texte` pour ce qui les sépare.

        abreger : remplace ce que l'analyseur appelle par plus court, qui le rappelle pour les autres balises.
        moitie : une des `moities`, à lire seule. Ne fait rien si la partie manque. Lève FichierRefuse si elle est
        abîmée ou passe une borne.
        """
        if partie not in self:
            return
        analyseur = self._analyseur(_Actions(debuts), _Actions(fins or {}), abreger)
        analyseur.CharacterDataHandler = texte
        with ou_abime(), suppress(Assez), self._zip.open(self._parties[partie.lower()]) as flux:
            self._parcourir(moitie or iter(lambda: flux.read(MORCEAU), b""), analyseur)

    def moities(self, partie: str, balise: bytes) -> tuple[Iterator[bytes], Iterator[bytes]] | None:
        """Une longue partie coupée devant cette balise, à lire chacune seule ; None si la coupe n'est pas sûre.

        La seconde reprend ce qui précède la première balise : si ce début n'ouvre pas ce qui est ouvert à la coupe,
        elle se ferme mal. Sans déclaration, commentaire, CDATA ni instruction, « < » commence toujours une balise.
        """
        membre = self._parties.get(partie.lower())
        if membre is None or not LONGUE <= membre.file_size <= OCTETS_DECOMPRESSES - self.octets:
            return None
        with ou_abime():
            octets = self._zip.read(membre)  # jamais plus que la taille annoncée
        debut, coupe = octets.find(balise), octets.find(balise, len(octets) // 2)
        est_en_utf_8 = b"encoding" not in octets[:100] or b"utf-8" in octets[:100].lower()
        if coupe == -1 or not est_en_utf_8 or b"<!" in octets or octets.find(b"<?", 2) != -1:
            return None
        return _morceaux(octets[:coupe], Assez), _morceaux(octets[:debut] + octets[coupe:])

    def _parcourir(self, morceaux: Iterator[bytes], analyseur: expat.XMLParserType) -> None:
        lus = 0
        for morceau in morceaux:
            lus += len(morceau)
            self.octets += len(morceau)
            self.chevrons += morceau.count(b"<")
            if self.octets + self.relus > OCTETS_DECOMPRESSES or self.chevrons > BALISES_PERMISES:
                raise FichierRefuse(TROP_GROS)
            analyseur.Parse(morceau, False)
            incomplete = lus - analyseur.CurrentByteIndex
            self.relus += incomplete
            if incomplete > BALISE_LA_PLUS_LONGUE or len(self._noms) > NOMS_PERMIS:
                raise FichierRefuse(PIEGE)
        analyseur.Parse(b"", True)

    def _analyseur(self, debuts: _Actions, fins: _Actions, abreger: Abreger | None) -> expat.XMLParserType:
        profondeur = 0

        def ouvrir(nom: str, attributs: Attributs) -> None:
            nonlocal profondeur
            profondeur += 1
            if profondeur > PROFONDEUR_PERMISE:
                raise FichierRefuse(PIEGE)
            if action := debuts[nom]:
                action(attributs)

        def fermer(nom: str) -> None:
            nonlocal profondeur
            profondeur -= 1
            if action := fins[nom]:
                action()

        analyseur = expat.ParserCreate(intern=self._noms)
        analyseur.buffer_text = True
        analyseur.ordered_attributes = abreger is not None  # en liste, plus courte à faire qu'un dictionnaire
        rappels = abreger(ouvrir, fermer) if abreger else (ouvrir, fermer)
        analyseur.StartElementHandler, analyseur.EndElementHandler = rappels
        analyseur.StartDoctypeDeclHandler = _refuser_le_doctype
        return analyseur


def _morceaux(octets: bytes, fin: type[Assez] | None = None) -> Iterator[bytes]:
    yield from (octets[debut : debut + MORCEAU] for debut in range(0, len(octets), MORCEAU))
    if fin:
        raise fin


def _refuser_le_doctype(*_declaration: object) -> None:
    raise FichierRefuse(PIEGE)


def _phrase_ole(contenu: bytes) -> str:
    """L'ancien .xls et le .xlsx protégé par un mot de passe ont la même enveloppe."""
    if "EncryptedPackage".encode("utf-16-le") in contenu:
        return PROTEGE
    return (
        "Ce fichier est à l'ancien format .xls. Dans votre tableur, choisissez « Enregistrer sous », puis « Classeur "
        "Excel (.xlsx) » ou « CSV UTF-8 »."
    )

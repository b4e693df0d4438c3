"""Lire un CSV ou des lignes collées, quel que soit l'encodage, le séparateur ou le tableur d'origine."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from itertools import chain

from apart.tableaux.tableau import COLONNES_PERMISES, LIGNES_DU_HAUT, TROP_DE_COLONNES, VIDE, FichierRefuse, Grille

SEPARATEURS = (";", "\t", "|", ",")
SEP = re.compile(r"sep=([;\t|,])[;,\t ]*\n", re.IGNORECASE)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# D'un octet par signe : Windows, l'ancien Mac, DOS. Le premier l'emporte s'ils se valent.
ENCODAGES = ("cp1252", "mac_roman", "cp850")
FRANCAIS = re.compile("[éèêëàâçôîïùûœÉÈÀÇ°€’«»]")
COMMANDE = re.compile("[\x00-\x08\x0e-\x1f]")
FIN = "\x00"  # ne peut pas être dans le texte
GUILLEMET_OUVERT = "À la ligne {}, un guillemet est resté ouvert : fermez-le ou ôtez-le, puis renvoyez le fichier."
PAS_DU_TEXTE = (
    "La ligne {} contient un signe qu'un tableur n'écrit pas : le texte de ce fichier ne se lit pas. Ouvrez-le dans "
    "votre tableur, puis enregistrez-le en « CSV UTF-8 » ou en .xlsx."
)


def lire_csv(contenu: bytes) -> tuple[Grille, str]:
    """Les lignes d'un CSV, et son séparateur. Lève FichierRefuse avec une phrase."""
    texte = _decoder(contenu).replace("\r\n", "\n").replace("\r", "\n")
    if not texte.strip("\n\t ;,|"):
        raise FichierRefuse(VIDE)
    if intrus := COMMANDE.search(texte):
        raise FichierRefuse(PAS_DU_TEXTE.format(texte.count("\n", 0, intrus.start()) + 1))
    if sep := SEP.match(texte):
        return _lignes(texte[sep.end() :], sep[1]), sep[1]
    separateur = _separateur(texte)
    return _lignes(texte, separateur), separateur


def _decoder(contenu: bytes) -> str:
    if encodage := _utf_16(contenu):
        return contenu.decode(encodage, "replace").removeprefix("\ufeff")
    try:
        return contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        essais = [contenu.decode(encodage, "replace") for encodage in ENCODAGES]
        return max(essais, key=lambda texte: len(FRANCAIS.findall(texte)) + 5 * texte.count("é"))


def _utf_16(contenu: bytes) -> str | None:
    """Un tableur écrit aussi en UTF-16 (« texte Unicode ») ; sans marque, les zéros d'un octet sur deux le disent."""
    if contenu.startswith(UTF_16):
        return "utf-16"
    pairs, impairs = (contenu[:2_000][rang::2].count(0) for rang in (0, 1))
    if pairs + impairs < min(len(contenu), 2_000) // 4:
        return None
    return "utf-16-le" if impairs > pairs else "utf-16-be"


def _separateur(texte: str) -> str:
    """Celui qui coupe le plus de lignes du haut de même façon ; la virgule, aussi décimale, à défaut des autres."""
    haut = [ligne for ligne in texte[:100_000].split("\n")[:LIGNES_DU_HAUT] if ligne.strip(" ;,|\t")]
    coupes = {separateur: _regularite(haut, separateur) for separateur in SEPARATEURS[:-1]}
    meilleur = max(coupes, key=lambda separateur: coupes[separateur])
    return meilleur if coupes[meilleur] or not _regularite(haut, ",") else ","


def _regularite(lignes: list[str], separateur: str) -> int:
    """Le nombre de séparateurs des lignes qui en ont le même nombre ; 0 s'ils n'en font pas le tiers."""
    nombres = Counter(ligne.count(separateur) for ligne in lignes)
    nombre, fois = max(nombres.items(), key=lambda paire: paire[0] * paire[1])
    return nombre * fois if fois * 3 >= len(lignes) else 0


def _lignes(texte: str, separateur: str) -> Grille:
    """Par le lecteur de Python. Une dernière ligne, la nôtre, dit si un guillemet a tout avalé jusqu'à la fin."""
    grille, numero = Grille(), 0
    lecteur = csv.reader(chain(io.StringIO(texte), [FIN]), delimiter=separateur)
    try:
        for numero, cases in enumerate(lecteur, 1):
            if cases and cases[-1].endswith(FIN):
                if cases != [FIN]:
                    raise FichierRefuse(GUILLEMET_OUVERT.format(numero))
                break
            if any(map(str.strip, cases)) and not grille.est_pleine:
                grille.lignes.append([case if case.strip() else None for case in cases])
                grille.numeros.append(numero)
    except csv.Error as refus:  # une case de plus de 131 072 signes
        raise FichierRefuse(GUILLEMET_OUVERT.format(numero + 1)) from refus
    # Avant toute recherche de l'en-tête, qui coûte à chaque colonne.
    if any(any(cases[COLONNES_PERMISES:]) for cases in grille.lignes[:LIGNES_DU_HAUT]):
        raise FichierRefuse(TROP_DE_COLONNES)
    return grille

"""D'un envoi à un tableau : CSV, classeur ou lignes collées, reconnus à leur contenu et non à leur nom."""

from __future__ import annotations

from apart.simulateur.fichiers.archives import OLE
from apart.simulateur.fichiers.classeurs import lire_classeur
from apart.simulateur.fichiers.tableaux import OCTETS_PERMIS, VIDE, FichierRefuse, Tableau
from apart.simulateur.fichiers.textes import lire_csv

ZIP = (b"PK\x03\x04", b"PK\x05\x06", OLE)
AUTRES = {
    b"%PDF": "Ce fichier est un PDF",
    b"\x89PNG": "Ce fichier est une image",
    b"\xff\xd8\xff": "Ce fichier est une image",
    b"GIF8": "Ce fichier est une image",
    b"{\\rtf": "Ce fichier est un texte mis en forme",
    b"<!DO": "Ce fichier est une page web",
    b"<htm": "Ce fichier est une page web",
    b"<?xm": "Ce fichier est du XML",
    b"\x7fELF": "Ce fichier est un programme",
    b"MZ": "Ce fichier est un programme",
}
TROP_LOURD = (
    f"Ce fichier dépasse {OCTETS_PERMIS >> 20} Mio. Coupez-le en plusieurs, ou ôtez les colonnes dont le calcul "
    "n'a pas besoin."
)


def lire(contenu: bytes) -> Tableau:
    """Le tableau d'un fichier. Lève FichierRefuse, avec une phrase, pour tout ce qui n'en est pas un."""
    if not contenu:
        raise FichierRefuse(VIDE)
    if len(contenu) > OCTETS_PERMIS:
        raise FichierRefuse(TROP_LOURD)
    if contenu.startswith(ZIP):
        return lire_classeur(contenu)
    debut = contenu[:64].lstrip(b"\xef\xbb\xbf \r\n").lower()
    for signature, constat in AUTRES.items():
        if debut.startswith(signature.lower()):
            raise FichierRefuse(f"{constat}, pas un tableau : envoyez un fichier .csv ou .xlsx.")
    return lire_csv(contenu)

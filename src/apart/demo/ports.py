"""Les ports de la démonstration, sur cette machine seulement."""

import errno
import socket
import time
from pathlib import Path

HOTE = "127.0.0.1"


def raison_de_refus(port: int) -> int:
    """0 si le port est libre, sinon le numéro d'erreur du système."""
    with socket.socket() as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind((HOTE, port))
        except OSError as erreur:
            return erreur.errno or errno.EADDRINUSE
    return 0


def attendre_libre(port: int, patience: float) -> int:
    """Attend qu'un port se libère (les restes d'un arrêt brutal finissent) ; rend 0 ou le numéro d'erreur."""
    limite = time.monotonic() + patience
    while (refus := raison_de_refus(port)) == errno.EADDRINUSE and time.monotonic() < limite:
        time.sleep(0.1)
    return refus


def port_garde(fichier: Path) -> int:
    """Le même port d'une fois sur l'autre, sinon un port libre, noté dans le fichier."""
    if fichier.exists():
        note = int(fichier.read_text())
        if attendre_libre(note, patience=3.0) == 0:
            return note
    with socket.socket() as prise:
        prise.bind((HOTE, 0))
        port = int(prise.getsockname()[1])
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.write_text(str(port))
    return port

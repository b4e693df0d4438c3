"""Les processus d'une installation : ne pas survivre à celui qui les a lancés."""

import ctypes
import os
import signal
import sys

PARENT = "APART_PARENT"  # numéro du processus qui surveille celui-ci
PR_SET_PDEATHSIG = 1


def lier_au_parent() -> None:
    """Demande au noyau de nous arrêter si le surveillant meurt, même d'un kill -9 ; sans effet s'il n'y en a pas."""
    attendu = os.environ.pop(PARENT, "")
    if not attendu:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(attendu):  # il est mort avant que nous ne demandions
        sys.exit(0)

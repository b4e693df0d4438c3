"""Arrêter le site sans couper personne : ne plus prendre de connexion, finir celles qui sont prises, puis partir.

gunicorn ferme la prise d'écoute pendant que le noyau y range encore des connexions : chacune reçoit alors un refus au
milieu de sa demande. Ici, l'arrêt fait d'abord taire la porte, et prend tout ce qui l'avait déjà franchie.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
import sys
import time

from gunicorn.arbiter import Arbiter

from apart.config.ecoute import Patient

DERNIERES = 0.5  # secondes laissées aux connexions déjà ouvertes pour dire leur demande
SO_ATTACH_FILTER = 26
# Un filtre du noyau (BPF classique) : jeter ce qui ouvre une connexion (drapeau SYN), laisser passer le reste.
SANS_NOUVELLE = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))

journal = logging.getLogger(__name__)


def faire_taire(ecoute: socket.socket) -> None:
    """Plus aucune connexion ne s'ouvre ici. Qui essaie recommence une seconde plus tard, et trouve porte close."""
    if sys.platform != "linux" or ecoute.family not in {socket.AF_INET, socket.AF_INET6}:
        return  # la porte se fermera sans ce soin
    programme = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *ordre) for ordre in SANS_NOUVELLE))
    try:
        ecoute.setsockopt(
            socket.SOL_SOCKET,
            SO_ATTACH_FILTER,
            struct.pack("HP", len(SANS_NOUVELLE), ctypes.addressof(programme)),
        )
    except OSError as refus:  # noyau sans filtres (certains bacs à sable)
        journal.info("arrêt sans filtre de connexions : %s", refus)


class Arbitre(Arbiter):
    """Le processus qui commande les autres."""

    def stop(self, graceful: bool = True) -> None:
        if graceful:
            for ecoute in self.LISTENERS:
                faire_taire(ecoute.sock)
        super().stop(graceful)


class Ouvrier(Patient):
    """Un processus web. À l'arrêt, il prend ce que le noyau a déjà accepté avant de lâcher la porte."""

    def set_accept_enabled(self, enabled: bool | None) -> None:
        s_arrete = not enabled and not self.alive
        fin = time.monotonic() + DERNIERES
        while s_arrete and time.monotonic() < fin:
            self.wait_for_and_dispatch_events(timeout=0.05)
        super().set_accept_enabled(enabled)
        if s_arrete:
            for ecoute in self.sockets:
                ecoute.close()

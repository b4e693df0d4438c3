"""La moitié d'un travail dans une copie du processus : elle rend, ou manque ; jamais elle ne reste."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from apart.socle import enfant
from apart.socle.copie import en_meme_temps


def mourir() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuser() -> int:
    raise ValueError("la ligne 3 ne va pas")


def rendre_ce_qui_ne_voyage_pas() -> Callable[[], int]:
    return lambda: 1


def test_les_deux_moities_se_font_chacune_dans_son_processus() -> None:
    ici, ailleurs = en_meme_temps(os.getpid, os.getpid)
    assert ici == os.getpid() != ailleurs


@pytest.mark.parametrize("travail", [mourir, refuser, rendre_ce_qui_ne_voyage_pas])
def test_une_copie_qui_echoue_ne_rend_rien(travail: Callable[[], object]) -> None:
    assert en_meme_temps(int, travail) == (0, None)


def test_ce_que_l_on_leve_ici_n_attend_pas_la_copie_et_n_en_laisse_aucune(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celle-ci ne finirait jamais d'elle-même."""
    nees: list[int] = []
    fork = os.fork

    def noter() -> int:
        nees.append(fork())
        return nees[-1]

    monkeypatch.setattr(os, "fork", noter)
    with pytest.raises(ValueError, match="la ligne 3"):
        en_meme_temps(refuser, signal.pause)
    assert nees[0] > 0
    with pytest.raises(ChildProcessError):
        os.waitpid(nees[0], os.WNOHANG)


def test_rien_de_ce_que_l_original_a_ouvert_ne_reste_ouvert_dans_la_copie() -> None:
    """Le site attend la fin de l'enfant sur un tuyau : une copie qui le tiendrait lui ferait attendre la sienne."""
    avant, apres = os.pipe()
    trou = [os.dup(avant), os.dup(avant)]  # la copie rendra par l'un d'eux
    plus_haut = os.dup(apres)
    for libre in trou:
        os.close(libre)
    tenus = (avant, apres, plus_haut)
    _, ouverts = en_meme_temps(int, lambda: [n for n in tenus if Path(f"/proc/self/fd/{n}").exists()])
    for tenu in tenus:
        os.close(tenu)
    assert ouverts == []


def calculer() -> int:
    return sum(range(20_000_000))


def a_deux() -> tuple[int, int | None]:
    return en_meme_temps(int, calculer)


def test_le_calcul_d_une_copie_est_compte_a_qui_l_a_demande() -> None:
    pris: list[float] = []
    for travail in (calculer, a_deux):
        enfant.obtenir(travail, reseau="192.0.2.1", depenser=pris.append)
    seul, ensemble = pris
    assert ensemble > seul / 2

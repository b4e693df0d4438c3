"""Rejouer ce qui s'est passé sans ce que l'on défait, sans base : des tables de pas (décision 0020)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apart.reprises.rejeu import ENTRE, MEMBRE, PRINCIPAL, ROLE, SORT, TIERS, Pas, Place, Usurpation, debut, rejouer

MARIE, ANNE, VICTOR, X, Y = 1, 2, 3, 4, 5
ZERO = datetime(2026, 11, 1, tzinfo=UTC)
MAINTENANT = ZERO + timedelta(hours=100)
DE_X = Usurpation(X, ZERO, MAINTENANT, "reprise:1")
AVANT = {MARIE: Place(10, PRINCIPAL), ANNE: Place(20, PRINCIPAL), VICTOR: Place(30, MEMBRE)}


def a(heures: float) -> datetime:
    return ZERO + timedelta(hours=heures)


def entre(qui: int, acces: int, h: float, par: int | None = None, role: str = MEMBRE, **autres: object) -> Pas:
    decide = autres.pop("decide", h)
    assert isinstance(decide, int | float)
    return Pas(qui, acces, ENTRE, a(h), a(decide), par, role_apres=role, cause=str(autres.pop("cause", "")))


def sort(qui: int, acces: int, h: float, par: int | None = None, role: str = MEMBRE, cause: str = "") -> Pas:
    return Pas(qui, acces, SORT, a(h), a(h), par, role_avant=role, cause=cause)


def change(qui: int, acces: int, h: float, de: str, vers: str, par: int | None = None, cause: str = "") -> Pas:
    return Pas(qui, acces, ROLE, a(h), a(h), par, role_avant=de, role_apres=vers, cause=cause)


def avancer(places: dict[int, Place], pas: list[Pas]) -> dict[int, Place]:
    """Ce qui est vraiment arrivé : les places d'aujourd'hui."""
    reelles = dict(places)
    for un in pas:
        if un.sorte == ENTRE:
            reelles[un.qui] = Place(un.acces, un.role_apres)
        elif un.sorte == SORT:
            reelles.pop(un.qui)
        else:
            reelles[un.qui] = Place(un.acces, un.role_apres)
    return reelles


REPREND = [entre(X, 40, 0, role=PRINCIPAL, cause="reprise:1"), sort(MARIE, 10, 0, role=PRINCIPAL, cause="reprise:1")]
HISTOIRES: dict[str, tuple[list[Pas], dict[int, Place]]] = {
    "rien d'autre": ([], AVANT),
    "il retire un membre": ([sort(VICTOR, 30, 1, X)], AVANT),
    "il admet un complice": ([entre(Y, 50, 1, X)], AVANT),
    "le complice qu'il promeut en retire un autre": (
        [entre(Y, 50, 1, X), change(Y, 50, 2, MEMBRE, PRINCIPAL, X), sort(VICTOR, 30, 3, Y)],
        AVANT,
    ),
    "il part, un membre prend le rôle sur sa propre preuve : il le garde": (
        [sort(X, 40, 1, X, PRINCIPAL), change(VICTOR, 30, 2, MEMBRE, PRINCIPAL)],
        AVANT | {VICTOR: Place(30, PRINCIPAL, a(2))},
    ),
    "une principale d'avant retire": ([sort(VICTOR, 30, 1, ANNE)], {q: p for q, p in AVANT.items() if q != VICTOR}),
    "il part de lui-même": ([sort(VICTOR, 30, 1, VICTOR)], {q: p for q, p in AVANT.items() if q != VICTOR}),
    "il l'ôte, elle le reprend, il repart": (
        [sort(VICTOR, 30, 1, X), entre(VICTOR, 31, 2, ANNE), sort(VICTOR, 31, 3, VICTOR)],
        {q: p for q, p in AVANT.items() if q != VICTOR},
    ),
    "il l'ôte, elle le reprend : son premier accès": ([sort(VICTOR, 30, 1, X), entre(VICTOR, 31, 2, ANNE)], AVANT),
    "elle l'a admis avant, il entre après": (
        [entre(Y, 50, 5, MARIE, decide=-1)],
        AVANT | {Y: Place(50, MEMBRE)},
    ),
    "elle passe la main, et part": (
        [change(VICTOR, 30, 1, MEMBRE, PRINCIPAL, ANNE), sort(ANNE, 20, 2, ANNE, PRINCIPAL)],
        {MARIE: AVANT[MARIE], VICTOR: Place(30, PRINCIPAL)},
    ),
    "elle est partie avant qu'il la dise décider": (
        [sort(ANNE, 20, 1, ANNE, PRINCIPAL), entre(Y, 50, 2, X)],
        {q: p for q, p in AVANT.items() if q != ANNE},
    ),
    "il le fait tiers": ([change(VICTOR, 30, 1, MEMBRE, TIERS, X)], AVANT),
    "promu par lui, il se rend membre": (
        [change(VICTOR, 30, 1, MEMBRE, PRINCIPAL, X), change(VICTOR, 30, 2, PRINCIPAL, MEMBRE, VICTOR)],
        AVANT,
    ),
    "fait tiers par elle, il se remonte sur un rôle qu'il reçut de lui": (
        [
            change(VICTOR, 30, 1, MEMBRE, TIERS, ANNE),
            change(VICTOR, 30, 2, TIERS, PRINCIPAL, X),
            change(VICTOR, 30, 3, PRINCIPAL, MEMBRE, VICTOR),
        ],
        AVANT | {VICTOR: Place(30, TIERS)},
    ),
    "elle l'admet, part, et il entre ensuite": (
        [sort(ANNE, 20, 2, ANNE, PRINCIPAL), entre(Y, 50, 3, ANNE, decide=1)],
        {q: p for q, p in AVANT.items() if q != ANNE} | {Y: Place(50, MEMBRE)},
    ),
    "promu par lui, il se fait tiers": (
        [change(VICTOR, 30, 1, MEMBRE, PRINCIPAL, X), change(VICTOR, 30, 2, PRINCIPAL, TIERS, VICTOR)],
        AVANT | {VICTOR: Place(30, TIERS)},
    ),
    "désigné par elle, il décide au même instant": (
        [change(VICTOR, 30, 1, MEMBRE, PRINCIPAL, ANNE), sort(ANNE, 20, 1, VICTOR, PRINCIPAL)],
        {MARIE: AVANT[MARIE], VICTOR: Place(30, PRINCIPAL)},
    ),
    "une seconde reprise compte": (
        [sort(X, 40, 1, cause="reprise:2", role=PRINCIPAL), entre(Y, 50, 1, role=PRINCIPAL, cause="reprise:2")],
        AVANT | {Y: Place(50, PRINCIPAL)},
    ),
}


@pytest.mark.parametrize("histoire", HISTOIRES)
def test_chacun_est_la_ou_il_serait_sans_elle(histoire: str) -> None:
    suite, attendues = HISTOIRES[histoire]
    pas = [*REPREND, *suite]

    assert rejouer(avancer(AVANT, pas), pas, [DE_X], depuis=ZERO).places == attendues


def test_une_seconde_deja_defaite_ne_compte_pas_ni_ce_que_sa_defaite_a_rouvert() -> None:
    seconde = Usurpation(Y, a(1), a(5), "reprise:2")
    pas = [
        *REPREND,
        sort(X, 40, 1, role=PRINCIPAL, cause="reprise:2"),
        entre(Y, 50, 1, role=PRINCIPAL, cause="reprise:2"),
        sort(VICTOR, 30, 2, Y),
        sort(Y, 50, 5, role=PRINCIPAL, cause="defaite:2"),
        entre(X, 40, 5, role=PRINCIPAL, cause="defaite:2"),
        entre(VICTOR, 30, 5, cause="defaite:2"),
    ]

    assert rejouer(avancer(AVANT, pas), pas, [DE_X, seconde], depuis=ZERO).places == AVANT


def test_un_role_pris_sur_une_preuve_defaite_n_a_jamais_ete_pris() -> None:
    pris = Usurpation(VICTOR, a(1), MAINTENANT)
    avant = {VICTOR: Place(30, MEMBRE), ANNE: Place(20, MEMBRE)}
    pas = [
        change(VICTOR, 30, 1, MEMBRE, PRINCIPAL),
        sort(ANNE, 20, 2, VICTOR),
        change(VICTOR, 30, 3, PRINCIPAL, MEMBRE, 9, cause="defaite:7"),
    ]

    rejeu = rejouer(avancer(avant, pas), pas, [pris], depuis=a(1))

    assert rejeu.places == avant
    assert not rejeu.decidait(VICTOR, a(2))
    assert rejeu.decidait(VICTOR, a(0.5))


def test_qui_decidait_se_lit_a_l_instant_de_la_decision() -> None:
    pas = [*REPREND, sort(ANNE, 20, 4, ANNE, PRINCIPAL)]
    rejeu = rejouer(avancer(AVANT, pas), pas, [DE_X], depuis=ZERO)

    assert rejeu.decidait(ANNE, a(3))
    assert not rejeu.decidait(ANNE, a(5))
    assert not rejeu.decidait(X, a(3))
    assert (rejeu.y_etait(VICTOR, a(3)), rejeu.y_etait(X, a(3))) == (True, False)


def test_on_rejoue_depuis_le_plus_ancien_de_ce_qui_fut_defait_depuis() -> None:
    ancienne, close_avant = Usurpation(X, a(1), a(10)), Usurpation(Y, ZERO, a(0.5))

    assert debut(a(5), [ancienne, close_avant]) == a(1)
    assert debut(a(11), [ancienne, close_avant]) == a(11)


def test_qui_tenait_deja_le_role_n_y_decide_plus_des_sa_reprise() -> None:
    avant = AVANT | {X: Place(40, PRINCIPAL)}
    pas = [sort(MARIE, 10, 0, role=PRINCIPAL, cause="reprise:1"), sort(VICTOR, 30, 1, X)]

    assert rejouer(avancer(avant, pas), pas, [DE_X], depuis=ZERO).places == avant

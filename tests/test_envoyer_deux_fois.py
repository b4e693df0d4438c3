"""Chaque envoi du site, fait deux fois, n'agit qu'une fois, et finit sur une page que l'on peut recharger.

Les envois sont dans tests/envois.py, un par adresse, leurs autres branches dans tests/branches.py ; ce qu'une personne
en voit, dans tests/socle/test_envois.py.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.branches import BRANCHES
from tests.envoi import ORIGINE, Clic
from tests.envois import ENVOIS
from tests.scene import Scene
from tests.test_acces import contenu
from tests.test_gestes_croises import lentement

pytestmark = pytest.mark.usefixtures("_hachage_rapide")
TOUS = ENVOIS | BRANCHES


@pytest.fixture(autouse=True)
def _adresse_publique(settings: Any) -> None:
    settings.URL_PUBLIQUE = ORIGINE  # une clé d'accès est liée au nom public du service


def reponse_de(client: Client) -> tuple[object, ...]:
    """Ce que le navigateur reçoit : où il va, et ses cookies."""
    recue = client.reponse  # type: ignore[attr-defined]  # posée par Clic.envoyer
    return recue.status_code, recue.headers.get("Location"), sorted(c.OutputString() for c in recue.cookies.values())


@pytest.mark.django_db
@pytest.mark.jour
@pytest.mark.parametrize("nom", TOUS)
def test_refait_un_envoi_ne_change_plus_rien_et_finit_sur_la_meme_page_qui_se_recharge(nom: str) -> None:
    clic = TOUS[nom].pret(Scene())
    avant = contenu(sauf=frozenset())

    premier = clic.envoyer()
    apres = contenu(sauf=frozenset())
    second = clic.envoyer()

    assert apres != avant, "rien n'est écrit : ce test ne verrait pas un second effet"
    assert contenu(sauf=frozenset()) == apres
    statut, vers, _ = reponse_de(second)
    assert reponse_de(second) == reponse_de(premier)
    assert statut in {302, 303}
    pages = [second.get(str(vers), follow=True) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].request["PATH_INFO"] == pages[1].request["PATH_INFO"]


def ensemble(clic: Clic) -> list[tuple[object, ...]]:
    """Deux fois au même instant, comme un double clic sur deux processus."""
    depart = Barrier(2)

    def cliquer(_: int) -> tuple[object, ...]:
        try:
            with connection.execute_wrapper(lentement):
                depart.wait()
                return reponse_de(clic.envoyer())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as fils:
        return list(fils.map(cliquer, range(2)))


def lignes() -> dict[str, int]:
    """Combien de lignes dans chaque table ; pour les compteurs de limites, ce qu'ils ont compté."""
    with connection.cursor() as curseur:
        tables = connection.introspection.table_names(curseur)
        # Noms de tables lus dans le catalogue de la base d'essai : rien de saisi n'entre dans cet ordre.
        combien = {t: "coalesce(sum(nombre), 0)" if t == "socle_compteur" else "count(*)" for t in tables}
        curseur.execute("SELECT " + ", ".join(f'(SELECT {c} FROM "{t}")' for t, c in combien.items()))  # noqa: S608
        return dict(zip(tables, map(int, curseur.fetchone()), strict=True))


def ajoutees(clic: Clic, faire: Any) -> tuple[Any, dict[str, int]]:
    avant = lignes()
    rendu = faire(clic)
    return rendu, {table: n - avant[table] for table, n in lignes().items() if n != avant[table]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("par", sorted({str(envoi.par) for envoi in TOUS.values()}))
def test_faits_ensemble_deux_envois_n_en_sont_qu_un(par: str) -> None:
    """Les mêmes lignes dans toutes les tables qu'un envoi seul, et la même réponse aux deux."""
    fautes = []
    for nom, envoi in TOUS.items():
        if str(envoi.par) != par:
            continue
        reponses, a_deux = ajoutees(envoi.pret(Scene()), ensemble)
        _, seul = ajoutees(envoi.pret(Scene()), Clic.envoyer)
        if reponses[0] != reponses[1] or a_deux != seul:
            fautes.append((nom, reponses, a_deux, seul))
    assert not fautes

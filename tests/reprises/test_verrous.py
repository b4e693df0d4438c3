"""Les verrous d'une exécution : les personnes d'abord, celle qui arrive à l'instant comprise (décision 0012)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import DatabaseError, connection, transaction

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.actions import demande, execution, verrous
from apart.reprises.models import Reprise
from apart.socle.automate import GesteImpossible
from apart.socle.models import verrouiller_noms
from tests.monde import personne
from tests.reprises.gens import agent, boulangerie, collegue, reprise, tenir

T = TypeVar("T")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.jour]


def ailleurs(faire: Callable[[], T]) -> T:
    """Sur une autre connexion, comme un autre processus."""

    def courir() -> T:
        try:
            return faire()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as fil:
        return fil.submit(courir).result()


def est_verrouillee(qui: Utilisateur) -> bool:
    def essayer() -> bool:
        try:
            with transaction.atomic():
                Utilisateur.objects.select_for_update(nowait=True).get(pk=qui.pk)
        except DatabaseError:
            return True
        return False

    return ailleurs(essayer)


def est_pris(nom: str) -> bool:
    def essayer() -> bool:
        try:
            with transaction.atomic(), connection.cursor() as curseur:
                curseur.execute("SET LOCAL lock_timeout = '100ms'")
                verrouiller_noms(nom)
        except DatabaseError:
            return True
        return False

    return ailleurs(essayer)


@pytest.fixture
def dossier() -> Reprise:
    ou = boulangerie()
    tenir(ou)
    return reprise(ou)


def arrivees(monkeypatch: pytest.MonkeyPatch, fois: int) -> list[Habilitation]:
    """Quelqu'un entre, sur une autre connexion, juste avant que l'établissement soit verrouillé ; autant de fois."""
    entrees: list[Habilitation] = []

    def verrouiller(lue: Reprise) -> Etablissement:
        if len(entrees) < fois:
            ou = Etablissement.objects.get(pk=lue.etablissement_id)
            entrees.append(ailleurs(lambda: habiliter(ou, len(entrees))))
        return demande.verrouiller_etablissement(lue)

    monkeypatch.setattr(verrous, "verrouiller_etablissement", verrouiller)
    return entrees


def habiliter(ou: Etablissement, rang: int) -> Habilitation:
    venue = personne("Petit", "Zoé", f"zoe{rang}@boulangerie.fr")
    return Habilitation.objects.create(utilisateur=venue, etablissement=ou, role="membre", preuve=1, valeur=1)


def test_qui_arrive_pendant_que_l_on_verrouille_est_verrouille_aussi(
    dossier: Reprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrees = arrivees(monkeypatch, 1)

    with transaction.atomic():
        verrous.verrouiller_parents(dossier)

        assert est_verrouillee(entrees[0].utilisateur)
    assert len(entrees) == 1


def test_une_porte_ou_l_on_entre_sans_cesse_fait_refuser_et_rien_ne_reste_verrouille(
    dossier: Reprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrees = arrivees(monkeypatch, 100)

    with transaction.atomic():
        with pytest.raises(GesteImpossible):
            verrous.verrouiller_parents(dossier)

        assert not est_verrouillee(entrees[0].utilisateur)


def test_qui_n_a_rien_a_y_voir_n_est_pas_verrouille(dossier: Reprise) -> None:
    """Un agent n'a d'accès nulle part : sans titulaire annoncé, il ne passe pas pour celui que l'on remplace."""
    passant, victor = agent("Paul"), collegue(dossier.etablissement)

    with transaction.atomic():
        verrous.verrouiller_parents(dossier)

        assert est_verrouillee(victor.utilisateur)
        assert not est_verrouillee(passant)


def test_qui_tient_un_lien_d_entree_que_ce_geste_peut_tuer_passe_avant_ou_apres(dossier: Reprise) -> None:
    """Son lien se verrouille par son adresse : sans elle, les deux gestes s'étreignaient."""
    execution.executer(dossier, Preuve.COURRIEL)
    autre = reprise(dossier.etablissement, courriel="z@groupe.fr")

    with transaction.atomic():
        verrous.verrouiller_parents(autre)

        assert est_pris(dossier.courriel)
        assert not est_pris("passant@exemple.fr")

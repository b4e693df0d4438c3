"""« Donner une preuve » : les façons qui conviennent à cette personne, ici, de la plus rapide à la plus lente."""

from __future__ import annotations

import re

import pytest

from apart.etablissements.models import Etablissement, Habilitation, Preuve
from tests.comptes.fabriques import lu
from tests.etablissements.equipe import SIRET, Equipe, connecte, part
from tests.reprises.fabriques import fiche

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PAGE = f"/etablissements/{SIRET}/preuve/"


@pytest.fixture
def equipe() -> Equipe:
    return Equipe()


def test_les_facons_vont_de_la_plus_rapide_a_la_plus_lente(equipe: Equipe) -> None:
    fiche()
    lea = equipe.entre("lea@boulangerie.fr")

    page = connecte(lea).get(PAGE)

    assert "5 façons vous conviennent" in lu(page)
    assert re.findall(r'id="facon-(\d)"', page.content.decode()) == ["3", "4", "2", "5", "6"]
    assert "La lettre part à : BOULANGERIE DU LAC, 12 RUE DU LAC, 74000 ANNECY." in lu(page)
    assert "Le code part vers contact@boulangerie.fr" in lu(page)
    assert "Marie Durand" in lu(page)


def test_celles_qui_ne_conviennent_pas_ne_sont_pas_montrees(equipe: Equipe) -> None:
    Etablissement.objects.update(courriel_prouve_le=None)

    page = connecte(equipe.entre("lea@gmail.com")).get(PAGE)

    assert re.findall(r'id="facon-(\d)"', page.content.decode()) == ["4", "6"]


def test_qui_est_seul_a_toujours_l_attestation(equipe: Equipe) -> None:
    Etablissement.objects.update(courriel_prouve_le=None)
    lea = equipe.entre("lea@gmail.com")
    part(equipe.marie)

    page = lu(connecte(lea).get(PAGE))

    assert "Une façon vous convient" in page
    assert "Envoyer une attestation" in page
    assert "deux agents peuvent la défaire pendant 30 jours" in page


def test_sans_principal_la_page_de_l_etablissement_mene_aux_preuves(equipe: Equipe) -> None:
    lea = equipe.entre("lea@gmail.com")
    part(equipe.marie)

    page = lu(connecte(lea).get(f"/etablissements/{SIRET}/"))

    assert "n'a plus d'utilisateur principal" in page
    assert f'href="{PAGE}">Donner une preuve' in page


def test_qui_a_deja_mieux_n_a_rien_a_faire(equipe: Equipe) -> None:
    page = lu(connecte(equipe.entre("paul@gmail.com", Preuve.REPRESENTANT)).get(PAGE))

    assert "Cela suffit pour tout l'espace, versements compris" in page
    assert "Vous n'avez rien à faire" in page


@pytest.mark.parametrize("preuve", [Preuve.COURRIEL_ETABLISSEMENT, Preuve.MEMBRE, Preuve.LETTRE, Preuve.REPRESENTANT])
def test_qui_a_le_versement_peut_encore_monter_sauf_au_sommet(equipe: Equipe, preuve: Preuve) -> None:
    elle = equipe.entre("paul@gmail.com")
    garant = None if preuve >= Preuve.LETTRE else equipe.marie.utilisateur
    Habilitation.objects.filter(pk=elle.pk).update(preuve=preuve, valeur=preuve, garant=garant)

    page = connecte(elle).get(f"/etablissements/{SIRET}/").content.decode()

    assert "Ce qui attend une preuve" not in page
    assert (f'href="{PAGE}"' in page) is (preuve < Preuve.REPRESENTANT)


def test_ce_qui_attend_une_preuve_mene_a_la_page(equipe: Equipe) -> None:
    lea = equipe.entre("lea@gmail.com")

    page = connecte(lea).get(f"/etablissements/{SIRET}/").content.decode()

    assert "Ce qui attend une preuve" in page
    assert f'href="{PAGE}"' in page


@pytest.mark.parametrize("niveau", [1, 5, 6, 99])
def test_un_niveau_qui_ne_se_demande_pas_ici_est_introuvable(equipe: Equipe, niveau: int) -> None:
    client = connecte(equipe.entre("lea@gmail.com"))

    assert client.post(f"{PAGE}{niveau}/demander").status_code == 404


def test_un_code_que_rien_n_attend_se_dit_sans_impasse(equipe: Equipe) -> None:
    page = connecte(equipe.entre("lea@gmail.com", Preuve.COURRIEL)).post(PAGE, {"code": "K7MP-2QXV"})

    assert page.status_code == 400
    assert "Aucun code n'est plus attendu ici" in lu(page)


@pytest.mark.menace("T25")
def test_t25_la_page_d_un_autre_etablissement_est_introuvable(equipe: Equipe) -> None:
    lea = equipe.entre("lea@gmail.com")
    part(lea)

    client = connecte(lea)
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}4/demander").status_code == 404

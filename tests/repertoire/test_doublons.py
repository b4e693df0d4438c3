"""Une unité légale en double : la première est gardée, le rapport nomme l'autre."""

from __future__ import annotations

import pytest

from tests.repertoire.conftest import ETABLISSEMENTS, UNITES, EcrireStock, lignes
from tests.repertoire.test_importation import importer_ici

pytestmark = pytest.mark.django_db(transaction=True)


def test_une_unite_en_double_se_lit_au_rapport_par_son_siren(ecrire_stock: EcrireStock) -> None:
    unites = lignes(UNITES)
    importee = importer_ici(ETABLISSEMENTS, ecrire_stock("u.csv", *unites, unites[0], modele=UNITES))

    (refus,) = importee.refus
    assert (refus["motif"], refus["nombre"]) == ("SIREN en double", 1)
    assert refus["exemples"] == [f"{unites[0]['siren']}, première ligne gardée"]

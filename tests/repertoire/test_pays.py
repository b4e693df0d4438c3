"""Les établissements hors de France, du fichier de l'INSEE à l'adresse montrée."""

from __future__ import annotations

import pytest

from apart.repertoire.models import trouver
from tests.repertoire.conftest import ETABLISSEMENTS, EcrireStock, Ligne, lignes
from tests.repertoire.test_importation import importer_ici

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("ligne", "adresse", "lieu"),
    [
        ({"siret": "43524614500013"}, "20099 HAMBOURG, AN DER ALSTER 3, ALLEMAGNE", "AN DER ALSTER 3, ALLEMAGNE"),
        ({"siret": "38960098200018"}, "6203 SEMPACH STATION, CH 6203, SUISSE", "CH 6203, SUISSE"),
        (
            {
                "siret": "73282932000074", "numeroVoieEtablissement": "2", "typeVoieEtablissement": "AVENUE",
                "libelleVoieEtablissement": "DES CITRONNIERS", "codePostalEtablissement": "98000",
                "libelleCommuneEtablissement": "MONACO", "codeCommuneEtablissement": "99138",
            },
            "2 AVENUE DES CITRONNIERS, 98000 MONACO, MONACO",
            "MONACO, MONACO",
        ),
    ],
    ids=["Allemagne", "Suisse", "Monaco"],
)  # fmt: skip
def test_une_adresse_hors_de_france_finit_par_son_pays(
    ecrire_stock: EcrireStock, ligne: Ligne, adresse: str, lieu: str
) -> None:
    reelle = {ligne["siret"]: ligne for ligne in lignes(ETABLISSEMENTS)}.get(ligne["siret"], {})
    importer_ici(ecrire_stock("e.csv", reelle | ligne))
    fiche = trouver(ligne["siret"])
    assert fiche is not None
    assert (fiche.adresse, fiche.lieu) == (adresse, lieu)

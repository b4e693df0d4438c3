"""La feuille de style : ce qu'il faut, rien de réservé, gardée un an."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from apart.socle import feuille


def test_la_feuille_neutre_ne_cite_ni_ne_charge_la_police_de_l_etat() -> None:
    contenu = composee()
    assert "Marianne" not in contenu
    assert "@font-face" not in contenu
    assert ".fr-btn" in contenu


def test_un_operateur_de_l_etat_retrouve_sa_police() -> None:
    assert "font-family:Marianne" in feuille.composer(service_etat=True).contenu.decode()


def test_la_feuille_reste_legere_et_equilibree() -> None:
    assert len(feuille.composer(service_etat=False).comprime) < 90_000
    assert composee().count("{") == composee().count("}")


def test_chaque_icone_citee_a_son_dessin() -> None:
    paquet = Path(feuille.__file__).parents[1]
    gabarits = "".join(gabarit.read_text() for gabarit in paquet.glob("*/templates/**/*.html"))
    citees = set(re.findall(r"fr-icon-[a-z0-9-]+", gabarits))
    dessins = dict(re.findall(r"\.(fr-icon-[a-z0-9-]+)::before \{ mask-image: url\(/statique/(.*?)\)", composee()))
    assert citees == set(dessins)
    assert all(finders.find(dessin) for dessin in dessins.values())


def composee() -> str:
    return feuille.composer(service_etat=False).contenu.decode()


def test_la_feuille_se_sert_comprimee_et_gardee_un_an(client: Client) -> None:
    produite = feuille.composer(service_etat=False)
    reponse = client.get(produite.adresse, headers={"Accept-Encoding": "gzip, br"})
    assert reponse.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(reponse.content) == produite.contenu
    assert "immutable" in reponse.headers["Cache-Control"]


def test_une_ancienne_adresse_recoit_la_feuille_du_jour_sans_la_garder(client: Client) -> None:
    reponse = client.get("/statique/apart-000000000000.css")
    assert reponse.content == feuille.composer(service_etat=False).contenu
    assert reponse.headers["Cache-Control"] == "no-cache"

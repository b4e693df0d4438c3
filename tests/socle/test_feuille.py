"""La feuille de style : ce qu'il faut, rien de réservé, gardée un an."""

import gzip

from django.test import Client

from apart.socle import feuille


def test_la_feuille_neutre_ne_cite_ni_ne_charge_la_police_de_l_etat() -> None:
    contenu = feuille.composer(service_etat=False).contenu.decode()
    assert "Marianne" not in contenu
    assert "@font-face" not in contenu
    assert ".fr-btn" in contenu


def test_un_operateur_de_l_etat_retrouve_sa_police() -> None:
    assert "font-family:Marianne" in feuille.composer(service_etat=True).contenu.decode()


def test_la_feuille_est_petite_equilibree_et_ne_garde_que_les_icones_citees() -> None:
    produite = feuille.composer(service_etat=False)
    contenu = produite.contenu.decode()
    assert len(produite.comprime) < 60_000
    assert contenu.count("{") == contenu.count("}")
    assert "fr-icon-question-line" in contenu
    assert "fr-icon-moon-fill" not in contenu


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

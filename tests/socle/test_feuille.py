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


def test_le_sombre_suit_le_reglage_du_lecteur_a_l_ecran_seulement() -> None:
    """Sans script ni cookie : les couleurs sombres du DSFR, sous une condition, et rien d'elles ailleurs."""
    contenu = composee()
    assert "[data-fr-theme=dark]{" not in contenu
    assert "@media screen and (prefers-color-scheme:dark){:root[data-fr-scheme=system]{--shadow-color" in contenu
    assert 'data-fr-scheme="system"' in (PAQUET / "socle/templates/base.html").read_text()


PAQUET = Path(feuille.__file__).parents[1]
FEUILLES = sorted(PAQUET.glob("*/static/**/*.css"))
COULEUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(")
CLAIR_ET_SOMBRE = re.compile(r"@media screen and \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)


def test_chaque_couleur_a_nous_a_sa_valeur_sombre() -> None:
    """Une couleur ne s'écrit que dans une variable, et une variable a ses deux valeurs."""
    for chemin in FEUILLES:
        texte = chemin.read_text()
        sombre = "".join(CLAIR_ET_SOMBRE.findall(texte))
        claires = dict(re.findall(r"(--[\w-]+): ([^;]+);", CLAIR_ET_SOMBRE.sub("", texte)))
        assert set(claires) == set(re.findall(r"(--[\w-]+):", sombre)), chemin.name
        assert COULEUR.findall(re.sub(r"--[\w-]+: [^;]+;", "", texte)) == [], chemin.name


def test_aucun_gabarit_de_page_n_ecrit_de_couleur() -> None:
    gabarits = [g for g in PAQUET.glob("*/templates/**/*.html") if "courriels" not in g.parts]
    fautifs = [g.name for g in gabarits if re.search(r'(?:fill|stroke|style)="[^"]*#[0-9a-fA-F]{3}', g.read_text())]
    assert fautifs == ["_marque.html"]  # le signe est le même sur tous les fonds

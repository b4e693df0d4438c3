"""La page d'envoi : fichier, lignes collées, fichier gardé dans la page ; rien ne reste au serveur."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apart.simulateur.fichiers import modele
from apart.simulateur.fichiers.lecture import lire
from apart.simulateur.fichiers.tableaux import OCTETS_PERMIS

pytestmark = pytest.mark.django_db
BON = "nom;remuneration;mois;heures\nDurand;2000;04/2020;70\nPetit;2500,50;04/2020;35\n"
FAUX = BON + "Blanc;2100;13/2020;70\nNoir;deux mille;04/2020;\n"


def envoyer(client: Client, contenu: bytes | str, nom: str = "paie.csv", **autres: str) -> Any:
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    fichier = SimpleUploadedFile(nom, octets)
    return client.post(reverse("simulateur-fichier"), {"fichier": fichier, "recevoir": "voir", **autres})


def texte(reponse: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def test_les_totaux_et_les_lignes_a_corriger(client: Client) -> None:
    reponse = envoyer(client, FAUX)
    assert reponse.status_code == 200
    page = texte(reponse)
    assert "2 lignes calculées, 2 à corriger" in page
    assert "1 050,35 €" in page or "Indemnité due aux salariés" in page
    assert "Ligne 4" in page
    assert "mois, case C4" in page
    assert "« deux mille » n'est pas un nombre" in page
    assert "Indiquez les heures non travaillées." in page


def cache(reponse: Any, nom: str) -> str:
    trouve = re.search(rf'name="{nom}" value="([^"]*)"', reponse.content.decode())
    assert trouve
    return unescape(trouve[1])


def test_la_page_garde_le_fichier_et_le_rend_sur_demande(client: Client) -> None:
    premiere = envoyer(client, FAUX)
    garde = {nom: cache(premiere, nom) for nom in ("contenu", "nom")}
    reponse = client.post(reverse("simulateur-fichier"), {**garde, "recevoir": "resultats"})
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="paie-resultats.csv"'
    lignes = reponse.content.decode("utf-8-sig").splitlines()
    assert lignes[0].startswith(
        "nom;remuneration;mois;heures;indemnite_horaire;allocation_horaire;heures_indemnisables"
    )
    assert lignes[1].startswith("Durand;2000;04/2020;70;9,23;9,23;70,00;646,10;646,10;0,00;")
    assert lignes[4].startswith("Noir;deux mille;04/2020;;;;;;;;;")

    reponse = client.post(reverse("simulateur-fichier"), {**garde, "recevoir": "a_corriger"})
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="paie-a-corriger.csv"'
    lignes = reponse.content.decode("utf-8-sig").splitlines()
    assert lignes[0] == "nom;remuneration;mois;heures;a_corriger"
    assert len(lignes) == 3
    assert "« 13/2020 » n'est pas un mois" in lignes[1]


def test_les_lignes_collees_d_un_tableur(client: Client) -> None:
    reponse = client.post(reverse("simulateur-fichier"), {"colle": BON.replace(";", "\t"), "recevoir": "voir"})
    assert "2 lignes calculées" in texte(reponse)


def test_sans_rien_la_page_le_dit(client: Client) -> None:
    assert "Choisissez un fichier, ou collez vos lignes." in texte(client.post(reverse("simulateur-fichier")))


def test_un_contenu_garde_qui_n_est_pas_le_notre_est_refuse(client: Client) -> None:
    for contenu in ("abc", "AAAA", "eJ"):
        reponse = client.post(reverse("simulateur-fichier"), {"contenu": contenu, "recevoir": "voir"})
        assert "choisissez-le de nouveau" in texte(reponse)


def test_au_dela_de_la_taille_permise_la_page_le_dit(client: Client) -> None:
    reponse = envoyer(client, b"a" * (OCTETS_PERMIS + 1))
    assert reponse.status_code == 413
    assert "Ce fichier dépasse 20 Mio" in texte(reponse)


def test_un_texte_colle_trop_long_est_dit_sans_perdre_la_page(client: Client) -> None:
    reponse = client.post(reverse("simulateur-fichier"), {"colle": "a" * 300_000, "recevoir": "voir"})
    assert reponse.status_code == 413
    assert "Le texte collé dépasse 256 Kio" in texte(reponse)


def test_la_protection_csrf_tient() -> None:
    """La vue lève la protection de Django pour poser ses limites, puis la remet."""
    client = Client(enforce_csrf_checks=True)
    assert envoyer(client, BON).status_code == 403


def test_les_modeles_se_lisent_et_se_calculent(client: Client) -> None:
    csv, classeur = client.get(reverse("simulateur-modele-csv")), client.get(reverse("simulateur-modele-classeur"))
    assert csv.content == modele.en_csv()
    for contenu in (csv.content, classeur.content):
        tableau = lire(contenu)
        assert tableau.cadre.height == 2
        assert not tableau.inconnues
        assert "2 lignes calculées" in texte(envoyer(client, contenu))

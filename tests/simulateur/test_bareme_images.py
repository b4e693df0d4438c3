"""Les images du barème : de la géométrie juste, en texte, sans style."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.test import Client

from apart.regles.bareme import bareme
from apart.simulateur.escalier import image
from apart.simulateur.frise import DROITE, GAUCHE, cadre_des_annees, frise


def dessin(client: Client, adresse: str) -> ElementTree.Element:
    corps = client.get(adresse).content.decode()
    trouve = re.search(r"<svg class=\"apart-(?:frise|courbe)\".*?</svg>", corps, re.DOTALL)
    assert trouve
    return ElementTree.fromstring(trouve.group())  # noqa: S314  # notre propre page


@pytest.mark.jour
@pytest.mark.django_db
@pytest.mark.parametrize("adresse", ["/bareme/", "/bareme/smic.horaire_brut/"])
def test_l_image_a_un_titre_et_rien_que_la_politique_refuserait(client: Client, adresse: str) -> None:
    image = dessin(client, adresse)
    assert image.get("role") == "img"
    titres = {e.get("id"): e.text for e in image.iter() if e.get("id")}
    for reference in (image.get("aria-labelledby") or "").split():
        assert titres[reference]
    assert not any(nom.startswith("on") or nom == "style" for e in image.iter() for nom in e.attrib)


@pytest.mark.jour
@pytest.mark.django_db
@pytest.mark.parametrize("adresse", ["/bareme/", "/bareme/?le=2020-04-15", "/bareme/mayotte.plancher/"])
def test_les_nombres_de_l_image_sont_du_svg_et_non_du_francais(client: Client, adresse: str) -> None:
    geometriques = {"x", "y", "x1", "x2", "y1", "y2", "width", "height", "dx", "dy"}
    for element in dessin(client, adresse).iter():
        for nom in geometriques & set(element.attrib):
            assert re.fullmatch(r"-?\d+(\.\d+)?", element.attrib[nom]), (element.tag, element.attrib)


def test_l_echelle_va_du_premier_au_dernier_jour_sans_reculer() -> None:
    cadre = cadre_des_annees(bareme())
    abscisses = [cadre.x(date(2013 + n // 12, n % 12 + 1, 1)) for n in range(6, 166)]
    assert abscisses == sorted(abscisses)
    assert abscisses[0] == GAUCHE
    assert cadre.x(bareme().connu_jusqu_au) == pytest.approx(DROITE)
    assert cadre.x(date(1999, 1, 1)) == GAUCHE
    assert cadre.x(date(2099, 1, 1)) == pytest.approx(DROITE)


def test_les_bandes_se_suivent_sans_se_couvrir() -> None:
    for bande in frise(bareme())["bandes"]:
        bouts = [(float(s.x), float(s.x) + float(s.largeur)) for s in bande["segments"]]
        assert bouts
        assert all(fin <= debut + 0.2 for (_, fin), (debut, _) in pairwise(bouts)), bande


def test_la_bande_de_l_allocation_dit_le_forfait_puis_les_taux() -> None:
    bande = next(b for b in frise(bareme())["bandes"] if b["cle"] == "droit_commun.allocation_taux")
    textes = [re.sub(r"\s", " ", s.infobulle) for s in bande["segments"]]
    assert textes[0] == "forfait, 7,74 €, du 01/07/2013 au 29/02/2020"
    assert [t.split(",")[0] for t in textes[1:]] == ["70 %", "60 %", "52 %", "36 %"]
    assert textes[-1] == "36 %, depuis le 01/07/2021"


def test_le_jour_choisi_a_son_repere() -> None:
    assert frise(bareme())["repere"] is None
    assert float(frise(bareme(), date(2020, 4, 15))["repere"]) > 0


def test_une_serie_sans_histoire_n_a_pas_d_image() -> None:
    series = bareme().parametres
    assert image(bareme(), series["heures.duree_legale_hebdomadaire"]) is None
    assert image(bareme(), series["heures.structurelles"]) is None
    assert image(bareme(), series["smic.horaire_brut"])


def test_ce_qui_n_est_pas_connu_se_voit() -> None:
    dessine = image(bareme(), bareme().parametres["mayotte.plancher"])
    assert dessine
    assert dessine["inconnues"]


@pytest.mark.parametrize("cle", bareme().parametres)
def test_chaque_serie_se_dessine_ou_se_tait(cle: str) -> None:
    dessine = image(bareme(), bareme().parametres[cle])
    if dessine is None:
        return
    points = [float(n) for n in re.findall(r"[MLH]([\d.]+)", dessine["trace"])]
    assert all(0 <= x <= 720 for x in points)
    assert dessine["etiquettes"]

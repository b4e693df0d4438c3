"""L'espace insécable vient de la règle : dans les phrases, et dans chaque gabarit quand il se charge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.template.loader import render_to_string

from apart.socle.typographie import MORCEAU, de, du_gabarit, insecable
from tests.test_architecture import GABARITS, nom

BLANC = "\u00a0"  # « · » dans les attentes


@pytest.mark.parametrize(
    ("tape", "rendu"),
    [
        ("Quand ?", "Quand·?"),
        ("Un ; deux : trois !", "Un·; deux·: trois·!"),
        ("« Autres »", "«·Autres·»"),
        (
            "36 % de 8 € pour 35 h, 20 min, 256 Kio",
            "36·% de 8·€ pour 35·h, 20·min, 256·Kio",
        ),
        ("7 000 entreprises", "7·000 entreprises"),
        ("loi n° 2005-102", "loi n°·2005-102"),
        ("à 2 h 04, le 3", "à 2·h·04, le 3"),
        # Rien à souder
        ("à 10:30, https://exemple.fr/?a=b", "à 10:30, https://exemple.fr/?a=b"),
        ("3 heures", "3 heures"),
        ("01 02 03 04 05", "01 02 03 04 05"),
    ],
)
def test_une_phrase_ne_se_coupe_pas_devant_sa_ponctuation(tape: str, rendu: str) -> None:
    attendu = rendu.replace("·", BLANC)
    assert insecable(tape) == attendu
    assert insecable(attendu) == attendu


@pytest.mark.parametrize(
    ("source", "rendu"),
    [
        ("<p>{{ nom }} : « {{ valeur }} »</p>", "<p>{{ nom }}·: «·{{ valeur }}·»</p>"),
        ("<strong>A</strong> ?", "<strong>A</strong>·?"),
        (
            "<p>{% if a %}Oui{% endif %} ; {{ n }} %</p>",
            "<p>{% if a %}Oui{% endif %}·; {{ n }}·%</p>",
        ),
        ("<p>Une question\n    ?</p>", "<p>Une question·?</p>"),
        # Ni balise, ni attribut, ni code, ni script, ni commentaire
        ('<a href="?a=b" title="Quand ?" style="a : b">x</a>', '<a href="?a=b" title="Quand ?" style="a : b">x</a>'),
        ('<p {% if a > 3 %}class="b : c"{% endif %}>x</p>', '<p {% if a > 3 %}class="b : c"{% endif %}>x</p>'),
        ("<pre><code>a ? b : c</code></pre>", "<pre><code>a ? b : c</code></pre>"),
        ("<script>a ? b : c</script><style>a : b</style>", "<script>a ? b : c</script><style>a : b</style>"),
        ("{# un : deux #}<!-- un : deux -->", "{# un : deux #}<!-- un : deux -->"),
        ('{% include "a.html" with b="c : d" %}', '{% include "a.html" with b="c : d" %}'),
    ],
)
def test_un_gabarit_passe_par_la_regle_sauf_ce_qui_n_est_pas_une_phrase(source: str, rendu: str) -> None:
    assert du_gabarit(source) == rendu.replace("·", BLANC)


@pytest.mark.parametrize("gabarit", GABARITS, ids=nom)
def test_la_regle_ne_change_que_des_blancs(gabarit: Path) -> None:
    source = gabarit.read_text()
    rendu = du_gabarit(source)
    assert re.sub(r"\s", "", rendu) == re.sub(r"\s", "", source)
    assert MORCEAU.findall(rendu) == MORCEAU.findall(source)
    assert not re.search(r"\S[ \n]+[;:!?»]|« ", MORCEAU.sub("", rendu))


# Devant une étoile seulement : aucune règle de ponctuation ne la connaît.
PERMIS = re.compile(r"&nbsp;\*")


def test_aucune_espace_insecable_n_est_ecrite_a_la_main() -> None:
    faites = [nom(g) for g in GABARITS if re.search("&nbsp;|&#160;|[\u00a0\u202f]", PERMIS.sub("", g.read_text()))]
    assert not faites


def test_le_site_charge_ses_gabarits_par_la_regle_et_une_seule_fois() -> None:
    page = render_to_string("assistance/aide.html")
    assert "BESOIN D'AIDE\u00a0?" in page  # un gabarit de DIRS
    assert "Que voulez-vous faire\u00a0?" in page  # un gabarit de module
    compiles = [Engine.get_default().get_template("assistance/aide.html") for _ in range(2)]
    assert compiles[0] is compiles[1]


@pytest.mark.parametrize(("en_html", "rendu"), [(True, "732·829·320·00074"), (False, "732 829 320 00074")])
def test_un_siret_ne_se_coupe_pas_a_l_ecran(en_html: bool, rendu: str) -> None:
    """Un courriel en texte garde ses espaces : courriels.rendu ne le coupe pas non plus."""
    gabarit = Engine.get_default().from_string("{% load apart %}{{ siret|siret_lisible }}")
    assert gabarit.render(Context({"siret": "73282932000074"}, autoescape=en_html)) == rendu.replace("·", BLANC)


@pytest.mark.parametrize(
    ("nom", "dit"),
    [
        ("Marie", "de Marie"),
        ("Olga", "d'Olga"),
        ("Élise", "d'Élise"),
        ("AGA", "d'AGA"),
        ("Yves", "d'Yves"),
        ("Yannick", "de Yannick"),
        ("Hugo", "de Hugo"),
        ("3M FRANCE", "de 3M FRANCE"),
        ("", "de "),
    ],
)
def test_le_de_s_elide_devant_une_voyelle(nom: str, dit: str) -> None:
    assert de(nom) == dit

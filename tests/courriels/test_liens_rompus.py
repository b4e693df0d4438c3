"""Rien de ce qui se tape ne devient un lien dans un de nos messages, quel que soit son gabarit (T17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from hypothesis import given
from hypothesis import strategies as st

import apart
from apart.courriels.neutralite import Adresse, MultiLignes, TexteAgent, neutraliser, neutre
from apart.courriels.rendu import rendre

pytestmark = pytest.mark.jour
RACINE = Path(apart.__file__).parent
MODELES = sorted(f.stem for f in RACINE.rglob("templates/courriels/*.txt") if f.stem != "base")
# Ce que le code donne lui-même : ni une personne, ni le répertoire ne l'écrit.
DU_CODE = {"site", "aide", "couleur", "lien", "code", "expire_le", "siret", "adresse_bureau"}
INSTANT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)

# Ce que les messageries soulignent, au plus large : un schéma, deux barres, une adresse de réseau, « mot.mot », et une
# adresse électronique.
LIENS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[a-z][a-z0-9+.-]*:(?=[^\s\d])|//|\\\\|\bwww\.|\d+(?:\.\d+){2,}", re.IGNORECASE
)
MOT_POINT_MOT = re.compile(r"([\w-]+)[.\u2024\u3002\uff0e\uff61\ufe52]([^\W\d_]+)")


def liens(texte: str) -> list[str]:
    """Ce qu'une messagerie ferait suivre d'un clic, hors de notre site."""
    ailleurs = re.sub(re.escape(settings.URL_PUBLIQUE) + r"(?![\w.:@])\S*", " ", texte)
    pointes = [m.group() for m in MOT_POINT_MOT.finditer(ailleurs) if len(m[1].strip("-")) > 1 or len(m[2]) > 1]
    return [m.group() for m in LIENS.finditer(ailleurs)] + pointes


DOMAINES = st.sampled_from(["caf-9.fr/remb", "x-9.fr", "t.co/x", "evil.tld", "www.evil.tld", "1.2.3.4", "пример.рф"])
POINTS = st.sampled_from([".", "\u2024", "\u3002", "\uff0e", "\uff61", "\ufe52", "\u200b.", ".\u00ad", "[.]", ".."])
SCHEMAS = st.sampled_from(["", "http://", "hhttp://ttp://", "mailto:", "javascript:", "//", "tel:", "\\\\", "a@"])
HOSTILES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab1.-/:@ _é\u2024\u200b[]()é", max_size=30),
    st.builds("{}{}".format, SCHEMAS, DOMAINES),
    st.builds(lambda s, a, p, b: f"{s}{a}{p}{b}/remb", SCHEMAS, st.sampled_from(["caf-9", "t", "é"]), POINTS,
              st.sampled_from(["fr", "co", "gouv.fr"])),
)  # fmt: skip


@pytest.mark.menace("T17")
@pytest.mark.parametrize(
    "tape",
    [
        "caf-9.fr/remb", "x-9.fr", "t.co/x", "caf-9\u2024fr", "impots\u3002gouv", "\uff45vil.tld", "1.2.3.4/x",
        "a.b-9.fr", "CAISSE caf-9.fr/remb", "//evil.tld", "\\\\evil\\remb", "tel:0899123456", "moi@evil.tld/remb",
        "S.A.R.L.fr", "http:evil.tld", "xn--e1afmkfd.xn--p1ai", "evil.t\u0301ld", "a@b.fr?subject=x", "évil.tld",
        "evil.museum", "0@A.A", "0@0.0", "urgent@caf-9.fr",
        "Paul urgent@caf-9.fr", "<paul@t.co>", "paul+x@a.b-9.fr, dit Paul",
    ],
)  # fmt: skip
def test_t17_une_adresse_vivante_est_rompue_sans_liste_de_mauvaises_formes(tape: str) -> None:
    assert liens(neutre(tape)) == []


@pytest.mark.menace("T17")
@given(HOSTILES)
def test_t17_rien_de_ce_qui_se_tape_ne_laisse_de_lien(tape: str) -> None:
    assert liens(neutre(tape)) == []
    assert neutre(neutre(tape)) == neutre(tape)


def variables(modele: str) -> Iterator[str]:
    """Les noms qu'un gabarit montre ou essaie ; « e.denomination » y est « e »."""
    for fichier in RACINE.rglob(f"templates/courriels/{modele}.*"):
        for bloc in Lexer(fichier.read_text()).tokenize():
            if bloc.token_type is TokenType.VAR:
                yield bloc.contents.split("|")[0].strip().split(".")[0]


def valeur(nom: str, tape: str) -> Any:
    if nom == "le" or nom.endswith(("_le", "jusqu_au")):
        return INSTANT
    return MultiLignes(f"{tape}\n{tape}") if nom in {"texte", "reponse"} else tape


@pytest.mark.menace("T17")
@pytest.mark.parametrize("modele", MODELES)
@hypothesis.settings(max_examples=12)
@given(tape=HOSTILES)
def test_t17_aucun_gabarit_ne_rend_cliquable_ce_qui_est_tape(modele: str, tape: str) -> None:
    contexte = {nom: valeur(nom, tape) for nom in {*variables(modele), "denomination"} - DU_CODE - {"e"}}
    contexte["adresse_bureau"] = f"{settings.URL_PUBLIQUE}/agents/assistance/1/"
    contexte |= {"siret": "73282932000074", "etablissements": [{"siret": "73282932000074", "denomination": tape}]}

    message = rendre(modele, contexte, ("lien", "code"))

    assert liens(message.objet) == []
    assert liens(message.texte) == []
    hrefs = re.findall(r'href="([^"]*)"', message.html)
    assert all(
        href.startswith((f"{settings.URL_PUBLIQUE}/", "⟦lien⟧")) or href == settings.URL_PUBLIQUE for href in hrefs
    )
    visible = re.sub(r"<[^>]*>", " ", message.html)
    assert liens(visible) == []


@pytest.mark.menace("T17")
def test_t17_seule_une_adresse_saisie_comme_telle_reste_entiere() -> None:
    """« urgent@caf-9.fr » tapé dans un nom ouvrirait un message à l'imposteur, d'un clic, dans le nôtre."""
    contexte = {
        "denomination": "Café urgent@caf-9.fr", "prenom": "Paul urgent@caf-9.fr", "nom": "urgent@caf-9.fr",
        "telephone": "01 02 03 04 05", "courriel": Adresse("paul.roux@exemple.fr"), "siret": "73282932000074",
    }  # fmt: skip
    message = rendre("rejoindre_a_decider", contexte)
    for montre in (message.objet, message.texte, re.sub(r"<[^>]*>", " ", message.html)):
        assert set(liens(montre)) <= {"paul.roux@exemple.fr", "paul.roux", "exemple.fr"}
    assert "paul.roux@exemple.fr" in message.texte


@pytest.mark.menace("T17")
@pytest.mark.parametrize("tape", ["evil.tld/x@gmail.com", "http://evil.tld/@a.fr", "moi@evil.tld/remb"])
def test_t17_une_adresse_qui_cache_un_lien_est_rompue(tape: str) -> None:
    assert liens(neutraliser(Adresse(tape))) == []


@pytest.mark.menace("T17")
@given(HOSTILES)
def test_t17_le_texte_d_un_agent_ne_laisse_vives_que_des_adresses_electroniques(tape: str) -> None:
    ecrit = str(neutraliser(TexteAgent(f"Écrivez à aide@exemple.fr. {tape}")))
    assert "aide@exemple.fr." in ecrit
    assert liens(re.sub(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", " ", ecrit)) == []


def test_un_nom_colle_garde_ses_lettres() -> None:
    assert neutre("E\u0301picerie \uff24\uff35\uff30\uff2f\uff2e\uff34 • œuvre") == "Épicerie DUPONT - œuvre"
    assert neutre("Rendez-vous à 14:30, J.-P. Roux, S.A.R.L. du Lac, 1.5 %") == (
        "Rendez-vous à 14:30, J.-P. Roux, S.A.R.L. du Lac, 1.5 %"
    )

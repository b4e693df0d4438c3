"""L'échelle : six échelons, et la page qui les montre en est tirée. Les messageries grand public."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apart.etablissements import messageries
from apart.etablissements.echelle import ECHELLE, PAR_PREUVE, Echelon, en_bref, tableau
from apart.etablissements.models import Preuve

FICHES = Path(__file__).parents[2] / "src" / "apart" / "assistance" / "fiches"
DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0014-ce-que-vaut-une-preuve.md"


def test_chaque_preuve_a_son_echelon_dans_l_ordre() -> None:
    assert [echelon.preuve for echelon in ECHELLE] == list(Preuve)


def _fiche(nom: str) -> str:
    return " ".join((FICHES / f"{nom}.md").read_text(encoding="utf-8").split()).lower()


@pytest.mark.parametrize("echelon", [e for e in ECHELLE if e.preuve != Preuve.COURRIEL], ids=lambda e: e.preuve.name)
def test_chaque_page_qui_donne_les_preuves_les_donne_toutes(echelon: Echelon) -> None:
    ligne = next(li for li in _fiche("personne-partie").split("- **") if li.startswith(f"{echelon.en_bref}**"))

    assert f" : {echelon.delai}" in ligne
    assert f"**{echelon.en_bref}**" in _fiche("ouvert-ou-en-attente")
    assert echelon.en_bref in en_bref()


def test_la_decision_montre_l_echelle_du_code() -> None:
    assert tableau() in DECISION.read_text(encoding="utf-8")


def test_le_versement_s_ouvre_a_partir_de_la_troisieme() -> None:
    assert {e.preuve for e in ECHELLE if "versements compris" in e.ouvre} == {3, 4, 5, 6}


def test_le_role_vient_des_deux_preuves_qui_ne_viennent_de_personne() -> None:
    assert {e.preuve for e in ECHELLE if "utilisateur principal" in e.ouvre} == {5, 6}


@pytest.mark.parametrize(("jours", "dit"), [(1, "sous 1 jour ouvré"), (5, "sous 5 jours ouvrés")])
def test_ce_que_lisent_des_agents_porte_le_delai_promis(jours: int, dit: str, settings: Settings) -> None:
    settings.ASSISTANCE_JOURS_OUVRES = jours

    assert [e.preuve for e in ECHELLE if e.delai_promis.endswith(dit)] == [Preuve.REPRESENTANT]


def test_trois_se_defont_et_la_deuxieme_attend_72_heures() -> None:
    assert {e.preuve for e in ECHELLE if e.est_defaisable} == {3, 4, 6}
    assert "72 heures" in PAR_PREUVE[Preuve.DOMAINE].delai


@pytest.mark.parametrize("nom", ["gmail.com", "laposte.net", "orange.fr", "perso.free.fr", "hotmail.fr", "proton.me"])
def test_une_messagerie_grand_public_ne_prouve_aucune_entreprise(nom: str) -> None:
    assert messageries.est_grand_public(nom)


@pytest.mark.parametrize("nom", ["boulangerie.fr", "asp-public.fr", "notgmail.com", "fr"])
def test_un_domaine_professionnel_n_en_est_pas_une(nom: str) -> None:
    assert not messageries.est_grand_public(nom)

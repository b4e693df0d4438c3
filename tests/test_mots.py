"""Les mots du site, lus dans ses sources : un mot par chose, une phrase par faute, et rien de vague ni de pendant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from apart.simulateur.questions import EMPLOYEUR, SALARIE
from apart.socle import saisies
from tests.test_architecture import DE_LA_NOTE, DEPOT
from tests.test_formulaires import formulaires
from tests.textes import de_la_fiche, net, textes


def fautes(motif: str, *, drapeaux: re.RegexFlag = re.IGNORECASE) -> list[str]:
    """Où ce motif se lit, avec la ligne."""
    compile_ = re.compile(motif, drapeaux)
    return [
        f"{nom} : {ligne[:160]}"
        for nom, texte in {**textes(), **des_documents()}.items()
        for ligne in texte.replace(DE_LA_NOTE, "").split("\n")
        if compile_.search(ligne)
    ]


def des_documents() -> dict[str, str]:
    """Ce que lisent un exploitant et un contributeur, hors pages du droit et journal des versions."""
    fichiers = [DEPOT / "README.md", *(DEPOT / "docs").glob("*.md")]
    return {str(Path(f).relative_to(DEPOT)): net(de_la_fiche(f.read_text())) for f in fichiers}


# Des phrases qui ont été publiées et ne disaient pas ce qu'elles voulaient dire.
PARTIES = (
    r"Pour la donner",
    r"Rien n'attend",
    r"Le bouton ne s'ouvre pas",
    r"Suivie par personne",
    r"pour elle \.",
    r"sous quelques jours",
    r"Ce champ est (?:à remplir|obligatoire)",
    r"ne descendent pas sous .* donc",
)


@pytest.mark.parametrize("phrase", PARTIES)
def test_une_phrase_partie_ne_revient_pas(phrase: str) -> None:
    assert not fautes(phrase)


@pytest.mark.parametrize(
    "vague",
    [
        r"\bquelques (?:jours|semaines|mois)\b",
        r"\b(?:prochainement|ultérieurement|sous peu|dans les meilleurs délais)\b",
    ],
)
def test_un_delai_se_dit_en_nombre(vague: str) -> None:
    assert not fautes(vague)


def test_aucun_pronom_ne_commence_une_phrase_sans_son_nom() -> None:
    """« Pour la donner, … » : entre-temps, « la » avait changé de sens."""
    assert not fautes(r"(?:^|[.!?] )Pour (?:le|la|les|l') ?\w+(?:er|ir|re),", drapeaux=re.NOFLAG)


def test_la_ponctuation_suit_son_mot() -> None:
    assert not fautes(r"\w [.,](?:\s|$)")


def libelles() -> set[str]:
    questions = [
        question
        for profil in (EMPLOYEUR, SALARIE)
        for question in (*profil.questions, *profil.periode, *(q for _, qs in profil.precisions for q in qs))
    ]
    champs = [champ for formulaire in formulaires() for champ in formulaire.base_fields.values()]
    return {question.libelle for question in questions} | {str(champ.label) for champ in champs if champ.label}


def test_un_libelle_nomme_ce_qu_on_y_met() -> None:
    """« Ou du », « Au », « Jusqu'au » ne nomment rien à qui lit le champ seul."""
    liens = {"ou", "du", "au", "de", "le", "la", "les", "à", "et", "jusqu", "en"}
    assert not [libelle for libelle in libelles() if not set(re.findall(r"\w+", libelle.lower())) - liens]


# --- Le SIRET ---

LIBELLE = r"N° de Siret"  # celui de la note de 2020 : un nom de champ, jamais dans une phrase
AUTRE_SIRET = r"(?<!N° de )\bSirets?\b"


def test_le_numero_de_siret_n_a_qu_un_nom() -> None:
    """« le numéro de SIRET », « le SIRET » : ni « numéro SIRET », ni « N° de SIRET », ni « Siret » dans une phrase."""
    assert not fautes(r"\bnuméros? siret\b|\bn° siret\b|\bnum\.? (?:de )?siret\b")
    assert not fautes(rf"N° de SIRET|\b[Nn]uméros? de (?:Siret|siret)\b|{AUTRE_SIRET}", drapeaux=re.NOFLAG)


def test_le_libelle_de_la_note_reste_un_libelle() -> None:
    """« N° de Siret » seul, « du cabinet », ou suivi de deux points."""
    assert not fautes(rf"{LIBELLE}(?! du cabinet$| :|$|\")", drapeaux=re.NOFLAG)
    assert not fautes(rf"[\w,] {LIBELLE}", drapeaux=re.NOFLAG)


# --- Une faute, une phrase ---


def test_la_page_dit_d_un_siret_faux_ce_que_dit_le_serveur() -> None:
    with pytest.raises(ValidationError) as refus:
        saisies.siret("73282932000075")
    assert refus.value.messages[0] in textes()["etablissements/static/etablissements/siret.js"]


def test_un_siret_inconnu_se_dit_partout_pareil() -> None:
    assert not fautes(r"hors (?:du )?répertoire|(?:pas|plus) dans le répertoire|inconnu (?:du|au) répertoire")

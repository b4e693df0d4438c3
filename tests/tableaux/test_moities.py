"""Une longue feuille se lit en deux moitiés, dans deux processus, et toujours comme lue d'un trait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apart.socle.copie import en_meme_temps
from apart.tableaux import archives, classeurs
from apart.tableaux.archives import ABIME
from apart.tableaux.classeurs import MAL_RANGE
from apart.tableaux.tableau import VIDE, FichierRefuse, Tableau
from tests.tableaux.fabrique import ENTETE, FEUILLE, LIGNE, classeur, feuille_brute, lu, refaire, refus
from tests.tableaux.test_archives import BON, PIEGES

SANS_FIN = 1 << 40
CASES = st.one_of(st.none(), st.integers(0, 99), st.floats(-1, 1), st.sampled_from(["é<&>", "Durand", " ", "_x000D_"]))


@pytest.fixture
def coupees(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Toute feuille est assez longue pour être coupée ; pour chacune qui l'a été, 1, ou 0 s'il faut la relire."""
    fois: list[int] = []

    def compter(*travaux: Callable[[], Any]) -> tuple[Any, Any]:
        rendues = en_meme_temps(*travaux)
        fois.append(int(rendues[1] is not None))
        return rendues

    monkeypatch.setattr(archives, "LONGUE", 1)
    monkeypatch.setattr(classeurs, "en_meme_temps", compter)
    return fois


def d_un_trait(contenu: bytes, monkeypatch: pytest.MonkeyPatch) -> Tableau | str:
    with monkeypatch.context() as entiere:
        entiere.setattr(archives, "LONGUE", SANS_FIN)
        return lu_ou_refuse(contenu)


def lu_ou_refuse(contenu: bytes) -> Tableau | str:
    try:
        return lu(contenu)
    except FichierRefuse as refuse:
        return str(refuse)


def est_le_meme(un: Tableau | str, autre: Tableau | str) -> bool:
    if isinstance(un, str) or isinstance(autre, str):
        return un == autre
    assert un.types is not None
    assert autre.types is not None
    semblables = (un.entetes, un.lignes.tolist(), un.refus, un.ignores) == (
        autre.entetes, autre.lignes.tolist(), autre.refus, autre.ignores,
    )  # fmt: skip
    return semblables and un.cadre.equals(autre.cadre) and un.types.equals(autre.types)


def long(lignes: list[list[Any]]) -> bytes:
    def finir(_fait: Any, feuille: Any) -> None:
        feuille.merge_range(len(lignes) + 2, 0, len(lignes) + 2, 1, "TOTAL")
        feuille.set_row(len(lignes) // 2, None, None, {"hidden": True})

    return classeur({"Paie": [ENTETE, LIGNE, *lignes]}, finir)


@given(st.lists(st.lists(CASES, max_size=6), min_size=2, max_size=30))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_un_classeur_se_lit_en_deux_comme_d_un_trait(
    coupees: list[int], monkeypatch: pytest.MonkeyPatch, lignes: list[list[Any]]
) -> None:
    contenu, avant = long(lignes), len(coupees)
    assert est_le_meme(lu_ou_refuse(contenu), d_un_trait(contenu, monkeypatch))
    assert coupees[avant:] == [1]


@pytest.mark.parametrize("contenu", [contenu for contenu, _ in PIEGES.values()], ids=PIEGES)
def test_un_classeur_piege_recoit_la_meme_phrase(
    coupees: list[int], monkeypatch: pytest.MonkeyPatch, contenu: bytes
) -> None:
    assert est_le_meme(lu_ou_refuse(contenu), d_un_trait(contenu, monkeypatch))


LONG = b"x" * 4_000  # la coupe tombe après
NUMEROTEES = b'<row r="%d"><c r="A%d" t="str"><v>%s</v></c></row>'
DEUX = b'<row r="3"><c r="A3"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>'
LEURRE = b'<row r="9"><c r="A9"><v>9</v></c></row>'
PAS_SURES = {
    "commentaire": b"<!-- %b -->" % LEURRE,
    "texte brut": b"<extLst><![CDATA[%b]]></extLst>" % LEURRE,
    "instruction": b"<?lire %b?>" % LEURRE,
}


@pytest.mark.parametrize("leurre", PAS_SURES.values(), ids=PAS_SURES)
def test_une_balise_qui_n_en_est_peut_etre_pas_une_ne_coupe_rien(coupees: list[int], leurre: bytes) -> None:
    assert lu(feuille_brute(leurre * 20 + DEUX)).lignes.tolist() == [2, 3, 4]
    assert coupees == []


def test_un_autre_codage_se_lit_d_un_trait(coupees: list[int]) -> None:
    en_latin = refaire(
        feuille_brute('<row r="3"><c r="A3" t="str"><v>Zoé</v></c></row>'.encode("latin-1")),
        lambda nom, partie: partie.replace(b"UTF-8", b"ISO-8859-1") if nom == FEUILLE else partie,
    )
    assert lu(en_latin).cadre["0"].to_list() == ["Durand", "Zoé"]
    assert coupees == []


def test_une_ligne_dans_une_autre_balise_se_lit_comme_d_un_trait(
    coupees: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """La coupe tombe dans une balise que le début n'ouvre pas : la seconde moitié se ferme mal."""
    contenu = feuille_brute(b"<bloc>%b%b</bloc>" % (NUMEROTEES % (3, 3, LONG), NUMEROTEES % (4, 4, b"y")))
    tableau = lu(contenu)
    assert coupees == [0]
    assert tableau.lignes.tolist() == [2, 3, 4]
    assert est_le_meme(tableau, d_un_trait(contenu, monkeypatch))


def test_des_lignes_qui_reculent_d_une_moitie_a_l_autre_sont_refusees(coupees: list[int]) -> None:
    contenu = feuille_brute(NUMEROTEES % (9, 9, LONG) + NUMEROTEES % (8, 8, b"y"))
    assert refus(contenu) == MAL_RANGE
    assert coupees == [1]


def test_ce_qui_ne_va_que_dans_la_seconde_moitie_est_refuse(coupees: list[int]) -> None:
    contenu = feuille_brute(NUMEROTEES % (8, 8, LONG) + NUMEROTEES % (9, 9, b"y") + b"</rou>")
    assert refus(contenu) == ABIME
    assert coupees == [0]


def test_une_feuille_que_le_classeur_annonce_et_n_a_pas_est_vide(coupees: list[int]) -> None:
    sans = refaire(BON, lambda _, partie: partie.replace(b"sheet1.xml", b"sheet9.xml"))
    assert refus(sans) == VIDE
    assert coupees == []


def test_une_feuille_courte_ne_coute_pas_un_processus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classeurs, "en_meme_temps", pytest.fail)
    assert lu(long([LIGNE] * 300)).cadre.height == 302

"""Ce qui sort de l'imprimante : une page par lettre, l'adresse dans la fenêtre, le code ; et le CSV de l'atelier."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from apart.reprises.lettres import Pli, bordereau, composer, fin_de_validite, lisible
from tests.reprises.fabriques import lire

MM = 72 / 25.4
LONGUE = "prenom.nom." * 21 + "x@entreprise.fr"
LIGNES = ("BOULANGERIE DU LAC", "BATIMENT C", "12 RUE DU LAC", "BP 12", "74000 ANNECY")


def pli(**champs: Any) -> Pli:
    valeurs: dict[str, Any] = {
        "numero": "LT-2026-000012",
        "siret": "73282932000074",
        "denomination": "BOULANGERIE DU LAC",
        "lignes": LIGNES,
        "code": "K7MP22QXV3",
        "demandeur": "lea.blanc@boulangerie.fr",
        "du": date(2026, 11, 30),
        "jusqu_au": date(2026, 12, 21),
        "est_reprise": False,
    }
    return Pli(**(valeurs | champs))


def test_la_lettre_dit_le_code_ce_qu_il_faut_en_faire_et_jusqu_a_quand(settings: Any) -> None:
    settings.URL_PUBLIQUE = "https://apart.exemple.fr"
    settings.EXPLOITANT = {"nom": "Agence de paiement", "adresse": "2 rue du Port, 13002 Marseille"}
    (page,) = lire(composer([pli()]))
    for attendu in (
        *LIGNES,
        "Agence de paiement",
        "13002 Marseille",
        "732 829 320 00074",
        "K7MP2-2QXV3",
        "LT-2026-000012",
        "Le 30 novembre 2026",
        "jusqu'au lundi 21 décembre 2026, à minuit",
        "https://apart.exemple.fr/lettre/",
        "Vous n'avez rien demandé",
    ):
        assert attendu in page, attendu


def test_une_lettre_de_reprise_renvoie_a_la_page_de_suivi() -> None:
    (page,) = lire(composer([pli(est_reprise=True)]))
    assert "demande à reprendre l'accès" in page
    assert "page de suivi" in page


def test_une_page_a4_par_lettre_dans_l_ordre_en_francais_et_balisee() -> None:
    document = PdfReader(io.BytesIO(composer([pli(numero=f"LT-2026-{n:06d}") for n in range(3)])))
    assert [f"LT-2026-{n:06d}" in page.extract_text() for n, page in enumerate(document.pages)] == [True] * 3
    assert [round(float(cote) / MM) for cote in document.pages[0].mediabox[2:]] == [210, 297]
    assert str(document.root_object["/Lang"]) == "fr-FR"
    assert "'/Marked': True" in str(document.root_object["/MarkInfo"])


@pytest.mark.parametrize("lignes", [LIGNES, ("A" * 38,) * 7, ("W" * 38, "98000 MONACO")])
def test_l_adresse_se_voit_par_la_fenetre_d_une_enveloppe_dl(lignes: tuple[str, ...]) -> None:
    """Fenêtre de 100 × 45 mm à 20 mm du bord droit et du bas : où que glisse la feuille, 90 × 35 mm s'y voient."""
    places: list[tuple[float, float, str]] = []

    def noter(texte: str, cm: list[float], tm: list[float], police: Any, taille: float) -> None:
        if texte.strip() in lignes:
            places.append((float(cm[4] + tm[4]) / MM, 297 - float(cm[5] + tm[5]) / MM, texte.strip()))

    PdfReader(io.BytesIO(composer([pli(lignes=lignes, denomination="X")]))).pages[0].extract_text(visitor_text=noter)

    assert len(places) == len(lignes)
    for gauche, haut, texte in places:
        assert gauche >= 100
        assert gauche + len(texte) * 9.5 * 0.602 / MM <= 190
        assert 45 + 3 <= haut <= 80


def test_la_lettre_la_plus_longue_tient_sur_une_page(settings: Any) -> None:
    settings.EXPLOITANT = {"nom": "Agence de services et de paiement", "adresse": "A, B, C, D"}
    settings.SUPPORT_TELEPHONE, settings.SUPPORT_HORAIRES = "0 800 00 00 00", "du lundi au vendredi de 9 h à 18 h"
    assert (
        len(
            lire(
                composer(
                    [pli(denomination="SOCIETE " * 30, demandeur=LONGUE, lignes=("A" * 38,) * 7, est_reprise=True)]
                )
            )
        )
        == 1
    )


@pytest.mark.parametrize("est_reprise", [True, False])
def test_une_longue_adresse_se_coupe_et_ne_sort_pas_de_la_page(est_reprise: bool) -> None:
    d_un_bloc = f"{'a' * 64}@{'b' * 60}.fr"
    pages = PdfReader(io.BytesIO(composer([pli(demandeur=d_un_bloc, est_reprise=est_reprise)]))).pages
    lignes = pages[0].extract_text().replace("\u200b", "").splitlines()

    assert d_un_bloc in "".join(ligne.strip() for ligne in lignes)
    assert max(map(len, lignes)) < 125


@pytest.mark.menace("T32")
def test_t32_l_adresse_de_qui_demande_n_est_jamais_executee() -> None:
    piege = '"]#panic(1)@evil.tld'
    assert piege in lire(composer([pli(demandeur=piege)]))[0]


def test_l_expediteur_et_la_signature_sont_ceux_du_pli(settings: Any) -> None:
    settings.EXPLOITANT = {"nom": "Agence de paiement", "adresse": "2 rue du Port, 13002 Marseille"}
    du_service = pli(expediteur=("DDETS de Haute-Savoie", "15 rue Dupanloup"), signature=("La directrice", "A. Roux"))
    premiere, seconde = lire(composer([du_service, pli()]))

    assert "DDETS de Haute-Savoie 15 rue Dupanloup" in premiere
    assert "La directrice A. Roux" in premiere
    assert "Agence de paiement" not in premiere
    assert "Agence de paiement" in seconde


def test_l_expediteur_le_plus_long_ne_touche_pas_la_fenetre(settings: Any) -> None:
    settings.SUPPORT_TELEPHONE, settings.SUPPORT_HORAIRES = "0 800 00 00 00", "du lundi au vendredi de 9 h à 18 h"
    longue = ("Direction " * 12, *("Bâtiment administratif des services de l'État, porte 12" for _ in range(6)))
    pdf = composer(
        [pli(expediteur=longue, signature=("Pour la directrice et par délégation",) * 6, denomination="SOCIETE " * 30)]
    )
    dans_la_fenetre: list[str] = []

    def noter(texte: str, cm: list[float], tm: list[float], police: Any, taille: float) -> None:
        gauche, haut = float(cm[4] + tm[4]) / MM, 297 - float(cm[5] + tm[5]) / MM
        if texte.strip() and 95 <= gauche <= 190 and 40 <= haut <= 80:
            dans_la_fenetre.append(texte.strip())

    (page,) = PdfReader(io.BytesIO(pdf)).pages
    page.extract_text(visitor_text=noter)
    assert dans_la_fenetre == list(LIGNES)


def test_deux_compositions_donnent_les_memes_octets() -> None:
    """Le lot n'est pas gardé : son empreinte dit que la réimpression est la même."""
    assert composer([pli(), pli(code="0000000001")]) == composer([pli(), pli(code="0000000001")])


@pytest.mark.menace("T32")
@pytest.mark.parametrize("piege", ['#panic("oups")', '"] #read("/etc/passwd") [', '","code":"A"'])
def test_t32_le_nom_du_repertoire_n_est_jamais_execute(piege: str) -> None:
    assert piege in lire(composer([pli(denomination=piege)]))[0]


def test_le_code_se_lit_en_deux_moities() -> None:
    assert lisible("K7MP22QXV3") == "K7MP2-2QXV3"


@pytest.mark.parametrize(
    ("imprimee", "finit"),
    [
        (datetime(2026, 11, 30, 10, tzinfo=UTC), datetime(2026, 12, 21, 23, tzinfo=UTC)),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), datetime(2026, 12, 22, 23, tzinfo=UTC)),
        (datetime(2026, 10, 10, 10, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)),
    ],
)
def test_les_21_jours_finissent_a_minuit_a_paris(imprimee: datetime, finit: datetime) -> None:
    assert fin_de_validite(imprimee) == finit


def test_le_csv_suit_l_ordre_du_pdf() -> None:
    lu = bordereau([pli(), pli(numero="LT-2026-000013")]).decode("utf-8-sig")
    rangs = list(csv.DictReader(io.StringIO(lu), delimiter=";"))
    assert [rang["numero"] for rang in rangs] == ["LT-2026-000012", "LT-2026-000013"]
    assert [rangs[0][f"ligne_{n}"] for n in range(1, 8)] == [*LIGNES, "", ""]
    assert rangs[0]["siret"] == "73282932000074"
    assert rangs[0]["pages"] == "1"


@pytest.mark.menace("T24")
@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t"])
def test_t24_aucune_ligne_du_csv_n_est_une_formule(debut: str) -> None:
    """Une adresse postale n'a que des lettres et des chiffres ; même sans cela, le tableur n'exécute rien."""
    lu = bordereau([pli(lignes=(f'{debut}HYPERLINK("http://mal")', "74000 ANNECY"))]).decode("utf-8-sig")
    rang = next(csv.DictReader(io.StringIO(lu), delimiter=";"))
    assert rang["ligne_1"].startswith("'")

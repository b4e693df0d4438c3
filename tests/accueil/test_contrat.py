"""Le contrat de prestation : un PDF rempli, où ce qui est saisi reste du texte."""

import io

import pytest
from django.http import HttpResponse
from django.test import Client
from pypdf import PdfReader

from apart.accueil.forms.contrat import MISSIONS
from apart.repertoire.models import Fiche, Unite

CLIENT, CABINET = "73282932000074", "55208131766522"
SAISIE: dict[str, object] = {
    "client_siret": "732 829 320 00074",
    "client_signataire": "Léa Müller",
    "client_qualite": "gérante",
    "cabinet_siret": CABINET,
    "cabinet_denomination": "Cabinet Durand & fils",
    "cabinet_adresse": "2 rue du Port, 13002 Marseille",
    "cabinet_signataire": "Paul Durand",
    "cabinet_qualite": "expert-comptable",
    "missions": ["0", "2"],
    "du": "2026-12-01",
}

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def restaurant() -> Fiche:
    return Fiche.objects.create(
        siret=CLIENT,
        enseigne="CHEZ LEA",
        numero_voie="1",
        libelle_voie="RUE HAUTE",
        code_postal="75011",
        ville="PARIS",
    )


def lire(pdf: bytes) -> str:
    texte = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(texte.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").split())


def demander(client: Client, **changements: object) -> HttpResponse:
    reponse = client.post("/contrat-de-prestation/", {**SAISIE, **changements})
    assert isinstance(reponse, HttpResponse)
    return reponse


def test_le_contrat_porte_ce_qui_est_saisi_et_ce_que_dit_le_repertoire(client: Client, restaurant: Fiche) -> None:
    reponse = demander(client)
    assert reponse.headers["Content-Type"] == "application/pdf"
    texte = lire(reponse.content)
    for valeur in (
        "CHEZ LEA",
        "732 829 320 00074",
        "1 RUE HAUTE, 75011 PARIS",
        "Léa Müller",
        "Cabinet Durand & fils",
        "Paul Durand",
        "1er décembre 2026",
        "Déposer et modifier les demandes d'autorisation",
        "Recevoir les décisions",
    ):
        assert valeur in texte, valeur
    assert "Déposer et corriger les demandes d'indemnisation" not in texte


def test_le_contrat_nomme_l_unite_avant_l_enseigne_et_finit_une_adresse_par_son_pays(
    client: Client, restaurant: Fiche
) -> None:
    unite = Unite.objects.create(siren=CLIENT[:9], denomination="COMMUNE DE MONACO")
    Fiche.objects.filter(siret=CLIENT).update(unite=unite, code_postal="98000", ville="MONACO", pays="MONACO")
    texte = lire(demander(client).content)
    assert "COMMUNE DE MONACO, enseigne CHEZ LEA" in texte
    assert "1 RUE HAUTE, 98000 MONACO, MONACO" in texte


def test_le_contrat_tient_sur_une_page_en_francais_et_balisee(client: Client, restaurant: Fiche) -> None:
    document = PdfReader(io.BytesIO(demander(client).content))
    assert len(document.pages) == 1
    assert str(document.root_object["/Lang"]) == "fr-FR"
    assert "'/Marked': True" in str(document.root_object["/MarkInfo"])
    assert document.metadata is not None
    assert document.metadata.title == "Contrat de prestation – activité partielle"


@pytest.mark.menace("T32")
@pytest.mark.parametrize(
    "piege",
    ['#panic("oups")', '"] #read("/etc/passwd") [', "\\ $x$ *gras* _it_ @ref <etiquette>", '#{"a"}', '","du":"hier"'],
)
def test_t32_ce_qui_est_saisi_n_est_jamais_execute(client: Client, restaurant: Fiche, piege: str) -> None:
    reponse = demander(client, cabinet_denomination=piege)
    assert reponse.headers["Content-Type"] == "application/pdf"
    assert piege in lire(reponse.content)


def test_un_siret_absent_du_repertoire_demande_la_denomination(client: Client) -> None:
    html = demander(client).content.decode()
    assert "Le répertoire ne donne pas cette information\u00a0: écrivez-la ici." in html
    assert "Léa Müller" in html


def test_la_fin_avant_le_debut_et_le_meme_siret_sont_expliques(client: Client, restaurant: Fiche) -> None:
    html = demander(client, au="2026-11-01", cabinet_siret=CLIENT).content.decode()
    assert "La fin du contrat doit venir après son début." in html
    assert "ont le même numéro" in html


def test_le_contrat_vierge_se_telecharge(client: Client) -> None:
    reponse = client.get("/contrat-de-prestation/vierge.pdf")
    texte = lire(reponse.content)
    for mission in MISSIONS:
        assert mission in texte
    assert len(PdfReader(io.BytesIO(reponse.content)).pages) == 1


def test_un_nom_que_les_polices_n_ont_pas_n_empeche_pas_le_contrat(client: Client, restaurant: Fiche) -> None:
    texte = lire(demander(client, client_signataire="Jean 李", cabinet_signataire="Αλέξης Иванов").content)
    assert "Jean ▯" in texte
    assert "Αλέξης Иванов" in texte
    assert "Des signes tapés ne s'impriment pas" in texte
    assert "Des signes tapés" not in lire(demander(client).content)


@pytest.mark.parametrize(("du", "au"), [("0001-01-01", "9999-12-31"), ("9999-12-31", "")])
def test_un_contrat_du_bout_du_calendrier_s_imprime(client: Client, restaurant: Fiche, du: str, au: str) -> None:
    assert demander(client, du=du, au=au).status_code == 200

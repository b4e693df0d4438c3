"""La base documentaire : des fiches justes, une recherche qui pardonne."""

from __future__ import annotations

import html
import re
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from apart.assistance import documentation
from apart.assistance.actions.fiches import charger
from apart.assistance.documentation import FicheAide, fiches, lire
from apart.assistance.models import IndexFiche, Motif
from tests.comptes.fabriques import agent, personne

FICHES = list(fiches().values())
BASE = "/aide/fiches/"


def lu(reponse: object) -> str:
    return html.unescape(reponse.content.decode())  # type: ignore[attr-defined]  # HttpResponse de test


@pytest.fixture
def index(db: None) -> None:
    charger()


def test_il_y_a_de_quoi_lire_pour_chaque_profil_et_chaque_motif() -> None:
    assert len(FICHES) >= 10
    for profil in documentation.PROFILS:
        assert any(profil in fiche.profils for fiche in FICHES)
    for motif in Motif:
        assert len(documentation.du_motif(motif)) >= 2, motif


@pytest.mark.jour
@pytest.mark.parametrize("fiche", FICHES, ids=lambda fiche: fiche.nom)
def test_chaque_fiche_est_complete(fiche: FicheAide) -> None:
    assert fiche.titre
    assert fiche.resume.endswith((".", "?"))
    assert set(fiche.motifs) <= set(Motif.values)
    assert date(2026, 1, 1) < fiche.revue_le <= timezone.localdate()
    assert "<h2 " in fiche.html
    assert "<h1>" not in fiche.html


@pytest.mark.parametrize("fiche", FICHES, ids=lambda fiche: fiche.nom)
def test_chaque_lien_d_une_fiche_mene_quelque_part(fiche: FicheAide) -> None:
    for lien in re.findall(r'href="([^"]+)"', fiche.html):
        assert lien.startswith("/"), "une fiche ne renvoie qu'à ce site"
        try:
            trouve = resolve(lien.split("?")[0])
        except Resolver404:
            pytest.fail(f"{fiche.nom} : {lien} ne mène nulle part")
        if trouve.url_name == "fiche-aide":
            assert trouve.kwargs["nom"] in fiches()


def test_une_fiche_ne_peut_pas_porter_de_html(tmp_path: Path) -> None:
    chemin = tmp_path / "piege.md"
    entete = 'titre="T"\nresume="R."\ntheme="espace"\nprofils=[]\nmotifs=[]\nmots=[]\nrevue_le=2026-11-20\nrang=1\n'
    chemin.write_text(f"+++\n{entete}+++\n<script>alert(1)</script> [ici](javascript:alert(1))", encoding="utf-8")

    rendu = lire(chemin).html

    assert "<script" not in rendu
    assert "href" not in rendu


def test_la_ponctuation_d_une_fiche_ne_se_coupe_pas() -> None:
    for fiche in fiches().values():
        assert not re.search(r"\S [;:!?»](\s|$)|« ", re.sub(r"<[^>]*>", "", fiche.html)), fiche.nom


def test_un_profil_inconnu_est_refuse(tmp_path: Path) -> None:
    chemin = tmp_path / "piege.md"
    chemin.write_text('+++\nprofils=["martien"]\n+++\n', encoding="utf-8")

    with pytest.raises(ValueError, match="martien"):
        lire(chemin)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("cherche", "attendue"),
    [
        ("identifiant oublié", "identifiant-oublie"),
        ("IDENTIFIANT OUBLIE", "identifiant-oublie"),
        ("mail pas reçu", "rien-recu"),
        ("courriel indesirable", "rien-recu"),
        ("départ de ma collègue", "personne-partie"),
        ("question secrete", "question-secrete"),
        ("hameçonnage", "hameconnage"),
        ("hamconage", "hameconnage"),
        ("identifian oublé", "identifiant-oublie"),
        ("firefox", "connexion-difficile"),
    ],
)
def test_la_recherche_pardonne_accents_casse_et_fautes_de_frappe(client: Client, cherche: str, attendue: str) -> None:
    noms = re.findall(rf'href="{BASE}([a-z-]+)/"', lu(client.get(BASE, {"q": cherche})))

    assert attendue in noms[:3]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("cherche", ["zzzzqqqq", "'; DROP TABLE x; --", "((((", "!&|", "<script>alert(1)</script>"])
def test_sans_reponse_la_page_aide_quand_meme(client: Client, cherche: str) -> None:
    reponse = client.get(BASE, {"q": cherche})

    assert reponse.status_code == 200
    page = lu(reponse)
    assert "Aucune fiche ne répond à" in page
    assert "/aide/assistance/" in page
    assert f"{BASE}rien-recu/" in page
    assert "<script>alert" not in reponse.content.decode()


@pytest.mark.usefixtures("index")
def test_un_profil_ne_montre_que_ses_fiches(client: Client) -> None:
    page = lu(client.get(BASE, {"profil": "etablissement"}))

    assert f"{BASE}ouvrir-un-espace/" in page
    assert f"{BASE}expert-comptable/" not in page


@pytest.mark.django_db
def test_les_fiches_sont_rangees_par_theme_sans_qu_il_en_manque(client: Client) -> None:
    page = lu(client.get(BASE))

    themes = [titre for titre in re.findall(r"<h2[^>]*>([^<]+)</h2>", page) if titre in documentation.THEMES.values()]
    assert themes == [titre for cle, titre in documentation.THEMES.items() if cle != "agents"]
    assert set(re.findall(rf'href="{BASE}([a-z-]+)/"', page)) == {f.nom for f in FICHES if not f.est_interne}


INTERNES = [fiche for fiche in FICHES if fiche.est_interne]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("qui", ["visiteur", "employeur"])
@pytest.mark.parametrize("fiche", INTERNES, ids=lambda fiche: fiche.nom)
def test_une_fiche_d_agent_n_existe_pour_nul_autre(client: Client, qui: str, fiche: FicheAide) -> None:
    if qui == "employeur":
        client.force_login(personne("lea@cabinet.fr"))
    pages = [client.get(BASE), client.get(BASE, {"q": fiche.titre}), client.get(BASE, {"profil": "agent"})]

    assert client.get(f"{BASE}{fiche.nom}/").status_code == 404
    assert [page for page in pages if f"{BASE}{fiche.nom}/" in lu(page)] == []
    assert ">Agent</a>" not in lu(pages[0])


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("fiche", INTERNES, ids=lambda fiche: fiche.nom)
def test_un_agent_trouve_ses_fiches(client: Client, fiche: FicheAide) -> None:
    client.force_login(agent())
    pages = [client.get(BASE), client.get(BASE, {"q": fiche.titre}), client.get(BASE, {"profil": "agent"})]

    assert fiche.titre in lu(client.get(f"{BASE}{fiche.nom}/"))
    assert all(f"{BASE}{fiche.nom}/" in lu(page) for page in pages)


def test_aucune_fiche_publique_ne_renvoie_a_une_fiche_d_agent() -> None:
    assert INTERNES
    publiques = [fiche for fiche in FICHES if not fiche.est_interne]
    assert [f.nom for f in publiques for interne in INTERNES if f"{BASE}{interne.nom}/" in f.html] == []


@pytest.mark.django_db
def test_une_fiche_se_lit_avec_sa_date_de_relecture(client: Client) -> None:
    page = lu(client.get(f"{BASE}rien-recu/"))

    assert "<h1>Je n'ai rien reçu par courriel</h1>" in page
    assert "Relue le 20 novembre 2026" in page
    assert "/aide/assistance/?motif=habilitation" in page


@pytest.mark.django_db
def test_une_fiche_inconnue_est_introuvable(client: Client) -> None:
    assert client.get(f"{BASE}nexiste-pas/").status_code == 404


@pytest.mark.django_db
def test_charger_deux_fois_ne_change_rien_et_retire_les_fiches_disparues() -> None:
    IndexFiche.objects.create(nom="disparue", titre="T", resume="R", mots="", corps="C", texte_simple="t")
    sortie = StringIO()

    call_command("aide", "charger", stdout=sortie)
    call_command("aide", "charger", stdout=sortie)

    assert set(IndexFiche.objects.values_list("nom", flat=True)) == set(fiches())
    assert f"{len(fiches())} fiches" in sortie.getvalue()


@pytest.mark.django_db
def test_l_aide_propose_les_trois_choix_de_la_note(client: Client) -> None:
    page = lu(client.get("/aide/"))

    assert "BESOIN D'AIDE\u00a0?" in page
    assert "Que voulez-vous faire\u00a0?" in page
    libelles = ("Consulter la base documentaire", "Envoyer une demande d'assistance", "Contacter le support technique")
    assert [page.index(libelle) for libelle in libelles] == sorted(page.index(libelle) for libelle in libelles)


@pytest.mark.django_db
def test_choisir_mene_a_la_page_et_ne_rien_choisir_le_dit(client: Client) -> None:
    assert client.get("/aide/", {"choix": "documentation", "aller": "1"}).headers["Location"] == BASE
    assert client.get("/aide/", {"choix": "assistance", "aller": "1"}).headers["Location"] == "/aide/assistance/"
    assert "Choisissez l'une des trois possibilités." in lu(client.get("/aide/", {"aller": "1"}))

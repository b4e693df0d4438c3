"""Joindre une pièce à une demande d'assistance, à sa suite, à une réponse ; la relire, et personne d'autre."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apart.assistance.actions import demandes
from apart.assistance.models import DemandeAssistance, Message
from apart.config.environnement import ServeurAntivirus
from apart.pieces import formats, reception
from apart.pieces.bornes import NOMBRE_PERMIS, OCTETS_PERMIS
from apart.pieces.models import Piece
from apart.socle.models import EntreeJournal, Envoi
from tests.assistance.fabriques import depot, formulaire
from tests.boite import Boite
from tests.comptes.fabriques import agent, personne
from tests.envoi import jeton_de_page
from tests.pieces.fabriques import EICAR, HTML, PDF, SVG, archive, joint, jpeg, pdf, png, recue

ASSISTANCE = "/aide/assistance/"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def lu(reponse: Any) -> str:
    return " ".join(html.unescape(reponse.content.decode()).replace("\u00a0", " ").replace("\u202f", " ").split())


def suivi(secret: str, geste: str = "") -> str:
    return f"/aide/suivi/{secret}/{geste}"


def envoyer(client: Client, *fichiers: Any, **champs: str) -> Any:
    return client.post(ASSISTANCE, formulaire(**champs) | {"pieces": list(fichiers)})


def test_une_demande_porte_ses_pieces_que_le_demandeur_relit_par_son_lien(client: Client) -> None:
    page = envoyer(client, joint("Kbis été.pdf"), joint("photo.jpg", jpeg(apres=b"vid\xc3\xa9o"), "image/jpeg"))
    suite = client.get(page.headers["Location"])

    assert page.status_code == 302
    assert "Kbis été.pdf <span" in lu(suite)
    recus = [client.get(f"{page.headers['Location']}pieces/{p.pk}/") for p in Piece.objects.all()]
    assert [recu.content for recu in recus] == [PDF, jpeg()]
    assert [recu.headers["Content-Type"] for recu in recus] == ["application/pdf", "image/jpeg"]


def test_une_demande_peut_n_avoir_que_des_pieces(client: Client) -> None:
    page = envoyer(client, joint(), description="")
    assert "kbis.pdf" in lu(client.get(page.headers["Location"]))


def test_la_conversation_echange_des_pieces_dans_les_deux_sens(client: Client, boite: Boite) -> None:
    depose, paul = depot(), agent()
    boite.recevoir()
    client.post(suivi(depose.secret, "ecrire/"), {"texte": "Voici mon Kbis.", "pieces": joint()})
    client.force_login(paul)
    bureau = f"/agents/assistance/{depose.demande.pk}/"
    assert "kbis.pdf" in lu(client.get(bureau))
    client.post(f"{bureau}repondre/", {"texte": "Voici le guide.", "pieces": joint("guide.pdf", pdf("guide"))})

    assert "guide.pdf" in lu(Client().get(suivi(depose.secret)))
    lettre = boite.recevoir_une()
    phrase = "Une pièce est jointe à cette réponse, à télécharger depuis la page de votre demande."
    assert phrase in " ".join(lettre.texte.split())
    assert not [partie for partie in lettre.message.walk() if partie.get_filename()]
    guide = Piece.objects.get(nom="guide.pdf")
    assert guide.deposee_par == paul
    assert client.get(f"{bureau}pieces/{guide.pk}/").content == pdf("guide")


@pytest.mark.menace("T23")
def test_t23_la_copie_au_bureau_dit_le_nombre_de_pieces_et_ne_les_joint_pas(
    client: Client, boite: Boite, settings: Settings
) -> None:
    settings.COURRIEL_ASSISTANCE = "contact@bureau.example"
    envoyer(client, joint(), joint("b.pdf", pdf("b")))

    copie = next(lettre for lettre in boite.recevoir() if lettre.a == "contact@bureau.example")

    assert "2 pièces jointes, à lire dans le bureau d'assistance." in copie.texte
    assert "kbis" not in copie.texte
    assert not [partie for partie in copie.message.walk() if partie.get_filename()]


@pytest.mark.menace("T23")
def test_t23_une_piece_se_telecharge_et_ne_s_ouvre_dans_aucune_page(client: Client) -> None:
    page = envoyer(client, joint("../<script>.html", PDF, "text/html"))
    recue = client.get(f"{page.headers['Location']}pieces/{Piece.objects.get().pk}/")

    assert recue.headers["Content-Type"] == "application/pdf"
    assert recue.headers["Content-Disposition"] == 'attachment; filename="-script-.pdf"'
    assert recue.headers["X-Content-Type-Options"] == "nosniff"
    assert recue.headers["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert recue.headers["Cache-Control"] == "no-store"
    assert recue.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.menace("T23")
@pytest.mark.parametrize(
    ("nom", "contenu", "phrase"),
    [
        ("vide.pdf", b"", formats.VIDE),
        ("gros.pdf", PDF + b" " * OCTETS_PERMIS, formats.TROP_LOURD),
        ("facture.pdf.exe", b"MZ\x90\0", formats.AUTRE),
        ("../../x", b"root:x:0:0", formats.AUTRE),
        ("dessin.svg", SVG, formats.PAGE),
        ("page.pdf", HTML, formats.PAGE),
        ("archive.zip", archive(), formats.ARCHIVE),
        ("lettre.docx", archive(b"word/document.xml"), formats.ARCHIVE),
        ("eicar.pdf", EICAR, formats.AUTRE),
        ("double.pdf", b"%PDF-1.4\n" + HTML + PDF, formats.MELE),
        ("suivi.pdf", PDF + archive(), formats.PDF_ABIME),
        ("bombe.png", png(30_001, 30_001), formats.TROP_GRANDE),
    ],
    ids=lambda valeur: valeur if isinstance(valeur, str) and "." in valeur[:16] else "",
)
def test_t23_un_fichier_qui_nuirait_est_refuse_et_le_reste_de_la_saisie_revient(
    client: Client, nom: str, contenu: bytes, phrase: str
) -> None:
    reponse = envoyer(client, joint("juste.pdf"), joint(nom, contenu), description="Mon long texte")

    page = lu(reponse)
    assert reponse.status_code == 200
    assert f"« {nom.rpartition('/')[2]} » : {phrase}" in page
    assert "Mon long texte" in page
    assert (
        "votre navigateur ne garde pas les fichiers : choisissez-les de nouveau. Vous aviez pris « juste.pdf »" in page
    )
    assert not Piece.objects.exists()
    assert not DemandeAssistance.objects.exists()


@pytest.mark.menace("T23")
def test_t23_le_type_annonce_n_est_pas_cru(client: Client) -> None:
    envoyer(client, joint("photo.png", jpeg(), "text/html"))
    assert (Piece.objects.get().nom, Piece.objects.get().sorte) == ("photo.jpg", "jpeg")


@pytest.mark.menace("T23")
def test_t23_pas_plus_de_cinq_pieces_et_la_meme_ne_compte_qu_une_fois(client: Client) -> None:
    trop = envoyer(client, *(joint(f"{n}.pdf", pdf(str(n))) for n in range(NOMBRE_PERMIS + 1)))
    assert "Vous avez choisi 6 pièces, il en faut 5 au plus." in lu(trop)

    envoyer(client, joint("a.pdf"), joint("b.pdf"))
    assert Piece.objects.count() == 1


@pytest.mark.menace("T23")
def test_t23_sans_antivirus_pour_repondre_rien_n_est_garde(client: Client, settings: Settings) -> None:
    settings.CLAMD = ServeurAntivirus("127.0.0.1", 1, "")
    page = lu(envoyer(client, joint(), description="Mon long texte"))
    assert "Réessayez dans quelques minutes." in page
    assert "Mon long texte" in page
    assert not Piece.objects.exists()


@pytest.mark.menace("T23")
@pytest.mark.menace("T40")
def test_t23_un_envoi_trop_lourd_le_dit_et_rien_ne_touche_le_disque(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "absent"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000
    lourds = [joint(f"{n}.pdf", pdf(str(n)) + b" " * (7 << 20)) for n in range(3)]
    reponse = envoyer(client, *lourds)
    assert reponse.status_code == 413
    assert "Vos pièces dépassent 20 Mo en tout" in lu(reponse)
    assert envoyer(client, joint(contenu=pdf("x" * 100_000))).status_code == 302


@pytest.mark.menace("T40")
def test_t40_un_reseau_n_envoie_qu_un_certain_poids_de_pieces_par_heure(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "MEBIOCTETS", type(reception.MEBIOCTETS)("pieces", 2, reception.MEBIOCTETS.periode))
    for n in range(2):
        assert envoyer(client, joint(contenu=pdf(str(n)))).status_code == 302
    assert envoyer(client, joint(contenu=pdf("3"))).status_code == 429
    assert envoyer(client).status_code == 302, "sans pièce, la demande passe"


@pytest.mark.menace("T25")
@pytest.mark.menace("T26")
def test_t25_et_t26_une_piece_ne_se_lit_que_par_le_lien_de_sa_demande_ou_par_un_agent(client: Client) -> None:
    sienne, autre = depot(pieces=(recue(),)), depot(pieces=(recue("b.pdf", pdf("b")),))
    piece = sienne.demande.messages.get().pieces.get()
    assert client.get(suivi(sienne.secret, f"pieces/{piece.pk}/")).status_code == 200

    assert client.get(suivi(autre.secret, f"pieces/{piece.pk}/")).status_code == 404
    assert client.get(suivi("0" * 43, f"pieces/{piece.pk}/")).status_code == 404
    bureau = "/agents/assistance/{}/pieces/{}/".format
    assert client.get(bureau(sienne.demande.pk, piece.pk)).status_code == 302
    client.force_login(personne())
    assert client.get(bureau(sienne.demande.pk, piece.pk)).status_code == 404
    client.force_login(agent())
    assert client.get(bureau(sienne.demande.pk, piece.pk)).status_code == 200
    assert client.get(bureau(autre.demande.pk, piece.pk)).status_code == 404


@pytest.mark.menace("T26")
def test_t26_la_piece_d_une_note_interne_ne_se_lit_pas_par_le_lien(client: Client) -> None:
    depose = depot(pieces=(recue(),))
    Message.objects.update(voix="note")
    assert client.get(suivi(depose.secret, f"pieces/{Piece.objects.get().pk}/")).status_code == 404


@pytest.mark.menace("T21")
def test_t21_un_agent_qui_ouvre_une_piece_laisse_une_trace(client: Client) -> None:
    depose = depot(pieces=(recue(),))
    client.force_login(agent())
    client.get(f"/agents/assistance/{depose.demande.pk}/pieces/{Piece.objects.get().pk}/")
    assert EntreeJournal.objects.get(geste="consulter").details == {"piece": Piece.objects.get().pk}


def test_le_meme_envoi_refait_ne_garde_la_piece_qu_une_fois_et_une_autre_piece_en_est_un_autre() -> None:
    """La clé d'un envoi compte l'empreinte des pièces ; ce qui est gardé de l'envoi ne les porte pas."""
    client = Client()
    jeton = jeton_de_page(client)
    champs = formulaire() | {"csrfmiddlewaretoken": jeton}

    def cliquer(contenu: bytes) -> Any:
        return client.post(ASSISTANCE, champs | {"pieces": joint(contenu=contenu)})

    un, deux = cliquer(PDF), cliquer(PDF)
    assert un.headers["Location"] == deux.headers["Location"]
    assert (Piece.objects.count(), DemandeAssistance.objects.count()) == (1, 1)
    assert len(bytes(Envoi.objects.get().contenu)) < 1_000

    cliquer(pdf("une autre"))
    assert Envoi.objects.count() == 1, "la preuve de travail a déjà servi : rien n'est fait"
    assert Piece.objects.count() == 1


def test_sans_cle_d_envoi_le_geste_reconnait_lui_meme_ce_qui_est_deja_dit() -> None:
    depose, paul = depot(), agent()
    for _ in range(2):
        demandes.ecrire(depose.demande, texte="Voici.", pieces=[recue()])
    assert (Message.objects.count(), Piece.objects.count()) == (2, 1)
    demandes.ecrire(depose.demande, texte="Voici.", pieces=[recue(contenu=pdf("autre"))])
    assert (Message.objects.count(), Piece.objects.count()) == (3, 2)
    for _ in range(2):
        demandes.repondre(depose.demande, texte="Vu.", par=paul, pieces=[recue(contenu=pdf("guide"))])
    assert (Message.objects.count(), Piece.objects.count()) == (4, 3)


def test_les_formulaires_disent_les_formats_et_la_taille_avant_l_envoi(client: Client) -> None:
    depose = depot()
    for chemin in (ASSISTANCE, suivi(depose.secret)):
        page = lu(client.get(chemin))
        assert "PDF, PNG ou JPEG. 5 pièces au plus, 10 Mo chacune et 20 Mo en tout." in page
        assert 'enctype="multipart/form-data"' in page
    assert settings.CSRF_COOKIE_NAME in client.cookies


def test_un_jeton_csrf_absent_est_refuse_avec_ses_pieces() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(ASSISTANCE, formulaire() | {"pieces": joint()}).status_code == 403
    assert not Piece.objects.exists()


def test_le_nombre_de_requetes_d_une_conversation_ne_grandit_pas_avec_ses_pieces(client: Client) -> None:
    depose = depot()
    mesures = []
    for tour in range(2):
        for n in range(4):
            demandes.ecrire(depose.demande, texte=f"{tour} {n}", pieces=[recue(contenu=pdf(f"{tour} {n}"))])
        with CaptureQueriesContext(connection) as requetes:
            client.get(suivi(depose.secret))
        mesures.append(len(requetes))
    assert mesures[0] == mesures[1]

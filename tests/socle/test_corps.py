"""Un corps trop gros est coupé, un gros formulaire est lu dans un enfant, un fichier non attendu n'est pas gardé."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from apart.socle import corps, enfant
from apart.tableaux.tableau import OCTETS_PERMIS

pytestmark = pytest.mark.django_db
FICHIER, CONNEXION, EMPLOYEUR = "/simulateur/fichier/", "/connexion/", "/simulateur/employeur/"


class Compte(io.BytesIO):
    """Un corps annoncé, qui compte ce qui en est lu."""

    lus = 0

    def __init__(self, longueur: int) -> None:
        super().__init__()
        self.reste = longueur

    def read(self, taille: int | None = -1, /) -> bytes:
        rendus = min(self.reste, self.reste if taille is None or taille < 0 else taille)
        self.reste -= rendus
        self.lus += rendus
        return b"x" * rendus


def poster(
    client: Client, adresse: str, longueur: int, genre: str = "multipart/form-data; boundary=b"
) -> tuple[int, int, str]:
    """Le statut, ce qui a été lu du corps, la page."""
    lu = Compte(longueur)
    envoi = {"wsgi.input": lu, "CONTENT_LENGTH": str(longueur), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    reponse = client.generic("POST", adresse, **envoi)  # type: ignore[arg-type]
    return reponse.status_code, lu.lus, reponse.content.decode()


@pytest.mark.menace("T40")
def test_t40_un_fichier_un_peu_trop_gros_est_lu_jusqu_au_bout_puis_refuse(client: Client) -> None:
    """Sans quoi le navigateur montrerait une connexion coupée."""
    longueur = OCTETS_PERMIS + corps.ENVELOPPE + 1
    statut, lus, page = poster(client, FICHIER, longueur)
    assert (statut, lus) == (413, longueur)
    assert "Ce fichier dépasse 20 Mio" in page


@pytest.mark.menace("T40")
@pytest.mark.parametrize("adresse", [FICHIER, CONNEXION])
def test_t40_un_corps_bien_trop_gros_est_coupe(client: Client, adresse: str) -> None:
    statut, lus, page = poster(client, adresse, 2 << 30)
    assert (statut in {400, 413}, lus) == (True, 0)
    assert "Ce fichier dépasse 20 Mio" in page or "Cet envoi est trop volumineux" in page


@pytest.mark.menace("T40")
def test_t40_une_longueur_qui_n_est_pas_un_nombre_n_est_pas_lue() -> None:
    for annoncee in ("", "-1", "1_0", "²", "x"):
        assert corps.longueur(RequestFactory().get("/", CONTENT_LENGTH=annoncee)) == 0


@pytest.mark.menace("T40")
@pytest.mark.parametrize("adresse", [FICHIER, CONNEXION])
def test_t40_un_envoi_sans_longueur_est_refuse_et_le_dit(client: Client, adresse: str) -> None:
    """Le serveur n'en attend pas la suite : la page lirait un formulaire vide."""
    reponse = client.post(adresse, {"identifiant": "x"}, headers={"Transfer-Encoding": "chunked"})
    assert reponse.status_code == 411
    assert "donnez sa longueur dans l&#x27;en-tête Content-Length" in reponse.content.decode()


@pytest.mark.menace("T40")
def test_t40_un_fichier_que_rien_n_attend_n_est_pas_garde(client: Client, tmp_path: Path, settings: Settings) -> None:
    """Django l'écrirait, quelle que soit sa taille, dans un dossier temporaire ; celui-ci n'existe pas."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "absent"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000
    fichier = SimpleUploadedFile("a.bin", b"x" * 30_000)
    assert client.post(CONNEXION, {"identifiant": "x", "fichier": fichier}).status_code < 500


def test_un_gros_formulaire_est_lu_dans_un_enfant_comme_ici(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lus = []

    def obtenir(*confie: object) -> object:
        lus.append(confie[0])
        return vrai(*confie)  # type: ignore[arg-type]

    vrai = enfant.obtenir
    monkeypatch.setattr(enfant, "obtenir", obtenir)
    champs = {f"a-{rang}-nom": "é" * 40 for rang in range(1, 50)}
    gros = {**champs, "a-1-remuneration": "deux mille", "a-2-nom": "x" * 70_000}
    reponse = client.post(EMPLOYEUR, gros)
    assert lus == [corps.lire_formulaire]
    assert "deux mille" in reponse.content.decode()
    client.post(EMPLOYEUR, champs)
    assert len(lus) == 1, "un petit se lit sur place"


@pytest.mark.parametrize("genre", sorted(corps.FORMULAIRES))
def test_les_bornes_de_django_valent_aussi_dans_l_enfant(settings: Settings, genre: str) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    partie = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    multiple = genre.startswith("multipart")
    octets = partie * 5 + b"--b--\r\n" if multiple else b"a=1&" * 5
    with pytest.raises(Exception, match="exceeded") as refus:
        corps.lire_formulaire(octets, f"{genre}; boundary=b" if multiple else genre, None)
    assert not isinstance(refus.value, RequestDataTooBig)

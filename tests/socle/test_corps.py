"""Un corps trop gros est coupé, un gros formulaire est lu dans un enfant, un fichier non attendu n'est pas gardé."""

from __future__ import annotations

import io
from html import unescape
from pathlib import Path
from typing import Any, NoReturn

import pytest
import time_machine
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.socle import corps, depense, enfant, reception
from apart.socle.corps import lire_formulaire
from apart.socle.depense import confier
from apart.socle.enfant import PHRASES
from apart.tableaux.tableau import OCTETS_PERMIS

PAR_LOT = depense.PAR_LOT

pytestmark = pytest.mark.django_db
COLLE = "remuneration;mois;heures\n2000;04/2026;70\n"
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
    assert "Ce fichier dépasse 20\u00a0Mo" in page


@pytest.mark.menace("T40")
@pytest.mark.parametrize("adresse", [FICHIER, CONNEXION])
def test_t40_un_corps_bien_trop_gros_est_coupe(client: Client, adresse: str) -> None:
    statut, lus, page = poster(client, adresse, 2 << 30)
    assert (statut in {400, 413}, lus) == (True, 0)
    assert "Ce fichier dépasse 20\u00a0Mo" in page or "Cet envoi est trop volumineux" in page


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


@pytest.mark.menace("T23")
def test_t23_un_fichier_de_salaires_n_est_jamais_ecrit_sur_le_disque(
    client: Client, tmp_path: Path, settings: Settings
) -> None:
    """Django écrirait celui-ci dans un dossier temporaire ; il n'y en a pas."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "absent"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000
    lignes = COLLE + "2000;04/2026;70\n" * 999
    page = client.post(FICHIER, {"fichier": SimpleUploadedFile("paie.csv", lignes.encode()), "recevoir": "voir"})
    assert "1 000 lignes calculées" in " ".join(page.content.decode().split())


def test_un_gros_formulaire_est_lu_dans_un_enfant_comme_ici(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lus = []

    def noter(request: HttpRequest, travail: object, *arguments: object) -> object:
        lus.append(travail)
        return confier(request, travail, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reception, "confier", noter)
    champs = {f"a-{rang}-nom": "é" * 40 for rang in range(1, 50)}
    gros = {**champs, "a-1-remuneration": "deux mille", "a-2-nom": "x" * 70_000}
    reponse = client.post(EMPLOYEUR, gros)
    assert lus == [lire_formulaire]
    assert "deux mille" in reponse.content.decode()
    client.post(EMPLOYEUR, champs)
    assert len(lus) == 1, "un petit se lit sur place"


GROS = {"a-1-nom": "x" * 70_000}
CHEZ_NOUS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def _rien_de_compte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depense, "_restes", {})
    monkeypatch.setattr(depense, "_epuisees", {})
    monkeypatch.setattr(depense, "PAR_LOT", PAR_LOT)
    monkeypatch.setattr(enfant, "places", enfant._Places(2))


@pytest.mark.jour
@pytest.mark.menace("T40")
@pytest.mark.usefixtures("_rien_de_compte")
def test_t40_un_gros_formulaire_est_compte_a_son_adresse_et_refuse_sans_credit(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        client.post(CONNEXION, GROS)
        assert depense._restes["127.0.0.1"] > 0
        depense.depenser(61.0, "127.0.0.1")
        reponse = client.post(CONNEXION, GROS, headers=CHEZ_NOUS)
        assert (reponse.status_code, "Retry-After" in reponse.headers) == (429, True)
        assert client.post(CONNEXION, GROS, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.jour
@pytest.mark.menace("T40")
@pytest.mark.usefixtures("_rien_de_compte")
def test_t40_de_gros_formulaires_en_boucle_n_empechent_pas_un_fichier_d_un_autre_reseau(client: Client) -> None:
    """Une demande de ce réseau a son enfant, une autre l'attend : la suivante lit quand revenir, non relue ici."""
    with enfant.places.prendre("127.0.0.1"):
        enfant.places._admises.append("127.0.0.1")
        reponse = client.post(CONNEXION, GROS, headers=CHEZ_NOUS)
        assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "30")
        assert "Renvoyer ce que j" not in reponse.content.decode(), "rien n'a été lu : il n'y a rien à renvoyer d'ici"
        calcule = client.post(FICHIER, {"colle": COLLE}, REMOTE_ADDR="192.0.2.9")
        assert calcule.status_code == 200
        assert "1 ligne calculée" in " ".join(calcule.content.decode().split())
        enfant.places._admises.remove("127.0.0.1")


@pytest.mark.menace("T40")
@pytest.mark.usefixtures("_rien_de_compte")
@pytest.mark.parametrize(
    ("adresse", "envoi", "statut"),
    [
        (CONNEXION, {"data": GROS}, 413),
        (FICHIER, {"data": {"colle": COLLE}}, 200),
        ("/api/v1/simulations", {"data": b'{"groupes": [' + b" " * 70_000, "content_type": "application/json"}, 413),
    ],
    ids=["formulaire", "fichier", "programme"],
)
def test_t40_un_enfant_arrete_donne_une_phrase(
    client: Client, monkeypatch: pytest.MonkeyPatch, adresse: str, envoi: dict[str, Any], statut: int
) -> None:
    """Une réponse sans cette phrase n'est pas passée par l'enfant."""

    def mourir(*_: object) -> NoReturn:
        raise enfant.Interrompu(enfant.MEMOIRE)

    monkeypatch.setattr(enfant.Enfant, "_recevoir", mourir)
    reponse = client.post(adresse, **envoi)
    assert reponse.status_code == statut
    assert PHRASES[enfant.MEMOIRE] in " ".join(unescape(reponse.content.decode()).split())


@pytest.mark.parametrize("genre", sorted(reception.FORMULAIRES))
def test_les_bornes_de_django_valent_aussi_dans_l_enfant(settings: Settings, genre: str) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    partie = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    multiple = genre.startswith("multipart")
    octets = partie * 5 + b"--b--\r\n" if multiple else b"a=1&" * 5
    with pytest.raises(Exception, match="exceeded") as refus:
        lire_formulaire(octets, f"{genre}; boundary=b" if multiple else genre, None)
    assert not isinstance(refus.value, RequestDataTooBig)


@pytest.mark.parametrize(("annoncee", "lue"), [("9" * 5_000, int("9" * 19)), ("٣", 0), ("-1", 0), ("", 0), ("12", 12)])
def test_une_longueur_annoncee_n_importe_comment_se_lit(rf: RequestFactory, annoncee: str, lue: int) -> None:
    demande = rf.get("/")
    demande.META["CONTENT_LENGTH"] = annoncee
    assert corps.longueur(demande) == lue

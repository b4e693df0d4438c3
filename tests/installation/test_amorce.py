"""L'amorce prépare .venv sans rien supposer de la machine."""

from __future__ import annotations

import hashlib
import importlib.util
import ssl
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import django
import pytest

RACINE = Path(__file__).resolve().parents[2]


@pytest.fixture
def amorce(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Le programme, tourné vers un .venv d'essai."""
    fiche = importlib.util.spec_from_file_location("amorcer", RACINE / "outils" / "amorcer.py")
    assert fiche
    assert fiche.loader
    module = importlib.util.module_from_spec(fiche)
    fiche.loader.exec_module(module)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "UV", tmp_path / ".venv" / "bin" / "uv")
    return module


@pytest.fixture
def miroir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amorce: ModuleType) -> dict[str, Any]:
    """Un index de paquets de la maison, réglé comme pour pip, qui ne publie que uv."""
    vraie = amorce.fiche_de_uv()
    nom = next(roue["url"] for roue in vraie["wheels"] if amorce.convient(roue["url"])).rsplit("/", 1)[1]
    roue = tmp_path / "fichiers" / nom
    roue.parent.mkdir()
    with zipfile.ZipFile(roue, "w") as archive:
        archive.writestr(f"uv-{vraie['version']}.data/scripts/uv", "#!/bin/sh\necho uv pour essai\n")
    page = tmp_path / "simple" / "uv" / ""
    page.mkdir(parents=True)
    monkeypatch.setattr(amorce, "telecharger", lambda adresse: lire(adresse, tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "https://miroir.exemple.fr/simple")
    (page / "index.html").write_text(f'<a href="../../fichiers/{nom}#sha256=1">{nom}</a>')
    empreinte = hashlib.sha256(roue.read_bytes()).hexdigest()
    return {"version": vraie["version"], "wheels": [{"url": f"https://ailleurs/{nom}", "hash": f"sha256:{empreinte}"}]}


def lire(adresse: str, racine: Path) -> bytes:
    chemin = racine / adresse.removeprefix("https://miroir.exemple.fr/").split("#")[0]
    return (chemin / "index.html" if chemin.is_dir() else chemin).read_bytes()


def test_sans_pip_uv_vient_du_miroir_regle_et_son_empreinte_est_comparee(
    amorce: ModuleType, miroir: dict[str, Any]
) -> None:
    assert amorce.uv_a_la_main(miroir) == (True, "")
    assert amorce.essayer(amorce.UV) == (True, "uv pour essai")


def test_une_roue_alteree_est_refusee(amorce: ModuleType, miroir: dict[str, Any]) -> None:
    miroir["wheels"][0]["hash"] = f"sha256:{'0' * 64}"
    assert amorce.uv_a_la_main(miroir) == (False, "La roue de uv reçue n'a pas l'empreinte attendue.")
    assert not amorce.UV.exists()


def test_sans_reseau_la_phrase_dit_de_quoi_il_s_agit(amorce: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for moyen in ("uv_par_pip", "uv_a_la_main"):
        monkeypatch.setattr(amorce, moyen, lambda fiche: (False, "pas de réseau"))
    with pytest.raises(amorce.Echec, match="Cette machine atteint-elle internet, ou un miroir réglé par"):
        amorce.installer_uv()


def test_sans_ensurepip_le_venv_se_fait_sans_pip(amorce: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian et Ubuntu sans python3-venv."""
    essayees: list[tuple[object, ...]] = []

    def essayer(*commande: object) -> tuple[bool, str]:
        essayees.append(commande)
        return "--without-pip" in commande, "ensurepip is not available"

    monkeypatch.setattr(amorce, "essayer", essayer)
    amorce.creer_le_venv()
    assert ["--without-pip" in commande for commande in essayees] == [False, True]


def test_un_certificat_refuse_dit_quel_paquet_manque(amorce: ModuleType) -> None:
    assert "Installez le paquet ca-certificates" in amorce.sans_reseau("SSL: CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize(
    ("autorites", "miroir", "juge"),
    [
        (True, "", ssl.CERT_REQUIRED),
        (False, "", ssl.CERT_NONE),
        (False, "https://moi:secret@miroir.exemple.fr/simple", ssl.CERT_REQUIRED),
    ],
    ids=["autorites", "aucune autorite", "miroir"],
)
def test_le_certificat_est_verifie_des_qu_il_peut_l_etre(
    amorce: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    autorites: bool,
    miroir: str,
    juge: ssl.VerifyMode,
) -> None:
    """Debian nue, ni ca-certificates, ni pip, ni root : l'empreinte notée décide, et une ligne le dit."""
    contextes: list[ssl.SSLContext] = []

    def ouvrir(adresse: str, timeout: int, context: ssl.SSLContext) -> BytesIO:
        contextes.append(context)
        return BytesIO(b"autre chose")

    monkeypatch.setattr(amorce, "miroir_regle", lambda: miroir)
    monkeypatch.setattr(amorce, "a_des_autorites", lambda contexte: autorites)
    monkeypatch.setattr(amorce.urllib.request, "urlopen", ouvrir)
    assert amorce.telecharger("https://exemple.fr/uv.whl") == b"autre chose"
    assert contextes[0].verify_mode == juge
    assert contextes[0].check_hostname == (juge is ssl.CERT_REQUIRED)
    dit = capsys.readouterr().out
    assert ("l'empreinte notée dans uv.lock juge seule" in dit) == (juge is ssl.CERT_NONE)


def test_un_dossier_d_autorites_suffit_et_sans_lui_il_n_y_en_a_pas(
    amorce: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dossier = tmp_path / "certs"
    dossier.mkdir()
    lieux = SimpleNamespace(capath=None, openssl_capath=str(dossier))
    monkeypatch.setattr(amorce.ssl, "get_default_verify_paths", lambda: lieux)
    nu = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert not amorce.a_des_autorites(nu)
    (dossier / "4042bcee.0").touch()
    assert amorce.a_des_autorites(nu)


@pytest.mark.parametrize(
    ("detail", "accuse"),
    [
        ("error: No space left on device (os error 28)", "le disque est plein"),
        ("error: Permission denied (os error 13)", "ce compte ne peut pas écrire"),
        ("error: Failed to parse uv.lock", ""),
        ("dns error: failed to lookup address information", "Cette machine atteint-elle internet"),
        ("Connection refused (os error 111)", "Cette machine atteint-elle internet"),
    ],
)
def test_le_reseau_n_est_accuse_que_de_ses_fautes(amorce: ModuleType, detail: str, accuse: str) -> None:
    dit = amorce.sans_reseau(detail)
    assert accuse in dit
    assert detail in dit
    assert ("internet" in dit) is ("internet" in accuse)


def test_un_dossier_a_accents_marche_sous_lc_all_c(
    amorce: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "Activité partielle"
    paquets = clone / ".venv" / "lib" / "python3.11" / "site-packages"
    paquets.mkdir(parents=True)
    (clone / "src").mkdir()
    (paquets / "_editable_impl_apart.pth").write_text(f"{clone / 'src'}")
    monkeypatch.setattr(amorce, "RACINE", clone)
    monkeypatch.setattr(amorce, "VENV", clone / ".venv")
    amorce.relier_au_plus_court()
    dire = "import site, sys; site.addsitedir(sys.argv[1]); print(any(c.endswith('partielle/src') for c in sys.path))"
    fini = subprocess.run(
        [sys.executable, "-c", dire, paquets], env={"LC_ALL": "C"}, capture_output=True, text=True, check=True
    )
    assert fini.stdout == "True\n"


def test_un_python_trop_ancien_dit_lequel_il_faut(amorce: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amorce.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(amorce.shutil, "which", lambda nom: None)
    with pytest.raises(amorce.Echec, match=r"Apart demande Python 3\.11 ou plus"):
        amorce.exiger_un_python_recent()


def test_les_composants_installes_sont_deja_compiles() -> None:
    """Sinon chaque commande les recompile, là où Python n'écrit pas ses .pyc."""
    jamais_importe = Path(django.__file__).with_name("__main__.py")
    assert Path(importlib.util.cache_from_source(str(jamais_importe))).exists()

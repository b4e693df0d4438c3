"""L'amorce prépare .venv sans rien supposer de la machine."""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from pathlib import Path
from types import ModuleType
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
    monkeypatch.setattr(amorce, "telecharger", lambda adresse, verifier=True: lire(adresse, tmp_path))
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
    monkeypatch.setattr(amorce, "a_ensurepip", lambda: True)
    for moyen in ("uv_par_le_pip_du_venv", "uv_par_le_pip_du_systeme", "uv_a_la_main"):
        monkeypatch.setattr(amorce, moyen, lambda fiche: (False, "pas de réseau"))
    with pytest.raises(amorce.Echec, match="Cette machine atteint-elle internet, ou un miroir réglé par"):
        amorce.installer_uv()


def test_un_certificat_refuse_dit_quel_paquet_manque(amorce: ModuleType) -> None:
    assert "Installez le paquet ca-certificates" in amorce.sans_reseau("SSL: CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize(("autorites", "verifiee"), [(True, True), (False, False)])
def test_sans_autorite_de_certification_l_empreinte_seule_juge(
    amorce: ModuleType, monkeypatch: pytest.MonkeyPatch, autorites: bool, verifiee: bool
) -> None:
    """Debian nue : ni ca-certificates, ni pip, ni root."""
    demandes: list[bool] = []

    def telecharger(adresse: str, verifier: bool) -> bytes:
        demandes.append(verifier)
        return b"autre chose"

    monkeypatch.setattr(amorce, "miroir_regle", lambda: "")
    monkeypatch.setattr(amorce, "a_des_autorites", lambda: autorites)
    monkeypatch.setattr(amorce, "telecharger", telecharger)
    assert amorce.uv_a_la_main(amorce.fiche_de_uv()) == (False, "La roue de uv reçue n'a pas l'empreinte attendue.")
    assert demandes == [verifiee]


def test_un_miroir_est_toujours_verifie(
    amorce: ModuleType, miroir: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Son adresse porte parfois un mot de passe."""
    demandes: list[bool] = []

    def telecharger(adresse: str, verifier: bool = True) -> bytes:
        demandes.append(verifier)
        return lire(adresse, tmp_path)

    monkeypatch.setattr(amorce, "a_des_autorites", lambda: False)
    monkeypatch.setattr(amorce, "telecharger", telecharger)
    assert amorce.uv_a_la_main(miroir) == (True, "")
    assert demandes == [True, True]


def test_un_python_trop_ancien_dit_lequel_il_faut(amorce: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amorce.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(amorce.shutil, "which", lambda nom: None)
    with pytest.raises(amorce.Echec, match=r"Apart demande Python 3\.11 ou plus"):
        amorce.exiger_un_python_recent()


def test_les_composants_installes_sont_deja_compiles() -> None:
    """Sinon chaque commande les recompile, là où Python n'écrit pas ses .pyc."""
    jamais_importe = Path(django.__file__).with_name("__main__.py")
    assert Path(importlib.util.cache_from_source(str(jamais_importe))).exists()

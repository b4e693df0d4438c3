"""Prépare .venv avec les versions de uv.lock, à partir du seul Python du système.

Rien n'est supposé : ni git, ni pip, ni le paquet python3-venv, ni les droits de root. Ce qui est téléchargé l'est à la
version et à l'empreinte notées dans uv.lock. Ce fichier reste lisible par un vieux Python 3, pour pouvoir lui dire
qu'il ne suffit pas.
"""

import configparser
import hashlib
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
VENV = RACINE / ".venv"
PYTHON, PIP, UV = (VENV / "bin" / nom for nom in ("python", "pip", "uv"))
# Ce que disent pip, uv et Python quand rien ne répond au bout : le reste n'est pas la faute du réseau.
RESEAU = re.compile(
    r"réseau|network|connect|resolve|resolution|dns|unreachable|timed? ?out|proxy|error sending request|fetch|urlopen",
    re.IGNORECASE,
)
TEMOIN = VENV / ".pret"
MINIMUM = (3, 11)
INSTALLER = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2")


class Echec(Exception):
    """L'installation ne peut pas continuer ; le message dit pourquoi et que faire."""


def main() -> int:
    try:
        exiger_un_python_recent()
        if TEMOIN.exists() and TEMOIN.read_text() == empreinte() and (VENV / "bin" / "apart").exists():
            return 0
        print("Préparation de .venv (une minute environ la première fois)…", flush=True)
        creer_le_venv()
        installer_uv()
        installer_les_paquets()
        TEMOIN.write_text(empreinte())
    except Echec as echec:
        print(echec, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def exiger_un_python_recent() -> None:
    """Sous un Python trop ancien, passe la main au plus récent de la machine."""
    if sys.version_info >= MINIMUM:
        return
    for mineure in range(14, MINIMUM[1] - 1, -1):
        autre = shutil.which(f"python3.{mineure}")
        if autre:
            os.execv(autre, [autre, *sys.argv])  # noqa: S606  # même programme, autre Python
    raise Echec(
        f"Apart demande Python {MINIMUM[0]}.{MINIMUM[1]} ou plus ; cette machine a la version "
        f"{platform.python_version()}. Installez un Python plus récent, puis relancez."
    )


def empreinte() -> str:
    """Change avec les dépendances, ce programme, le Python du système ou l'endroit où est le clone."""
    tout = hashlib.sha256(f"{RACINE} {sys.version} {sys.base_prefix}".encode())
    for nom in ("pyproject.toml", "uv.lock", "outils/amorcer.py"):
        tout.update((RACINE / nom).read_bytes())
    return tout.hexdigest()


def essayer(*commande: object, **reglages: object) -> "tuple[bool, str]":
    """Lance une commande ; rend sa réussite et la fin de ce qu'elle a écrit."""
    try:
        fini = subprocess.run(
            [str(morceau) for morceau in commande],
            cwd=RACINE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **reglages,
        )
    except OSError as erreur:
        return False, f"{commande[0]} : {erreur.strerror}"
    lignes = fini.stdout.decode(errors="replace").strip().splitlines()
    return fini.returncode == 0, "\n".join(lignes[-6:])


def creer_le_venv() -> None:
    """Un .venv en état de marche ; refait s'il est abîmé, ou si le clone a changé de place.

    Debian et Ubuntu mettent ensurepip dans un paquet à part, python3-venv : sans lui, .venv n'a pas pip.
    """
    ici = VENV / ".ici"
    if PYTHON.exists() and essayer(PYTHON, "--version")[0] and ici.exists() and ici.read_text() == str(RACINE):
        return
    venv = (sys.executable, "-m", "venv", "--clear")
    if not essayer(*venv, VENV)[0]:
        reussi, detail = essayer(*venv, "--without-pip", VENV)
        if not reussi:
            raise Echec(f"Le dossier {VENV} ne peut pas être créé :\n{detail}")
    ici.write_text(str(RACINE))


def installer_uv() -> None:
    """Par pip s'il y en a un (il connaît le miroir de la maison), sinon à la main."""
    fiche = fiche_de_uv()
    if UV.exists() and essayer(UV, "--version")[1].startswith(f"uv {fiche['version']}"):
        return
    refus = []
    for moyen in (uv_par_pip, uv_a_la_main):
        reussi, detail = moyen(fiche)
        if reussi:
            return
        refus += detail.splitlines()[-1:]
    raise Echec(sans_reseau("\n".join(refus)))


def fiche_de_uv() -> dict:
    import tomllib

    with (RACINE / "uv.lock").open("rb") as verrou:
        return next(paquet for paquet in tomllib.load(verrou)["package"] if paquet["name"] == "uv")


def uv_par_pip(fiche: dict) -> "tuple[bool, str]":
    if not PIP.exists():
        return False, ""
    return essayer(PYTHON, *INSTALLER, f"uv=={fiche['version']}")


def uv_a_la_main(fiche: dict) -> "tuple[bool, str]":
    """Télécharge la roue de uv, compare son empreinte à celle de uv.lock, en sort le programme."""
    roue = next((roue for roue in fiche["wheels"] if convient(roue["url"])), None)
    if roue is None:
        return False, f"uv n'est pas publié pour {sys.platform} {platform.machine()}."
    try:
        contenu = telecharger(adresse_de_la_roue(roue["url"]))
    except (OSError, ValueError) as erreur:
        return False, f"uv ne se télécharge pas : {erreur}"
    if f"sha256:{hashlib.sha256(contenu).hexdigest()}" != roue["hash"]:
        return False, "La roue de uv reçue n'a pas l'empreinte attendue."
    archive = VENV / "uv.whl"
    archive.write_bytes(contenu)
    with zipfile.ZipFile(archive) as paquet:
        programme = next(nom for nom in paquet.namelist() if nom.endswith(".data/scripts/uv"))
        UV.write_bytes(paquet.read(programme))
    UV.chmod(0o755)
    archive.unlink()
    return True, ""


def convient(adresse: str) -> bool:
    nom, machine = adresse.rsplit("/", 1)[1], platform.machine()
    if sys.platform == "darwin":
        return "macosx" in nom and nom.endswith(f"_{machine}.whl")
    famille = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return any(famille in etiquette and etiquette.endswith(f"_{machine}") for etiquette in nom[:-4].split("."))


def adresse_de_la_roue(adresse: str) -> str:
    """L'adresse notée dans uv.lock, ou celle du même fichier sur le miroir que règle la machine."""
    miroir = miroir_regle()
    if not miroir:
        return adresse
    page = f"{miroir.rstrip('/')}/uv/"
    nom = adresse.rsplit("/", 1)[1]
    for lien in telecharger(page).decode(errors="replace").split('href="')[1:]:
        cible = lien.split('"', 1)[0]
        if urllib.parse.unquote(urllib.parse.urlsplit(cible).path).endswith(f"/{nom}") or cible.startswith(nom):
            return urllib.parse.urljoin(page, cible)
    raise ValueError(f"{nom} est absent de {page}")


def miroir_regle() -> str:
    """L'index réglé pour pip ou uv sur cette machine ; vide s'il n'y en a pas."""
    for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(variable):
            return os.environ[variable]
    reglages = configparser.ConfigParser(interpolation=None)
    maison = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() refuse un compte sans dossier personnel
    fichiers = ["/etc/pip.conf", maison / ".pip" / "pip.conf", maison / ".config" / "pip" / "pip.conf"]
    try:
        reglages.read([*fichiers, os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
    return reglages.get("install", "index-url", fallback=reglages.get("global", "index-url", fallback=""))


def telecharger(adresse: str) -> bytes:
    if not adresse.startswith(("https://", "http://", "file://")):
        raise ValueError(f"adresse inattendue : {adresse}")
    # Une Debian nue n'a aucune autorité : c'est l'empreinte, dans uv_a_la_main, qui juge alors ce qui arrive.
    contexte = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"))
    if not a_des_autorites(contexte) and not miroir_regle():  # l'adresse d'un miroir porte parfois un mot de passe
        print("Aucune autorité de certification ici : l'empreinte notée dans uv.lock juge seule ce qui arrive.")
        contexte.check_hostname, contexte.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(adresse, timeout=60, context=contexte) as reponse:  # noqa: S310  # empreinte vérifiée
        return reponse.read()


def a_des_autorites(contexte: ssl.SSLContext) -> bool:
    """Celles d'un fichier sont déjà lues ; celles d'un dossier ne le sont qu'au besoin."""
    lieux = ssl.get_default_verify_paths()
    dossier = Path(lieux.capath or lieux.openssl_capath)
    return bool(contexte.get_ca_certs()) or (dossier.is_dir() and any(dossier.iterdir()))


def installer_les_paquets() -> None:
    """uv installe uv.lock ; s'il n'atteint pas l'index noté et qu'un miroir est réglé, pip installe la même liste."""
    environnement = {cle: valeur for cle, valeur in os.environ.items() if cle != "VIRTUAL_ENV"}
    environnement.update(UV_PROJECT_ENVIRONMENT=str(VENV), UV_PYTHON_DOWNLOADS="never")
    if not os.access(os.path.expanduser("~"), os.W_OK):  # noqa: PTH111  # compte sans dossier personnel
        environnement.update(UV_NO_CACHE="1", PIP_NO_CACHE_DIR="1")
    # Compilés une fois pour toutes : sinon chaque commande les recompile (une à deux secondes) là où Python n'écrit
    # pas ses .pyc, et toujours pour un compte qui ne peut pas écrire dans .venv.
    sync = (UV, "sync", "--quiet", "--locked", "--inexact", "--all-extras", "--compile-bytecode", "--python", PYTHON)
    reussi, detail = essayer(*sync, env=environnement)
    if not reussi and "certificate" in detail:  # l'autorité de la maison n'est connue que du système
        reussi, detail = essayer(*sync, "--system-certs", env=environnement)
    if not reussi and miroir_regle() and PIP.exists():
        reussi, detail = installer_par_pip(environnement)
    if not reussi:
        raise Echec(sans_reseau(detail))
    relier_au_plus_court()


def relier_au_plus_court() -> None:
    """Dit où est notre code depuis .venv : sous LC_ALL=C, Python ne lit pas ici un chemin entier qui a des accents."""
    for lien in VENV.glob("lib/python*/site-packages/_editable_impl_apart.pth"):
        lien.write_text(os.path.relpath(RACINE / "src", lien.parent) + "\n")


def installer_par_pip(environnement: dict) -> "tuple[bool, str]":
    liste = VENV / "liste.txt"
    reussi, detail = essayer(
        *(UV, "export", "--quiet", "--frozen", "--all-extras", "--no-emit-project", "--output-file", liste),
        env=environnement,
    )
    if reussi:
        reussi, detail = essayer(PYTHON, *INSTALLER, "--require-hashes", "-r", liste, env=environnement)
    if reussi:
        reussi, detail = essayer(PYTHON, *INSTALLER, "--no-deps", "--editable", RACINE, env=environnement)
    return reussi, detail


def sans_reseau(detail: str) -> str:
    if "certificate" in detail.lower():
        return (
            "Apart n'a pas pu télécharger ses composants : cette machine ne reconnaît pas le certificat reçu. "
            "Installez le paquet ca-certificates, ou donnez l'autorité de votre réseau par SSL_CERT_FILE.\n" + detail
        )
    if "no space left" in detail.lower():
        return f"Apart n'a pas pu installer ses composants : le disque est plein.\n{detail}"
    if "permission denied" in detail.lower():
        return f"Apart n'a pas pu installer ses composants : ce compte ne peut pas écrire dans {VENV}.\n{detail}"
    if not RESEAU.search(detail):
        return f"Apart n'a pas pu installer ses composants.\n{detail}"
    return (
        "Apart n'a pas pu télécharger ses composants. Cette machine atteint-elle internet, ou un miroir réglé par "
        f"PIP_INDEX_URL ou pip.conf ?\n{detail}"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Les réglages se lisent une fois, et une valeur qu'on ne comprend pas est dite avec ce qu'il fallait écrire."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apart.config import environnement as env

POSE = Callable[[str], None]


@pytest.fixture
def essai(monkeypatch: pytest.MonkeyPatch) -> POSE:
    """Donne une valeur à la variable ESSAI."""
    return lambda valeur: monkeypatch.setenv("ESSAI", valeur)


def phrase(lire: Callable[[], object]) -> str:
    with pytest.raises(env.ReglageRefuse) as refus:
        lire()
    return str(refus.value)


@pytest.mark.parametrize(("valeur", "compris"), [("oui", True), ("1", True), ("Non", False), ("0", False), ("", True)])
def test_oui_et_non_se_lisent(essai: POSE, valeur: str, compris: bool) -> None:
    essai(valeur)
    assert env.booleen("ESSAI", defaut=True) is compris


def test_un_peut_etre_est_refuse(essai: POSE) -> None:
    essai("peut-être")
    assert phrase(lambda: env.booleen("ESSAI", defaut=True)) == (
        "Réglage ESSAI : « peut-être » ne se comprend pas ; écrivez oui ou non."
    )


@pytest.mark.parametrize("valeur", ["-1", "6", "deux", "1.5", "٣", "9" * 5_000])
def test_un_nombre_hors_bornes_dit_les_bornes(essai: POSE, valeur: str) -> None:
    essai(valeur)
    assert phrase(lambda: env.entier("ESSAI", 0, mini=0, maxi=5)) == (
        f"Réglage ESSAI : « {valeur[:60]} » ; il faut un nombre entier de 0 à 5."
    )


def test_un_choix_inconnu_dit_les_choix(essai: POSE) -> None:
    essai("parfois")
    assert "il faut l'une de ces valeurs : jamais, toujours." in phrase(
        lambda: env.choix("ESSAI", "jamais", ("jamais", "toujours"))
    )


@pytest.mark.parametrize(
    "valeur",
    ["apart.fr", "ftp://apart.fr", "https://apart.fr/site", "https://", "http://h:99999", "http://[", "http://h?a"],
)
def test_une_adresse_publique_illisible_montre_un_exemple(essai: POSE, valeur: str) -> None:
    essai(valeur)
    assert "https://apart.exemple.fr, sans chemin" in phrase(lambda: env.url_publique("ESSAI", ""))


def test_une_adresse_publique_perd_sa_barre_finale(essai: POSE) -> None:
    essai("https://apart.exemple.fr/")
    assert env.url_publique("ESSAI", "") == "https://apart.exemple.fr"


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        ("sqlite:///base", "Apart ne connaît que PostgreSQL"),
        ("apart", "Apart ne connaît que PostgreSQL"),
        ("postgresql://hote", "le nom de la base manque"),
        ("postgresql://hote:port/base", "cette adresse ne se lit pas"),
    ],
)
def test_une_base_que_l_on_ne_sait_pas_joindre_est_refusee(essai: POSE, valeur: str, attendu: str) -> None:
    essai(valeur)
    dit = phrase(lambda: env.base_de_donnees("ESSAI"))
    assert attendu in dit
    assert "postgresql://utilisateur:secret@hote:5432/base" in dit


def test_une_adresse_de_base_se_decoupe(essai: POSE) -> None:
    essai("postgresql://moi:s%40cret@base.exemple.fr:6543/apart?sslmode=require")
    base = env.base_de_donnees("ESSAI")
    assert (base["HOST"], base["PORT"], base["USER"], base["PASSWORD"], base["NAME"]) == (
        *("base.exemple.fr", 6543, "moi", "s@cret"),
        "apart",
    )
    assert base["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        ("smtp://hote", ("hote", 25, "", "", "aucun", 10.0)),
        ("smtps://moi:s%40cret@hote", ("hote", 465, "moi", "s@cret", "tls", 10.0)),
        ("smtp+starttls://hote:2525/?delai=3.5", ("hote", 2525, "", "", "starttls", 3.5)),
    ],
)
def test_un_serveur_de_courriels_se_decoupe(essai: POSE, valeur: str, attendu: tuple[object, ...]) -> None:
    essai(valeur)
    serveur = env.serveur_courriel("ESSAI", "")
    assert (
        *(serveur.hote, serveur.port, serveur.utilisateur, serveur.mot_de_passe),
        *(serveur.chiffrement, serveur.delai),
    ) == attendu


@pytest.mark.parametrize("delai", ["vite", "0", "-3", "301", "nan"])
def test_un_delai_d_envoi_impossible_est_refuse(essai: POSE, delai: str) -> None:
    essai(f"smtp://hote/?delai={delai}")
    assert f"le délai « {delai} » ; il faut un nombre de secondes" in phrase(lambda: env.serveur_courriel("ESSAI", ""))


def test_un_serveur_de_courriels_illisible_ne_montre_pas_son_mot_de_passe(essai: POSE) -> None:
    essai("smtpss://moi:secret-a-taire@hote")
    dit = phrase(lambda: env.serveur_courriel("ESSAI", ""))
    assert "smtp+starttls://" in dit
    assert "secret-a-taire" not in dit


def test_la_cle_secrete_est_tiree_une_fois_et_gardee_pour_nous_seuls(tmp_path: Path) -> None:
    fichier = tmp_path / "var" / "cle-secrete"
    with ThreadPoolExecutor(8) as ensemble:
        cles = set(ensemble.map(lambda _: env.cle_gardee("SECRET_KEY", fichier), range(32)))
    assert len(cles) == 1
    assert len(cles.pop()) > 50
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    assert [chemin.name for chemin in fichier.parent.iterdir()] == ["cle-secrete"]


def test_une_cle_que_l_on_ne_peut_pas_garder_dit_que_faire(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("un fichier là où il faut un dossier")
    dit = phrase(lambda: env.cle_gardee("SECRET_KEY", tmp_path / "var" / "cle-secrete"))
    assert dit.startswith("Réglage SECRET_KEY : elle est absente")
    assert "APART_VAR" in dit


@pytest.mark.parametrize("valeur", ["*", "https://apart.fr", "apart.fr:8000", "apart.fr, a b"])
def test_un_nom_d_hote_qui_n_en_est_pas_un_est_refuse(essai: POSE, valeur: str) -> None:
    essai(valeur)
    assert "il faut des noms comme apart.exemple.fr" in phrase(lambda: env.hotes("ESSAI"))


def test_des_noms_d_hote_se_lisent(essai: POSE) -> None:
    essai("apart.exemple.fr, 10.0.0.1, .exemple.fr, [::1]")
    assert env.hotes("ESSAI") == ["apart.exemple.fr", "10.0.0.1", ".exemple.fr", "[::1]"]


@pytest.mark.parametrize("valeur", ["bonjour", "Apart <bonjour>", "a@b.fr, c@d.fr"])
def test_une_adresse_electronique_illisible_est_refusee_au_demarrage(essai: POSE, valeur: str) -> None:
    essai(valeur)
    assert "il faut une adresse électronique" in phrase(lambda: env.adresse_electronique("ESSAI"))


def test_la_copie_des_demandes_ne_va_qu_a_une_adresse_nue(essai: POSE) -> None:
    essai("Bureau <bureau@exemple.fr>")
    assert env.adresse_electronique("ESSAI") == "Bureau <bureau@exemple.fr>"
    assert "comme assistance@exemple.fr" in phrase(lambda: env.adresse_electronique("ESSAI", nom_permis=False))


def test_une_cle_secrete_trop_courte_est_refusee_sans_etre_montree(essai: POSE, tmp_path: Path) -> None:
    essai("secret-trop-court")
    dit = phrase(lambda: env.cle("ESSAI", tmp_path / "cle"))
    assert dit == "Réglage ESSAI : elle a 17 signes ; il en faut 50 au moins, tirés au hasard."


def test_une_adresse_publique_en_majuscules_reste_du_https(essai: POSE) -> None:
    essai("HTTPS://Apart.Exemple.fr")
    assert env.url_publique("ESSAI", "") == "https://apart.exemple.fr"


@pytest.mark.parametrize("vide", ["", "  "])
def test_vide_vaut_le_defaut(essai: POSE, vide: str) -> None:
    essai(vide)
    assert env.texte("ESSAI", "défaut") == "défaut"
    assert env.choix("ESSAI", "jamais", ("jamais", "toujours")) == "jamais"
    assert env.url_publique("ESSAI", "http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert env.liste("ESSAI", "a,b") == ["a", "b"]
    assert env.serveur_courriel("ESSAI", "smtp://127.0.0.1:1025").port == 1025


@pytest.mark.parametrize(
    ("adresse", "phrase_attendue"),
    [
        ("postgresql://u@h/b?sslmod=require", "l'option « sslmod » n'existe pas. Vouliez-vous dire sslmode ?"),
        ("postgresql://u@h/b?sslmode=require&tls=", "l'option « tls » n'existe pas."),
    ],
)
def test_une_option_de_la_base_mal_ecrite_n_est_pas_oubliee(essai: POSE, adresse: str, phrase_attendue: str) -> None:
    essai(adresse)
    assert phrase(lambda: env.base_de_donnees("ESSAI")) == f"Réglage ESSAI : {phrase_attendue}"


def test_une_option_du_courrier_mal_ecrite_n_est_pas_oubliee(essai: POSE) -> None:
    essai("smtp://h?delais=3")
    assert phrase(lambda: env.serveur_courriel("ESSAI", "")).endswith("Vouliez-vous dire delai ?")


@pytest.mark.parametrize(
    ("nom", "propose"),
    [
        ("DATABASE_URI", "DATABASE_URL"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("database_url", "DATABASE_URL"),
        ("MANDATAIRE_DE_CONFIANCE", "MANDATAIRES_DE_CONFIANCE"),
        ("APART_VARS", "APART_VAR"),
        ("URL_PUBLIC", "URL_PUBLIQUE"),
        ("SUPPORT_TEL", "SUPPORT_TELEPHONE"),
    ],
)
def test_une_variable_mal_ecrite_est_refusee_avec_celle_qu_on_voulait(
    monkeypatch: pytest.MonkeyPatch, nom: str, propose: str
) -> None:
    monkeypatch.delenv(propose, raising=False)
    monkeypatch.setenv(nom, "x")
    dit = phrase(env.refuser_les_variables_inconnues)
    assert dit == f"Réglage {nom} : Apart ne connaît pas cette variable. Vouliez-vous dire {propose} ?"


def test_une_variable_a_nos_initiales_que_rien_ne_lit_est_refusee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APART_TURBO", "oui")
    assert phrase(env.refuser_les_variables_inconnues) == "Réglage APART_TURBO : Apart ne connaît pas cette variable."


@pytest.mark.parametrize("nom", ["HOSTNAME", "BASE_URL", "SECRET_KEY_BASE", "EMAIL_HOST", "SERVICE_NAME"])
def test_une_variable_d_un_autre_programme_est_laissee(monkeypatch: pytest.MonkeyPatch, nom: str) -> None:
    monkeypatch.setenv(nom, "x")
    env.refuser_les_variables_inconnues()


def test_la_duree_d_un_ordre_s_ajoute_aux_options_ecrites_qui_l_emportent(essai: POSE) -> None:
    essai("postgresql://u@h/b?options=-c%20statement_timeout%3D5s")
    base = env.base_de_donnees("ESSAI")
    env.limiter(base, 30)
    assert base["OPTIONS"]["options"] == "-c statement_timeout=30s -c statement_timeout=5s"
    assert base["OPTIONS"]["connect_timeout"] == env.ATTENTE_DE_LA_BASE


def test_le_dossier_des_pieces_est_un_chemin_complet(essai: POSE) -> None:
    essai("/srv/apart/pieces")
    assert env.dossier("ESSAI") == Path("/srv/apart/pieces")
    essai("")
    assert env.dossier("ESSAI") is None
    essai("var/pieces")
    assert "il faut un chemin complet" in phrase(lambda: env.dossier("ESSAI"))


@pytest.mark.parametrize(
    ("valeur", "lu"),
    [
        ("tcp://127.0.0.1:3310", env.ServeurAntivirus("127.0.0.1", 3310, "")),
        ("tcp://clamd", env.ServeurAntivirus("clamd", 3310, "")),
        ("unix:/run/clamav/clamd.ctl", env.ServeurAntivirus("", 3310, "/run/clamav/clamd.ctl")),
        ("", None),
    ],
)
def test_l_adresse_de_l_antivirus_se_lit(essai: POSE, valeur: str, lu: env.ServeurAntivirus | None) -> None:
    essai(valeur)
    assert env.serveur_antivirus("ESSAI") == lu


@pytest.mark.parametrize(
    "valeur", ["clamd:3310", "http://clamd", "tcp://", "tcp://c:99999", "unix:clamd", "unix://h/c", "tcp://c/x?y=1"]
)
def test_une_autre_adresse_d_antivirus_est_refusee(essai: POSE, valeur: str) -> None:
    essai(valeur)
    assert "tcp://127.0.0.1:3310 ou unix:/run/clamav/clamd.ctl" in phrase(lambda: env.serveur_antivirus("ESSAI"))


@pytest.mark.parametrize(
    ("valeur", "lu"),
    [
        (
            "imaps://rebonds:p%40sse@imap.exemple.fr",
            env.BoiteImap("imap.exemple.fr", 993, "rebonds", "p@sse", "INBOX", True, 20.0),
        ),
        (
            "imaps://r%40exemple.fr:s@imap.exemple.fr:1993/Retours/Rebonds?delai=5",
            env.BoiteImap("imap.exemple.fr", 1993, "r@exemple.fr", "s", "Retours/Rebonds", True, 5.0),
        ),
        ("imap://r:s@127.0.0.1/INBOX", env.BoiteImap("127.0.0.1", 143, "r", "s", "INBOX", False, 20.0)),
        ("", None),
    ],
)
def test_l_adresse_de_la_boite_des_rebonds_se_lit(essai: POSE, valeur: str, lu: env.BoiteImap | None) -> None:
    essai(valeur)
    assert env.boite_imap("ESSAI") == lu


@pytest.mark.parametrize(
    ("valeur", "raison"),
    [
        ("imap.exemple.fr", "imaps://utilisateur:secret@hote:993/INBOX"),
        ("pop3s://r:s@imap.exemple.fr", "imaps://utilisateur:secret@hote:993/INBOX"),
        ("imaps://imap.exemple.fr", "imaps://utilisateur:secret@hote:993/INBOX"),
        ("imap://r:s@imap.exemple.fr", "laisserait lire le mot de passe en route"),
        ("imaps://r:s@imap.exemple.fr/Rejet%C3%A9s", "il faut un nom sans accent"),
        ("imaps://r:s@imap.exemple.fr/a%0D%0Ab", "il faut un nom sans accent"),
        ("imaps://r:s@imap.exemple.fr/?delais=5", "Vouliez-vous dire delai ?"),
    ],
)
def test_une_autre_adresse_de_boite_est_refusee(essai: POSE, valeur: str, raison: str) -> None:
    essai(valeur)
    assert raison in phrase(lambda: env.boite_imap("ESSAI"))

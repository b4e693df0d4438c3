"""Les fichiers d'un cabinet : des lignes à corriger, des en-têtes à expliquer, un gros envoi qui se suit."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.navigateurs.gestes import Ouvrir, titre
from tests.navigateurs.pilote import Nom
from tests.simulateur.fichiers import lire
from tests.tableaux.fabrique import classeur

ENTETE = "Nom;Rémunération;Durée hebdomadaire;Mois;Heures;Matricule"
FAUTES = {
    12: ("heures", "", "Indiquez les heures non travaillées."),
    47: ("heures", "170", "le contrat prévoit au plus 151,67 heures"),
    150: ("remuneration", "mille", "« mille » n'est pas un nombre"),
    211: ("mois", "13/2020", "« 13/2020 » n'est pas un mois"),
    300: ("remuneration", "900", "moins que le SMIC"),
}
BONNES = {"heures": "70", "remuneration": "2150,50", "mois": "04/2020"}


def paie() -> str:
    lignes = [ENTETE]
    for numero in range(2, 302):
        cases = dict(BONNES)
        if numero in FAUTES:
            champ, valeur, _ = FAUTES[numero]
            cases[champ] = valeur
        suite = f"{cases['remuneration']};35;{cases['mois']};{cases['heures']};{numero:05}"
        lignes.append(f"Salarié {numero};{suite}")
    return "\r\n".join(lignes)


def corriger(recu: str) -> str:
    """Les lignes reçues, chaque case fautive remplacée par la bonne ; la colonne « a_corriger » reste."""
    lignes = recu.splitlines()
    entetes = [nom.strip() for nom in lignes[0].split(";")]
    rangs = {"remuneration": 1, "mois": 3, "heures": 4}
    corrigees = [lignes[0]]
    assert entetes[-1] == "a_corriger"
    for ligne, (champ, _, _) in zip(lignes[1:], FAUTES.values(), strict=True):
        cases = ligne.split(";", maxsplit=len(entetes) - 1)
        cases[rangs[champ]] = BONNES[champ]
        corrigees.append(";".join(cases))
    return "\n".join(corrigees)


def envoyer(page: Page, fichier: Path) -> None:
    page.get_by_label("Votre fichier").set_input_files(fichier)
    page.get_by_role("button", name="Calculer").click()


def telecharger(page: Page, bouton: str) -> tuple[str, str]:
    with page.expect_download() as telechargement:
        page.get_by_role("button", name=bouton).click()
    return telechargement.value.suggested_filename, telechargement.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_trois_cents_salaries_dont_cinq_a_corriger(ouvrir: Ouvrir, tmp_path: Path, javascript: bool) -> None:
    page = ouvrir(javascript=javascript)
    page.goto("/simulateur/fichier/")
    titre(page, "Simuler par fichier")
    envoi = tmp_path / "paie-avril.csv"
    envoi.write_text(paie(), encoding="cp1252")
    envoyer(page, envoi)

    titre(page, "295 lignes calculées, 5 à corriger")
    contenu = page.get_by_role("main")
    for numero, (champ, _, phrase) in FAUTES.items():
        ligne = page.locator(".fichier-fautes > li").filter(has_text=f"Ligne {numero}")
        expect(ligne).to_contain_text(champ)
        expect(ligne).to_contain_text(phrase)
    expect(contenu).to_contain_text("« Matricule »")

    nom, recu = telecharger(page, "Télécharger les 5 lignes à corriger")
    assert nom == "paie-avril-a-corriger.csv"
    assert "00012" in recu.splitlines()[1]
    corrige = tmp_path / "corrige.csv"
    corrige.write_text(corriger(recu), encoding="utf-8")
    envoyer(page, corrige)

    titre(page, "5 lignes calculées")
    expect(page.get_by_role("heading", name="à corriger")).to_have_count(0)
    nom, recu = telecharger(page, "Télécharger les résultats")
    assert nom == "corrige-resultats.csv"
    assert recu.splitlines()[0].startswith(f"{ENTETE};indemnite_horaire")
    assert "a_corriger" not in recu.splitlines()[0]
    assert len(recu.splitlines()) == 6


def test_des_lignes_collees_sur_un_telephone(telephone: Page) -> None:
    telephone.goto("/simulateur/fichier/")
    telephone.get_by_label("Ou collez vos lignes").fill(
        "nom\tremuneration\tmois\theures\nDurand\t2000\t04/2020\tsept\n"
    )
    telephone.get_by_role("button", name="Calculer").click()
    titre(telephone, "Aucune ligne n'a pu être calculée")
    expect(telephone.get_by_role("main")).to_contain_text("« sept » n'est pas un nombre")
    limite = telephone.evaluate("document.documentElement.clientWidth")
    assert telephone.evaluate("document.documentElement.scrollWidth") <= limite


def paie_de_cabinet() -> bytes:
    """Une feuille de garde, un titre, des en-têtes maison, deux services et leurs totaux."""
    salaries = [["Caisse", "Durand", 2150.5, "42h30"], ["Caisse", "Petit", 1950, "151h67"]]
    rayon = [["Rayon", "Martin", 2400, "7h45min"], ["Rayon", "MARTIN", 2400, "7h45min"]]
    lignes = [
        ["Paie de mai 2026 – Société Exemple"],
        [],
        ["Atelier", "Agent", "Fixe", "Quand", "Absence AP"],
        *([service, nom, brut, "mai-26", heures] for service, nom, brut, heures in salaries),
        ["Sous-total Caisse", None, 4100.5, "mai-26", "194h17"],
        *([service, nom, brut, "mai-26", heures] for service, nom, brut, heures in rayon),
        ["TOTAL GÉNÉRAL", None, 8900.5, None, "209h67"],
    ]
    return classeur({"Garde": [["Cabinet Exemple"], ["Dossier 42"]], "Détail": lignes})


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_un_cabinet_explique_ses_en_tetes_et_reprend_son_fichier(
    ouvrir: Ouvrir, tmp_path: Path, javascript: bool
) -> None:
    page = ouvrir(javascript=javascript)
    page.goto("/simulateur/fichier/")
    envoi = tmp_path / "mai-2026.xlsx"
    envoi.write_bytes(paie_de_cabinet())
    envoyer(page, envoi)

    titre(page, "Que contiennent vos colonnes")
    contenu = page.get_by_role("main")
    expect(contenu).to_contain_text("mai-26")
    for rang, sens in enumerate(["", "Nom", "Salaire brut mensuel", "Mois", "Heures non travaillées"]):
        page.locator(f"#sens-{rang}").select_option(label=sens or "Rien d'utile au calcul")
    page.get_by_role("button", name="Calculer").click()

    titre(page, "4 lignes calculées")
    for phrase in (
        "Lignes de total laissées de côté : 6, 9",
        "« Garde »",
        "« 151h67 »",
        "« Atelier »",
        "La même personne a une autre ligne pour les mêmes jours",
    ):
        expect(contenu).to_contain_text(phrase)
    with page.expect_download() as telechargement:
        page.get_by_role("button", name="Télécharger les résultats").click()
    assert telechargement.value.suggested_filename == "mai-2026-resultats.xlsx"
    rendu = lire(telechargement.value.path().read_bytes())
    assert rendu.entetes[:6] == ("Atelier", "Agent", "Fixe", "Quand", "Absence AP", "indemnite_horaire")
    assert rendu.cadre.height == 6


def test_un_gros_fichier_dit_ou_il_en_est(ouvrir: Ouvrir, nom_navigateur: Nom, tmp_path: Path) -> None:
    page = ouvrir()
    page.goto("/simulateur/fichier/")
    envoi = tmp_path / "tous.csv"
    hasard = random.Random(2026)  # noqa: S311  # le même fichier à chaque fois, que la compression ne réduit guère
    lignes = (f"Salarié {n};2150,50;35;05/2026;70;{hasard.randbytes(25).hex()}" for n in range(8_000))
    envoi.write_text("\n".join([ENTETE, *lignes]))
    recus: list[str] = []
    page.on("download", lambda recu: recus.append(recu.suggested_filename))
    page.get_by_text("le fichier complété de ses résultats").click()
    envoyer(page, envoi)
    expect(page.get_by_role("status").filter(has_text="…")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="« tous-resultats.csv » est dans vos")).to_be_visible(
        timeout=60_000
    )
    if nom_navigateur == "chromium":  # Firefox l'enregistre sans que Playwright le voie
        assert recus == ["tous-resultats.csv"]

    page.get_by_text("les totaux et les lignes à corriger").click()
    page.get_by_role("button", name="Calculer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"8\s000 lignes calculées"), timeout=60_000)
    titre(page, r"8\s000 lignes calculées")
    expect(page.get_by_role("main")).to_contain_text("trop gros pour voyager")


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_un_fichier_trop_gros_est_dit_avant_l_envoi_ou_apres(ouvrir: Ouvrir, tmp_path: Path, javascript: bool) -> None:
    """Un peu trop gros, sans JavaScript, l'envoi va au bout : la réponse s'affiche au lieu d'une connexion coupée."""
    page = ouvrir(javascript=javascript)
    page.goto("/simulateur/fichier/")
    envoi = tmp_path / "trop.csv"
    envoi.write_bytes(b"a;b\n" * (6 << 20))  # 24 Mio
    partis: list[str] = []
    page.on("request", lambda demande: partis.append(demande.method))
    envoyer(page, envoi)
    expect(page.get_by_text("Ce fichier dépasse 20 Mo").first).to_be_visible(timeout=60_000)
    assert ("POST" in partis) is not javascript


def test_un_fichier_se_choisit_en_francais_a_la_souris_et_au_clavier(ouvrir: Ouvrir, tmp_path: Path) -> None:
    """« Choose File » est un mot du navigateur ; sans JavaScript, son champ reste là."""
    chemin = tmp_path / "paie-avril.csv"
    chemin.write_text("remuneration;mois;heures\n")
    page = ouvrir()
    page.goto("/simulateur/fichier/")
    champ = page.get_by_label("Votre fichier")
    champ.focus()
    assert page.locator(".apart-fichier").evaluate("(cadre) => getComputedStyle(cadre).outlineStyle") == "solid"
    expect(page.get_by_text("Aucun fichier choisi")).to_be_visible()
    with page.expect_file_chooser() as choix:
        page.get_by_text("Choisir un fichier").click(force=True)  # le champ, transparent, est au-dessus
    choix.value.set_files(chemin)
    expect(page.get_by_text("paie-avril.csv")).to_be_visible()
    sans_script = ouvrir(javascript=False)
    sans_script.goto("/simulateur/fichier/")
    expect(sans_script.get_by_label("Votre fichier")).to_be_visible()
    expect(sans_script.get_by_text("Choisir un fichier")).to_have_count(0)

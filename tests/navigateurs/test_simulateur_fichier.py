"""Le fichier d'un cabinet : 300 salariés, cinq lignes à corriger, rendues, corrigées, renvoyées."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.navigateurs.gestes import Ouvrir, titre

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
    assert "a_corriger" not in recu
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

"""Le simulateur public dans de vrais navigateurs : un restaurant, un industriel, un salarié."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.navigateurs.axe import violations
from tests.navigateurs.gestes import Ouvrir, titre


def champ(page: Page, cle: str) -> Locator:
    return page.locator(f"[id='{cle}']")


def remplir(page: Page, prefixe: str, **reponses: str) -> None:
    """Remplit un groupe : « periodes_1_mois » est le mois de sa première période."""
    for nom, valeur in reponses.items():
        cle = re.sub(r"^periodes_(\d)_", r"periodes-\1-", nom)
        cible = champ(page, f"{prefixe}-{cle}")
        if cible.evaluate("c => c.tagName") == "SELECT":
            cible.select_option(valeur)
        else:
            cible.fill(valeur)


def resume(page: Page) -> Locator:
    return page.get_by_role("complementary")


def chiffre(page: Page, libelle: str) -> Locator:
    return resume(page).locator("dl > div").filter(has_text=libelle).locator("dd")


def texte(valeur: str) -> re.Pattern[str]:
    """Une somme, quelles que soient ses espaces insécables."""
    return re.compile(re.escape(valeur).replace(r"\ ", r"\s"))


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_un_restaurant_ferme_en_avril_2020(ouvrir: Ouvrir, javascript: bool) -> None:
    """Huit salariés au SMIC et un cuisinier, fermés tout le mois : l'État rembourse tout."""
    page = ouvrir(javascript=javascript)
    page.goto("/")
    page.get_by_role("link", name="Estimez le montant remboursé par l'État").click()
    titre(page, "Simulateur")
    page.get_by_role("link", name="Simuler pour mon entreprise").click()
    remplir(page, "a-1", nom="Salle", effectif="8", remuneration="1539,42")
    remplir(page, "a-1", periodes_1_mois="2020-04", periodes_1_heures="151,67")
    page.get_by_role("button", name="Ajouter un groupe").click()
    expect(champ(page, "a-2-periodes-1-heures")).to_have_value("151,67")
    expect(champ(page, "a-1-nom")).to_have_value("Salle")
    remplir(page, "a-2", nom="Cuisinier", remuneration="2400")
    page.get_by_role("button", name="Calculer", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?s=1[\w-]+#resume$"))
    expect(chiffre(page, "Allocation remboursée par l'État")).to_have_text(texte("11 422,27 €"))
    expect(chiffre(page, "Reste à votre charge")).to_have_text(texte("0,00 €"))
    titre(page, "Simulation pour un employeur")
    page.get_by_text("Pourquoi ce montant ? Avril 2020, Salle").click()
    expect(page.get_by_text(texte("Relevée au plancher : 8,03 €.")).first).to_be_visible()
    expect(page.get_by_text("R5122-18").first).to_be_visible()


def test_un_industriel_compare_le_droit_commun_a_l_apld_en_direct(page: Page) -> None:
    """De part et d'autre du 1er juin 2026, où le SMIC change : chaque mois a ses nombres, le foyer ne bouge pas."""
    page.goto("/simulateur/employeur/")
    remplir(page, "a-1", effectif="40", remuneration="3100", periodes_1_du="2026-05-18", periodes_1_au="2026-06-19")
    expect(resume(page)).to_contain_text("Il manque encore")
    heures = champ(page, "a-1-periodes-1-heures")
    heures.press_sequentially("80")
    expect(chiffre(page, "Indemnités dues aux 40 salariés")).to_have_text(texte("39 232,00 €"))
    expect(heures).to_be_focused()
    expect(page.locator("[id='annonce']")).to_contain_text("reste à charge")
    page.get_by_text("Pourquoi ce montant ? Mai 2026").click()
    expect(page.get_by_text(texte("12,02 € par heure")).first).to_be_visible()
    heures.fill("81")
    expect(page.get_by_text("Du 18 au 31 mai 2026 : 32,40 h".replace(" h", "\u00a0h")).first).to_be_visible()
    page.get_by_text("Pourquoi ce montant ? Juin 2026").click()
    expect(page.get_by_text(texte("12,31 € par heure")).first).to_be_visible()
    assert not violations(page)
    page.get_by_role("button", name="Comparer à un autre scénario").click()
    expect(page.get_by_role("heading", name="Scénario B", exact=True)).to_be_visible()
    champ(page, "b-1-regime").select_option("apld_rebond")
    ecart = resume(page).get_by_role("row", name=re.compile("^Reste à charge")).get_by_role("cell").last
    expect(ecart).to_have_text(re.compile(r"^−"))
    assert not violations(page)
    page.reload()  # l'adresse a suivi la saisie
    expect(champ(page, "b-1-regime")).to_have_value("apld_rebond")
    expect(ecart).to_have_text(re.compile(r"^−"))


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
@pytest.mark.parametrize("largeur", [320, 1280])
def test_un_restaurant_a_39_h_en_decembre_2026(ouvrir: Ouvrir, javascript: bool, largeur: int) -> None:
    """Ce que sont les heures au-delà de 35 h se demande ; les deux réponses se comparent, l'une se prend d'un clic."""
    page = ouvrir(javascript=javascript, largeur=largeur)
    page.goto("/simulateur/employeur/")
    question = page.get_by_role("group", name="Les heures du contrat au-delà de 35 h sont-elles structurelles ?")
    expect(question).to_have_count(0)
    remplir(page, "a-1", effectif="4", remuneration="2300", duree_hebdomadaire="39")
    if javascript:
        expect(question).to_be_visible()
    remplir(page, "a-1", periodes_1_mois="2026-12", periodes_1_heures="152")
    if not javascript:
        page.get_by_role("button", name="Calculer", exact=True).click()
    expect(question.get_by_label("Je ne sais pas")).to_be_checked()
    expect(chiffre(page, "Allocation remboursée par l'État")).to_have_text(texte("4 616,48 €"))
    expect(resume(page)).to_contain_text(texte("152 h non travaillées, 134,67 h payées"))
    expect(resume(page)).to_contain_text("Calculé avec les taux connus au 30 novembre 2026")
    lectures = resume(page).get_by_role("row", name=re.compile("^Allocation")).get_by_role("cell")
    expect(lectures).to_have_text([texte("4 616,48 €"), texte("5 210,56 €")])
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
    if javascript:
        assert not violations(page)
    resume(page).get_by_role("button", name=re.compile("^Oui")).click()
    expect(chiffre(page, "Allocation remboursée par l'État")).to_have_text(texte("5 210,56 €"))
    expect(resume(page)).to_contain_text("toutes payées, y compris au-delà de")
    expect(resume(page).get_by_role("button", name=re.compile("^Oui"))).to_have_count(0)
    expect(question.get_by_label("Oui")).to_be_checked()


@pytest.mark.parametrize("largeur", [320, 1280])
def test_une_boutique_de_mayotte_en_novembre_2026(ouvrir: Ouvrir, largeur: int) -> None:
    """L'indemnité ne tombe pas sous l'allocation ; ce qui étonne se dit, ce qui reste à confirmer se déplie."""
    page = ouvrir(largeur=largeur)
    page.goto("/simulateur/employeur/")
    page.get_by_text("Autres précisions").click()
    page.get_by_text("L'établissement est à Mayotte").click()
    remplir(page, "a-1", remuneration="1450", periodes_1_mois="2026-11", periodes_1_heures="70")
    expect(chiffre(page, "Allocation remboursée par l'État")).to_have_text(texte("525,00 €"))
    expect(chiffre(page, "Reste à votre charge")).to_have_text(texte("58,10 €"))
    expect(resume(page)).to_contain_text(texte("70 h non travaillées, toutes payées."))
    expect(resume(page)).not_to_contain_text("dépasse celui d'un mois normal")
    doute = page.get_by_text("« Plancher horaire de l'allocation à Mayotte, droit commun »").last
    expect(doute).not_to_be_visible()
    page.locator("summary", has_text="à confirmer").click()
    expect(doute).to_be_visible()
    for largeur in (1280, 320):
        page.set_viewport_size({"width": largeur, "height": 800})
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur


def test_un_salarie_simule_sans_javascript(page_sans_js: Page) -> None:
    page = page_sans_js
    page.goto("/simulateur/")
    page.get_by_role("link", name="Simuler pour moi").click()
    remplir(page, "a-1", remuneration="2500", periodes_1_mois="2026-06", periodes_1_heures="60")
    page.keyboard.press("Enter")
    expect(chiffre(page, "Brut")).to_have_text(texte("2 104,41 €"))
    expect(resume(page).get_by_role("row", name=re.compile("^Net, avant impôt"))).to_have_count(1)
    page.locator("summary", has_text="Pourquoi ce montant ?").click()
    expect(page.get_by_text("Taux horaire :").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["avec-js", "sans-js"])
def test_ce_qui_est_a_revoir_se_dit_sans_rien_perdre(ouvrir: Ouvrir, javascript: bool) -> None:
    page = ouvrir(javascript=javascript, largeur=320, hauteur=640)
    page.goto("/simulateur/employeur/")
    remplir(page, "a-1", nom="Salle", effectif="-3", remuneration="douze", periodes_1_mois="2020-04")
    page.get_by_role("button", name="Calculer", exact=True).click()
    alerte = page.get_by_role("alert")
    expect(alerte).to_contain_text("3 réponses sont à revoir")
    expect(champ(page, "a-1-remuneration")).to_have_value("douze")
    expect(champ(page, "a-1-periodes-1-mois")).to_have_value(re.compile("2020-04|04/2020"))  # Firefox l'écrit
    alerte.get_by_role("link", name="Nombre de salariés").click()
    expect(champ(page, "a-1-effectif")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if javascript:
        assert not violations(page)


def test_ce_qui_est_saisi_avant_l_arrivee_du_script_se_calcule(page: Page) -> None:
    """Sur un réseau lent, la page se lit et se remplit avant que le calcul en direct soit prêt."""
    retenus: list[Route] = []

    def retenir(route: Route) -> None:
        retenus.append(route)

    page.route("**/htmx-*", retenir)
    page.goto("/simulateur/salarie/", wait_until="commit")
    remplir(page, "a-1", remuneration="2500", periodes_1_mois="2026-06", periodes_1_heures="60")
    assert retenus
    for retenu in retenus:
        retenu.continue_()
    expect(chiffre(page, "Brut")).to_have_text(texte("2 104,41 €"))


def test_une_panne_du_calcul_en_direct_se_dit(ouvrir: Ouvrir) -> None:
    page = ouvrir(surveiller=False)
    page.goto("/simulateur/employeur/")
    champ(page, "a-1-remuneration").fill("1" * 300_000)
    expect(resume(page)).to_contain_text("Le calcul en direct n'a pas abouti : votre saisie est toujours là.")


def test_les_resultats_se_lisent_a_toutes_les_largeurs(page: Page) -> None:
    """La visite des pages n'ouvre qu'un formulaire vierge : voici un résultat, et deux scénarios, tout déplié."""
    page.goto("/simulateur/employeur/")
    remplir(page, "a-1", effectif="8", remuneration="2400", periodes_1_du="2026-05-01", periodes_1_au="2026-06-30")
    remplir(page, "a-1", periodes_1_heures="120")
    page.get_by_text("Autres précisions").click()
    remplir(page, "a-1", maintien="80", cotisations_patronales="42")
    page.get_by_role("button", name="Comparer à un autre scénario").click()
    expect(page.get_by_role("heading", name="Les deux scénarios")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((bloc) => { bloc.open = true; })")
    for largeur in (1280, 320):
        page.set_viewport_size({"width": largeur, "height": 800})
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur


def test_le_pdf_se_telecharge_et_la_saisie_continue(page: Page) -> None:
    page.goto("/simulateur/salarie/")
    remplir(page, "a-1", remuneration="2500", periodes_1_mois="2026-06", periodes_1_heures="60")
    expect(chiffre(page, "Brut")).to_have_text(texte("2 104,41 €"))
    with page.expect_download() as attente:
        page.get_by_role("button", name="Télécharger le PDF").click()
    assert attente.value.suggested_filename == "simulation-activite-partielle.pdf"
    champ(page, "a-1-periodes-1-heures").fill("0")
    expect(chiffre(page, "Brut")).to_have_text(texte("2 500,00 €"))


def test_le_resultat_plus_haut_que_la_fenetre_defile_jusqu_a_sa_fin(ouvrir: Ouvrir) -> None:
    """Une fenêtre de 720 pixels : aucune ligne du résultat n'est coupée, et une courte reste sous les yeux."""
    page = ouvrir(largeur=1280, hauteur=720)
    page.goto("/simulateur/employeur/")
    for hauteur, haut, bas in ((900, -196, 704), (300, 16, 316)):
        resume(page).evaluate("(cadre, hauteur) => { cadre.style.height = `${hauteur}px`; }", hauteur)
        page.wait_for_timeout(200)
        page.evaluate("scrollTo(0, 600)")
        cadre = resume(page).bounding_box()
        assert cadre
        assert (round(cadre["y"]), round(cadre["y"] + cadre["height"])) == (haut, bas)

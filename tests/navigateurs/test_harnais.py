"""Le banc de navigateurs lui-même : il ouvre le site, et il voit ce qui ne va pas."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.navigateurs import arbre, pilote
from tests.navigateurs.axe import violations
from tests.navigateurs.gestes import Ouvrir, poster
from tests.navigateurs.test_accessibilite import reglages
from tests.navigateurs.veille import Veille


def test_l_accueil_s_affiche_habille_et_sans_plainte(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_l_accueil_s_affiche_sans_javascript(page_sans_js: Page) -> None:
    page_sans_js.goto("/")
    expect(page_sans_js.get_by_role("heading", level=1)).to_be_visible()


def test_sans_javascript_veut_dire_sans_javascript(page_sans_js: Page) -> None:
    page_sans_js.goto("/aide/assistance/")
    expect(page_sans_js.get_by_label("Description de la demande")).to_be_visible()
    expect(page_sans_js.get_by_text("caractères restants")).to_have_count(0)


@pytest.mark.parametrize(
    ("html", "plainte"),
    [
        ("<p onclick='1' style='color:red'>style</p>", "CSP"),
        ("<script>1</script>", "CSP"),
        ("<link rel=stylesheet href=/statique/absente.css>", "absente.css"),
    ],
    ids=["style", "script", "feuille"],
)
def test_le_banc_voit_ce_que_la_page_cache(ouvrir: Ouvrir, html: str, plainte: str) -> None:
    """Une page servie avec nos en-têtes, où l'on a glissé ce que la CSP doit refuser."""
    page = ouvrir(surveiller=False)
    ordinaire = page.request.get("/")
    page.route("**/fautive/", lambda r: r.fulfill(response=ordinaire, body=f"<!doctype html>{html}"))
    veille = Veille(page)
    page.goto("/fautive/")
    page.wait_for_timeout(200)
    assert any(plainte in constat for constat in veille.constats), veille.constats


def test_axe_voit_une_faute_et_nomme_l_element(page: Page) -> None:
    page.goto("/")
    page.evaluate("() => document.querySelector('main').append(Object.assign(new Image(), { id: 'muette' }))")
    assert [v.partition(" ")[0] for v in violations(page) if "#muette" in v] == ["image-alt"]


def test_l_arbre_voit_un_nom_qui_n_est_pas_celui_que_l_on_lit(ouvrir: Ouvrir) -> None:
    page = ouvrir("chromium")
    page.goto("/")
    assert not [*arbre.fautes(page)]
    page.evaluate("() => document.querySelector('main a.fr-btn').setAttribute('aria-label', 'Commencer')")
    assert [*arbre.fautes(page)] == ["« CRÉER MON ESPACE » se voit, et ne s'entend pas"]


def test_l_arbre_voit_un_refus_que_rien_ne_relie_a_son_champ(page: Page) -> None:
    page.goto("/contrat-de-prestation/")
    poster(page, page.get_by_role("button", name="Obtenir le contrat (PDF)"))
    assert not [*arbre.fautes(page)]
    page.evaluate("() => document.getElementById('id_client_siret').removeAttribute('aria-describedby')")
    assert [*arbre.fautes(page)] == ["le refus de « client_siret » ne lui est pas relié"]


def test_un_texte_agrandi_ou_aere_que_son_bloc_coupe_se_voit(page: Page) -> None:
    page.goto("/")
    assert not [*reglages(page)]
    page.evaluate("""() => {
      const h1 = document.querySelector("h1");
      Object.assign(h1.style, { height: h1.offsetHeight + "px", overflow: "hidden" });
    }""")
    assert any("coupe son texte, h1" in faute for faute in reglages(page))


def test_le_relais_d_ubuntu_vers_un_snap_n_est_pas_un_navigateur(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relais = tmp_path / "firefox"
    relais.write_text('#!/bin/sh\n[ -x /snap/bin/firefox ] || exit 1\nexec /snap/bin/firefox "$@"\n')
    relais.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pilote.programme("firefox") is None
    relais.write_text("#!/bin/sh\nexec /opt/firefox/firefox\n")
    assert pilote.programme("firefox") == str(relais)

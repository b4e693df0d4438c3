"""axe-core dans la page, sans affaiblir la CSP : le script est servi par le site lui-même, le temps du test."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

ADRESSE = "/statique/axe-de-test.js"
LANCER = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  const ou = (v) => v.nodes.map((n) => n.target.join(" ")).join(" | ");
  return violations.map((v) => `${v.id} (${v.impact}) ${v.help} : ${ou(v)}`);
}"""


def violations(page: Page) -> list[str]:
    """Ce qu'axe trouve sur la page affichée, toutes règles comprises."""
    page.route(f"**{ADRESSE}", lambda route: route.fulfill(body=AXE_SCRIPT, content_type="text/javascript"))
    page.add_script_tag(url=ADRESSE)
    trouvees: list[str] = page.evaluate(LANCER)
    return trouvees

"""axe-core dans la page, sans affaiblir la CSP : évalué par le navigateur, comme les autres questions des tests.

Le détourner d'une adresse du site ferait intercepter, et sortir du cache, tout ce que la page charge ensuite.
"""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Nommer chaque élément de la page coûte le tiers du temps : seulement quand une règle a parlé.
LANCER = """async (regles) => {
  const runOnly = regles.length ? regles : undefined;
  const lancer = (selectors) => axe.run({ resultTypes: ["violations"], selectors, runOnly });
  if (!(await lancer(false)).violations.length) return [];
  const { violations } = await lancer(true);
  const ou = (v) => v.nodes.map((n) => n.target.join(" ")).join(" | ");
  return violations.map((v) => `${v.id} (${v.impact}) ${v.help} : ${ou(v)}`);
}"""


def preparer(page: Page) -> None:
    """Pour qui regarde chaque page : axe y est dès le départ, en moitié moins de temps."""
    page.add_init_script(AXE_SCRIPT)


def violations(page: Page, *regles: str) -> list[str]:
    """Ce qu'axe trouve sur la page affichée : toutes ses règles, ou celles-ci."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE_SCRIPT} }}")
    trouvees: list[str] = page.evaluate(LANCER, regles)
    return trouvees

"""Ce qu'un lecteur d'écran reçoit de la page : l'arbre d'accessibilité de Chromium, à côté de ce que l'œil y lit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

COMMANDES = {
    "button", "checkbox", "combobox", "ColorWell", "Date", "DateTime", "DisclosureTriangle", "link", "radio",
    "searchbox", "slider", "spinbutton", "switch", "textbox",
}  # fmt: skip
REPERES = ("banner", "main", "contentinfo")
# Chaque commande que l'on voit, par les mots que l'on y voit : son étiquette, ou son texte.
LIBELLES = r"""() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((e) => e.type !== "hidden" && e.checkVisibility() && !e.closest("[aria-hidden=true]"))
  .map((e) => ((e.labels && e.labels[0]) || e).innerText.replace(/\s+/g, " ").trim())"""
# Un champ refusé dit pourquoi : sa phrase lui est reliée.
REFUS_MUETS = """() => [...document.querySelectorAll("[aria-invalid=true], .fr-fieldset--error")].filter((e) => {
  const ids = `${e.getAttribute("aria-describedby") || ""} ${e.getAttribute("aria-labelledby") || ""}`.split(" ");
  const dit = "[id$=_error], [id$=-messages], .fr-error-text, #choix-manque";
  return !ids.some((id) => id && document.getElementById(id)?.matches(dit));
}).map((e) => e.name || e.id)"""


_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def est_lisible(page: Page) -> bool:
    """Chromium seul donne cet arbre."""
    return bool(page.context.browser and page.context.browser.browser_type.name == "chromium")


def fautes(page: Page) -> Iterator[str]:
    """Partout, les refus reliés ; dans Chromium, qui seul donne son arbre, les noms et les repères."""
    page.wait_for_load_state()  # une page encore en route n'a pas de repères
    yield from (f"le refus de « {nom} » ne lui est pas relié" for nom in page.evaluate(REFUS_MUETS))
    if est_lisible(page):
        yield from _noms_et_reperes(page)


def _noms_et_reperes(page: Page) -> Iterator[str]:
    # Laissée ouverte : la détacher débrancherait la clé d'accès simulée dans la même page.
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
    session = _sessions[page]
    noeuds = [noeud for noeud in session.send("Accessibility.getFullAXTree")["nodes"] if not noeud["ignored"]]
    lus = [(noeud["role"]["value"], _plat(noeud.get("name", {}).get("value", ""))) for noeud in noeuds]
    for repere in REPERES:
        if (nombre := sum(role == repere for role, _ in lus)) != 1:
            yield f"{nombre} repère(s) {repere}"
    commandes = Counter(nom for role, nom in lus if role in COMMANDES)
    if commandes[""]:
        yield f"{commandes['']} commande(s) sans nom"
    for libelle in page.evaluate(LIBELLES):
        # Deux commandes du même nom comptent deux. Un choix de fichier ajoute au sien le nom du fichier.
        commandes[_plat(libelle)] -= 1
        if commandes[_plat(libelle)] < 0 and not any(nom.startswith(f"{_plat(libelle)}:") for nom in commandes):
            yield f"« {libelle} » se voit, et ne s'entend pas"


def _plat(texte: str) -> str:
    return " ".join(texte.split()).casefold()

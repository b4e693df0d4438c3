"""Ce qui se mesure sur une page affichée : ce qui en sort, ce qu'elle coupe, ce qu'un doigt manquerait."""

from __future__ import annotations

FOND = "getComputedStyle(document.body).backgroundColor"
SOMBRE = "rgb(22, 22, 22)"
DEBORDEMENT = """() => {
  const limite = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= limite) return [];
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > limite + 1)
    .slice(0, 3).map((e) => "déborde par " + e.tagName.toLowerCase() + "." + e.className);
}"""
# Le texte qu'un bloc trop petit coupe ; ce qui défile n'est pas coupé, et ce que seule l'oreille reçoit n'est pas vu.
COUPES = """() => [...document.querySelectorAll("body *")].filter((e) => {
  if (e.closest(".fr-sr-only, [aria-hidden=true], svg, thead") || !e.checkVisibility()) return false;
  const { overflowX, overflowY } = getComputedStyle(e), cache = (sens) => ["hidden", "clip"].includes(sens);
  const deborde = cache(overflowX) && e.scrollWidth > e.clientWidth + 1
    || cache(overflowY) && e.scrollHeight > e.clientHeight + 1;
  return deborde && e.innerText?.trim();
}).slice(0, 3).map((e) => `coupe son texte, ${e.tagName.toLowerCase()}.${e.className}`)"""
# Une commande de moins de 24 pixels (WCAG 2.2, 2.5.8), sauf dans une phrase, ou si rien d'autre ne se touche à 12
# pixels de son milieu. Un champ se touche aussi par son étiquette.
CIBLES = """() => {
  const commandes = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((e) =>
    e.type !== "hidden" && !e.disabled && e.checkVisibility() && !e.closest(".fr-skiplinks, .fr-sr-only"));
  const cadre = (e) => [e, ...(e.labels || [])].map((un) => un.getBoundingClientRect())
    .reduce((a, b) => (a.width * a.height < b.width * b.height ? b : a));
  const dans_une_phrase = (e) => getComputedStyle(e).display === "inline" && [...e.parentNode.childNodes]
    .some((voisin) => voisin.nodeType === Node.TEXT_NODE && voisin.textContent.trim());
  const vues = commandes.map((e) => ({ e, c: cadre(e) })).filter(({ c }) => c.width && c.height);
  const milieu = (c) => [c.x + c.width / 2, c.y + c.height / 2];
  const petite = ({ e, c }) => Math.min(c.width, c.height) < 23.5 && !dans_une_phrase(e);
  const ecart = ([x, y], c) => Math.hypot(Math.max(c.left - x, 0, x - c.right), Math.max(c.top - y, 0, y - c.bottom));
  return vues.filter((une) => petite(une) && vues.some((autre) => autre !== une && !autre.e.contains(une.e) &&
    ecart(milieu(une.c), autre.c) < 12)).slice(0, 5)
    .map(({ e, c }) => `cible de ${Math.round(c.width)} × ${Math.round(c.height)} px : « ${
      (e.innerText || e.name || "").replace(/\\s+/g, " ").trim().slice(0, 40)} »`);
}"""

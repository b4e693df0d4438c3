"""Les couleurs des dessins, calculées contre ce qui les touche, dans les deux thèmes (RGAA 3.2 et 3.3)."""

import re
from pathlib import Path

import pytest

import apart
from apart.socle import feuille

NOS_FEUILLES = Path(apart.__file__).parent / "simulateur" / "static" / "simulateur"
SOMBRE = re.compile(r"@media screen and \(prefers-color-scheme: ?dark\) ?\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
VARIABLE = re.compile(r"(--[\w-]+):\s*([^;{}]+)")
FOND = "--background-default-grey"
FOYER = "#0a76f6"  # écrit tel quel par le DSFR

# Chaque mot écrit sur un dessin, et ce qu'il a derrière lui.
MOTS = [
    ("--text-mention-grey", FOND),
    ("--text-title-grey", FOND),
    ("--frise-smic", FOND),
    ("--frise-plancher", FOND),
    ("--frise-sur-fort", "--frise-7"),
    ("--frise-sur-fort", "--frise-6"),
    ("--frise-sur-pale", "--frise-5"),
    ("--frise-sur-pale", "--frise-3"),
    ("--text-default-grey", "--background-contrast-grey"),
    ("--text-default-grey", FOND),
]
# Chaque trait, surface ou contour qu'il faut voir pour lire un dessin, et ce qu'il a derrière lui. Une surface touche
# l'autre par un filet de la couleur du fond.
TRAITS = [
    ("--frise-smic", FOND),
    ("--frise-plancher", FOND),
    ("--text-mention-grey", FOND),
    ("--frise-7", FOND),
    ("--frise-6", FOND),
    ("--frise-6", "--frise-5"),
    ("--frise-6", "--frise-3"),
    ("--border-plain-grey", FOND),
    ("--courbe-salaire", FOND),
    ("--courbe-reste", FOND),
    ("--courbe-point", "--courbe-reste"),
    ("--courbe-bord", FOND),
    ("--text-title-grey", FOND),
]
# Ce qui agit : le bord d'un champ, une case ou un bouton, le foyer.
COMMANDES = [
    ("--border-plain-grey", "--background-contrast-grey"),
    ("--border-action-high-blue-france", FOND),
    ("--background-action-high-blue-france", FOND),
    (FOYER, FOND),
]
# Pâles à dessein : leur contour, plus haut, les montre.
CERNEES = {"--courbe-allocation", "--courbe-rayure", "--frise-5", "--frise-3"}


def couleurs(theme: str) -> dict[str, str]:
    """Les variables que le lecteur reçoit sous ce thème ; la dernière écrite l'emporte."""
    textes = [feuille.composer(service_etat=False).contenu.decode()]
    textes += [nom.read_text(encoding="utf-8") for nom in sorted(NOS_FEUILLES.glob("*.css"))]
    trouvees: dict[str, str] = {}
    for texte in textes:
        trouvees |= dict(VARIABLE.findall(SOMBRE.sub("", texte)))
        if theme == "sombre":
            trouvees |= dict(VARIABLE.findall("".join(SOMBRE.findall(texte))))
    return trouvees


def couleur(nom: str, parmi: dict[str, str]) -> str:
    valeur = parmi.get(nom, nom).strip()
    return couleur(valeur[4:-1], parmi) if valeur.startswith("var(") else valeur


def luminance(hexa: str) -> float:
    chiffres = hexa[1:] if len(hexa) == 7 else "".join(2 * signe for signe in hexa[1:])
    parts = [int(chiffres[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    lineaires = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(poids * part for poids, part in zip((0.2126, 0.7152, 0.0722), lineaires, strict=True))


def contraste(une: str, autre: str) -> float:
    """WCAG 2.2, « contrast ratio » : de 1 à 21."""
    basse, haute = sorted((luminance(une), luminance(autre)))
    return (haute + 0.05) / (basse + 0.05)


@pytest.mark.parametrize("theme", ["clair", "sombre"])
@pytest.mark.parametrize(
    ("paires", "seuil"), [(MOTS, 4.5), (TRAITS, 3), (COMMANDES, 3)], ids=["mots", "traits", "commandes"]
)
def test_ce_qui_se_lit_se_detache_de_son_fond(theme: str, paires: list[tuple[str, str]], seuil: float) -> None:
    lues = couleurs(theme)
    calcules = {paire: contraste(couleur(paire[0], lues), couleur(paire[1], lues)) for paire in paires}
    assert {paire: f"{valeur:.2f}" for paire, valeur in calcules.items() if valeur < seuil} == {}


def test_chaque_couleur_de_dessin_est_calculee() -> None:
    definies = {nom for feuille in NOS_FEUILLES.glob("*.css") for nom, _ in VARIABLE.findall(feuille.read_text())}
    comparees = {nom for paire in [*MOTS, *TRAITS] for nom in paire}
    assert {nom for nom in definies if nom.startswith(("--frise-", "--courbe-"))} == {
        nom for nom in comparees | CERNEES if nom.startswith(("--frise-", "--courbe-"))
    }


def test_le_foyer_du_dsfr_a_la_couleur_calculee() -> None:
    assert f"outline-color:{FOYER}" in feuille.composer(service_etat=False).contenu.decode()

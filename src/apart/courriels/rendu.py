"""Du gabarit au message : objet, texte et HTML.

Convention des gabarits. Chaque message a deux fichiers, <module>/templates/courriels/<modele>.txt et <modele>.html :
    {% extends "courriels/base.txt" %}                  {% extends "courriels/base.html" %}
    {% block objet %}Votre identifiant{% endblock %}    (l'objet ne vient que du .txt)
    {% block pourquoi %}Vous avez demandé…{% endblock %}
avec les mêmes blocs dans les deux, dans l'ordre où ils paraissent :
    objet      .txt seulement : le geste et l'établissement, jamais l'identifiant, jamais un secret
    pourquoi   obligatoire : la première phrase, pourquoi ce message
    geste      les mots qui annoncent le lien (« Pour choisir votre mot de passe, ouvrez ce lien »)
    bouton     .html seulement : les mots du bouton
    corps      lien, code, heure limite : écrits par la base dès que lien ou code sont là ; à remplacer sinon
    suite      ce qui vient après (facultatif)
    pas_vous   que faire si l'on n'a rien demandé ; à vider dans un message que personne ne demande (un avis)
Dans un .html, chaque bloc contient des éléments entiers (<p>…</p>), sauf objet, geste et bouton.

Noms toujours présents : site, aide (adresse), siret, denomination, expire_le (absent sans limite voulue).
Les textes du contexte sont neutralisés (courriels.neutralite) : une ligne, sans lien. Pour un texte de plusieurs
lignes, passer MultiLignes(texte), ou TexteAgent(texte), et l'afficher avec {% load courriels %}{{ texte|citer }} dans
les deux gabarits. Une adresse électronique ne reste entière que passée comme Adresse(texte), ou dans un TexteAgent.
Les secrets ({{ lien }}, {{ code }}) sont rendus en marques ⟦lien⟧ et remplacés au dernier moment, à l'envoi.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape
from typing import Any

from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template

from apart.courriels.neutralite import neutraliser
from apart.socle.typographie import INSECABLE, insecable

LARGEUR = 76
LONGUEUR_OBJET = 150
DEBUT_OBJET = "Objet : "
# Celles du site (static/apart/neutre.css) : le bleu de l'État lui est réservé.
COULEUR_NEUTRE, COULEUR_ETAT = "#0f4c5c", "#000091"


@dataclass(frozen=True)
class Message:
    objet: str
    texte: str
    html: str


def rendre(modele: str, contexte: dict[str, Any], noms_secrets: tuple[str, ...] = ()) -> Message:
    """Rend un modèle. Les secrets n'y sont que des marques ⟦nom⟧."""
    complet = {
        "denomination": "",
        "siret": "",
        **{nom: neutraliser(valeur) for nom, valeur in contexte.items()},
        **{nom: marque(nom) for nom in noms_secrets},
        "site": settings.URL_PUBLIQUE,
        "couleur": COULEUR_ETAT if settings.SERVICE_ETAT else COULEUR_NEUTRE,
        "aide": f"{settings.URL_PUBLIQUE}/aide/",
    }
    brut = _gabarit(f"courriels/{modele}.txt").render(Context(complet, autoescape=False))
    objet, _, texte = brut.strip().partition("\n")
    html = _gabarit(f"courriels/{modele}.html").render(Context(complet))
    return Message(objet=_objet(objet), texte=plier(texte), html=re.sub(r"\n\s*\n", "\n", html.strip()) + "\n")


def _gabarit(nom: str) -> Template:
    gabarit: Template = get_template(nom).template  # type: ignore[attr-defined]  # moteur de gabarits de Django
    return gabarit


def marque(nom: str) -> str:
    return f"⟦{nom}⟧"


def reveler(texte: str, secrets: dict[str, str], *, html: bool) -> str:
    """Remplace les marques par les secrets, au moment d'envoyer."""
    for nom, valeur in secrets.items():
        texte = texte.replace(marque(nom), escape(valeur) if html else valeur)
    return texte


def _objet(ligne: str) -> str:
    """Une seule ligne, bornée : rien ne peut y ajouter un en-tête (T16)."""
    if not ligne.startswith(DEBUT_OBJET):
        raise ValueError("Un gabarit de courriel doit étendre courriels/base.txt.")
    propre = " ".join(ligne.removeprefix(DEBUT_OBJET).split())
    return propre if len(propre) <= LONGUEUR_OBJET else propre[: LONGUEUR_OBJET - 1].rstrip() + "…"


def plier(texte: str) -> str:
    """Lignes de 76 signes au plus, sans couper un mot ni une adresse ; jamais deux lignes vides de suite."""
    lignes = [_plier_ligne(ligne.rstrip()) for ligne in texte.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lignes)) + "\n"


def _plier_ligne(ligne: str) -> str:
    if ligne == "--":
        return "-- "  # l'espace final fait de la suite une signature pour les messageries
    if len(ligne) <= LARGEUR:
        return ligne
    retrait = re.match(r"(> |- |\s*)", ligne)
    suite = {"> ": "> ", "- ": "  "}.get(retrait.group() if retrait else "", "")
    # « : », « ? » ou « » » ne passent pas seuls à la ligne ; un SIRET ne se coupe pas.
    soude = re.sub(r"(?<=SIRET) (?=\d)|(?<=\d) (?=\d)", INSECABLE, insecable(ligne))
    pliee = textwrap.fill(
        soude, LARGEUR, subsequent_indent=suite, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )
    return pliee.replace(INSECABLE, " ")

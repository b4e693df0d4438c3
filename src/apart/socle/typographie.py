"""L'espace insécable, posée par une règle et jamais à la main : dans une phrase, dans un gabarit qui se charge.

Devant « : ; ! ? », dans les guillemets, devant « % », « € » et une unité abrégée, dans un nombre et dans une heure, la
ligne ne se coupe pas. Les courriels en texte gardent l'espace ordinaire : courriels.rendu, qui les plie, ne les coupe
pas là non plus.
"""

from __future__ import annotations

import re

from apart.socle.accents import normale

INSECABLE = "\u00a0"
# Ce qui tient lieu, dans un gabarit, d'une balise ou d'une valeur : un signe de la zone privée, rendu ensuite.
PLACE = "\ue000"
UNITES = "€|%|h|min|Kio|Mio|Mo"
# L'espace d'abord : le reste n'est regardé que là où il y en a une.
BLANC = re.compile(
    rf" (?:(?<=\S )(?=[;:!?»])|(?<=« )(?=\S)|(?<=[\d{PLACE}] )(?=(?:{UNITES})(?!\w))"
    rf"|(?<=[\d{PLACE}][ {INSECABLE}]h )(?=[\d{PLACE}])"
    r"|(?<=\d )(?=\d{3}(?!\d))|(?<=\b[nN]° )(?=\d))"
)


def insecable(texte: str) -> str:
    """Aucun signe de ponctuation ni unité ne commence une ligne, aucun guillemet ouvrant n'en finit une."""
    return BLANC.sub(INSECABLE, texte)


# Ce qui n'est pas une phrase : code, script, style, commentaire, balise et ses attributs, balise de Django.
MUETTES = "script|style|code|pre|kbd|textarea"
DJANGO = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
MORCEAU = re.compile(
    rf"<(?P<muette>{MUETTES})\b.*?</(?P=muette)>|<!--.*?-->|<[a-zA-Z/!](?:{DJANGO}|[^>])*?>|{DJANGO}",
    re.DOTALL | re.IGNORECASE,
)
PLI = re.compile(r"(?<=\S)\s*\n\s*(?=[;:!?»])")  # HTML n'y voit qu'une espace


def du_gabarit(source: str) -> str:
    """Le gabarit HTML, ses phrases passées par la règle ; ses balises et ses valeurs restent ce qu'elles sont."""
    if PLACE in source:
        raise ValueError(f"U+{ord(PLACE):04X} tient lieu de balise à la règle des insécables : un gabarit n'en a pas.")
    morceaux = [trouve.group() for trouve in MORCEAU.finditer(source)]
    phrases = insecable(PLI.sub(" ", MORCEAU.sub(PLACE, source)))
    rendus = iter(morceaux)
    return re.sub(PLACE, lambda _: next(rendus), phrases)


# Devant un y, on n'élide que s'il se prononce comme un i : « d'Yves », mais « de Yannick ».
VOYELLE = re.compile(r"[aeiou]|y(?![aeiou])")


def de(nom: str) -> str:
    """« de Marie », « d'Olga », « d'AGA ». Un h se prononce ou non : il ne s'élide pas."""
    initiales = normale("NFKD", nom[:2]).casefold()
    return f"d'{nom}" if VOYELLE.match(initiales) else f"de {nom}"

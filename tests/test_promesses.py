"""Ce qu'une page, un courriel, une fiche ou un papier promet, le logiciel le fait.

Ce que le détecteur ne voit pas, et qu'un œil doit voir : une promesse sans l'une de ses tournures (« l'accès du
cabinet cesse aussitôt »), une phrase coupée par un « si » du gabarit, une valeur qui la complète, et ce qu'écrit un
exploitant dans ses réglages. Il ne lit ni les messages de la ligne de commande, ni les règles de droit, qui ne parlent
d'aucun geste.
"""

import re

import pytest

from tests.envois import ENVOIS
from tests.monde import adresses
from tests.promesses import A_LIRE, PROMESSES, SANS_GESTE
from tests.textes import textes

QUI = (
    r"(?:agents?|employeurs?|cabinets?|clients?|collègues?|assistance|personnes?|princip(?:al|aux)|superviseurs?|comptes?"
    r"|programme|logiciel)"
)
ACCES = r"(?:accès|habilitation|compte)s?"
FINI = r"(?:pris fin|prend fin|prendra fin|suspendue?s?|retirée?s?|révoquée?s?)"
PROMESSE = re.compile(
    "|".join(
        [
            r"(?<!ne )\bvous (?:pouvez|pourrez)\b",
            rf"\b{QUI}\b[^.;:!?\n]{{0,40}}(?<!ne )(?<!n'y )\b(?:peut|peuvent|pourra|pourront)\b(?!-être)",
            r"\b(?:un|l'|votre|nos|les|des) ?agents? (?:(?!ne |a |ont |n'|qui |chargés|que |déjà |et |est )\w+)",
            r"\bvous (?:aurez|recevrez|verrez|retrouverez|répond\w*|dit|dira|diront|aide\w*|enverr\w+|préviendr\w+)\b",
            r"\bvous (?:sera|seront|permet\w*)\b",
            r"\b(?:viendra|viendront|arrivera|arriveront|bientôt|prochainement)\b",
            r"\b(?:sera|seront) mise?s?\b|\b(?:est|sont) mise?s? en pause\b",
            r"\bpour (?:tenir|prendre) ce rôle\b",
            r"\bnous (?:vous |le |la |les )?\w+rons\b",
            rf"\b{ACCES}\b[^.;:!?\n]{{0,40}}\b{FINI}\b",
            r"\brend\w* (?:l'|son |votre )accès",
            rf"\b(?:retir|révoqu|suspend)\w+ (?:aussi )?(?:l'|un |son |votre |leur ){ACCES}",
        ]
    ),
    re.IGNORECASE,
)
AILLEURS = ("config/", "embarque/", "regles/", "repertoire/", "demo/", "socle/metriques", "management/")


def promesses(texte: str) -> list[str]:
    """Les tournures de promesse de ce texte, hors des phrases que la table connaît."""
    for phrase in sorted([*PROMESSES, *SANS_GESTE], key=len, reverse=True):
        texte = re.sub(re.escape(phrase), "◦", texte, flags=re.IGNORECASE)
    return [trouve.group() for trouve in PROMESSE.finditer(texte)]


def test_chaque_promesse_est_dans_la_table() -> None:
    nouvelles = {
        nom: trouvees
        for nom, texte in textes().items()
        if not any(lieu in nom for lieu in AILLEURS) and (trouvees := promesses(texte))
    }
    assert not nouvelles, "Quel geste ? Donnez son adresse dans tests/promesses.py, ou n'écrivez pas la phrase."


def dites() -> dict[str, set[str]]:
    """Où se dit chaque phrase de la table ; la plus longue d'abord, comme elles s'ôtent."""
    lieux: dict[str, set[str]] = {phrase: set() for phrase in [*PROMESSES, *SANS_GESTE]}
    ordre = sorted(lieux, key=len, reverse=True)
    for nom, texte in textes().items():
        reste = texte
        for phrase in ordre:
            reste, combien = re.subn(re.escape(phrase), "◦", reste, flags=re.IGNORECASE)
            if combien:
                lieux[phrase].add(sans_suffixe(nom))
    return lieux


def sans_suffixe(nom: str) -> str:
    """Un courriel se dit deux fois, en texte et en HTML : il se nomme une fois."""
    return nom.rpartition(".")[0] if "/courriels/" in nom and nom.endswith((".txt", ".html")) else nom


def test_chaque_promesse_nomme_tous_les_endroits_ou_elle_se_dit() -> None:
    """Une phrase recopiée ailleurs y promet peut-être un autre geste : quelqu'un le relit."""
    lieux = dites()
    assert {phrase: set(ou) for phrase, ou in PROMESSES.items()} == {phrase: lieux[phrase] for phrase in PROMESSES}


def test_ce_qui_ne_promet_rien_et_ne_se_dit_plus_quitte_la_table() -> None:
    lieux = dites()
    assert not [phrase for phrase in SANS_GESTE if not lieux[phrase]]


def test_chaque_geste_promis_a_son_adresse() -> None:
    noms = {adresse.nom for adresse in adresses()}
    promis = {nom: phrase for phrase, ou in PROMESSES.items() for nom in ou.values()}
    assert not {nom: phrase for nom, phrase in promis.items() if nom not in noms}
    assert not {nom: phrase for nom, phrase in promis.items() if nom not in ENVOIS and nom not in A_LIRE}


# Des promesses sans geste, qui ont été publiées : le détecteur doit les voir si elles reviennent.
SANS_SUITE = (
    "Sinon, l'agent vous dit ce qu'il lui faut.",
    "Un accès peut être suspendu si son usage fait craindre une fraude.",
    "Le contrat en ligne viendra plus tard.",
    "la personne n'est plus là : les chemins qui rendent l'accès.",
    "elle vous dira comment transmettre votre exemplaire",
    "Cette lettre vous arrivera demain.",
    "La demande sera mise de côté.",
    "Pour tenir ce rôle, écrivez à votre collègue.",
)


@pytest.mark.parametrize("phrase", SANS_SUITE)
def test_le_detecteur_voit_une_promesse_sans_geste(phrase: str) -> None:
    assert promesses(phrase)
    assert not any(phrase.rstrip(".").lower() in texte.lower() for texte in textes().values())


@pytest.mark.parametrize(
    "phrase",
    [
        "Ne dictez jamais ce code : aucun agent ne vous le demandera.",
        "L'extranet ne peut pas le corriger.",
        "Un message a peut-être été retenu.",
        "Rien n'est gardé, et personne ne peut lire votre réponse.",
    ],
)
def test_il_laisse_passer_ce_qui_ne_promet_rien(phrase: str) -> None:
    assert not promesses(phrase)

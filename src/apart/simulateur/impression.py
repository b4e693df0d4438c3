"""La simulation en PDF, composée par typst. Les valeurs y entrent comme données, jamais comme source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import typst

from apart.regles.bareme import bareme
from apart.regles.francais import euros, heures, jour_en_lettres
from apart.regles.traces import Etape
from apart.simulateur import resultats
from apart.simulateur.brouillon import Brouillon
from apart.simulateur.calcul import Calcul
from apart.simulateur.formulaire import SALARIE, Champ, GroupeAffiche, LignePeriode, Profil, presenter
from apart.simulateur.resultats import GroupeMontre, MoisMontre, Scenario, du_au

GABARIT = Path(__file__).parent / "simulation.typ"


def composer(profil: Profil, brouillon: Brouillon, calcul: Calcul) -> bytes:
    """PDF/UA : ce qui a été tapé, les résultats, chaque étape avec son article et ses sources, les réserves."""
    montres = resultats.montrer(calcul, au_salarie=profil is SALARIE)
    saisie = presenter(profil, brouillon)
    donnees = {
        "titre": profil.titre,
        "bareme": f"Barème établi le {jour_en_lettres(bareme().etabli_le)}, connu jusqu'au "
        f"{jour_en_lettres(bareme().connu_jusqu_au)}.",
        "incertitudes": list(montres.incertitudes),
        "ecarts": [[e.libelle, euros(e.a), euros(e.b), e.difference] for e in montres.ecarts],
        "cotisations_omises": montres.cotisations_omises,
        "scenarios": [
            _scenario(scenario, groupes, deux=bool(montres.ecarts))
            for scenario, (_, groupes) in zip(montres.scenarios, saisie.scenarios, strict=True)
        ],
    }
    rendu: bytes = typst.compile(
        GABARIT, sys_inputs={"donnees": json.dumps(donnees)}, format="pdf", pdf_standards="ua-1"
    )
    return rendu


def _scenario(scenario: Scenario, saisis: Sequence[GroupeAffiche], *, deux: bool) -> dict[str, object]:
    return {
        "titre": f"Scénario {scenario.lettre.upper()}" if deux else "",
        "montants": [[m.libelle, euros(m.total)] for m in scenario.montants] if len(scenario.groupes) > 1 else [],
        "groupes": [_groupe(groupe, saisi) for groupe, saisi in zip(scenario.groupes, saisis, strict=True)],
    }


def _groupe(groupe: GroupeMontre, saisi: GroupeAffiche) -> dict[str, object]:
    precisions = (champ for _, siens in saisi.precisions for champ in siens)
    return {
        "titre": groupe.titre,
        "effectif": groupe.effectif,
        "saisie": [*_reponses(saisi.champs), *map(_periode, saisi.periodes), *_reponses(precisions)],
        "montants": [[m.libelle, euros(m.par_salarie), euros(m.total)] for m in groupe.montants],
        "constats": [groupe.heures_payees, *(constat.phrase for constat in groupe.constats)],
        "mois": [_mois(mois) for mois in groupe.mois],
    }


def _reponses(champs: Iterable[Champ]) -> list[list[str]]:
    """Les questions qui ont une réponse, et celle-ci telle qu'elle se lit."""
    return [[champ.question.libelle, champ.lisible] for champ in champs if champ.valeur.strip()]


def _periode(ligne: LignePeriode) -> list[str]:
    """« Période 1 », « avril 2020 : 151,67 heures non travaillées »."""
    lus = {champ.question.nom: champ.lisible for champ in ligne.champs}
    quand = lus["mois"] or f"du {lus['du']} au {lus['au']}"
    return [f"Période {ligne.rang}", f"{quand} : {lus['heures']} heures non travaillées"]


def _mois(montre: MoisMontre) -> dict[str, object]:
    mois = montre.mois
    net = "" if mois.net is None or mois.net_normal is None else (
        f"Net estimé, avant impôt : {euros(mois.net)}, au lieu de {euros(mois.net_normal)} un mois normal."
    )  # fmt: skip
    return {
        "titre": montre.titre,
        "net": f"Brut : {euros(mois.brut)}, au lieu de {euros(mois.brut_normal)} un mois normal. {net}".strip(),
        "avant": _etapes(montre.avant),
        "lignes": [
            {
                "titre": f"{du_au(ligne)} : {heures(ligne.periode.heures)}".capitalize(),
                "etapes": _etapes(ligne.horaire.trace),
                "total": f"Indemnité : {euros(ligne.indemnite)}. Allocation : {euros(ligne.allocation)}.",
            }
            for ligne in mois.lignes
        ],
        "apres": _etapes(montre.apres),
    }


def _etapes(etapes: Iterable[Etape]) -> list[dict[str, object]]:
    return [
        {
            "phrase": etape.phrase,
            "article": etape.article,
            "sources": [
                f"{v.libelle} : {v.lisible} depuis le {jour_en_lettres(v.depuis)} ({v.source})"
                + (", à confirmer" if v.reserve else "")
                for v in etape.valeurs
            ],
        }
        for etape in etapes
    ]

"""La simulation en PDF."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from apart.regles.bareme import Valeur, bareme
from apart.regles.francais import euros, heures, jour_en_lettres, mois_en_lettres
from apart.regles.simulation import Mois
from apart.regles.traces import Etape
from apart.simulateur import resultats
from apart.simulateur.brouillon import Brouillon
from apart.simulateur.calcul import Calcul
from apart.simulateur.formulaire import Champ, GroupeAffiche, presenter
from apart.simulateur.questions import SALARIE, Profil
from apart.simulateur.resultats import MONTANTS, GroupeMontre, du_au
from apart.socle import impression

GABARIT = Path(__file__).parent / "simulation.typ"


def composer(profil: Profil, brouillon: Brouillon, calcul: Calcul) -> bytes:
    """PDF/UA : ce qui a été tapé, les résultats, chaque étape avec son article et ses sources, les réserves."""
    montres = resultats.montrer(calcul, au_salarie=profil is SALARIE)
    saisis = [groupes for _, groupes in presenter(profil, brouillon).scenarios]
    donnees = {
        "titre": profil.titre,
        "bareme": f"Barème établi le {jour_en_lettres(bareme().etabli_le)}, connu jusqu'au "
        f"{jour_en_lettres(bareme().connu_jusqu_au)}.",
        "incertitudes": montres.incertitudes,
        "ecarts": [[e.libelle, euros(e.un), euros(e.deux), e.ecart] for e in montres.ecarts],
        "cotisations_omises": montres.cotisations_omises,
        "scenarios": [
            {
                "titre": f"Scénario {lettre.upper()}" if montres.ecarts else "",
                "montants": [[MONTANTS[nom][0], euros(total[nom])] for nom in total] if len(groupes) > 1 else [],
                "groupes": [_groupe(groupe, saisi) for groupe, saisi in zip(groupes, siens, strict=True)],
            }
            for (lettre, groupes, total), siens in zip(montres.scenarios, saisis, strict=True)
        ],
    }
    return impression.composer(GABARIT, donnees)


def _groupe(groupe: GroupeMontre, saisi: GroupeAffiche) -> dict[str, Any]:
    precisions = (champ for _, siens in saisi.precisions for champ in siens)
    periodes = [_periode(rang, champs) for rang, champs in enumerate(saisi.periodes, 1)]
    return {
        "titre": groupe.titre,
        "effectif": groupe.resultat.groupe.effectif,
        "saisie": [*_reponses(saisi.champs), *periodes, *_reponses(precisions)],
        "montants": [[m.libelle, euros(m.un), euros(m.deux)] for m in groupe.montants],
        "constats": [groupe.heures_payees, *(constat.phrase for constat in groupe.constats)],
        "mois": [_mois(mois) for mois in groupe.resultat.mois],
    }


def _reponses(champs: Iterable[Champ]) -> list[tuple[str, str]]:
    """Les questions qui ont une réponse, et celle-ci telle qu'elle se lit."""
    return [(champ.question.libelle, champ.lisible) for champ in champs if champ.valeur.strip()]


def _periode(rang: int, champs: Iterable[Champ]) -> tuple[str, str]:
    """« Période 1 », « avril 2020 : 151,67 heures non travaillées »."""
    lus = {champ.question.nom: champ.lisible for champ in champs}
    quand = lus["mois"] or f"du {lus['du']} au {lus['au']}"
    return f"Période {rang}", f"{quand} : {lus['heures']} heures non travaillées"


def _mois(mois: Mois) -> dict[str, Any]:
    net = "" if mois.net is None or mois.net_normal is None else (
        f"Net estimé, avant impôt : {euros(mois.net)}, au lieu de {euros(mois.net_normal)} un mois normal."
    )  # fmt: skip
    return {
        "titre": mois_en_lettres(mois.premier),
        "net": f"Brut : {euros(mois.brut)}, au lieu de {euros(mois.brut_normal)} un mois normal. {net}".strip(),
        "avant": _etapes(resultats.avant_les_lignes(mois)),
        "lignes": [
            {
                "titre": f"{du_au(ligne)} : {heures(ligne.periode.heures)}".capitalize(),
                "etapes": _etapes(ligne.horaire.trace),
                "total": f"Indemnité : {euros(ligne.indemnite)}. Allocation : {euros(ligne.allocation)}.",
            }
            for ligne in mois.lignes
        ],
        "apres": _etapes(resultats.apres_les_lignes(mois)),
    }


def _etapes(etapes: Iterable[Etape]) -> list[dict[str, Any]]:
    return [{"phrase": e.phrase, "article": e.article, "sources": list(map(_source, e.valeurs))} for e in etapes]


def _source(v: Valeur) -> str:
    quoi = f"{v.libelle} : {v.lisible} depuis le {jour_en_lettres(v.depuis)} ({v.source})"
    return f"{quoi}, à confirmer" if v.reserve else quoi

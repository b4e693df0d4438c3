"""Un résultat simulé, prêt pour JSON : chaque montant et chaque durée est un texte décimal exact, au centième."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from apart.regles.bareme import bareme
from apart.regles.constats import constats, heures_payees
from apart.regles.mois import Ligne
from apart.regles.nombres import arrondir
from apart.regles.simulation import Mois, Resultat
from apart.regles.traces import VERSION, simple
from apart.simulateur.api.simulations import Simulee, simuler_la_demande
from apart.simulateur.telechargements import en_json, entete
from apart.socle.corps_json import lire_corps

# Nom dans la réponse → nom du montant dans le moteur.
MONTANTS = {
    **{nom: nom for nom in ("salaire", "indemnite", "allocation", "complement", "reste_a_charge", "brut", "net")},
    "cotisations_patronales": "cotisations",
    "cotisations_du_complement": "cotisations_complement",
    **{nom: nom for nom in ("cout", "brut_normal", "net_normal", "cout_normal")},
}
HEURES = {"heures_du_contrat": "contrat", "heures_chomees": "chomees", "heures_indemnisables": "indemnisables"}
PRELEVEMENTS = (
    "csg_deductible", "csg_non_deductible", "crds", "maladie", "total", "seuil", "preleve", "net",
)  # fmt: skip


def repondre(octets: bytes) -> bytes:
    """La réponse à ce corps ; s'il est gros, cela se fait dans un enfant. Lève Probleme."""
    return en_json(rendre(simuler_la_demande(lire_corps(octets))))


def rendre(simulee: Simulee) -> dict[str, object]:
    """La réponse entière : le barème employé, chaque groupe, et la somme de tous."""
    resultats, toutes_dites, avec_trace = simulee
    groupes = [_groupe(r, dites, avec_trace) for r, dites in zip(resultats, toutes_dites, strict=True)]
    return {
        "version": VERSION,
        "bareme": entete(bareme()),
        "groupes": groupes,
        "totaux": {nom: _somme(g["totaux"]["groupe"][nom] for g in groupes) for nom in {**HEURES, **MONTANTS}},
        "reserves": list(dict.fromkeys(phrase for resultat in resultats for phrase in resultat.reserves)),
    }


def _groupe(resultat: Resultat, structurelles_dites: bool, avec_trace: bool) -> dict[str, Any]:
    mois = [_mois(m, avec_trace) for m in resultat.mois]
    par_salarie = {nom: _somme(m[nom] for m in mois) for nom in {**HEURES, **MONTANTS}}
    effectif = resultat.groupe.effectif
    return {
        "nom": resultat.groupe.nom,
        "effectif": effectif,
        "remuneration": _texte(resultat.groupe.remuneration),
        "mois": mois,
        "totaux": {
            "par_salarie": par_salarie,
            "groupe": {nom: _texte(Decimal(v) * effectif if v else None) for nom, v in par_salarie.items()},
        },
        "heures_payees": heures_payees(resultat),
        "constats": [c._asdict() for c in constats(resultat, structurelles_dites=structurelles_dites)],
        "reserves": list(resultat.reserves),
    }


def _mois(m: Mois, avec_trace: bool) -> dict[str, Any]:
    """Un mois d'un salarié."""
    return {
        "mois": f"{m.premier:%Y-%m}",
        **{nom: _texte(getattr(m, interne)) for nom, interne in {**HEURES, **MONTANTS}.items()},
        "taux_horaire": _texte(m.reference.taux_horaire),
        "prelevements": {nom: _texte(getattr(m.prelevements, nom)) for nom in PRELEVEMENTS},
        "lignes": [_ligne(ligne, avec_trace) for ligne in m.lignes],
        "reserves": list(m.reserves),
        **({"trace": simple(m.trace)} if avec_trace else {}),
    }


def _ligne(ligne: Ligne, avec_trace: bool) -> dict[str, object]:
    """Une période où aucun nombre de la loi ne change, et ce qu'y vaut une heure."""
    horaire = ligne.horaire
    return {
        "du": ligne.periode.du.isoformat(),
        "au": ligne.periode.au.isoformat(),
        "heures": _texte(ligne.periode.heures),
        "indemnite_horaire": _texte(horaire.indemnite),
        "allocation_horaire": _texte(horaire.allocation),
        "reste_a_charge_horaire": _texte(horaire.reste_a_charge),
        "indemnite": _texte(ligne.indemnite),
        "allocation": _texte(ligne.allocation),
        "reserves": list(horaire.reserves),
        **({"trace": simple(horaire.trace)} if avec_trace else {}),
    }


def _texte(montant: Decimal | None) -> str | None:
    return None if montant is None else f"{arrondir(montant):f}"


def _somme(montants: Iterable[str | None]) -> str | None:
    """None dès qu'un terme n'est pas connu : une somme partielle tromperait."""
    termes = list(montants)
    return None if None in termes else _texte(sum((Decimal(t) for t in termes if t), Decimal()))

"""Lit des cas sur l'entrée standard ({salaire, heures}, euros et heures du mois) ; écrit des durées et des indemnités.

S'exécute dans son propre environnement : OpenFisca n'est pas installé avec Apart.
"""

import json
import sys
import time

from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_france import FranceTaxBenefitSystem

systeme = FranceTaxBenefitSystem()


def calculer(cas: dict, mois: str) -> float:
    salarie = {
        "salaire_de_base": {mois: cas["salaire"]},
        "heures_remunerees_volume": {mois: cas["heures"]},
    }
    foyer = {
        "individus": {"salarie": salarie},
        "familles": {"famille": {"parents": ["salarie"]}},
        "foyers_fiscaux": {"foyer": {"declarants": ["salarie"]}},
        "menages": {"menage": {"personne_de_reference": ["salarie"]}},
    }
    simulation = SimulationBuilder().build_from_entities(systeme, foyer)
    return float(simulation.calculate("covid_activite_partielle_montant", mois)[0])


def main() -> None:
    demande = json.load(sys.stdin)
    for cas in demande["cas"][:3]:  # à froid, non compté
        calculer(cas, demande["mois"])
    durees = []
    for _ in range(demande["passes"]):
        debut = time.perf_counter()
        resultats = [calculer(cas, demande["mois"]) for cas in demande["cas"]]
        durees.append(time.perf_counter() - debut)
    json.dump({"durees": durees, "resultats": resultats}, sys.stdout)


main()

"""Les résultats tels que la page et le PDF les montrent : totaux, écarts, mois par mois, et le pourquoi."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from apart.regles import constats
from apart.regles.bareme import HorsBareme
from apart.regles.constats import Constat
from apart.regles.francais import euros, heures, jour_en_lettres
from apart.regles.mois import Ligne
from apart.regles.simulation import Mois, Resultat
from apart.regles.traces import Etape
from apart.simulateur.calcul import Calcul
from apart.simulateur.graphique import dessiner

ZERO = Decimal()
MOINS = "\N{MINUS SIGN}"
AVANT_LES_HEURES = frozenset({"taux-horaire-de-reference", "heures-indemnisables"})
# Ce qu'un employeur regarde, dans l'ordre : son libellé, le même en court, et s'il se lit d'abord.
MONTANTS = {
    "indemnite": ("Indemnités dues aux salariés", "Indemnités", False),
    "complement": ("Complément que vous ajoutez", "Complément", False),
    "allocation": ("Allocation remboursée par l'État", "Allocation", True),
    "reste_a_charge": ("Reste à votre charge", "Reste à charge", True),
    "salaire": ("Salaires bruts des heures travaillées", "Salaires", False),
    "cotisations": ("Cotisations patronales", "Cotisations", False),
    "cotisations_complement": ("dont celles du complément", "dont complément", False),
    "cout": ("Coût total, allocation déduite", "Coût total", True),
    "cout_normal": ("Coût normal, sans activité partielle", "Coût normal", False),
}
# Ce qui départage deux lectures.
LU_PAR_L_EMPLOYEUR = (("allocation", "Allocation"), ("reste_a_charge", "Reste à charge"))
LU_PAR_LE_SALARIE = (("indemnite", "Indemnité"), ("brut", "Brut du mois"))
COURBES = 3  # groupes dessinés, par scénario : au-delà, les dessins cachent les montants


class Montant(NamedTuple):
    """Deux fois le même montant : par salarié et pour tous, ou dans le scénario A et dans le B."""

    libelle: str
    court: str
    est_en_tete: bool
    un: Decimal
    deux: Decimal

    @property
    def ecart(self) -> str:
        return ecart(self.deux - self.un)


class GroupeMontre(NamedTuple):
    """Un groupe : son résultat, et ce qui s'en dit."""

    resultat: Resultat
    titre: str
    montants: list[Montant]
    courbe: dict[str, Any] | None
    heures_payees: str
    constats: tuple[Constat, ...]
    lectures: dict[str, Any] | None  # selon que ses heures au-delà de 35 h sont structurelles ou non : à choisir


class Scenario(NamedTuple):
    lettre: str
    groupes: list[GroupeMontre]
    total: dict[str, Decimal]  # tous groupes réunis

    @property
    def effectif(self) -> int:
        return sum(groupe.resultat.groupe.effectif for groupe in self.groupes)


@dataclass(frozen=True, slots=True)
class Resultats:
    scenarios: list[Scenario]
    ecarts: list[Montant]  # vide s'il n'y a qu'un scénario
    incertitudes: tuple[str, ...]
    cotisations_omises: str  # ce que les coûts ne comptent pas ; vide si tout y est

    @property
    def phrase(self) -> str:
        """Le résultat en une phrase, pour qui écoute la page."""
        dites = []
        for lettre, _, total in self.scenarios:
            qui = f"Scénario {lettre.upper()} : a" if self.ecarts else "A"
            montants = f"{euros(total['allocation'])}, reste à charge {euros(total['reste_a_charge'])}"
            dites.append(f"{qui}llocation {montants}.")
        return " ".join(dites)


def montrer(calcul: Calcul, *, au_salarie: bool) -> Resultats:
    """Ce que la page montre d'un calcul juste."""
    scenarios = []
    for lettre, siens in zip("ab", calcul.scenarios, strict=False):
        groupes = [_groupe(f"{lettre}-{rang}", resultat, calcul, au_salarie) for rang, resultat in enumerate(siens, 1)]
        total = {nom: sum((resultat.total_du_groupe(nom) for resultat in siens), ZERO) for nom in _utiles(siens)}
        scenarios.append(Scenario(lettre, groupes, total))
    tous = [resultat for siens in calcul.scenarios for resultat in siens]
    incertaines = (phrase for resultat in tous for phrase in constats.incertitudes(resultat, avec_net=au_salarie))
    return Resultats(scenarios, _ecarts(*scenarios), tuple(dict.fromkeys(incertaines)), _cotisations_omises(tous))


def _cotisations_omises(resultats: Sequence[Resultat]) -> str:
    omises = [resultat.groupe.cotisations_patronales is None for resultat in resultats]
    if all(omises):
        return "hors cotisations patronales"
    return "cotisations patronales comprises pour les seuls groupes qui en donnent le taux" if any(omises) else ""


def _groupe(prefixe: str, resultat: Resultat, calcul: Calcul, au_salarie: bool) -> GroupeMontre:
    rang = int(prefixe[2:])
    return GroupeMontre(
        resultat=resultat,
        titre=resultat.groupe.nom or f"Groupe {rang}",
        montants=[
            Montant(*MONTANTS[nom], resultat.total(nom), resultat.total_du_groupe(nom)) for nom in _utiles([resultat])
        ],
        courbe=_courbe(resultat, prefixe.replace("-", "")) if rang <= COURBES else None,
        heures_payees=constats.heures_payees(resultat),
        constats=constats.constats(resultat, structurelles_dites=True),  # tues, leurs deux lectures se comparent
        lectures=_lectures(resultat, prefixe, au_salarie) if prefixe in calcul.muets else None,
    )


def _lectures(resultat: Resultat, prefixe: str, au_salarie: bool) -> dict[str, Any] | None:
    """Ce que donne chaque réponse, et si la rémunération ne paie sans doute pas ces heures."""
    autre = constats.autre_lecture(resultat)
    if autre is None:
        return None
    noms = LU_PAR_LE_SALARIE if au_salarie else LU_PAR_L_EMPLOYEUR
    deux = (resultat, autre)
    return {
        "adresse": prefixe.replace("-", " "),  # « a 1 », pour le geste qui répond
        "durees": heures(resultat.groupe.duree_hebdomadaire),
        "montants": [  # libellé, si non, si oui
            ("Heures payées", *(heures(r.total("indemnisables")) for r in deux)),
            *((libelle, *(euros(r.total_du_groupe(nom)) for r in deux)) for nom, libelle in noms),
        ],
        "avertissement": constats.sous_le_smic(autre.groupe),
    }


def _courbe(resultat: Resultat, cle: str) -> dict[str, Any] | None:
    """Rien si la loi change de nature au cours du mois, et ne dit pas tous ses jours."""
    try:
        return dessiner(resultat, cle)
    except HorsBareme:
        return None


def _utiles(resultats: Sequence[Resultat]) -> list[str]:
    """Les montants qui ont quelque chose à dire : ni complément ni cotisations quand personne ne les donne."""
    muets = {
        "complement": all(r.groupe.maintien is None for r in resultats),
        "cotisations": all(r.groupe.cotisations_patronales is None for r in resultats),
        "cotisations_complement": not any(r.total("cotisations_complement") for r in resultats),
        "salaire": not any(r.total("salaire") for r in resultats),
    }
    return [nom for nom in MONTANTS if not muets.get(nom)]


def _ecarts(a: Scenario, b: Scenario | None = None) -> list[Montant]:
    if b is None:
        return []
    montres = a.total.keys() | b.total.keys()
    return [Montant(*MONTANTS[n], a.total.get(n, ZERO), b.total.get(n, ZERO)) for n in MONTANTS if n in montres]


# --- Le calcul d'un mois, avant et après ses lignes ---


def avant_les_lignes(mois: Mois) -> list[Etape]:
    return [etape for etape in mois.trace if etape.regle in AVANT_LES_HEURES]


def apres_les_lignes(mois: Mois) -> list[Etape]:
    return [etape for etape in mois.trace if etape.regle not in AVANT_LES_HEURES]


# --- Écrire ---


def ecart(montant: Decimal) -> str:
    """« + 12,00 € », « − 3,50 € », « 0,00 € »."""
    if not montant:
        return euros(montant)
    return f"{'+' if montant > 0 else MOINS}\N{NO-BREAK SPACE}{euros(abs(montant))}"


def du_au(ligne: Ligne) -> str:
    """« du 1er au 31 mai 2026 »."""
    du, au = ligne.periode.du, ligne.periode.au
    if du == au:
        return f"le {jour_en_lettres(du)}"
    debut = jour_en_lettres(du)
    if (du.year, du.month) == (au.year, au.month):
        debut = debut.split()[0]
    return f"du {debut} au {jour_en_lettres(au)}"

"""Les résultats tels que la page et le PDF les montrent : totaux, écarts, mois par mois, et le pourquoi."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apart.regles import constats
from apart.regles.bareme import HorsBareme
from apart.regles.constats import Constat
from apart.regles.francais import euros, heures, jour_en_lettres, mois_en_lettres
from apart.regles.mois import Ligne
from apart.regles.simulation import Mois, Resultat
from apart.regles.traces import Etape
from apart.simulateur.calcul import Calcul
from apart.simulateur.graphique import Courbe, dessiner

ZERO = Decimal()
MOINS = "\N{MINUS SIGN}"
AVANT_LES_HEURES = frozenset({"taux-horaire-de-reference", "heures-indemnisables"})
# Ce qu'un employeur regarde, dans l'ordre : le nom du montant, son libellé, le même en court.
MONTANTS = (
    ("indemnite", "Indemnités dues aux salariés", "Indemnités"),
    ("complement", "Complément que vous ajoutez", "Complément"),
    ("allocation", "Allocation remboursée par l'État", "Allocation"),
    ("reste_a_charge", "Reste à votre charge", "Reste à charge"),
    ("salaire", "Salaires bruts des heures travaillées", "Salaires"),
    ("cotisations", "Cotisations patronales", "Cotisations"),
    ("cotisations_complement", "dont celles du complément", "dont complément"),
    ("cout", "Coût total, allocation déduite", "Coût total"),
    ("cout_normal", "Coût normal, sans activité partielle", "Coût normal"),
)
# Ce qui départage deux lectures.
LU_PAR_L_EMPLOYEUR = (("allocation", "Allocation"), ("reste_a_charge", "Reste à charge"))
LU_PAR_LE_SALARIE = (("indemnite", "Indemnité"), ("brut", "Brut du mois"))
COURBES = 3  # groupes dessinés, par scénario : au-delà, les dessins cachent les montants
EN_TETE = frozenset({"allocation", "reste_a_charge", "cout"})


@dataclass(frozen=True, slots=True)
class Montant:
    """Un montant par salarié, et pour tous."""

    nom: str
    libelle: str
    par_salarie: Decimal
    total: Decimal

    @property
    def est_en_tete(self) -> bool:
        return self.nom in EN_TETE


@dataclass(frozen=True, slots=True)
class Ecart:
    """Un montant dans chaque scénario, et ce qui les sépare."""

    libelle: str
    court: str
    a: Decimal
    b: Decimal
    est_en_tete: bool

    @property
    def difference(self) -> str:
        return ecart(self.b - self.a)


@dataclass(frozen=True, slots=True)
class MoisMontre:
    """Un mois d'un groupe : ses montants, et le calcul avant et après ses lignes."""

    mois: Mois

    @property
    def titre(self) -> str:
        return mois_en_lettres(self.mois.premier)

    @property
    def avant(self) -> list[Etape]:
        return [etape for etape in self.mois.trace if etape.regle in AVANT_LES_HEURES]

    @property
    def apres(self) -> list[Etape]:
        return [etape for etape in self.mois.trace if etape.regle not in AVANT_LES_HEURES]


@dataclass(frozen=True, slots=True)
class DeuxLectures:
    """Ce que donne le groupe selon que ses heures au-delà de 35 h sont structurelles ou non : à choisir."""

    adresse: str  # « a 1 », pour le geste qui répond
    durees: str
    montants: list[tuple[str, ...]]  # libellé, si non, si oui
    avertissement: str  # la rémunération ne paie sans doute pas ces heures


@dataclass(frozen=True, slots=True)
class GroupeMontre:
    resultat: Resultat
    titre: str
    effectif: int
    montants: list[Montant]
    mois: list[MoisMontre]
    courbe: Courbe | None
    heures_payees: str
    constats: tuple[Constat, ...]
    lectures: DeuxLectures | None


@dataclass(frozen=True, slots=True)
class Scenario:
    lettre: str
    groupes: list[GroupeMontre]
    montants: list[Montant]  # tous groupes réunis ; par_salarie n'y a pas de sens et vaut le total

    @property
    def total(self) -> dict[str, Decimal]:
        return {montant.nom: montant.total for montant in self.montants}

    @property
    def effectif(self) -> int:
        return sum(groupe.effectif for groupe in self.groupes)


@dataclass(frozen=True, slots=True)
class Resultats:
    scenarios: list[Scenario]
    ecarts: list[Ecart]  # vide s'il n'y a qu'un scénario
    incertitudes: tuple[str, ...]
    cotisations_omises: str  # ce que les coûts ne comptent pas ; vide si tout y est

    @property
    def phrase(self) -> str:
        """Le résultat en une phrase, pour qui écoute la page."""
        dites = []
        for scenario in self.scenarios:
            t = scenario.total
            qui = f"Scénario {scenario.lettre.upper()} : a" if self.ecarts else "A"
            dites.append(f"{qui}llocation {euros(t['allocation'])}, reste à charge {euros(t['reste_a_charge'])}.")
        return " ".join(dites)


def montrer(calcul: Calcul, *, au_salarie: bool) -> Resultats:
    """Ce que la page montre d'un calcul juste."""
    scenarios = zip("ab", calcul.scenarios, strict=False)
    montres = [_scenario(lettre, siens, calcul.muets, au_salarie) for lettre, siens in scenarios]
    tous = [resultat for siens in calcul.scenarios for resultat in siens]
    incertaines = (phrase for resultat in tous for phrase in constats.incertitudes(resultat, avec_net=au_salarie))
    return Resultats(
        scenarios=montres,
        ecarts=_ecarts(*montres) if len(montres) == 2 else [],
        incertitudes=tuple(dict.fromkeys(incertaines)),
        cotisations_omises=_cotisations_omises(tous),
    )


def _cotisations_omises(resultats: Sequence[Resultat]) -> str:
    omises = [resultat.groupe.cotisations_patronales is None for resultat in resultats]
    if all(omises):
        return "hors cotisations patronales"
    return "cotisations patronales comprises pour les seuls groupes qui en donnent le taux" if any(omises) else ""


def _scenario(lettre: str, resultats: Sequence[Resultat], muets: set[str], au_salarie: bool) -> Scenario:
    groupes = [
        _groupe(lettre, rang, resultat, muet=f"{lettre}-{rang}" in muets, au_salarie=au_salarie)
        for rang, resultat in enumerate(resultats, 1)
    ]
    utiles = _utiles(resultats)
    sommes = {nom: sum((g.resultat.total_du_groupe(nom) for g in groupes), ZERO) for nom, _ in utiles}
    return Scenario(lettre, groupes, [Montant(nom, libelle, sommes[nom], sommes[nom]) for nom, libelle in utiles])


def _groupe(lettre: str, rang: int, resultat: Resultat, *, muet: bool, au_salarie: bool) -> GroupeMontre:
    groupe = resultat.groupe
    return GroupeMontre(
        resultat=resultat,
        titre=groupe.nom or f"Groupe {rang}",
        effectif=groupe.effectif,
        montants=[
            Montant(nom, libelle, resultat.total(nom), resultat.total_du_groupe(nom))
            for nom, libelle in _utiles([resultat])
        ],
        mois=[MoisMontre(mois) for mois in resultat.mois],
        courbe=_courbe(resultat, f"{lettre}{rang}") if rang <= COURBES else None,
        heures_payees=constats.heures_payees(resultat),
        constats=constats.constats(resultat, structurelles_dites=True),  # tues, leurs deux lectures se comparent
        lectures=_lectures(resultat, f"{lettre} {rang}", au_salarie) if muet else None,
    )


def _lectures(resultat: Resultat, adresse: str, au_salarie: bool) -> DeuxLectures | None:
    autre = constats.autre_lecture(resultat)
    if autre is None:
        return None
    noms = LU_PAR_LE_SALARIE if au_salarie else LU_PAR_L_EMPLOYEUR
    deux = (resultat, autre)
    return DeuxLectures(
        adresse,
        heures(resultat.groupe.duree_hebdomadaire),
        [
            ("Heures payées", *(heures(r.total("indemnisables")) for r in deux)),
            *((libelle, *(euros(r.total_du_groupe(nom)) for r in deux)) for nom, libelle in noms),
        ],
        constats.sous_le_smic(autre.groupe),
    )


def _courbe(resultat: Resultat, cle: str) -> Courbe | None:
    """Rien si la loi change de nature au cours du mois, et ne dit pas tous ses jours."""
    try:
        return dessiner(resultat, cle)
    except (HorsBareme, ValueError):
        return None


def _utiles(resultats: Sequence[Resultat]) -> list[tuple[str, str]]:
    """Les montants qui ont quelque chose à dire : ni complément ni cotisations quand personne ne les donne."""
    muets = {
        "complement": all(r.groupe.maintien is None for r in resultats),
        "cotisations": all(r.groupe.cotisations_patronales is None for r in resultats),
        "cotisations_complement": not any(r.total("cotisations_complement") for r in resultats),
        "salaire": not any(r.total("salaire") for r in resultats),
    }
    return [(nom, libelle) for nom, libelle, _ in MONTANTS if not muets.get(nom)]


def _ecarts(a: Scenario, b: Scenario) -> list[Ecart]:
    montres = {m.nom for m in (*a.montants, *b.montants)}
    return [
        Ecart(libelle, court, a.total.get(nom, ZERO), b.total.get(nom, ZERO), nom in EN_TETE)
        for nom, libelle, court in MONTANTS
        if nom in montres
    ]


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

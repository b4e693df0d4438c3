"""Le calcul par tableaux n'accepte que ce que la lecture ligne à ligne accepte, et rend les mêmes centimes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apart.regles.nombres import centiemes
from apart.regles.prelevements import Residence
from apart.regles.simulation import MINIMUM_MENSUEL
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.simulateur import saisie
from apart.simulateur.fichiers import calcul, combinaisons, rapide
from apart.simulateur.fichiers.colonnes import NOMS
from apart.simulateur.fichiers.tableaux import Tableau

VIDES = [None, "", " "]
NOMBRES_CURIEUX = [
    "7h30",
    "1 850,50",
    "1\u202f900,5 €",
    "-5",
    "abc",
    "1e3",
    "12,345",
    "0",
    "=A1",
    "1.850,50",
    "35 h",
    "٣٥",
]
OUI_NON = ["oui", "non", "Oui", "x", "0", "peut-être", *VIDES]


def parmi(*choix: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(choix)


def nombre(mini: int, maxi: int) -> st.SearchStrategy[str | None]:
    """Un nombre plausible, à la française ou non ; parfois autre chose."""
    juste = st.decimals(mini, maxi, places=2).map(lambda d: str(d).replace(".", ","))
    entier = st.integers(mini, maxi).map(str)
    return st.one_of(entier, juste, juste, st.sampled_from(NOMBRES_CURIEUX + VIDES))


def enumere(classe: type, *autres: str) -> st.SearchStrategy[str | None]:
    valeurs = [membre.value for membre in classe]  # type: ignore[attr-defined]
    return st.sampled_from([*valeurs, *valeurs, valeurs[0].upper(), *autres, *VIDES])


MOIS = st.builds(lambda a, m: f"{m:02}/{a}", st.integers(2013, 2026), st.integers(1, 12))
JOURS = st.dates(min_value=date(2013, 6, 20), max_value=date(2026, 12, 10))
DATES = JOURS.flatmap(lambda j: st.sampled_from([j.isoformat(), f"{j:%d/%m/%Y}", f"{j.day}-{j.month}-{j.year}"]))


@st.composite
def periodes(tirer: st.DrawFn) -> dict[str, str | None]:
    if tirer(st.integers(0, 2)):
        autres = st.sampled_from(["avr-20", "mars 2020", "2020-03-01", "13/2020", "2020-3", None])
        return {"mois": tirer(st.one_of(MOIS, MOIS, MOIS, autres))}
    jour = tirer(JOURS)
    fin = jour + timedelta(days=tirer(st.integers(-1, 40)))
    if tirer(st.integers(0, 3)) == 0:
        return {"du": tirer(DATES), "au": tirer(DATES)}
    return {"du": f"{jour:%d/%m/%Y}", "au": fin.isoformat()}


@st.composite
def lignes(tirer: st.DrawFn) -> dict[str, str | None]:
    """Une ligne vraisemblable, dont quelques cases s'écartent."""
    ligne: dict[str, str | None] = {
        **tirer(periodes()),
        "nom": tirer(parmi("Durand", "Nguyễn", "=1+1", "-", "@x", None)),
        "remuneration": tirer(st.one_of(nombre(1500, 9000), st.none())),
        "taux_horaire": tirer(st.one_of(st.none(), st.none(), nombre(8, 90))),
        "heures": tirer(st.one_of(nombre(0, 60), nombre(0, 180))),
        "duree_hebdomadaire": tirer(parmi("35", "35", "39", "24", "37,5", "17.33", "33h20", "70", "1", None)),
        "regime": tirer(enumere(Dispositif, "chomage")),
        "secteur": tirer(enumere(Secteur)),
        "statut": tirer(enumere(Statut)),
    }
    rares = {
        "effectif": parmi("1", "12", "250", "0", "1,5"),
        "mayotte": parmi(*OUI_NON),
        "effectif_entreprise": parmi("10", "250", "251", "3000", "zéro"),
        "formation": parmi(*OUI_NON),
        "garde_enfant": parmi(*OUI_NON),
        "structurelles": parmi(*OUI_NON),
        "accord_du": parmi("01/01/2019", "2020-04-23", "31/12/2020", "hier", None),
        "residence": enumere(Residence),
        "maintien": parmi("100", "80", "70,5", "84,123", "0", "101", None),
        "cotisations_patronales": parmi("42", "120", "25,8", None),
        "net_mensuel": nombre(1000, 7000),
    }
    for nom, strategie in rares.items():
        if tirer(st.integers(0, 4)) == 0:
            ligne[nom] = tirer(strategie)
    return ligne


def tableau(donnees: list[dict[str, str | None]]) -> Tableau:
    schema = {str(rang): pl.String() for rang in range(len(NOMS))}
    cadre = pl.DataFrame([[ligne.get(nom) or None for nom in NOMS] for ligne in donnees], schema=schema, orient="row")
    return Tableau(NOMS, cadre, np.arange(2, len(donnees) + 2))


def attendu(ligne: dict[str, str | None]) -> tuple[object, ...]:
    """La ligne par saisie.py et simulation, sans rien de nos fichiers ; lève SaisieRefusee."""
    resultat = saisie.simuler(saisie.lire_groupe(calcul.en_groupe(ligne)))
    partages = [partie for mois in resultat.mois for partie in mois.lignes]
    reserves = [phrase for partie in partages for phrase in partie.horaire.reserves]
    if any(MINIMUM_MENSUEL in mois.remarques for mois in resultat.mois):
        reserves.append(MINIMUM_MENSUEL)
    indemnites, allocations = ({getattr(p.horaire, nom) for p in partages} for nom in ("indemnite", "allocation"))
    return (
        indemnites.pop() if len(indemnites) == 1 else Decimal("-0.01"),
        allocations.pop() if len(allocations) == 1 else Decimal("-0.01"),
        resultat.total("indemnisables"),
        *(resultat.total_du_groupe(nom) for nom in ("indemnite", "allocation", "reste_a_charge")),
        combinaisons.reserves(reserves),
    )


def rendu(m: rapide.Montants, rang: int) -> tuple[object, ...]:
    noms = ("indemnite_horaire", "allocation_horaire", "heures", "indemnite", "allocation", "reste_a_charge")
    return (*(int(getattr(m, nom)[rang]) for nom in noms), m.reserves[m.a_confirmer[rang]])


def en_centimes(attendus: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(centiemes(a) if isinstance(a, Decimal) else a for a in attendus)


@given(st.lists(lignes(), min_size=1, max_size=25))
@settings(max_examples=150)
@example([{"mois": "03/2020", "remuneration": "2000", "heures": "70", "statut": "temps_partiel"}])
@example([{"du": "01/02/2020", "au": "10/03/2020", "remuneration": "2000", "heures": "70"}])
@example(
    [{"mois": "04/2026", "taux_horaire": "13,37", "heures": "151,67", "duree_hebdomadaire": "39", "maintien": "90"}]
)
@example(
    [{"mois": "06/2020", "remuneration": "3000", "heures": "169", "duree_hebdomadaire": "39", "structurelles": "oui"}]
)
def test_les_tableaux_disent_ce_que_dit_la_lecture_ligne_a_ligne(donnees: list[dict[str, str | None]]) -> None:
    m = rapide.calculer(tableau(donnees))
    for rang in np.flatnonzero(m.acceptees).tolist():
        assert rendu(m, rang) == en_centimes(attendu(donnees[rang])), donnees[rang]


@given(st.lists(lignes(), min_size=1, max_size=25))
@settings(max_examples=50)
def test_chaque_ligne_est_calculee_ou_porte_une_phrase(donnees: list[dict[str, str | None]]) -> None:
    fait = calcul.calculer(tableau(donnees))
    fautives = {fautive.rang: fautive for fautive in fait.fautives}
    for rang, ligne in enumerate(donnees):
        if rang in fautives:
            assert fautives[rang].phrase
            assert fautives[rang].numero == rang + 2
        else:
            assert rendu(fait.montants, rang) == en_centimes(attendu(ligne)), ligne


def test_la_plupart_des_lignes_ordinaires_vont_par_tableaux() -> None:
    """Sinon la propriété ci-dessus ne prouverait rien, et cent mille lignes prendraient une demi-minute."""
    donnees: list[dict[str, str | None]] = [
        {
            "mois": f"{mois:02}/{annee}",
            "remuneration": "3 210,55",
            "heures": "66,5",
            "regime": regime,
            "statut": statut,
        }
        for annee in range(2021, 2026)
        for mois in range(1, 13)
        for regime in ("droit_commun", "")
        for statut in ("ordinaire", "alternant", "vrp_pigiste", "temps_partiel", "interimaire")
    ]
    m = rapide.calculer(tableau(donnees))
    assert m.acceptees.mean() > 0.95

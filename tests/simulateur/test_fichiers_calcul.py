"""Un fichier rend, au centime, ce que chaque ligne donnerait seule ; et les mêmes fautes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np
import polars as pl
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from apart.regles.bareme import bareme
from apart.regles.nombres import centiemes
from apart.regles.prelevements import Residence
from apart.regles.simulation import MINIMUM_MENSUEL
from apart.regles.situations import Dispositif, Secteur, Statut
from apart.regles.valeurs import INCERTAINE, SECONDAIREMENT_LUE
from apart.simulateur import saisie
from apart.simulateur.fichiers import calcul
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.colonnes import NOMS
from apart.tableaux.cellules import FORMULE
from apart.tableaux.tableau import Tableau

VIDES = [None, "", " "]
CURIEUX = ["7h30", "1 850,50", "1\u202f900,5 €", "-5", "abc", "1e3", "12,345", "0", "=A1", "1.850,50", "35 h", "٣٥"]
OUI_NON = ["oui", "non", "Oui", "x", "0"]
COUPES = ["11/2018", "03/2020", "04/2022", "12/2024", "04/2025"]  # la loi y change en cours de mois
Cases = st.SearchStrategy[str | None]


def parmi(*choix: str | None) -> Cases:
    return st.sampled_from(choix)


def nombre(mini: int, maxi: int) -> Cases:
    """Un nombre plausible, à la française ou non."""
    juste = st.decimals(mini, maxi, places=2).map(str)
    return st.one_of(st.integers(mini, maxi).map(str), juste, juste.map(lambda texte: texte.replace(".", ",")))


def enumere(classe: type[StrEnum]) -> Cases:
    valeurs = [membre.value for membre in classe]
    return st.sampled_from([*valeurs, valeurs[0].upper(), f" {valeurs[1]} ", None])


JOURS = st.dates(min_value=date(2013, 7, 1), max_value=date(2026, 11, 20))
MOIS = st.one_of(JOURS.map(lambda j: f"{j:%m/%Y}"), st.sampled_from(COUPES))
DATES = JOURS.flatmap(lambda j: st.sampled_from([j.isoformat(), f"{j:%d/%m/%Y}", f"{j.day}-{j.month}-{j.year}"]))


@st.composite
def jours(tirer: st.DrawFn) -> dict[str, str | None]:
    jour = tirer(JOURS)
    fin = jour + timedelta(days=tirer(st.integers(0, 20)))
    return {"du": f"{jour:%d/%m/%Y}", "au": fin.isoformat()}


PERIODES = st.one_of(MOIS.map(lambda m: {"mois": m}), MOIS.map(lambda m: {"mois": m}), jours())
TOUJOURS: dict[str, Cases] = {"remuneration": nombre(1_900, 9_000), "heures": nombre(0, 60)}
SOUVENT: dict[str, Cases] = {
    "nom": parmi("Durand", "Nguyễn", "-", None),
    "duree_hebdomadaire": parmi("35", "39", "24", "37,5", "17.33", None),
    "regime": enumere(Dispositif),
    "secteur": enumere(Secteur),
    "statut": enumere(Statut),
    "maintien": parmi("100", "80", "70,5", "0", None),
    "mayotte": parmi(*OUI_NON),
    "effectif": parmi("1", "12", "250"),
}
PARFOIS: dict[str, Cases] = {
    "taux_horaire": nombre(12, 90),
    "effectif_entreprise": parmi("10", "250", "251", "3000"),
    "formation": parmi(*OUI_NON),
    "garde_enfant": parmi(*OUI_NON),
    "structurelles": parmi(*OUI_NON),
    "accord_du": parmi("01/01/2019", "2020-04-23", "31/12/2020", None),
    "residence": enumere(Residence),
    "cotisations_patronales": parmi("42", "25,8", None),
    "net_mensuel": nombre(1_000, 7_000),
}
ECARTS: dict[str, Cases] = {
    "nom": parmi("=1+1", "@x", "-a"),
    "remuneration": st.one_of(nombre(0, 1_900), st.sampled_from(CURIEUX + VIDES)),
    "taux_horaire": st.one_of(nombre(0, 12), st.sampled_from(CURIEUX)),
    "heures": st.one_of(nombre(0, 200), st.sampled_from(CURIEUX + VIDES)),
    "duree_hebdomadaire": parmi("33h20", "70", "1", "=A1"),
    "mois": parmi("avr-20", "mars 2020", "2020-03-01", "13/2020", "2020-3", "06/2013", "12/2026", None),
    "du": DATES,
    "au": DATES,
    "regime": parmi("chomage", ""),
    "mayotte": parmi("peut-être", " "),
    "effectif": parmi("0", "1,5", "douze"),
    "effectif_entreprise": parmi("zéro"),
    "accord_du": parmi("hier"),
    "maintien": parmi("84,123", "101", "=1"),
    "cotisations_patronales": parmi("120"),
    "net_mensuel": st.sampled_from(CURIEUX),
}


@st.composite
def lignes(tirer: st.DrawFn) -> dict[str, str | None]:
    """Une ligne vraisemblable, dont parfois une case ou deux s'écartent."""
    ligne = {**tirer(PERIODES), **{nom: tirer(cases) for nom, cases in TOUJOURS.items()}}
    ligne |= {nom: tirer(cases) for nom, cases in SOUVENT.items() if tirer(st.booleans())}
    ligne |= {nom: tirer(PARFOIS[nom]) for nom in tirer(st.sets(st.sampled_from(sorted(PARFOIS)), max_size=2))}
    if tirer(st.integers(0, 2)) == 0:
        ecarts = tirer(st.sets(st.sampled_from(sorted(ECARTS)), min_size=1, max_size=2))
        ligne |= {nom: tirer(ECARTS[nom]) for nom in ecarts}
    return ligne


def fichier(donnees: list[dict[str, str | None]]) -> Calcul:
    schema = {str(rang): pl.String() for rang in range(len(NOMS))}
    cadre = pl.DataFrame([[ligne.get(nom) or None for nom in NOMS] for ligne in donnees], schema=schema, orient="row")
    return Calcul(Tableau(NOMS, cadre, np.arange(2, len(donnees) + 2)), NOMS)


def attendu(ligne: dict[str, str | None]) -> tuple[object, ...]:
    """La ligne par saisie.py et simulation, sans rien de nos fichiers ; lève SaisieRefusee."""
    resultat = saisie.simuler(saisie.lire_groupe({**ligne, "periodes": [ligne]}))
    partages = [partie for mois in resultat.mois for partie in mois.lignes]
    reserves = [phrase for partie in partages for phrase in partie.horaire.reserves]
    if any(MINIMUM_MENSUEL in mois.remarques for mois in resultat.mois):
        reserves.append(MINIMUM_MENSUEL)
    indemnites, allocations = ({getattr(p.horaire, nom) for p in partages} for nom in ("indemnite", "allocation"))
    montants = (
        indemnites.pop() if len(indemnites) == 1 else Decimal("-0.01"),
        allocations.pop() if len(allocations) == 1 else Decimal("-0.01"),
        resultat.total("indemnisables"),
        *(resultat.total_du_groupe(nom) for nom in ("indemnite", "allocation", "reste_a_charge")),
    )
    return (*map(centiemes, montants), calcul.en_bref(reserves))


def attendu_ou_fautes(ligne: dict[str, str | None]) -> tuple[object, ...] | set[str]:
    try:
        return attendu(ligne)
    except saisie.SaisieRefusee as refus:
        return {faute.phrase for faute in refus.fautes}


def rendu(fait: Calcul, rang: int) -> tuple[object, ...]:
    return (*(int(fait.montants[nom][rang]) for nom in calcul.MONTANTS), fait.reserves[fait.reserve[rang]])


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
@example([{"mois": "04/2026", "remuneration": "2500", "taux_horaire": "26,37", "heures": "70"}])
def test_chaque_ligne_est_calculee_comme_seule_ou_porte_les_memes_fautes(donnees: list[dict[str, str | None]]) -> None:
    fait = fichier(donnees)
    fautives = {fautive.rang: fautive for fautive in fait.fautives}
    event(f"calculées : {round(10 * len(fait.calculees) / len(fait)) * 10} %")
    for rang, ligne in enumerate(donnees):
        voulu = attendu_ou_fautes(ligne)
        if isinstance(voulu, tuple):
            assert rang not in fautives, ligne
            assert rendu(fait, rang) == voulu, ligne
        else:
            dites = {faute.phrase for faute in fautives[rang].fautes}
            assert fautives[rang].numero == rang + 2
            assert dites == voulu or FORMULE in dites, ligne


@given(st.lists(st.tuples(nombre(0, 151), enumere(Statut), st.dates(date(2020, 3, 1), date(2020, 3, 31))), min_size=1))
@settings(max_examples=50)
def test_mars_2020_et_ses_trois_lois_vont_par_tableaux(cas: list[tuple[str | None, str | None, date]]) -> None:
    """Le mois où tout le monde est venu : jusqu'au 11, du 12 au 27, puis à partir du 28."""
    donnees: list[dict[str, str | None]] = [
        {"du": du.isoformat(), "au": "31/03/2020", "remuneration": "2500", "heures": heures, "statut": statut}
        for heures, statut, du in cas
    ]
    fait = fichier(donnees)
    assert set(fait.seules) <= {fautive.rang for fautive in fait.fautives}
    for rang in fait.calculees.tolist():
        assert rendu(fait, rang) == attendu(donnees[rang])


def test_une_reserve_tient_dans_une_case_sans_phrase_coupee() -> None:
    toutes = {v.reserve for p in bareme().parametres.values() for v in p.valeurs if v.reserve}
    for phrase in calcul.en_bref({*toutes, MINIMUM_MENSUEL}):
        assert phrase.endswith((f"{INCERTAINE}.", f"{SECONDAIREMENT_LUE}.", "n'est pas compté ici."))
        assert phrase.count(". ") == 0


def test_les_lignes_justes_ne_se_calculent_pas_une_a_une() -> None:
    """Sinon cent mille lignes prendraient des minutes."""
    donnees: list[dict[str, str | None]] = [
        {
            "mois": f"{mois:02}/{annee}",
            "remuneration": "3 210,55",
            "heures": "66h30",
            "regime": regime,
            "statut": statut,
        }
        for annee in range(2021, 2026)
        for mois in range(1, 13)
        for regime in ("droit_commun", "")
        for statut in ("ordinaire", "alternant", "vrp_pigiste", "temps_partiel", "interimaire")
    ]
    donnees += [{**ligne, "mois": mois, "secteur": Secteur.PROTEGE} for ligne in donnees[:10] for mois in COUPES]
    fait = fichier(donnees)
    assert len(fait.seules) <= len(donnees) / 100


def test_une_faute_partout_n_arrete_pas_le_fichier() -> None:
    ligne: dict[str, str | None] = {"mois": "05/2024", "remuneration": "2500", "heures": "70"}
    fait = fichier([{**ligne, "mois": "mai"}] * 20_000 + [ligne])
    assert len(fait.fautives) == 20_000
    assert fait.calculees.tolist() == [20_000]


def test_trop_de_refus_de_la_loi_se_disent_sans_faire_attendre(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calcul, "UNE_A_UNE", 2)
    fait = fichier([{"mois": "05/2024", "remuneration": "2500", "heures": "170"}] * 4)
    assert [fautive.fautes[0].phrase == calcul.COMME_LES_AUTRES for fautive in fait.fautives] == [
        False,
        False,
        True,
        True,
    ]

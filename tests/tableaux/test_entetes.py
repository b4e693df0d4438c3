"""Une colonne se reconnaît à ses mots ; ce qui n'est pas sûr est demandé."""

from __future__ import annotations

import pytest

from apart.simulateur.fichiers.colonnes import COLONNES, PAR_NOM
from apart.simulateur.fichiers.formulaire import FichierForm
from apart.tableaux import entetes
from apart.tableaux.entetes import INCONNUE, compter, proposer, reconnaitre


@pytest.mark.parametrize(
    ("entete", "nom"),
    [
        ("Nb h chômées", "heures"),
        ("Nbre d'heures chômées", "heures"),
        ("Heures chômées / Nb", "heures"),
        ("Tx horaire", "taux_horaire"),
        ("Durée hebdo", "duree_hebdomadaire"),
        ("DUREE_HEBDOMADAIRE", "duree_hebdomadaire"),
        ("Type de contrat", "statut"),
        ("Dispositif APLD", "regime"),
        ("Salarié", "nom"),
        ("Matricule + Nom", "nom"),
        ("Salaire mensuel brut (€)", "remuneration"),
        ("Période de paie", "mois"),
        ("Période du", "du"),
        ("Date de fin", "au"),
        ("Du", "du"),
        ("Apprenti (O/N)", "statut"),
    ],
)
def test_un_en_tete_abrege_se_reconnait(entete: str, nom: str) -> None:
    assert reconnaitre(entete, COLONNES).nom == nom
    assert not reconnaitre(entete, COLONNES).est_a_confirmer


@pytest.mark.parametrize(
    ("entete", "nom"), [("Brut", "remuneration"), ("Salaire de base", "remuneration"), ("Heures d'absence", "heures")]
)
def test_un_en_tete_douteux_est_a_confirmer(entete: str, nom: str) -> None:
    assert reconnaitre(entete, COLONNES).nom == nom
    assert reconnaitre(entete, COLONNES).est_a_confirmer


@pytest.mark.parametrize(
    "entete",
    ["Matricule", "Heures travaillées", "Heures sup", "Service", "Nom du service", "Date de naissance", "Net à payer",
     "Date début contrat", "indemnite_horaire", "Montant maintien", "", "—"],
)  # fmt: skip
def test_un_autre_en_tete_n_est_pas_pris_pour_une_colonne(entete: str) -> None:
    assert reconnaitre(entete, COLONNES) == INCONNUE


def test_deux_colonnes_qui_semblent_la_meme_sont_a_departager() -> None:
    propositions = proposer(["Salaire brut", "Mois", "Rémunération mensuelle"], COLONNES)
    assert [p.nom for p in propositions] == ["remuneration", "mois", ""]
    assert [p.est_a_confirmer for p in propositions] == [True, False, True]


def test_une_colonne_sure_ecarte_celle_qui_l_est_moins() -> None:
    propositions = proposer(["Brut", "Salaire brut"], COLONNES)
    assert [p.nom for p in propositions] == ["", "remuneration"]


def test_une_ligne_de_donnees_n_a_pas_d_en_tete_connu() -> None:
    assert compter(["Durand", "2150,50", "04/2026", "70"], COLONNES) == 0
    assert compter(["Salarié", "Brut", "Mois", "H. chômées"], COLONNES) == 4


def test_les_reponses_suivent_la_question_de_l_en_tete() -> None:
    statut = PAR_NOM["statut"]
    assert statut.valeurs_sous("Apprenti")["oui"] == "alternant"
    assert statut.valeurs_sous("Temps partiel")["x"] == "temps_partiel"
    assert "oui" not in statut.valeurs_sous("Type de contrat")
    assert PAR_NOM["regime"].valeurs_sous("Dispositif APLD")["oui"] == "apld"


def test_ce_qui_manque_se_dit_avec_ce_qui_le_remplace() -> None:
    assert list(FichierForm().manquantes(["nom"])) == [
        "le salaire brut mensuel, ou le taux horaire",
        "le mois, ou le premier et le dernier jour",
        "les heures non travaillées",
    ]
    assert not list(FichierForm().manquantes(["taux_horaire", "du", "au", "heures"]))


def test_deux_colonnes_ne_partagent_aucun_en_tete() -> None:
    for colonne in COLONNES:
        for ecriture in (colonne.nom, *colonne.autrement):
            assert reconnaitre(ecriture, COLONNES).nom == colonne.nom, ecriture


def test_rien_de_ce_qui_est_recu_ne_reste_en_memoire() -> None:
    """Les trente premières lignes d'un fichier portent des noms et des salaires."""
    reconnaitre("Zébulon Secret", COLONNES)
    avant = entetes._declare.cache_info().currsize
    for rang in range(50):
        reconnaitre(f"Personne {rang}", COLONNES)
    assert entetes._declare.cache_info().currsize == avant

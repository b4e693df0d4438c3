"""Où est l'en-tête : sous des titres, sur deux lignes, inconnue ; et quelle feuille la porte."""

from __future__ import annotations

from typing import Any

import pytest

from apart.tableaux.tableau import FeuilleAChoisir, Tableau
from tests.tableaux.fabrique import ENTETE, LIGNE, classeur, lu, refus

TITRES = "Relevé d'activité partielle;;;\nEntreprise;Martin SARL;;\nEffectif;12;;\n;;;\n"
COLONNES = "nom;remuneration;mois;heures\n"


def test_les_lignes_de_titre_sont_passees_et_le_fichier_le_dit() -> None:
    tableau = lu(f"{TITRES}{COLONNES}Durand;2000;04/2026;70\n")
    assert tableau.entetes == tuple(ENTETE)
    assert tableau.lignes.tolist() == [6]
    assert tableau.ignores == ("Les lignes 1 à 3, au-dessus de l'en-tête, n'ont pas été lues.",)


def test_une_entete_inconnue_est_rendue_telle_quelle() -> None:
    """L'écran de correspondance fera le reste."""
    tableau = lu(f"{TITRES}Salarié;Brut;Période;Chômage\nDurand;2000;04/2026;70\n")
    assert tableau.entetes == ("Salarié", "Brut", "Période", "Chômage")
    assert tableau.lignes.tolist() == [6]


def test_un_fichier_sans_en_tete_rend_sa_premiere_ligne() -> None:
    assert lu("Durand;2000;04/2026;70\nPetit;2100;04/2026;35\n").entetes == ("Durand", "2000", "04/2026", "70")


def test_un_nom_de_colonne_dans_un_titre_ne_fait_pas_une_en_tete() -> None:
    assert lu("mois;avril 2026\n\nSalarié;Brut;Chômage\nDurand;2000;70\n").entetes == ("Salarié", "Brut", "Chômage")


def test_une_en_tete_sur_deux_lignes_est_reunie_quand_on_l_y_reconnait() -> None:
    tableau = lu("nom;remuneration;mois;Heures chômées;\n;;;Nb;Taux\nDurand;2000;04/2026;70;9,5\n")
    assert tableau.entetes == ("nom", "remuneration", "mois", "Heures chômées / Nb", "Heures chômées / Taux")
    assert tableau.cadre.row(0) == ("Durand", "2000", "04/2026", "70", "9,5")


def test_une_premiere_ligne_de_textes_n_est_pas_prise_pour_la_suite_de_l_en_tete() -> None:
    tableau = lu("nom;remuneration;mois;heures\nDurand;voir paie;avril;sept\nPetit;2000;04/2026;70\n")
    assert tableau.entetes == tuple(ENTETE)
    assert tableau.cadre.height == 2


def test_des_titres_fusionnes_valent_pour_les_colonnes_de_leur_fusion() -> None:
    def fusionner(_fait: Any, feuille: Any) -> None:
        feuille.merge_range("A1:A2", "Salarié")
        feuille.merge_range("B1:C1", "Heures")

    lignes = [["", "", "", "Mois"], ["", "Nb", "Taux"], ["Durand", 70, 9.5, "04/2026"]]
    tableau = lu(classeur({"Paie": lignes}, fusionner))
    assert tableau.entetes == ("Salarié", "Heures / Nb", "Heures / Taux", "Mois")
    assert tableau.cadre.row(0) == ("Durand", "70", "9.5", "04/2026")


# --- La feuille ---

GARDE = [["Paie d'avril", "", ""], ["Contact", "Mme Martin", ""], ["Page", 1, ""]]


def lu_dans(feuilles: dict[str, Any], feuille: str | None = None) -> Tableau:
    return lu(classeur(feuilles), feuille)


def test_une_feuille_de_garde_n_est_pas_lue_a_la_place_des_donnees() -> None:
    tableau = lu_dans({"Garde": GARDE, "Paie": [ENTETE, LIGNE], "Modèle": [ENTETE]})
    assert tableau.feuille == "Paie"
    assert tableau.cadre.row(0) == ("Durand", "2000", "04/2026", "70")
    assert tableau.ignores == ("La feuille « Garde » n'a pas été lue.", "La feuille « Modèle » n'a pas été lue.")


def test_deux_feuilles_qui_conviennent_se_demandent() -> None:
    feuilles = {"Avril": [ENTETE, LIGNE], "Garde": GARDE, "Mai": [[*ENTETE[:3], "h"], LIGNE]}
    with pytest.raises(FeuilleAChoisir, match="« Avril », « Mai »") as leve:
        lu_dans(feuilles)
    assert leve.value.feuilles == ("Avril", "Mai")
    assert lu_dans(feuilles, "Mai").feuille == "Mai"


def test_sans_en_tete_connue_la_feuille_qui_a_des_donnees_est_lue() -> None:
    lisez_moi = [["Bonjour"], ["Voici la paie"]]
    assert lu_dans({"Lisez-moi": lisez_moi, "F1": [["Salarié", "Brut"], ["Durand", 2000]]}).feuille == "F1"


def test_une_feuille_demandee_qui_n_existe_pas_se_dit() -> None:
    with pytest.raises(ValueError, match="pas de feuille visible « Juin »"):
        lu_dans({"Avril": [ENTETE, LIGNE]}, "Juin")


@pytest.mark.parametrize("comment", ["hide", "very_hidden"])
def test_une_feuille_masquee_est_ignoree_et_c_est_dit(comment: str) -> None:
    contenu = classeur({"Avril": [ENTETE, LIGNE], "Mars": [ENTETE, LIGNE]}, lambda _, mars: getattr(mars, comment)())
    assert lu(contenu).ignores == ("La feuille « Mars » est masquée : elle n'a pas été lue.",)
    with pytest.raises(ValueError, match="pas de feuille visible « Mars »"):
        lu(contenu, "Mars")


def test_un_classeur_aux_feuilles_vides_est_vide() -> None:
    assert "vide" in refus(classeur({"Feuil1": [], "Feuil2": []}))


@pytest.mark.parametrize("visible", [[], [["Note de service"]]], ids=["vide", "sans ligne"])
def test_un_refus_dit_aussi_les_feuilles_qui_n_ont_pas_ete_lues(visible: list[list[str]]) -> None:
    """Les lignes sont peut-être dans celle qui est masquée."""
    contenu = classeur({"Couverture": visible, "Paie": [ENTETE, LIGNE]}, lambda _, paie: paie.hide())
    with pytest.raises(ValueError, match="La feuille « Paie » est masquée"):
        lu(contenu)

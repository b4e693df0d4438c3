"""Ce que le simulateur rend : le fichier complété, ou ses seules lignes à corriger, et le modèle à remplir."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineWorkbook

from apart.simulateur.fichiers import modele
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.constats import suppositions
from apart.simulateur.fichiers.resultats import Resultats
from tests.simulateur.fichiers import calculer, phrases
from tests.tableaux.fabrique import ENTETE, classeur


def remplir(fait: Any, feuille: Any) -> None:
    jour = fait.add_format({"num_format": "dd/mm/yyyy"})
    feuille.write_row(1, 0, ["A & <b>", 2000.5])
    feuille.write_datetime(1, 2, datetime(2020, 4, 1), jour)  # noqa: DTZ001  # une date de tableur
    feuille.write_number(1, 3, 70)
    feuille.write_string(1, 4, "=1+1")
    feuille.write_row(2, 0, ["B", 2000, "04/2020", "x"])
    feuille.write_string(2, 4, "0012")


def une_paie() -> Calcul:
    return calculer(classeur({"Paie": [[*ENTETE, "service"]]}, remplir))


def test_les_resultats_gardent_le_genre_des_cases() -> None:
    rendu = CalamineWorkbook.from_filelike(io.BytesIO(Resultats(une_paie()).fichier()))
    lignes = rendu.get_sheet_by_index(0).to_python()
    assert lignes[0][:6] == [*ENTETE, "service", "indemnite_horaire"]
    assert lignes[1][:11] == ["A & <b>", 2000.5, date(2020, 4, 1), 70, "'=1+1", 9.23, 9.23, 70, 646.1, 646.1, 0]
    assert lignes[2][4:6] == ["0012", ""]
    assert "« x » n'est pas un nombre" in str(lignes[2][-1])
    savoir = [ligne[0] for ligne in rendu.get_sheet_by_name("À savoir").to_python()]
    assert "Colonne gardée telle quelle, que le calcul n'emploie pas : « service »." in savoir


def test_un_montant_horaire_qui_change_en_cours_de_periode_est_laisse_vide() -> None:
    calcul = calculer("remuneration;du;au;heures\n1850;15/12/2025;15/01/2026;100\n2500;01/04/2020;30/04/2020;100\n")
    lignes = Resultats(calcul).fichier().decode("utf-8-sig").splitlines()
    assert lignes[1].startswith("1850;15/12/2025;15/01/2026;100;;;100,00;")
    assert lignes[2].startswith("2500;01/04/2020;30/04/2020;100;11,54;11,54;100,00;1154,00;1154,00;0,00;")


def test_les_montants_sont_ceux_de_tous_les_salaries_de_la_ligne() -> None:
    un, douze = (calculer(f"effectif;remuneration;mois;heures\n{n};2500;04/2020;100\n") for n in (1, 12))
    assert douze.total("indemnite") == 12 * un.total("indemnite")
    assert douze.montants["indemnisables"].tolist() == un.montants["indemnisables"].tolist()
    dit = "Effectif : 12 salariés en tout. Les montants d'une ligne sont pour tous les siens."
    assert dit in suppositions(douze)
    assert not [phrase for phrase in suppositions(un) if "Effectif" in phrase]


def test_les_lignes_a_corriger_se_renvoient() -> None:
    encore = calculer(Resultats(une_paie()).a_corriger())
    assert [fautive.numero for fautive in encore.fautives] == [2]
    assert phrases(encore) == ["heures : « x » n'est pas un nombre. Écrivez par exemple 7,5 ou 7h30."]


def test_une_formule_sans_valeur_ou_fautive_est_a_corriger() -> None:
    def formules(_fait: Any, feuille: Any) -> None:
        feuille.write_row(1, 0, ["A", 2000, "04/2020"])
        feuille.write_formula(1, 3, "=D9", None, "")
        feuille.write_row(2, 0, ["B"])
        feuille.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        feuille.write_row(2, 2, ["04/2020", 70])

    fautives = calculer(classeur({"Paie": [ENTETE]}, formules)).fautives
    assert [(f.numero, f.fautes[0].champ) for f in fautives] == [(2, "heures"), (3, "remuneration")]
    assert all("formule : remplacez-la par sa valeur" in f.phrase for f in fautives)


def test_une_ligne_mal_formee_est_a_corriger_elle_seule() -> None:
    calcul = calculer("nom;remuneration;mois;heures\nA;2000;04/2020;70;;\nB;2;000;04/2020;70\nC;2000;04/2020\n")
    assert len(calcul.calculees) == 1
    assert "Cette ligne a 5 cases, l'en-tête en a 4" in phrases(calcul)[0]
    assert phrases(calcul)[1] == "heures : Indiquez les heures non travaillées."


def test_le_modele_explique_chaque_colonne() -> None:
    colonnes = (
        CalamineWorkbook.from_filelike(io.BytesIO(modele.en_classeur())).get_sheet_by_name("Colonnes").to_python()
    )
    assert [ligne[0] for ligne in colonnes[:4]] == ["Colonne", "nom", "effectif", "remuneration"]
    assert not calculer(modele.en_classeur()).fautives

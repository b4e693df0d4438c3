"""Ce que des fichiers de paie ont d'étonnant : lu juste et dit, ou refusé avec sa phrase ; jamais lu faux."""

from __future__ import annotations

import pytest

from apart.regles.constats import RESTE_NEGATIF
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.constats import MEMES_JOURS, TAUX_MOINDRE, constats, suppositions
from tests.simulateur.fichiers import calculer, phrases
from tests.tableaux.fabrique import classeur

ENTETE = "nom;remuneration;mois;heures"


def dits(calcul: Calcul) -> dict[str, list[int]]:
    """Chaque constat, et les numéros des lignes qu'il touche."""
    return {c.phrase: calcul.tableau.lignes[c.rangs].tolist() for c in constats(calcul)}


def supposes(calcul: Calcul) -> str:
    return " ".join(suppositions(calcul))


def test_une_annee_a_deux_chiffres_ne_fait_pas_tomber_le_fichier() -> None:
    calcul = calculer("nom;remuneration;du;au;heures\nX;2150,50;04/05/26;15/05/26;42,5\n")
    assert not phrases(calcul)
    assert calcul.total("indemnite") > 0


def test_une_date_illisible_est_une_faute_de_sa_ligne() -> None:
    calcul = calculer("nom;remuneration;du;au;heures\nX;2000;00/05/26;15/05/26;42\nY;2000;04/05/26;15/05/26;42\n")
    assert phrases(calcul) == ["du : Le 00/05/26 n'existe pas au calendrier."]
    assert len(calcul.calculees) == 1


def test_un_total_n_est_pas_un_salarie() -> None:
    seul = calculer(f"{ENTETE}\nA;2000;04/2026;25\nB;2000;04/2026;25\n")
    calcul = calculer(f"{ENTETE}\nA;2000;04/2026;25\nSous-total;2000;04/2026;25\nB;2000;04/2026;25\nTOTAL;;;50\n")
    assert calcul.total("indemnite") == seul.total("indemnite")
    assert not phrases(calcul)
    assert "Lignes de total laissées de côté : 3, 5." in supposes(calcul)


def test_les_donnees_sous_une_feuille_de_garde_se_lisent_et_le_choix_se_dit() -> None:
    calcul = calculer(classeur({"Garde": [["Société"]], "Paie": [ENTETE.split(";"), ["A", 2000, "04/2026", 25]]}))
    assert len(calcul.calculees) == 1
    assert "« Garde »" in supposes(calcul)


def test_un_taux_qui_donne_plus_que_le_brut_est_une_faute() -> None:
    calcul = calculer(f"{ENTETE};taux_horaire\nA;2500;04/2026;70;26,37\nB;2500;04/2026;70;16,48\n")
    assert phrases(calcul)[0].startswith(
        "taux_horaire : Ce taux donne 3\u202f999,54\u00a0€ pour 151,67 heures par mois"
    )
    assert len(calcul.calculees) == 1
    assert not dits(calcul)


def test_un_taux_arrondi_au_centime_ne_contredit_pas_le_brut() -> None:
    calcul = calculer(f"{ENTETE};taux_horaire\nA;2500;04/2026;70;16,49\nB;2500;04/2026;70;16,50\n")
    assert [fautive.numero for fautive in calcul.fautives] == [3]


def test_un_brut_plus_grand_que_le_taux_est_employe_et_c_est_dit() -> None:
    calcul = calculer(f"{ENTETE};taux_horaire\nA;2500;04/2026;70;13\nB;2500;04/2026;70;\nC;;04/2026;70;13\n")
    assert dits(calcul) == {TAUX_MOINDRE: [2]}
    assert calcul.montants["indemnite"][0] == calcul.montants["indemnite"][1] > calcul.montants["indemnite"][2]


def test_la_meme_personne_deux_fois_aux_memes_jours_se_dit() -> None:
    calcul = calculer(
        f"{ENTETE}\nDurand;2500;04/2026;151,67\nPetit;2500;04/2026;10\nDURAND ;2500;04/2026;151,67\n"
        "Durand;2500;05/2026;5\n"
    )
    assert dits(calcul) == {MEMES_JOURS: [2, 4]}


def test_deux_quinzaines_d_une_personne_ne_se_recoupent_pas() -> None:
    calcul = calculer(
        "nom;effectif;remuneration;du;au;heures\nA;1;2500;01/04/2026;15/04/2026;10\nA;1;2500;16/04/2026;30/04/2026;10\n"
        "Atelier;12;2500;01/04/2026;30/04/2026;10\nAtelier;3;2500;01/04/2026;30/04/2026;10\n;1;2500;01/04/2026;"
        "30/04/2026;10\n;1;2500;01/04/2026;30/04/2026;10\n"
    )
    assert len(calcul.calculees) == 6
    assert not dits(calcul)


def test_des_heures_au_dela_du_mois_sont_une_faute() -> None:
    assert "le contrat prévoit au plus 151,67 heures" in phrases(calculer(f"{ENTETE}\nA;2500;04/2026;170\n"))[0]


def test_les_colonnes_abregees_evitent_la_valeur_par_defaut() -> None:
    calcul = calculer(
        "Salarié;Brut mensuel;Mois;Nb h chômées;Durée hebdo;Dispositif APLD;Type de contrat\n"
        "A;2500;04/2026;70;39;oui;Apprenti\n"
    )
    profil = calcul.profils.valeurs[0]
    assert (str(profil.duree_hebdomadaire), profil.situation.dispositif, profil.situation.statut) == (
        "39.00",
        "apld",
        "alternant",
    )
    assert "Pas de colonne" not in supposes(calcul)


def test_les_valeurs_par_defaut_employees_se_disent() -> None:
    dites = supposes(calculer(f"{ENTETE};statut\nA;2500;04/2026;70;\nB;2500;04/2026;70;alternant\n"))
    assert "Pas de colonne « Durée du contrat, par semaine »" in dites
    assert "Pas de colonne « Dispositif »" in dites
    assert "Une ligne sans « Contrat » : contrat ordinaire, à temps plein." in dites


@pytest.mark.parametrize("case", ["0.3125", "0,8", "2.9375", "1,3125"])
def test_une_fraction_de_jour_est_demandee(case: str) -> None:
    assert "une durée de tableur, soit" in phrases(calculer(f"{ENTETE}\nA;2500;04/2026;{case}\n"))[0]


def test_sept_virgule_quarante_cinq_est_lu_en_centiemes_et_c_est_dit() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;04/2026;7,45\n")
    assert calcul.heures.tolist() == [745]
    assert "« 7,45 », en heures et centièmes. Si ce sont des minutes, écrivez 7h45" in supposes(calcul)
    assert "centièmes" not in supposes(calculer(f"{ENTETE}\nA;2500;04/2026;7,5\n"))


def test_une_heure_entiere_n_est_pas_un_jour_et_c_est_dit() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;04/2026;1\nB;2500;04/2026;100\n")
    assert calcul.heures.tolist() == [100, 10_000]
    assert "Heures : « 1 », une heure." in supposes(calcul)


def test_151h67_est_lu_en_centiemes_et_c_est_dit() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;04/2026;151h67\n")
    assert calcul.heures.tolist() == [15_167]
    assert "« 151h67 », des centièmes d'heure" in supposes(calcul)


def test_un_jour_sous_mois_est_refuse_sauf_s_il_commence_ou_finit_le_mois() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;15/05/2026;70\nB;2500;31/05/2026;70\nC;2500;01/05/2026;70\n")
    assert phrases(calcul)[0].startswith("mois : « 15/05/2026 » est un jour, pas un mois : écrivez 05/2026")
    assert len(calcul.calculees) == 2
    assert "Mois : « 31/05/2026 », un dernier jour du mois, compris comme son mois." in supposes(calcul)


def test_un_negatif_ne_devient_jamais_un_positif() -> None:
    phrase = phrases(calculer(f"{ENTETE}\nA;2500;04/2026;-7\n"))[0]
    assert phrase == (
        "heures : Ce nombre est négatif : vérifiez-le. Une régularisation se déclare dans le mois qu'elle corrige."
    )


def test_un_mois_et_ses_dates_s_accordent_ou_se_refusent() -> None:
    calcul = calculer(
        "remuneration;mois;du;au;heures\n2500;04/2026;06/04/2026;10/04/2026;7\n2500;04/2026;06/05/2026;10/05/2026;7\n"
    )
    assert phrases(calcul) == ["mois : Le mois et les dates ne s'accordent pas : gardez l'un ou les autres."]
    assert calcul.periodes.valeurs[0][0].day == 6


def test_un_reste_a_charge_negatif_a_sa_raison() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;04/2026;70\nB;2500;04/2026;70\n")
    assert not dits(calcul)
    calcul.montants["reste_a_charge"][1] = -12_320
    assert dits(calcul) == {RESTE_NEGATIF: [3]}


def test_les_colonnes_qui_ne_servent_pas_se_disent() -> None:
    assert "telle quelle, que le calcul n'emploie pas : « Matricule »." in supposes(
        calculer(f"{ENTETE};Matricule\nA;2500;04/2026;70;007\n")
    )


def test_des_heures_au_dela_de_35_dont_rien_n_est_dit_se_disent() -> None:
    entete = f"{ENTETE};duree_hebdomadaire;structurelles"
    calcul = calculer(f"{entete}\nA;2500;04/2026;70;39;\nB;2500;04/2026;70;39;oui\nC;2500;04/2026;70;35;\n")
    assert "Une ligne dépasse 35 heures par semaine sans « Heures structurelles »" in supposes(calcul)


def test_un_mois_a_venir_emploie_les_derniers_taux_et_le_dit() -> None:
    calcul = calculer(f"{ENTETE}\nA;2500;12/2030;70\n")
    assert not phrases(calcul)
    assert "les derniers taux connus sont employés" in supposes(calcul)
    assert "derniers taux" not in supposes(calculer(f"{ENTETE}\nA;2500;04/2026;70\n"))

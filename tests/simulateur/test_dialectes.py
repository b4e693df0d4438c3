"""Vingt façons d'écrire la même paie : chacune donne les mêmes salariés, ou sa phrase."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apart.regles.nombres import depuis_centiemes
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.constats import suppositions
from apart.simulateur.fichiers.formulaire import FichierForm
from apart.tableaux.tableau import FeuilleAChoisir
from tests.simulateur.fichiers import calculer, lire, phrases
from tests.tableaux.fabrique import classeur, ods, textes_ods

MAI = (date(2026, 5, 1), date(2026, 5, 31))
PAIE = [("Durand", "2150.5", *MAI, "42.5"), ("Élise Martin", "1950", *MAI, "7.75")]


def lus(calcul: Calcul) -> list[tuple[Any, ...]]:
    """Ce qui a été compris de chaque ligne calculée."""
    return [
        (
            calcul.cadre["nom"][rang],
            f"{Decimal(int(calcul.remuneration[rang])).scaleb(-4).normalize():f}",
            *calcul.periodes.valeurs[calcul.periodes.rangs[rang]],
            f"{depuis_centiemes(int(calcul.heures[rang])).normalize():f}",
        )
        for rang in calcul.calculees.tolist()
    ]


def dates(fait: Any, feuille: Any) -> None:
    """Un classeur où tout a son format : mois, euros, durées."""
    mois, euros, duree = (fait.add_format({"num_format": f}) for f in ("mmm-yy", "#,##0.00 €", "[h]:mm"))
    for rang, (nom, brut, _, _, heures) in enumerate(PAIE, 1):
        feuille.write_string(rang, 0, nom)
        feuille.write_number(rang, 1, float(brut), euros)
        feuille.write_datetime(rang, 2, datetime(2026, 5, 1), mois)  # noqa: DTZ001  # une date de tableur
        feuille.write_number(rang, 3, float(heures) / 24, duree)


def titres_fusionnes(_fait: Any, feuille: Any) -> None:
    feuille.merge_range("B1:C1", "Rémunération")
    feuille.merge_range("D1:E1", "Activité partielle")
    feuille.write_row(1, 0, ["Salarié", "Brut mensuel", "Net à payer", "Mois", "Nb h"])
    feuille.write_row(2, 0, ["Durand", 2150.5, 1690, "05/2026", 42.5])
    feuille.write_row(3, 0, ["Élise Martin", 1950, 1540, "05/2026", 7.75])


def nombre_ods(valeur: str) -> str:
    texte = f"<text:p>{valeur}</text:p>"
    return f'<table:table-cell office:value-type="float" office:value="{valeur}">{texte}</table:table-cell>'


def ligne_ods(nom: str, brut: str, duree: str) -> str:
    return (
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{nom}</text:p></table:table-cell>'
        f'{nombre_ods(brut)}<table:table-cell office:value-type="date" office:date-value="2026-05-01"/>'
        f'<table:table-cell office:value-type="time" office:time-value="{duree}"/></table:table-row>'
    )


ENTETE = ["Salarié", "Salaire brut", "Mois", "Heures chômées"]
LIGNES = [["Durand", 2150.5, "05/2026", 42.5], ["Élise Martin", 1950, "05/2026", 7.75]]
DIALECTES: dict[str, bytes] = {
    "point-virgule et Windows-1252": (
        "Matricule;Nom;Salaire brut;Mois;Heures chômées\r\n007;Durand;2150,50;05/2026;42,50\r\n"
        "012;Élise Martin;1950;05/2026;7,75\r\n"
    ).encode("cp1252"),
    "totaux par service": (
        "Service;Salarié;Sal. brut;Période;Nb h chômées\nCaisse;Durand;2 150,50;mai 2026;42,5\n"
        "Sous-total Caisse;;2 150,50;mai 2026;42,5\nRayon;Élise Martin;1 950,00;mai 2026;7,75\n"
        "Sous-total Rayon;;1 950,00;mai 2026;7,75\nTOTAL GÉNÉRAL;;4 100,50;;50,25\n"
    ).encode(),
    "guillemets et milliers à l'ancienne": (
        '"Nom";"Rémunération brute";"Mois de paie";"H chômées"\n"Durand";"2.150,50";"mai-26";"42,5"\n'
        '"Élise Martin";"1.950,00 €";"mai-26";"7,75"\n'
    ).encode("utf-8-sig"),
    "tabulations en UTF-16 sans marque": (
        "Nom\tBrut mensuel\tMois\tHeures\r\nDurand\t2150,5\t2026-05\t42,5\r\nÉlise Martin\t1950\t2026-05\t7,75\r\n"
    ).encode("utf-16-le"),
    "texte Unicode d'un tableur": (
        "Nom\tSalaire brut\tMois\tHeures\nDurand\t2150,5\tmai-26\t42,5\nÉlise Martin\t1950\tmai-26\t7,75\n"
    ).encode("utf-16"),
    "en anglais": (
        'Employee name,Monthly gross salary,Pay period,Lost hours\nDurand,"2,150.50",May 2026,42.5\n'
        'Élise Martin,"1,950.00",May 2026,7.75\n'
    ).encode(),
    "heures et minutes": (
        "Nom;Salaire brut;Mois;Heures perdues\nDurand;2150,50;05/26;42h30\nÉlise Martin;1950;05/26;7h45min\n"
    ).encode(),
    "heures à deux points": (
        "Nom;Salaire brut;Mois;Heures perdues\nDurand;2150,50;05/26;42:30\nÉlise Martin;1950;05/26;07:45:00\n"
    ).encode(),
    "dates courtes": (
        "NOM;REMUNERATION;DATE DEBUT;DATE FIN;HEURES\nDurand;2150,50;01/05/26;31/05/26;42,5\n"
        "Élise Martin;1950;1/5/26;31/5/26;7,75\n"
    ).encode(),
    "dates d'une base de données": (
        "nom|remuneration|du|au|heures\nDurand|2150.50|20260501|20260531|42.5\n"
        "Élise Martin|1950.00|2026-05-01|2026-05-31|7.75\n"
    ).encode(),
    "mois en six chiffres": (
        "sep=;\nnom;remuneration;periode;heures\nDurand;2150,50;202605;42,5\nÉlise Martin;1950;052026;7,75\n"
    ).encode(),
    "dates à points, en toutes lettres": (
        "Nom;Salaire brut;Début;Fin;Heures chômées\nDurand;2150,50;01.05.2026;31.05.2026;42,5\n"
        "Élise Martin;1950;1er mai 2026;31 mai 2026;7,75\n"
    ).encode(),
    "dernier jour du mois": (
        "Nom;Salaire brut;Période;Heures chômées\nDurand;2150,50;31/05/2026;42,5\nÉlise Martin;1950;31/05/26;7,75\n"
    ).encode(),
    "sauts de ligne d'un vieux Mac": (
        "Nom;Salaire brut;Mois;Heures\rDurand;2150,50;05/2026;42,5\rÉlise Martin;1950;05/2026;7,75\r"
    ).encode(),
    "titre au-dessus de l'en-tête": (
        "Société Exemple;;;\nÉtat des heures – mai 2026;;;\n;;;\nSalarié;Salaire brut;Mois;Heures chômées\n"
        "Durand;2150,50;05/2026;42,5\nÉlise Martin;1950;05/2026;7,75\n"
    ).encode(),
    "une feuille de garde": classeur(
        {"Garde": [["Paie de mai 2026"], ["Société Exemple"]], "Détail": [ENTETE, *LIGNES]}
    ),
    "une feuille masquée": classeur(
        {"Paie": [ENTETE, *LIGNES], "Ancienne": [ENTETE, ["Parti", 3000, "01/2020", 10]]}, lambda _, f: f.hide()
    ),
    "chaque case à son format": classeur({"Paie": [ENTETE]}, dates),
    "titres fusionnés": classeur({"Paie": []}, titres_fusionnes),
    "LibreOffice": ods(
        f'<table:table table:name="Paie">{textes_ods(*ENTETE)}{ligne_ods("Durand", "2150.5", "PT42H30M00S")}'
        f"{ligne_ods('Élise Martin', '1950', 'PT07H45M00S')}</table:table>"
    ),
}


@pytest.mark.parametrize("contenu", DIALECTES.values(), ids=DIALECTES)
def test_la_meme_paie_se_lit_de_meme_dans_chaque_dialecte(contenu: bytes) -> None:
    calcul = calculer(contenu)
    assert not phrases(calcul)
    assert lus(calcul) == PAIE


def test_il_y_en_a_vingt() -> None:
    assert len(DIALECTES) == 20


def situations(calcul: Calcul) -> list[tuple[str, str, str]]:
    profils = [calcul.profils.valeurs[calcul.profils.rangs[rang]] for rang in calcul.calculees.tolist()]
    return [(p.situation.statut.value, p.situation.dispositif.value, str(p.duree_hebdomadaire)) for p in profils]


def test_les_contrats_et_dispositifs_s_ecrivent_comme_dans_la_paie() -> None:
    calcul = calculer(
        "Matricule + Nom;Salaire brut;Mois;Nb h chômées;Type de contrat;Dispositif APLD;Durée hebdo\n"
        "1 A;2500;05/2026;10;CDI temps plein;Oui;35\n2 B;2500;05/2026;10;Apprenti;Non;35\n"
        "3 C;2500;05/2026;10;CDI temps partiel;;24\n4 D;2500;05/2026;10;VRP;APLD;35,00\n"
    )
    assert not phrases(calcul)
    assert situations(calcul) == [
        ("ordinaire", "apld", "35.00"),
        ("alternant", "droit_commun", "35.00"),
        ("temps_partiel", "droit_commun", "24.00"),
        ("vrp_pigiste", "apld", "35.00"),
    ]
    dites = " ".join(suppositions(calcul))
    assert "« Oui » lu « apld »" in dites
    assert "« Apprenti » lu « alternant »" in dites


def test_une_question_par_colonne_se_comprend_par_son_en_tete() -> None:
    calcul = calculer("Nom;Salaire brut;Mois;Heures;Apprenti\nA;2500;05/2026;10;X\nB;2500;05/2026;10;\n")
    assert [statut for statut, _, _ in situations(calcul)] == ["alternant", "ordinaire"]


def test_un_contrat_inconnu_est_une_faute_et_non_un_contrat_ordinaire() -> None:
    calcul = calculer("Nom;Salaire brut;Mois;Heures;Type de contrat\nA;2500;05/2026;10;Stagiaire\n")
    assert phrases(calcul)[0].startswith(
        "statut : « Stagiaire » n'est pas un choix possible : ordinaire, temps_partiel"
    )


def test_un_taux_horaire_vaut_une_remuneration() -> None:
    taux, mensuel = (
        calculer(f"Salarié;{entete};Mois;Nb h chômées\nA;{valeur};05/2026;70\n")
        for entete, valeur in (("Tx horaire", "14,1800"), ("Salaire brut", "2150,68"))
    )
    assert taux.total("indemnite") == mensuel.total("indemnite") > 0


def test_un_pourcentage_de_classeur_est_une_part() -> None:
    def remplir(fait: Any, feuille: Any) -> None:
        feuille.write_number(1, 4, 0.8, fait.add_format({"num_format": "0%"}))
        feuille.write_number(2, 4, 0.8)

    calcul = calculer(classeur({"Paie": [[*ENTETE, "Maintien"], *LIGNES]}, remplir))
    assert lus(calcul) == PAIE[:1]
    assert calcul.maintien.tolist()[0] == 800_000
    assert phrases(calcul) == [
        "maintien : « 0.8 » : est-ce 80\u00a0% ? Écrivez 80\u00a0%, ou 0,8\u00a0% si c'est bien si peu."
    ]


def test_des_heures_en_jours_de_tableur_sont_demandees() -> None:
    calcul = calculer(classeur({"Paie": [ENTETE, ["A", 2000, "05/2026", 0.3125]]}))
    assert "soit 7h30 ? Écrivez 0,31 h ou 7h30" in phrases(calcul)[0]


def test_des_milliers_sans_centimes_a_l_anglaise_sont_demandes() -> None:
    calcul = calculer('Name,Gross salary,Month,Lost hours\nA,"2,150",May 2026,42.5\n')
    assert phrases(calcul)[0].startswith("remuneration : « 2,150 » se lit 2\u202f150 ou 2,15")


def test_trois_decimales_d_un_classeur_n_ont_qu_un_sens() -> None:
    calcul = calculer(classeur({"Paie": [[*ENTETE, "Durée hebdo"], ["A", 650.125, "05/2026", 10, 10]]}))
    assert not phrases(calcul)
    assert calcul.remuneration.tolist() == [6_501_300]


def test_deux_feuilles_qui_conviennent_sont_a_choisir() -> None:
    contenu = classeur({"Mai": [ENTETE, *LIGNES], "Juin": [ENTETE, *LIGNES]})
    with pytest.raises(FeuilleAChoisir) as choix:
        lire(contenu)
    assert choix.value.feuilles == ("Mai", "Juin")
    assert lire(contenu, "Juin").feuille == "Juin"


def test_des_en_tetes_inconnus_laissent_tout_a_dire() -> None:
    tableau = lire("A1;B2;C3\nDurand;2150,50;42,5\n")
    assert tableau.entetes == ("A1", "B2", "C3")
    assert len(list(FichierForm().manquantes(["", "", ""]))) == 3

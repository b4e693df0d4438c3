"""Une case se lit d'une seule façon, ou se refuse avec une phrase : jamais de lecture fausse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apart.tableaux import cellules
from apart.tableaux.cellules import (
    lire_date,
    lire_heures,
    lire_mois,
    lire_moment,
    lire_nombre,
    lire_oui_non,
    lire_part,
)

EUROS = Decimal(1_000_000)


def refus(lire: Callable[[str], object], texte: str) -> str:
    with pytest.raises(ValueError) as leve:  # noqa: PT011  # la phrase est ce que l'on éprouve
        lire(texte)
    return str(leve.value)


def lire_euros(texte: str) -> Decimal:
    return cellules.lire_positif(texte, EUROS, "€")


@pytest.mark.parametrize(
    ("texte", "voulu"),
    [
        ("2150,50", "2150.50"),
        ("2150.5", "2150.5"),
        ("2 150,50 €", "2150.50"),
        ("2\u202f150,50\u00a0€", "2150.50"),
        ("2.150,50", "2150.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1 234 567 EUR", "1234567"),
        ("12,", "12"),
        ("35 h", "35"),
    ],
)
def test_un_nombre_se_lit_a_la_francaise_ou_d_un_tableur(texte: str, voulu: str) -> None:
    assert lire_nombre(texte) == Decimal(voulu)


@pytest.mark.parametrize("texte", ["7 30", "12 34,5", "1.23.456", "1,2,3", "1e3", "٣", "douze", "2 150 50", "--7"])
def test_ce_qui_n_est_pas_un_nombre_se_dit(texte: str) -> None:
    assert refus(lire_nombre, texte) == f"« {texte} » n'est pas un nombre. Écrivez par exemple 1850,50."


@pytest.mark.parametrize("texte", ["=A1+B1", "=?", "+33", "@SOMME(A1)"])
def test_une_formule_est_a_remplacer_par_sa_valeur(texte: str) -> None:
    assert "contient une formule" in refus(lire_nombre, texte)


@pytest.mark.parametrize("texte", ["2.150", "2,150", "2.150 €"])
def test_un_nombre_a_deux_sens_est_demande(texte: str) -> None:
    phrase = refus(lire_euros, texte)
    assert phrase == f"« {texte} » se lit 2\u202f150 ou 2,15 : écrivez 2150, ou 2,1500."
    assert lire_euros("2150") == 2150
    assert lire_euros("2,1500") == Decimal("2.15")


def test_un_seul_sens_permis_leve_le_doute() -> None:
    """Aucun taux horaire ne vaut 13 375 €, aucune durée 151 667 h."""
    assert cellules.lire_positif("13,375", Decimal(1_000), "€ de l'heure") == Decimal("13.375")
    assert lire_heures("151.667") == Decimal("151.67")
    assert lire_euros("0,125") == Decimal("0.125")


@pytest.mark.parametrize("texte", ["-7", "\u22127", "- 7", "-7,5", "-2 150,50 €"])
def test_un_nombre_negatif_n_est_jamais_conseille_en_positif(texte: str) -> None:
    phrase = refus(lire_euros, texte)
    assert phrase == cellules.NEGATIF
    assert "signe" not in phrase


def test_un_pourcentage_ou_l_on_attend_autre_chose_se_dit() -> None:
    assert "est un pourcentage" in refus(lire_euros, "80 %")
    assert "est un pourcentage" in refus(lire_heures, "80 %")


@pytest.mark.parametrize(
    ("lire", "texte", "sens", "attendu"),
    [
        (lire_heures, "70 €", "un montant en euros", "heures"),
        (lire_heures, "70 Euros", "un montant en euros", "heures"),
        (lire_part, "45,30 €", "un montant en euros", "%"),
        (lire_part, "80 h", "une durée", "%"),
        (lire_euros, "2150 h", "une durée", "€"),
        (lire_euros, "2150 Heures", "une durée", "€"),
    ],
)
def test_l_unite_d_autre_chose_est_une_faute(
    lire: Callable[[str], object], texte: str, sens: str, attendu: str
) -> None:
    assert refus(lire, texte) == f"« {texte} » est {sens} : indiquez ici un nombre ({attendu})."


def test_chaque_lecteur_accepte_son_unite() -> None:
    assert lire_euros("2150 eur") == lire_euros("2150 Euro") == lire_euros("2150 €") == 2150
    assert lire_heures("70 Heures") == lire_heures("70H") == 70
    assert lire_part("70%") == Decimal("0.7")


@pytest.mark.parametrize(
    ("lire", "debut", "fin"),
    [(lire_euros, "1", "€"), (lire_heures, "1", "h30"), (lire_date, "4", "mai 2026"), (lire_mois, "mai", "2026")],
)
def test_une_case_trop_longue_n_est_pas_lue(lire: Callable[[str], object], debut: str, fin: str) -> None:
    """Chercher une valeur dans un roman prendrait des minutes ; les blancs du bord ne comptent pas."""
    lire(f"{' ' * 200}{debut} {fin}{' ' * 200}")
    assert "n'est pas" in refus(lire, f"{debut}{' ' * 100}{fin}")


def test_cent_signes_se_lisent_encore() -> None:
    assert lire_euros("1" + " " * 98 + "€") == 1
    assert "n'est pas un nombre" in refus(lire_euros, "1" + " " * 99 + "€")


@pytest.mark.parametrize(
    ("texte", "voulu"), [("80 %", "0.8"), ("80", "0.8"), ("84,5%", "0.845"), ("0,8 %", "0.008"), ("0", "0")]
)
def test_une_part_se_donne_en_pour_cent(texte: str, voulu: str) -> None:
    assert lire_part(texte) == Decimal(voulu)


def test_une_part_jusqu_a_un_est_demandee() -> None:
    phrase = refus(lire_part, "0,8")
    assert phrase == "« 0,8 » : est-ce 80\u00a0% ? Écrivez 80\u00a0%, ou 0,8\u00a0% si c'est bien si peu."
    assert lire_part("80\u00a0%") == Decimal("0.8")
    assert "est-ce 100\u00a0%" in refus(lire_part, "1")


@pytest.mark.parametrize(
    ("texte", "voulu"),
    [
        ("7h30", "7.5"),
        ("7 h 30", "7.5"),
        ("7h45min", "7.75"),
        ("7 h 45 min", "7.75"),
        ("31:30", "31.5"),
        ("07:45:00", "7.75"),
        ("7h20", "7.33"),
        ("7 heures", "7"),
        ("7,5 h", "7.5"),
        ("45 min", "0.75"),
        ("0,5 h", "0.5"),
        ("0h30", "0.5"),
        ("33.3333333333", "33.33"),
        ("0", "0"),
        ("1", "1"),
    ],
)
def test_des_heures_se_lisent_au_centieme(texte: str, voulu: str) -> None:
    assert lire_heures(texte) == Decimal(voulu)


def test_au_dela_de_59_les_minutes_sont_des_centiemes() -> None:
    assert lire_heures("151h67") == Decimal("151.67")
    assert (lire_heures("7h59"), lire_heures("7h60")) == (Decimal("7.98"), Decimal("7.60"))
    assert cellules.est_en_centiemes("151h67")
    assert not cellules.est_en_centiemes("151h40")
    assert "les minutes vont jusqu'à 59" in refus(lire_heures, "7:75")


def test_un_seul_chiffre_de_minutes_a_deux_sens() -> None:
    assert "7h05 ou 7h50" in refus(lire_heures, "7h5")


def test_une_fraction_de_jour_d_un_tableur_n_est_pas_lue_en_heures() -> None:
    phrase = refus(lire_heures, "0,3125")
    assert phrase == "« 0,3125 » : des heures, ou une durée de tableur, soit 7h30 ? Écrivez 0,31 h ou 7h30."
    assert lire_heures(Decimal("0.5")) == Decimal("0.5")  # un programme, lui, envoie des heures


@pytest.mark.parametrize("texte", ["2.9375", "2,9375"])
def test_plus_d_un_jour_de_tableur_n_est_pas_lu_en_heures(texte: str) -> None:
    phrase = refus(lire_heures, texte)
    assert phrase == f"« {texte} » : des heures, ou une durée de tableur, soit 70h30 ? Écrivez 2,94 h ou 70h30."
    assert lire_heures("2,94 h") == lire_heures(Decimal("2.9375")) == Decimal("2.94")


def test_des_jours_de_tableur_qui_depasseraient_un_mois_sont_des_heures() -> None:
    """31 jours font 744 heures ; une durée du contrat a son propre plafond."""
    assert "soit 744h00" in refus(lire_heures, "30.9999")
    assert lire_heures("31.001") == Decimal("31.00")
    assert lire_heures("17.333", Decimal(60)) == Decimal("17.33")


def test_des_decimales_nulles_ne_font_pas_une_duree_de_tableur() -> None:
    assert lire_heures("7,500") == Decimal("7.5")


@pytest.mark.parametrize("texte", ["#REF!", "(7)", "sept"])
def test_des_heures_illisibles_ont_des_heures_pour_exemple(texte: str) -> None:
    assert refus(lire_heures, texte) == f"« {texte} » n'est pas un nombre. Écrivez par exemple 7,5 ou 7h30."


@pytest.mark.parametrize(
    "texte",
    ["04/05/2026", "4/5/26", "04-05-26", "4.5.2026", "2026-05-04", "2026/05/04", "20260504", "2026-05-04 00:00:00",
     "2026-05-04T00:00:00", "4 mai 2026", "lundi 4 mai 2026", "4-mai-26", "4 MAI 2026", "46146", "04/05/2026 00:00"],
)  # fmt: skip
def test_une_date_se_lit_le_jour_d_abord(texte: str) -> None:
    assert lire_date(texte) == date(2026, 5, 4)


def test_le_premier_du_mois_et_l_annee_a_deux_chiffres_se_lisent() -> None:
    assert lire_date("1er juin 2026") == date(2026, 6, 1)
    assert lire_date("01/06/98") == date(1998, 6, 1)


@pytest.mark.parametrize("texte", ["hier", "12/9999", "4 mai", "4/2026", "2026-13", "4 jui 2026", "", "9", "1234567"])
def test_ce_qui_n_est_pas_une_date_se_dit(texte: str) -> None:
    assert "n'est pas une date" in refus(lire_date, texte)


def test_une_date_impossible_se_dit() -> None:
    assert refus(lire_date, "31/02/2026") == "Le 31/02/2026 n'existe pas au calendrier."
    assert refus(lire_date, "05/15/2026").endswith("Écrivez le jour avant le mois.")


def test_l_ordre_d_une_date_qui_commence_par_l_annee_n_est_pas_mis_en_cause() -> None:
    assert refus(lire_date, "2026-13-01") == "Le 2026-13-01 n'existe pas au calendrier."


def test_une_date_tapee_sans_zero_ni_barres_n_est_pas_lue_comme_un_nombre_de_tableur() -> None:
    phrase = "le 05/04/2026, ou le 21/01/2038 d'un tableur ? Écrivez la date en entier."
    assert refus(lire_date, "50426") == f"« 50426 » : {phrase}"
    assert "le 04/05/2026, ou le 14/12/2010 d'un tableur" in refus(lire_date, "40526")


def test_un_nombre_de_tableur_va_de_2013_a_2040() -> None:
    assert (lire_date("41456"), lire_date("51501.0")) == (date(2013, 7, 1), date(2040, 12, 31))
    assert "n'est pas une date" in refus(lire_date, "41455")
    assert "n'est pas une date" in refus(lire_date, "51502")


@pytest.mark.parametrize(
    "texte",
    ["04/2026", "4/2026", "04/26", "04-2026", "2026-04", "2026-4", "202604", "042026", "avril 2026", "AVRIL-2026",
     "avr-26", "avr.-26", "avr. 2026", "Apr-26", "April 2026", "01/04/2026", "2026-04-01", "46113", "30/04/2026"],
)  # fmt: skip
def test_un_mois_se_lit(texte: str) -> None:
    assert lire_mois(texte) == (date(2026, 4, 1), date(2026, 4, 30))


def test_octobre_abrege_par_un_tableur_n_est_pas_lu_janvier() -> None:
    assert refus(lire_mois, "2026.1") == "« 2026.1 » : janvier, ou octobre ? Écrivez 01/2026 ou 10/2026."
    assert "n'est pas un mois" in refus(lire_mois, "2026.4")
    assert lire_mois("2026.10")[0] == date(2026, 10, 1)
    assert lire_mois("2026-1")[0] == date(2026, 1, 1)
    assert lire_mois("31/12/9999")[1] == date.max  # rien ne le suit


def test_un_jour_au_milieu_n_est_pas_un_mois() -> None:
    assert refus(lire_mois, "15/05/2026").startswith("« 15/05/2026 » est un jour, pas un mois : écrivez 05/2026")


@pytest.mark.parametrize("texte", ["13/2020", "avril", "jui 26", "0/0", "00/2020", "2020", "01/0000"])
def test_ce_qui_n_est_pas_un_mois_se_dit(texte: str) -> None:
    assert "n'est pas un mois" in refus(lire_mois, texte)


def test_oui_et_non_s_ecrivent_de_plusieurs_facons() -> None:
    assert all(map(lire_oui_non, ["oui", "Oui", "X", "Vrai", "TRUE", "1", "o"]))
    assert not any(map(lire_oui_non, ["non", "Non", "faux", "0", "n", ""]))
    assert "ni l'un ni l'autre" in refus(lire_oui_non, "peut-être")


LECTEURS = (lire_nombre, lire_euros, lire_part, lire_heures, lire_date, lire_mois, lire_oui_non)


@given(
    st.sampled_from(LECTEURS), st.one_of(st.text(max_size=12), st.text("0123456789/-.,: h%€emairjuin", max_size=14))
)
def test_n_importe_quel_texte_se_lit_ou_se_refuse_avec_une_phrase(lire: Callable[[str], object], texte: str) -> None:
    phrase = "."
    try:
        lire(texte)
    except ValueError as refuse:
        phrase = str(refuse)
    assert phrase.endswith((".", "?"))


@pytest.mark.parametrize(
    ("lire", "tape", "lu"),
    [
        (lire_euros, "\u20662\u00a0150,50\u2069 €", Decimal("2150.50")),
        (lire_euros, "１８５０，５０", Decimal("1850.50")),
        (lire_heures, "7h30\u200b", Decimal("7.50")),
        (lire_date, "\u200e04/05/2026", date(2026, 5, 4)),
        (lire_mois, "novembre\u00a02026", (date(2026, 11, 1), date(2026, 11, 30))),
        (lire_oui_non, "Oui\u202c", True),
    ],
)
def test_ce_qui_ne_se_voit_pas_ne_gene_aucune_lecture(lire: Callable[[str], object], tape: str, lu: object) -> None:
    assert lire(tape) == lu


@pytest.mark.parametrize("tape", ["10²", "½", "٢٣"])
def test_un_exposant_une_fraction_ou_d_autres_chiffres_ne_font_pas_un_nombre(tape: str) -> None:
    assert "n'est pas un nombre" in refus(lire_euros, tape)


@pytest.mark.parametrize(
    "texte",
    [
        "24/11/2026 09:30",
        "2026-11-24T09:30",
        "2026-11-24 09:30:00",
        "24 novembre 2026 à 9 h 30",
        "24/11/26, 9h30",
        "\uff12\uff14/11/2026\u00a009:30\u200b",
    ],
)
def test_un_moment_est_un_jour_et_une_heure_comme_on_les_ecrit(texte: str) -> None:
    assert lire_moment(texte) == datetime.fromisoformat("2026-11-24T09:30")


def test_une_heure_ronde_se_passe_de_minutes() -> None:
    assert lire_moment("24/11/2026 9 h") == datetime.fromisoformat("2026-11-24T09:00")


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("24/11/2026", "Il manque l'heure. Écrivez par exemple 24/11/2026 09:00."),
        ("24/11/2026 25:00", "« 25:00 » n'est pas une heure. Écrivez par exemple 09:00."),
        ("demain 9 h", "« demain » n'est pas une date. Écrivez-la comme 01/04/2020."),
    ],
)
def test_un_moment_illisible_dit_ce_qui_manque(texte: str, phrase: str) -> None:
    assert refus(lire_moment, texte) == phrase

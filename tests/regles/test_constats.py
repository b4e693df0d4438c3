"""Ce qu'un résultat a d'étonnant se dit ; ce qu'il a d'ordinaire se tait."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from apart.regles.constats import Sorte, autre_lecture, constats, heures_payees, incertitudes, sous_le_smic
from apart.regles.heures import Structurelles
from apart.regles.mois import Periode
from apart.regles.simulation import MINIMUM_MENSUEL, NET_DE_METROPOLE, Groupe, sans_minimum_mensuel, simuler
from apart.regles.situations import Secteur, Situation, Statut

NOVEMBRE_2026 = (date(2026, 11, 1), date(2026, 11, 30))
MAI_2020 = (date(2020, 5, 1), date(2020, 5, 31))
MAI_2019 = (date(2019, 5, 1), date(2019, 5, 31))


def salarie(
    salaire: str = "2300", heures: str = "70", duree: int = 35, mois: tuple[date, date] = NOVEMBRE_2026
) -> Groupe:
    return Groupe(Decimal(salaire), Decimal(duree), (Periode(*mois, Decimal(heures)),))


RESTAURANT = salarie(heures="152", duree=39)


def dits(groupe: Groupe, *, structurelles_dites: bool = True) -> dict[Sorte, str]:
    trouves = constats(simuler(groupe), structurelles_dites=structurelles_dites)
    return {constat.sorte: constat.phrase.replace("\u00a0", " ").replace("\u202f", " ") for constat in trouves}


def payees(groupe: Groupe) -> str:
    return heures_payees(simuler(groupe)).replace("\u00a0", " ")


def test_un_mois_ordinaire_ne_fait_rien_dire() -> None:
    assert dits(salarie(), structurelles_dites=False) == {}
    assert dits(salarie(heures="0"), structurelles_dites=False) == {}, "le net y est celui d'un mois normal"


# --- Les heures payées ---


def test_toutes_les_heures_payees_se_dit_en_deux_mots() -> None:
    assert payees(salarie()) == "70 h non travaillées, toutes payées."
    assert payees(salarie(heures="0")) == "0 h non travaillées : rien n'est à payer."


def test_a_39_h_les_heures_perdues_sont_comptees_et_expliquees() -> None:
    assert payees(RESTAURANT) == (
        "152 h non travaillées, 134,67 h payées : les 17,33 h au-delà de 35 h par semaine, comptées en premier, ne "
        "sont pas indemnisées."
    )


def test_des_heures_structurelles_sont_payees_aussi() -> None:
    prevues = replace(RESTAURANT, structurelles=Structurelles())
    assert payees(prevues) == "152 h non travaillées, toutes payées, y compris au-delà de 35 h par semaine."


def test_plus_d_heures_que_les_jours_n_en_permettent_se_dit() -> None:
    quinzaine = (date(2026, 11, 4), date(2026, 11, 17))
    dite = payees(salarie(heures="75", mois=quinzaine))
    assert dite == "75 h non travaillées, 70 h payées : sur ces jours, 35 h par semaine n'en permettent pas plus."


# --- Les heures structurelles ---


def test_sans_reponse_les_deux_lectures_se_comparent() -> None:
    phrase = dits(RESTAURANT, structurelles_dites=False)[Sorte.STRUCTURELLES]
    assert "134,67 h payées et 1 154,12 € d'allocation par salarié ; si elles le sont : 152 h payées" in phrase
    assert "1 302,64 €" in phrase


@pytest.mark.parametrize("structurelles", [None, Structurelles()], ids=["non", "oui"])
def test_une_reponse_donnee_ne_se_redemande_pas(structurelles: Structurelles | None) -> None:
    assert Sorte.STRUCTURELLES not in dits(replace(RESTAURANT, structurelles=structurelles))


def test_la_question_ne_se_pose_que_si_la_reponse_change_les_heures() -> None:
    assert autre_lecture(simuler(salarie())) is None
    avant_2020 = salarie(heures="152", duree=39, mois=MAI_2019)
    assert autre_lecture(simuler(avant_2020)) is None, "avant mars 2020, ces heures ne sont jamais indemnisées"


def test_en_2020_la_date_de_l_accord_se_demande() -> None:
    en_2020 = salarie(heures="152", duree=39, mois=MAI_2020)
    assert autre_lecture(simuler(en_2020)) is not None
    sans_date = replace(en_2020, structurelles=Structurelles())
    assert dits(sans_date)[Sorte.STRUCTURELLES].endswith("date d'avant le 23 avril 2020 : indiquez sa date.")
    datee = replace(en_2020, structurelles=Structurelles(date(2019, 9, 1)))
    assert Sorte.STRUCTURELLES not in dits(datee)


# --- Le salaire ---


def test_le_salaire_d_un_temps_plein_pour_un_temps_partiel_se_remarque() -> None:
    phrase = dits(salarie("2000", "50", duree=24))[Sorte.TEMPS_PARTIEL]
    assert phrase.startswith("2 000,00 € pour 24 h par semaine font 19,23 € de l'heure.")
    assert phrase.endswith("indiquez celui de ce contrat : 1 371,43 €.")


@pytest.mark.parametrize(("salaire", "duree"), [("1867", 28), ("2300", 29), ("2300", 35)])
def test_un_salaire_plausible_ne_se_remarque_pas(salaire: str, duree: int) -> None:
    """Un euro sous le SMIC d'un temps plein, ou un contrat trop proche du temps plein pour douter."""
    assert Sorte.TEMPS_PARTIEL not in dits(salarie(salaire, "50", duree=duree))


def test_le_smic_d_un_temps_plein_suffit_a_douter() -> None:
    assert Sorte.TEMPS_PARTIEL in dits(salarie("1867.06", "50", duree=28))


def test_un_temps_partiel_de_35_h_se_remarque() -> None:
    partiel = replace(salarie(), situation=Situation(statut=Statut.TEMPS_PARTIEL))
    assert "indiquez la durée de son contrat" in dits(partiel)[Sorte.TEMPS_PARTIEL]


def test_un_taux_sous_le_smic_dit_quand_le_diviseur_en_est_cause() -> None:
    """Le SMIC de 35 h, divisé par les 169 h d'un contrat dont les heures sont structurelles."""
    trop_peu = replace(salarie("1867.02", "152", duree=39), structurelles=Structurelles())
    phrase = sous_le_smic(trop_peu).replace("\u00a0", " ")
    assert "11,05 € de l'heure, moins que le SMIC en vigueur le 1er novembre 2026 (12,31 €)." in phrase
    assert "Elle est divisée par 169 h : si elle n'en paie que 151,67 h, ajoutez" in phrase
    assert "divisée" not in sous_le_smic(salarie("1700"))


def test_un_salaire_au_smic_de_mayotte_propose_de_dire_que_l_etablissement_y_est() -> None:
    conseil = "Elle atteint celui de Mayotte : si l'établissement y est, indiquez-le."
    assert conseil in sous_le_smic(salarie("1450"))  # 9,56 € de l'heure
    assert conseil not in sous_le_smic(salarie("1445"))
    assert not sous_le_smic(replace(salarie("1450"), situation=Situation(mayotte=True)))


def test_le_smic_a_un_centime_pres_n_est_pas_sous_le_smic() -> None:
    assert not sous_le_smic(salarie("1865.55"))  # 12,30 € de l'heure
    assert sous_le_smic(salarie("1864.00"))


# --- Le net et le reste à charge ---


def test_un_net_au_dessus_d_un_mois_normal_se_dit_avec_sa_raison() -> None:
    septembre = (date(2026, 9, 1), date(2026, 9, 30))
    maintenu = replace(salarie("2500", mois=septembre), maintien=Decimal(1))
    phrase = dits(maintenu)[Sorte.NET]
    assert phrase.startswith(
        "En septembre 2026, le net estimé (2 077,53 €) dépasse celui d'un mois normal (1 978,99 €)"
    )
    assert "45,57 € de prélèvements, moins que les cotisations du salaire" in phrase
    assert Sorte.NET not in dits(replace(maintenu, maintien=None))


def test_a_mayotte_rien_ne_se_conclut_d_un_net_estime() -> None:
    """Le barème n'a que les cotisations de métropole : à elles seules, elles font dépasser le mois normal."""
    novembre = (date(2026, 11, 1), date(2026, 11, 30))
    boutique = replace(salarie("1450", mois=novembre), situation=Situation(mayotte=True))
    assert Sorte.NET not in dits(boutique)
    assert Sorte.NET in dits(replace(boutique, net_mensuel=Decimal(1100), maintien=Decimal(1)))


def test_un_reste_a_charge_negatif_ne_se_dit_jamais_sans_sa_raison() -> None:
    phrase = dits(salarie("1521.25", mois=MAI_2019))[Sorte.RESTE_NEGATIF]
    assert phrase == (
        "En mai 2019, l'allocation (541,80 €) dépasse l'indemnité (491,40 €) de 50,40 € par salarié : l'État "
        "rembourse 7,74 € de l'heure, un forfait, quel que soit le salaire, plus que l'indemnité de ce salaire, "
        "7,02 €. Le reste à charge est donc négatif."
    )


@pytest.mark.parametrize(
    ("dernier", "autres"), [(date(2019, 6, 30), "1 autre mois"), (date(2019, 8, 31), "3 autres mois")]
)
def test_plusieurs_mois_negatifs_se_disent_en_une_phrase(dernier: date, autres: str) -> None:
    phrase = dits(salarie("1521.25", mois=(date(2019, 5, 1), dernier)))[Sorte.RESTE_NEGATIF]
    assert phrase.startswith(f"En mai 2019 (et {autres}), l'allocation")


def test_un_complement_qui_couvre_l_ecart_ne_laisse_rien_de_negatif() -> None:
    maintenu = replace(salarie("1521.25", mois=MAI_2019), maintien=Decimal(1))
    assert Sorte.RESTE_NEGATIF not in dits(maintenu)


def test_une_limite_d_heures_depassee_se_dit() -> None:
    dix_mois = (date(2026, 1, 1), date(2026, 10, 31))
    assert "1 000" in dits(salarie(heures="1400", mois=dix_mois))[Sorte.LIMITE]


def test_des_taux_pas_encore_publies_se_disent_une_fois() -> None:
    decembre = (date(2026, 12, 1), date(2026, 12, 31))
    phrase = dits(salarie(mois=decembre))[Sorte.PROJECTION]
    assert phrase.startswith("Calculé avec les taux connus au 30 novembre 2026")
    assert Sorte.PROJECTION not in dits(salarie())


# --- L'incertitude ---


def incertaines(groupe: Groupe, *, avec_net: bool = False) -> list[str]:
    return [p.replace("\u00a0", " ") for p in incertitudes(simuler(groupe), avec_net=avec_net)]


def test_une_valeur_a_confirmer_se_dit_en_une_courte_phrase() -> None:
    (phrase,) = incertaines(salarie("2500"))
    assert (
        phrase
        == "« Plancher horaire de l'allocation » (8,57 € par heure depuis le 1er juin 2026) : valeur incertaine."
    )


def test_un_plancher_deja_depasse_n_a_rien_d_incertain() -> None:
    """À 4 000 €, 36 % du salaire dépassent le plancher à confirmer : il n'a pas compté."""
    assert incertaines(salarie("4000")) == []
    assert incertaines(salarie("1900")) != []


def test_sans_heure_chomee_rien_n_est_incertain() -> None:
    assert incertaines(salarie(heures="0"), avec_net=True) == []


def test_ce_que_le_net_a_d_incertain_ne_se_dit_qu_avec_lui() -> None:
    mahorais = replace(salarie("1800"), situation=Situation(mayotte=True))
    assert NET_DE_METROPOLE in incertaines(mahorais, avec_net=True)
    assert NET_DE_METROPOLE not in incertaines(mahorais)


def test_la_remuneration_minimale_ne_se_rappelle_que_sous_le_smic() -> None:
    assert MINIMUM_MENSUEL in incertaines(salarie("1521.25", mois=MAI_2019))
    assert MINIMUM_MENSUEL not in incertaines(salarie("3000", mois=MAI_2019))


@pytest.mark.parametrize(("jour", "se_dit"), [(date(2019, 12, 31), True), (date(2020, 1, 1), False)])
def test_le_plancher_horaire_tient_lieu_de_remuneration_minimale_des_2020(jour: date, se_dit: bool) -> None:
    assert sans_minimum_mensuel(Situation(), jour) is se_dit


def test_un_plafond_qui_ne_joue_pas_n_apporte_pas_ses_doutes() -> None:
    """Le SMIC de Mayotte, à confirmer, ne sert ici qu'à un plafond que ce salaire n'atteint pas."""
    mahorais = replace(salarie("1800"), situation=Situation(mayotte=True))
    assert not any("SMIC horaire brut" in phrase for phrase in incertaines(mahorais))


def test_une_allocation_egale_a_l_indemnite_garde_ses_propres_doutes() -> None:
    """Fermé en février 2021, 70 % partout : le plafond de l'allocation, à confirmer, a compté."""
    cadre = salarie("9100", mois=(date(2021, 2, 1), date(2021, 2, 28)))
    ferme = replace(cadre, situation=Situation(secteur=Secteur.TRES_AFFECTE))
    assert any("Plafond de la rémunération" in phrase for phrase in incertaines(ferme))

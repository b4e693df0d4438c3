"""Un fichier de valeurs mal écrit est refusé, en disant le fichier, la ligne, la clé et quoi corriger."""

from __future__ import annotations

from pathlib import Path

import pytest

from apart.regles.bareme import Bareme, BaremeIllisible, charger

META = "etabli_le: 2026-11-23\nconnu_jusqu_au: 2026-11-30\n"
ENTREE = '- {depuis: 2021-07-01, valeur: "0.60", source: "R. 5122-18", certitude: verifiee}'


def lire(dossier: Path, **fichiers: str) -> Bareme:
    (dossier / "_meta.yaml").write_text(META)
    for nom, texte in fichiers.items():
        (dossier / f"{nom}.yaml").write_text(texte)
    return charger(dossier)


def serie(*entrees: str, unite: str = "fraction", cle: str = "essai.taux") -> str:
    """Une clé et ses entrées : la première entrée est à la ligne 5."""
    lignes = "".join(f"    {entree}\n" for entree in entrees)
    return f'{cle}:\n  libelle: "Taux"\n  unite: {unite}\n  valeurs:\n{lignes}'


def test_une_serie_bien_ecrite_se_lit(tmp_path: Path) -> None:
    parametre = lire(tmp_path, essai=serie(ENTREE)).parametres["essai.taux"]
    assert (parametre.libelle, parametre.unite, parametre.fichier) == ("Taux", "fraction", "essai.yaml")


@pytest.mark.parametrize(
    ("avant", "apres", "phrase"),
    [
        ("depuis", "debut", "le champ « debut » n'existe pas"),
        ("source", "jusqu_au", "le champ « jusqu_au » n'existe pas"),
        (', source: "R. 5122-18"', "", "il manque le champ « source »"),
        (", certitude: verifiee", "", "il manque le champ « certitude »"),
        (', valeur: "0.60"', "", "il manque le champ « valeur »"),
        ("R. 5122-18", " ", "« source » est vide"),
        ('"R. 5122-18"', "[a, b]", "« source » est vide"),
        ("verifiee", "certaine", "la certitude « certaine » n'est pas verifiee, secondaire ou incertaine"),
        ("verifiee", "incertaine", "une valeur incertaine s'explique dans une note"),
        (
            '"0.60", source: "R. 5122-18", certitude: verifiee',
            'inconnue, source: "x", certitude: incertaine',
            "une valeur inconnue s'explique dans une note",
        ),
        ('"0.60"', "inconnue", "une valeur inconnue est incertaine"),
        ('"0.60"', "sans_objet", "une valeur sans objet s'explique dans une note"),
        ('"0.60"', "0.60", "la valeur 0.60 doit être entre guillemets"),
        ('"0.60"', '"0,60"', "la valeur « 0,60 » n'est pas un nombre écrit comme 8.57"),
        ('"0.60"', '"-0.60"', "la valeur « -0.60 » n'est pas un nombre écrit comme 8.57"),
        ('"0.60"', '"60"', "la fraction 60 dépasse 1"),
        ('"0.60"', '""', "« valeur » est vide"),
        ("2021-07-01", "2021-13-01", "« depuis » n'est pas un jour écrit comme 2021-07-01"),
        ("2021-07-01", "01/07/2021", "« depuis » n'est pas un jour écrit comme 2021-07-01"),
        ("2021-07-01", "", "« depuis » est vide"),
        ("verifiee}", "verifiee, lien: www.exemple.fr}", "le lien ne commence pas par https://"),
        ("certitude", 'source: "x", certitude', "« source » est écrit deux fois"),
        (ENTREE, "- 0.60", "on attend des champs et leurs valeurs"),
        (ENTREE, "0.60", "« valeurs » est une liste d'au moins une entrée"),
        (ENTREE, "[]", "« valeurs » est une liste d'au moins une entrée"),
    ],
)
def test_une_entree_fautive_est_refusee(tmp_path: Path, avant: str, apres: str, phrase: str) -> None:
    assert avant in ENTREE
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path, essai=serie(ENTREE.replace(avant, apres, 1)))
    assert str(faute.value) == f"essai.yaml, ligne 5, essai.taux : {phrase}"


@pytest.mark.parametrize("jour", ["2021-07-01", "2020-03-01"])
def test_les_dates_doivent_croitre(tmp_path: Path, jour: str) -> None:
    ecrit = {"2021-07-01": "1er juillet 2021", "2020-03-01": "1er mars 2020"}[jour]
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path, essai=serie(ENTREE, ENTREE.replace("2021-07-01", jour)))
    phrase = f"les dates doivent croître ({ecrit} après 1er juillet 2021)"
    assert str(faute.value) == f"essai.yaml, ligne 6, essai.taux : {phrase}"


@pytest.mark.parametrize("valeur", ['"oui"', "vrai", "aucun", '"1"'])
def test_oui_ou_non_s_ecrit_sans_guillemets(tmp_path: Path, valeur: str) -> None:
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path, essai=serie(ENTREE.replace('"0.60"', valeur), unite="oui_non"))
    phrase = f"la valeur {valeur.strip(chr(34))} n'est ni oui ni non (sans guillemets)"
    assert str(faute.value) == f"essai.yaml, ligne 5, essai.taux : {phrase}"


@pytest.mark.parametrize(
    ("texte", "message"),
    [
        (serie(ENTREE, unite="pourcent"), "ligne 3, essai.taux : l'unité « pourcent » n'existe pas"),
        (serie(ENTREE, cle="Taux"), "ligne 1, Taux : une clé s'écrit sujet.nom, en minuscules sans accent"),
        (serie(ENTREE) + serie(ENTREE), "ligne 6 : « essai.taux » est écrit deux fois"),
        (serie(ENTREE).replace('"Taux"', '""'), "ligne 2, essai.taux : « libelle » est vide"),
        (serie(ENTREE).replace("  unite: fraction\n", ""), "ligne 2, essai.taux : il manque le champ « unite »"),
        (serie(ENTREE).replace("unite", "formule"), "ligne 3, essai.taux : le champ « formule » n'existe pas"),
        ("essai.taux: 0.60\n", "ligne 1, essai.taux : on attend des champs et leurs valeurs"),
        ("- essai\n", "ligne 1 : on attend des clés et leurs valeurs"),
        ("", "ligne 1 : on attend des clés et leurs valeurs"),
        ("? [a, b]\n: c\n", "ligne 1 : le nom d'un champ est un mot"),
    ],
)
def test_une_serie_fautive_est_refusee(tmp_path: Path, texte: str, message: str) -> None:
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path, essai=texte)
    assert str(faute.value) == f"essai.yaml, {message}"


def test_une_cle_n_est_que_dans_un_fichier(tmp_path: Path) -> None:
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path, autre=serie(ENTREE), essai="\n" + serie(ENTREE))
    assert str(faute.value) == "essai.yaml, ligne 2, essai.taux : cette clé est déjà dans autre.yaml"


def test_un_fichier_qui_n_est_pas_du_yaml_est_nomme(tmp_path: Path) -> None:
    with pytest.raises(BaremeIllisible, match=r"^essai\.yaml, ligne 2 : ce n'est pas du YAML \("):
        lire(tmp_path, essai='essai.taux:\n  libelle: "Taux" unite\n')


def test_un_fichier_qui_n_est_pas_en_utf8_est_nomme(tmp_path: Path) -> None:
    (tmp_path / "essai.yaml").write_bytes(serie(ENTREE).replace("Taux", "Durée").encode("latin-1"))
    with pytest.raises(BaremeIllisible) as faute:
        lire(tmp_path)
    assert str(faute.value) == "essai.yaml, ligne 1 : ce n'est pas du YAML en UTF-8"


def test_les_dates_du_releve_sont_requises(tmp_path: Path) -> None:
    with pytest.raises(BaremeIllisible) as faute:
        charger(tmp_path)
    assert str(faute.value) == "_meta.yaml, ligne 1 : ce fichier manque"
    (tmp_path / "_meta.yaml").write_text("etabli_le: 2026-11-23\n")
    with pytest.raises(BaremeIllisible) as faute:
        charger(tmp_path)
    assert str(faute.value) == "_meta.yaml, ligne 1 : il manque le champ « connu_jusqu_au »"
    (tmp_path / "_meta.yaml").write_text("etabli_le: 2026-11-23\nconnu_jusqu_au: fin novembre\n")
    with pytest.raises(BaremeIllisible) as faute:
        charger(tmp_path)
    assert str(faute.value) == "_meta.yaml, ligne 2 : « connu_jusqu_au » n'est pas un jour écrit comme 2021-07-01"

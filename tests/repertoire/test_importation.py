"""L'import de bout en bout, dans une vraie base : formats, refus, échange sous lecture, second import."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apart.repertoire import actions
from apart.repertoire.actions import ImportRefuse, importer
from apart.repertoire.lecture import FichierIllisible
from apart.repertoire.models import Fiche, Importation, Unite, trouver
from apart.socle.models import EntreeJournal
from tests.repertoire.conftest import ETABLISSEMENTS, UNITES, EcrireStock, Ligne, Muette, lignes

pytestmark = pytest.mark.django_db(transaction=True)

OUVERT = "10247606600018"


def importer_ici(etablissements: Path = ETABLISSEMENTS, unites: Path = UNITES, *, forcer: bool = False) -> Importation:
    return importer(etablissements=etablissements, unites=unites, progression=Muette(), forcer=forcer)


def autre_connexion() -> psycopg.Connection:
    r = connection.settings_dict
    return psycopg.connect(
        dbname=r["NAME"], user=r["USER"], password=r["PASSWORD"] or None, host=r["HOST"], port=r["PORT"] or None
    )


def structure() -> list[tuple[str, str]]:
    """Contraintes et index des deux tables, tels que PostgreSQL les nomme."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid IN ('repertoire_fiche'::regclass, 'repertoire_unite'::regclass) "
            "UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'repertoire_%' ORDER BY 1"
        )
        return list(curseur.fetchall())


def tables_du_repertoire() -> set[str]:
    with connection.cursor() as curseur:
        return {t for t in connection.introspection.table_names(curseur) if t.startswith("repertoire_")}


def zipper(*fichiers: Path, dans: Path) -> Path:
    with zipfile.ZipFile(dans, "w", zipfile.ZIP_DEFLATED) as archive:
        for fichier in fichiers:
            archive.write(fichier, fichier.name)
    return dans


def test_l_echantillon_remplit_le_repertoire() -> None:
    importee = importer_ici()
    assert (importee.fiches, importee.unites, importee.refus) == (328, 181, [])
    assert (Fiche.objects.count(), Unite.objects.count()) == (328, 181)
    assert EntreeJournal.objects.du_sujet("repertoire").get().details == {"fiches": 328, "unites": 181}


def test_une_fiche_se_lit_en_une_requete_par_ses_index(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    importer_ici()
    with django_assert_num_queries(1):
        fiche = trouver(OUVERT)
        assert fiche is not None
        assert fiche.denomination == "AGA"
    assert fiche.siret == OUVERT
    assert fiche.adresse == "9 ALLEE DES TILLEULS, 92220 BAGNEUX"
    assert fiche.categorie_juridique == "6540"
    assert fiche.est_ouverte
    with connection.cursor() as curseur:
        curseur.execute("SET enable_seqscan = off")  # l'échantillon est si petit qu'un parcours coûterait moins
    plan = Fiche.objects.select_related("unite").filter(siret=OUVERT).explain()
    assert "repertoire_fiche_pkey" in plan
    assert "repertoire_unite_pkey" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    "siret", ["", "123", "1024760660001é", "１０２４７６０６６０００１８", OUVERT + "\n", "9" * 14]
)
def test_un_siret_que_le_repertoire_ne_connait_pas(siret: str) -> None:
    importer_ici()
    assert trouver(siret) is None


@pytest.mark.jour
def test_une_fermee_dit_depuis_quand() -> None:
    importer_ici()
    fiche = trouver("38529030900025")
    assert fiche is not None
    assert not fiche.est_ouverte
    assert fiche.fermeture == date(2024, 7, 29)


@pytest.mark.jour
def test_une_fermeture_a_venir_ne_ferme_pas_encore() -> None:
    demain = timezone.localdate() + timedelta(days=1)
    assert Fiche(siret=OUVERT, est_fermee=True, fermee_le=demain).est_ouverte
    assert not Fiche(siret=OUVERT, est_fermee=True, fermee_le=timezone.localdate()).est_ouverte


@pytest.mark.jour
def test_l_entreprise_cessee_ferme_ses_etablissements() -> None:
    unite = Unite(siren=OUVERT[:9], est_cessee=True, cessee_le=date(2025, 1, 31))
    fiche = Fiche(siret=OUVERT, unite=unite)
    assert not fiche.est_ouverte
    assert fiche.fermeture == date(2025, 1, 31)


def test_une_fiche_sans_unite_se_lit_quand_meme(ecrire_stock: EcrireStock) -> None:
    orpheline = ecrire_stock("e.csv", {"siret": OUVERT, "etatAdministratifEtablissement": "A"})
    importer_ici(orpheline, ecrire_stock("u.csv", {"siren": "356000000"}, modele=UNITES))
    fiche = trouver(OUVERT)
    assert fiche is not None
    assert fiche.denomination == ""
    assert fiche.est_ouverte


ETRANGE = 'L\'ATELIER "CHEZ\\N" ; A\tB, C\\ 😀'


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_une_valeur_etrange_arrive_telle_quelle(ecrire_stock: EcrireStock, tmp_path: Path, format_: str) -> None:
    stock = ecrire_stock("e.csv", {"siret": OUVERT, "enseigne1Etablissement": ETRANGE})
    if format_ == "parquet":
        lu, stock = pl.read_csv(stock, infer_schema=False), tmp_path / "e.parquet"
        lu.write_parquet(stock)
    importer_ici(stock)
    assert Fiche.objects.get(siret=OUVERT).enseigne == ETRANGE


def test_csv_zip_et_parquet_donnent_la_meme_chose(tmp_path: Path) -> None:
    importer_ici()
    par_csv = list(Fiche.objects.order_by("siret").values()), list(Unite.objects.order_by("siren").values())

    importer_ici(zipper(ETABLISSEMENTS, dans=tmp_path / "e.zip"), zipper(UNITES, dans=tmp_path / "u.zip"))
    assert par_csv == (list(Fiche.objects.order_by("siret").values()), list(Unite.objects.order_by("siren").values()))

    etablissements, unites = tmp_path / "e.parquet", tmp_path / "u.parquet"
    texte = dict.fromkeys(lignes(ETABLISSEMENTS)[0], pl.String())
    pl.read_csv(ETABLISSEMENTS, schema=texte).with_columns(
        pl.col("dateDebut").str.to_date(), pl.col("etablissementSiege") == "true"
    ).write_parquet(etablissements)
    pl.read_csv(UNITES, schema=dict.fromkeys(lignes(UNITES)[0], pl.String())).with_columns(
        pl.col("categorieJuridiqueUniteLegale").cast(pl.Int64)
    ).write_parquet(unites)
    importer_ici(etablissements, unites)
    assert par_csv == (list(Fiche.objects.order_by("siret").values()), list(Unite.objects.order_by("siren").values()))


@pytest.mark.parametrize(
    "vintage", ["48", "53", "54 en désordre", "noms avec espaces", "retours chariot, marque UTF-8"]
)
def test_les_millesimes_se_lisent_par_nom_de_colonne(ecrire_stock: EcrireStock, vintage: str) -> None:
    colonnes = list(lignes(ETABLISSEMENTS)[0])
    recentes = {
        c for c in colonnes if c.startswith(("dernierNumero", "indiceRepetitionDernier", "identifiantAdresse"))
    }
    recentes |= {c for c in colonnes if "Lambert" in c} | {"activitePrincipaleNAF25Etablissement"}
    choix = {"48": [c for c in colonnes if c not in recentes], "53": colonnes[:-1]}.get(vintage, colonnes[::-1])
    stock = ecrire_stock("e.csv", *lignes(ETABLISSEMENTS), colonnes=choix)
    if "espaces" in vintage:
        stock.write_text(stock.read_text().replace("AbscisseEtablissement,", "AbscisseEtablissement ,", 1))
    if "chariot" in vintage:
        stock.write_bytes(b"\xef\xbb\xbf" + stock.read_bytes().replace(b"\n", b"\r\n"))
    assert importer_ici(stock).fiches == 328
    fiche = trouver("39234600300198")
    assert fiche is not None
    assert fiche.adresse == "5-7 RUE DU MOULIN AUX MOINES, 72650 LA CHAPELLE-SAINT-AUBIN"
    hambourg = Fiche.objects.get(siret="43524614500013")
    assert hambourg.activite == "71.12B"
    assert hambourg.activite_naf25 == ("71.12Y" if colonnes[-1] in choix else "")


def test_une_colonne_manquante_est_nommee(ecrire_stock: EcrireStock) -> None:
    colonnes = [c for c in lignes(ETABLISSEMENTS)[0] if c != "etatAdministratifEtablissement"]
    stock = ecrire_stock("e.csv", *lignes(ETABLISSEMENTS), colonnes=colonnes)
    with pytest.raises(FichierIllisible, match=r"manque 1 colonne à e\.csv : etatAdministratifEtablissement"):
        importer_ici(stock)


def test_les_deux_fichiers_inverses_se_voient() -> None:
    with pytest.raises(FichierIllisible, match=r"StockEtablissement_echantillon\.csv : statutDiffusionUniteLegale"):
        importer_ici(UNITES, ETABLISSEMENTS)


def test_le_rapport_compte_et_montre_les_refus(ecrire_stock: EcrireStock) -> None:
    bonnes = lignes(ETABLISSEMENTS)[:20]
    fausses: list[Ligne] = [{"siret": "10247606600019"}, {"siret": "123"}, {"siret": "ABCDEFGHIJKLMN"}, {"siret": ""}]
    stock = ecrire_stock("e.csv", *bonnes, *fausses, bonnes[3], bonnes[3])
    with stock.open("ab") as flux:
        flux.write(b"coupee,en,deux\n" + b"\n" + b'1,2,"jamais fermee\n')
        flux.write(ligne_brute(bonnes[5]).replace(b"PARIS", b"P\xc9RIS"))
        flux.write(b"\0".join([b"", ligne_brute(bonnes[6])]))
        flux.write(b"dernier,morceau\n")
    importee = importer_ici(stock)
    assert importee.fiches == Fiche.objects.count() == 20
    refus = {r["motif"]: (r["nombre"], r["exemples"]) for r in importee.refus}
    assert refus["SIRET dont la clé est fausse"] == (1, ["ligne 22 : 10247606600019"])
    assert refus["SIRET qui n'a pas 14 chiffres"] == (1, ["ligne 23 : 123"])
    assert refus["SIRET avec autre chose que des chiffres"] == (1, ["ligne 24 : ABCDEFGHIJKLMN"])
    assert refus["SIRET absent"] == (1, ["ligne 25 : (vide)"])
    assert refus["SIRET en double"] == (2, [f"{bonnes[3]['siret']}, première ligne gardée"] * 2)
    assert refus["ligne coupée ou nombre de colonnes faux"][0] == 3
    assert refus["ligne coupée ou nombre de colonnes faux"][1][0] == "ligne 28 : coupee,en,deux"
    assert refus["guillemets mal fermés"] == (1, ['ligne 30 : 1,2,"jamais fermee'])
    assert refus["texte qui n'est pas en UTF-8"][1][0].startswith("ligne 31 : ")
    assert json.dumps(importee.refus)


def ligne_brute(ligne: Ligne) -> bytes:
    return (",".join({**ligne, "libelleCommuneEtablissement": "PARIS"}.values()) + "\n").encode()


def test_le_rapport_ne_garde_que_les_premiers_exemples(ecrire_stock: EcrireStock) -> None:
    stock = ecrire_stock("e.csv", *lignes(ETABLISSEMENTS), *[{"siret": "123"}] * 300)
    (refus,) = importer_ici(stock).refus
    assert refus["nombre"] == 300
    assert len(refus["exemples"]) == 5


@pytest.mark.parametrize(
    "degat", ["tronqué", "abîmé", "vide", "deux csv", "image", "parquet tronqué", "absent", "dossier"]
)
def test_un_fichier_abime_laisse_le_repertoire_intact(tmp_path: Path, degat: str) -> None:
    importer_ici()
    fichier = tmp_path / "stock"
    archive = zipper(ETABLISSEMENTS, dans=tmp_path / "e.zip").read_bytes()
    match degat:
        case "tronqué":
            fichier.write_bytes(archive[: len(archive) // 2])
        case "abîmé":
            fichier.write_bytes(archive[:3000] + b"\0" * 500 + archive[3500:])
        case "vide":
            fichier.write_bytes(b"")
        case "deux csv":
            zipper(ETABLISSEMENTS, UNITES, dans=fichier)
        case "image":
            fichier.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\xff")
        case "parquet tronqué":
            pl.read_csv(ETABLISSEMENTS, infer_schema=False).write_parquet(fichier)
            fichier.write_bytes(fichier.read_bytes()[:-200])
        case "dossier":
            fichier.mkdir()
    with pytest.raises(FichierIllisible) as refus:
        importer_ici(fichier)
    assert str(refus.value).endswith(".")
    assert Fiche.objects.count() == 328
    assert Importation.objects.count() == 1
    assert not any(t.endswith("_neuve") for t in tables_du_repertoire())


def test_deux_fois_moins_de_lignes_demande_confirmation(ecrire_stock: EcrireStock) -> None:
    importer_ici()
    petit = ecrire_stock("e.csv", *lignes(ETABLISSEMENTS)[:100])
    with pytest.raises(ImportRefuse, match="que 100 établissements ; le répertoire en place en a 328"):
        importer_ici(petit)
    assert Fiche.objects.count() == 328
    importer_ici(petit, forcer=True)
    assert Fiche.objects.count() == 100


@pytest.mark.parametrize(("gardees", "refusees"), [(312, False), (311, True)])
def test_des_cinq_pour_cent_de_moins_il_faut_le_vouloir(
    ecrire_stock: EcrireStock, gardees: int, refusees: bool
) -> None:
    """328 en place : 311,6 en est les 95 %."""
    importer_ici()
    moindre = ecrire_stock("e.csv", *lignes(ETABLISSEMENTS)[:gardees])
    if refusees:
        with pytest.raises(ImportRefuse, match="relancez avec --forcer"):
            importer_ici(moindre)
    assert importer_ici(moindre, forcer=refusees).fiches == gardees


@pytest.mark.parametrize("part", [0.9, 0.99, 1])
def test_un_fichier_coupe_se_voit_a_sa_derniere_ligne(tmp_path: Path, part: float) -> None:
    """Coupé au dernier signe, il a encore le bon nombre de colonnes : seul le saut de ligne manque."""
    importer_ici()
    entier = ETABLISSEMENTS.read_bytes()
    coupe = tmp_path / "coupe.csv"
    coupe.write_bytes(entier[: int(len(entier) * part) - 1])
    for fichier in (coupe, zipper(coupe, dans=tmp_path / "coupe.zip")):
        with pytest.raises(FichierIllisible, match="n'est pas finie : le fichier est coupé"):
            importer_ici(fichier, forcer=True)
    assert Fiche.objects.count() == 328


def test_un_fichier_sans_ligne_lisible_est_refuse(ecrire_stock: EcrireStock) -> None:
    with pytest.raises(ImportRefuse, match="aucune ligne lisible"):
        importer_ici(ecrire_stock("e.csv"))


def test_le_second_import_garde_noms_et_contraintes() -> None:
    avant = structure()
    assert len([nom for nom, _ in avant if "." in nom]) >= 4
    importer_ici()
    importer_ici()
    assert structure() == avant


def test_deux_imports_a_la_fois_sont_refuses() -> None:
    with autre_connexion() as autre:
        autre.execute("SELECT pg_advisory_xact_lock(%s)", [actions.VERROU])
        with pytest.raises(ImportRefuse, match="Un autre import du répertoire est en cours"):
            importer_ici()
    assert importer_ici().fiches == 328


@pytest.fixture
def lecteur() -> Iterator[list[object]]:
    """Un site qui lit sans arrêt ; la liste reçoit tout ce qu'il n'aurait pas dû voir."""
    fini, ecarts = threading.Event(), list[object]()
    lectures = 0

    def lire() -> None:
        nonlocal lectures
        try:
            while not fini.is_set():
                fiche = trouver(OUVERT)
                nombre = Fiche.objects.count()
                lectures += 1
                if fiche is None or fiche.denomination != "AGA" or nombre != 328:
                    ecarts.append((fiche, nombre))
        except Exception as erreur:  # noqa: BLE001 - une lecture en panne est un écart
            ecarts.append(erreur)
        finally:
            connection.close()

    importer_ici()
    fils = [threading.Thread(target=lire) for _ in range(2)]
    for fil in fils:
        fil.start()
    yield ecarts
    fini.set()
    for fil in fils:
        fil.join()
    assert lectures > 10


def test_aucun_lecteur_ne_voit_un_repertoire_vide(lecteur: list[object]) -> None:
    for _ in range(5):
        importer_ici()
    assert lecteur == []


def test_un_lecteur_au_long_cours_retarde_l_echange_sans_bloquer_les_autres() -> None:
    importer_ici()
    liberer = threading.Event()
    with autre_connexion() as autre:
        autre.execute("SELECT count(*) FROM repertoire_fiche")  # transaction ouverte : verrou de lecture gardé
        finies: list[Importation] = []

        def en_fond() -> None:
            finies.append(importer_ici())
            connection.close()

        fil = threading.Thread(target=en_fond)
        fil.start()
        with autre_connexion() as troisieme:
            for _ in range(20):
                troisieme.execute("SELECT count(*) FROM repertoire_fiche")
                troisieme.commit()
                liberer.wait(0.1)
        assert not finies
        autre.commit()
        fil.join()
    assert finies[0].fiches == 328


def test_la_commande_charge_l_echantillon_et_le_dit(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sirene", "etat")
    assert "Le répertoire est vide" in capsys.readouterr().out
    call_command("sirene", "importer", "--echantillon")
    lu = capsys.readouterr()
    assert "328 établissements (StockEtablissement_echantillon.csv)" in lu.out
    assert "Lecture de StockEtablissement_echantillon.csv : 100 %" in lu.err
    call_command("sirene", "etat")
    assert "181 unités légales" in capsys.readouterr().out


def test_la_commande_refuse_en_une_phrase(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Il faut --etablissements FICHIER et --unites FICHIER"):
        call_command("sirene", "importer")
    with pytest.raises(CommandError, match=r"n'existe pas\."):
        call_command("sirene", "importer", etablissements=tmp_path / "rien", unites=UNITES)

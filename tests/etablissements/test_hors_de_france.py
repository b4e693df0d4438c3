"""Un employeur établi à l'étranger ou à Monaco ouvre son espace comme un autre, du répertoire à sa fiche."""

from __future__ import annotations

import csv
from typing import Any

import polars as pl
import pytest
from django.test import Client

from apart.etablissements.models import DemandeEspace, Etablissement
from apart.repertoire import mise_en_forme
from apart.repertoire.actions import ECHANTILLON
from apart.repertoire.models import Fiche
from apart.socle import saisies
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import agent
from tests.etablissements.parcours import SAISIE, SIRET, donner_siret, fiche, lus, ouvrir, recevoir_lien, relire
from tests.migrations import migrer
from tests.monde import etablissement, habiliter
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = pytest.mark.jour
HAMBOURG, SEMPACH = "43524614500013", "38960098200018"
ADRESSE = ("numero_voie", "extension_voie", "type_voie", "libelle_voie", "complement", "code_postal", "ville", "pays")


def de_l_echantillon(siret: str) -> Fiche:
    """La fiche que l'import tire de la vraie ligne de l'INSEE."""
    with (ECHANTILLON / "StockEtablissement_echantillon.csv").open(encoding="utf-8", newline="") as flux:
        brute = next(ligne for ligne in csv.DictReader(flux) if ligne["siret"] == siret)
    (lue,) = mise_en_forme.fiches(pl.DataFrame([{"ligne": 2, **brute}])).gardees.to_dicts()
    numeros = {"siret": siret, "unite_id": lue.pop("siren")}
    return Fiche.objects.create(
        **{nom: "" if v is None and nom != "fermee_le" else v for nom, v in (lue | numeros).items()}
    )


def a_monaco() -> Fiche:
    return fiche(
        type_voie="AVENUE", libelle_voie="DES CITRONNIERS", code_postal="98000", ville="MONACO", pays="MONACO"
    )


@pytest.fixture(params=[HAMBOURG, SEMPACH, SIRET], ids=["Allemagne", "Suisse", "Monaco"])
def ailleurs(request: pytest.FixtureRequest, db: None) -> Fiche:
    siret: str = request.param
    return a_monaco() if siret == SIRET else de_l_echantillon(siret)


def formulaire(client: Client, siret: str) -> tuple[str, Any]:
    chemin = donner_siret(client, siret)["Location"]
    return chemin, client.get(chemin)


def saisir(page: Any, **changements: str) -> dict[str, str]:
    """Ce qu'une personne enverrait : l'adresse telle que la page la porte, le reste de sa main."""
    de_la_page = {nom: lus(page).get(nom, "") for nom in ADRESSE}
    return SAISIE | de_la_page | changements | preuve("creation-espace")


def test_le_formulaire_rempli_par_le_repertoire_s_envoie_tel_quel_et_ouvre_l_espace(
    client: Client, boite: Boite, ailleurs: Fiche
) -> None:
    chemin, page = formulaire(client, ailleurs.siret)
    assert lus(page)["pays"] == ailleurs.pays
    assert "Hors de France, le répertoire range mal les adresses" in page.text
    assert client.post(chemin, saisir(page)).status_code == 302
    travailler()
    lettre = boite.recevoir_une()
    relue = relire(client, lettre)
    assert {nom: lus(relue).get(nom, "") for nom in ADRESSE} == {nom: getattr(ailleurs, nom) for nom in ADRESSE}

    ouvrir(client, lettre)

    ouvert = Etablissement.objects.get()
    assert ouvert.adresse == ailleurs.adresse
    assert ouvert.adresse.endswith(f", {ailleurs.pays}")
    marie = ouvert.habilitations.get().utilisateur
    client.force_login(marie)
    assert ouvert.adresse in client.get(f"/etablissements/{ouvert.siret}/").text
    habiliter(marie, etablissement("55208131766522", "Garage"))  # seul, il s'ouvre sans passer par la liste
    assert f"{ailleurs.ville}, {ailleurs.pays}" in client.get("/mon-espace/").text


def test_la_reconnaissance_pendant_la_frappe_dit_le_pays(client: Client, ailleurs: Fiche) -> None:
    reconnu = client.get(f"/espace/siret/{ailleurs.siret}/").json()
    assert reconnu["ville"] == f"{ailleurs.ville}, {ailleurs.pays}"


def test_le_bureau_voit_le_pays_a_cote_de_la_ville(client: Client, ailleurs: Fiche) -> None:
    client.force_login(agent())
    page = client.get(f"/agents/assistance/{depot(siret=ailleurs.siret).demande.pk}/").text
    assert f"{ailleurs.ville}, {ailleurs.pays}" in page


@pytest.mark.django_db
def test_le_code_postal_n_est_obligatoire_qu_en_france(client: Client) -> None:
    fiche()
    chemin, page = formulaire(client, SIRET)
    assert obligatoire(page) is True

    en_france = client.post(chemin, saisir(page, code_postal=""))
    a_l_etranger = client.post(chemin, saisir(page, code_postal="", ville="", pays="Irlande"))

    assert (en_france.status_code, obligatoire(en_france)) == (200, True)
    assert (a_l_etranger.status_code, obligatoire(a_l_etranger)) == (200, False)  # il y manque la ville
    assert client.post(chemin, saisir(page, code_postal="", pays="Irlande")).status_code == 302


def obligatoire(page: Any) -> bool:
    (champ,) = [morceau for morceau in page.text.split("<input") if 'name="code_postal"' in morceau.split(">")[0]]
    return "aria-required" in champ.split(">")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ({"code_postal": "92158 CEDEX", "pays": "France"}, ("92158", "")),
        ({"code_postal": "92158 Paris La Défense Cedex", "pays": ""}, ("92158", "")),
        ({"code_postal": "75 011", "pays": "FRANCE"}, ("75011", "")),
        ({"code_postal": "98000", "pays": ""}, ("98000", "")),
        ({"code_postal": "98000", "pays": "Monaco"}, ("98000", "Monaco")),
        ({"code_postal": "sw1a 1aa", "pays": "Royaume-Uni"}, ("SW1A 1AA", "Royaume-Uni")),
        ({"code_postal": "CH‑6203", "pays": "Suisse"}, ("CH-6203", "Suisse")),
    ],
)
def test_le_code_postal_se_lit_d_apres_le_pays(client: Client, tape: dict[str, str], garde: tuple[str, str]) -> None:
    fiche()
    chemin, page = formulaire(client, SIRET)
    assert client.post(chemin, saisir(page, **tape)).status_code == 302
    demande = DemandeEspace.objects.get()
    assert (demande.code_postal, demande.pays) == garde


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tape", "phrase"),
    [
        ({"code_postal": "6203", "pays": ""}, "Hors de France, remplissez aussi le pays."),
        ({"code_postal": "SW1A 1AA", "pays": "france"}, "En France, un code postal a 5 chiffres."),
        ({"code_postal": "<b>", "pays": "Suisse"}, "Un code postal a de 2 à 12 lettres ou chiffres."),
        ({"code_postal": "6203", "pays": "41"}, "Écrivez le nom du pays en toutes lettres."),
    ],
)
def test_ce_qui_ne_va_pas_se_dit_avant_et_apres_la_preuve(
    client: Client, boite: Boite, tape: dict[str, str], phrase: str
) -> None:
    fiche()
    chemin, page = formulaire(client, SIRET)
    refuse = client.post(chemin, saisir(page, **tape))
    relu = ouvrir(client, recevoir_lien(client, boite), **tape)
    assert (refuse.status_code, relu.status_code) == (200, 400)
    for refus in (refuse, relu):
        assert phrase in refus.text.replace("\u00a0", " ")
        assert {nom: lus(refus).get(nom, "") for nom in tape} == tape


def test_un_pays_corrige_apres_la_preuve_est_celui_qui_reste(client: Client, boite: Boite, ailleurs: Fiche) -> None:
    lettre = recevoir_lien(client, boite, ailleurs.siret, code_postal="", pays="Autriche")
    ouvrir(client, lettre, pays="Danemark", code_postal="dk-1050")
    ouvert = Etablissement.objects.get()
    assert ouvert.adresse == "12 rue des Lilas, DK-1050 Paris, Danemark"


def test_le_plus_long_code_postal_qui_se_lit_tient_dans_sa_colonne() -> None:
    largeurs = {champ.name: champ.max_length for champ in DemandeEspace._meta.concrete_fields}
    assert len(saisies.code_postal("A" * 12, pays="Ailleurs")) == largeurs["code_postal"]


@pytest.mark.django_db
def test_la_migration_se_defait_sans_perdre_l_adresse() -> None:
    lac = etablissement(SIRET, "Boulangerie du Lac")
    londres = etablissement(HAMBOURG, "Londres")
    hambourg = etablissement(SEMPACH, "Hambourg")
    for lieu, code, ville, pays in (
        (londres, "SW1A 1AA", "LONDRES", "ROYAUME-UNI"),
        (hambourg, "20099", "HAMBOURG", "ALLEMAGNE"),
    ):
        Etablissement.objects.filter(pk=lieu.pk).update(code_postal=code, ville=ville, pays=pays)

    avant = migrer(("etablissements", "0007_telephones_du_monde")).get_model("etablissements", "Etablissement")

    assert dict(avant.objects.values_list("pk", "ville")) == {
        lac.pk: "Annecy",
        londres.pk: "SW1A 1AA LONDRES, ROYAUME-UNI",
        hambourg.pk: "HAMBOURG, ALLEMAGNE",
    }
    assert set(avant.objects.values_list("code_postal", flat=True)) == {"74000", "", "20099"}
    apres = migrer(("etablissements", "0008_pays")).get_model("etablissements", "Etablissement")
    assert set(apres.objects.values_list("pays", flat=True)) == {""}

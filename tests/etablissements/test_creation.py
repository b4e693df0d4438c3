"""« CRÉER MON ESPACE » : cas n° 1, la même personne pour un second établissement, et les SIRET refusés."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from apart.comptes.models import CodeSecours, Utilisateur
from apart.etablissements.actions import espace
from apart.etablissements.models import DemandeEspace, Etablissement, Habilitation, Preuve, Role
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import (
    MOT_DE_PASSE,
    SAISIE,
    SIRET,
    donner_siret,
    fiche,
    lus,
    ouvrir,
    recevoir_lien,
    remplir,
    secret,
)
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

AUTRE_SIRET = "35600000024221"  # La Poste : la clé suit sa propre règle


def test_une_personne_ouvre_son_espace_du_siret_a_l_identifiant(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)

    page = ouvrir(client, lettre)

    marie = Utilisateur.objects.get(courriel="marie@boulangerie-durand.fr")
    assert page.status_code == 200
    assert marie.identifiant_lisible in page.content.decode()
    assert marie.check_password(MOT_DE_PASSE)
    habilitation = Habilitation.objects.get(utilisateur=marie, etablissement__siret=SIRET)
    assert (habilitation.role, habilitation.preuve) == (Role.PRINCIPAL, Preuve.COURRIEL)


def test_deux_messages_suivent_l_ouverture_l_identifiant_puis_l_habilitation(client: Client, boite: Boite) -> None:
    fiche()
    ouvrir(client, recevoir_lien(client, boite))

    lettres = boite.recevoir()
    identifiant, habilitation = [lettre for lettre in lettres if lettre.a == SAISIE["courriel_utilisateur"]]

    assert [lettre.a for lettre in lettres if lettre.a != identifiant.a] == [SAISIE["courriel"]]  # sa vérification
    assert Utilisateur.objects.get().identifiant_lisible in identifiant.texte
    assert habilitation.objet.startswith("Habilitation à l'activité partielle")
    assert "Ouvert dès maintenant" in habilitation.texte
    assert "Attend une preuve" in habilitation.texte
    assert Utilisateur.objects.get().identifiant_lisible not in habilitation.texte


def test_le_code_de_secours_n_est_montre_qu_une_fois_et_garde_hache(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)

    page = ouvrir(client, lettre).content.decode()
    seconde = ouvrir(client, lettre)

    assert CodeSecours.objects.get().empreinte not in page
    assert "Code de secours" in page
    assert seconde.status_code == 410
    assert "Ce lien a déjà servi" in seconde.content.decode()


def test_le_code_tape_ouvre_comme_le_lien(client: Client, boite: Boite) -> None:
    fiche()
    messagerie = remplir(client)["Location"]
    travailler()
    code = boite.recevoir_une().code

    page = client.post(messagerie, {"code": code.lower().replace("-", " ")})

    assert "Vérifier vos informations" in page.content.decode()
    page = client.post("/espace/ouvrir/", lus(page))
    assert "Choisir votre mot de passe" in page.content.decode()


def test_le_fax_saisi_se_lit_sur_la_page_de_l_etablissement(client: Client, boite: Boite) -> None:
    fiche()
    ouvrir(client, recevoir_lien(client, boite, fax="01 02 03 04 99"))
    client.force_login(Utilisateur.objects.get())

    assert "01 02 03 04 99" in lu(client.get(f"/etablissements/{SIRET}/"))


def test_la_page_messagerie_masque_l_adresse_et_donne_l_heure_limite(client: Client) -> None:
    fiche()
    with time_machine.travel("2026-11-23T10:02:00+00:00", tick=False):
        page = client.get(remplir(client)["Location"]).content.decode()

    assert "m•••e@b•••d.fr" in page
    assert "marie@boulangerie-durand.fr" not in page
    assert "12\u00a0h\u00a002, heure de Paris" in page


def test_le_formulaire_est_rempli_par_le_repertoire(client: Client) -> None:
    fiche(numero_voie="8", type_voie="AVENUE")

    page = client.get(donner_siret(client)["Location"]).content.decode()

    assert "Vos informations ont été renseignées, vous pouvez les modifier si besoin." in page
    assert 'value="BOULANGERIE DURAND"' in page
    assert 'value="AVENUE"' in page


def test_un_siret_absent_du_repertoire_laisse_continuer_a_confirmer(client: Client, boite: Boite) -> None:
    page = client.get(donner_siret(client)["Location"]).content.decode()
    ouvrir(client, recevoir_lien(client, boite))

    assert "Ce SIRET n'est pas au répertoire" in page
    assert Etablissement.objects.get().est_a_confirmer


@pytest.mark.parametrize(
    ("siret", "phrase"),
    [
        ("7328293200007", "Ce numéro a 13 chiffres, il en faut 14."),
        ("732829320", "c'est un SIREN"),
        ("73282932000075", "faute de frappe"),
        ("7328293200007A", "ne contient que des chiffres"),
        ("", "Indiquez le numéro de SIRET de l'établissement\u00a0: 14 chiffres."),
    ],
)
def test_chaque_siret_faux_a_sa_phrase_et_reste_dans_le_champ(client: Client, siret: str, phrase: str) -> None:
    page = donner_siret(client, siret).content.decode()

    assert phrase in page.replace("&#x27;", "'")
    assert f'value="{siret}"' in page or not siret


def test_un_etablissement_ferme_dit_depuis_quand(client: Client) -> None:
    fiche(est_fermee=True, fermee_le=date(2024, 3, 31))

    page = donner_siret(client).content.decode()

    assert "fermé depuis le 31 mars 2024" in page


def test_sans_la_case_des_conditions_on_ne_va_pas_plus_loin(client: Client) -> None:
    fiche()

    page = client.post("/espace/creer/", {"siret": SIRET} | preuve("creer-espace"))

    assert "Cochez cette case pour continuer" in page.content.decode()


def test_sans_javascript_l_etablissement_reconnu_se_montre_aussi(client: Client) -> None:
    """À côté de ce qui manque, puis en tête de la page suivante."""
    fiche()
    avec_un_manque = donner_siret(client, cgu="").content.decode()
    suivante = client.get(donner_siret(client)["Location"]).content.decode()

    succes = r'<div class="fr-alert fr-alert--success[^>]*>\s*<p class="fr-text--bold">BOULANGERIE DURAND'
    assert re.search(rf'role="status">\s*{succes}</p>\s*<p>PARIS</p>', avec_un_manque)
    assert re.search(rf"{succes}</p>\s*<p>PARIS</p>", suivante)


def test_valider_n_est_jamais_grise(client: Client) -> None:
    page = client.get("/espace/creer/").content.decode()

    assert re.search(r'<button class="fr-btn" type="submit">VALIDER</button>', page)
    script = finders.find("etablissements/siret.js")
    assert isinstance(script, str)
    assert "disabled" not in Path(script).read_text()


def test_une_faute_dans_le_formulaire_garde_tout_ce_qui_est_tape(client: Client) -> None:
    fiche()
    formulaire = donner_siret(client)["Location"]

    page = client.post(formulaire, SAISIE | {"code_postal": "7501"} | preuve("creation-espace")).content.decode()

    assert "En France, un code postal a 5 chiffres" in page
    for valeur in ("Boulangerie Durand", "01 02 03 04 05", "marie@boulangerie-durand.fr", "Durand", "Marie"):
        assert f'value="{valeur}"' in page


@pytest.mark.parametrize(
    "numero", ["01 02 03 04 05", "0590 20 40 60", "0262 20 20 20", "+596 596 60 60 60", "0687654321"]
)
def test_les_telephones_de_france_et_d_outre_mer_passent(client: Client, numero: str) -> None:
    fiche()

    assert remplir(client, telephone_fixe=numero).status_code == 302


def test_une_adresse_mal_tapee_recoit_une_proposition(client: Client) -> None:
    fiche()
    faute = {"courriel_utilisateur": "marie@gmial.com", "confirmer_courriel_utilisateur": "marie@gmial.com"}

    page = remplir(client, **faute).content.decode()

    assert "marie@gmail.com" in page


def test_la_meme_personne_ouvre_un_second_etablissement_avec_un_seul_identifiant(client: Client, boite: Boite) -> None:
    fiche()
    fiche(AUTRE_SIRET)
    ouvrir(client, recevoir_lien(client, boite))
    boite.recevoir()

    premiere = client.get(remplir(client, AUTRE_SIRET)["Location"]).content.decode()
    travailler()
    lettre = boite.recevoir_une()
    page = ouvrir(client, lettre, mot_de_passe=None).content.decode()

    assert "déjà un identifiant" in lettre.texte
    assert "déjà" not in premiere
    assert "L'établissement est ajouté à votre identifiant" in page.replace("&#x27;", "'")
    marie = Utilisateur.objects.get()
    assert marie.check_password(MOT_DE_PASSE)
    assert set(Etablissement.objects.visibles_par(marie).values_list("siret", flat=True)) == {SIRET, AUTRE_SIRET}


def test_corriger_l_adresse_ne_fait_rien_retaper(client: Client) -> None:
    fiche()
    messagerie = remplir(client)["Location"]
    retour = f"/espace/creer/formulaire/{messagerie.split('/')[4]}/"

    page = client.get(retour).content.decode()
    client.post(retour, SAISIE | {"prenom": "Marion"} | preuve("creation-espace"))

    assert 'value="Boulangerie Durand"' in page
    assert DemandeEspace.objects.get().prenom == "Marion"


def test_un_lien_expire_en_redemande_un_d_un_clic(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        refus = client.get(lettre.chemin)
        client.post("/espace/ouvrir/renouveler/", {"jeton": secret(lettre)})
        nouvelle = boite.recevoir_une()
        page = ouvrir(client, nouvelle)

    assert refus.status_code == 410
    assert "Ce lien a expiré\u00a0: il valait 60 minutes." in refus.content.decode()
    assert "Votre espace est ouvert" in page.content.decode()


def test_une_question_secrete_choisie_a_l_ouverture_est_hachee(client: Client, boite: Boite) -> None:
    fiche()
    ouvrir(client, recevoir_lien(client, boite), question="animal", reponse="Médor le chien")

    question = Utilisateur.objects.get().question_secrete
    assert question.question == "animal"
    assert "medor" not in question.empreinte.lower()
    assert question.empreinte.startswith("argon2")


def test_une_reponse_secrete_devinable_est_refusee(client: Client, boite: Boite) -> None:
    fiche()

    page = ouvrir(client, recevoir_lien(client, boite), question="animal", reponse="durand").content.decode()

    assert "se devine trop facilement" in page
    assert not Utilisateur.objects.exists()


def test_une_demande_jamais_prouvee_disparait_apres_sept_jours(client: Client) -> None:
    fiche()
    remplir(client)
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert espace.purger_demandes() == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert espace.purger_demandes() == 1

    assert not DemandeEspace.objects.exists()


def test_la_recherche_pendant_la_frappe_ne_dit_que_le_repertoire(client: Client, boite: Boite) -> None:
    fiche()
    avant = client.get(f"/espace/siret/{SIRET}/").json()
    ouvrir(client, recevoir_lien(client, boite))

    assert avant == client.get(f"/espace/siret/{SIRET}/").json()
    assert avant == {"etat": "ouvert", "denomination": "BOULANGERIE DURAND", "ville": "PARIS"}


@pytest.mark.menace("T7")
def test_t7_changer_d_adresse_dans_son_reseau_ipv6_ne_donne_pas_plus_de_siret() -> None:
    for i in range(21):
        reponse = Client(REMOTE_ADDR=f"2001:db8:1:2::{i:x}").post("/espace/creer/", {"siret": SIRET})

    assert reponse.status_code == 429
    assert int(reponse.headers["Retry-After"]) > 0

"""Cas n° 2.1, réglé : l'accès change de main. CAPTURES=1 garde les images de docs/reprises.md."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import FilePayload, Page

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions import preuves
from apart.reprises.models import Reprise
from tests.etablissements.parcours import MOT_DE_PASSE, fiche, ouvrir_directement
from tests.monde import personne
from tests.navigateurs.gestes import CHACUN_SON_MODE, Parcours, expect, poster, remplir, se_connecter, titre
from tests.navigateurs.test_cas_2 import deja_connu
from tests.navigateurs.test_lettre import imprimer_le_lot
from tests.navigateurs.visites import connecter
from tests.reprises.gens import agent
from tests.reprises.test_pieces import PDF

pytestmark = CHACUN_SON_MODE
LEA = "lea@boulangerie-durand.fr"
ESPACE = "/etablissements/73282932000074/"
IMAGES = Path(__file__).parents[2] / "docs" / "images" / "reprises"


def capturer(page: Page, nom: str) -> None:
    """Dans Chromium seul : Playwright ajoute un style aux pages que Firefox photographie, et la nôtre le refuse."""
    navigateur = page.context.browser
    if os.environ.get("CAPTURES") and navigateur and navigateur.browser_type.name == "chromium":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{nom}.png", full_page=True, caret="initial")


@pytest.fixture
def marie(parcours: Parcours) -> Utilisateur:
    """Marie a ouvert l'espace, fait vérifier l'adresse de l'établissement, prouvé par lettre, puis est partie."""
    fiche()
    tenue = ouvrir_directement(parcours.boite)
    Etablissement.objects.update(
        courriel_prouve_le=timezone.now(), courriel_pose_par=tenue, cree_le=timezone.now() - timedelta(days=90)
    )
    Habilitation.objects.update(preuve=Preuve.LETTRE, valeur=Preuve.LETTRE, du=timezone.now() - timedelta(days=90))
    return tenue


def demander(parcours: Parcours, page: Page) -> None:
    """De la porte jusqu'au suivi."""
    deja_connu(parcours, page)
    page.get_by_role("link", name="Reprendre l'accès").click()
    titre(page, "Reprendre l'accès d'un établissement")
    page.locator("label").filter(has_text="est partie").click()
    remplir(
        page,
        {
            "Nom": "Blanc",
            "Prénom": "Léa",
            "Votre fonction dans l'entreprise": "gérante",
            "Téléphone": "06 11 22 33 44",
            "Courriel professionnel": LEA,
        },
    )
    capturer(page, "demander")
    parcours.envoyer(page, "Continuer")
    titre(page, "Consultez votre messagerie")
    page.goto(parcours.lettre().lien)
    titre(page, "Confirmer votre adresse")
    page.get_by_role("button", name="Continuer").click()
    titre(page, "Relire votre demande")
    page.get_by_role("button", name="Confirmer et choisir une preuve").click()
    titre(page, "Reprise d'accès RA-")
    capturer(page, "suivi")
    parcours.courrier()


def entrer(parcours: Parcours, lien: str) -> Page:
    """Léa ouvre son message dans un autre navigateur, choisit son mot de passe, et se connecte ; rend sa page."""
    page = parcours.ailleurs()
    page.goto(lien)
    titre(page, "Entrer dans l'espace")
    page.get_by_role("button", name="Continuer").click()
    titre(page, "Choisir votre mot de passe")
    choisir_mot_de_passe_et_entrer(page)
    titre(page, "Votre espace est ouvert")
    se_connecter(page, Utilisateur.objects.get(courriel=LEA).identifiant_lisible, MOT_DE_PASSE)
    expect(page.get_by_role("main")).to_contain_text("732 829 320 00074")
    return page


def choisir_mot_de_passe_et_entrer(page: Page) -> None:
    page.locator("input[type=password]").first.fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Entrer", exact=True).click()


def lien_pour_lea(parcours: Parcours) -> str:
    """Le dernier de ses messages : ceux qui suivaient sa demande le précèdent."""
    return next(le.lien for le in parcours.courrier() if le.a == LEA and le.objet.startswith("Entrer dans l'espace"))


def test_par_le_code_envoye_a_l_etablissement(parcours: Parcours, marie: Utilisateur) -> None:
    page = parcours.visiteur
    demander(parcours, page)

    page.get_by_role("button", name="Envoyer le code").click()
    expect(page.get_by_role("main")).to_contain_text("Le code est parti vers")
    code = next(lettre.code for lettre in parcours.courrier() if lettre.a == "contact@boulangerie-durand.fr")
    remplir(page, {"Code reçu à l'adresse de l'établissement": code})
    page.get_by_role("button", name="Reprendre l'accès").click()
    expect(page.get_by_role("main")).to_contain_text("est à vous")

    entrer(parcours, lien_pour_lea(parcours))


def test_par_l_accord_d_un_collegue(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    victor = personne("Petit", "Victor", "victor@boulangerie-durand.fr")
    Habilitation.objects.create(
        utilisateur=victor, etablissement=Etablissement.objects.get(), role=Role.MEMBRE, preuve=5, valeur=5
    )
    page = parcours.visiteur
    demander(parcours, page)
    page.get_by_role("button", name="Demander cet accord").click()
    expect(page.get_by_role("main")).to_contain_text("partie aux personnes qui ont un accès")

    collegue = parcours.ailleurs()
    connecter(collegue.context, victor, serveur)
    collegue.goto(ESPACE)
    collegue.get_by_role("link", name="Répondre").click()
    titre(collegue, "Répondre d'un collègue")
    capturer(collegue, "accord")
    collegue.get_by_role("button", name="Je réponds de Léa Blanc").click()
    expect(collegue.get_by_role("main")).to_contain_text("a maintenant l'accès")

    entrer(parcours, lien_pour_lea(parcours))


def test_par_le_domaine_apres_72_heures_sans_opposition(parcours: Parcours, marie: Utilisateur) -> None:
    page = parcours.visiteur
    demander(parcours, page)
    page.get_by_role("button", name="Employer mon adresse").click()
    expect(page.get_by_role("main")).to_contain_text("sans opposition")
    parcours.courrier()

    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        preuves.executer_les_echues()
        lien = lien_pour_lea(parcours)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("est à vous")

    entrer(parcours, lien)


def test_opposee_puis_levee_puis_rappelee_puis_defaite(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    """L'ancienne s'oppose sans se connecter ; deux agents lèvent, puis rendent l'accès ; Léa entre ; ils défont."""
    page = parcours.visiteur
    demander(parcours, page)
    page.get_by_role("button", name="Employer mon adresse").click()
    avis = next(lettre for lettre in parcours.courrier() if lettre.a == marie.courriel)
    ancienne = parcours.ailleurs()
    ancienne.goto(avis.lien)
    titre(ancienne, "Une reprise d'accès vous concerne")
    capturer(ancienne, "opposition")
    ancienne.get_by_role("button", name="Je m'y oppose").click()
    ancienne.get_by_role("button", name="Je m'y oppose").click()
    titre(ancienne, "Votre opposition est enregistrée")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("met la demande en pause")

    paul, sophie = parcours.ailleurs(), parcours.ailleurs()
    connecter(paul.context, agent("Paul"), serveur)
    connecter(sophie.context, agent("Sophie"), serveur)
    dossier = f"/agents/reprises/{Reprise.objects.get().pk}/"
    paul.goto("/agents/reprises/")
    capturer(paul, "file")
    paul.goto(dossier)
    agir(paul, "Proposer de lever l'opposition", "Elle a quitté l'entreprise le 30/09.")
    sophie.goto(dossier)
    agir(sophie, "Lever l'opposition", "Son départ est au registre du personnel.")
    nadia = parcours.ailleurs()  # qui a levé l'opposition n'approuve pas
    connecter(nadia.context, agent("Nadia"), serveur)
    rendre_sur_un_rappel(paul, nadia, dossier)
    lea = entrer(parcours, lien_pour_lea(parcours))

    defaire_a_deux(sophie, paul, dossier)
    lea.goto(ESPACE)
    titre(lea, "Mon espace personnel")  # la page de connexion : sa session est fermée
    se_connecter(lea, Utilisateur.objects.get(courriel=LEA).identifiant_lisible, MOT_DE_PASSE)
    expect(lea.get_by_role("main")).to_contain_text("a pris fin le")
    expect(lea.get_by_role("link", name="Boulangerie Durand")).to_have_count(0)
    se_connecter(ancienne, marie.identifiant_lisible, MOT_DE_PASSE)
    expect(ancienne.get_by_role("main")).to_contain_text("732 829 320 00074")


def defaire_a_deux(une: Page, autre: Page, dossier: str) -> None:
    une.goto(dossier)
    agir(une, "Proposer de défaire", "Le comptable s'était trompé.")
    autre.goto(dossier)
    confirmer(autre, "Défaire : rendre l'accès d'avant")
    expect(autre.get_by_role("main")).to_contain_text("La reprise est défaite")


def rendre_sur_un_rappel(paul: Page, sophie: Page, dossier: str) -> None:
    """Paul rappelle au numéro du dossier et propose, Sophie approuve."""
    paul.goto(dossier)
    paul.get_by_text("Noter un rappel").click()
    poster(paul, paul.get_by_role("button", name="La personne a répondu à ce numéro"))
    agir(paul, "Proposer de rendre l'accès", "Rappelée au standard : le comptable confirme.")
    expect(paul.get_by_role("main")).to_contain_text("un autre agent")
    sophie.goto(dossier)
    capturer(sophie, "dossier")
    confirmer(sophie, "Approuver : l'accès change de main")
    expect(sophie.get_by_role("main")).to_contain_text("L'accès a changé de main")


def test_par_une_lettre_a_l_adresse_du_repertoire(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    """Léa la demande, un agent imprime, Léa lit le code et le tape sur sa page de suivi."""
    page, bureau = parcours.visiteur, parcours.ailleurs()
    demander(parcours, page)
    page.get_by_role("button", name="Demander la lettre").click()
    expect(page.get_by_role("main")).to_contain_text("Votre lettre attend d'être imprimée")
    rappel = next(lettre for lettre in parcours.courrier() if lettre.a == LEA)
    assert "où taper son code" in rappel.objet

    connecter(bureau.context, agent("Paul"), serveur)
    code = imprimer_le_lot(bureau)

    suivi = parcours.ailleurs()
    suivi.goto(rappel.lien)
    suivi.get_by_label("Code reçu par lettre").fill("00000-00000")
    suivi.get_by_role("button", name="Reprendre l'accès par ce code").click()
    expect(suivi.get_by_role("main")).to_contain_text("Il vous reste 2 essais")
    suivi.get_by_label("Code reçu par lettre").fill(code.lower().replace("-", " "))
    suivi.get_by_role("button", name="Reprendre l'accès par ce code").click()
    expect(suivi.get_by_role("main")).to_contain_text("est à vous")

    entrer(parcours, lien_pour_lea(parcours))


def test_par_une_attestation_que_deux_agents_relisent(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    page = parcours.visiteur
    demander(parcours, page)
    envoyer_les_deux_pieces(page)

    faire_approuver(parcours, serveur, "Proposer de rendre l'accès", "Approuver : l'accès change de main")

    entrer(parcours, lien_pour_lea(parcours))
    assert Habilitation.objects.principales().get().valeur == Preuve.REPRESENTANT


def test_un_membre_releve_sa_preuve_par_une_attestation(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    """Aucun accès ne bouge : Marie garde le sien, Victor gagne une preuve."""
    victor = personne("Petit", "Victor", "victor@boulangerie-durand.fr")
    Habilitation.objects.create(
        utilisateur=victor, etablissement=Etablissement.objects.get(), role=Role.MEMBRE, preuve=1, valeur=1
    )
    page = parcours.visiteur
    connecter(page.context, victor, serveur)
    page.goto("/etablissements/73282932000074/preuve/")
    titre(page, "Donner une preuve")
    page.get_by_role("button", name="Envoyer une attestation").click()
    titre(page, "Demande de preuve RA-")
    envoyer_les_deux_pieces(page)

    faire_approuver(parcours, serveur, "Proposer de relever la preuve", "Approuver : la preuve est relevée")

    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Votre preuve est relevée")
    valeurs = dict(Habilitation.objects.actives().values_list("utilisateur", "valeur"))
    assert valeurs == {marie.pk: Preuve.LETTRE, victor.pk: Preuve.REPRESENTANT}


def envoyer_les_deux_pieces(page: Page) -> None:
    """L'attestation et la pièce d'identité, d'un seul envoi, chacune sous son nom."""
    champs = {"attestation": "Attestation de l'employeur", "identite": "Pièce d'identité du"}
    for rang, (nom, champ) in enumerate(champs.items()):
        contenu = PDF.replace(b"1.7", b"1.%d" % (7 - rang))  # deux fichiers différents
        piece = FilePayload(name=f"{nom}.pdf", mimeType="application/pdf", buffer=contenu)
        page.get_by_label(re.compile(f"^{champ}")).set_input_files([piece])
    page.get_by_role("button", name="Envoyer mes pièces").click()
    for nom in champs:
        expect(page.get_by_role("main")).to_contain_text(f"{nom}.pdf")
    expect(page.get_by_role("main")).to_contain_text("Rien ne manque")


def faire_approuver(parcours: Parcours, serveur: str, proposer: str, approuver: str) -> None:
    """Paul propose, Sophie approuve."""
    paul, sophie = parcours.ailleurs(), parcours.ailleurs()
    connecter(paul.context, agent("Paul"), serveur)
    connecter(sophie.context, agent("Sophie"), serveur)
    dossier = f"/agents/reprises/{Reprise.objects.get().pk}/"
    paul.goto(dossier)
    agir(paul, proposer, "L'attestation et la pièce d'identité concordent.")
    sophie.goto(dossier)
    confirmer(sophie, approuver)
    expect(sophie.get_by_role("main")).to_contain_text("Chacun est prévenu")


def test_un_appelant_est_aide_au_telephone(parcours: Parcours, marie: Utilisateur, serveur: str) -> None:
    bureau = parcours.visiteur
    connecter(bureau.context, agent("Paul"), serveur)
    bureau.goto("/agents/reprises/")
    bureau.get_by_role("link", name="Ouvrir une reprise pour un appelant").click()
    titre(bureau, "Ouvrir une reprise pour un appelant")
    bureau.locator("label").filter(has_text="est partie").click()
    remplir(
        bureau,
        {
            "N° de Siret": "732 829 320 00074",
            "Nom de l'appelant": "Blanc",
            "Prénom de l'appelant": "Léa",
            "Fonction de l'appelant dans l'entreprise": "gérante",
            "Téléphone de l'appelant": "06 11 22 33 44",
            "Courriel de l'appelant": LEA,
        },
    )
    capturer(bureau, "telephone")
    bureau.get_by_role("button", name="Envoyer le lien à l'appelant").click()
    expect(bureau.get_by_role("main")).to_contain_text("Un lien part vers")
    page = parcours.ailleurs()
    page.goto(parcours.lettre().lien)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Confirmer et choisir une preuve").click()
    titre(page, "Reprise d'accès RA-")

    dossier, relecture = f"/agents/reprises/{Reprise.objects.get().pk}/", parcours.ailleurs()
    connecter(relecture.context, agent("Sophie"), serveur)
    bureau.goto(dossier)
    confirmer(bureau, "Examiner")
    rendre_sur_un_rappel(bureau, relecture, dossier)
    entrer(parcours, lien_pour_lea(parcours))


def agir(page: Page, geste: str, phrase: str) -> None:
    """Déplie le geste, écrit sa phrase, le fait."""
    bloc = page.locator("details").filter(has=page.get_by_text(geste, exact=True).first)
    bloc.locator("summary").click()
    bloc.locator("textarea").fill(phrase)
    poster(page, bloc.get_by_role("button"))


def confirmer(page: Page, geste: str) -> None:
    bloc = page.locator("details").filter(has=page.get_by_text(geste, exact=True).first)
    bloc.locator("summary").click()
    poster(page, bloc.get_by_role("button"))

"""Une messagerie qui retient nos messages plus longtemps que ne vaut leur lien : personne n'en reste sans."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

import apart
from apart.comptes.actions import adresse, recuperation
from apart.comptes.jetons import lire
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels import actions, limites
from apart.courriels.models import Courriel, CourrielRetenu, Demandeur, Sort
from apart.etablissements.actions import espace, rejoindre, reunion
from apart.etablissements.etats import EtatRejoindre
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import personne
from tests.scene import Scene

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HEURE_ET_UNE_MINUTE = timedelta(minutes=61)  # à chaque pas, un lien a expiré et un neuf est parti
TROP_TARD = "Refaites votre demande : un message n'a pas pu partir à temps"


@pytest.fixture
def marie() -> Utilisateur:
    with time_machine.travel(MIDI - timedelta(days=1), tick=False):
        return personne()


def vivre(boite: Boite, horloge: time_machine.Traveller, duree: timedelta, pas: timedelta = MINUTE) -> list[Lettre]:
    """Ce que reçoit la personne pendant cette durée, le travailleur passant à chaque pas."""
    recues = []
    for _ in range(duree // pas):
        recues += boite.recevoir()
        horloge.shift(pas)
    return recues


def reste_a_vivre(lettre: Lettre) -> timedelta:
    """Lève JetonRefuse si le lien ne vaut plus rien."""
    return lire(Usage.MOT_DE_PASSE, secret_de(lettre)).expire_le - timezone.now()


def secret_de(lettre: Lettre) -> str:
    return lettre.chemin.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("minutes", [34, 45, 50, 55, 59, 61, 90, 200])
def test_une_liste_grise_de_plus_de_33_minutes_laisse_un_lien_utilisable(
    boite: Boite, marie: Utilisateur, minutes: int
) -> None:
    boite.faire_patienter(timedelta(minutes=minutes))
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        recues: list[Lettre] = []
        while not recues:
            recues = vivre(boite, horloge, MINUTE)
            assert timezone.now() < MIDI + timedelta(minutes=minutes + 15)  # elle n'attend pas beaucoup plus
        recues += vivre(boite, horloge, MINUTE)  # le temps qu'un lien arrivé trop tard soit suivi d'un neuf
        assert reste_a_vivre(recues[-1]) >= actions.DUREE_UTILE - 2 * MINUTE
        assert vivre(boite, horloge, timedelta(hours=2), timedelta(minutes=10)) == []


@pytest.mark.parametrize("parcours", ["ouvrir un espace", "ajouter un établissement", "rejoindre"])
def test_un_lien_d_ouverture_ou_pour_rejoindre_se_renouvelle_aussi(boite: Boite, parcours: str) -> None:
    boite.faire_patienter(timedelta(minutes=61))
    with time_machine.travel(MIDI, tick=False) as horloge:
        scene = Scene()
        if parcours == "rejoindre":
            rejoindre.envoyer_lien(scene.rejoindre(EtatRejoindre.DEPOSEE))
        else:
            espace.envoyer_lien(scene.espace("principal" if parcours.startswith("ajouter") else "lea", 12))
        (lettre,) = vivre(boite, horloge, timedelta(minutes=65))
        assert "a retenu notre message" in " ".join(lettre.texte.split())
        assert Jeton.objects.vivants().du_secret(secret_de(lettre), Usage.CREATION, Usage.REJOINDRE).exists()


@pytest.mark.parametrize("quoi", ["la nouvelle adresse", "la réunion de deux comptes"])
def test_le_lien_qui_change_une_adresse_ou_reunit_deux_comptes_se_renouvelle_aussi(boite: Boite, quoi: str) -> None:
    """À son seul destinataire : l'adresse d'aujourd'hui sait déjà ce qui est demandé."""
    boite.faire_patienter(timedelta(minutes=61))
    with time_machine.travel(MIDI, tick=False) as horloge:
        scene = Scene()
        elle = scene.qui("principal")
        usage, a = Usage.NOUVELLE_ADRESSE, scene.adresse("neuve")
        if quoi == "la nouvelle adresse":
            adresse.demander(elle, courriel=a, par=elle)
        else:
            usage, a = Usage.REUNION, elle.courriel
            lien = scene.lien(Usage.NOUVELLE_ADRESSE, "voisin")
            reunion.prouver(lien, garde_l_autre=False, par=elle)
        recues = vivre(boite, horloge, timedelta(minutes=65))
        (lettre,) = [lettre for lettre in recues if lettre.a == a]
        assert "a retenu notre message" in " ".join(lettre.texte.split())
        assert Jeton.objects.vivants().du_secret(secret_de(lettre), usage).exists()


def test_tout_message_dont_le_lien_expire_en_une_heure_sait_se_renouveler() -> None:
    """Un envoi neuf, avec un lien et son heure limite, doit dire comment : RENOUVELER, dans apart.config."""
    appels = [
        appel
        for fichier in Path(apart.__path__[0]).rglob("*.py")
        for appel in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(appel, ast.Call) and getattr(appel.func, "id", "") == "mettre_en_file"
    ]
    limites = [appel for appel in appels if {"secrets", "expire_le"} <= {mot.arg for mot in appel.keywords}]
    modeles = {mot.value for appel in limites for mot in ast.walk(appel.args[0]) if isinstance(mot, ast.Constant)}
    d_un_jour_ou_plus = {"admission", "adresse_etablissement", "preuve_opposable", "reprise_avis"}
    d_un_jour_ou_plus |= {"facteur_perdu", "facteur_agent", "adresse_changee"}
    redemandes = {"preuve_code", "reprise_code"}  # un code, que qui l'attend redemande de sa page
    assert modeles - d_un_jour_ou_plus - redemandes == set(actions.RENOUVELER)


def test_un_lien_n_est_jamais_essaye_apres_son_heure_limite_mais_juste_avant(boite: Boite, marie: Utilisateur) -> None:
    boite.differer("451 4.7.1 Greylisted, try again later")
    essais = []
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        courriel = Courriel.objects.get()
        while courriel.prochain_essai_le < courriel.expire_le:
            horloge.move_to(max(courriel.prochain_essai_le, timezone.now()))
            essais.append((timezone.now() - MIDI) / MINUTE)
            assert boite.recevoir() == []
            courriel.refresh_from_db()
            assert courriel.prochain_essai_le <= courriel.expire_le
    assert essais[:6] == [0, 1, 3, 8, 18, 33]
    assert essais[-1] == 59


def test_le_lien_renouvele_se_dit_tel_dans_le_message_et_au_bureau(boite: Boite, marie: Utilisateur) -> None:
    boite.faire_patienter(timedelta(minutes=61))
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        (lettre,) = vivre(boite, horloge, timedelta(minutes=65))
    phrase = "a retenu notre message du 23 novembre à 12 h 00, heure de Paris"
    assert phrase in " ".join(lettre.texte.split())
    assert phrase in lettre.html
    assert "code" not in lettre.texte.partition("Vous n'êtes pas")[0]  # la page où le taper a expiré
    retenu, neuf = Courriel.objects.order_by("pk")
    assert (retenu.sort, neuf.sort) == (Sort.RENOUVELE, Sort.REMIS)
    assert "lien neuf" in retenu.explication.agent
    assert bytes(retenu.secrets) == b""
    assert lettre.enveloppe_de.partition("+")[2].startswith(retenu.numero.hex)


def test_un_rebond_du_message_renouvele_va_au_message_arrive(boite: Boite, marie: Utilisateur) -> None:
    boite.faire_patienter(timedelta(minutes=61))
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        vivre(boite, horloge, timedelta(minutes=65))
    retenu, neuf = Courriel.objects.order_by("pk")
    assert retenu.dernier() == neuf
    assert neuf.premier() == retenu


def test_un_lien_retenu_alors_qu_un_autre_a_servi_n_est_pas_renouvele(boite: Boite, marie: Utilisateur) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        boite.differer("451 4.7.1 Greylisted")
        recuperation.envoyer_reinitialisation(marie)
        boite.recevoir()
        marie.jetons.update(annule_le=timezone.now())
        horloge.shift(timedelta(minutes=61))
        boite.recevoir()
    assert not Courriel.objects.filter(remplace__isnull=False).exists()


def test_un_lien_impossible_a_renouveler_se_note_et_la_personne_est_prevenue(
    boite: Boite, marie: Utilisateur, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def renouveler(secret: str) -> None:
        raise RuntimeError("panne")

    with time_machine.travel(MIDI, tick=False) as horloge:
        boite.differer("451 4.7.1 Greylisted")
        recuperation.envoyer_reinitialisation(marie)
        boite.recevoir()
        (retenu,) = Courriel.objects.all()
        monkeypatch.setitem(actions.RENOUVELER, retenu.modele, renouveler)
        horloge.shift(timedelta(minutes=61))
        boite.recevoir()
    assert Courriel.objects.latest("pk").objet == TROP_TARD
    assert f"courriel {retenu.numero} : impossible à renouveler" in caplog.text


def test_notre_propre_panne_ne_se_fait_pas_passer_pour_celle_du_destinataire(boite: Boite, marie: Utilisateur) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        boite.eteindre()
        recuperation.envoyer_reinitialisation(marie)
        boite.recevoir()
        boite.rallumer()
        horloge.shift(timedelta(minutes=61))
        assert boite.recevoir_une().objet == TROP_TARD


def test_une_messagerie_qui_retient_tout_un_jour_finit_par_le_dire(boite: Boite, marie: Utilisateur) -> None:
    boite.differer("451 4.7.1 Greylisted", a=marie.courriel)
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        assert vivre(boite, horloge, timedelta(hours=26), timedelta(minutes=20)) == []
        boite.se_calmer()
        assert [lettre.objet for lettre in vivre(boite, horloge, timedelta(hours=1))] == [TROP_TARD]
    assert 1 <= Courriel.objects.filter(sort=Sort.RENOUVELE).count() <= 24


def test_deux_travailleurs_qui_periment_ensemble_ne_renouvellent_qu_une_fois(boite: Boite, marie: Utilisateur) -> None:
    """La base départage : un message n'en remplace qu'un."""
    boite.differer("451 4.7.1 Greylisted")
    with time_machine.travel(MIDI, tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        boite.recevoir()
        retenu = Courriel.objects.get()
        horloge.shift(timedelta(minutes=61))
        assert actions.renouveler(retenu)
        actions.renouveler(retenu)
    assert Courriel.objects.filter(remplace=retenu).count() == 1


def test_un_lien_que_nous_renouvelons_n_entame_pas_ses_places(boite: Boite, marie: Utilisateur) -> None:
    """Elle n'a demandé qu'un message : il lui en reste neuf dans la journée, quoi que sa messagerie fasse attendre."""
    boite.differer("451 4.7.1 Greylisted", a=marie.courriel)
    with time_machine.travel(MIDI.replace(hour=0), tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie, demandeur=Demandeur.LIEN)
        vivre(boite, horloge, 5 * HEURE_ET_UNE_MINUTE, HEURE_ET_UNE_MINUTE)
        assert Courriel.objects.filter(sort=Sort.RENOUVELE).count() == 4
        partis = 0
        while recuperation.envoyer_reinitialisation(marie, demandeur=Demandeur.LIEN):
            partis += 1
            horloge.shift(timedelta(minutes=15))
        assert partis == limites.PAR_JOUR.nombre - 1


def test_nos_renouvellements_sont_bornes_par_boite_et_la_page_dit_pourquoi(boite: Boite, marie: Utilisateur) -> None:
    boite.differer("451 4.7.1 Greylisted", a=marie.courriel)
    with time_machine.travel(MIDI.replace(hour=0), tick=False) as horloge:
        recuperation.envoyer_reinitialisation(marie)
        vivre(boite, horloge, 13 * HEURE_ET_UNE_MINUTE, HEURE_ET_UNE_MINUTE)
        assert Courriel.objects.exclude(remplace=None).count() == limites.PAR_JOUR.nombre
        (retenu,) = CourrielRetenu.objects.all()
        assert retenu.get_demandeur_display().startswith("notre service")

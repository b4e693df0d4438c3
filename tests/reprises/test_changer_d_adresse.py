"""Qui change d'adresse pendant une reprise, ou avant d'en demander une, reste la même personne (T38, T18, T20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes.actions import adresse, coordonnees, jetons
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.etablissements.actions import personnes, rejoindre
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, Etablissement, Habilitation, MotifRetrait, Preuve, Role
from apart.etablissements.preuves import peser
from apart.reprises import rappel
from apart.reprises.actions import execution, preuves
from apart.reprises.etats import EtatReprise as E
from tests.boite import Boite
from tests.monde import habiliter, personne
from tests.reprises.gens import boulangerie, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
NOUVELLE = "marie@exemple.fr"
JOUR = timedelta(days=1)


@pytest.fixture
def ou(temps: time_machine.Traveller) -> Etablissement:
    return boulangerie()


@pytest.fixture
def marie(ou: Etablissement) -> Utilisateur:
    """Elle tient l'espace."""
    return tenir(ou).utilisateur


def changer(qui: Utilisateur, courriel: str = NOUVELLE) -> Utilisateur:
    """Son adresse change ; rend la personne relue."""
    emis = jetons.emettre(Usage.NOUVELLE_ADRESSE, courriel=courriel, utilisateur=qui)
    adresse.changer(emis.secret)
    return Utilisateur.objects.get(pk=qui.pk)


@pytest.mark.menace("T38")
def test_t38_un_lien_d_opposition_parti_a_l_ancienne_adresse_sert_encore(
    ou: Etablissement, marie: Utilisateur, boite: Boite
) -> None:
    """Sans quoi une session volée ferait taire qui tient l'espace, le temps de le lui prendre."""
    dossier = reprise(ou)
    execution.ouvrir_opposition(dossier, Preuve.DOMAINE)
    lettre = next(m for m in boite.recevoir() if m.a == marie.courriel)

    changer(marie)
    secret = lettre.chemin.rstrip("/").rsplit("/", 1)[1]
    execution.s_opposer(secret, texte="C'est mon espace.")

    dossier.refresh_from_db()
    assert dossier.etat == E.OPPOSEE


@pytest.mark.menace("T38")
def test_t38_une_reprise_s_annonce_aussi_a_l_adresse_que_l_on_vient_de_quitter(
    ou: Etablissement, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    d_avant = marie.courriel
    changer(marie)
    boite.recevoir()

    execution.ouvrir_opposition(reprise(ou), Preuve.DOMAINE)

    recus = {m.a: " ".join(m.texte.split()) for m in boite.recevoir()}
    assert {d_avant, NOUVELLE} <= recus.keys()
    assert recus[d_avant].partition("http")[0] == recus[NOUVELLE].partition("http")[0]  # à l'une comme à l'autre


@pytest.mark.menace("T38")
def test_t38_passe_72_heures_l_ancienne_adresse_n_est_plus_prevenue(
    ou: Etablissement, marie: Utilisateur, boite: Boite, temps: time_machine.Traveller
) -> None:
    d_avant = marie.courriel
    changer(marie)
    boite.recevoir()
    temps.shift(3 * JOUR)

    execution.ouvrir_opposition(reprise(ou), Preuve.DOMAINE)

    assert d_avant not in {m.a for m in boite.recevoir()}


@pytest.mark.menace("T38")
def test_t38_l_adresse_quittee_d_une_personne_n_est_pas_celle_de_l_etablissement(
    ou: Etablissement, marie: Utilisateur
) -> None:
    """Poser sa boîte comme celle de l'établissement, puis en changer, n'en fait pas une preuve indépendante."""
    Etablissement.objects.filter(pk=ou.pk).update(
        courriel=marie.courriel, courriel_pose_par=marie, courriel_prouve_le=timezone.now()
    )
    changer(marie)
    ou.refresh_from_db()
    luc = personne("Roux", "Luc", "luc@exemple.fr")

    assert ou.courriel_est_d_un_membre
    assert not preuves.adresse_independante(ou, "noe@exemple.fr")
    assert peser(Preuve.COURRIEL_ETABLISSEMENT, ou, pour=luc)["valeur"] == Preuve.COURRIEL


@pytest.mark.menace("T20")
def test_t20_qui_change_d_adresse_puis_demande_par_l_ancienne_n_est_pas_rappele_chez_lui(
    ou: Etablissement, marie: Utilisateur, temps: time_machine.Traveller
) -> None:
    Utilisateur.objects.filter(pk=marie.pk).update(telephone="+33102030405", cree_le=timezone.now() - 60 * JOUR)
    Habilitation.objects.filter(utilisateur=marie).update(du=timezone.now() - 60 * JOUR)
    d_avant = marie.courriel
    changer(marie)

    sienne = reprise(ou, courriel=d_avant)

    assert sienne.comptes_de_qui_demande() == [marie.pk]
    assert "+33102030405" not in {n.numero for n in rappel.numeros(sienne)}


@pytest.mark.menace("T20")
@pytest.mark.parametrize(("jours", "rappele"), [(29, False), (31, True)])
def test_t20_un_numero_corrige_n_est_rappele_qu_apres_30_jours(
    ou: Etablissement, marie: Utilisateur, temps: time_machine.Traveller, jours: int, rappele: bool
) -> None:
    Habilitation.objects.filter(utilisateur=marie).update(du=timezone.now() - 60 * JOUR)
    Utilisateur.objects.filter(pk=marie.pk).update(cree_le=timezone.now() - 60 * JOUR)
    coordonnees.corriger(marie, nom=marie.nom, prenom=marie.prenom, telephone="+33602030405", par=marie)
    temps.shift(jours * JOUR)

    assert ("+33602030405" in {n.numero for n in rappel.numeros(reprise(ou))}) is rappele


@pytest.mark.menace("T20")
@pytest.mark.parametrize(("jours", "rappele"), [(29, False), (31, True)])
def test_t20_un_compte_neuf_qui_recoit_les_acces_d_un_ancien_n_est_pas_rappele(
    ou: Etablissement, marie: Utilisateur, temps: time_machine.Traveller, jours: int, rappele: bool
) -> None:
    """Réuni à un compte d'avant, il en a les accès ; son numéro, lui, date de son ouverture."""
    Habilitation.objects.filter(utilisateur=marie).update(du=timezone.now() - 60 * JOUR)
    Utilisateur.objects.filter(pk=marie.pk).update(telephone="+33602030405")
    temps.shift(jours * JOUR)

    assert ("+33602030405" in {n.numero for n in rappel.numeros(reprise(ou))}) is rappele


@pytest.mark.menace("T38")
def test_t38_celui_d_un_simple_membre_aussi(ou: Etablissement, marie: Utilisateur, boite: Boite) -> None:
    luc = personne("Roux", "Luc", "luc@boulangerie.fr")
    habiliter(luc, ou)
    Habilitation.objects.filter(utilisateur=luc).update(role=Role.MEMBRE)
    dossier = reprise(ou)
    execution.ouvrir_opposition(dossier, Preuve.DOMAINE)
    lettre = next(m for m in boite.recevoir() if m.a == luc.courriel)

    changer(luc, "luc@exemple.fr")
    execution.s_opposer(lettre.chemin.rstrip("/").rsplit("/", 1)[1], texte="Non.")

    dossier.refresh_from_db()
    assert dossier.etat == E.OPPOSEE


@pytest.mark.menace("T18")
def test_t18_un_accord_donne_a_l_ancienne_adresse_s_annule_avec_l_acces(ou: Etablissement, marie: Utilisateur) -> None:
    """Retirée, elle ne revient pas par l'invitation restée à son adresse d'avant."""
    luc = personne("Roux", "Luc", "luc@boulangerie.fr")
    habilitation = habiliter(luc, ou)
    demande = DemandeRejoindre.objects.create(
        etablissement=ou,
        nom="Roux",
        prenom="Luc",
        courriel=luc.courriel,
        etat=EtatRejoindre.ACCEPTEE,
        confirmee_le=timezone.now(),
        traitee_le=timezone.now(),
        traitee_par=marie,
    )
    luc = changer(luc, "luc@exemple.fr")
    emis = jetons.emettre(Usage.ADMISSION, courriel=demande.courriel, duree=JOUR)
    demande.jetons.add(emis.jeton)

    habilitation.refresh_from_db()
    personnes.retirer(habilitation, par=marie, motif=MotifRetrait.DEPART)

    demande.refresh_from_db()
    assert demande.etat == EtatRejoindre.ANNULEE
    assert not Jeton.objects.vivants().filter(pk=emis.jeton.pk).exists()


def test_une_invitation_en_cours_n_ouvre_pas_un_second_compte_a_l_adresse_quittee(
    ou: Etablissement, marie: Utilisateur, boite: Boite, client: Client, temps: time_machine.Traveller
) -> None:
    """Acceptée, elle part à l'ancienne adresse, où nul compte ne s'ouvre tant qu'elle peut revenir."""
    luc = personne("Roux", "Luc", "luc@boulangerie.fr")
    demande = DemandeRejoindre.objects.create(
        etablissement=ou,
        nom="Roux",
        prenom="Luc",
        courriel=luc.courriel,
        etat=EtatRejoindre.CONFIRMEE,
        confirmee_le=timezone.now(),
    )
    changer(luc, "luc@exemple.fr")
    rejoindre.accepter(demande, par=marie)
    lettre = next(m for m in boite.recevoir() if m.a == "luc@boulangerie.fr" and "admission" in m.texte)

    page = client.post(
        "/espace/rejoindre/entrer/",
        {
            "jeton": lettre.chemin.rstrip("/").rsplit("/", 1)[1],
            "etape": "entrer",
            "mot_de_passe": "le train de nuit part sans moi",
        },
    )

    assert "Un compte a quitté cette adresse il y a moins de 72 heures" in page.content.decode()
    assert Utilisateur.objects.filter(courriel="luc@boulangerie.fr").count() == 0

"""L'accord d'un collègue : ce qu'il vaut, ce qu'il ouvre, ce que chacun en apprend."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from apart.comptes.models import Utilisateur
from apart.courriels.templatetags.courriels import limite
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises.actions import preuves
from apart.reprises.etats import EtatReprise
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.monde import personne
from tests.reprises.gens import LEA, boulangerie, collegue, lea, reprise, tenir
from tests.reprises.test_facons import choix, entrer, lettre_a

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_l_accord_d_un_collegue_rend_l_acces_aussitot(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    victor = collegue(ou).utilisateur
    dossier = reprise(ou)

    assert preuves.demander_accord(dossier) == 1
    assert [lettre.a for lettre in boite.recevoir()] == [victor.courriel]
    preuves.donner_accord(dossier, par=victor)

    entrer(client, lettre_a(boite, LEA))
    assert Habilitation.objects.actives().get(utilisateur=lea()).valeur == Preuve.MEMBRE


def test_l_accord_d_un_membre_moins_bien_prouve_que_le_titulaire_attend_72_heures() -> None:
    ou = boulangerie()
    ancien = tenir(ou, preuve=Preuve.REPRESENTANT)
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    dossier = reprise(ou)

    preuves.donner_accord(dossier, par=victor)

    assert dossier.etat == EtatReprise.OPPOSABLE
    ancien.refresh_from_db()
    assert ancien.au is None


def test_l_accord_d_un_membre_aussi_bien_prouve_que_le_titulaire_suffit() -> None:
    """Un utilisateur principal est là : nul n'a mieux prouvé que ce membre, fût-ce par une messagerie."""
    ou = boulangerie()
    tenir(ou, preuve=Preuve.COURRIEL)
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    dossier = reprise(ou)

    preuves.donner_accord(dossier, par=victor)

    assert dossier.etat == EtatReprise.EXECUTEE


def test_sans_principal_au_compte_ouvert_l_accord_d_un_membre_mal_prouve_attend() -> None:
    ou = boulangerie()
    marie = tenir(ou, preuve=Preuve.COURRIEL).utilisateur
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    victor = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    dossier = reprise(ou)

    preuves.donner_accord(dossier, par=victor)

    assert dossier.etat == EtatReprise.OPPOSABLE


def test_la_personne_apprend_que_l_accord_ouvre_un_delai_et_jusqu_a_quand(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou, preuve=Preuve.REPRESENTANT)
    dossier = reprise(ou)

    preuves.donner_accord(dossier, par=collegue(ou, preuve=Preuve.COURRIEL).utilisateur)

    lettre = lettre_a(boite, LEA)
    assert dossier.opposition_jusqu_au is not None
    assert f"jusqu'à {limite(dossier.opposition_jusqu_au, autoescape=False)}" in " ".join(lettre.texte.split())
    assert "Petit" not in lettre.texte


def test_la_personne_apprend_un_refus_une_fois_et_sans_lire_de_qui(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    victor = collegue(ou).utilisateur
    anna = personne("Roy", "Anna", "anna.roy@boulangerie.fr")
    Habilitation.objects.create(utilisateur=anna, etablissement=ou, role=Role.MEMBRE, preuve=1, valeur=1)
    dossier = reprise(ou)
    preuves.demander_accord(dossier)
    boite.recevoir()

    preuves.refuser_accord(dossier, par=victor)
    preuves.refuser_accord(dossier, par=anna)

    (lettre,) = boite.recevoir()
    assert lettre.a == LEA
    assert "donnez une autre preuve" in " ".join(lettre.texte.split())
    assert not [nom for nom in ("Petit", "Victor", "Roy", "Anna") if nom in lettre.texte]


def test_un_refus_que_la_personne_n_a_pas_demande_ne_lui_apprend_rien(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)

    preuves.refuser_accord(reprise(ou), par=collegue(ou).utilisateur)

    assert not boite.recevoir()


def test_l_accord_d_un_collegue_attend_si_un_autre_n_en_repond_pas() -> None:
    ou = boulangerie()
    tenir(ou)
    victor, anne = collegue(ou).utilisateur, personne("Roux", "Anne", "anne.roux@boulangerie.fr")
    Habilitation.objects.create(utilisateur=anne, etablissement=ou, role=Role.MEMBRE, preuve=1, valeur=1)
    dossier = reprise(ou)
    preuves.refuser_accord(dossier, par=anne)

    preuves.donner_accord(dossier, par=victor)

    assert dossier.etat == EtatReprise.OPPOSABLE


def test_le_titulaire_n_est_pas_le_collegue_dont_l_accord_vaut() -> None:
    ou = boulangerie()
    marie = tenir(ou).utilisateur
    dossier = reprise(ou)

    assert not preuves.collegues(dossier).exists()
    with pytest.raises(PermissionDenied):
        preuves.donner_accord(dossier, par=marie)


def test_un_cabinet_ne_repond_de_personne() -> None:
    ou = boulangerie()
    tenir(ou)
    cabinet = personne("Compte", "Luc", "luc@cabinet.fr")
    Habilitation.objects.create(utilisateur=cabinet, etablissement=ou, role=Role.TIERS, preuve=5, valeur=5)

    with pytest.raises(PermissionDenied):
        preuves.donner_accord(reprise(ou), par=cabinet)


def test_le_membre_repond_depuis_son_espace(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    client.force_login(collegue(ou).utilisateur)
    dossier = reprise(ou)

    page = client.get(f"/etablissements/{ou.siret}/reprises/")
    assert "Léa Blanc demande à reprendre" in lu(page)
    page = client.post(f"/etablissements/{ou.siret}/reprises/{dossier.pk}/refuser", follow=True)

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.CONFIRMEE
    assert "les agents la lisent" in lu(page)
    assert Preuve.MEMBRE not in choix(dossier)

"""L'adresse de l'établissement a sa propre preuve : un lien y part, et rien ne la croit avant qu'on l'y ouvre."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import SIRET, fiche, ouvrir, recevoir_lien, secret

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
CONTACT = "contact@boulangerie-durand.fr"


@pytest.fixture
def lettre(boite: Boite) -> Lettre:
    """Ce que reçoit la boîte de l'établissement quand Marie vient d'ouvrir son espace."""
    fiche()
    ouvrir(Client(), recevoir_lien(Client(), boite, denomination="Banque caf-9 punto fr"))
    (la_sienne,) = [lettre for lettre in boite.recevoir() if lettre.a == CONTACT]
    return la_sienne


def connectee() -> Client:
    client = Client()
    client.force_login(Utilisateur.objects.get())
    return client


def confirmer(lettre: Lettre) -> str:
    return lu(Client().post("/espace/adresse/", {"jeton": secret(lettre)}))


def test_le_lien_ouvert_dans_la_boite_de_l_etablissement_la_prouve(lettre: Lettre) -> None:
    assert "Confirmer cette adresse" in lu(Client().get(lettre.chemin))
    assert Etablissement.objects.get().courriel_prouve_le is None  # lire ne prouve rien (T10)

    page = confirmer(lettre)

    assert "Adresse vérifiée" in page
    assert Etablissement.objects.get().courriel_prouve_le is not None
    assert "vérifiée le" in lu(connectee().get(f"/etablissements/{SIRET}/"))


def test_prouver_l_adresse_qu_elle_a_posee_ne_donne_rien_a_la_personne(lettre: Lettre) -> None:
    confirmer(lettre)

    assert not Habilitation.objects.get().permet_paiement


@pytest.mark.menace("T17")
def test_t17_le_message_ne_porte_rien_de_ce_qu_un_inconnu_a_tape(lettre: Lettre) -> None:
    for indice in ("caf-9", "Banque", "Durand", "Marie"):
        assert indice not in lettre.objet + lettre.texte + lettre.html.replace(CONTACT, "")


@pytest.mark.menace("T11")
def test_t11_un_lien_ne_prouve_que_l_adresse_qui_l_a_recu(lettre: Lettre) -> None:
    Etablissement.objects.update(courriel="autre@boulangerie-durand.fr")

    assert "Ce lien est remplacé" in confirmer(lettre)
    assert Etablissement.objects.get().courriel_prouve_le is None


def test_une_fois_verifiee_le_lien_le_dit_et_n_en_promet_pas_d_autre(lettre: Lettre) -> None:
    confirmer(lettre)

    page = lu(Client().get(lettre.chemin))

    assert "Cette adresse est vérifiée." in page
    assert "Recevoir un nouveau lien" not in page


def test_un_lien_trop_vieux_en_redemande_un_d_un_clic(lettre: Lettre, boite: Boite) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert "Recevoir un nouveau lien" in lu(Client().get(lettre.chemin))
        Client().post("/espace/adresse/renouveler/", {"jeton": secret(lettre)})

        assert "Adresse vérifiée" in confirmer(boite.recevoir_une())


def test_un_principal_fait_renvoyer_le_message_sans_pouvoir_en_bombarder_l_adresse(
    lettre: Lettre, boite: Boite
) -> None:
    client, envois = connectee(), f"/etablissements/{SIRET}/adresse/renvoyer"
    pages = [lu(client.post(envois, follow=True)) for _ in range(3)]

    assert ["Un message part vers" in page for page in pages] == [True, True, False]
    assert "Rien n'est parti" in pages[-1]
    assert [lettre.a for lettre in boite.recevoir()] == [CONTACT] * 2


def test_l_adresse_d_une_personne_ne_recoit_rien_et_ne_prouve_rien(boite: Boite) -> None:
    fiche()
    marie = {"courriel": "marie@boulangerie-durand.fr", "confirmer_courriel": "marie@boulangerie-durand.fr"}
    page = lu(ouvrir(Client(), recevoir_lien(Client(), boite, **marie)))

    assert len(boite.recevoir()) == 2  # l'identifiant et l'habilitation
    assert "confirme que cette adresse est celle de l'établissement" not in page
    assert "elle ne prouve rien pour l'établissement" in lu(connectee().get(f"/etablissements/{SIRET}/"))


def test_une_personne_sans_droit_ne_fait_rien_renvoyer(lettre: Lettre) -> None:
    etranger = Utilisateur.objects.create(courriel="autre@exemple.fr", nom="Autre", prenom="Jean")
    client = Client()
    client.force_login(etranger)

    assert client.post(f"/etablissements/{SIRET}/adresse/renvoyer").status_code == 404

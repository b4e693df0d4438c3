"""Ce que les employeurs tapent vraiment, lu du formulaire à la base, relu comme ils l'ont écrit."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from apart.comptes import identifiant
from apart.comptes.models import Utilisateur
from apart.etablissements.models import DemandeEspace
from tests.boite import Boite
from tests.etablissements.parcours import fiche, ouvrir, recevoir_lien, relire, remplir, secret

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.parametrize(
    ("champ", "tape", "garde"),
    [
        ("telephone_fixe", "+33 262 61 23 45", "+262262612345"),
        ("telephone", "+33 1 02 03 04 05", "+33102030405"),
        ("telephone_fixe", "01 02 03 04 05 poste 12", "+33102030405;ext=12"),
        ("telephone_fixe", "3646", "3646"),
        ("telephone", "+377 93 15 22 22", "+37793152222"),
        ("prenom", "Ma\u202erie\u200b", "Marie"),
        ("nom", "ＤＵＰＯＮＴ", "DUPONT"),
        ("nom", "D’Artagnan", "D’Artagnan"),
        ("ville", "  L'Haÿ-les-Roses ", "L'Haÿ-les-Roses"),
    ],
)
def test_ce_que_l_on_tape_est_garde_sous_sa_forme_normale(client: Client, champ: str, tape: str, garde: str) -> None:
    fiche()
    assert remplir(client, **{champ: tape}).status_code == 302
    assert getattr(DemandeEspace.objects.get(), champ) == garde


@pytest.mark.parametrize(
    ("champ", "tape", "phrase"),
    [
        ("prenom", "\u200b", ""),
        ("nom", "\u3164", ""),
        ("nom", ".", "« . » n'a ni lettre ni chiffre."),
        ("telephone", "01 02 03 04", "Ce numéro de téléphone n'existe pas : vérifiez ses chiffres."),
        ("courriel", "hélène@exemple.fr", "Une adresse électronique n'a pas de « é » avant le « @ »."),
        ("courriel", "a@exemple.fr, b@exemple.fr", "Donnez une seule adresse électronique."),
    ],
)
def test_ce_qui_ne_va_pas_se_dit_a_son_champ(client: Client, champ: str, tape: str, phrase: str) -> None:
    fiche()
    refus = remplir(client, **{champ: tape})
    page = html.unescape(refus.content.decode()).replace("\u00a0", " ")
    assert refus.status_code == 200
    assert re.search(rf'id="id_{champ}_error"', page)
    assert phrase in page


@pytest.mark.parametrize(
    ("tapee", "gardee"),
    [
        ("Marie Durand <Marie@boulangerie-durand.fr>", "marie@boulangerie-durand.fr"),
        ("contact@boucherie-père.fr", "contact@xn--boucherie-pre-6gb.fr"),
        ("o’brien@exemple.fr", "o'brien@exemple.fr"),
    ],
)
def test_une_adresse_copiee_d_ailleurs_recoit_son_lien(client: Client, boite: Boite, tapee: str, gardee: str) -> None:
    fiche()
    lettre = recevoir_lien(client, boite, courriel_utilisateur=tapee, confirmer_courriel_utilisateur=tapee)
    assert lettre.a == gardee


def test_un_telephone_se_relit_comme_il_s_ecrit(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite, telephone_fixe="0102030405 poste 12", telephone="+33602030405")
    page = relire(client, lettre).content.decode()
    assert 'value="01 02 03 04 05 poste 12"' in page
    assert 'value="06 02 03 04 05"' in page


def test_le_gestionnaire_de_mots_de_passe_garde_l_identifiant_qui_sera_donne(client: Client, boite: Boite) -> None:
    """La page où se choisit le mot de passe porte déjà l'identifiant, dans un champ « username »."""
    fiche()
    lettre = recevoir_lien(client, boite)
    page = ouvrir(client, lettre, mot_de_passe=None).content.decode()
    promis = re.search(r'name="identifiant" value="([^"]+)" autocomplete="username"', page)
    assert promis

    ouvrir(client, lettre)

    assert Utilisateur.objects.get().identifiant_lisible == promis[1]


def test_un_identifiant_promis_et_deja_pris_est_tire_de_nouveau(client: Client, boite: Boite) -> None:
    fiche()
    lettre = recevoir_lien(client, boite)
    pris = Utilisateur.objects.create(identifiant=identifiant.promis(secret(lettre)), courriel="autre@exemple.fr")

    assert ouvrir(client, lettre).status_code == 200

    assert Utilisateur.objects.exclude(pk=pris.pk).get().identifiant != pris.identifiant

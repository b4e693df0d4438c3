"""Les places d'une adresse se comptent par établissement : des inconnus n'en privent pas la personne (T15)."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from apart.assistance.actions import demandes
from apart.comptes.models import Utilisateur
from apart.courriels.actions import admettre
from apart.courriels.limites import EN_TOUT
from apart.courriels.models import CourrielRetenu, Demandeur, ObjetDemande
from apart.etablissements.models import Etablissement
from tests.assistance.fabriques import depot
from tests.boite import Boite
from tests.comptes.fabriques import agent, entrer, lu, personne
from tests.etablissements.parcours import fiche, ouvrir, remplir, secret
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide", "temps")]
RESEAUX = itertools.count(1)


SIEN, AUTRES = "73282932000074", ["44306184100047", "55208131766522", "38012986643097", "35600000000048"]


def deposer(siret: str, courriel: str, client: Client | None = None) -> None:
    """« Créer mon espace » pour cet établissement, avec cette adresse, depuis un réseau neuf."""
    client = client or Client(REMOTE_ADDR=f"203.0.113.{next(RESEAUX) % 250}")
    adresses = {"courriel_utilisateur": courriel, "confirmer_courriel_utilisateur": courriel}
    assert remplir(client, siret, **adresses).status_code == 302
    travailler()


@pytest.mark.menace("T15")
def test_t15_dix_inconnus_ne_privent_pas_de_son_espace_qui_n_a_pas_de_compte(
    boite: Boite, temps: time_machine.Traveller
) -> None:
    """La journée entière, par d'autres établissements : l'adresse ne suffit plus à la priver du sien."""
    for siret in (SIEN, *AUTRES):
        fiche(siret)
    for _ in range(4):
        for siret in AUTRES[:3]:
            deposer(siret, "victime@exemple.fr")
        assert len(boite.recevoir()) == 3
        temps.shift(timedelta(minutes=15))

    deposer(SIEN, "victime@exemple.fr")

    assert SIEN in lettre_sans_espaces(boite)


def lettre_sans_espaces(boite: Boite) -> str:
    return boite.recevoir_une().texte.replace("\N{NO-BREAK SPACE}", "").replace(" ", "")


@pytest.mark.menace("T15")
def test_t15_ce_que_des_inconnus_depensent_pour_son_etablissement_lui_sert(
    boite: Boite, temps: time_machine.Traveller
) -> None:
    """Dix dans la journée, puis plus rien : chaque lien reçu ouvre son espace, et se renouvelle d'un clic."""
    fiche(SIEN)
    recus = []
    for _ in range(5):
        for _ in range(3):
            deposer(SIEN, "victime@exemple.fr")
        recus += boite.recevoir()
        temps.shift(timedelta(minutes=15))
    assert len(recus) == 10
    temps.shift(timedelta(hours=2))

    page = Client().post("/espace/ouvrir/renouveler/", {"jeton": secret(recus[-1])}, follow=True)
    assert "Un nouveau lien part à la même adresse." in lu(page)
    ouvrir(Client(), boite.recevoir_une())

    assert Utilisateur.objects.get().courriel == "victime@exemple.fr"
    assert Etablissement.objects.get().siret == SIEN


@pytest.mark.menace("T15")
def test_t15_les_accuses_que_des_inconnus_depensent_laissent_retrouver_sa_demande(boite: Boite) -> None:
    sienne = depot(siret=SIEN, courriel="victime@exemple.fr").demande
    for _ in range(2):
        depot(siret=SIEN, courriel="victime@exemple.fr")
    assert len(boite.recevoir()) == 3  # tout ce que ce SIRET permet pour un quart d'heure

    demandes.renvoyer_liens("victime@exemple.fr")

    assert sienne.numero in " ".join(lettre.texte for lettre in boite.recevoir())


@pytest.mark.menace("T15")
def test_t15_changer_de_siret_n_ecrit_pas_sans_fin_a_quelqu_un(temps: time_machine.Traveller) -> None:
    def admis(combien: int) -> int:
        return [
            admettre("victime@exemple.fr", objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU, pour=f"{rang:014d}")
            for rang in range(combien)
        ].count(True)

    assert admis(EN_TOUT.nombre + 5) == EN_TOUT.nombre
    assert {(r.places, r.periode, r.nombre) for r in CourrielRetenu.objects.all()} == {(30, timedelta(hours=12), 5)}
    temps.shift(timedelta(hours=12))
    assert admis(1) == 1


def test_un_message_que_le_total_retient_n_entame_pas_les_places_de_son_etablissement() -> None:
    def demander_un(pour: str) -> bool:
        return admettre("m@exemple.fr", objet=ObjetDemande.ESPACE, demandeur=Demandeur.INCONNU, pour=pour)

    for rang in range(EN_TOUT.nombre):
        assert demander_un(f"{rang:014d}")
    for _ in range(12):
        assert not demander_un(SIEN)

    assert CourrielRetenu.objects.get().periode == EN_TOUT.periode  # la vraie raison, et elle seule


@pytest.mark.menace("T15")
def test_t15_la_personne_connectee_ou_son_appareil_a_ses_places_partout(boite: Boite) -> None:
    """Suivi d'une demande, autre établissement : ce que des inconnus ont dépensé ne lui manque pas."""
    marie, sien = personne(), Client()
    entrer(sien, marie.identifiant)
    demande = depot(courriel=marie.courriel).demande
    for _ in range(4):
        demandes.renvoyer_liens(marie.courriel)
    boite.recevoir()

    for _ in range(2):  # connectée, puis son appareil seul
        sien.post("/aide/suivi/", {"courriel": marie.courriel} | preuve("suivi-retrouver"))
        travailler()
        assert demande.numero in boite.recevoir_une().texte
        sien.post("/deconnexion/")

    fiche(SIEN)
    for _ in range(4):
        deposer(SIEN, marie.courriel)
    assert len(boite.recevoir()) == 3
    deposer(SIEN, marie.courriel, sien)
    assert boite.recevoir_une().a == marie.courriel


@pytest.mark.menace("T15")
def test_t15_l_agent_fait_repartir_le_lien_d_ouverture_qui_est_retenu(client: Client, boite: Boite) -> None:
    fiche(SIEN)
    for _ in range(4):
        deposer(SIEN, "victime@exemple.fr")
    demande = depot(siret=SIEN, courriel="victime@exemple.fr").demande
    boite.recevoir()
    client.force_login(agent())
    page = lu(client.get(f"/agents/assistance/{demande.pk}/"))
    assert "Renvoyer le lien que cette adresse attend" in page

    pages = [
        lu(client.post(f"/agents/assistance/{demande.pk}/repartir/", {"repartir-motif": "perdu"}, follow=True))
        for _ in range(4)
    ]

    assert ["Le message part vers victime@exemple.fr." in page for page in pages] == [True, True, True, False]
    assert "Rien ne part vers victime@exemple.fr" in pages[3]
    ouvrir(Client(), boite.recevoir()[-1])
    assert Etablissement.objects.get().siret == SIEN
    assert "Renvoyer le lien que cette adresse attend" not in lu(client.get(f"/agents/assistance/{demande.pk}/"))

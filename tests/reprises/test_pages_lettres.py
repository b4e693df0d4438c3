"""Les pages : demander la lettre, taper son code ; imprimer, réimprimer, dire une lettre revenue."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apart.administrations.models import RoleAgent
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Habilitation, Preuve
from apart.repertoire.models import Fiche
from apart.reprises.actions import lots
from apart.reprises.etats import EtatLettre
from apart.reprises.models import Lettre, LotLettres
from tests.administrations.fabriques import affecter
from tests.comptes.fabriques import equiper, lu
from tests.monde import habiliter, personne
from tests.reprises.fabriques import (
    SIRET,
    ecrite,
    faux,
    fiche,
    habilitee,
    imprimee,
    imprimeur,
    lire,
    lot_de,
    plusieurs,
)

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PAGE = f"/etablissements/{SIRET}/preuve/lettre/"


def de(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(qui)
    return client


@pytest.fixture
def mienne() -> Habilitation:
    fiche()
    return habilitee()


@pytest.fixture
def marie(mienne: Habilitation) -> Client:
    return de(mienne.utilisateur)


@pytest.fixture
def agent() -> Utilisateur:
    return imprimeur()


@pytest.fixture
def paul(agent: Utilisateur) -> Client:
    return de(equiper(agent))


def test_marie_demande_la_lettre_la_recoit_et_tape_son_code(
    marie: Client, mienne: Habilitation, agent: Utilisateur
) -> None:
    page = lu(marie.get(PAGE))
    assert "12 RUE DU LAC" in page
    assert "Demander la lettre" in page

    page = lu(marie.post(f"{PAGE}demander", follow=True))
    assert "Elle attend d'être imprimée" in page

    lots.imprimer_lot(par=agent)
    page = lu(marie.get(PAGE))
    assert "Il vous reste 3 essais" in page
    assert "Code reçu par lettre" in page

    page = lu(marie.post(PAGE, {"code": Lettre.objects.get().code.lower()}, follow=True))
    assert "Votre preuve est faite" in page
    mienne.refresh_from_db()
    assert mienne.valeur == Preuve.LETTRE
    assert "rien d'autre n'est attendu de vous" in lu(marie.get(PAGE))


def test_un_code_faux_dit_ce_qui_reste(marie: Client, mienne: Habilitation, agent: Utilisateur) -> None:
    lettre = imprimee(mienne, agent)

    page = lu(marie.post(PAGE, {"code": faux(lettre.code)}, follow=True))

    assert "il vous reste 2 essais" in page
    assert "Il vous reste 2 essais" in page
    assert lettre.code not in page


def test_un_code_mal_forme_ne_coute_pas_d_essai(marie: Client, mienne: Habilitation, agent: Utilisateur) -> None:
    imprimee(mienne, agent)

    assert "10 signes" in lu(marie.post(PAGE, {"code": "K7MP"}))
    assert "Tapez le code imprimé" in lu(marie.post(PAGE, {"code": ""}))
    assert Lettre.objects.get().essais == 0


def test_la_lettre_n_est_pas_arrivee(
    marie: Client, mienne: Habilitation, agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    imprimee(mienne, agent)
    assert "Demander une autre lettre" not in lu(marie.get(PAGE))

    temps.shift(timedelta(days=10))
    marie = de(mienne.utilisateur)
    assert "Demander une autre lettre" in lu(marie.get(PAGE))
    assert "Elle attend d'être imprimée" in lu(marie.post(f"{PAGE}demander", follow=True))


@pytest.mark.parametrize(
    ("etat", "phrase"),
    [
        (EtatLettre.REVENUE, "elle nous est revenue"),
        (EtatLettre.ANNULEE, "elle a été annulée"),
        (EtatLettre.ECHUE, "sa date est passée"),
    ],
)
def test_la_page_dit_ce_qu_est_devenue_la_lettre_d_avant(
    marie: Client, mienne: Habilitation, agent: Utilisateur, etat: EtatLettre, phrase: str
) -> None:
    lettre = imprimee(mienne, agent)
    Lettre.objects.update(etat=etat, finie_le=lettre.ecrite_le, code_chiffre=b"")

    page = lu(marie.get(PAGE))

    assert phrase in page
    assert "Demander la lettre" in page


def test_sans_adresse_la_page_renvoie_a_la_preuve_6(marie: Client, mienne: Habilitation) -> None:
    Fiche.objects.update(est_masquee=True)

    page = lu(marie.get(PAGE))

    assert "ne soit pas publiée" in page
    assert "une attestation de l'employeur" in page
    assert f'href="/etablissements/{SIRET}/preuve/"' in page
    assert "Demander la lettre" not in page
    assert "ne soit pas publiée" in lu(marie.post(f"{PAGE}demander", follow=True))


def test_l_adresse_courte_de_la_lettre_mene_ou_le_code_se_tape(marie: Client) -> None:
    assert PAGE in lu(marie.get("/lettre/"))
    visiteur = lu(Client().get("/lettre/"))
    assert "Me connecter pour taper le code" in visiteur
    assert SIRET not in visiteur


def test_paul_imprime_un_lot_et_prend_ses_deux_fichiers(paul: Client) -> None:
    plusieurs(2)
    assert "2 lettres à imprimer" in lu(paul.get("/agents/lettres/"))

    page = lu(paul.post("/agents/lettres/imprimer", follow=True))

    lot = LotLettres.objects.get()
    assert f"Le lot {lot.numero} est prêt" in page
    pdf = paul.get(f"/agents/lettres/lots/{lot.pk}/lettres.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{lot.numero}.pdf"'
    assert "no-store" in pdf.headers["Cache-Control"]
    assert len(lire(pdf.content)) == 2
    csv = paul.get(f"/agents/lettres/lots/{lot.pk}/adresses.csv").content.decode("utf-8-sig")
    assert len(csv.splitlines()) == 3


def test_sans_lettre_le_bouton_ne_s_offre_pas_et_le_clic_le_dit(paul: Client) -> None:
    assert "Imprimer un lot" not in lu(paul.get("/agents/lettres/"))
    assert "Aucune lettre n'attend d'être imprimée" in lu(paul.post("/agents/lettres/imprimer", follow=True))


def test_reimprimer_un_lot_demande_pourquoi(paul: Client, agent: Utilisateur, temps: time_machine.Traveller) -> None:
    plusieurs(1)
    lot = lots.imprimer_lot(par=agent)
    temps.shift(timedelta(days=2))
    paul, page = de(agent), f"/agents/lettres/lots/{lot.pk}/"
    assert "Les fichiers de l'atelier" not in lu(paul.get(page))
    assert "ne se téléchargent plus par vous" in lu(paul.get(f"{page}lettres.pdf", follow=True))

    assert "Écrivez pourquoi" in lu(paul.post(page, {"motif": ""}))
    assert "Les fichiers de l'atelier" in lu(paul.post(page, {"motif": "bourrage"}, follow=True))
    assert paul.get(f"{page}lettres.pdf").status_code == 200


@pytest.mark.parametrize(
    ("saisie", "etat", "phrase"),
    [
        ({"geste": "revenue"}, EtatLettre.REVENUE, "La lettre est notée revenue"),
        ({"geste": "reimprimer", "motif": "déchirée"}, EtatLettre.A_IMPRIMER, "réimprimée au prochain lot"),
        ({"geste": "annuler", "motif": "doublon"}, EtatLettre.ANNULEE, "son code ne vaut plus"),
        ({"geste": "annuler", "motif": ""}, EtatLettre.IMPRIMEE, "Écrivez pourquoi"),
        ({}, EtatLettre.IMPRIMEE, "Choisissez ce qu'il faut faire"),
    ],
)
def test_la_page_d_une_lettre_dit_quoi_en_faire_et_jamais_son_code(
    paul: Client, agent: Utilisateur, saisie: dict[str, str], etat: EtatLettre, phrase: str
) -> None:
    (lettre,) = plusieurs(1)
    lots.imprimer_lot(par=agent)
    lettre.refresh_from_db()
    adresse, code = f"/agents/lettres/{lettre.pk}/", lettre.code
    assert code not in lu(paul.get(adresse))

    page = lu(paul.post(adresse, saisie, follow=True))

    assert phrase in page
    lettre.refresh_from_db()
    assert lettre.etat == etat


def test_un_geste_que_l_etat_ne_permet_plus_se_dit(paul: Client, agent: Utilisateur) -> None:
    (lettre,) = plusieurs(1)

    page = lu(paul.post(f"/agents/lettres/{lettre.pk}/", {"geste": "revenue"}, follow=True))

    assert "L'état de cette lettre ne le permet pas" in page


def test_un_agent_habilite_la_n_y_a_aucun_bouton(paul: Client, agent: Utilisateur, mienne: Habilitation) -> None:
    lettre = ecrite(mienne)
    habiliter(agent, mienne.etablissement)

    assert "un autre agent s'occupe de cette lettre" in lu(paul.get(f"/agents/lettres/{lettre.pk}/"))
    assert "1 lettre pour un établissement où vous avez un accès" in lu(paul.get("/agents/lettres/"))


def test_la_lettre_d_un_autre_departement_n_existe_pas(mienne: Habilitation) -> None:
    lettre = imprimee(mienne, imprimeur())
    d_ailleurs = de(equiper(affecter(personne("Roux", "Léa", "lea@asp.fr"), RoleAgent.ASSISTANCE, "44")))

    assert d_ailleurs.get(f"/agents/lettres/{lettre.pk}/").status_code == 404
    assert d_ailleurs.get(f"/agents/lettres/lots/{lot_de(lettre).pk}/").status_code == 404
    page = lu(d_ailleurs.get("/agents/lettres/"))
    assert "Aucune lettre n'a encore été écrite" in page
    assert lot_de(lettre).numero not in page


def requetes(client: Client, adresse: str) -> int:
    with CaptureQueriesContext(connection) as lues:
        assert client.get(adresse).status_code == 200
    return len(lues)


def test_la_liste_se_lit_en_un_nombre_constant_de_requetes_et_se_tourne(paul: Client, agent: Utilisateur) -> None:
    plusieurs(2)
    lots.imprimer_lot(par=agent)
    peu = requetes(paul, "/agents/lettres/")
    plusieurs(26, depuis=2)
    lots.imprimer_lot(par=agent)

    assert requetes(paul, "/agents/lettres/") == peu
    page = lu(paul.get("/agents/lettres/"))
    assert page.count('apart-insecable" href="/agents/lettres/') == 25
    suivante = page.split("fr-pagination__link--next")[1].split('href="')[1].split('"')[0]
    assert "Page précédente" in lu(paul.get(f"/agents/lettres/{suivante}"))

"""Qui peut faire quoi, et où : les droits du jour, lus dans la table et nulle part ailleurs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from apart.administrations.droits import DROITS, Droit, departements_de, droits_de, peut
from apart.administrations.models import Affectation, RoleAgent
from apart.comptes.models import Utilisateur
from tests.administrations.fabriques import affecter, service
from tests.comptes.fabriques import agent, equiper, lu, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def relu(qui: Utilisateur) -> Utilisateur:
    """Comme une autre requête le lirait."""
    return Utilisateur.objects.get(pk=qui.pk)


def test_chaque_role_est_dans_la_table_et_chaque_droit_est_donne_a_quelqu_un() -> None:
    assert DROITS.keys() == set(RoleAgent)
    assert frozenset[Droit]().union(*DROITS.values()) == set(Droit)


def test_un_superviseur_a_tous_les_droits_de_l_assistance() -> None:
    assert DROITS[RoleAgent.ASSISTANCE] < DROITS[RoleAgent.SUPERVISEUR]


def test_un_lecteur_lit_et_ne_peut_rien_d_autre() -> None:
    lecteur = affecter(personne(), RoleAgent.LECTEUR)

    assert droits_de(lecteur) == {Droit.LIRE_ASSISTANCE}


def test_un_service_national_donne_ses_droits_partout_et_meme_ou_l_on_ne_sait_pas() -> None:
    national = agent()

    assert departements_de(national, Droit.LIRE_ASSISTANCE) is None
    assert peut(national, Droit.LIRE_ASSISTANCE, "44")
    assert peut(national, Droit.LIRE_ASSISTANCE, "")


def test_un_service_de_departements_ne_donne_ses_droits_que_la() -> None:
    local = affecter(personne(), RoleAgent.ASSISTANCE, "44", "85")

    assert departements_de(local, Droit.REPONDRE_ASSISTANCE) == frozenset({"44", "85"})
    assert peut(local, Droit.REPONDRE_ASSISTANCE)
    assert peut(local, Droit.REPONDRE_ASSISTANCE, "85")
    assert not peut(local, Droit.REPONDRE_ASSISTANCE, "35")
    assert not peut(local, Droit.REPONDRE_ASSISTANCE, "")


def test_deux_affectations_s_ajoutent_chacune_chez_elle() -> None:
    """Il répond en Vendée, et ne fait que lire en Loire-Atlantique."""
    local = affecter(affecter(personne(), RoleAgent.ASSISTANCE, "85"), RoleAgent.LECTEUR, "44")

    assert departements_de(local, Droit.LIRE_ASSISTANCE) == frozenset({"44", "85"})
    assert departements_de(local, Droit.REPONDRE_ASSISTANCE) == frozenset({"85"})


def test_une_annonce_que_tout_le_pays_lit_ne_s_ecrit_que_d_un_service_national() -> None:
    assert not peut(affecter(personne(), RoleAgent.SUPERVISEUR, "44"), Droit.GERER_ANNONCES)
    assert peut(agent(), Droit.GERER_ANNONCES)


@pytest.mark.parametrize(
    ("du", "au"), [(date(2020, 1, 1), date(2020, 6, 1)), (date(2120, 1, 1), None)], ids=["finie", "à venir"]
)
def test_hors_de_ses_dates_une_affectation_ne_donne_rien(du: date, au: date | None) -> None:
    assert droits_de(affecter(personne(), du=du, au=au)) == set()


def test_les_dates_sont_celles_de_paris() -> None:
    """Le 30 à 23 h 30 UTC, il est déjà le 1er à Paris : l'affectation a commencé."""
    qui = affecter(personne(), du=date(2026, 12, 1), au=date(2026, 12, 2))
    for jour, heure, attendu in ((30, 22, False), (30, 23, True), (31, 23, False)):
        a_ce_moment = datetime(2026, 11, 1, heure, 30, tzinfo=UTC) + timedelta(days=jour - 1)
        with time_machine.travel(a_ce_moment, tick=False):
            assert peut(relu(qui), Droit.LIRE_ASSISTANCE) is attendu


def test_un_compte_suspendu_ne_peut_rien() -> None:
    qui = agent()
    qui.is_active = False

    assert droits_de(qui) == set()


def test_pendant_l_absence_le_suppleant_a_ce_que_donne_l_affectation_et_pas_apres() -> None:
    lecteur = affecter(personne("lea@asp.fr"), RoleAgent.LECTEUR)
    jour = localdate()
    Affectation.objects.filter(agent=affecter(personne("paul@asp.fr"), RoleAgent.ASSISTANCE, "44")).update(
        suppleant=lecteur, absent_du=jour, absent_au=jour + timedelta(days=7)
    )

    assert departements_de(lecteur, Droit.REPONDRE_ASSISTANCE) == frozenset({"44"})
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7), tick=False):
        assert not peut(relu(lecteur), Droit.REPONDRE_ASSISTANCE)


def test_un_service_ferme_ne_donne_plus_rien() -> None:
    qui = agent()
    service().__class__.objects.update(ferme_le=datetime.now(UTC))

    assert droits_de(qui) == set()


def test_tous_les_droits_d_une_requete_se_lisent_en_une_fois(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    qui = relu(agent())
    with django_assert_num_queries(1):
        assert [peut(qui, droit, lieu) for droit in Droit for lieu in ("", "44", None)]


def test_un_employeur_n_a_aucun_droit_et_ne_coute_rien(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    marie = personne()
    with django_assert_num_queries(0):
        assert droits_de(marie) == set()


def test_qui_peut_faire_quoi_se_lit_par_tout_agent_et_dit_la_table() -> None:
    client = Client()
    client.force_login(equiper(affecter(personne(), RoleAgent.PAYEUR)))

    page = lu(client.get("/agents/droits/"))

    assert all(droit.label[1:] in page for droit in Droit)
    assert page.count("<strong>oui</strong>") == sum(len(droits) for droits in DROITS.values())


@pytest.mark.menace("T21")
def test_t21_un_agent_sans_droit_lit_pourquoi() -> None:
    client = Client()
    client.force_login(equiper(affecter(personne(), RoleAgent.LECTEUR)))

    refus = client.get("/agents/equipe/")

    assert refus.status_code == 403
    assert "Votre rôle ne permet pas de gérer l'équipe" in lu(refus)

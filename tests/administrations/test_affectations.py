"""Affecter, finir, suppléer : ce que chacun perd ou gagne, et ce que nul ne peut se donner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate

from apart.administrations import taches
from apart.administrations.actions import agents, services
from apart.administrations.actions.affectations import affecter, lever_suppleance, suppleer, terminer
from apart.administrations.actions.services import Contenu
from apart.administrations.actions.superviseurs import accorder
from apart.administrations.droits import Droit, droits_de, peut
from apart.administrations.models import Affectation, RoleAgent, Service, SorteService
from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.socle.models import EntreeJournal
from tests.administrations import fabriques
from tests.administrations.fabriques import service
from tests.comptes.fabriques import agent, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
JOUR = timedelta(days=1)


@pytest.fixture
def sophie() -> Utilisateur:
    """La superviseure de tout le territoire."""
    return fabriques.affecter(personne("sophie.leroy@asp.fr"), RoleAgent.SUPERVISEUR)


@pytest.fixture
def lea() -> Utilisateur:
    return fabriques.affecter(personne("lea.roux@asp.fr"), RoleAgent.LECTEUR)


def sienne(qui: Utilisateur) -> Affectation:
    return Affectation.objects.select_related("agent", "service", "suppleant").filter(agent=qui).earliest("pk")


def relu(qui: Utilisateur) -> Utilisateur:
    return Utilisateur.objects.get(pk=qui.pk)


def test_affecter_donne_des_droits_des_le_clic_suivant_et_laisse_une_trace(
    sophie: Utilisateur, lea: Utilisateur
) -> None:
    affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, par=sophie)

    assert peut(relu(lea), Droit.REPONDRE_ASSISTANCE, "44")
    assert EntreeJournal.objects.du_sujet(lea.sujet).filter(geste="affecter", par=sophie).count() == 1


def test_la_meme_affectation_demandee_deux_fois_n_en_fait_qu_une(sophie: Utilisateur, lea: Utilisateur) -> None:
    faites = {affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, par=sophie).pk for _ in range(2)}

    assert len(faites) == 1
    assert EntreeJournal.objects.filter(geste="affecter").count() == 1


def test_le_meme_role_au_meme_endroit_sur_des_dates_communes_est_refuse(sophie: Utilisateur, lea: Utilisateur) -> None:
    affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, au=localdate() + 10 * JOUR, par=sophie)

    with pytest.raises(ValidationError, match="a déjà ce rôle"):
        affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, du=localdate() + 9 * JOUR, par=sophie)
    affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, du=localdate() + 10 * JOUR, par=sophie)


def test_la_base_refuse_deux_affectations_identiques_qui_se_chevauchent(lea: Utilisateur) -> None:
    deja = sienne(lea)
    with pytest.raises(IntegrityError, match="affectation_une_a_la_fois"), transaction.atomic():
        Affectation.objects.create(agent=lea, service=deja.service, role=deja.role, du=localdate())


@pytest.mark.parametrize(
    "faux",
    [
        {"role": "roi"},
        {"au": localdate() - 9000 * JOUR},
        {"absent_du": localdate()},
        {"absent_du": localdate(), "absent_au": localdate()},
    ],
    ids=["rôle inconnu", "fin avant le début", "absence sans suppléant", "retour le jour du départ"],
)
def test_la_base_refuse_une_affectation_qui_ne_tient_pas(faux: dict[str, object], lea: Utilisateur) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Affectation.objects.filter(pk=sienne(lea).pk).update(**faux)


def test_la_base_refuse_un_suppleant_qui_est_l_absent_ou_sans_date_de_retour(lea: Utilisateur) -> None:
    for faux in ({"suppleant": lea, "absent_au": localdate() + JOUR}, {"suppleant": agent(), "absent_au": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Affectation.objects.filter(pk=sienne(lea).pk).update(absent_du=localdate(), **faux)


def test_finir_la_derniere_affectation_ferme_tout_et_garde_le_compte(sophie: Utilisateur) -> None:
    paul = agent()

    terminer(sienne(paul), par=sophie)

    assert droits_de(relu(paul)) == set()
    assert relu(paul).est_agent


def test_finir_plus_tard_laisse_les_droits_jusque_la(sophie: Utilisateur) -> None:
    paul = agent()
    terminer(sienne(paul), au=localdate() + 2 * JOUR, par=sophie)

    assert peut(relu(paul), Droit.LIRE_ASSISTANCE)
    with time_machine.travel(datetime.now(UTC) + 2 * JOUR, tick=False):
        assert droits_de(relu(paul)) == set()


def test_l_agent_et_son_suppleant_lisent_par_courriel_ce_qui_change(sophie: Utilisateur, lea: Utilisateur) -> None:
    faite = affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, par=sophie)
    suppleer(faite, suppleant=agent(), du=localdate(), au=localdate() + 10 * JOUR, par=sophie)
    terminer(faite, par=sophie)

    lus = [(courriel.destinataire, " ".join(courriel.texte.split())) for courriel in Courriel.objects.order_by("pk")]
    assert [a for a, _ in lus] == [lea.courriel, "paul.martin@asp.fr", lea.courriel]
    dits = ("Vous êtes affecté au service « DDETS 44 »", "Vous suppléez", "au service « DDETS 44 » prend fin")
    for (_, texte), dit in zip(lus, dits, strict=True):
        assert dit in texte.replace("\u00a0", " ")


def test_finir_ne_prolonge_jamais(sophie: Utilisateur) -> None:
    paul = agent()
    terminer(sienne(paul), au=localdate() + 2 * JOUR, par=sophie)

    terminer(sienne(paul), au=localdate() + 200 * JOUR, par=sophie)

    assert sienne(paul).au == localdate() + 2 * JOUR


def test_une_affectation_a_venir_que_l_on_termine_n_aura_jamais_compte(sophie: Utilisateur, lea: Utilisateur) -> None:
    dans_un_mois = localdate() + 30 * JOUR
    prevue = affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, du=dans_un_mois, par=sophie)

    assert terminer(prevue, par=sophie).au == dans_un_mois
    affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, du=dans_un_mois, par=sophie)


@pytest.mark.menace("T21")
def test_t21_un_superviseur_ne_se_donne_aucun_role(sophie: Utilisateur) -> None:
    with pytest.raises(PermissionDenied):
        affecter(sophie, service=service("44"), role=RoleAgent.PAYEUR, par=sophie)


@pytest.mark.menace("T21")
def test_t21_un_superviseur_ne_se_designe_pas_suppleant(sophie: Utilisateur, lea: Utilisateur) -> None:
    with pytest.raises(PermissionDenied):
        suppleer(sienne(lea), suppleant=sophie, du=localdate(), au=localdate() + JOUR, par=sophie)


@pytest.mark.menace("T21")
@pytest.mark.parametrize("ou", [(), ("35",), ("44", "35")], ids=["partout", "ailleurs", "plus large"])
def test_t21_un_superviseur_n_affecte_que_dans_ses_departements(ou: tuple[str, ...], lea: Utilisateur) -> None:
    locale = fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR, "44")

    with pytest.raises(PermissionDenied):
        affecter(lea, service=service(*ou), role=RoleAgent.ASSISTANCE, par=locale)
    affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, par=locale)


@pytest.mark.menace("T21")
def test_t21_un_superviseur_de_departement_n_atteint_ni_les_nationaux_ni_les_services_des_autres(
    sophie: Utilisateur, lea: Utilisateur
) -> None:
    locale = fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR, "44")
    ailleurs = Contenu("Autre", SorteService.DDETS, ("35",))
    for geste in (
        lambda: agents.suspendre(lea, par=locale),
        lambda: agents.renvoyer_invitation(courriel=lea.courriel, par=locale),
        lambda: terminer(sienne(sophie), par=locale),
        lambda: services.creer(ailleurs, par=locale),
        lambda: services.modifier(service("44"), ailleurs, par=locale),
        lambda: services.fermer(service("35"), par=locale),
    ):
        with pytest.raises(PermissionDenied):
            geste()


@pytest.mark.menace("T21")
def test_t21_le_dernier_superviseur_ne_peut_etre_retire(sophie: Utilisateur) -> None:
    """Ni par lui-même, ni par un autre dont l'affectation finira, ni en étendant moins loin son service."""
    bientot = localdate() + 5 * JOUR
    autre = fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR, au=bientot)
    for geste in (
        lambda: terminer(sienne(sophie), par=sophie),
        lambda: terminer(sienne(sophie), par=autre),
        lambda: terminer(sienne(sophie), au=bientot, par=autre),
        lambda: agents.suspendre(sophie, par=autre),
        lambda: services.modifier(service(), Contenu("Moins", SorteService.ASSISTANCE, ("44",)), par=sophie),
    ):
        with pytest.raises(ValidationError, match="Il ne resterait aucun superviseur"), transaction.atomic():
            geste()
    assert peut(relu(sophie), Droit.GERER_EQUIPE)


def test_un_superviseur_s_en_va_quand_un_autre_reste(sophie: Utilisateur) -> None:
    fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR)

    terminer(sienne(sophie), par=sophie)

    assert not relu(sophie).est_superviseur


def test_le_suppleant_d_une_superviseure_supervise_le_temps_de_l_absence(
    sophie: Utilisateur, lea: Utilisateur
) -> None:
    suppleer(sienne(sophie), suppleant=lea, du=localdate(), au=localdate() + JOUR, par=sophie)
    assert peut(relu(lea), Droit.GERER_EQUIPE)
    assert relu(lea).est_superviseur

    lever_suppleance(sienne(sophie), par=sophie)

    assert not peut(relu(lea), Droit.GERER_EQUIPE)
    assert not relu(lea).est_superviseur


def test_finir_une_affectation_ote_aussi_ce_que_le_suppleant_en_avait(sophie: Utilisateur, lea: Utilisateur) -> None:
    paul = agent()
    suppleer(sienne(paul), suppleant=lea, du=localdate(), au=localdate() + 9 * JOUR, par=sophie)

    terminer(sienne(paul), par=sophie)

    assert not peut(relu(lea), Droit.REPONDRE_ASSISTANCE)


def test_la_nuit_remet_les_faits_d_accord_et_rejouee_ne_change_rien(sophie: Utilisateur) -> None:
    """Les droits, eux, n'attendent pas la nuit."""
    prevue = fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR, du=localdate() + JOUR)
    Utilisateur.objects.filter(pk=prevue.pk).update(est_superviseur=False)
    Utilisateur.objects.filter(pk=sophie.pk).update(est_superviseur=False)

    taches.accorder(0)
    assert (relu(sophie).est_superviseur, relu(prevue).est_superviseur) == (True, False)
    assert accorder() == 0

    with time_machine.travel(datetime.now(UTC) + JOUR, tick=False):
        assert peut(relu(prevue), Droit.GERER_EQUIPE)
        taches.accorder(0)
        assert relu(prevue).est_superviseur


def test_fermer_un_service_demande_d_en_finir_les_affectations(sophie: Utilisateur, lea: Utilisateur) -> None:
    affectee = affecter(lea, service=service("44"), role=RoleAgent.ASSISTANCE, par=sophie)
    with pytest.raises(ValidationError, match="terminez-les d'abord"):
        services.fermer(service("44"), par=sophie)
    terminer(affectee, par=sophie)

    services.fermer(service("44"), par=sophie)

    with pytest.raises(ValidationError, match="fermé"):
        affecter(lea, service=Service.objects.get(nom="DDETS 44"), role=RoleAgent.ASSISTANCE, par=sophie)


def test_la_base_refuse_une_sorte_ou_un_departement_inconnus_et_une_ddets_de_tout_le_pays() -> None:
    faux_services: tuple[dict[str, object], ...] = (
        {"sorte": "mairie"},
        {"departements": ["20"]},
        {"departements": []},
    )
    for faux in faux_services:
        with pytest.raises(IntegrityError), transaction.atomic():
            Service.objects.create(**{"nom": "Faux", "sorte": SorteService.DDETS, "departements": ["44"]} | faux)


@pytest.mark.menace("T21")
@pytest.mark.parametrize("sorte", [SorteService.DDETS, SorteService.DREETS])
def test_t21_un_service_qui_n_est_pas_national_n_est_jamais_sans_departement(
    sophie: Utilisateur, sorte: SorteService
) -> None:
    """Ses agents verraient tout le pays."""
    with pytest.raises(ValidationError, match="Indiquez les départements"):
        services.creer(Contenu("Oubli", sorte), par=sophie)
    with pytest.raises(ValidationError, match="Indiquez les départements"):
        services.modifier(service("44"), Contenu("Oubli", sorte), par=sophie)


def test_sans_service_national_d_assistance_le_premier_agent_le_cree() -> None:
    Service.objects.all().delete()

    invitation = agents.creer_agent(courriel="lea.roux@asp.fr", nom="Roux", prenom="Léa", role=RoleAgent.SUPERVISEUR)

    assert sienne(invitation.agent).service == Service.objects.assistance_nationale()
    assert invitation.agent.est_superviseur


def test_la_portee_d_un_superviseur_de_plusieurs_services_est_leur_somme() -> None:
    deux = fabriques.affecter(
        fabriques.affecter(personne("anne@asp.fr"), RoleAgent.SUPERVISEUR, "44"), RoleAgent.SUPERVISEUR, "85"
    )
    affecter(agent(), service=service("44", "85"), role=RoleAgent.LECTEUR, par=deux)

    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM administrations_affectation WHERE role = 'lecteur'")
        assert curseur.fetchone() == (1,)

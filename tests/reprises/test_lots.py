"""Les lots : chaque lettre une fois, réimprimée à l'identique, et par quelqu'un qui n'y a pas d'intérêt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apart.administrations.models import RoleAgent, Service
from apart.comptes.models import Utilisateur
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import EtatLettre
from apart.reprises.lettres import CodeRefuse, LettreRefusee, bordereau, composer
from apart.reprises.models import Lettre, LotLettres
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.administrations.fabriques import affecter
from tests.boite import Boite
from tests.monde import etablissement, habiliter, personne
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
    reprise,
)

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def agent() -> Utilisateur:
    return imprimeur()


def test_un_lot_prend_tout_ce_qui_attend_et_fait_courir_les_jours(
    agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    ecrites = plusieurs(3)
    temps.shift(timedelta(days=40))  # une lettre jamais imprimée ne court pas

    lot = lots.imprimer_lot(par=agent)

    imprimees = Lettre.objects.filter(lot=lot, etat=EtatLettre.IMPRIMEE).order_by("pk")
    assert list(imprimees) == ecrites
    assert lot.nombre == 3
    assert {str(lettre.dernier_jour) for lettre in imprimees} == {"2027-01-23"}


def test_au_plus_500_lettres_par_lot(agent: Utilisateur, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "PAR_LOT", 2)
    plusieurs(3)

    assert [lots.imprimer_lot(par=agent).nombre for _ in range(2)] == [2, 1]
    with pytest.raises(LettreRefusee, match="Aucune lettre"):
        lots.imprimer_lot(par=agent)


@pytest.mark.django_db(transaction=True)
def test_deux_agents_ensemble_n_impriment_chaque_lettre_qu_une_fois(agent: Utilisateur) -> None:
    autre, depart = imprimeur("sophie@asp.fr"), Barrier(2)
    plusieurs(6)

    def imprimer(par: Utilisateur) -> int:
        try:
            depart.wait()
            return lots.imprimer_lot(par=par).nombre
        except LettreRefusee:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as fils:
        nombres = list(fils.map(imprimer, [agent, autre]))

    assert sum(nombres) == 6
    assert sum(lot.lettres.count() for lot in LotLettres.objects.all()) == 6
    assert EntreeJournal.objects.filter(geste="imprimer_lettre").count() == 6


@pytest.mark.menace("T21")
def test_t21_un_agent_n_imprime_pas_la_preuve_de_son_propre_acces(agent: Utilisateur) -> None:
    """Ni pour un établissement où il est habilité, ni pour la reprise qu'il a demandée."""
    fiche()
    fiche("35600000000048")
    boulangerie = etablissement(SIRET, "Boulangerie du Lac")
    habiliter(agent, boulangerie)
    lettre = ecrite(habilitee(ou=boulangerie))
    la_sienne = reprise(etablissement("35600000000048", "Poste"), courriel=agent.courriel)
    seconde = lettres.ecrire(etablissement=la_sienne.etablissement, par=None, pour_reprise=la_sienne)

    with pytest.raises(LettreRefusee):
        lots.imprimer_lot(par=agent)

    autre = imprimeur("sophie@asp.fr")
    assert lots.imprimer_lot(par=autre).nombre == 2
    for sienne in (lettre, seconde):
        for faire in (
            lambda une: lots.reimprimer(une, par=agent, motif="x"),
            lambda une: lots.reimprimer_lot(lot_de(une), par=agent, motif="x"),
            lambda une: lots.signaler_revenue(une, par=agent),
            lambda une: lots.annuler(une, par=agent, motif="x"),
        ):
            with pytest.raises(PermissionDenied):
                faire(sienne)


def test_un_agent_n_imprime_que_pour_ses_departements() -> None:
    fiche()
    lettre = ecrite(habilitee())
    d_ailleurs = imprimeur("paul@asp.fr", "44")

    with pytest.raises(LettreRefusee):
        lots.imprimer_lot(par=d_ailleurs)
    assert lots.imprimer_lot(par=imprimeur("sophie@asp.fr", "74")).lettres.get() == lettre


def test_il_faut_le_droit_d_imprimer() -> None:
    plusieurs(1)
    lecteur = affecter(personne("Roux", "Léa", "lea@asp.fr"), RoleAgent.LECTEUR)

    for par in (lecteur, personne("Sans", "Service", "sans@asp.fr", est_agent=True), Utilisateur.objects.first()):
        assert par is not None
        with pytest.raises(PermissionDenied):
            lots.imprimer_lot(par=par)


def test_le_lot_recompose_est_celui_dont_l_empreinte_est_gardee(agent: Utilisateur) -> None:
    ecrites = plusieurs(3)
    lot = lots.imprimer_lot(par=agent)

    pdf = lots.telecharger(lot, composer, par=agent)

    assert hashlib.sha256(pdf).hexdigest() == lot.empreinte
    csv = lots.telecharger(lot, bordereau, par=agent).decode()
    assert [lettre.numero in page for lettre, page in zip(ecrites, lire(pdf), strict=True)] == [True] * 3
    assert [lettre.numero in rang for lettre, rang in zip(ecrites, csv.splitlines()[1:], strict=True)] == [True] * 3


@pytest.mark.menace("T21")
def test_t21_les_fichiers_ne_se_prennent_que_par_qui_a_imprime_un_jour_et_c_est_note(
    agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    plusieurs(1)
    lot = lots.imprimer_lot(par=agent)
    lots.telecharger(lot, composer, par=agent)
    trace = EntreeJournal.objects.get(geste="consulter", sujet=lot.sujet)
    assert (trace.par, trace.details["empreinte"]) == (agent, lot.empreinte)

    with pytest.raises(PermissionDenied):
        lots.telecharger(lot, composer, par=imprimeur("sophie@asp.fr"))
    temps.shift(timedelta(hours=24))
    with pytest.raises(PermissionDenied):
        lots.telecharger(lot, composer, par=agent)


def test_reimprimer_un_lot_redonne_les_memes_pages_et_dit_pourquoi(
    agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    plusieurs(2)
    lot = lots.imprimer_lot(par=agent)
    temps.shift(timedelta(days=3))

    rouvert = lots.reimprimer_lot(lot, par=agent, motif="bourrage")

    assert hashlib.sha256(lots.telecharger(rouvert, composer, par=agent)).hexdigest() == lot.empreinte
    trace = EntreeJournal.objects.get(geste="reimprimer_lot")
    assert trace.details == {"motif": "bourrage", "lettres": 2, "empreinte": lot.empreinte}


def test_un_lot_dont_plus_rien_n_est_attendu_ne_se_reimprime_pas(agent: Utilisateur) -> None:
    (lettre,) = plusieurs(1)
    lot = lots.imprimer_lot(par=agent)
    lots.signaler_revenue(lettre, par=agent)

    with pytest.raises(LettreRefusee, match="rien à réimprimer"):
        lots.reimprimer_lot(lot, par=agent, motif="bourrage")


@pytest.mark.django_db(transaction=True)
def test_une_lettre_annulee_entre_deux_lectures_ne_passe_pas_pour_un_de_ses_acces(agent: Utilisateur) -> None:
    fiche()
    lettre, autre = imprimee(habilitee(), par=agent), imprimeur("sophie@asp.fr")
    lot = lot_de(lettre)
    annulees: list[str] = []

    def annuler() -> str:
        try:
            lots.annuler(lettre, par=autre, motif="doublon")
            return "annulée"
        finally:
            connection.close()

    def entre_deux(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        rendu = execute(sql, params, many, context)
        if "reprises_lettre" in sql and not annulees:
            annulees.append(fil.submit(annuler).result(timeout=10))
        return rendu

    refusee = pytest.raises(LettreRefusee, match="rien à réimprimer")
    with ThreadPoolExecutor(1) as fil, connection.execute_wrapper(entre_deux), refusee:
        lots.reimprimer_lot(lot, par=agent, motif="bourrage")
    assert annulees == ["annulée"]


def test_une_lettre_reimprimee_garde_code_adresse_et_essais_et_ses_jours_recommencent(
    agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    fiche()
    mienne = habilitee()
    lettre = imprimee(mienne, agent)
    code, jour = lettre.code, lettre.dernier_jour
    with pytest.raises(CodeRefuse):
        lettres.prouver(mienne, faux(code), par=mienne.utilisateur)
    temps.shift(timedelta(days=5))

    lots.reimprimer(lettre, par=agent, motif="page déchirée")
    lots.imprimer_lot(par=agent)

    apres = Lettre.objects.get(pk=lettre.pk)
    assert (apres.code, apres.adresse, apres.essais) == (code, lettre.adresse, 1)
    assert jour is not None
    assert apres.dernier_jour == jour + timedelta(days=5)
    assert EntreeJournal.objects.get(geste="reimprimer_lettre").details["motif"] == "page déchirée"


def test_une_lettre_revenue_previent_qui_l_attendait_et_dit_la_preuve_6(agent: Utilisateur, boite: Boite) -> None:
    fiche()
    lettre = imprimee(habilitee(), agent)
    code = lettre.code

    lots.signaler_revenue(lettre, par=agent)

    (recue,) = boite.recevoir()
    assert recue.a == "marie@exemple.fr"
    assert "nous est revenue" in recue.texte
    assert "une attestation de l'employeur" in recue.texte
    assert "depuis votre espace" in recue.texte
    assert code not in recue.texte


def test_la_lettre_revenue_d_une_reprise_previent_qui_la_demande(agent: Utilisateur, boite: Boite) -> None:
    fiche()
    demande = reprise(etablissement(SIRET, "Boulangerie du Lac"))
    lettre = lettres.ecrire(etablissement=demande.etablissement, par=None, pour_reprise=demande)
    lots.imprimer_lot(par=agent)

    lots.signaler_revenue(lettre, par=agent)

    assert [recue.a for recue in boite.recevoir()] == [demande.courriel]


@pytest.mark.parametrize(
    "geste",
    [
        lambda lettre, agent: lots.signaler_revenue(lettre, par=agent),
        lambda lettre, agent: lots.reimprimer(lettre, par=agent, motif="x"),
    ],
)
def test_ce_qui_n_est_pas_parti_ne_revient_ni_ne_se_reimprime(
    agent: Utilisateur, geste: Callable[[Lettre, Utilisateur], None]
) -> None:
    (lettre,) = plusieurs(1)

    with pytest.raises(GesteImpossible):
        geste(lettre, agent)


def test_annuler_une_lettre_laisse_la_place_a_une_autre(agent: Utilisateur) -> None:
    """Sans quoi un inconnu, par sa lettre, empêcherait celle de qui dirige l'établissement."""
    fiche()
    lettre = imprimee(habilitee(), agent)
    lots.annuler(lettre, par=agent, motif="demande d'un inconnu")

    assert ecrite(habilitee("paul@exemple.fr", lettre.etablissement)).etat == EtatLettre.A_IMPRIMER


DDETS = {"sorte": "ddets", "departements": ["74"], "adresse": "15 rue Dupanloup\n74000 Annecy", "signature": "A. Roux"}
DREETS = {"sorte": "dreets", "departements": ["01", "74"], "adresse": "1 boulevard Vivier-Merle"}
NATIONALE = {"sorte": "assistance", "departements": [], "adresse": "2 rue du Port"}


@pytest.mark.parametrize(
    ("services", "expediteur"),
    [
        ((NATIONALE, DREETS, DDETS), ("ddets", "15 rue Dupanloup", "74000 Annecy")),
        ((NATIONALE, DREETS), ("dreets", "1 boulevard Vivier-Merle")),
        ((NATIONALE, DDETS | {"departements": ["44"]}), ("assistance", "2 rue du Port")),
        ((DDETS | {"adresse": ""}, NATIONALE), ("assistance", "2 rue du Port")),
        ((DDETS | {"ferme_le": timezone.now()},), ()),
        ((NATIONALE | {"sorte": "agence_de_paiement"},), ()),
        ((), ()),
    ],
)
def test_une_lettre_part_au_nom_du_service_competent_la(
    services: tuple[dict[str, Any], ...], expediteur: tuple[str, ...]
) -> None:
    fiche()
    paul = imprimeur()  # l'assistance où il est affecté n'a pas d'adresse
    for service in services:
        Service.objects.create(nom=service["sorte"], **service)
    lettre = imprimee(habilitee(), paul)

    (page,) = lots.plis(lot_de(lettre))

    assert page.expediteur == expediteur
    assert page.signature == (("A. Roux",) if expediteur[:1] == ("ddets",) else ())


def test_un_lot_lit_les_services_une_seule_fois(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    paul = imprimeur()
    plusieurs(3)
    lot = lots.imprimer_lot(par=paul)

    with django_assert_num_queries(2):
        assert len(lots.plis(lot)) == 3

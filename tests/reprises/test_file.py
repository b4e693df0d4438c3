"""La file des agents : ce qui les attend d'abord, la plus ancienne promesse en tête ; le reste à part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.actions import agents, demande, execution, preuves
from apart.reprises.actions.pieces import joindre
from apart.reprises.etats import EtatReprise
from apart.reprises.file import A_TRAITER, PAR_PAGE, VUES
from apart.reprises.models import PieceAttendue, Reprise
from tests.comptes.fabriques import lu
from tests.pieces.fabriques import recue
from tests.reprises.etapes import champs
from tests.reprises.gens import agent, boulangerie, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

LUNDI = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # dix heures à Paris
E = EtatReprise


def dans(etat: EtatReprise, ou: Etablissement, *, il_y_a: int = 0, **autres: Any) -> Reprise:
    """Une reprise dans cet état, où tout est arrivé il y a tant d'heures."""
    with time_machine.travel(timezone.now() - timedelta(hours=il_y_a), tick=False):
        habilitation = Habilitation.objects.first() or tenir(ou)
        vue = champs(etat, tient=habilitation, agent=agent(f"Agent{Reprise.objects.count()}"))
        fin = {"close_le": timezone.now()} if etat in (E.REFUSEE, E.ABANDONNEE, E.ANNULEE) else {}
        courriel = f"lea{Reprise.objects.count()}@exemple.fr"
        return Reprise.objects.create(etablissement=ou, courriel=courriel, **{**vue, **fin, **autres})


def noms(vue: str) -> list[EtatReprise]:
    trouvees = VUES[vue].mot(Reprise.objects.all())
    return [EtatReprise(trouvee.etat) for trouvee in trouvees]


@time_machine.travel(LUNDI, tick=False)
def test_la_plus_ancienne_attente_est_en_tete_quelle_que_soit_la_date_du_depot() -> None:
    ou = boulangerie()
    dans(E.PROPOSEE, ou, il_y_a=1)
    dans(E.OPPOSEE, ou, il_y_a=5)
    ancienne = dans(E.CONFIRMEE, ou, il_y_a=100)
    joindre(ancienne, {PieceAttendue.ATTESTATION: [recue()]})
    dans(E.EXAMINEE, ou, il_y_a=2)

    assert noms("a-traiter") == [E.OPPOSEE, E.EXAMINEE, E.PROPOSEE, E.PIECE_RECUE]


def test_ce_qui_attend_la_personne_ou_un_delai_n_est_pas_a_traiter() -> None:
    ou = boulangerie()
    for etat in (E.CONFIRMEE, E.PIECE_DEMANDEE, E.OPPOSABLE):
        dans(etat, ou)

    assert noms("a-traiter") == []
    assert noms("en-attente") == [E.CONFIRMEE, E.PIECE_DEMANDEE, E.OPPOSABLE]


def test_un_appelant_attend_qu_on_le_rappelle() -> None:
    dans(E.CONFIRMEE, boulangerie(), ouverte_par=agent("Paul"))

    assert noms("a-traiter") == [E.CONFIRMEE]


def test_ce_qui_est_fait_ou_clos_est_a_part_le_dernier_en_tete() -> None:
    ou = boulangerie()
    for rang, etat in enumerate((E.REFUSEE, E.EXECUTEE, E.ABANDONNEE, E.ANNULEE)):
        dans(etat, ou, il_y_a=10 - rang)

    assert noms("a-traiter") == noms("en-attente") == []
    assert set(noms("finies")) == {E.REFUSEE, E.EXECUTEE, E.ABANDONNEE, E.ANNULEE}
    assert noms("finies")[0] == E.ANNULEE


def test_contestee_ou_proposee_a_defaire_une_reprise_faite_revient_a_traiter() -> None:
    ou = boulangerie()
    dans(E.EXECUTEE, ou, il_y_a=2, opposee_le=timezone.now())
    a_defaire = dans(E.EXECUTEE, ou)
    agents.proposer_annulation(a_defaire, motif="Le siège ne la connaît pas.", par=agent("Sophie"))

    assert noms("a-traiter") == [E.EXECUTEE, E.EXECUTEE]
    assert noms("finies") == []


def test_chaque_reprise_est_dans_une_part_et_une_seule() -> None:
    ou = boulangerie()
    autre = Etablissement.objects.create(siret="44306184100047", denomination="Bureau")
    for rang, etat in enumerate(EtatReprise):
        dans(etat, ou if rang % 2 else autre)

    rangees = [pk for vue in VUES.values() for pk in vue.mot(Reprise.objects.all()).values_list("pk", flat=True)]
    assert sorted(rangees) == sorted(Reprise.objects.values_list("pk", flat=True))


@time_machine.travel(LUNDI, tick=False)
def test_la_file_dit_le_delai_promis_et_ce_qui_est_en_retard(client: Client) -> None:
    ou = boulangerie()
    dans(E.PROPOSEE, ou, il_y_a=1)
    dans(E.OPPOSEE, ou, il_y_a=24 * 7)
    client.force_login(agent("Paul"))

    page = lu(client.get("/agents/reprises/"))

    assert "en retard de" in page
    assert "reste 2 jours" in page
    assert "02/12/2026 à 18 h 00" in page  # deux jours ouvrés, à dix-huit heures
    assert "Lire l'opposition" in page
    assert "Relire, et approuver ou non" in page


@time_machine.travel(LUNDI, tick=False)
def test_la_personne_lit_la_meme_promesse_que_l_agent(client: Client) -> None:
    dossier = dans(E.OPPOSEE, boulangerie(), il_y_a=1)
    suivi = f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"
    assert "Un agent vous répond au plus tard à 18 h 00, heure de Paris, le mercredi 2 décembre" in lu(
        client.get(suivi)
    )

    with time_machine.travel(LUNDI + timedelta(days=9), tick=False):
        page = lu(client.get(suivi))
    assert "Un agent devait vous répondre avant" in page
    assert dossier.numero in page


@pytest.mark.parametrize("etat", [E.CONFIRMEE, E.OPPOSABLE, E.EXECUTEE, E.REFUSEE])
def test_rien_n_est_promis_quand_aucun_agent_n_est_attendu(client: Client, etat: EtatReprise) -> None:
    suivi = demande.emettre_suivi(dans(etat, boulangerie()))

    assert "au plus tard" not in lu(client.get(f"/reprise/suivi/{suivi}/"))


def test_les_pages_se_tournent_par_cle_sans_rien_sauter(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    for rang in range(PAR_PAGE + 3):
        reprise(ou, E.EXAMINEE, courriel=f"lea{rang}@exemple.fr")
    client.force_login(agent("Paul"))

    premiere = A_TRAITER.page(Reprise.objects.all(), "")
    suite = A_TRAITER.page(Reprise.objects.all(), premiere.suivante)

    assert len(premiere.lignes) == PAR_PAGE
    assert len(suite.lignes) == 3
    assert not {ligne.pk for ligne in premiere.lignes} & {ligne.pk for ligne in suite.lignes}
    assert "Page suivante" in lu(client.get("/agents/reprises/"))
    assert "Page précédente" in lu(client.get(f"/agents/reprises/?page={premiere.suivante}"))


@pytest.mark.parametrize("vue", VUES)
def test_le_nombre_de_requetes_ne_grandit_pas(
    client: Client, vue: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ou = boulangerie()
    etats = {"a-traiter": E.EXAMINEE, "en-attente": E.PIECE_DEMANDEE, "finies": E.REFUSEE}
    for _ in range(6):
        dans(etats[vue], ou)
    client.force_login(agent("Paul"))

    with django_assert_max_num_queries(12):
        assert lu(client.get(f"/agents/reprises/?vue={vue}")).count(f"RA-{timezone.localdate():%Y}") >= 6


def test_la_page_de_l_etablissement_montre_la_reprise_qui_se_fera_sans_opposition(client: Client) -> None:
    ou = boulangerie()
    marie = tenir(ou).utilisateur
    preuves.invoquer_le_domaine(reprise(ou))
    client.force_login(marie)

    page = lu(client.get(f"/etablissements/{ou.siret}/"))

    assert "demande à reprendre l'accès de cet établissement" in page
    assert "Marie Durand le perd" in page


def test_une_phrase_oubliee_se_dit_en_haut_du_dossier_et_y_mene(client: Client) -> None:
    r = reprise(boulangerie(), EtatReprise.EXAMINEE)
    client.force_login(agent("Paul"))

    page = client.post(f"/agents/reprises/{r.pk}/refuser", {"motif": ""})

    assert page.status_code == 400
    assert 'href="#motif-refuser"' in lu(page)
    assert "<title>À revoir" in lu(page)


def test_faite_le_dossier_dit_quel_acces_a_fini_et_close_n_en_annonce_aucun(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    faite, refusee = reprise(ou), reprise(ou, EtatReprise.EXAMINEE, courriel="zoe@ailleurs.fr")
    agents.refuser(refusee, motif="Rien ne le prouve.", par=agent("Noé"))
    execution.executer(faite, Preuve.LETTRE)
    client.force_login(agent("Paul"))

    assert "Accès qui a fini</dt><dd>Marie Durand" in lu(client.get(f"/agents/reprises/{faite.pk}/"))
    assert "Accès qui" not in lu(client.get(f"/agents/reprises/{refusee.pk}/"))

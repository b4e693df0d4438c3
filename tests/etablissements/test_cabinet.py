"""Un cabinet entier derrière une seule adresse IP : trois cents espaces dans l'après-midi, déposés pour de bon.

Six cents envois par les vues, quarante ordres SQL par espace : c'est ce que coûte l'ouverture, et rien n'y est fait
deux fois. Le hachage, le travail du contrôle de sécurité et les messages, éprouvés ailleurs, sont réduits à rien.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from apart.etablissements.models import Habilitation, Role
from apart.etablissements.views.creation import SIRET_PAR_IP
from apart.socle import anti_robot
from apart.socle.models import EntreeJournal
from tests.comptes.fabriques import personne
from tests.etablissements.parcours import donner_siret
from tests.etablissements.test_deja_connecte import BUREAU, ajouter, au_bureau, sirets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_hachage_rapide")]
TREIZE_HEURES = datetime(2026, 11, 24, 12, tzinfo=UTC)
COLLABORATEURS, ESPACES = 10, 300


def test_trois_cents_espaces_s_ouvrent_en_un_apres_midi_par_une_seule_adresse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dix collaborateurs d'adresse prouvée, une demande par minute, de 13 h à 18 h : aucune n'est refusée."""
    monkeypatch.setattr(anti_robot, "COUT", 1)
    with time_machine.travel(TREIZE_HEURES, tick=False) as horloge:
        collegues = [personne(f"collaborateur{n}@cabinet.fr") for n in range(COLLABORATEURS)]
        postes = [(au_bureau(qui), qui) for qui in collegues]
        for n, siret in enumerate(sirets(ESPACES)):
            client, qui = postes[n % COLLABORATEURS]
            reponse = ajouter(client, qui, siret, courriel=qui.courriel, confirmer_courriel=qui.courriel)
            assert (reponse.status_code, reponse["Location"]) == (302, f"/etablissements/{siret}/")
            horloge.shift(timedelta(minutes=1))

    ouverts = Habilitation.objects.filter(role=Role.PRINCIPAL)
    assert {qui.courriel: ouverts.filter(utilisateur=qui).count() for qui in collegues} == {
        qui.courriel: ESPACES // COLLABORATEURS for qui in collegues
    }
    assert EntreeJournal.objects.filter(geste="ouvrir_espace").count() == ESPACES


@pytest.mark.menace("T1")
def test_t1_un_inconnu_derriere_la_meme_adresse_s_arrete_a_sa_borne() -> None:
    inconnu = Client(REMOTE_ADDR=BUREAU)
    with time_machine.travel(TREIZE_HEURES, tick=False):
        statuts = [donner_siret(inconnu, siret).status_code for siret in sirets(SIRET_PAR_IP.nombre + 2)]

    assert statuts == [302] * SIRET_PAR_IP.nombre + [429] * 2

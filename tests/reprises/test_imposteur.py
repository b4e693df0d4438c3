"""Un imposteur qui sait tout ce qui est public, a trois messageries et un domaine gratuit, n'entre jamais (T19).

Il joue chaque chemin : rien ne lui donne l'accès, ne relève une preuve ni ne touche au paiement. Sont énumérées chaque
suite de trois des six gestes qui prouvent (120) et chaque paire des dix-sept gestes, dans les deux ordres, deux fois
le même comprise (289) ; au-delà, des suites de quinze gestes sont tirées, toujours les mêmes, avec le temps qui passe.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations, product

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.actions import demande, execution, preuves
from apart.reprises.etats import EtatReprise
from tests.boite import Boite
from tests.etablissements.parcours import fiche
from tests.monde import personne
from tests.reprises.gens import SIRET, boulangerie, collegue, reprise, tenir
from tests.reprises.imposteur import (
    GESTES,
    PREUVES,
    SIENNES,
    VOISIN,
    Imposteur,
    acces,
    fautes,
    s_installer,
    sans_suite,
    taches,
    tenter,
)
from tests.reprises.test_demande import confirmer, recevoir

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.jour,
    pytest.mark.menace("T19"),
    pytest.mark.usefixtures("_hachage_rapide"),
]
UN_DELAI = timedelta(hours=74)  # plus qu'un délai d'opposition


def viser() -> Etablissement:
    """La boulangerie que tient Marie, où travaille Victor : l'un et l'autre ont prouvé par lettre."""
    fiche()
    fiche(VOISIN)
    ou = boulangerie()
    tenir(ou)
    collegue(ou)
    s_installer()
    return ou


@pytest.fixture
def cible() -> Etablissement:
    return viser()


def obtenu(ou: Etablissement, ordre: tuple[str, ...], boite: str) -> list[str]:
    """Ce que cette suite de gestes lui donne ; après chacun, trois jours passent, et ce qui se fait seul se fait."""
    avant, depart = acces(ou), timezone.now()
    with sans_suite(), time_machine.travel(depart, tick=False) as horloge:
        for nom in ordre:
            tenter(Imposteur(ou, boite), nom)
            horloge.shift(UN_DELAI)
            taches()
        return [f"{', '.join(ordre)} : {faute}" for faute in fautes(ou, avant)]


@pytest.mark.parametrize("premier", PREUVES)
def test_t19_aucun_ordre_de_preuves_ne_l_ouvre_a_un_imposteur(cible: Etablissement, premier: str) -> None:
    ordres = [ordre for ordre in permutations(PREUVES, 3) if ordre[0] == premier]
    for rang, ordre in enumerate(ordres):
        assert obtenu(cible, ordre, SIENNES[rang % len(SIENNES)]) == []


@pytest.mark.parametrize("premier", GESTES)
def test_t19_aucune_paire_de_gestes_ne_l_ouvre_a_un_imposteur(cible: Etablissement, premier: str) -> None:
    for rang, ordre in enumerate(product([premier], GESTES)):
        assert obtenu(cible, ordre, SIENNES[rang % len(SIENNES)]) == []


class Acharne(RuleBasedStateMachine):
    """Ses trois messageries à la fois, chaque geste, et le temps qui passe."""

    def __init__(self) -> None:
        super().__init__()
        self.essai = sans_suite()
        self.essai.__enter__()
        self.voyage = time_machine.travel(timezone.now(), tick=False)
        self.horloge = self.voyage.start()

    @initialize()
    def s_installer(self) -> None:
        self.ou = viser()
        self.avant = acces(self.ou)

    @rule(nom=st.sampled_from(sorted(GESTES)), boite=st.sampled_from(SIENNES))
    def jouer(self, nom: str, boite: str) -> None:
        tenter(Imposteur(self.ou, boite), nom)

    @rule(attente=st.sampled_from([timedelta(minutes=20), timedelta(hours=25), UN_DELAI, timedelta(days=32)]))
    def attendre(self, attente: timedelta) -> None:
        self.horloge.shift(attente)
        taches()

    @invariant()
    def il_n_a_rien(self) -> None:
        assert fautes(self.ou, self.avant) == []

    def teardown(self) -> None:
        self.voyage.stop()
        self.essai.__exit__(None, None, None)


def test_t19_aucune_longue_suite_tiree_ne_l_ouvre_a_un_imposteur() -> None:
    # Sans réduire l'exemple trouvé : chaque pas passe par la base, et quinze suffisent à le lire.
    essais = settings(
        max_examples=20, stateful_step_count=15, phases=[Phase.generate], database=None, derandomize=True
    )
    run_state_machine_as_test(Acharne, settings=essais)


def test_t19_chaque_geste_de_sa_page_de_suivi_est_refuse_ou_sans_effet(
    cible: Etablissement, client: Client, boite: Boite
) -> None:
    """Par les pages, du formulaire au suivi ; puis il vise les pages de l'établissement, connecté ou non."""
    avant = acces(cible)
    suivi = confirmer(client, recevoir(client, boite, courriel=SIENNES[1]))
    for geste, saisie in GESTES_DU_SUIVI:
        assert client.post(f"{suivi}{geste}", saisie).status_code in (302, 400), geste
        assert client.get(suivi).status_code == 200

    with time_machine.travel(timezone.now() + UN_DELAI):
        taches()
    assert fautes(cible, avant) == []
    for page in PAGES_DE_L_ETABLISSEMENT:
        assert client.get(page).status_code == 302, page
    client.force_login(Utilisateur.objects.get(courriel=SIENNES[1]))
    for page in PAGES_DE_L_ETABLISSEMENT:
        assert client.get(page).status_code == 404, page


GESTES_DU_SUIVI: tuple[tuple[str, dict[str, str]], ...] = (
    ("domaine", {}),
    ("adresse", {}),
    ("code", {"code": "0000-0000"}),
    ("collegue", {}),
    ("lettre", {}),
    ("lettre/code", {"lettre-code": "AAAAA-AAAAA"}),
    ("piece", {}),
    ("abandonner", {}),
)
PAGES_DE_L_ETABLISSEMENT = [
    f"/etablissements/{SIRET}/{page}" for page in ("", "personnes/", "preuve/", "preuve/lettre/", "reprises/")
]


@pytest.mark.parametrize("adresse", SIENNES)
def test_t19_aucune_de_ses_messageries_n_a_de_preuve_a_donner_seule(cible: Etablissement, adresse: str) -> None:
    dossier = reprise(cible, courriel=adresse)

    with pytest.raises(PermissionDenied):
        preuves.invoquer_le_domaine(dossier)
    with pytest.raises(PermissionDenied):
        preuves.donner_accord(dossier, par=Utilisateur.objects.get(courriel=SIENNES[2]))


def test_t19_l_espace_qu_il_a_ouvert_lui_meme_ne_lui_donne_jamais_le_paiement() -> None:
    """Il ouvre l'espace, pose sa seconde messagerie comme adresse de l'établissement, puis « reprend » par elle."""
    ou = boulangerie()
    tenir(ou, preuve=Preuve.COURRIEL)
    elle = personne("Blanc", "Léa", SIENNES[1])
    dossier = reprise(ou, courriel=SIENNES[1])

    execution.executer(dossier, Preuve.COURRIEL_ETABLISSEMENT)

    assert not Habilitation.objects.actives().get(utilisateur=elle).permet_paiement


def test_t19_un_inconnu_ne_bloque_pas_l_etablissement(cible: Etablissement) -> None:
    for _ in range(10):
        reprise(cible, EtatReprise.DEPOSEE, courriel=SIENNES[0])
    honnete = reprise(cible)

    preuves.invoquer_le_domaine(honnete)

    assert honnete.etat == EtatReprise.OPPOSABLE
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert demande.expirer() == 10

"""Relever sa preuve par son domaine professionnel : l'avis, 72 heures, l'opposition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.courriels.models import Courriel
from apart.etablissements.actions import relever
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import DemandePreuve, Etablissement, Habilitation, Preuve
from apart.etablissements.preuves import possibles
from apart.socle.models import EntreeJournal
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.etablissements.equipe import CONTACT, SIRET, Equipe, connecte, la_demande, part, relue, texte
from tests.etablissements.parcours import secret

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
DEUX = Preuve.DOMAINE


@pytest.fixture
def equipe() -> Equipe:
    return Equipe()


@pytest.fixture
def lea(equipe: Equipe) -> Habilitation:
    return equipe.entre("lea@boulangerie.fr")


@pytest.fixture
def avis(lea: Habilitation, boite: Boite) -> dict[str, Lettre]:
    """Léa demande que son adresse compte ; ce que chacun reçoit."""
    relever.demander(lea, DEUX, par=lea.utilisateur)
    return {lettre.a: lettre for lettre in boite.recevoir()}


@pytest.fixture
def _trois_jours_apres(avis: dict[str, Lettre]) -> Iterator[None]:
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        yield


def test_chacun_recoit_l_avis_avec_son_lien_sauf_la_personne(avis: dict[str, Lettre]) -> None:
    assert set(avis) == {"marie@boulangerie.fr", CONTACT}
    assert len({secret(lettre) for lettre in avis.values()}) == 2
    assert "Léa" not in texte(avis[CONTACT])
    assert "Lea Durand (lea@boulangerie.fr)" in texte(avis["marie@boulangerie.fr"])


@pytest.mark.usefixtures("_trois_jours_apres")
def test_sans_opposition_la_preuve_est_posee_apres_72_heures_une_seule_fois(lea: Habilitation) -> None:
    relever.poser_les_dues()
    relever.poser_les_dues()

    assert (relue(lea).preuve, relue(lea).valeur) == (DEUX, 2)
    assert not relue(lea).permet_paiement
    assert la_demande(lea).etat == EtatPreuve.POSEE
    assert EntreeJournal.objects.filter(geste="poser_preuve").count() == 1


@pytest.mark.usefixtures("avis")
def test_avant_72_heures_rien_n_est_pose(lea: Habilitation) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        relever.poser_les_dues()

    assert relue(lea).valeur == 1


@pytest.mark.usefixtures("_trois_jours_apres")
@pytest.mark.parametrize("change", ["parti", "adresse", "domaine"])
def test_tout_est_relu_au_moment_de_poser(equipe: Equipe, lea: Habilitation, change: str) -> None:
    if change == "parti":
        part(lea)
    elif change == "domaine":
        type(lea.utilisateur).objects.filter(pk=lea.utilisateur_id).update(courriel="lea@gmail.com")
    else:
        Etablissement.objects.update(courriel_prouve_le=None)
        part(equipe.marie)

    relever.poser_les_dues()

    assert relue(lea).valeur == 1
    assert la_demande(lea).etat == EtatPreuve.ABANDONNEE
    assert Courriel.objects.filter(modele="preuve_sans_suite").count() == 1


def test_une_opposition_sans_se_connecter_arrete_la_preuve_et_le_dit(
    avis: dict[str, Lettre], lea: Habilitation, boite: Boite
) -> None:
    lettre = avis[CONTACT]
    assert "Je m'y oppose" in lu(Client().get(lettre.chemin))
    assert la_demande(lea).etat == EtatPreuve.DEPOSEE  # lire n'oppose rien (T10)

    page = Client().post("/espace/opposition/", {"jeton": secret(lettre)}, follow=True)

    assert "Votre opposition est notée" in lu(page)
    assert la_demande(lea).etat == EtatPreuve.OPPOSEE
    assert "Quelqu'un de l'établissement s'y est opposé" in texte(boite.recevoir_une())
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        relever.poser_les_dues()
    assert relue(lea).valeur == 1


def test_le_lien_employe_dit_ce_qu_il_a_fait(avis: dict[str, Lettre]) -> None:
    for lettre in avis.values():
        Client().post("/espace/opposition/", {"jeton": secret(lettre)})

    assert "Quelqu'un s'y est opposé" in lu(Client().get(avis["marie@boulangerie.fr"].chemin))


@pytest.mark.menace("T18")
def test_t18_un_ancien_membre_ne_s_oppose_plus(avis: dict[str, Lettre], equipe: Equipe, lea: Habilitation) -> None:
    part(equipe.marie)

    page = Client().post("/espace/opposition/", {"jeton": secret(avis["marie@boulangerie.fr"])})

    assert page.status_code == 410
    assert "vous n'êtes plus habilité" in lu(page)
    assert la_demande(lea).etat == EtatPreuve.DEPOSEE


@pytest.mark.menace("T18")
def test_t18_une_opposition_n_ote_aucun_acces_et_laisse_les_autres_preuves(
    avis: dict[str, Lettre], equipe: Equipe, lea: Habilitation
) -> None:
    Client().post("/espace/opposition/", {"jeton": secret(avis[CONTACT])})

    assert relue(lea).au is None
    assert set(possibles(relue(lea))) >= {Preuve.COURRIEL_ETABLISSEMENT, Preuve.MEMBRE}
    relever.demander(lea, Preuve.MEMBRE, par=lea.utilisateur)
    relever.approuver(DemandePreuve.objects.get(niveau=4), par=equipe.marie.utilisateur)
    assert relue(lea).valeur == 4


def test_apres_une_opposition_la_page_ne_repropose_pas_aussitot_le_domaine(
    avis: dict[str, Lettre], lea: Habilitation
) -> None:
    Client().post("/espace/opposition/", {"jeton": secret(avis[CONTACT])})

    page = connecte(lea).post(f"/etablissements/{SIRET}/preuve/2/demander", follow=True)

    assert "refusée il y a moins de 30 jours" in lu(page)


# --- De qui vient le domaine ---


@pytest.mark.parametrize(
    ("sienne", "contact", "convient"),
    [
        ("lea@boulangerie.fr", "contact@boulangerie.fr", True),
        ("lea@gmail.com", "boulangerie@gmail.com", False),
        ("lea@boulangerie.fr", "contact@autre.fr", True),  # le domaine de Marie, qui a prouvé par lettre
        ("lea@ailleurs.fr", "contact@boulangerie.fr", False),
        ("lea@mail.boulangerie.fr", "contact@boulangerie.fr", False),
    ],
)
def test_le_domaine_est_professionnel_et_celui_de_l_etablissement_ou_d_un_membre_sur(
    equipe: Equipe, sienne: str, contact: str, convient: bool
) -> None:
    Etablissement.objects.update(courriel=contact)
    lea = equipe.entre(sienne)

    assert (DEUX in possibles(relue(lea))) is convient


def test_le_domaine_d_un_membre_qui_n_a_que_sa_messagerie_ne_vaut_rien(equipe: Equipe) -> None:
    equipe.entre("zoe@ailleurs.fr")
    lea = equipe.entre("lea@ailleurs.fr")

    assert DEUX not in possibles(relue(lea))

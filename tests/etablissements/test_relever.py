"""Relever sa preuve par un code reçu à l'établissement, ou par l'accord d'un membre ; et défaire."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.courriels.models import Courriel
from apart.etablissements.actions import preuves, relever
from apart.etablissements.actions.relever import PreuveRefusee
from apart.etablissements.etats import EtatPreuve
from apart.etablissements.models import DemandePreuve, Etablissement, Habilitation, Preuve, Role
from apart.etablissements.preuves import possibles
from apart.socle.limites import TropDeDemandes
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.etablissements.equipe import CONTACT, SIRET, Equipe, connecte, la_demande, part, relue, texte
from tests.etablissements.parcours import secret
from tests.monde import etablissement, habiliter, personne

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PAGE = f"/etablissements/{SIRET}/preuve/"
TROIS, QUATRE = Preuve.COURRIEL_ETABLISSEMENT, Preuve.MEMBRE


@pytest.fixture
def equipe() -> Equipe:
    return Equipe()


@pytest.fixture
def paul(equipe: Equipe) -> Habilitation:
    return equipe.entre("paul@gmail.com")


def recevoir(boite: Boite, a: str) -> Lettre:
    (lettre,) = [lettre for lettre in boite.recevoir() if lettre.a == a]
    return lettre


# --- Le code ---


def test_le_code_recu_par_l_etablissement_releve_la_preuve(paul: Habilitation, boite: Boite) -> None:
    client = connecte(paul)
    page = client.post(f"{PAGE}3/demander", follow=True)
    assert "Un code part vers le courriel de l'établissement" in lu(page)
    lettre = recevoir(boite, CONTACT)

    page = client.post(PAGE, {"code": lettre.code}, follow=True)

    assert "Votre preuve est relevée" in lu(page)
    assert (relue(paul).preuve, relue(paul).valeur) == (TROIS, 3)
    assert relue(paul).permet_paiement
    assert la_demande(paul).etat == EtatPreuve.POSEE


@pytest.mark.menace("T17")
def test_t17_le_message_du_code_ne_porte_pas_le_nom_de_la_personne(paul: Habilitation, boite: Boite) -> None:
    relever.demander(paul, TROIS, par=paul.utilisateur)

    lettre = recevoir(boite, CONTACT)

    assert "paul@gmail.com" in texte(lettre)
    assert "Durand" not in lettre.objet + lettre.texte + lettre.html


@pytest.mark.menace("T31")
def test_t31_cinq_essais_puis_le_bon_code_ne_vaut_plus(paul: Habilitation, boite: Boite) -> None:
    client = connecte(paul)
    client.post(f"{PAGE}3/demander")
    lettre = recevoir(boite, CONTACT)
    for _ in range(5):
        assert "Ce code ne correspond pas" in lu(client.post(PAGE, {"code": "ZZZZ-ZZZZ"}))

    assert "essayé trop de fois" in lu(client.post(PAGE, {"code": lettre.code}))
    assert relue(paul).valeur == 1


def test_le_lien_ne_sert_qu_a_la_personne_connectee(equipe: Equipe, paul: Habilitation, boite: Boite) -> None:
    """Un clic distrait dans la boîte de l'établissement, ou d'un collègue, ne pose rien."""
    relever.demander(paul, TROIS, par=paul.utilisateur)
    lettre = recevoir(boite, CONTACT)
    collegue = connecte(equipe.marie)
    assert "Donnez-lui le code du message" in lu(collegue.get(lettre.chemin))
    assert collegue.post("/espace/preuve/", {"jeton": secret(lettre)}).status_code == 403
    assert relue(paul).valeur == 1

    client = connecte(paul)
    assert "Poser cette preuve" in lu(client.get(lettre.chemin))
    assert client.post("/espace/preuve/", {"jeton": secret(lettre)})["Location"] == PAGE
    assert relue(paul).valeur == 3


def test_deux_personnes_ont_deux_codes(equipe: Equipe, paul: Habilitation, boite: Boite) -> None:
    lea = equipe.entre("lea@gmail.com")
    relever.demander(paul, TROIS, par=paul.utilisateur)
    relever.demander(lea, TROIS, par=lea.utilisateur)
    de_paul, de_lea = sorted(boite.recevoir(), key=lambda lettre: "lea@" in texte(lettre))

    with pytest.raises(JetonRefuse):
        relever.taper_code(la_demande(paul), de_lea.code, par=paul.utilisateur)
    relever.taper_code(la_demande(paul), de_paul.code, par=paul.utilisateur)

    assert [relue(paul).valeur, relue(lea).valeur] == [3, 1]


def test_un_code_retarde_sert_apres_le_suivant(paul: Habilitation, boite: Boite) -> None:
    for _ in range(2):
        relever.demander(paul, TROIS, par=paul.utilisateur)
    premier = boite.recevoir()[0]

    relever.taper_code(la_demande(paul), premier.code, par=paul.utilisateur)

    assert relue(paul).valeur == 3


def test_le_code_expire_apres_une_heure(paul: Habilitation, boite: Boite) -> None:
    relever.demander(paul, TROIS, par=paul.utilisateur)
    code = recevoir(boite, CONTACT).code

    with time_machine.travel(timezone.now() + timedelta(minutes=61)), pytest.raises(JetonRefuse):
        relever.taper_code(la_demande(paul), code, par=paul.utilisateur)


@pytest.mark.menace("T15")
def test_t15_l_etablissement_ne_recoit_que_trois_codes_par_quart_d_heure(paul: Habilitation) -> None:
    partis = [relever.demander(paul, TROIS, par=paul.utilisateur) for _ in range(5)]

    assert partis == [True, True, True, False, False]
    assert Courriel.objects.filter(modele="preuve_code").count() == 3


def test_dix_demandes_par_jour_au_plus(paul: Habilitation) -> None:
    for _ in range(10):
        relever.demander(paul, TROIS, par=paul.utilisateur)

    with pytest.raises(TropDeDemandes):
        relever.demander(paul, TROIS, par=paul.utilisateur)


@pytest.mark.parametrize(
    "champs",
    [{"courriel_prouve_le": None}, {"courriel": "paul@gmail.com"}, {"courriel": "marie@boulangerie.fr"}],
    ids=str,
)
def test_une_adresse_pas_prouvee_ou_d_un_membre_n_offre_pas_de_code(
    paul: Habilitation, champs: dict[str, object]
) -> None:
    Etablissement.objects.update(**champs)

    assert TROIS not in possibles(relue(paul))
    with pytest.raises(PreuveRefusee):
        relever.demander(relue(paul), TROIS, par=paul.utilisateur)


def test_qui_a_pose_l_adresse_n_en_tire_aucune_preuve(paul: Habilitation) -> None:
    Etablissement.objects.update(courriel_pose_par=paul.utilisateur)

    assert TROIS not in possibles(relue(paul))


# --- L'accord ---


def test_l_accord_d_un_membre_qui_a_mieux_prouve(equipe: Equipe, paul: Habilitation, boite: Boite) -> None:
    assert "sera relevée dès l'accord d'un membre" in lu(connecte(paul).post(f"{PAGE}4/demander", follow=True))
    assert "Paul Durand (paul@gmail.com)" in texte(recevoir(boite, "marie@boulangerie.fr"))
    marie = connecte(equipe.marie)
    assert "Paul Durand demande votre accord" in lu(marie.get(f"/etablissements/{SIRET}/"))

    page = marie.post(f"/etablissements/{SIRET}/preuves/{la_demande(paul).pk}/approuver", follow=True)

    assert "Votre accord est donné" in lu(page)
    assert "demande votre accord" not in lu(page)
    assert (relue(paul).garant, relue(paul).valeur) == (equipe.marie.utilisateur, 4)


def test_redemander_un_accord_n_ecrit_a_personne_de_plus(paul: Habilitation) -> None:
    assert [relever.demander(paul, QUATRE, par=paul.utilisateur) for _ in range(2)] == [True, False]

    assert DemandePreuve.objects.count() == 1
    assert Courriel.objects.filter(modele="preuve_a_approuver").count() == 1


def test_un_accord_n_est_offert_que_si_quelqu_un_peut_vraiment_le_donner(equipe: Equipe, paul: Habilitation) -> None:
    lea = equipe.entre("lea@gmail.com", QUATRE, garant=paul.utilisateur, valeur=1)
    part(equipe.marie)

    assert list(possibles(relue(paul))) == [TROIS]
    assert QUATRE not in possibles(lea)


def test_un_refus_se_dit_et_ne_se_redemande_pas_aussitot(equipe: Equipe, paul: Habilitation, boite: Boite) -> None:
    relever.demander(paul, QUATRE, par=paul.utilisateur)
    recevoir(boite, "marie@boulangerie.fr")
    connecte(equipe.marie).post(f"/etablissements/{SIRET}/preuves/{la_demande(paul).pk}/refuser")

    assert "Un membre a refusé son accord" in texte(recevoir(boite, "paul@gmail.com"))
    assert relue(paul).valeur == 1
    with pytest.raises(PreuveRefusee):
        relever.demander(paul, QUATRE, par=paul.utilisateur)


@pytest.mark.menace("T25")
def test_t25_la_demande_d_un_autre_etablissement_est_introuvable(paul: Habilitation) -> None:
    victor = habiliter(personne("Petit", "Victor", "victor@garage.fr"), etablissement("55208131766522", "Garage"))
    relever.demander(paul, QUATRE, par=paul.utilisateur)
    numero, client = la_demande(paul).pk, connecte(victor)

    for siret in (SIRET, "55208131766522"):
        for geste in ("approuver", "refuser", "defaire"):
            assert client.post(f"/etablissements/{siret}/preuves/{numero}/{geste}").status_code == 404
    with pytest.raises(PermissionDenied):
        relever.approuver(la_demande(paul), par=victor.utilisateur)
    assert client.get(PAGE).status_code == 404


def test_poser_une_preuve_laisse_sans_suite_celles_qu_elle_depasse(equipe: Equipe) -> None:
    lea = equipe.entre("lea@boulangerie.fr")
    for niveau in (Preuve.DOMAINE, QUATRE):
        relever.demander(lea, niveau, par=lea.utilisateur)

    relever.approuver(DemandePreuve.objects.get(niveau=QUATRE), par=equipe.marie.utilisateur)

    assert DemandePreuve.objects.get(niveau=Preuve.DOMAINE).etat == EtatPreuve.ABANDONNEE


def test_une_demande_oubliee_trente_jours_reste_sans_suite(paul: Habilitation) -> None:
    relever.demander(paul, QUATRE, par=paul.utilisateur)

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert relever.abandonner_les_oubliees() == 1

    assert la_demande(paul).etat == EtatPreuve.ABANDONNEE


# --- Défaire ---


@pytest.fixture
def relevee(equipe: Equipe, paul: Habilitation) -> DemandePreuve:
    """La preuve de Paul, relevée par l'accord de Marie ; Léa tient la sienne de lui."""
    relever.demander(paul, QUATRE, par=paul.utilisateur)
    relever.approuver(la_demande(paul), par=equipe.marie.utilisateur)
    Courriel.objects.all().delete()
    return la_demande(paul)


def test_un_autre_principal_defait_et_ce_qui_en_venait_est_repese(
    equipe: Equipe, paul: Habilitation, relevee: DemandePreuve
) -> None:
    lea = equipe.entre("lea@gmail.com", QUATRE, garant=paul.utilisateur)
    client = connecte(equipe.marie)
    assert "Défaire cette preuve" in lu(client.get(f"/etablissements/{SIRET}/"))

    page = client.post(f"/etablissements/{SIRET}/preuves/{relevee.pk}/defaire", follow=True)

    assert "La preuve de Paul Durand est défaite" in lu(page)
    assert (relue(paul).preuve, relue(paul).garant, relue(paul).valeur) == (Preuve.COURRIEL, None, 1)
    assert relue(lea).valeur == 1
    assert {c.destinataire for c in Courriel.objects.filter(modele="preuve_defaite")} == {
        "paul@gmail.com",
        "lea@gmail.com",
        "marie@boulangerie.fr",
    }


def test_defaite_elle_repose_de_nouveau_sur_la_preuve_d_avant_et_son_garant(equipe: Equipe) -> None:
    marie = equipe.marie.utilisateur
    lea = equipe.entre("lea@boulangerie.fr", Preuve.DOMAINE, garant=marie)
    preuves.fonder(lea, Preuve.DOMAINE, garant=marie)
    relever.demander(lea, QUATRE, par=lea.utilisateur)
    relever.approuver(la_demande(lea), par=marie)

    relever.defaire(la_demande(lea), par=marie)

    assert (relue(lea).preuve, relue(lea).garant, relue(lea).valeur) == (Preuve.DOMAINE, marie, 2)


def test_passe_trente_jours_une_preuve_ne_se_defait_plus(equipe: Equipe, relevee: DemandePreuve) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(PreuveRefusee):
        relever.defaire(relevee, par=equipe.marie.utilisateur)


def test_ni_soi_ni_un_membre_ni_un_principal_qui_a_moins_prouve_ne_defait(
    equipe: Equipe, paul: Habilitation, relevee: DemandePreuve
) -> None:
    faible = equipe.entre("faible@gmail.com", role=Role.PRINCIPAL)
    membre = equipe.entre("fort@gmail.com", Preuve.LETTRE)

    for qui in (paul, faible, membre):
        with pytest.raises(PermissionDenied):
            relever.defaire(relevee, par=qui.utilisateur)
    assert relue(paul).valeur == 4

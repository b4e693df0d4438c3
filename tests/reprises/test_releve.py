"""Relever sa preuve par une attestation : deux agents, aucun accès qui bouge, trente jours pour défaire."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions.preuves import poser
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises.actions import agents, demande, execution, preuves, releve
from apart.reprises.etats import EtatReprise
from apart.reprises.facons import facons
from apart.reprises.lettres import LettreRefusee
from apart.reprises.models import Reprise
from apart.socle.automate import GesteImpossible
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import secret
from tests.monde import personne
from tests.reprises.fabriques import fiche
from tests.reprises.gens import SIRET, agent, boulangerie, collegue, reprise, tenir
from tests.reprises.test_pieces import PDF

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
ADRESSE = f"/etablissements/{SIRET}/preuve/attestation"


@pytest.fixture
def victor() -> Habilitation:
    """Membre, sa messagerie seule ; Marie tient l'espace."""
    ou = boulangerie()
    tenir(ou)
    return collegue(ou, preuve=Preuve.COURRIEL)


def connecte(qui: Habilitation) -> Client:
    client = Client()
    client.force_login(qui.utilisateur)
    return client


def ouverte(qui: Habilitation) -> Reprise:
    releve.demander(qui, par=qui.utilisateur)
    return Reprise.objects.get(est_releve=True)


def proposee(qui: Habilitation) -> Reprise:
    """Avec son attestation et la pièce d'identité, relues par Paul."""
    dossier = ouverte(qui)
    fichier = SimpleUploadedFile("attestation.pdf", PDF, "application/pdf")
    carte = SimpleUploadedFile("carte.pdf", PDF, "application/pdf")
    saisie = {"attestation": [fichier], "identite": [carte]}
    Client().post(f"/reprise/suivi/{demande.emettre_suivi(dossier)}/piece", saisie)
    dossier.refresh_from_db()
    agents.proposer(dossier, motif="L'attestation et la pièce d'identité concordent.", par=agent("Paul"))
    return dossier


def approuvee(qui: Habilitation) -> Reprise:
    dossier = proposee(qui)
    agents.approuver(dossier, par=agent("Sophie"))
    return dossier


def acces() -> list[tuple[object, ...]]:
    return list(Habilitation.objects.order_by("pk").values_list("utilisateur", "role", "au"))


def test_la_preuve_est_relevee_et_aucun_acces_ne_bouge(victor: Habilitation, boite: Boite) -> None:
    avant = acces()

    dossier = approuvee(victor)

    victor.refresh_from_db()
    assert (victor.preuve, victor.valeur, victor.role) == (Preuve.REPRESENTANT, 6, Role.MEMBRE)
    assert acces() == avant
    assert (dossier.remplace, dossier.habilitation) == (None, victor)
    objets = {(lettre.a, lettre.objet.partition(" –")[0]) for lettre in boite.recevoir()}
    assert ("marie.durand@boulangerie.fr", "Une preuve va être relevée") in objets
    assert ("contact@boulangerie.fr", "Une preuve va être relevée") in objets
    assert not [objet for _, objet in objets if "accès" in objet]


@pytest.mark.menace("T20")
def test_t20_qui_propose_une_releve_ne_l_approuve_pas(victor: Habilitation) -> None:
    dossier = proposee(victor)

    with pytest.raises(PermissionDenied):
        agents.approuver(dossier, par=Utilisateur.objects.get(courriel="paul@asp.fr"))


@pytest.mark.menace("T20")
def test_t20_un_rappel_seul_ne_releve_rien(victor: Habilitation) -> None:
    dossier, paul = ouverte(victor), agent("Paul")
    agents.examiner(dossier, par=paul)

    with pytest.raises(PermissionDenied):
        agents.rappeler(dossier, "+33102030405", par=paul)
    with pytest.raises(GesteImpossible):
        agents.proposer(dossier, motif="Sincère.", par=paul)


def test_aucune_autre_facon_ne_releve_par_cette_demande(victor: Habilitation) -> None:
    fiche()
    dossier = ouverte(victor)

    assert [facon.preuve for facon in facons(dossier)] == [Preuve.REPRESENTANT]
    for geste in (preuves.invoquer_le_domaine, preuves.envoyer_code, preuves.demander_accord):
        with pytest.raises(PermissionDenied):
            geste(dossier)
    with pytest.raises(LettreRefusee):
        preuves.demander_lettre(dossier)
    with pytest.raises(PermissionDenied):
        execution.executer(dossier, Preuve.LETTRE)


def test_deux_agents_la_defont_et_la_preuve_d_avant_revient(victor: Habilitation, boite: Boite) -> None:
    avant = acces()
    dossier = approuvee(victor)
    boite.recevoir()
    agents.proposer_annulation(dossier, motif="Attestation d'une autre société.", par=agent("Noé"))

    agents.annuler(dossier, par=agent("Zoé"))

    victor.refresh_from_db()
    assert (victor.preuve, victor.valeur) == (Preuve.COURRIEL, 1)
    assert acces() == avant
    textes = {lettre.a: lettre.texte for lettre in boite.recevoir()}
    assert "repose de nouveau sur celle d'avant" in " ".join(textes["marie.durand@boulangerie.fr"].split())
    assert "Vous gardez votre accès" in textes[victor.utilisateur.courriel]


@pytest.mark.menace("T18")
def test_t18_contestee_apres_coup_puis_defaite_elle_ne_ferme_plus_rien(victor: Habilitation, boite: Boite) -> None:
    poser(victor, Preuve.LETTRE)
    dossier = approuvee(victor)
    avis = next(lettre for lettre in boite.recevoir() if lettre.objet.startswith("Une preuve va être relevée"))
    execution.s_opposer(secret(avis), texte="L'attestation n'est pas de nous.")
    victor.refresh_from_db()
    assert not victor.permet_paiement
    dossier.refresh_from_db()
    agents.proposer_annulation(dossier, motif="Attestation d'une autre société.", par=agent("Noé"))

    agents.annuler(dossier, par=agent("Zoé"))

    victor.refresh_from_db()
    assert (victor.preuve, victor.permet_paiement) == (Preuve.LETTRE, True)


def test_passe_trente_jours_elle_ne_se_defait_plus(victor: Habilitation) -> None:
    dossier = approuvee(victor)

    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(GesteImpossible):
        agents.proposer_annulation(dossier, motif="Trop tard.", par=agent("Noé"))


def test_partie_entre_temps_la_personne_n_a_rien_a_relever(victor: Habilitation) -> None:
    dossier = proposee(victor)
    Habilitation.objects.filter(pk=victor.pk).update(au=timezone.now())

    with pytest.raises(GesteImpossible):
        agents.approuver(dossier, par=agent("Sophie"))


@pytest.mark.menace("T18")
def test_t18_un_membre_prevenu_met_en_pause_une_releve(victor: Habilitation, boite: Boite) -> None:
    dossier = proposee(victor)
    avis = next(lettre for lettre in boite.recevoir() if lettre.a == "marie.durand@boulangerie.fr")
    page = lu(Client().get(avis.lien))
    assert "Une demande de preuve vous concerne" in page

    execution.s_opposer(secret(avis), texte="Il a quitté l'entreprise.")

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.OPPOSEE


def test_envoyee_deux_fois_elle_n_ouvre_qu_une_demande(victor: Habilitation, boite: Boite) -> None:
    for _ in range(2):
        assert "Demande de preuve RA-" in lu(connecte(victor).post(ADRESSE, follow=True))

    assert Reprise.objects.count() == 1
    (message,) = boite.recevoir()
    assert "Votre demande de preuve RA-" in message.objet


@pytest.mark.menace("T25")
def test_t25_nul_n_ouvre_celle_d_un_autre_ni_d_un_autre_etablissement(victor: Habilitation) -> None:
    zoe = personne("Roy", "Zoé", "zoe@exemple.fr")
    client = Client()
    client.force_login(zoe)

    assert client.post(ADRESSE).status_code == 404
    with pytest.raises(PermissionDenied):
        releve.demander(victor, par=zoe)


def test_qui_a_deja_la_plus_forte_n_a_rien_a_demander(victor: Habilitation) -> None:
    Habilitation.objects.update(preuve=Preuve.REPRESENTANT, valeur=6)

    page = lu(connecte(victor).post(ADRESSE, follow=True))

    assert "déjà la plus forte" in page
    assert not Reprise.objects.exists()


def test_elle_ne_prend_la_place_d_aucune_reprise(victor: Habilitation) -> None:
    honnete = reprise(victor.etablissement)
    proposee(victor)

    preuves.invoquer_le_domaine(honnete)

    assert honnete.etat == EtatReprise.OPPOSABLE


def test_reprendre_un_acces_et_relever_sa_preuve_sont_deux_demandes(victor: Habilitation) -> None:
    sienne = reprise(victor.etablissement, courriel=victor.utilisateur.courriel)

    ouverte(victor)

    sienne.refresh_from_db()
    assert sienne.etat == EtatReprise.CONFIRMEE


def test_le_suivi_et_le_dossier_disent_ce_qui_est_vrai(victor: Habilitation) -> None:
    dossier = proposee(victor)
    sophie = Client()
    sophie.force_login(agent("Sophie"))
    page = lu(sophie.get(f"/agents/reprises/{dossier.pk}/"))
    assert "Approuver : la preuve est relevée" in page
    assert "l'accès change de main" not in page
    assert "aucun : seule une preuve est relevée" in page

    assert "La preuve est relevée" in lu(sophie.post(f"/agents/reprises/{dossier.pk}/approuver", follow=True))

    suivi = lu(Client().get(f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"))
    assert "Votre preuve est relevée" in suivi
    assert "L'accès de" not in suivi


@pytest.mark.parametrize("champs", [{"habilitation": None}, {"raison": "partie"}, {"est_releve": False}])
def test_la_base_refuse_une_releve_mal_faite(victor: Habilitation, champs: dict[str, object]) -> None:
    dossier = ouverte(victor)

    with pytest.raises(IntegrityError), transaction.atomic():
        Reprise.objects.filter(pk=dossier.pk).update(**champs)

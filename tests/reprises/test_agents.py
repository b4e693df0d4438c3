"""Les gestes des agents : quatre yeux, un rappel qui vaut, une opposition lue, une reprise défaite."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apart.administrations.models import RoleAgent
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises import rappel
from apart.reprises.actions import agents, execution, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.forms.agents import RAISONS_DITES, AuTelephone
from apart.reprises.models import PieceAttendue, Raison, Reprise
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import fiche, secret
from tests.monde import personne
from tests.reprises.attaques import lever
from tests.reprises.gens import LEA, SAISIE, SIRET, agent, boulangerie, collegue, lea, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

PHRASE = "Rappelée au standard : le comptable confirme son arrivée."


def rappelee(dossier: Reprise) -> Reprise:
    """Un agent l'examine et l'a rappelée au téléphone de l'établissement."""
    paul = agent("Paul")
    agents.examiner(dossier, par=paul)
    agents.rappeler(dossier, "+33102030405", par=paul)
    return dossier


def proposee(dossier: Reprise) -> Reprise:
    rappelee(dossier)
    agents.proposer(dossier, motif=PHRASE, par=personne_agente("Paul"))
    return dossier


def personne_agente(prenom: str) -> Utilisateur:
    return Utilisateur.objects.get(courriel=f"{prenom.lower()}@asp.fr")


@pytest.mark.menace("T20")
def test_t20_qui_propose_n_approuve_pas(boite: Boite) -> None:
    ou = boulangerie()
    ancien = tenir(ou)
    dossier = proposee(reprise(ou))

    with pytest.raises(PermissionDenied):
        agents.approuver(dossier, par=personne_agente("Paul"))
    agents.approuver(dossier, par=agent("Sophie"))

    ancien.refresh_from_db()
    assert dossier.etat == EtatReprise.EXECUTEE
    assert ancien.au is not None
    auteurs = EntreeJournal.objects.filter(
        details__reprise=dossier.pk, geste__in=["proposer_reprise", "executer_reprise"]
    )
    assert [str(ligne.par) for ligne in auteurs.order_by("pk")] == ["Paul Martin", "Sophie Martin"]


def test_un_rappel_rend_l_acces_et_n_ouvre_pas_le_paiement() -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)
    dossier = proposee(reprise(ou))

    agents.approuver(dossier, par=agent("Sophie"))

    neuve = Habilitation.objects.actives().get(utilisateur=lea())
    assert neuve.preuve == Preuve.COURRIEL
    assert not neuve.permet_paiement


def test_sans_piece_ni_rappel_rien_ne_se_propose() -> None:
    ou = boulangerie()
    tenir(ou)
    dossier, paul = reprise(ou), agent("Paul")
    agents.examiner(dossier, par=paul)

    with pytest.raises(GesteImpossible):
        agents.proposer(dossier, motif="Elle a l'air sincère.", par=paul)


@pytest.mark.menace("T20")
def test_t20_on_ne_rappelle_qu_a_un_numero_ancien_du_dossier_et_pas_pose_par_la_personne() -> None:
    ou = boulangerie()
    tenir(ou)
    recent = collegue(ou)
    recent.utilisateur.telephone = "+33699999999"
    recent.utilisateur.save()
    dossier = reprise(ou)

    assert [n.numero for n in rappel.numeros(dossier)] == ["+33102030405"]
    with pytest.raises(PermissionDenied):
        agents.rappeler(dossier, dossier.telephone, par=agent("Paul"))

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert "+33699999999" in [n.numero for n in rappel.numeros(dossier)]


@pytest.mark.menace("T20")
def test_t20_un_agent_ne_traite_ni_sa_demande_ni_un_etablissement_ou_il_a_un_acces() -> None:
    ou = boulangerie()
    tenir(ou)
    paul, noe = agent("Paul"), agent("Noé")
    Habilitation.objects.create(
        utilisateur=noe, etablissement=ou, role=Role.MEMBRE, preuve=1, au=timezone.now() + timedelta(1)
    )

    with pytest.raises(PermissionDenied):
        agents.examiner(reprise(ou, courriel="paul+moi@asp.fr"), par=paul)
    with pytest.raises(PermissionDenied):
        agents.examiner(reprise(ou), par=noe)


@pytest.mark.menace("T21")
def test_t21_un_agent_d_ailleurs_ou_qui_ne_fait_que_lire_ne_peut_rien(client: Client) -> None:
    fiche(SIRET, code_postal="74000")
    ou = boulangerie()
    dossier = reprise(ou)
    lecteur, nantais = agent("Lise", role=RoleAgent.LECTEUR), agent("Nina", "44")

    for qui in (lecteur, nantais):
        with pytest.raises(PermissionDenied):
            agents.examiner(dossier, par=qui)
        client.force_login(qui)
        assert client.get(f"/agents/reprises/{dossier.pk}/").status_code in {403, 404}
    client.force_login(agent("Anne", "74"))
    assert client.get(f"/agents/reprises/{dossier.pk}/").status_code == 200


def test_refuser_dit_pourquoi_a_la_personne(boite: Boite) -> None:
    dossier, paul = reprise(boulangerie()), agent("Paul")
    agents.examiner(dossier, par=paul)

    agents.refuser(dossier, motif="Cet établissement est fermé depuis mars.", par=paul)

    assert "fermé depuis mars" in boite.recevoir_une().texte


def test_une_piece_se_demande_par_son_nom(boite: Boite) -> None:
    dossier, paul = reprise(boulangerie()), agent("Paul")
    agents.examiner(dossier, par=paul)

    agents.demander_piece(dossier, PieceAttendue.ATTESTATION, par=paul)

    assert "Attestation de l'employeur" in boite.recevoir_une().texte


@pytest.mark.menace("T18")
def test_t18_une_opposition_met_en_pause_et_ne_decide_pas(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    ancien = tenir(ou)
    dossier = reprise(ou)
    preuves.invoquer_le_domaine(dossier)
    avis = next(lettre for lettre in boite.recevoir() if lettre.a == "marie.durand@boulangerie.fr")

    page = client.post("/reprise/opposition/", {"jeton": secret(avis)})
    assert "Une reprise d'accès vous concerne" in lu(page)
    saisie = {"jeton": secret(avis), "etape": "s_opposer", "texte": "Je suis toujours là."}
    assert "est en pause" in lu(client.post("/reprise/opposition/", saisie, follow=True))

    with time_machine.travel(timezone.now() + timedelta(days=5)):
        preuves.executer_les_echues()
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.OPPOSEE
    lever(dossier)
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.EXAMINEE
    ancien.refresh_from_db()
    assert ancien.au is None


@pytest.mark.menace("T18")
def test_t18_une_seconde_opposition_se_dit_et_n_arrete_plus_rien(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.invoquer_le_domaine(dossier)
    premiers = {lettre.a: lettre for lettre in boite.recevoir()}
    execution.s_opposer(secret(premiers["marie.durand@boulangerie.fr"]), texte="Non.")
    lever(dossier)

    execution.s_opposer(secret(premiers["contact@boulangerie.fr"]), texte="Encore non.")

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.EXAMINEE
    assert "Encore non." in dossier.phrases.values_list("texte", flat=True)


def test_ouvrir_le_lien_d_opposition_ne_fait_rien(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.invoquer_le_domaine(dossier)

    for lettre in boite.recevoir():
        client.get(lettre.chemin)

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.OPPOSABLE


@pytest.mark.menace("T19")
def test_t19_defaire_se_fait_a_deux_et_rend_l_acces_tel_qu_il_etait(boite: Boite) -> None:
    ou = boulangerie()
    marie = tenir(ou).utilisateur
    victor = collegue(ou).utilisateur
    personne("Blanc", "Léa", LEA)
    dossier = reprise(ou)
    preuves.donner_accord(dossier, par=victor)
    paul, sophie = agent("Paul"), agent("Sophie")

    agents.proposer_annulation(dossier, motif="Le collègue s'est trompé.", par=paul)
    with pytest.raises(PermissionDenied):
        agents.annuler(dossier, par=paul)
    agents.annuler(dossier, par=sophie)

    rendue = Habilitation.objects.actives().get(utilisateur=marie)
    assert (rendue.role, rendue.preuve, rendue.valeur) == (Role.PRINCIPAL, Preuve.LETTRE, Preuve.LETTRE)
    assert not Habilitation.objects.actives().filter(utilisateur=lea()).exists()
    assert dossier.etat == EtatReprise.ANNULEE


def test_apres_trente_jours_rien_ne_se_defait() -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    execution.executer(dossier, Preuve.LETTRE)

    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(GesteImpossible):
        agents.proposer_annulation(dossier, motif="Trop tard.", par=agent("Paul"))


def test_defaite_avant_l_entree_le_lien_n_ouvre_plus_rien(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    execution.executer(dossier, Preuve.LETTRE)
    entree = next(lettre for lettre in boite.recevoir() if lettre.a == LEA)
    agents.proposer_annulation(dossier, motif="Doute.", par=agent("Paul"))
    agents.annuler(dossier, par=agent("Sophie"))

    page = client.get(entree.chemin)

    assert page.status_code == 410
    assert "a été défaite" in lu(page)


def test_au_telephone_la_demande_est_au_nom_de_l_appelant_et_n_existe_qu_une_fois_confirmee(
    client: Client, boite: Boite
) -> None:
    boulangerie()
    client.force_login(agent("Paul"))

    client.post("/agents/reprises/ouvrir/", SAISIE | {"siret": SIRET})

    dossier = Reprise.objects.get()
    assert (dossier.etat, str(dossier.ouverte_par)) == (EtatReprise.DEPOSEE, "Paul Martin")
    assert boite.recevoir_une().a == LEA
    client.get("/agents/reprises/")  # lit le message qui annonce l'envoi
    assert "RA-" not in client.get("/agents/reprises/").content.decode()


@pytest.mark.menace("T20")
def test_t20_le_formulaire_d_un_appelant_parle_de_lui_et_dit_ce_qui_ne_se_demande_pas(client: Client) -> None:
    client.force_login(agent("Paul"))
    page = lu(client.get("/agents/reprises/ouvrir/"))
    vide = lu(client.post("/agents/reprises/ouvrir/", {"siret": SIRET}))

    assert set(RAISONS_DITES) == set(Raison)
    textes = [*RAISONS_DITES.values(), *(str(champ.label) for champ in AuTelephone.base_fields.values())]
    assert not [texte for texte in textes if re.search(r"\b(je|j'|votre|vous|mon|ma)\b", texte, re.IGNORECASE)]
    assert "Indiquez la fonction de l'appelant." in vide
    for jamais in ("son mot de passe", "question secrète", "un code ou un lien reçu"):
        assert jamais in page


def test_l_appelant_relit_tout_ce_que_l_agent_a_ecrit(client: Client, boite: Boite) -> None:
    boulangerie()
    client.force_login(agent("Paul"))
    client.post("/agents/reprises/ouvrir/", SAISIE | {"siret": SIRET})
    client.logout()

    lien = boite.recevoir_une().chemin
    client.get(lien)
    page = lu(client.post("/reprise/confirmer/", {"jeton": lien.rstrip("/").rsplit("/", 1)[-1]}, follow=True))

    assert "Marie Durand est partie en septembre." in page
    assert Raison.PARTIE.label in page


def test_le_dossier_ne_montre_que_les_gestes_permis(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = proposee(reprise(ou))
    client.force_login(personne_agente("Paul"))
    assert "Approuver" not in lu(client.get(f"/agents/reprises/{dossier.pk}/"))

    client.force_login(agent("Sophie"))
    assert "Approuver" in lu(client.get(f"/agents/reprises/{dossier.pk}/"))


def test_chaque_geste_se_fait_depuis_le_dossier(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    client.force_login(agent("Paul"))
    chemin = f"/agents/reprises/{dossier.pk}/"

    client.post(f"{chemin}examiner")
    client.post(f"{chemin}rappeler", {"numero": "+33102030405"})
    assert client.post(f"{chemin}proposer", {"motif": ""}).status_code == 400
    client.post(f"{chemin}proposer", {"motif": PHRASE})
    client.post(f"{chemin}retirer")
    client.post(f"{chemin}refuser", {"motif": "Sans réponse de votre part."})

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.REFUSEE


def test_la_file_ne_grandit_pas_en_requetes(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ou = boulangerie()
    for rang in range(5):
        reprise(ou, courriel=f"personne{rang}@exemple.fr", raison=Raison.PARTIE)
    client.force_login(agent("Paul"))

    with django_assert_max_num_queries(12):
        assert client.get("/agents/reprises/").status_code == 200


def test_une_reprise_contestee_apres_coup_ferme_le_versement_jusqu_a_ce_qu_un_agent_lise(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)
    dossier = reprise(ou)
    preuves.donner_accord(dossier, par=collegue(ou).utilisateur)
    avis = next(lettre for lettre in boite.recevoir() if lettre.a == "marie.durand@boulangerie.fr" and lettre.lien)
    assert Habilitation.objects.actives().get(utilisateur=lea()).permet_paiement

    execution.s_opposer(secret(avis), texte="Je n'ai jamais quitté l'entreprise.")

    contestee = Habilitation.objects.actives().get(utilisateur=lea())
    assert not contestee.permet_paiement
    lever(dossier)
    du_versement = EntreeJournal.objects.filter(details={"habilitation": contestee.pk}).order_by("pk")
    assert [ligne.geste for ligne in du_versement] == ["contester_acces", "lever_contestation"]
    contestee.refresh_from_db()
    assert contestee.permet_paiement


def test_le_dossier_dit_pourquoi_aucun_geste_ne_revient_a_l_agent(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = proposee(reprise(ou))
    client.force_login(personne_agente("Paul"))
    chemin = f"/agents/reprises/{dossier.pk}/"

    agents.approuver(dossier, par=agent("Sophie"))
    agents.proposer_annulation(dossier, motif=PHRASE, par=personne_agente("Paul"))
    assert "Vous avez proposé de défaire : un autre agent le fait." in lu(client.get(chemin))

    agents.annuler(dossier, par=Utilisateur.objects.get(courriel="sophie@asp.fr"))
    page = lu(client.get(chemin))
    assert "un autre agent approuve" not in page
    assert "C'est fini : il n'y a plus de geste à faire." in page


def test_le_message_d_accord_ne_promet_pas_de_pause(boite: Boite) -> None:
    ou = boulangerie()
    collegue(ou)
    dossier = reprise(ou)

    preuves.demander_accord(dossier)

    assert "les agents le liront" in " ".join(boite.recevoir_une().texte.split())

"""Le second facteur perdu d'un agent : un superviseur propose, un autre approuve, l'agent reçoit un lien."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from apart.administrations.actions import agents, facteurs
from apart.administrations.etats import TRANSITIONS, EtatProposition
from apart.administrations.models import PropositionFacteur, RoleAgent
from apart.comptes.actions import jetons
from apart.comptes.models import Acces, Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.socle.automate import GesteImpossible, diagramme
from apart.socle.models import EntreeJournal
from tests.administrations.fabriques import affecter
from tests.boite import Boite
from tests.comptes.fabriques import (
    MOT_DE_PASSE,
    activer_application,
    agent,
    entrer,
    equiper,
    est_connecte,
    lu,
    personne,
)
from tests.envoi import confirmer

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
NOUVEAU = "clairon brume ecureuil safran"
MOTIF = "Vue ce matin à l'accueil, avec sa carte."


@pytest.fixture
def paul() -> Utilisateur:
    return agent()


@pytest.fixture
def sophie() -> Utilisateur:
    return superviseur("Sophie")


@pytest.fixture
def anne() -> Utilisateur:
    return superviseur("Anne")


def superviseur(prenom: str, *departements: str) -> Utilisateur:
    qui = personne(f"{prenom.lower()}@asp.fr")
    Utilisateur.objects.filter(pk=qui.pk).update(prenom=prenom)
    qui.refresh_from_db()
    return equiper(affecter(qui, RoleAgent.SUPERVISEUR, *departements))


def client_de(qui: Utilisateur) -> Client:
    client = Client()
    client.force_login(qui)
    confirmer(client, qui)
    return client


def proposer(par: Utilisateur, pour: Utilisateur) -> PropositionFacteur:
    return facteurs.proposer(pour, motif=MOTIF, par=par)


def test_deux_superviseurs_remplacent_le_second_facteur_et_l_agent_entre_de_nouveau(
    boite: Boite, paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    chez_paul = client_de(paul)
    page = f"/agents/equipe/{paul.pk}/second-facteur/"
    une, autre = client_de(sophie), client_de(anne)
    assert "Second facteur perdu" in lu(une.get(f"/agents/equipe/{paul.pk}/"))
    proposee = lu(une.post(page, {"motif": MOTIF}, follow=True))
    assert MOTIF in proposee
    assert ">Approuver<" not in proposee
    assert boite.recevoir_une().a == paul.courriel
    assert est_connecte(chez_paul)

    assert "proposé par Sophie Durand" in lu(autre.get("/agents/equipe/"))
    assert ">Approuver<" in lu(autre.get(page))
    numero = PropositionFacteur.objects.get().pk
    faite = lu(autre.post(f"{page}{numero}/approuver", follow=True))

    assert "reçoit par courriel un lien" in faite
    assert "/agents/activer/" not in faite
    assert not est_connecte(chez_paul)
    assert not Authenticator.objects.filter(user=paul).exists()
    lien = next(lettre.lien for lettre in boite.recevoir() if "nouveau mot de passe et un second" in lettre.objet)
    client = Client()
    assert "Votre compte est activé" in lu(client.post(lien, {"mot_de_passe": NOUVEAU}, follow=True))
    assert entrer(client, paul.identifiant, NOUVEAU).status_code == 302
    assert client.get("/").headers["Location"] == "/mon-espace/securite/proteger/"
    activer_application(client)
    assert client.get("/mon-espace/securite/").status_code == 200


def test_le_journal_nomme_les_deux(paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur) -> None:
    facteurs.approuver(proposer(sophie, paul), par=anne)

    lignes = EntreeJournal.objects.du_sujet(paul.sujet).filter(geste__endswith="facteur_agent").order_by("pk")
    assert [(ligne.geste, ligne.par) for ligne in lignes] == [
        ("proposer_facteur_agent", sophie),
        ("approuver_facteur_agent", anne),
    ]
    assert lignes[1].details["propose_par"] == sophie.pk


def test_l_ancien_mot_de_passe_ne_vaut_plus(paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur) -> None:
    """Sinon qui l'aurait volé entrerait le premier, et poserait son propre second facteur."""
    facteurs.approuver(proposer(sophie, paul), par=anne)
    voleur = Client()
    entrer(voleur, paul.identifiant)

    assert not est_connecte(voleur)


@pytest.mark.menace("T21")
def test_t21_ni_seul_ni_pour_soi(paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur) -> None:
    proposee = proposer(sophie, paul)
    with pytest.raises(PermissionDenied):
        facteurs.approuver(proposee, par=sophie)
    assert (
        client_de(sophie).post(f"/agents/equipe/{paul.pk}/second-facteur/{proposee.pk}/approuver").status_code == 403
    )
    with pytest.raises(PermissionDenied):
        facteurs.approuver(proposee, par=paul)
    with pytest.raises(PermissionDenied):
        proposer(sophie, sophie)
    with pytest.raises(PermissionDenied):
        facteurs.approuver(proposer(anne, sophie), par=sophie)
    assert Authenticator.objects.filter(user__in=[paul, sophie]).count() == 2


@pytest.mark.menace("T21")
@pytest.mark.parametrize("champ", ["proposee_par", "tranchee_par"])
def test_t21_la_base_refuse_l_agent_lui_meme_et_qui_a_propose(
    champ: str, paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    facteurs.approuver(proposer(sophie, paul), par=anne)

    for qui in (paul, sophie if champ == "tranchee_par" else anne):
        with pytest.raises(IntegrityError), transaction.atomic():
            PropositionFacteur.objects.update(**{champ: qui})


@pytest.mark.menace("T21")
def test_t21_deux_superviseurs_d_ailleurs_ne_prennent_pas_le_compte_d_un_superviseur_national(
    sophie: Utilisateur,
) -> None:
    ici = superviseur("Claire", "44")
    with pytest.raises(PermissionDenied):
        proposer(ici, sophie)
    proposee = proposer(superviseur("Anne"), sophie)
    with pytest.raises(PermissionDenied):
        facteurs.approuver(proposee, par=ici)


@pytest.mark.menace("T21")
def test_t21_un_superviseur_seul_n_obtient_pas_ensuite_le_lien(
    boite: Boite, paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    """Sans mot de passe, le compte ressemble à une invitation en attente : le bouton « Nouveau lien » refuse."""
    EntreeJournal.objects.create(geste="activer_agent", sujet=paul.sujet, par=paul)
    facteurs.approuver(proposer(sophie, paul), par=anne)

    with pytest.raises(ValidationError, match="s'approuve à deux"):
        agents.renvoyer_invitation(courriel=paul.courriel, par=anne)
    assert "s'approuve à deux" in lu(client_de(anne).post(f"/agents/equipe/{paul.pk}/inviter", follow=True))
    facteurs.approuver(proposer(anne, paul), par=sophie)  # le lien est expiré ? on recommence à deux
    assert len([le for le in boite.recevoir() if "nouveau mot de passe" in le.objet]) == 2


@pytest.mark.menace("T20")
def test_t20_qui_se_fait_passer_pour_l_agent_n_obtient_rien_si_l_agent_s_est_connecte(
    paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    """Un appel a convaincu Sophie ; Paul, prévenu par courriel, se connecte avec son second facteur."""
    proposee = proposer(sophie, paul)
    Acces.objects.create(utilisateur=paul)

    with pytest.raises(ValidationError, match="s'est connecté depuis"):
        facteurs.approuver(proposee, par=anne)
    page = lu(client_de(anne).post(f"/agents/equipe/{paul.pk}/second-facteur/{proposee.pk}/approuver", follow=True))
    assert "s'est connecté depuis" in page
    assert Authenticator.objects.filter(user=paul).exists()
    facteurs.retirer(proposee, par=anne)
    with pytest.raises(GesteImpossible):
        facteurs.approuver(proposee, par=anne)


@pytest.mark.menace("T20")
def test_t20_le_lien_ne_passe_par_aucun_superviseur_et_vaut_un_jour(
    boite: Boite, temps: time_machine.Traveller, paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    facteurs.approuver(proposer(sophie, paul), par=anne)
    lettres = boite.recevoir()
    assert {lettre.a for lettre in lettres} == {paul.courriel}
    lien = next(lettre.lien for lettre in lettres if "nouveau mot de passe" in lettre.objet)

    temps.shift(timedelta(hours=24))
    assert Client().get(lien).status_code == 410


@pytest.mark.menace("T38")
def test_t38_une_adresse_d_agent_qui_vient_de_changer_ne_recoit_pas_le_lien(
    paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    proposee = proposer(sophie, paul)
    Utilisateur.objects.filter(pk=paul.pk).update(adresse_posee_le=now())

    with pytest.raises(AdresseRetenue):
        facteurs.approuver(proposee, par=anne)
    assert Authenticator.objects.filter(user=paul).exists()


def test_approuver_demande_de_confirmer_qui_on_est(paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur) -> None:
    proposee = proposer(sophie, paul)
    client = client_de(anne)
    confirmer(client, anne, a_l_instant=False)

    reponse = client.post(f"/agents/equipe/{paul.pk}/second-facteur/{proposee.pk}/approuver")

    vers = reponse.headers["Location"]
    assert vers.startswith("/mon-espace/securite/confirmer/")
    assert PropositionFacteur.objects.get().etat == EtatProposition.PROPOSEE
    assert "reçoit par courriel un lien" in lu(client.post(vers, {"password": MOT_DE_PASSE}, follow=True))


def test_une_proposition_que_personne_n_approuve_se_perime_en_sept_jours(
    temps: time_machine.Traveller, paul: Utilisateur, sophie: Utilisateur
) -> None:
    proposer(sophie, paul)
    temps.shift(timedelta(days=7, seconds=-1))
    facteurs.perimer()
    assert PropositionFacteur.objects.get().etat == EtatProposition.PROPOSEE
    temps.shift(timedelta(seconds=1))
    facteurs.perimer()
    facteurs.perimer()
    assert PropositionFacteur.objects.get().etat == EtatProposition.PERIMEE
    assert proposer(sophie, paul).etat == EtatProposition.PROPOSEE


def test_une_proposition_tranchee_s_efface_au_bout_des_annees_et_le_journal_reste(
    temps: time_machine.Traveller, paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    facteurs.retirer(proposer(sophie, paul), par=anne)
    temps.shift(timedelta(days=5 * 365))
    assert facteurs.purger() == 0
    temps.shift(timedelta(days=2))
    assert facteurs.purger() == 1
    assert EntreeJournal.objects.filter(geste="retirer_facteur_agent").exists()


def test_un_motif_vide_se_dit_et_une_seconde_proposition_ne_perd_pas_la_saisie(
    paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur
) -> None:
    page = f"/agents/equipe/{paul.pk}/second-facteur/"
    assert "Écrivez comment vous avez reconnu" in lu(client_de(sophie).post(page, {"motif": " "}))
    assert not PropositionFacteur.objects.exists()


def test_sans_second_facteur_il_n_y_a_rien_a_remplacer(sophie: Utilisateur, anne: Utilisateur) -> None:
    lea = affecter(personne("lea.roux@asp.fr"))
    with pytest.raises(ValidationError, match="n'a pas de second facteur"):
        proposer(sophie, lea)


# --- La ligne de commande ---


def commande(courriel: str) -> str:
    sortie = StringIO()
    call_command("agent", "second-facteur", "--courriel", courriel, stdout=sortie)
    return "/" + sortie.getvalue().splitlines()[-1].split("/", 3)[3]


def test_seul_superviseur_la_page_renvoie_a_la_ligne_de_commande_qui_le_fait(
    paul: Utilisateur, sophie: Utilisateur
) -> None:
    page = lu(client_de(sophie).get(f"/agents/equipe/{paul.pk}/second-facteur/"))
    assert "apart agent second-facteur" in page
    assert "Proposer" not in page

    lien = commande(paul.courriel)

    assert not Authenticator.objects.filter(user=paul).exists()
    assert "Activer mon compte" in lu(Client().get(lien))
    assert EntreeJournal.objects.filter(geste="remplacer_facteur_agent", sujet=paul.sujet, par=None).count() == 1


def test_la_ligne_de_commande_perime_la_proposition_en_cours(paul: Utilisateur, sophie: Utilisateur) -> None:
    proposer(sophie, paul)
    commande(paul.courriel)
    assert PropositionFacteur.objects.get().etat == EtatProposition.PERIMEE


def test_la_ligne_de_commande_ne_touche_ni_un_inconnu_ni_un_employeur() -> None:
    employeur = equiper(personne())
    for courriel in ("inconnu@asp.fr", employeur.courriel):
        with pytest.raises(CommandError, match="Aucun agent n'a l'adresse"):
            commande(courriel)
    assert Authenticator.objects.filter(user=employeur).exists()


def test_les_liens_d_avant_meurent(paul: Utilisateur, sophie: Utilisateur, anne: Utilisateur) -> None:
    jetons.emettre(Usage.MOT_DE_PASSE, courriel=paul.courriel, utilisateur=paul)
    facteurs.approuver(proposer(sophie, paul), par=anne)

    vivants = paul.jetons.vivants()
    assert [jeton.usage for jeton in vivants] == [Usage.ACTIVATION_AGENT]


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"

    assert diagramme(TRANSITIONS) in docs.read_text(encoding="utf-8")

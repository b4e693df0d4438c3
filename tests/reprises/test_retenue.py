"""Une adresse qui vient de reprendre un accès n'en reprend pas un second, et ne répond de personne, un jour entier."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.models import Usage, Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions import personnes, rejoindre, relever
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandePreuve, DemandeRejoindre, Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions import agents, demande, execution, preuves
from apart.reprises.actions.pieces import joindre
from apart.reprises.etats import EtatReprise as E
from apart.reprises.facons import facons
from apart.reprises.models import PieceAttendue, Reprise
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.monde import etablissement, habiliter, personne
from tests.pieces.fabriques import recue
from tests.reprises.gens import LEA, agent, boulangerie, collegue, lea, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
JOUR = timedelta(days=1)
ENCORE = LEA.replace("@", "+encore@")


@pytest.fixture
def ou(temps: time_machine.Traveller) -> Etablissement:
    """Midi à Paris, le 23 novembre : Léa, qui n'avait pas de compte, y reprend l'accès."""
    ouverte = boulangerie()
    tenir(ouverte)
    execution.executer(reprise(ouverte), Preuve.COURRIEL_ETABLISSEMENT)
    return ouverte


@pytest.fixture
def ailleurs(ou: Etablissement) -> Etablissement:
    autre = etablissement("35600000000048", "Épicerie du Port")
    autre.courriel, autre.courriel_prouve_le = "contact@epicerie.fr", timezone.now()
    autre.save()
    habiliter(personne("Roy", "Anne", "anne@boulangerie.fr"), autre)
    return autre


def suivi(dossier: Reprise) -> str:
    return f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"


@pytest.mark.menace("T38")
@pytest.mark.parametrize("courriel", [LEA, ENCORE])
def test_t38_qui_vient_de_reprendre_un_acces_n_en_reprend_pas_un_second_avant_24_heures(
    ailleurs: Etablissement, client: Client, boite: Boite, temps: time_machine.Traveller, courriel: str
) -> None:
    """L'étiquette « +… » est la même boîte."""
    second = reprise(ailleurs, courriel=courriel)
    avant = len(boite.recevoir())
    page = lu(client.get(suivi(second)))
    assert "n'en reprend pas un second avant 12 h 00, heure de Paris, le 24 novembre 2026" in page
    assert [facon.preuve for facon in facons(second)] == [Preuve.REPRESENTANT]
    for geste in (preuves.invoquer_le_domaine, preuves.envoyer_code, preuves.demander_lettre, preuves.demander_accord):
        with pytest.raises(AdresseRetenue, match="avant 12 h 00, heure de Paris, le 24 novembre 2026"):
            geste(second)
    reponse = lu(client.post(f"{suivi(second)}adresse", follow=True))
    assert "vient de reprendre un autre accès : elle ne peut pas en reprendre un second avant 12 h 00" in reponse
    assert (avant, len(boite.recevoir())) == (avant, 0)

    temps.shift(JOUR)

    assert preuves.envoyer_code(second)
    preuves.employer_code(second, next(m.code for m in boite.recevoir() if m.a == "contact@epicerie.fr"))
    assert second.etat == E.EXECUTEE


@pytest.mark.menace("T38")
def test_t38_deux_agents_non_plus_et_un_delai_d_opposition_attend(
    ailleurs: Etablissement, temps: time_machine.Traveller
) -> None:
    """Ouverts avant, ni le délai ni l'approbation ne se font ; passé le jour, la même demande se fait."""
    ouvert = reprise(ailleurs, E.OPPOSABLE, opposition_jusqu_au=timezone.now(), preuve=Preuve.DOMAINE)
    Reprise.objects.filter(pk=ouvert.pk).update(remplace=ailleurs.habilitations.get())
    preuves.executer_les_echues()
    ouvert.refresh_from_db()
    assert ouvert.etat == E.OPPOSABLE

    temps.shift(JOUR)
    preuves.executer_les_echues()
    ouvert.refresh_from_db()
    assert ouvert.etat == E.EXECUTEE


@pytest.mark.menace("T38")
def test_t38_un_agent_lit_pourquoi_il_ne_peut_pas_encore_approuver(ailleurs: Etablissement, client: Client) -> None:
    second = reprise(ailleurs)
    joindre(second, {PieceAttendue.ATTESTATION: [recue()], PieceAttendue.IDENTITE: [recue()]})
    agents.proposer(second, motif="Attestation lue.", par=agent("Paul"))
    client.force_login(agent("Sophie"))

    page = lu(client.post(f"/agents/reprises/{second.pk}/approuver", follow=True))

    assert "L'adresse de cette demande vient de reprendre un autre accès" in page
    second.refresh_from_db()
    assert second.etat == E.PROPOSEE


def entree(ou: Etablissement) -> Utilisateur:
    """Léa ouvre son lien et choisit son mot de passe."""
    lien = jetons.emettre(Usage.ENTREE, courriel=LEA, duree=JOUR)
    Reprise.objects.get(etablissement=ou).jetons.add(lien.jeton)
    execution.entrer(lien.secret, mot_de_passe="clairon brume safran")
    return lea()


@pytest.mark.menace("T38")
def test_t38_qui_vient_d_entrer_ne_repond_d_aucune_reprise(
    ou: Etablissement, client: Client, temps: time_machine.Traveller
) -> None:
    qui = entree(ou)
    complice = reprise(ou, courriel="complice@exemple.fr")
    Habilitation.objects.filter(utilisateur=qui).update(role=Role.MEMBRE)
    client.force_login(qui)

    page = lu(client.post(f"/etablissements/{ou.siret}/reprises/{complice.pk}/accorder", follow=True))

    assert "vous ne pouvez répondre de personne avant 12 h 00, heure de Paris, le 24 novembre 2026" in page
    complice.refresh_from_db()
    assert complice.etat == E.CONFIRMEE
    temps.shift(JOUR)
    preuves.donner_accord(complice, par=qui)
    assert complice.etat != E.CONFIRMEE


@pytest.mark.menace("T38")
def test_t38_qui_vient_d_entrer_ne_releve_la_preuve_de_personne(
    ou: Etablissement, temps: time_machine.Traveller
) -> None:
    qui = entree(ou)
    Habilitation.objects.filter(utilisateur=qui).update(valeur=5, preuve=5, garant=None)
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    relever.demander(complice, Preuve.MEMBRE, par=complice.utilisateur)
    attend = DemandePreuve.objects.get()

    with pytest.raises(AdresseRetenue, match="ne pouvez répondre de personne"):
        relever.approuver(attend, par=qui)

    temps.shift(JOUR)
    assert relever.approuver(attend, par=qui).valeur == Preuve.MEMBRE


def test_relever_sa_propre_preuve_n_est_pas_reprendre_un_acces(ou: Etablissement) -> None:
    qui = entree(ou)
    mienne = Habilitation.objects.actives().get(utilisateur=qui)
    releve = reprise(ou, est_releve=True, raison="", habilitation=mienne)

    assert releve.retenue_jusqu_au is None


@pytest.mark.menace("T38")
def test_t38_qui_vient_d_entrer_ne_fait_entrer_personne_et_ne_designe_aucun_principal(
    ou: Etablissement, client: Client, temps: time_machine.Traveller
) -> None:
    qui = entree(ou)
    Habilitation.objects.filter(utilisateur=qui).update(valeur=5, preuve=5, garant=None)
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    attend = rejoindre.deposer(ou, nom="Y", prenom="Y", telephone="", courriel="y@exemple.fr")
    DemandeRejoindre.objects.update(etat=EtatRejoindre.CONFIRMEE, confirmee_le=timezone.now())
    client.force_login(qui)
    espace = f"/etablissements/{ou.siret}"

    acceptee = lu(client.post(f"{espace}/demandes/{attend.pk}/accepter", follow=True))
    designee = lu(client.post(f"{espace}/personnes/{complice.pk}/role/", {"role": Role.PRINCIPAL}, follow=True))
    passee = lu(
        client.post(f"{espace}/personnes/passer-la-main/", {"personne": complice.pk, "puis": "rester"}, follow=True)
    )

    for page in (acceptee, designee, passee):
        assert "vous ne pouvez répondre de personne avant 12 h 00" in page
    assert DemandeRejoindre.objects.get().etat == EtatRejoindre.CONFIRMEE
    complice.refresh_from_db()
    assert complice.role == Role.MEMBRE
    temps.shift(JOUR)
    rejoindre.accepter(DemandeRejoindre.objects.get(), par=qui)
    assert personnes.changer_role(complice, role=Role.PRINCIPAL, par=qui)

"""Les façons de reprendre un accès sans agent : le code de l'établissement, l'accord d'un collègue, le domaine."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Session, Utilisateur
from apart.courriels.models import Courriel
from apart.etablissements.echelle import PAR_PREUVE
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions import demande, execution, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.facons import facons
from apart.reprises.models import Reprise
from apart.socle.automate import GesteImpossible
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import MOT_DE_PASSE, lu
from tests.etablissements.gens import d_une_ligne
from tests.etablissements.parcours import secret
from tests.monde import etablissement, habiliter, personne
from tests.reprises.gens import LEA, boulangerie, collegue, lea, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def choix(dossier: Reprise) -> list[Preuve]:
    return [facon.preuve for facon in facons(dossier)]


def entrer(client: Client, lettre: Lettre) -> None:
    saisie = {"jeton": secret(lettre), "etape": "entrer", "mot_de_passe": MOT_DE_PASSE}
    client.post("/reprise/entrer/", saisie, follow=True)


def lettre_a(boite: Boite, adresse: str) -> Lettre:
    return next(lettre for lettre in boite.recevoir() if lettre.a == adresse)


def prouver_par_adresse(dossier: Reprise, boite: Boite) -> None:
    preuves.envoyer_code(dossier)
    preuves.employer_code(dossier, lettre_a(boite, "contact@boulangerie.fr").code)


def test_seules_les_facons_qui_conviennent_sont_montrees() -> None:
    ou = boulangerie()
    tenir(ou)
    collegue(ou)

    choisies = [Preuve.COURRIEL_ETABLISSEMENT, Preuve.MEMBRE, Preuve.DOMAINE, Preuve.REPRESENTANT]
    assert choix(reprise(ou)) == choisies


@pytest.mark.parametrize("preuve_du_titulaire", [Preuve.COURRIEL, Preuve.LETTRE])
def test_chaque_facon_dit_son_delai_et_ce_qu_elle_ouvre_sans_dire_ce_que_vaut_qui_tient_l_espace(
    client: Client, preuve_du_titulaire: Preuve
) -> None:
    ou = boulangerie()
    tenir(ou, preuve=preuve_du_titulaire)
    collegue(ou, preuve=preuve_du_titulaire)
    dossier = reprise(ou)

    page = lu(client.get(f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"))

    assert page.count("tout l'espace ; les versements aussi, si la personne dont vient cette preuve y a droit") == 2
    assert page.count("tout l'espace, sauf les versements") == 1
    assert page.count("versements compris, et le rôle d'utilisateur principal si personne ne le tient") == 1
    assert page.count("deux agents peuvent la défaire pendant 30 jours") == 4
    for facon in facons(dossier):
        assert PAR_PREUVE[facon.preuve].delai_promis in page


def test_une_adresse_grand_public_n_a_pas_de_domaine_a_invoquer() -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou, courriel="lea.blanc@gmail.com")

    assert Preuve.DOMAINE not in choix(dossier)
    with pytest.raises(PermissionDenied):
        preuves.invoquer_le_domaine(dossier)


@pytest.mark.parametrize("adresse", ["marie.durand@boulangerie.fr", LEA])
def test_l_adresse_d_un_membre_ou_de_qui_demande_ne_prouve_rien(adresse: str) -> None:
    ou = boulangerie()
    tenir(ou)
    Etablissement.objects.filter(pk=ou.pk).update(courriel=adresse)
    dossier = Reprise.objects.get(pk=reprise(ou).pk)

    assert Preuve.COURRIEL_ETABLISSEMENT not in choix(dossier)
    with pytest.raises(PermissionDenied):
        preuves.envoyer_code(dossier)


def test_une_adresse_pas_verifiee_ne_prouve_rien() -> None:
    ou = boulangerie(adresse_prouvee=False)
    tenir(ou)

    assert Preuve.COURRIEL_ETABLISSEMENT not in choix(reprise(ou))


def test_le_code_de_l_etablissement_rend_l_acces_aussitot(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    ancien = tenir(ou)
    dossier = reprise(ou)

    prouver_par_adresse(dossier, boite)

    ancien.refresh_from_db()
    assert ancien.au is not None
    entrer(client, lettre_a(boite, LEA))
    neuve = Habilitation.objects.actives().get(etablissement=ou)
    assert (neuve.utilisateur, neuve.role) == (lea(), Role.PRINCIPAL)
    assert (neuve.preuve, neuve.valeur) == (Preuve.COURRIEL_ETABLISSEMENT, 3)


def test_un_code_faux_ne_rend_rien_et_le_cinquieme_tue_le_code(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.envoyer_code(dossier)
    bon = lettre_a(boite, "contact@boulangerie.fr").code

    for _ in range(5):
        with pytest.raises(JetonRefuse):
            preuves.employer_code(dossier, "AAAA-AAAA")

    with pytest.raises(JetonRefuse):
        preuves.employer_code(dossier, bon)


def test_un_code_retarde_vaut_encore_apres_le_suivant(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.envoyer_code(dossier)
    premier = lettre_a(boite, "contact@boulangerie.fr").code
    preuves.envoyer_code(dossier)

    preuves.employer_code(dossier, premier)

    assert Reprise.objects.get(pk=dossier.pk).etat == EtatReprise.EXECUTEE


def test_une_reprise_annoncee_ne_congedie_que_la_personne_prevenue(boite: Boite) -> None:
    """Entre-temps, Léa est entrée par le code : elle n'a rien reçu, elle n'aurait pas pu s'opposer."""
    ou = boulangerie()
    tenir(ou)
    noe = reprise(ou, courriel="noe@boulangerie.fr")
    preuves.invoquer_le_domaine(noe)
    boite.recevoir()
    personne("Blanc", "Léa", LEA)
    prouver_par_adresse(reprise(ou), boite)

    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        preuves.executer_les_echues()

    assert Courriel.objects.get(destinataire=noe.courriel, modele="reprise_caduque").siret == ou.siret
    assert Habilitation.objects.principales().get(etablissement=ou).utilisateur == lea()
    assert Reprise.objects.get(pk=noe.pk).etat == EtatReprise.ABANDONNEE


def test_le_code_meurt_si_l_adresse_a_change_entre_temps(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.envoyer_code(dossier)
    Etablissement.objects.filter(pk=ou.pk).update(courriel="autre@boulangerie.fr")

    with pytest.raises(PermissionDenied):
        preuves.employer_code(dossier, lettre_a(boite, "contact@boulangerie.fr").code)


def test_le_code_d_une_autre_reprise_ne_vaut_pas_ici(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    sienne, autre = reprise(ou), reprise(ou, courriel="pirate@exemple.fr")
    preuves.envoyer_code(sienne)
    code = lettre_a(boite, "contact@boulangerie.fr").code
    preuves.envoyer_code(autre)

    with pytest.raises(JetonRefuse):
        preuves.employer_code(autre, code)


def test_le_domaine_attend_72_heures_puis_l_acces_change_de_main(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    ancien = tenir(ou)
    dossier = reprise(ou)

    preuves.invoquer_le_domaine(dossier)
    assert {lettre.a for lettre in boite.recevoir()} == {"marie.durand@boulangerie.fr", "contact@boulangerie.fr"}
    preuves.executer_les_echues()
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        preuves.executer_les_echues()
        preuves.executer_les_echues()
        entrer(client, lettre_a(boite, LEA))

    ancien.refresh_from_db()
    assert ancien.au is not None
    neuve = Habilitation.objects.actives().get(etablissement=ou)
    assert (neuve.preuve, neuve.valeur) == (Preuve.DOMAINE, 2)


def test_un_domaine_qui_n_est_plus_commun_a_l_echeance_abandonne_la_demande_et_le_dit() -> None:
    ou = boulangerie()
    marie = tenir(ou).utilisateur
    dossier = reprise(ou)
    preuves.invoquer_le_domaine(dossier)
    Utilisateur.objects.filter(pk=marie.pk).update(courriel="marie@gmail.com")
    Etablissement.objects.filter(pk=ou.pk).update(courriel="boulangerie@gmail.com")

    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        preuves.executer_les_echues()

    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.ABANDONNEE
    assert Courriel.objects.filter(destinataire=LEA, modele="reprise_caduque").count() == 1


def test_une_seule_reprise_proposee_a_la_fois() -> None:
    ou = boulangerie()
    tenir(ou)
    preuves.invoquer_le_domaine(reprise(ou))

    with pytest.raises(execution.DejaProposee):
        preuves.invoquer_le_domaine(reprise(ou, courriel="noe@boulangerie.fr"))


def test_s_ils_sont_deux_a_tenir_l_espace_personne_n_est_congedie(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    habiliter(personne("Petit", "Victor", "victor.petit@boulangerie.fr"), ou)

    prouver_par_adresse(reprise(ou), boite)
    entrer(client, lettre_a(boite, LEA))

    assert Habilitation.objects.principales().filter(etablissement=ou).count() == 3


def test_qui_a_deja_un_identifiant_entre_sans_autre_lien(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)

    prouver_par_adresse(reprise(ou), boite)

    assert Habilitation.objects.actives().get(etablissement=ou).utilisateur == lea()


def test_un_membre_qui_reprend_l_acces_devient_principal_et_garde_sa_meilleure_preuve(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    elle = personne("Blanc", "Léa", LEA)
    Habilitation.objects.create(utilisateur=elle, etablissement=ou, role=Role.MEMBRE, preuve=5, valeur=5)

    prouver_par_adresse(reprise(ou), boite)

    neuve = Habilitation.objects.actives().get(etablissement=ou)
    assert (neuve.utilisateur, neuve.role, neuve.valeur) == (elle, Role.PRINCIPAL, 5)


@pytest.mark.menace("T18")
def test_t18_l_ancien_perd_cet_etablissement_ses_sessions_et_ses_liens(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    marie = tenir(ou).utilisateur
    habiliter(marie, etablissement("55208131766522", "Garage Petit"))
    client.force_login(marie)
    assert client.get(f"/etablissements/{ou.siret}/").status_code == 200

    prouver_par_adresse(reprise(ou), boite)

    assert not Session.objects.ouvertes(marie).exists()
    client.force_login(marie)
    assert client.get(f"/etablissements/{ou.siret}/").status_code == 404
    assert client.get("/etablissements/55208131766522/").status_code == 200


def test_tous_sont_prevenus_sauf_qui_demande(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    collegue(ou)

    prouver_par_adresse(reprise(ou), boite)

    avis = {lettre.a for lettre in boite.recevoir() if "L'accès a changé de main" in lettre.objet}
    assert avis == {"marie.durand@boulangerie.fr", "victor.petit@boulangerie.fr", "contact@boulangerie.fr"}


def test_seul_l_ancien_lit_qu_il_n_a_plus_cet_etablissement(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    collegue(ou)

    prouver_par_adresse(reprise(ou), boite)

    lus = {lettre.a for lettre in boite.recevoir() if "Vous n'avez plus cet établissement" in d_une_ligne(lettre)}
    assert lus == {"marie.durand@boulangerie.fr"}


def test_le_lien_d_entree_deja_employe_dit_de_se_connecter(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    prouver_par_adresse(reprise(ou), boite)
    lettre = lettre_a(boite, LEA)
    assert execution.entree_deja_faite(secret(lettre)) == ""

    entrer(client, lettre)

    assert execution.entree_deja_faite(secret(lettre)).startswith("Vous êtes déjà entré dans cet espace.")


def test_le_lien_d_entree_d_une_reprise_defaite_le_dit(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    prouver_par_adresse(dossier, boite)
    lettre = lettre_a(boite, LEA)

    Reprise.objects.filter(pk=dossier.pk).update(etat=EtatReprise.ANNULEE)

    assert execution.entree_deja_faite(secret(lettre)) == "Cette reprise d'accès a été défaite."


def test_deux_fois_le_meme_geste_ne_rend_l_acces_qu_une_fois(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    victor = collegue(ou).utilisateur
    dossier = reprise(ou)
    preuves.donner_accord(dossier, par=victor)

    with pytest.raises((GesteImpossible, PermissionDenied)):
        preuves.donner_accord(Reprise.objects.get(pk=dossier.pk), par=victor)

    assert len([lettre for lettre in boite.recevoir() if lettre.a == LEA]) == 1


def test_le_suivi_fait_chaque_geste_et_dit_ce_qui_arrive(client: Client, boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    suivi = f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"

    page = client.post(f"{suivi}adresse", follow=True)
    assert "Un code part vers" in lu(page)
    code = lettre_a(boite, "contact@boulangerie.fr").code
    assert client.post(f"{suivi}code", {"code": "AAAA-AAAA"}).status_code == 400
    page = client.post(f"{suivi}code", {"code": code}, follow=True)

    assert "est à vous" in lu(page)


@pytest.mark.menace("T25")
def test_t25_un_voisin_ne_voit_ni_ne_repond(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    client.force_login(personne("Petit", "Noé", "noe@garage.fr"))

    assert client.get(f"/etablissements/{ou.siret}/reprises/").status_code == 404
    assert client.post(f"/etablissements/{ou.siret}/reprises/{dossier.pk}/accorder").status_code == 404


def test_apres_un_code_epuise_le_refus_est_celui_du_message_suivant(boite: Boite) -> None:
    """Un code faux s'essaie sur chaque message en route ; la personne a le dernier sous les yeux."""
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    preuves.envoyer_code(dossier)
    for _ in range(4):
        with pytest.raises(JetonRefuse):
            preuves.employer_code(dossier, "AAAA-AAAA")
    preuves.envoyer_code(dossier)

    with pytest.raises(JetonRefuse) as premier:
        preuves.employer_code(dossier, "AAAA-AAAA")
    with pytest.raises(JetonRefuse) as second:
        preuves.employer_code(dossier, "AAAA-AAAA")

    assert "trop de fois" not in premier.value.phrase + second.value.phrase

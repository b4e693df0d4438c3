"""Ce qu'un imposteur, puis ceux qui le défont, laissaient derrière eux (T18, T19)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Utilisateur
from apart.comptes.retenue import AdresseRetenue
from apart.etablissements.actions import offres, personnes, rejoindre
from apart.etablissements.actions.preuves import poser
from apart.etablissements.models import (
    Etablissement,
    Habilitation,
    MotifRetrait,
    Preuve,
    Role,
)
from apart.reprises.accords import adressees_a
from apart.reprises.actions import agents, execution, lettres, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.automate import GesteImpossible
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE, lu
from tests.monde import habiliter, personne
from tests.reprises.attaques import (
    MARIE,
    X,
    Y,
    acces,
    actif,
    admettre,
    defaire,
    demander_a_entrer,
    imposteur,
    lever,
    lien,
    piece,
    relue,
)
from tests.reprises.fabriques import fiche
from tests.reprises.gens import LEA, agent, boulangerie, collegue, reprise
from tests.reprises.test_defaire import attestation

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


# --- L'imposteur revient -----------------------------------------------------------------------------------------


@pytest.mark.menace("T19")
def test_t19_qui_avait_ouvert_l_espace_ne_revient_pas_par_la_boite_qu_il_a_posee(boite: Boite) -> None:
    """X a ouvert l'espace, avec deux messageries à lui. Léa le reprend par lettre. X, d'une troisième, revient."""
    ou = boulangerie()
    x = personne("X", "X", X)
    habiliter(x, ou)
    Etablissement.objects.filter(pk=ou.pk).update(courriel="contact@evil.fr", courriel_pose_par=x)
    ou = Etablissement.objects.get(pk=ou.pk)
    lea = personne("Blanc", "Léa", LEA)
    execution.executer(reprise(ou), Preuve.LETTRE)
    assert acces(lea, ou).role == Role.PRINCIPAL
    assert actif(x, ou) is None

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        retour = reprise(Etablissement.objects.get(pk=ou.pk), courriel="z@gmail.com")
        preuves.envoyer_code(retour)
        code = next(m.code for m in boite.recevoir() if m.a == "contact@evil.fr" and "opposer" not in m.texte)
        preuves.employer_code(relue(retour), code)

    assert actif(lea, ou) is not None  # une lettre (5) ne se perd pas, dans l'instant, à une boîte qui vaut 1


@pytest.mark.menace("T19")
def test_t19_un_complice_qui_part_et_que_l_imposteur_readmet_ne_reste_pas_principal(ou: Etablissement) -> None:
    """Ni par lui : parti de lui-même, il n'est pas « d'avant » ; entré depuis, il sort avec l'imposteur."""
    y = collegue(ou, preuve=Preuve.COURRIEL).utilisateur
    x, faite = imposteur(ou)
    personnes.quitter(acces(y, ou), par=y)
    demande = demander_a_entrer(ou, y.courriel)
    rejoindre.accepter(demande, par=x)
    personnes.changer_role(acces(y, ou), role=Role.PRINCIPAL, par=x)

    defaire(relue(faite))

    assert actif(y, ou) is None


@pytest.mark.menace("T19")
def test_t19_un_role_offert_sur_une_preuve_defaite_se_rend(ou: Etablissement, marie: Utilisateur) -> None:
    """Le rôle s'offre à qui vaut 4 : X ne le vaut que par sa fausse attestation."""
    x = personne("X", "X", X)
    sienne = Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(sienne)
    offres.tenir()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        offres.tenir()
        assert acces(x, ou).role == Role.PRINCIPAL
        defaire(relue(fausse))

    assert (acces(x, ou).role, acces(x, ou).valeur) == (Role.MEMBRE, Preuve.COURRIEL)


@pytest.mark.menace("T19")
def test_t19_un_role_offert_sur_une_preuve_n_en_designe_pas_un_autre(ou: Etablissement, marie: Utilisateur) -> None:
    x, y = personne("X", "X", X), personne("Y", "Y", Y)
    sienne = Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    complice = Habilitation.objects.create(utilisateur=y, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(sienne)
    offres.tenir()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        offres.tenir()
        with suppress(AdresseRetenue):
            personnes.changer_role(complice, role=Role.PRINCIPAL, par=x)
        defaire(relue(fausse))

    assert not Habilitation.objects.principales().filter(etablissement=ou, utilisateur__in=[x, y]).exists()


@pytest.mark.menace("T19")
def test_t19_ceux_qu_a_retires_un_role_pris_sur_une_preuve_defaite_reviennent(
    ou: Etablissement, marie: Utilisateur
) -> None:
    """X prend le rôle sur une fausse attestation, retire Victor, et l'attestation se défait."""
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    x = personne("X", "X", X)
    sienne = Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(sienne)
    offres.prendre(acces(x, ou), par=x)
    personnes.retirer(victor, par=x, motif=MotifRetrait.INCONNUE)

    defaire(relue(fausse))

    assert actif(victor.utilisateur, ou) is not None


@pytest.mark.menace("T19")
def test_t19_ceux_qu_a_fait_entrer_un_role_pris_sur_une_preuve_defaite_sortent(
    ou: Etablissement, marie: Utilisateur
) -> None:
    """Le rôle pris n'en désigne pas un autre pendant trente jours ; il admet qui il veut, le jour même."""
    x = personne("X", "X", X)
    sienne = Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    Utilisateur.objects.filter(pk=marie.pk).update(is_active=False)
    fausse = attestation(sienne)
    offres.prendre(acces(x, ou), par=x)
    y = admettre(ou, x)

    defaire(relue(fausse))

    assert actif(y, ou) is None


@pytest.mark.menace("T19")
def test_t19_un_accord_de_l_imposteur_pas_encore_employe_ne_fait_plus_entrer(ou: Etablissement, boite: Boite) -> None:
    """X accepte Y, qui n'a pas de compte ; la reprise de X se défait ; Y ouvre son lien le lendemain."""
    x, faite = imposteur(ou)
    demande = demander_a_entrer(ou, Y)
    rejoindre.accepter(demande, par=x)
    secret = next(m.lien for m in boite.recevoir() if m.a == Y).rstrip("/").rpartition("/")[2]
    defaire(relue(faite))

    with suppress(JetonRefuse):
        rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE)

    assert not Habilitation.objects.actives().filter(etablissement=ou, utilisateur__courriel=Y).exists()


@pytest.mark.menace("T18")
def test_t18_une_seconde_reprise_ne_rouvre_pas_le_versement_qu_une_opposition_ferme(
    ou: Etablissement, boite: Boite
) -> None:
    """X lit la boîte de l'établissement. Marie s'oppose : le versement se ferme. X recommence, d'une autre adresse."""
    personne("X", "X", X), personne("Y", "Y", Y)
    premiere = reprise(ou, courriel=X)
    execution.executer(premiere, Preuve.COURRIEL_ETABLISSEMENT)
    execution.s_opposer(lien(premiere, MARIE), texte="Je travaille ici.")
    boite.recevoir()

    seconde = reprise(ou, courriel=Y)
    with suppress(GesteImpossible):
        preuves.envoyer_code(seconde)
        lu_par_x = next(
            m.code for m in boite.recevoir() if m.a == "contact@boulangerie.fr" and "opposer" not in m.texte
        )
        preuves.employer_code(relue(seconde), lu_par_x)

    gens = Habilitation.objects.principales().filter(etablissement=ou)
    assert relue(premiere).a_lire
    assert not [h.utilisateur.courriel for h in gens if h.permet_paiement]


# --- Une personne honnête perd ---------------------------------------------------------------------------------------


def test_une_releve_faite_ne_tue_pas_le_lien_d_entree_d_une_reprise(ou: Etablissement) -> None:
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    faite = reprise(ou)  # Léa n'a pas de compte : sept jours pour entrer
    execution.executer(faite, Preuve.LETTRE)
    assert relue(faite).attend_l_entree

    attestation(victor)

    assert relue(faite).attend_l_entree


def test_une_reprise_d_imposteur_defaite_rend_l_entree_qu_elle_avait_fermee(ou: Etablissement) -> None:
    faite = reprise(ou)  # Léa, sans compte
    execution.executer(faite, Preuve.LETTRE)
    _, fausse = imposteur(ou)

    defaire(relue(fausse))

    gens = Habilitation.objects.principales().filter(etablissement=ou).count()
    assert gens or relue(faite).attend_l_entree


def test_le_depart_d_un_garant_ne_fait_pas_tomber_sous_la_preuve_qui_tient(
    ou: Etablissement, marie: Utilisateur
) -> None:
    """Victor a tapé le code de l'établissement (3), puis reçu l'accord d'Anne (4), qui part : il lui reste le code."""
    anne = personne("Roux", "Anne", "anne@boulangerie.fr")
    Habilitation.objects.create(utilisateur=anne, etablissement=ou, role=Role.MEMBRE, preuve=5, valeur=5)
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    poser(victor, Preuve.COURRIEL_ETABLISSEMENT)
    assert acces(victor.utilisateur, ou).permet_paiement
    poser(victor, Preuve.MEMBRE, accord_de=anne)

    personnes.quitter(acces(anne, ou), par=anne)

    assert acces(victor.utilisateur, ou).valeur == Preuve.COURRIEL_ETABLISSEMENT


def test_un_accord_qui_ne_valait_rien_hier_vaut_quand_son_garant_a_mieux_prouve(ou: Etablissement) -> None:
    """Comme pour qui vient d'être admis : la preuve reçue monte avec son garant."""
    garant = collegue(ou, preuve=Preuve.COURRIEL)
    lea = personne("Blanc", "Léa", LEA)
    Habilitation.objects.create(utilisateur=lea, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    execution.executer(reprise(ou), Preuve.MEMBRE, garant=garant.utilisateur)

    poser(garant, Preuve.REPRESENTANT)

    assert acces(lea, ou).valeur == Preuve.MEMBRE


def test_qui_sort_avec_l_imposteur_l_apprend(ou: Etablissement, boite: Boite) -> None:
    """Une salariée que le faux titulaire avait admise de bonne foi perd l'accès : personne ne le lui dit."""
    x, faite = imposteur(ou)
    y = admettre(ou, x, "salariee@boulangerie.fr")
    boite.recevoir()

    defaire(relue(faite))

    assert actif(y, ou) is None
    recus = [m.texte for m in boite.recevoir() if m.a == "salariee@boulangerie.fr"]
    assert [t for t in recus if "plus accès" in t or "défaite" in t or "accès retiré" in t.lower()], recus


def test_qui_a_passe_la_main_et_reste_membre_ne_perd_pas_l_acces(ou: Etablissement, marie: Utilisateur) -> None:
    victor = collegue(ou)
    dossier = reprise(ou, EtatReprise.EXAMINEE)
    piece(dossier, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    agents.proposer(relue(dossier), motif="Concordent.", par=agent("Paul"))
    personnes.passer_la_main(victor, par=marie, puis=personnes.Suite.MEMBRE)

    agents.approuver(relue(dossier), par=agent("Sophie"))

    assert actif(marie, ou) is not None  # elle n'est plus que membre


def test_defaire_ce_qui_ne_comptait_pas_n_annonce_aucun_changement(ou: Etablissement, boite: Boite) -> None:
    """Victor vaut 4 ; un rappel le rend principal (1), on le défait : sa preuve n'a jamais changé."""
    marie = Utilisateur.objects.get(courriel=MARIE)
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    poser(victor, Preuve.MEMBRE, accord_de=marie)
    anne = personne("Roux", "Anne", "anne@boulangerie.fr")
    Habilitation.objects.create(utilisateur=anne, etablissement=ou, role=Role.PRINCIPAL, preuve=5, valeur=5)
    dossier = reprise(ou, courriel="victor.petit@boulangerie.fr")
    execution.executer(dossier, Preuve.COURRIEL)
    prouvee_le = acces(victor.utilisateur, ou).prouvee_le
    boite.recevoir()

    defaire(relue(dossier))

    objets = [m.objet for m in boite.recevoir() if m.a == "victor.petit@boulangerie.fr"]
    assert not [o for o in objets if "preuve" in o.lower() or "versement" in o.lower()], objets
    assert acces(victor.utilisateur, ou).prouvee_le == prouvee_le


def test_un_salarie_d_un_sous_domaine_de_l_etablissement_a_sa_lettre(ou: Etablissement) -> None:
    fiche()
    Etablissement.objects.filter(pk=ou.pk).update(courriel="contact@groupe.fr")
    ou = Etablissement.objects.get(pk=ou.pk)
    preuves.demander_lettre(reprise(ou, courriel="paul@groupe.fr"))

    assert lettres.pourquoi_pas(reprise(ou, courriel="lea@paie.groupe.fr")) == ""


@pytest.mark.menace("T18")
def test_t18_un_inconnu_d_un_suffixe_partage_ne_ferme_pas_la_lettre(ou: Etablissement) -> None:
    """« asso.fr » n'est à personne : deux associations n'y sont pas un même domaine."""
    fiche()
    preuves.demander_lettre(reprise(ou, courriel="x@inconnu.asso.fr"))

    assert lettres.pourquoi_pas(reprise(ou, courriel="lea@boulangers.asso.fr")) == ""


# --- Ce qui croît ----------------------------------------------------------------------------------------------------


def test_l_accueil_d_un_membre_ne_croit_pas_avec_les_demandes_d_inconnus(
    ou: Etablissement, marie: Utilisateur, django_assert_max_num_queries: Any
) -> None:
    victor = collegue(ou)
    for rang in range(30):
        reprise(ou, courriel=f"x{rang}@evil{rang}.fr")

    with django_assert_max_num_queries(10):
        adressees_a(victor.utilisateur)


def test_le_bouton_d_accord_que_la_page_montre_ne_mene_pas_a_une_page_introuvable(
    ou: Etablissement, client: Client
) -> None:
    """Deux agents ont levé une opposition : plus aucun délai ne s'ouvre. Victor vaut moins que Marie."""
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    dossier = reprise(ou, EtatReprise.OPPOSEE)
    Reprise.objects.filter(pk=dossier.pk).update(opposee_le=timezone.now())
    lever(dossier)
    assert relue(dossier).est_ouverte
    client.force_login(victor.utilisateur)
    page = client.get(reverse("reprise-accords", args=[ou.siret]))
    if "Je réponds de" not in lu(page):
        return  # ne pas le montrer irait aussi

    reponse = client.post(reverse("reprise-accorder", args=[ou.siret, dossier.pk]), follow=True)

    assert reponse.status_code == 200


# --- Ce que dit le dossier -------------------------------------------------------------------------------------------


def test_passe_trente_jours_le_bouton_de_defaire_n_y_est_plus(ou: Etablissement, client: Client) -> None:
    """Le manuel : « Passé trente jours, le bouton n'y est plus. » Cliqué, il dit que le dossier a changé."""
    _, faite = imposteur(ou)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        client.force_login(agent("Paul"))
        page = lu(client.get(reverse("reprises-dossier", args=[faite.pk])))
        assert relue(faite).numero in page

    assert "Proposer de défaire" not in page


def test_qui_va_entrer_apprend_qu_un_autre_reprend_l_acces_et_peut_s_y_opposer(
    ou: Etablissement, client: Client, boite: Boite
) -> None:
    """Deux agents lui ont rendu l'accès ; son lien d'entrée mourait sans qu'on le lui dise."""
    attendue = reprise(ou)
    execution.executer(attendue, Preuve.COURRIEL)
    autre = reprise(ou, courriel="zoe@boulangerie.fr")
    boite.recevoir()

    preuves.invoquer_le_domaine(autre)

    assert LEA in {lettre.a for lettre in boite.recevoir()}
    execution.s_opposer(lien(autre, LEA), texte="C'est moi qui viens de reprendre cet accès.")
    assert relue(autre).etat == EtatReprise.OPPOSEE
    client.force_login(agent("Paul"))
    assert f"par {attendue.numero} : n'est pas encore entré" in lu(client.get(f"/agents/reprises/{autre.pk}/"))

"""Reprendre un accès par une lettre : la demander sur le suivi, taper son code, et ce qu'elle devient."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.repertoire.models import Fiche
from apart.reprises.actions import agents, demande, execution, lettres, lots, preuves
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.facons import facons
from apart.reprises.lettres import CodeRefuse, LettreRefusee, composer
from apart.reprises.models import Lettre, Reprise
from tests.boite import Boite
from tests.comptes.fabriques import equiper, lu
from tests.monde import personne
from tests.reprises.fabriques import faux, fiche, habilitee, imprimeur, lire, lot_de
from tests.reprises.gens import LEA, agent, boulangerie, lea, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
PIRATE = "pirate@exemple.fr"


@pytest.fixture
def ou() -> Etablissement:
    fiche()
    etablissement = boulangerie()
    tenir(etablissement)
    return etablissement


@pytest.fixture
def dossier(ou: Etablissement) -> Reprise:
    return reprise(ou)


def suivi(dossier: Reprise) -> str:
    return f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"


def imprimee(dossier: Reprise) -> Lettre:
    lettre = preuves.demander_lettre(dossier)
    lots.imprimer_lot(par=imprimeur(f"{lettre.pk}@asp.fr"))
    lettre.refresh_from_db()
    return lettre


def taper(client: Client, dossier: Reprise, code: str) -> str:
    return lu(client.post(f"{suivi(dossier)}lettre/code", {"lettre-code": code}, follow=True))


def offre_une_lettre(dossier: Reprise) -> bool:
    return Preuve.LETTRE in [facon.preuve for facon in facons(dossier)]


def test_de_la_demande_au_code_l_acces_change_de_main(
    client: Client, dossier: Reprise, ou: Etablissement, boite: Boite
) -> None:
    personne("Blanc", "Léa", LEA)
    page = lu(client.post(f"{suivi(dossier)}lettre", follow=True))
    assert "Votre lettre attend d'être imprimée" in page
    message = next(lettre for lettre in boite.recevoir() if lettre.a == LEA)
    assert "où taper son code" in message.objet

    lots.imprimer_lot(par=imprimeur())
    lettre = Lettre.objects.get()
    page = lu(client.get(message.lien))
    assert "Il vous reste 3 essais" in page
    assert "Code reçu par lettre" in page

    assert "est à vous" in taper(client, dossier, lettre.code.lower())
    neuve = Habilitation.objects.principales().get(etablissement=ou)
    assert (neuve.utilisateur, neuve.preuve, neuve.valeur) == (lea(), Preuve.LETTRE, 5)
    lettre.refresh_from_db()
    assert lettre.etat == EtatLettre.EMPLOYEE


def test_une_lettre_demandee_deux_fois_ne_part_qu_une_et_n_ecrit_qu_un_message(dossier: Reprise, boite: Boite) -> None:
    assert preuves.demander_lettre(dossier) == preuves.demander_lettre(dossier)
    assert len(boite.recevoir()) == 1


@pytest.mark.menace("T31")
def test_t31_un_code_faux_est_compte_et_le_troisieme_laisse_l_attestation(client: Client, dossier: Reprise) -> None:
    bon = imprimee(dossier).code

    assert "il vous reste 2 essais" in taper(client, dossier, faux(bon))
    assert "un seul essai" in taper(client, dossier, faux(bon))
    page = taper(client, dossier, faux(bon))
    assert "Son code a été essayé trois fois" in page
    assert "Reste l'attestation de l'employeur" in page
    assert "a été essayé trois fois" in taper(client, dossier, bon)
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.CONFIRMEE
    assert not offre_une_lettre(dossier)


@pytest.mark.menace("T19")
def test_t19_un_code_de_lettre_d_une_reprise_ne_vaut_que_pour_elle(ou: Etablissement, dossier: Reprise) -> None:
    code = imprimee(dossier).code
    autre = reprise(ou, courriel=PIRATE)

    with pytest.raises(CodeRefuse, match="Aucune lettre"):
        preuves.employer_lettre(autre, code)
    with pytest.raises(CodeRefuse):
        lettres.prouver(habilitee("zoe@exemple.fr", ou), code, par=habilitee("noe@exemple.fr", ou).utilisateur)

    preuves.employer_lettre(dossier, code)
    assert dossier.etat == EtatReprise.EXECUTEE


def test_opposee_entre_temps_le_code_reste_bon_et_n_ouvre_rien(client: Client, dossier: Reprise) -> None:
    code = imprimee(dossier).code
    Reprise.objects.update(etat=EtatReprise.OPPOSEE)

    assert "a avancé entre-temps" in taper(client, dossier, code)
    assert Lettre.objects.get().etat == EtatLettre.IMPRIMEE


def test_le_code_vaut_aussi_pendant_un_delai_d_opposition(dossier: Reprise) -> None:
    code = imprimee(dossier).code
    preuves.invoquer_le_domaine(dossier)

    preuves.employer_lettre(dossier, code)

    assert (dossier.etat, dossier.preuve) == (EtatReprise.EXECUTEE, Preuve.LETTRE)


@pytest.mark.parametrize("fin", ["abandonnee", "refusee", "executee"])
def test_une_reprise_finie_n_attend_plus_sa_lettre(dossier: Reprise, fin: str) -> None:
    lettre = preuves.demander_lettre(dossier)
    if fin == "abandonnee":
        demande.abandonner(dossier)
    elif fin == "refusee":
        agents.refuser(dossier, motif="Rien ne le prouve.", par=agent("Paul"))
    else:
        execution.executer(dossier, Preuve.COURRIEL_ETABLISSEMENT)

    lettre.refresh_from_db()
    assert (lettre.etat, bytes(lettre.code_chiffre)) == (EtatLettre.ANNULEE, b"")


def test_une_lettre_revenue_se_dit_sur_le_suivi(client: Client, dossier: Reprise) -> None:
    lettre = imprimee(dossier)
    lots.signaler_revenue(lettre, par=imprimeur())

    page = lu(client.get(suivi(dossier)))

    assert "Elle nous est revenue" in page
    assert "Reste l'attestation" in page
    with pytest.raises(LettreRefusee, match="déjà été écrite"):
        preuves.demander_lettre(dossier)


def test_une_lettre_echue_se_redemande_une_fois(
    client: Client, dossier: Reprise, temps: time_machine.Traveller
) -> None:
    imprimee(dossier)
    temps.shift(timedelta(days=23))

    page = lu(client.get(suivi(dossier)))

    assert "Sa date est passée. Demandez-en une autre, ou envoyez l'attestation" in page
    assert offre_une_lettre(dossier)


def test_dix_jours_apres_une_autre_la_remplace_et_une_seule(
    client: Client, dossier: Reprise, temps: time_machine.Traveller
) -> None:
    premiere = imprimee(dossier)
    temps.shift(timedelta(days=9))
    assert "Demander une autre lettre" not in lu(client.get(suivi(dossier)))
    temps.shift(timedelta(days=1))
    assert "Demander une autre lettre" in lu(client.get(suivi(dossier)))

    client.post(f"{suivi(dossier)}lettre")

    seconde = Lettre.objects.vivantes().get()
    assert seconde != premiere
    lots.imprimer_lot(par=imprimeur())
    temps.shift(timedelta(days=11))
    assert "Demander une autre lettre" not in lu(client.get(suivi(dossier)))
    with pytest.raises(LettreRefusee, match="déjà été écrite"):
        preuves.demander_lettre(dossier)


@pytest.mark.menace("T19")
def test_t19_la_demande_d_un_inconnu_ne_prend_pas_la_place_de_qui_a_un_acces(ou: Etablissement) -> None:
    """Une limite ne punit jamais qui elle protège : l'un et l'autre ont leur place, et leurs trois lettres."""
    qui = imprimeur()
    for rang in range(2):
        lots.signaler_revenue(imprimee(reprise(ou, courriel=f"pirate{rang}@exemple{rang}.fr")), par=qui)
    en_route = imprimee(reprise(ou, courriel=PIRATE))
    mienne = habilitee("zoe@exemple.fr", ou)

    lettre = lettres.ecrire(etablissement=ou, par=mienne.utilisateur, pour_habilitation=mienne)

    assert set(Lettre.objects.vivantes()) == {en_route, lettre}


def inconnus(ou: Etablissement, combien: int = 3) -> list[Reprise]:
    """Autant d'inconnus, chacun avec sa messagerie et sa demande."""
    return [reprise(ou, courriel=f"pirate@exemple{rang}.fr") for rang in range(combien)]


@pytest.mark.menace("T19")
def test_t19_un_inconnu_qui_a_sa_lettre_n_empeche_pas_celle_de_qui_est_de_la_maison(
    client: Client, ou: Etablissement, dossier: Reprise
) -> None:
    """Il tenait la seule place pendant vingt et un jours ; chacun a maintenant la sienne, et ses trois essais."""
    (inconnu,) = inconnus(ou, 1)
    la_sienne = imprimee(inconnu)
    assert offre_une_lettre(dossier)

    la_mienne = imprimee(dossier)

    assert set(Lettre.objects.vivantes()) == {la_sienne, la_mienne}
    assert "il vous reste 2 essais" in taper(client, inconnu, faux(la_sienne.code))
    assert "est à vous" in taper(client, dossier, la_mienne.code)


@pytest.mark.menace("T19")
def test_t19_trois_inconnus_prennent_les_trois_places_et_un_agent_en_rend_une(
    client: Client, ou: Etablissement, dossier: Reprise
) -> None:
    leurs = [imprimee(inconnu) for inconnu in inconnus(ou)]
    assert not offre_une_lettre(dossier)
    assert "un agent peut en annuler une" in lu(client.get(suivi(dossier)))
    with pytest.raises(LettreRefusee, match="Trois autres personnes"):
        preuves.demander_lettre(dossier)

    lots.annuler(leurs[1], par=imprimeur(), motif="personne ne connaît cette adresse")

    assert offre_une_lettre(dossier)
    assert preuves.demander_lettre(dossier).place == leurs[1].place


@pytest.mark.parametrize("imprimer", [False, True])
def test_la_lettre_qu_un_agent_a_ecartee_ne_se_redemande_pas(
    ou: Etablissement, temps: time_machine.Traveller, imprimer: bool
) -> None:
    (inconnu,) = inconnus(ou, 1)
    lettre = imprimee(inconnu) if imprimer else preuves.demander_lettre(inconnu)
    temps.shift(timedelta(days=11))
    lots.annuler(lettre, par=imprimeur(), motif="personne ne connaît cette adresse")

    with pytest.raises(LettreRefusee, match="déjà été écrite"):
        preuves.demander_lettre(inconnu)


def test_trois_demandeurs_au_plus_en_trente_jours(
    ou: Etablissement, dossier: Reprise, temps: time_machine.Traveller
) -> None:
    qui = imprimeur()
    for inconnu in inconnus(ou):
        lots.signaler_revenue(imprimee(inconnu), par=qui)
    with pytest.raises(LettreRefusee, match="en trente jours"):
        preuves.demander_lettre(dossier)

    temps.shift(timedelta(days=30, seconds=1))

    assert preuves.demander_lettre(dossier)


def test_qui_attend_la_sienne_la_remplace_quoi_qu_en_fassent_les_autres(
    ou: Etablissement, dossier: Reprise, temps: time_machine.Traveller
) -> None:
    premiere = imprimee(dossier)
    for inconnu in inconnus(ou, 2):
        imprimee(inconnu)
    temps.shift(timedelta(days=10))

    seconde = preuves.demander_lettre(dossier)

    premiere.refresh_from_db()
    assert (premiere.etat, seconde.etat) == (EtatLettre.ANNULEE, EtatLettre.A_IMPRIMER)


def test_deux_demandes_d_une_meme_boite_n_ont_qu_une_lettre(
    ou: Etablissement, dossier: Reprise, temps: time_machine.Traveller
) -> None:
    premiere = imprimee(dossier)
    jumelle = reprise(ou, courriel=LEA.replace("@", "+encore@"))
    with pytest.raises(LettreRefusee, match="déjà été écrite"):
        preuves.demander_lettre(jumelle)
    temps.shift(timedelta(days=10))

    seconde = preuves.demander_lettre(jumelle)

    assert list(Lettre.objects.vivantes()) == [seconde]
    premiere.refresh_from_db()
    assert premiere.etat == EtatLettre.ANNULEE


@pytest.mark.parametrize("meme", ["demandeur", "place"])
def test_la_base_ne_laisse_ni_deux_lettres_a_un_demandeur_ni_deux_a_une_place(
    ou: Etablissement, dossier: Reprise, meme: str
) -> None:
    preuves.demander_lettre(dossier)
    autre = preuves.demander_lettre(*inconnus(ou, 1))

    with pytest.raises(IntegrityError), transaction.atomic():
        Lettre.objects.filter(pk=autre.pk).update(**{meme: getattr(Lettre.objects.get(reprise=dossier), meme)})


def test_la_base_n_a_pas_de_quatrieme_place(dossier: Reprise) -> None:
    lettre = preuves.demander_lettre(dossier)

    with pytest.raises(IntegrityError), transaction.atomic():
        Lettre.objects.filter(pk=lettre.pk).update(place=4)


def test_la_lettre_et_la_fiche_de_l_agent_nomment_qui_demande_par_son_adresse(
    client: Client, dossier: Reprise
) -> None:
    lettre = imprimee(dossier)
    (page,) = lire(composer(lots.plis(lot_de(lettre))))

    assert f"La personne qui lit les messages de {LEA} demande à reprendre l'accès" in page
    assert dossier.nom not in page
    client.force_login(equiper(imprimeur()))
    assert f"demandée depuis {LEA}" in lu(client.get(f"/agents/lettres/{lettre.pk}/"))
    assert f", imprimée, demandée depuis {LEA}" in lu(client.get(f"/agents/reprises/{dossier.pk}/"))


def test_une_messagerie_n_en_fait_pas_ecrire_une_par_demande(ou: Etablissement, dossier: Reprise) -> None:
    imprimee(dossier)
    demande.abandonner(dossier)

    with pytest.raises(LettreRefusee, match="déjà été écrite"):
        preuves.demander_lettre(reprise(ou, courriel=LEA.replace("@", "+encore@")))


def test_qui_a_perdu_son_lien_redemande_et_sa_lettre_le_suit(ou: Etablissement, dossier: Reprise) -> None:
    personne("Blanc", "Léa", LEA)
    code = imprimee(dossier).code
    neuve = reprise(ou, EtatReprise.DEPOSEE)

    demande.confirmer_connecte(neuve, par=lea())

    preuves.employer_lettre(neuve, code)
    dossier.refresh_from_db()
    assert (dossier.etat, neuve.etat) == (EtatReprise.ABANDONNEE, EtatReprise.EXECUTEE)


def test_une_demande_qui_attend_sa_lettre_n_est_pas_abandonnee_au_trentieme_jour(dossier: Reprise) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=25)):
        imprimee(dossier)
    with time_machine.travel(timezone.now() + timedelta(days=35)):
        assert demande.expirer() == 0


@pytest.mark.parametrize("champs", [{"est_masquee": True}, {"est_fermee": True}, {"libelle_voie": ""}])
def test_sans_adresse_publique_la_facon_n_est_pas_montree(dossier: Reprise, champs: dict[str, object]) -> None:
    assert offre_une_lettre(dossier)

    Fiche.objects.update(**champs)

    assert not offre_une_lettre(dossier)


def test_un_code_mal_forme_ne_coute_aucun_essai(client: Client, dossier: Reprise) -> None:
    imprimee(dossier)

    page = client.post(f"{suivi(dossier)}lettre/code", {"lettre-code": "K7"})

    assert page.status_code == 400
    assert "À revoir" in lu(page)
    assert Lettre.objects.get().essais == 0


@pytest.mark.menace("T19")
@pytest.mark.parametrize("second", ["b@evil.fr", "b@sous.evil.fr"])
def test_t19_un_domaine_n_a_qu_une_lettre_meme_ecartee_et_les_sous_domaines_n_en_sont_pas_d_autres(
    ou: Etablissement, second: str
) -> None:
    premiere = imprimee(reprise(ou, courriel="a@evil.fr"))
    lots.annuler(premiere, par=imprimeur(), motif="personne ne connaît cette adresse")

    with pytest.raises(LettreRefusee, match="même domaine"):
        preuves.demander_lettre(reprise(ou, courriel=second))


@pytest.mark.parametrize("domaine", ["gmail.com", "boulangerie.fr"])
def test_une_messagerie_grand_public_est_a_chacun_et_le_domaine_de_l_entreprise_a_ses_salaries(
    ou: Etablissement, domaine: str
) -> None:
    imprimee(reprise(ou, courriel=f"a@{domaine}"))

    assert preuves.demander_lettre(reprise(ou, courriel=f"b@{domaine}"))

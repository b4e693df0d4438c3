"""Écrire une lettre : à l'adresse du répertoire et à elle seule, une à la fois, trois par mois."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from apart.etablissements.models import Habilitation, Preuve
from apart.repertoire.models import Fiche
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.lettres import LettreRefusee, SansAdresse, composer
from apart.reprises.models import Lettre
from apart.socle.models import EntreeJournal
from tests.monde import etablissement
from tests.reprises.fabriques import SIRET, ecrite, fiche, habilitee, imprimee, imprimeur, lire, reprise

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def mienne() -> Habilitation:
    fiche()
    return habilitee()


@pytest.mark.menace("T19")
def test_t19_la_lettre_part_a_l_adresse_du_repertoire_jamais_a_celle_qui_est_tapee(mienne: Habilitation) -> None:
    mienne.etablissement.libelle_voie, mienne.etablissement.ville = "rue de l'Imposteur", "Ailleurs"
    mienne.etablissement.save()

    assert ecrite(mienne).lignes == ("BOULANGERIE DU LAC", "12 RUE DU LAC", "74000 ANNECY")


@pytest.mark.menace("T17")
def test_t17_rien_de_ce_qu_un_demandeur_a_tape_n_est_sur_la_lettre(mienne: Habilitation) -> None:
    mienne.etablissement.denomination = "Appelez le 0899"
    mienne.etablissement.save()
    mienne.utilisateur.nom = "Appelez le 0899"
    mienne.utilisateur.save()

    (page,) = lire(composer([imprimee(mienne, imprimeur()).pli]))

    assert "BOULANGERIE DU LAC" in page
    assert "0899" not in page


def test_l_adresse_est_celle_du_jour_ou_la_lettre_s_ecrit(mienne: Habilitation) -> None:
    lettre = ecrite(mienne)
    Fiche.objects.update(libelle_voie="DES MARCHANDS")

    lettre.refresh_from_db()

    assert "DU LAC" in lettre.adresse
    assert lettre.departement == "74"
    assert EntreeJournal.objects.get(geste="ecrire_lettre").details == {"lettre": lettre.pk}


def test_demandee_deux_fois_elle_ne_s_ecrit_qu_une(mienne: Habilitation) -> None:
    assert ecrite(mienne) == ecrite(mienne)
    assert Lettre.objects.count() == 1


def test_une_seule_lettre_a_la_fois_vers_un_etablissement(mienne: Habilitation) -> None:
    ecrite(mienne)
    autre = habilitee("paul@exemple.fr", mienne.etablissement)

    with pytest.raises(LettreRefusee, match="déjà en route"):
        ecrite(autre)


def test_la_base_aussi_n_en_laisse_qu_une(mienne: Habilitation) -> None:
    lettre = ecrite(mienne)
    lettre.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        lettre.save(force_insert=True)


def test_au_plus_trois_lettres_en_trente_jours(mienne: Habilitation, temps: time_machine.Traveller) -> None:
    agent = imprimeur()
    for _ in range(3):
        lots.signaler_revenue(imprimee(mienne, agent), par=agent)

    with pytest.raises(LettreRefusee, match="Trois lettres"):
        ecrite(mienne)

    temps.shift(timedelta(days=30, seconds=1))
    assert ecrite(mienne).etat == EtatLettre.A_IMPRIMER


def test_une_lettre_annulee_avant_de_partir_ne_compte_pas(mienne: Habilitation) -> None:
    agent = imprimeur()
    for _ in range(4):
        lots.annuler(ecrite(mienne), par=agent, motif="doublon")

    assert ecrite(mienne).etat == EtatLettre.A_IMPRIMER


def test_dix_jours_apres_l_impression_une_autre_la_remplace(
    mienne: Habilitation, temps: time_machine.Traveller
) -> None:
    premiere = imprimee(mienne, imprimeur())
    temps.shift(timedelta(days=9))
    assert ecrite(mienne) == premiere

    temps.shift(timedelta(days=1))
    seconde = ecrite(mienne)

    premiere.refresh_from_db()
    assert premiere.etat == EtatLettre.ANNULEE
    assert seconde.code != ""
    assert bytes(premiere.code_chiffre) == b""


def test_une_lettre_echue_que_la_nuit_n_a_pas_vue_laisse_sa_place(
    mienne: Habilitation, temps: time_machine.Traveller
) -> None:
    imprimee(mienne, imprimeur())
    temps.shift(timedelta(days=22))
    autre = habilitee("paul@exemple.fr", mienne.etablissement)

    assert ecrite(autre).etat == EtatLettre.A_IMPRIMER


@pytest.mark.parametrize("champs", [{"est_masquee": True}, {"est_fermee": True}, {"libelle_voie": ""}])
def test_sans_adresse_sure_rien_ne_s_ecrit(mienne: Habilitation, champs: dict[str, object]) -> None:
    Fiche.objects.update(**champs)

    with pytest.raises(SansAdresse):
        ecrite(mienne)

    assert not Lettre.objects.exists()


def test_un_siret_absent_du_repertoire_n_a_pas_de_lettre() -> None:
    with pytest.raises(SansAdresse):
        ecrite(habilitee(ou=etablissement("00000000000001", "Inconnue")))


def test_nul_ne_demande_la_lettre_d_un_autre(mienne: Habilitation) -> None:
    autre = habilitee("paul@exemple.fr", mienne.etablissement)

    with pytest.raises(PermissionDenied):
        lettres.ecrire(etablissement=mienne.etablissement, par=autre.utilisateur, pour_habilitation=mienne)


def test_qui_a_deja_mieux_prouve_n_a_pas_besoin_de_lettre(mienne: Habilitation) -> None:
    Habilitation.objects.update(preuve=Preuve.LETTRE, valeur=Preuve.LETTRE)

    with pytest.raises(LettreRefusee, match="vaut déjà"):
        ecrite(mienne)


def test_une_reprise_ouverte_a_sa_lettre() -> None:
    fiche()
    demande = reprise(etablissement(SIRET, "Boulangerie du Lac"))

    lettre = lettres.ecrire(etablissement=demande.etablissement, par=None, pour_reprise=demande)

    assert lettre.reprise == demande
    assert lettre.habilitation is None


def test_un_compte_ferme_n_ecrit_pas_la_lettre_d_une_reprise() -> None:
    fiche()
    demande, suspendu = reprise(etablissement(SIRET, "Boulangerie du Lac")), imprimeur()
    suspendu.is_active = False

    with pytest.raises(PermissionDenied):
        lettres.ecrire(etablissement=demande.etablissement, par=suspendu, pour_reprise=demande)


def test_une_lettre_prouve_toujours_quelque_chose() -> None:
    fiche()
    with pytest.raises(PermissionDenied):
        lettres.ecrire(etablissement=etablissement(SIRET, "Boulangerie du Lac"), par=imprimeur())


def test_une_reprise_qui_n_attend_plus_de_preuve_n_a_pas_de_lettre() -> None:
    fiche()
    demande = reprise(etablissement(SIRET, "Boulangerie du Lac"), EtatReprise.OPPOSEE)

    with pytest.raises(LettreRefusee, match="n'attend plus"):
        lettres.ecrire(etablissement=demande.etablissement, par=None, pour_reprise=demande)


@pytest.mark.parametrize("objets", [{}, {"habilitation": True, "reprise": True}])
def test_la_base_veut_un_objet_et_un_seul(mienne: Habilitation, objets: dict[str, bool]) -> None:
    lettre = ecrite(mienne)
    lettre.habilitation = mienne if objets else None
    lettre.reprise = reprise(mienne.etablissement) if objets else None

    with pytest.raises(IntegrityError), transaction.atomic():
        lettre.save()


def test_la_nuit_annule_la_lettre_qui_ne_prouverait_plus_rien(
    mienne: Habilitation, temps: time_machine.Traveller
) -> None:
    lettre = ecrite(mienne)
    Habilitation.objects.update(au=mienne.du)

    assert lettres.achever() == 1
    assert lettres.achever() == 0
    lettre.refresh_from_db()
    assert lettre.etat == EtatLettre.ANNULEE


def test_la_nuit_echoit_ce_qui_est_passe_et_rien_de_ce_qui_n_est_pas_parti(
    mienne: Habilitation, temps: time_machine.Traveller
) -> None:
    partie = imprimee(mienne, imprimeur())
    fiche("35600000000048")
    restee = ecrite(habilitee("paul@exemple.fr", etablissement("35600000000048", "Poste")))
    temps.shift(timedelta(days=22))

    assert lettres.achever() == 1
    partie.refresh_from_db()
    restee.refresh_from_db()
    assert (partie.etat, restee.etat) == (EtatLettre.ECHUE, EtatLettre.A_IMPRIMER)

    temps.shift(timedelta(days=366))
    assert lettres.purger() == 1

"""Chaque action refuse d'elle-même, quelle que soit la page qui l'appelle, chaque mauvais rôle et chaque mauvais état.

Un refus ne laisse rien en base.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction

import apart
from apart.socle.automate import Dossier
from apart.socle.models import EntreeJournal
from tests.empechements import HORS, Mettre
from tests.geste import TOUS
from tests.gestes import GESTES as COMMUNS
from tests.gestes import REFUS
from tests.gestes_lettres import LETTRES
from tests.gestes_reprises import REPRISES
from tests.scene import ROLES, Scene
from tests.test_acces import contenu

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
GESTES = COMMUNS | LETTRES | REPRISES
# Ce qui n'a rien à refuser, et pourquoi.
LECTURE = "lit, et n'écrit rien"
SYSTEME = "le travailleur, la nuit ou la ligne de commande le fait ; aucune page n'y mène"
MORCEAU = "un morceau d'une action qui a déjà refusé"
VISITEUR = "ouvert à tous, depuis un formulaire protégé ; rien n'existe encore"
SANS_REFUS: dict[str, str] = {
    "assistance.actions.demandes.adresse_suivi": LECTURE,
    "assistance.actions.demandes.demande_du_lien": LECTURE,
    "assistance.actions.demandes.deposer": VISITEUR,
    "assistance.actions.demandes.emettre_lien": MORCEAU,
    "administrations.actions.agents.a_deja_active": LECTURE,
    "administrations.actions.agents.inviter": MORCEAU,
    "administrations.actions.facteurs.perimer": SYSTEME,
    "administrations.actions.facteurs.purger": SYSTEME,
    "administrations.actions.facteurs.remplacer": SYSTEME,
    "administrations.actions.services.assistance_nationale": SYSTEME,
    "administrations.actions.superviseurs.accorder": SYSTEME,
    "administrations.actions.superviseurs.attendre_son_tour": MORCEAU,
    "administrations.actions.superviseurs.exiger_gerant": LECTURE,
    "administrations.actions.superviseurs.exiger_qu_il_en_reste": LECTURE,
    "administrations.actions.superviseurs.gerants_de": LECTURE,
    "administrations.actions.superviseurs.gere": LECTURE,
    "administrations.actions.superviseurs.relire": MORCEAU,
    "assistance.actions.demandes.exiger_traitant": LECTURE,
    "assistance.actions.demandes.peut_traiter": LECTURE,
    "assistance.actions.demandes.renvoyer_liens": SYSTEME,
    "assistance.actions.fiches.charger": SYSTEME,
    "assistance.actions.renvois.lien_attendu": LECTURE,
    "comptes.actions.adresse.changement_du_lien": LECTURE,
    "comptes.actions.adresse.exiger_la_sienne": LECTURE,
    "comptes.actions.adresse.exiger_libre": LECTURE,
    "comptes.actions.adresse.personne_du_lien": LECTURE,
    "comptes.actions.adresse.renouveler_lien": SYSTEME,
    "assistance.actions.renvois.renvois_faits": LECTURE,
    "comptes.actions.jetons.annuler_ceux_de": MORCEAU,
    "comptes.actions.jetons.echanger_code": MORCEAU,
    "comptes.actions.jetons.emettre": MORCEAU,
    "comptes.actions.jetons.employer": MORCEAU,
    "comptes.actions.jetons.verrouiller": MORCEAU,
    "comptes.actions.connexion.oublier_echecs": MORCEAU,
    "comptes.actions.connexion.tenter": VISITEUR,
    "comptes.actions.sessions.fermer": MORCEAU,
    "comptes.actions.sessions.fermer_toutes": MORCEAU,
    "comptes.actions.sessions.prolonger": MORCEAU,
    "comptes.actions.menage.purger_sessions": SYSTEME,
    "comptes.actions.menage.purger_echecs": SYSTEME,
    "comptes.actions.facteur_perdu.avancer": SYSTEME,
    "comptes.actions.facteur_perdu.renouveler_lien": SYSTEME,
    "comptes.actions.menage.purger_facteurs_perdus": SYSTEME,
    "comptes.actions.second_facteur.annuler_demande": MORCEAU,
    "comptes.actions.second_facteur.employer_code": MORCEAU,
    "comptes.actions.second_facteur.oublier": MORCEAU,
    "comptes.actions.second_facteur.tuer_les_liens": MORCEAU,
    "comptes.actions.menage.purger_acces": SYSTEME,
    "comptes.actions.menage.purger_jetons": SYSTEME,
    "comptes.actions.recuperation.ecrire_retour": MORCEAU,
    "comptes.actions.recuperation.est_gelee": LECTURE,
    "comptes.actions.recuperation.lien_public": LECTURE,
    "comptes.actions.recuperation.rappeler_retour": MORCEAU,
    "comptes.actions.recuperation.tenir": MORCEAU,
    "comptes.actions.recuperation.question_a_poser": LECTURE,
    "comptes.actions.recuperation.renouveler_lien_retenu": SYSTEME,
    "comptes.actions.secours.code_correspond": LECTURE,
    "comptes.actions.secours.exiger_soi": LECTURE,
    "comptes.actions.secours.reponse_correspond": LECTURE,
    "comptes.actions.securite.avertir": MORCEAU,
    "comptes.actions.securite.noter_second_facteur": "django-allauth vient de faire le changement et de le vérifier",
    "courriels.actions.admettre": MORCEAU,
    "courriels.actions.effacer_les_anciens": SYSTEME,
    "courriels.actions.effacer_les_retenus": SYSTEME,
    "courriels.actions.mettre_en_file": MORCEAU,
    "courriels.actions.noter_differe": SYSTEME,
    "courriels.actions.noter_incertain": SYSTEME,
    "courriels.actions.noter_panne": SYSTEME,
    "courriels.actions.noter_refuse": SYSTEME,
    "courriels.actions.noter_remis": SYSTEME,
    "courriels.actions.perimer": SYSTEME,
    "courriels.actions.prendre_le_suivant": SYSTEME,
    "etablissements.actions.adresse.est_deja_prouvee": LECTURE,
    "etablissements.actions.adresse.etablissement_du_jeton": LECTURE,
    "courriels.actions.prolonger_le_bail": SYSTEME,
    "courriels.actions.refus.effacer_les_anciennes": SYSTEME,
    "courriels.actions.refus.lever": MORCEAU,
    "courriels.actions.refus.marquer": MORCEAU,
    "courriels.actions.refus.noter_rebonds": SYSTEME,
    "courriels.actions.renouveler": SYSTEME,
    "etablissements.actions.avis_de_preuve.avertir_avant_opposition": MORCEAU,
    "etablissements.actions.avis_de_preuve.demander_accord": MORCEAU,
    "etablissements.actions.avis_de_preuve.dire_defaite": MORCEAU,
    "etablissements.actions.avis_de_preuve.dire_non": MORCEAU,
    "etablissements.actions.avis_de_preuve.envoyer_code": MORCEAU,
    "etablissements.actions.espace.creer_etablissement": MORCEAU,
    "etablissements.actions.mouvements.changer": MORCEAU,
    "etablissements.actions.mouvements.entrer": MORCEAU,
    "etablissements.actions.mouvements.sortir": MORCEAU,
    "etablissements.actions.personnes.annuler_accords": MORCEAU,
    "etablissements.actions.personnes.ceder": MORCEAU,
    "etablissements.actions.personnes.rouvrir": MORCEAU,
    "etablissements.actions.relever.ecarter_les_refus": MORCEAU,
    "etablissements.actions.relever.rendre_les_preuves": MORCEAU,
    "etablissements.actions.revue.rouvrir": MORCEAU,
    "etablissements.actions.preuves.contester": MORCEAU,
    "etablissements.actions.preuves.fonder": MORCEAU,
    "etablissements.actions.preuves.poser": MORCEAU,
    "etablissements.actions.preuves.repeser": MORCEAU,
    "etablissements.actions.preuves.revenir": MORCEAU,
    "etablissements.actions.preuves.tenir": MORCEAU,
    "etablissements.actions.reunion.compte_de_l_adresse": LECTURE,
    "etablissements.actions.reunion.exiger_possible": LECTURE,
    "etablissements.actions.reunion.renouveler_lien": SYSTEME,
    "etablissements.actions.reunion.reunion_du_lien": LECTURE,
    "etablissements.actions.rejoindre.prevenir_les_principaux": MORCEAU,
    "etablissements.actions.espace.a_deja_ouvert": LECTURE,
    "etablissements.actions.espace.annoncer_habilitation": MORCEAU,
    "etablissements.actions.espace.annoncer_identifiant": MORCEAU,
    "etablissements.actions.espace.creer_personne": MORCEAU,
    "etablissements.actions.espace.demande_du_jeton": LECTURE,
    "etablissements.actions.espace.deposer_demande": VISITEUR,
    "etablissements.actions.espace.exiger_place": LECTURE,
    "etablissements.actions.espace.purger_demandes": SYSTEME,
    "etablissements.actions.offres.conclure": SYSTEME,
    "etablissements.actions.offres.offrir": SYSTEME,
    "etablissements.actions.offres.tenir": SYSTEME,
    "etablissements.actions.personnes.attendre_quelqu_un": MORCEAU,
    "etablissements.actions.personnes.autres_principaux": LECTURE,
    "etablissements.actions.personnes.est_dernier_principal": LECTURE,
    "etablissements.actions.personnes.verrouiller_acces": MORCEAU,
    "etablissements.actions.revue.appeler": SYSTEME,
    "etablissements.actions.rejoindre.demande_du_jeton": LECTURE,
    "etablissements.actions.rejoindre.deposer": VISITEUR,
    "etablissements.actions.rejoindre.purger_demandes": SYSTEME,
    "etablissements.actions.rejoindre.suite_du_lien": LECTURE,
    "etablissements.actions.relever.abandonner_les_oubliees": SYSTEME,
    "etablissements.actions.relever.demande_du_jeton": LECTURE,
    "etablissements.actions.relever.poser_les_dues": SYSTEME,
    "etablissements.actions.relever.purger": SYSTEME,
    "pieces.actions.conserver_jusqu_au": MORCEAU,
    "pieces.actions.deposer": MORCEAU,
    "pieces.actions.effacer_les_perimees": SYSTEME,
    "pieces.actions.oublier": MORCEAU,
    "pieces.actions.ramasser_les_orphelins": SYSTEME,
    "repertoire.actions.importer": SYSTEME,
    "reprises.actions.agents.a_leve": LECTURE,
    "reprises.actions.agents.en_cours_vues_par": LECTURE,
    "reprises.actions.agents.est_interesse": LECTURE,
    "reprises.actions.agents.exiger_agent": LECTURE,
    "reprises.actions.agents.peut_lever": LECTURE,
    "reprises.actions.agents.peut_ouvrir": LECTURE,
    "reprises.actions.demande.lieu": LECTURE,
    "reprises.actions.avis.adresses_a_prevenir": LECTURE,
    "reprises.actions.avis.dire_aux_opposants": MORCEAU,
    "reprises.actions.avis.prevenir": MORCEAU,
    "reprises.actions.avis.repondre": MORCEAU,
    "reprises.actions.delais.abandonner_sans_piece": SYSTEME,
    "reprises.actions.delais.perimer_les_propositions": SYSTEME,
    "reprises.actions.delais.relancer_les_pieces": SYSTEME,
    "reprises.actions.demande.dire": MORCEAU,
    "reprises.actions.demande.deposer": VISITEUR,
    "reprises.actions.demande.emettre_suivi": MORCEAU,
    "reprises.actions.demande.expirer": SYSTEME,
    "reprises.actions.demande.franchir": MORCEAU,
    "reprises.actions.demande.garder_apres_decision": MORCEAU,
    "reprises.actions.demande.purger": SYSTEME,
    "reprises.actions.demande.purger_les_decisions": SYSTEME,
    "reprises.actions.demande.reprise_du_jeton": LECTURE,
    "reprises.actions.demande.suite_du_lien": LECTURE,
    "reprises.actions.demande.suivie": LECTURE,
    "reprises.actions.demande.verrouiller_etablissement": MORCEAU,
    "reprises.actions.contestations.accorder": MORCEAU,
    "reprises.actions.preuves.a_ete_refuse": LECTURE,
    "reprises.actions.suivi.renvoyer_suivis": SYSTEME,
    "reprises.actions.execution.entree_deja_faite": LECTURE,
    "reprises.actions.execution.envoyer_entree": MORCEAU,
    "reprises.actions.execution.executer": MORCEAU,
    "reprises.actions.preuves.executer_les_echues": SYSTEME,
    "reprises.actions.execution.exiger_seule": LECTURE,
    "reprises.actions.execution.opposition_deja_dite": LECTURE,
    "reprises.actions.execution.ouvrir_opposition": MORCEAU,
    "reprises.actions.execution.reprise_a_opposer": LECTURE,
    "reprises.actions.execution.congedier": MORCEAU,
    "reprises.actions.defaire.rendre": MORCEAU,
    "reprises.actions.defaire.rendre_l_entree": MORCEAU,
    "reprises.actions.defaire.rendre_son_delai": MORCEAU,
    "reprises.actions.execution.exiger_pas_defaite": LECTURE,
    "reprises.actions.reouvrir.rouvrir": MORCEAU,
    "reprises.actions.execution.titulaire": LECTURE,
    "reprises.actions.execution.exiger_adresse_libre": LECTURE,
    "reprises.actions.verrous.verrouiller_parents": MORCEAU,
    "reprises.actions.preuves.adresse_independante": LECTURE,
    "reprises.actions.preuves.repond_seul": LECTURE,
    "reprises.actions.preuves.code_en_attente": LECTURE,
    "reprises.actions.preuves.collegues": LECTURE,
    "reprises.actions.preuves.porteurs_du_domaine": LECTURE,
    "reprises.actions.preuves.peut_attendre": LECTURE,
    "reprises.actions.lettres.achever": SYSTEME,
    "reprises.actions.lettres.annuler_celles_de": MORCEAU,
    "reprises.actions.lettres.finir": MORCEAU,
    "reprises.actions.lettres.pourquoi_pas": LECTURE,
    "reprises.actions.preuves.employer_lettre": "un refus s'y compte (tests/reprises/test_par_lettre.py)",
    "reprises.actions.releve.en_cours": LECTURE,
    "reprises.actions.lettres.juger_code": "un refus s'y compte (tests/reprises/test_code_de_lettre.py)",
    "reprises.actions.lettres.purger": SYSTEME,
    "reprises.actions.lots.exiger_imprimeur": LECTURE,
    "reprises.actions.lots.plis": LECTURE,
}

HORS_RETENUS = {"socle_entreejournal": r"WHERE geste NOT LIKE 'retenir\_%%'"}
ETATS_REFUSES = [(nom, etat) for nom, geste in GESTES.items() for etat in geste.refus]
ETATS_SANS_EFFET = [(nom, etat) for nom, geste in GESTES.items() for etat in geste.sans_effet]


def actions_publiques() -> Iterator[str]:
    for module in pkgutil.walk_packages(apart.__path__, "apart."):
        if "actions" not in module.name.split("."):
            continue
        for nom, fonction in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if fonction.__module__ == module.name and not nom.startswith("_"):
                yield f"{module.name.removeprefix('apart.')}.{nom}"


def en_base() -> tuple[dict[str, str], int]:
    """L'empreinte de la base, hors compteurs, et ses lignes de journal ; un message retenu y laisse la sienne."""
    au_journal = EntreeJournal.objects.exclude(geste__startswith="retenir_").count()
    return contenu(sauf=frozenset({"socle_compteur"}), lignes=HORS_RETENUS), au_journal


def test_chaque_action_est_declaree_et_aucune_declaration_n_est_de_trop() -> None:
    publiques = set(actions_publiques())

    assert publiques - GESTES.keys() - SANS_REFUS.keys() == set(), (
        "à déclarer : GESTES (tests/gestes.py) ou SANS_REFUS"
    )
    assert (GESTES.keys() | SANS_REFUS.keys()) - publiques == set()
    assert GESTES.keys() & SANS_REFUS.keys() == set()


# Ce qu'aucun geste seul n'essaie hors de ses états, et pourquoi.
SANS_GESTE = {
    "prevenir_a_mi_delai": "le travailleur, qui passe les demandes finies entre-temps",
    "ouvrir_facteur_perdu": "de même",
    "abandonner_facteur_perdu": "de même",
    "perimer_facteur_agent": "la nuit, qui passe les propositions tranchées entre-temps",
    "rendre_preuve": "défaire une reprise, qui ne prend que les preuves défaites (reprises.actions.defaire)",
    "ecarter_refus": "de même, que les refus",
    "abandonner_preuve": "la nuit, qui passe les demandes déjà répondues",
    "acquerir_offre": "la nuit, qui passe les offres déjà closes",
    "abandonner_offre": "la nuit, de même",
    "relancer_piece": "la nuit, qui passe les pièces reçues entre-temps",
    "perimer_proposition": "la nuit, qui passe les propositions approuvées ou retirées",
    "echoir": "la nuit, qui passe les lettres déjà finies",
    "epuiser_lettre": "le dernier essai manqué : un morceau d'essayer_code",
    "s_opposer": "hors de ses états, contester prend sa place",
}


def test_chaque_transition_de_chaque_table_est_essayee_depuis_tous_ses_mauvais_etats() -> None:
    """Un état ajouté à un dossier est essayé d'office avec chaque geste dont la table ne le nomme pas."""
    tables = [modele.TRANSITIONS for modele in apps.get_models() if issubclass(modele, Dossier)]
    toutes = [transition for table in tables for transition in table]

    assert len(toutes) == len(set(toutes)), "un nom, une transition"
    assert set(toutes) - HORS == SANS_GESTE.keys()


@pytest.mark.parametrize("nom", GESTES)
def test_un_geste_n_est_permis_qu_a_ses_roles(nom: str) -> None:
    """Ceux qui le peuvent le font : sans quoi un refus pour tout le monde passerait pour un contrôle."""
    scene, geste = Scene(), GESTES[nom]
    for role in ROLES if geste.permis != TOUS else ("principal",):
        faire = geste.preparer(scene, scene.qui(role))
        avant = en_base()
        if role in geste.permis:
            with transaction.atomic():
                faire()
                apres = en_base()
                assert apres != avant, f"{role} le peut, et rien n'est écrit"
                assert apres[1] > avant[1], f"{role} l'a fait, et le journal n'en dit rien"
                transaction.set_rollback(True)
        else:
            with pytest.raises(geste.rien_ici.get(role, PermissionDenied)):
                pytest.fail(f"{role} : {faire()}")
            assert en_base() == avant, f"{role} est refusé, et quelque chose est écrit"


def preparer(nom: str, mettre: Mettre) -> Callable[[], object]:
    """Ce geste, par qui le peut, une fois la scène mise dans cet état."""
    scene, geste = Scene(), GESTES[nom]
    par = scene.qui(geste.un_permis)
    mettre(scene)
    return geste.preparer(scene, par)


@pytest.mark.parametrize(("nom", "etat"), ETATS_REFUSES)
def test_un_mauvais_etat_est_refuse_et_ne_change_rien(nom: str, etat: str) -> None:
    faire = preparer(nom, GESTES[nom].refus[etat])
    avant = en_base()

    with pytest.raises(REFUS):
        faire()

    assert en_base() == avant


@pytest.mark.parametrize(("nom", "etat"), ETATS_SANS_EFFET)
def test_un_geste_qui_n_a_plus_lieu_d_etre_ne_change_rien(nom: str, etat: str) -> None:
    faire = preparer(nom, GESTES[nom].sans_effet[etat])
    avant = en_base()

    faire()

    assert en_base() == avant

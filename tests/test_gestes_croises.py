"""Chaque paire de gestes sur une même personne ou un même dossier, faits ensemble : jamais d'étreinte, et le résultat
est celui de l'un des deux ordres, comme si l'un avait attendu l'autre (docs/decisions/0012).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from apart.administrations.actions import affectations, agents
from apart.administrations.models import Affectation, PropositionFacteur
from apart.assistance.actions import demandes
from apart.assistance.models import DemandeAssistance
from apart.comptes import second_facteur
from apart.comptes.actions import adresse, recuperation
from apart.comptes.models import ChangementAdresse, FacteurPerdu, Jeton, Usage, Utilisateur
from apart.comptes.models.personne import UtilisateurQuerySet
from apart.courriels.models import Courriel
from apart.etablissements.actions import espace, offres, personnes, preuves, rejoindre
from apart.etablissements.models import DemandePreuve, DemandeRejoindre, Habilitation, MotifRetrait
from apart.reprises.models import Lettre, Reprise
from apart.socle.models import EntreeJournal
from tests.familles_courtes import COURTES, SEULS
from tests.familles_reprises import FAMILLES as REPRISES
from tests.gestes import GESTES, REFUS
from tests.gestes_lettres import LETTRES
from tests.gestes_personnes import offre, role_a_prendre
from tests.scene import PHRASE, Scene
from tests.test_gestes import LECTURE, MORCEAU, SANS_REFUS, actions_publiques

pytestmark = pytest.mark.usefixtures("_hachage_rapide")
Faire = Callable[[], object]
Preparer = Callable[[Scene], Faire]


def du_catalogue(nom: str, par: str = "principal") -> Preparer:
    return lambda s: (GESTES | LETTRES)[nom].preparer(s, s.qui(par))


def ouvrir(nom: str, numero: int) -> Preparer:
    return lambda s: partial(espace.ouvrir, s.lien(Usage.CREATION, nom, numero), relue=s.relue())


def entrer(nom: str) -> Preparer:
    return lambda s: partial(rejoindre.entrer, s.lien(Usage.ADMISSION, nom), mot_de_passe=PHRASE)


def accepter(nom: str, par: str) -> Preparer:
    return lambda s: partial(rejoindre.accepter, s.rejoindre(nom=nom), par=s.qui(par))


def choisir(numero: int) -> Preparer:
    return lambda s: partial(
        recuperation.choisir_mot_de_passe, s.lien(Usage.MOT_DE_PASSE, "principal", numero), PHRASE
    )


def finir(qui: str, par: str) -> Preparer:
    return lambda s: partial(affectations.terminer, s.affectation(qui), par=s.qui(par))


def suspendre(qui: str, par: str) -> Preparer:
    return lambda s: partial(agents.suspendre, s.qui(qui), par=s.qui(par))


def retirer(qui: str, par: str) -> Preparer:
    return lambda s: partial(personnes.retirer, s.habilitation(qui), par=s.qui(par), motif=MotifRetrait.DEPART)


def prendre(qui: str) -> Preparer:
    def preparer(s: Scene) -> Faire:
        role_a_prendre(s)
        return partial(offres.prendre, s.habilitation(qui), par=s.qui(qui))

    return preparer


def quitter(qui: str) -> Preparer:
    return lambda s: partial(personnes.quitter, s.habilitation(qui), par=s.qui(qui))


FAMILLES: dict[str, dict[str, Preparer]] = {
    **REPRISES,
    **COURTES,
    "une demande d'assistance": {
        "écrire": du_catalogue("assistance.actions.demandes.ecrire"),
        "répondre": du_catalogue("assistance.actions.demandes.repondre", "agent"),
        "répondre, un autre": du_catalogue("assistance.actions.demandes.repondre", "superviseur"),
        "annoter": du_catalogue("assistance.actions.demandes.annoter", "agent"),
        "prendre": du_catalogue("assistance.actions.demandes.prendre", "agent"),
        "prendre, un autre": du_catalogue("assistance.actions.demandes.prendre", "superviseur"),
        "clore": du_catalogue("assistance.actions.demandes.clore", "agent"),
        "clore, le demandeur": lambda s: partial(demandes.clore, s.demande(), par=None),
        "rouvrir": du_catalogue("assistance.actions.demandes.rouvrir", "agent"),
        "renvoyer": du_catalogue("assistance.actions.renvois.renvoyer", "agent"),
    },
    "une demande à rejoindre": {
        "confirmer": du_catalogue("etablissements.actions.rejoindre.confirmer"),
        "envoyer le lien": du_catalogue("etablissements.actions.rejoindre.envoyer_lien"),
        "renouveler le lien": du_catalogue("etablissements.actions.rejoindre.renouveler_lien"),
        "accepter": accepter("lea", "principal"),
        "accepter, une autre": accepter("lea", "principale"),
        "refuser": du_catalogue("etablissements.actions.rejoindre.refuser", "principale"),
        "entrer": entrer("lea"),
    },
    "une admission": {
        "annuler": du_catalogue("etablissements.actions.rejoindre.annuler_admission"),
        "annuler, une autre": du_catalogue("etablissements.actions.rejoindre.annuler_admission", "principale"),
        "entrer": entrer("lea"),
        "renouveler le lien": du_catalogue("etablissements.actions.rejoindre.renouveler_lien"),
    },
    "qui a accès": {
        "retirer": retirer("membre", "principal"),
        "retirer, une autre": retirer("membre", "principale"),
        "se retirer l'un": retirer("principale", "principal"),
        "se retirer l'autre": retirer("principal", "principale"),
        "quitter": quitter("principal"),
        "quitter aussi": quitter("principale"),
        "changer le rôle": du_catalogue("etablissements.actions.personnes.changer_role", "principale"),
        "passer la main": du_catalogue("etablissements.actions.personnes.passer_la_main"),
        "entrer": entrer("membre"),
        "être acceptée": accepter("membre", "principal"),
        "revoir": du_catalogue("etablissements.actions.revue.confirmer"),
        "refuser un rôle": du_catalogue("etablissements.actions.offres.refuser", "membre"),
        "conclure l'offre": lambda s: partial(offres.conclure, offre(s)),
    },
    "un rôle à prendre": {
        "prendre": prendre("membre"),
        "prendre, une autre": prendre("principale"),
        "offrir": lambda s: partial(offres.offrir, s.boulangerie),
        "quitter": quitter("membre"),
        "attendre quelqu'un": lambda s: partial(personnes.attendre_quelqu_un, s.boulangerie, s.contenu()["au"]),
        "contester": lambda s: partial(preuves.contester, s.habilitation("membre"), est_contestee=True),
        "fermer le versement d'une autre": lambda s: partial(
            preuves.contester, s.habilitation("principale"), est_contestee=True
        ),
    },
    "l'adresse d'un établissement": {
        "envoyer": du_catalogue("etablissements.actions.adresse.envoyer"),
        "envoyer, une autre": du_catalogue("etablissements.actions.adresse.envoyer", "principale"),
        "renouveler": du_catalogue("etablissements.actions.adresse.renouveler_lien"),
        "vérifier": du_catalogue("etablissements.actions.adresse.prouver"),
    },
    "une preuve": {
        "demander": du_catalogue("etablissements.actions.relever.demander", "membre"),
        "taper le code": du_catalogue("etablissements.actions.relever.taper_code", "membre"),
        "ouvrir le lien": du_catalogue("etablissements.actions.relever.prouver", "membre"),
        "approuver": du_catalogue("etablissements.actions.relever.approuver"),
        "approuver, une autre": du_catalogue("etablissements.actions.relever.approuver", "principale"),
        "refuser": du_catalogue("etablissements.actions.relever.refuser", "principale"),
        "s'opposer": du_catalogue("etablissements.actions.relever.opposer"),
        "repeser": lambda s: partial(preuves.repeser, s.boulangerie),
        "retirer": retirer("membre", "principale"),
    },
    "une personne à venir": {
        "ouvrir": ouvrir("lea", 1),
        "ouvrir ailleurs": ouvrir("lea", 2),
        "entrer": entrer("lea"),
        "accepter": accepter("lea", "principal"),
    },
    "une personne": {
        "ouvrir": ouvrir("principal", 1),
        "ouvrir ailleurs": ouvrir("principal", 2),
        "entrer": entrer("principal"),
        "être acceptée": accepter("principal", "principale"),
        "choisir un mot de passe": choisir(1),
        "par un autre lien": choisir(2),
        "répondre à la question": du_catalogue("comptes.actions.recuperation.repondre_a_la_question"),
        "renouveler son lien": du_catalogue("comptes.actions.recuperation.renouveler_lien"),
        "code de secours": du_catalogue("comptes.actions.recuperation.employer_code_de_secours"),
        "changer de mot de passe": du_catalogue("comptes.actions.securite.changer_mot_de_passe"),
        "changer de code": du_catalogue("comptes.actions.securite.renouveler_code_secours"),
        "changer de question": du_catalogue("comptes.actions.secours.definir_question"),
        "fermer ses sessions": du_catalogue("comptes.actions.securite.fermer_autres_sessions"),
        "recevoir un lien": du_catalogue("comptes.actions.recuperation.envoyer_reinitialisation", "agent"),
        "recevoir son identifiant": du_catalogue("etablissements.actions.identifiant.envoyer_identifiant", "agent"),
    },
    "une adresse": {
        "la demander": du_catalogue("comptes.actions.adresse.demander"),
        "la changer": du_catalogue("comptes.actions.adresse.changer"),
        "la changer pour une autre": lambda s: partial(adresse.changer, s.lien(Usage.NOUVELLE_ADRESSE, "autre")),
        "revenir à celle d'avant": du_catalogue("comptes.actions.adresse.revenir"),
        "corriger les coordonnées": du_catalogue("comptes.actions.coordonnees.corriger"),
        "choisir un mot de passe": choisir(1),
        "changer de mot de passe": du_catalogue("comptes.actions.securite.changer_mot_de_passe"),
        "recevoir un lien": du_catalogue("comptes.actions.recuperation.envoyer_reinitialisation", "agent"),
        "recevoir son identifiant": du_catalogue("etablissements.actions.identifiant.envoyer_identifiant", "agent"),
        "code de secours": du_catalogue("comptes.actions.recuperation.employer_code_de_secours"),
        "ouvrir à la nouvelle": ouvrir("neuve", 1),
        "ouvrir à celle d'avant": ouvrir("d_avant", 1),
    },
    "une personne connectée": {
        "ajouter": du_catalogue("etablissements.actions.connecte.ajouter"),
        "ouvrir par un lien": ouvrir("principal", 1),
        "demander à rejoindre": du_catalogue("etablissements.actions.connecte.demander"),
        "recevoir le lien": lambda s: partial(espace.envoyer_lien, s.espace("principal", 11)),
    },
    "un agent": {
        "suspendre": suspendre("agent", "superviseur"),
        "suspendre, une autre": suspendre("agent", "superviseure"),
        "la suspendre": suspendre("superviseure", "superviseur"),
        "le suspendre": suspendre("superviseur", "superviseure"),
        "rétablir": lambda s: partial(agents.retablir, s.qui("agent"), par=s.qui("superviseur")),
        "activer": du_catalogue("administrations.actions.agents.activer_agent"),
        "inviter": du_catalogue("administrations.actions.agents.renvoyer_invitation", "superviseur"),
        "créer": du_catalogue("administrations.actions.agents.creer_agent", "superviseur"),
        "créer, une autre": du_catalogue("administrations.actions.agents.creer_agent", "superviseure"),
    },
    "une affectation": {
        "affecter": du_catalogue("administrations.actions.affectations.affecter", "superviseur"),
        "fermer le service": du_catalogue("administrations.actions.services.fermer", "superviseure"),
        "finir": finir("agent", "superviseure"),
        "suppléer": du_catalogue("administrations.actions.affectations.suppleer", "superviseur"),
        "la finir": finir("superviseure", "superviseur"),
        "le finir": finir("superviseur", "superviseure"),
        "la suspendre": suspendre("superviseure", "superviseur"),
    },
    "une lettre": {
        "taper son code": du_catalogue("reprises.actions.lettres.prouver", "membre"),
        "la redemander": du_catalogue("reprises.actions.lettres.ecrire", "membre"),
        "la dire revenue": du_catalogue("reprises.actions.lots.signaler_revenue", "agent"),
        "la réimprimer": du_catalogue("reprises.actions.lots.reimprimer", "agent"),
        "réimprimer son lot": du_catalogue("reprises.actions.lots.reimprimer_lot", "superviseur"),
        "l'annuler": du_catalogue("reprises.actions.lots.annuler", "superviseur"),
    },
    "une annonce": {
        "publier": du_catalogue("accueil.actions.publier", "agent"),
        "corriger": du_catalogue("accueil.actions.corriger", "agent"),
        "retirer": du_catalogue("accueil.actions.retirer", "superviseur"),
    },
}


def issue(faire: Faire) -> str:
    """« fait », ou le nom du refus. Toute autre exception, une étreinte par exemple, fait échouer le test."""
    try:
        faire()
    except REFUS as refus:
        return type(refus).__name__
    return "fait"


def lentement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Après un verrou, laisse à l'autre le temps de prendre le sien : une étreinte possible devient certaine."""
    rendu = execute(sql, params, many, context)
    if sql.startswith(("INSERT", "UPDATE", "DELETE")) or "FOR NO KEY UPDATE" in sql:
        time.sleep(0.004)
    return rendu


def ensemble(gestes: list[Faire]) -> list[str]:
    depart = Barrier(len(gestes))

    def courir(faire: Faire) -> str:
        try:
            with connection.execute_wrapper(lentement):
                depart.wait()
                return issue(faire)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(gestes)) as fils:
        return list(fils.map(courir, gestes))


def bilan(scene: Scene, depuis: tuple[int, int]) -> dict[str, Any]:
    """Ce que la scène est devenue, sans les heures ni les clés : de quoi comparer deux scènes."""
    suffixe = f".{scene.rang}@exemple.fr"
    gens, ecrits = Utilisateur.objects.filter(courriel__endswith=suffixe), depuis
    dossier = DemandeAssistance.objects.filter(courriel__endswith=suffixe)
    return {
        **bilan_des_comptes(gens),
        "gens": sorted(gens.values_list("prenom", "is_active", "est_superviseur", "nom", "telephone")),
        "affectations": sorted(
            Affectation.objects.filter(agent__in=gens).values_list("agent__prenom", "role", "au", "suppleant__prenom"),
            key=str,
        ),
        "habilitations": sorted(
            (h.utilisateur.prenom, h.etablissement.siret[12:], h.role)
            for h in Habilitation.objects.actives().filter(utilisateur__in=gens)
            .select_related("utilisateur", "etablissement")
        ),
        "jetons": sorted(Jeton.objects.vivants().filter(courriel__endswith=suffixe).values_list("usage", flat=True)),
        "assistance": list(dossier.values_list("etat", "prise_par__prenom")),
        "messages": sorted(dossier.values_list("messages__voix", "messages__texte", "messages__par__prenom"), key=str),
        "rejoindre": sorted(DemandeRejoindre.objects.filter(etablissement=scene.boulangerie).values_list("etat")),
        "preuves": sorted(
            DemandePreuve.objects.filter(habilitation__etablissement=scene.boulangerie)
            .values_list("niveau", "etat", "habilitation__valeur")
        ),
        "reprises": sorted(
            Reprise.objects.filter(etablissement=scene.boulangerie)
            .values_list("etat", "preuve", "remplace__utilisateur__prenom", "habilitation__role"), key=str
        ),
        "lettres": sorted(Lettre.objects.filter(etablissement=scene.boulangerie).values_list("etat", "essais")),
        "courriels": sorted(
            (modele, a.split(".")[0])
            for modele, a in Courriel.objects.filter(pk__gt=ecrits[0]).values_list("modele", "destinataire")
        ),
        "journal": sorted(EntreeJournal.objects.filter(pk__gt=ecrits[1]).values_list("geste", flat=True)),
    }  # fmt: skip


def bilan_des_comptes(gens: UtilisateurQuerySet) -> dict[str, Any]:
    return {
        "adresses": sorted(courriel.split(".")[0] for courriel in gens.values_list("courriel", flat=True)),
        "changements": sorted(
            (fait.ancienne.split(".")[0], fait.nouvelle.split(".")[0], fait.defait_le is not None)
            for fait in ChangementAdresse.objects.filter(utilisateur__in=gens)
        ),
        "facteurs": sorted(
            (f.etat, second_facteur.est_actif(f.utilisateur), f.utilisateur.has_usable_password())
            for f in FacteurPerdu.objects.filter(utilisateur__in=gens).select_related("utilisateur")
        ),
        "propositions": sorted(
            PropositionFacteur.objects.filter(agent__in=gens).values_list("etat", "tranchee_par__prenom"), key=str
        ),
    }


def jouer(noms: tuple[str, str], famille: dict[str, Preparer], ordre: str) -> tuple[list[str], dict[str, Any]]:
    """Prépare les deux gestes, comme deux pages ouvertes, puis les fait : ensemble, ou dans un ordre ou l'autre."""
    scene = Scene()
    gestes = [famille[nom](scene) for nom in noms]
    dernier = (Courriel.objects.order_by("-pk").first(), EntreeJournal.objects.order_by("-pk").first())
    depuis = (dernier[0].pk if dernier[0] else 0, dernier[1].pk if dernier[1] else 0)
    if ordre == "ensemble":
        issues = ensemble(gestes)
    elif ordre == "aller":
        issues = [issue(faire) for faire in gestes]
    else:
        issues = [issue(faire) for faire in reversed(gestes)][::-1]
    return issues, bilan(scene, depuis)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("famille", FAMILLES)
def test_deux_gestes_faits_ensemble_donnent_ce_que_donne_l_un_des_deux_ordres(famille: str) -> None:
    gestes = FAMILLES[famille]
    fautes = []
    for paire in itertools.combinations_with_replacement(gestes, 2):
        croise = jouer(paire, gestes, "ensemble")
        ordres = [jouer(paire, gestes, "aller")]
        if croise not in ordres:
            ordres.append(jouer(paire, gestes, "retour"))
        if croise not in ordres:
            fautes.append((paire, croise, ordres))
    assert not fautes


def croisees(famille: dict[str, Preparer]) -> set[str]:
    """Les actions que font les gestes d'une famille, lues dans ce qu'ils préparent."""
    scene = Scene()
    faits = [preparer(scene) for preparer in famille.values()]
    actions = [getattr(faire, "func", faire) for faire in faits]
    return {f"{a.__module__.removeprefix('apart.')}.{a.__name__}" for a in actions}


@pytest.mark.django_db
def test_chaque_action_croise_les_autres_ou_dit_pourquoi_elle_n_en_croise_aucune() -> None:
    """Une action neuve entre dans une famille, ou dit dans SEULS ce qui la dispense."""
    dans_une_famille = set().union(*map(croisees, FAMILLES.values()))
    exemptes = SEULS.keys() | {nom for nom, raison in SANS_REFUS.items() if raison in {LECTURE, MORCEAU}}

    assert set(actions_publiques()) - dans_une_famille - exemptes == set()
    assert SEULS.keys() & dans_une_famille == set(), "elle croise : sa dispense est de trop"
    assert SEULS.keys() - set(actions_publiques()) == set()

"""De petites familles de gestes qui se croisent (tests/test_gestes_croises.py), et ceux qui ne croisent personne.

Les paires d'une famille croissent comme son carré : un geste qui ne touche qu'une chose en a une de deux ou trois.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from apart.administrations.actions import facteurs
from apart.assistance.actions import renvois
from apart.comptes.actions import recuperation
from apart.comptes.models import Usage
from apart.etablissements.actions import espace, personnes, rejoindre, relever
from apart.etablissements.etats import EtatPreuve, EtatRejoindre
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises.actions import agents, demande, lots, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from tests.familles_reprises import Preparer, depuis, retirer_un_membre
from tests.gestes import GESTES
from tests.gestes_equipe import supplee
from tests.gestes_facteurs import proposition
from tests.gestes_lettres import LETTRES
from tests.gestes_reprises import REPRISES
from tests.scene import PHRASE, Scene

E = EtatReprise


def tire(nom: str, par: str = "principal") -> Preparer:
    return lambda s: (GESTES | LETTRES | REPRISES)[nom].preparer(s, s.qui(par))


def defaire(par: str) -> Preparer:
    return lambda s: partial(relever.defaire, s.preuve(Preuve.MEMBRE, EtatPreuve.POSEE), par=s.qui(par))


def attendu(geste: Callable[[Scene], Callable[[], object]]) -> Preparer:
    """Le demandeur a aussi déposé de quoi rejoindre la boulangerie, et attend son lien."""
    return lambda s: (s.rejoindre(EtatRejoindre.DEPOSEE, "demandeur"), geste(s))[1]


def en_suppleance(geste: Preparer) -> Preparer:
    return lambda s: (supplee(s), geste(s))[1]


def avec_voisin(geste: Preparer) -> Preparer:
    """Le voisin est aussi membre de la boulangerie, que tient le principal."""
    champs = {"role": Role.MEMBRE, "preuve": Preuve.COURRIEL}
    membre = Habilitation.objects.get_or_create
    return lambda s: (membre(utilisateur=s.qui("voisin"), etablissement=s.boulangerie, defaults=champs), geste(s))[1]


def avec_fiche(geste: Preparer) -> Preparer:
    return lambda s: (s.cibles.setdefault("fiche", s.fiche()), geste(s))[1]


def ecrite(s: Scene) -> Reprise:
    """Une reprise dont la lettre est partie."""
    if "ecrite" not in s.cibles:
        s.fiche()
        preuves.demander_lettre(s.reprise(E.EXAMINEE))
        lots.imprimer_lot(par=s.qui("agent"))
        s.cibles["ecrite"] = s.reprise().lettres.get().code
    return s.reprise()


def taper_le_code(s: Scene) -> Callable[[], object]:
    return partial(preuves.employer_lettre, ecrite(s), s.cibles["ecrite"])


def abandonner(s: Scene) -> Callable[[], object]:
    return partial(demande.abandonner, ecrite(s))


faire_repartir = attendu(
    lambda s: partial(renvois.faire_repartir, s.demande(), motif=renvois.MotifRenvoi.PAS_RECU, par=s.qui("agent"))
)
envoyer = attendu(lambda s: partial(rejoindre.envoyer_lien, s.rejoindre(nom="demandeur")))
lever = "administrations.actions.affectations.lever_suppleance"
connecte, confirmee, opposee = depuis(E.DEPOSEE, "voisin"), depuis(E.CONFIRMEE), depuis(E.OPPOSEE)
COURTES: dict[str, dict[str, Preparer]] = {
    "un lien qui repart": {"le faire repartir": faire_repartir, "l'envoyer": envoyer},
    "une preuve posée": {
        "la défaire": defaire("principal"),
        "la défaire, une autre": defaire("principale"),
        "retirer": lambda s: (s.preuve(Preuve.MEMBRE, EtatPreuve.POSEE), retirer_un_membre(s))[1],
    },
    "une question et un code": {
        "supprimer la question": tire("comptes.actions.secours.supprimer_question"),
        "la changer": tire("comptes.actions.secours.enregistrer_question"),
        "changer le code": tire("comptes.actions.secours.renouveler_code"),
    },
    "deux comptes à réunir": {
        "les prouver": tire("etablissements.actions.reunion.prouver"),
        "les réunir": tire("etablissements.actions.reunion.reunir"),
        "quitter le garage": lambda s: partial(
            personnes.quitter, s.garage.habilitations.get(utilisateur=s.qui("voisin")), par=s.qui("voisin")
        ),
        "changer de mot de passe": tire("comptes.actions.securite.changer_mot_de_passe"),
        "changer celui de l'autre": lambda s: partial(
            recuperation.choisir_mot_de_passe, s.lien(Usage.MOT_DE_PASSE, "voisin"), PHRASE
        ),
        "les réunir, là où ils sont tous deux": avec_voisin(tire("etablissements.actions.reunion.reunir")),
    },
    "des sessions": {
        "en fermer une": tire("comptes.actions.securite.fermer_session"),
        "fermer les autres": tire("comptes.actions.securite.fermer_autres_sessions"),
    },
    "un espace à ouvrir": {
        "renouveler le lien": tire("etablissements.actions.espace.renouveler_lien"),
        "l'ouvrir": tire("etablissements.actions.espace.ouvrir"),
        "le corriger": lambda s: partial(
            espace.deposer_demande, s.saisie_espace(11, "lea"), remplace=s.espace("lea", 11)
        ),
    },
    "une suppléance": {
        "la lever": tire(lever, "superviseur"),
        "la lever, une autre": tire(lever, "superviseure"),
        "finir l'affectation": en_suppleance(tire("administrations.actions.affectations.terminer", "superviseure")),
    },
    "un service": {
        "créer": tire("administrations.actions.services.creer", "superviseur"),
        "modifier": tire("administrations.actions.services.modifier", "superviseur"),
        "fermer": tire("administrations.actions.services.fermer", "superviseure"),
    },
    "une reprise à examiner": {
        "examiner": confirmee("agents.examiner", "agent"),
        "examiner, un autre": confirmee("agents.examiner", "superviseur"),
        "demander une lettre": avec_fiche(confirmee("preuves.demander_lettre")),
    },
    "une reprise opposée": {
        "proposer la levée": opposee("agents.proposer_levee", "agent"),
        "la proposer, un autre": opposee("agents.proposer_levee", "superviseur"),
        "refuser": opposee("agents.refuser", "superviseur"),
    },
    "une opposition à lever": {
        "la lever": tire("reprises.actions.agents.lever_opposition", "superviseur"),
        "la lever, une autre": tire("reprises.actions.agents.lever_opposition", "superviseure"),
        "refuser": opposee("agents.refuser", "superviseur"),
    },
    "un appel": {
        "ouvrir": lambda s: partial(agents.ouvrir_au_telephone, s.saisie_reprise(), par=s.qui("agent")),
        "ouvrir, un autre": lambda s: partial(
            agents.ouvrir_au_telephone, s.saisie_reprise(), par=s.qui("superviseur")
        ),
    },
    "une reprise, connecté": {
        "confirmer": connecte("demande.confirmer_connecte", "voisin"),
        "abandonner": connecte("demande.abandonner"),
    },
    "un relevé de preuve": {
        "le demander": tire("reprises.actions.releve.demander", "membre"),
        "retirer": retirer_un_membre,
    },
    "une lettre imprimée": {
        "employer le code": tire("reprises.actions.lettres.employer_code"),
        "l'annuler": lambda s: (s.lot(), tire("reprises.actions.lots.annuler", "superviseur")(s))[1],
        "télécharger son lot": tire("reprises.actions.lots.telecharger", "agent"),
    },
    "une reprise par lettre": {"taper le code": taper_le_code, "abandonner": abandonner},
    "un second facteur perdu": {
        "demander": tire("comptes.actions.facteur_perdu.demander"),
        "annuler par l'avis": tire("comptes.actions.facteur_perdu.annuler"),
        "annuler par une session": tire("comptes.actions.facteur_perdu.annuler_connecte"),
        "annuler par le facteur": tire("comptes.actions.facteur_perdu.annuler_par_facteur"),
        "recevoir le lien": tire("comptes.actions.facteur_perdu.envoyer_lien"),
        "remplacer": tire("comptes.actions.facteur_perdu.remplacer"),
        "changer de mot de passe": tire("comptes.actions.securite.changer_mot_de_passe"),
        "choisir un mot de passe": tire("comptes.actions.recuperation.choisir_mot_de_passe"),
    },
    "un second facteur à perdre": {
        "demander": tire("comptes.actions.facteur_perdu.demander"),
        "changer de mot de passe": tire("comptes.actions.securite.changer_mot_de_passe"),
    },
    "le second facteur d'un agent": {
        "proposer": tire("administrations.actions.facteurs.proposer", "superviseur"),
        "proposer, une autre": tire("administrations.actions.facteurs.proposer", "superviseure"),
    },
    "le second facteur d'un agent, proposé": {
        "approuver": tire("administrations.actions.facteurs.approuver", "superviseur"),
        "retirer": tire("administrations.actions.facteurs.retirer", "superviseure"),
        "suspendre": tire("administrations.actions.agents.suspendre", "superviseure"),
        "remplacer depuis la machine": lambda s: (
            proposition(s),
            partial(facteurs.remplacer, courriel=s.adresse("agent")),
        )[1],
        "activer": tire("administrations.actions.agents.activer_agent"),
    },
    "un lot à imprimer": {
        "l'imprimer": tire("reprises.actions.lots.imprimer_lot", "agent"),
        "l'imprimer, un autre": tire("reprises.actions.lots.imprimer_lot", "superviseur"),
    },
}

# Ce qui ne croise aucun geste sur une même personne ou un même dossier, et pourquoi.
NUIT = "la nuit, dossier par dossier : verrouille, relit l'état, passe si quelqu'un l'a fait avancer"
PURGE = "efface en un ordre ce qui est fini depuis longtemps : aucun geste n'y mène plus"
COURRIER = "un message se prend par SKIP LOCKED ; aucun geste ne verrouille un message"
NEUF = "n'écrit que des lignes neuves, que personne ne tient encore"
SEULS: dict[str, str] = {
    "administrations.actions.facteurs.perimer": NUIT,
    "administrations.actions.facteurs.purger": PURGE,
    "administrations.actions.services.assistance_nationale": "la ligne de commande, pour créer le premier superviseur",
    "administrations.actions.superviseurs.accorder": "un morceau des gestes d'affectation, croisés ; rejoué la nuit",
    "assistance.actions.demandes.consulter": NEUF,
    "assistance.actions.demandes.deposer": NEUF,
    "assistance.actions.demandes.renvoyer_liens": "demande l'envoi de liens neufs, sans toucher aux demandes",
    "assistance.actions.fiches.charger": "la ligne de commande, qui écrit les fiches d'aide",
    "comptes.actions.connexion.tenter": "verrouille des noms, non des lignes (tests/comptes/test_freins_ensemble.py)",
    "comptes.actions.menage.purger_acces": PURGE,
    "comptes.actions.menage.purger_echecs": PURGE,
    "comptes.actions.facteur_perdu.avancer": NUIT,
    "comptes.actions.adresse.renouveler_lien": "sous le verrou de la personne, un lien de plus : rien ne s'y dispute",
    "etablissements.actions.reunion.renouveler_lien": "un lien de plus vers la même réunion : rien ne s'y dispute",
    "comptes.actions.facteur_perdu.renouveler_lien": "lit, puis fait envoyer_lien, déjà croisé",
    "comptes.actions.menage.purger_facteurs_perdus": PURGE,
    "comptes.actions.menage.purger_jetons": PURGE,
    "comptes.actions.menage.purger_sessions": PURGE,
    "comptes.actions.recuperation.renouveler_lien_retenu": "lit, puis fait renouveler_lien, déjà croisé",
    "comptes.actions.securite.noter_second_facteur": NEUF,
    "courriels.actions.effacer_les_anciens": PURGE,
    "courriels.actions.effacer_les_retenus": PURGE,
    "courriels.actions.noter_differe": COURRIER,
    "courriels.actions.noter_incertain": COURRIER,
    "courriels.actions.noter_panne": COURRIER,
    "courriels.actions.noter_refuse": COURRIER,
    "courriels.actions.noter_remis": COURRIER,
    "courriels.actions.perimer": COURRIER,
    "courriels.actions.prendre_le_suivant": COURRIER,
    "courriels.actions.prolonger_le_bail": COURRIER,
    "courriels.actions.refus.effacer_les_anciennes": PURGE,
    "courriels.actions.refus.noter_rebonds": COURRIER,
    "courriels.actions.renouveler": COURRIER,
    "etablissements.actions.espace.purger_demandes": PURGE,
    "etablissements.actions.offres.tenir": NUIT,
    "etablissements.actions.rejoindre.deposer": NEUF,
    "etablissements.actions.rejoindre.purger_demandes": PURGE,
    "etablissements.actions.relever.abandonner_les_oubliees": NUIT,
    "etablissements.actions.relever.purger": PURGE,
    "etablissements.actions.relever.poser_les_dues": NUIT,
    "etablissements.actions.revue.appeler": NUIT,
    "pieces.actions.effacer_les_perimees": PURGE,
    "pieces.actions.ramasser_les_orphelins": PURGE,
    "repertoire.actions.importer": "remplace les fiches du répertoire, auxquelles aucun geste n'écrit",
    "reprises.actions.delais.abandonner_sans_piece": NUIT,
    "reprises.actions.delais.relancer_les_pieces": NUIT,
    "reprises.actions.demande.purger_les_decisions": PURGE,
    "reprises.actions.suivi.renvoyer_suivis": "envoie des liens neufs, sans toucher aux reprises",
    "reprises.actions.agents.consulter": NEUF,
    "reprises.actions.demande.deposer": NEUF,
    "reprises.actions.demande.expirer": NUIT,
    "reprises.actions.demande.purger": PURGE,
    "reprises.actions.lettres.achever": NUIT,
    "reprises.actions.lettres.juger_code": "le début d'employer_lettre, croisé ; seul, test_code_de_lettre.py",
    "reprises.actions.lettres.purger": PURGE,
}

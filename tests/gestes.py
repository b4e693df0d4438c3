"""Tous les gestes des modules actions : comment les faire, qui le peut, et ce qui doit les faire refuser.

Une action publique qui n'est ni ici, ni dans SANS_REFUS (tests/test_gestes.py), fait échouer les tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.timezone import now

from apart.accueil import actions as annonces
from apart.assistance.actions import demandes, renvois
from apart.assistance.models import DemandeAssistance
from apart.comptes import question
from apart.comptes.actions import recuperation, secours, securite
from apart.comptes.actions.adresse import AdressePrise
from apart.comptes.actions.facteur_perdu import FacteurPerduRefuse
from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Session, Usage
from apart.etablissements.actions import adresse, connecte, espace, identifiant, rejoindre
from apart.etablissements.actions.espace import EspaceDejaOuvert, OuvertureRefusee
from apart.etablissements.actions.personnes import MainAPasser
from apart.etablissements.actions.relever import PreuveRefusee
from apart.etablissements.actions.reunion import ReunionRefusee
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions.execution import DejaProposee
from apart.reprises.actions.pieces import TropDePieces
from apart.reprises.lettres import CodeRefuse, LettreRefusee
from apart.socle.automate import GesteImpossible
from apart.socle.chiffrement import empreinte
from tests.empechements import (
    MEMBRE_INJOIGNABLE,
    PAS_D_ESPACE,
    a_l_agent,
    adresse_est,
    clore,
    demande_hors,
    fermer,
    morts,
    rejoindre_hors,
)
from tests.geste import AGENTS, COMPTES_D_AGENT, LISENT, PRINCIPAUX, REPONDENT, Geste
from tests.gestes_adresse import ADRESSES
from tests.gestes_equipe import EQUIPE
from tests.gestes_facteurs import FACTEURS
from tests.gestes_personnes import PERSONNES
from tests.gestes_preuves import PREUVES
from tests.scene import PHRASE, Scene

REFUS = (
    PermissionDenied,
    ValidationError,
    GesteImpossible,
    JetonRefuse,
    OuvertureRefusee,
    EspaceDejaOuvert,
    PreuveRefusee,
    MainAPasser,
    LettreRefusee,
    CodeRefuse,
    DejaProposee,
    TropDePieces,
    FacteurPerduRefuse,
    AdressePrise,
    ReunionRefusee,
)


def _repondre(scene: Scene) -> Callable[[], object]:
    """La bonne réponse à la question du principal, par un lien qui l'attend."""
    qui = scene.qui("principal")
    secours.enregistrer_question(qui, question="animal", empreinte_reponse=question.empreinte("médor"), par=qui)
    return partial(recuperation.repondre_a_la_question, scene.lien(Usage.MOT_DE_PASSE, "principal"), "médor")


GESTES: dict[str, Geste] = {
    "accueil.actions.publier": Geste(lambda s, par: partial(annonces.publier, **s.contenu(), par=par), AGENTS),
    "accueil.actions.corriger": Geste(
        lambda s, par: partial(annonces.corriger, s.annonce(), **s.contenu("Panne"), par=par),
        AGENTS,
        refus={"retirée": lambda s: annonces.retirer(s.annonce(), par=s.qui("agent"))},
    ),
    "accueil.actions.retirer": Geste(
        lambda s, par: partial(annonces.retirer, s.annonce(), par=par),
        AGENTS,
        sans_effet={"retirée": lambda s: annonces.retirer(s.annonce(), par=s.qui("agent"))},
    ),
    **EQUIPE,
    **FACTEURS,
    "assistance.actions.demandes.ecrire": Geste(
        lambda s, par: partial(demandes.ecrire, s.demande(), texte="Et ?"), refus=demande_hors("ecrire")
    ),
    "assistance.actions.demandes.repondre": Geste(
        lambda s, par: partial(demandes.repondre, s.demande(), texte="Voici.", par=par),
        REPONDENT,
        refus=demande_hors("repondre") | {"la sienne": a_l_agent},
    ),
    "assistance.actions.demandes.annoter": Geste(
        lambda s, par: partial(demandes.annoter, s.demande(), texte="Vue.", par=par),
        REPONDENT,
        refus={"la sienne": a_l_agent},
    ),
    "assistance.actions.demandes.prendre": Geste(
        lambda s, par: partial(demandes.prendre, s.demande(), par=par),
        REPONDENT,
        refus=demande_hors("prendre") | {"la sienne": a_l_agent},
    ),
    "assistance.actions.demandes.clore": Geste(
        lambda s, par: partial(demandes.clore, s.demande(), par=par),
        REPONDENT,
        refus=demande_hors("clore") | {"la sienne": a_l_agent},
    ),
    "assistance.actions.demandes.rouvrir": Geste(
        lambda s, par: partial(demandes.rouvrir, _close(s), par=par),
        REPONDENT,
        refus=demande_hors("rouvrir") | {"la sienne": lambda s: (_close(s), a_l_agent(s))},
    ),
    "assistance.actions.demandes.consulter": Geste(
        lambda s, par: partial(demandes.consulter, s.demande(), par=par), LISENT
    ),
    "assistance.actions.renvois.renvoyer": Geste(
        lambda s, par: partial(
            renvois.renvoyer,
            s.demande(),
            membre=s.habilitation("membre"),
            quoi=renvois.Renvoi.MOT_DE_PASSE,
            motif=renvois.MotifRenvoi.PAS_RECU,
            par=par,
        ),
        REPONDENT,
        refus=MEMBRE_INJOIGNABLE,
    ),
    "assistance.actions.renvois.faire_repartir": Geste(
        lambda s, par: (
            s.rejoindre(EtatRejoindre.DEPOSEE, "demandeur"),
            partial(renvois.faire_repartir, s.demande(), motif=renvois.MotifRenvoi.PAS_RECU, par=par),
        )[1],
        REPONDENT,
        refus={"la sienne": a_l_agent},
        sans_effet={"plus rien n'est attendu": lambda s: s.rejoindre(EtatRejoindre.CONFIRMEE, "demandeur")},
    ),
    "comptes.actions.recuperation.envoyer_reinitialisation": Geste(
        lambda s, par: partial(recuperation.envoyer_reinitialisation, s.qui("principal"), par=par),
        COMPTES_D_AGENT,
        refus={"compte fermé": fermer("principal")},
    ),
    "comptes.actions.recuperation.renouveler_lien": Geste(
        lambda s, par: partial(recuperation.renouveler_lien, s.lien(Usage.MOT_DE_PASSE, "principal")),
        sans_effet={
            "compte fermé": lambda s: (s.lien(Usage.MOT_DE_PASSE, "principal"), fermer("principal")(s)),
            "lien d'un autre usage": morts(Usage.MOT_DE_PASSE, "principal")["lien d'un autre usage"],
        },
    ),
    "comptes.actions.recuperation.repondre_a_la_question": Geste(
        lambda s, par: _repondre(s),
        refus=morts(Usage.MOT_DE_PASSE, "principal"),
    ),
    "comptes.actions.recuperation.choisir_mot_de_passe": Geste(
        lambda s, par: partial(recuperation.choisir_mot_de_passe, s.lien(Usage.MOT_DE_PASSE, "principal"), PHRASE),
        refus={
            **morts(Usage.MOT_DE_PASSE, "principal"),
            "compte fermé": fermer("principal"),
            "question sans réponse": lambda s: secours.enregistrer_question(
                s.qui("principal"), question="rue", empreinte_reponse="x", par=s.qui("principal")
            ),
        },
    ),
    "comptes.actions.recuperation.employer_code_de_secours": Geste(
        lambda s, par: partial(
            recuperation.employer_code_de_secours,
            s.qui("principal").identifiant,
            s.code_de_secours("principal"),
            adresse=s.adresse("ici"),
        ),
        refus={
            "compte fermé": lambda s: (s.code_de_secours("principal"), fermer("principal")(s)),
            "code remplacé": lambda s: (
                s.code_de_secours("principal"),
                secours.renouveler_code(s.qui("principal"), par=s.qui("principal")),
            ),
        },
    ),
    "comptes.actions.secours.renouveler_code": Geste(
        lambda s, par: partial(secours.renouveler_code, s.qui("principal"), par=par), frozenset({"principal"})
    ),
    "comptes.actions.secours.definir_question": Geste(
        lambda s, par: partial(
            secours.definir_question, s.qui("principal"), question="rue", empreinte_reponse="x", par=par
        ),
        frozenset({"principal"}),
    ),
    "comptes.actions.secours.enregistrer_question": Geste(
        lambda s, par: partial(
            secours.enregistrer_question, s.qui("principal"), question="rue", empreinte_reponse="x", par=par
        ),
        frozenset({"principal"}),
    ),
    "comptes.actions.secours.supprimer_question": Geste(
        lambda s, par: partial(secours.supprimer_question, s.qui("principal"), par=par), frozenset({"principal"})
    ),
    "comptes.actions.securite.changer_mot_de_passe": Geste(
        lambda s, par: partial(
            securite.changer_mot_de_passe, s.qui("principal"), mot_de_passe=PHRASE, session=None, par=par
        ),
        frozenset({"principal"}),
    ),
    "comptes.actions.securite.renouveler_code_secours": Geste(
        lambda s, par: partial(securite.renouveler_code_secours, s.qui("principal"), par=par),
        frozenset({"principal"}),
    ),
    "comptes.actions.securite.fermer_session": Geste(
        lambda s, par: partial(securite.fermer_session, s.qui("principal"), session=_session(s), par=par),
        frozenset({"principal"}),
        sans_effet={"celle d'un autre": lambda s: _session(s, "membre")},
    ),
    "comptes.actions.securite.fermer_autres_sessions": Geste(
        lambda s, par: partial(securite.fermer_autres_sessions, s.qui("principal"), session=None, par=par),
        frozenset({"principal"}),
    ),
    "etablissements.actions.adresse.envoyer": Geste(
        lambda s, par: partial(adresse.envoyer, s.boulangerie, par=par),
        PRINCIPAUX,
        sans_effet={"vérifiée": adresse_est(courriel_prouve_le=now()), "celle d'un membre": adresse_est("membre")},
    ),
    "etablissements.actions.adresse.renouveler_lien": Geste(
        lambda s, par: partial(adresse.renouveler_lien, s.lien(Usage.ADRESSE, "contact")),
        sans_effet={"vérifiée": adresse_est(courriel_prouve_le=now()), "adresse changée": adresse_est("ailleurs")},
    ),
    "etablissements.actions.adresse.prouver": Geste(
        lambda s, par: partial(adresse.prouver, s.lien(Usage.ADRESSE, "contact")),
        refus={**morts(Usage.ADRESSE, "contact"), "adresse changée": adresse_est("ailleurs")},
    ),
    "etablissements.actions.connecte.ajouter": Geste(
        lambda s, par: partial(connecte.ajouter, s.saisie_espace(11), par=par),
        frozenset({"principal"}),
        refus={"espace ouvert par un autre": lambda s: Etablissement.objects.create(siret=s.siret(11))},
    ),
    "etablissements.actions.connecte.demander": Geste(
        lambda s, par: partial(connecte.demander, s.saisie_rejoindre(), par=par),
        frozenset({"principal"}),
        refus={
            "déjà membre": lambda s: Habilitation.objects.create(
                utilisateur=s.qui("principal"), etablissement=s.garage, role=Role.MEMBRE, preuve=Preuve.MEMBRE
            )
        },
    ),
    "etablissements.actions.espace.envoyer_lien": Geste(
        lambda s, par: partial(espace.envoyer_lien, s.espace("lea", 11)),
        sans_effet={"déjà ouvert": lambda s: espace.ouvrir(s.lien(Usage.CREATION, "lea"), relue=s.relue())},
    ),
    "etablissements.actions.espace.renouveler_lien": Geste(
        lambda s, par: partial(espace.renouveler_lien, s.lien(Usage.CREATION, "lea")),
        sans_effet={
            "déjà ouvert": lambda s: espace.ouvrir(s.lien(Usage.CREATION, "lea"), relue=s.relue()),
            "lien d'un autre usage": morts(Usage.CREATION, "lea")["lien d'un autre usage"],
        },
    ),
    "etablissements.actions.espace.ouvrir": Geste(
        lambda s, par: partial(espace.ouvrir, s.lien(Usage.CREATION, "lea"), relue=s.relue()),
        refus={
            **morts(Usage.CREATION, "lea"),
            **PAS_D_ESPACE,
            "espace ouvert par un autre": lambda s: Etablissement.objects.create(siret=s.siret(11)),
            "adresse corrigée depuis": lambda s: (
                s.lien(Usage.CREATION, "lea"),
                type(s.espace("lea", 11)).objects.update(courriel_utilisateur=s.adresse("autre")),
            ),
        },
    ),
    "etablissements.actions.identifiant.envoyer_identifiant": Geste(
        lambda s, par: partial(identifiant.envoyer_identifiant, s.qui("principal"), par=par),
        COMPTES_D_AGENT,
        refus={"compte fermé": fermer("principal")},
    ),
    "etablissements.actions.rejoindre.envoyer_lien": Geste(
        lambda s, par: partial(rejoindre.envoyer_lien, s.rejoindre(EtatRejoindre.DEPOSEE)),
        sans_effet=rejoindre_hors("confirmer_rejoindre"),
    ),
    "etablissements.actions.rejoindre.renouveler_lien": Geste(
        lambda s, par: partial(rejoindre.renouveler_lien, s.lien(Usage.ADMISSION, "lea")),
        sans_effet={
            "refusée": lambda s: s.rejoindre(EtatRejoindre.REFUSEE),
            "entrée": lambda s: s.rejoindre(EtatRejoindre.ENTREE),
            "annulée": lambda s: s.rejoindre(EtatRejoindre.ANNULEE),
        },
    ),
    "etablissements.actions.rejoindre.confirmer": Geste(
        lambda s, par: partial(rejoindre.confirmer, s.lien(Usage.REJOINDRE, "lea"), **s.relue().personne),
        refus=morts(Usage.REJOINDRE, "lea") | rejoindre_hors("confirmer_rejoindre"),
    ),
    "etablissements.actions.rejoindre.accepter": Geste(
        lambda s, par: partial(rejoindre.accepter, s.rejoindre(), par=par),
        PRINCIPAUX,
        refus=rejoindre_hors("accepter_rejoindre") | PAS_D_ESPACE,
    ),
    "etablissements.actions.rejoindre.refuser": Geste(
        lambda s, par: partial(rejoindre.refuser, s.rejoindre(), par=par),
        PRINCIPAUX,
        refus=rejoindre_hors("refuser_rejoindre"),
    ),
    "etablissements.actions.rejoindre.entrer": Geste(
        lambda s, par: partial(rejoindre.entrer, s.lien(Usage.ADMISSION, "lea"), mot_de_passe=PHRASE),
        refus=morts(Usage.ADMISSION, "lea") | PAS_D_ESPACE | rejoindre_hors("entrer"),
    ),
    **ADRESSES,
    **PREUVES,
    **PERSONNES,
}


def _close(scene: Scene) -> DemandeAssistance:
    """La demande, close la première fois qu'on la demande close."""
    if "close" not in scene.cibles:
        scene.cibles["close"] = True
        clore(scene)
    return scene.demande()


def _session(scene: Scene, nom: str = "principal") -> str:
    """L'empreinte d'une session ouverte de cette personne."""
    if "session" not in scene.cibles:
        scene.cibles["session"] = empreinte(scene.adresse(nom))
        Session.objects.create(
            session_key=scene.cibles["session"], utilisateur=scene.qui(nom), expire_date=now() + timedelta(hours=1)
        )
    cle: str = scene.cibles["session"]
    return cle

"""Les gestes d'une reprise d'accès (tests/gestes.py) : qui la demande, qui en répond, qui s'y oppose, les agents."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.comptes.models import Usage
from apart.etablissements.models import Habilitation, Preuve, Role
from apart.pieces.actions import deposer as deposer_piece
from apart.pieces.models import Nature
from apart.reprises.actions import agents, demande, execution, pieces, preuves, releve
from apart.reprises.etats import OUVERTES, TRANSITIONS, EtatReprise
from apart.reprises.models import PhraseReprise, PieceAttendue, PieceReprise, Raison, Reprise
from tests.empechements import PAS_D_ESPACE, Mettre, adresse_est, hors, morts
from tests.geste import REPONDENT, Geste
from tests.pieces.fabriques import pdf, recue
from tests.reprises.etapes import NUMERO
from tests.scene import Scene

E = EtatReprise
COLLEGUES = frozenset({"principale", "membre"})  # le principal est celui que l'on remplace
RELUS = {
    "raison": Raison.PARTIE,
    "explication": "",
    "nom": "Blanc",
    "prenom": "Léa",
    "telephone": "",
    "fonction": "gérante",
}


def sauf(*permis: EtatReprise, nom: str = "lea") -> dict[str, Mettre]:
    """Chaque état sauf ceux-là, pour un geste plus étroit que sa transition ou qui n'en franchit pas."""
    return {str(etat.label): partial(Scene.reprise, etat=etat, nom=nom) for etat in E if etat not in permis}


def interdit(transition: str, *aussi: EtatReprise, nom: str = "lea") -> dict[str, Mettre]:
    """Chaque état d'où la table ne le permet pas ; aussi : ceux d'où elle le permet, et ce geste-ci non."""
    ajoutes = {str(etat.label): partial(Scene.reprise, etat=etat, nom=nom) for etat in aussi}
    return ajoutes | hors(TRANSITIONS, transition, lambda etat: partial(Scene.reprise, etat=etat, nom=nom))


def champs(etat: EtatReprise, **poses: object) -> Mettre:
    return lambda s: Reprise.objects.filter(pk=s.reprise(etat).pk).update(**poses)


def interesse(nom: str, etat: EtatReprise) -> dict[str, Mettre]:
    """Nul ne traite ce qui le concerne (T20)."""
    return {
        "il a un accès là": lambda s: Habilitation.objects.create(
            utilisateur=s.qui(nom), etablissement=s.boulangerie, role=Role.MEMBRE, preuve=Preuve.COURRIEL
        ),
        "il y a eu un accès": lambda s: Habilitation.objects.create(
            utilisateur=s.qui(nom),
            etablissement=s.boulangerie,
            role=Role.MEMBRE,
            preuve=Preuve.COURRIEL,
            du=now() - timedelta(2),
            au=now() - timedelta(1),
        ),
        "c'est la sienne": lambda s: champs(etat, courriel=s.adresse(nom))(s),
    }


def une_autre(s: Scene) -> Reprise:
    return s.reprise(E.OPPOSABLE, nom="noe")


def pleine(s: Scene) -> None:
    for rang in range(pieces.PIECES_PERMISES):
        deposee = deposer_piece(recue(f"{rang}.pdf", pdf(f"{s.rang} {rang}")), nature=Nature.REPRISE)
        PieceReprise.objects.create(reprise=s.reprise(), piece=deposee, attendue=PieceAttendue.ATTESTATION)


def a_annuler(s: Scene) -> Reprise:
    """Faite, et qu'un agent propose de défaire."""
    faite = s.reprise(E.EXECUTEE)
    if "annulable" not in s.cibles:
        s.cibles["annulable"] = True
        if faite.etat == E.EXECUTEE:
            Reprise.objects.filter(pk=faite.pk).update(annulation_par=s.qui("agent"), annulation_le=now())
    return s.reprise()


def contestee(s: Scene) -> Reprise:
    """Faite, et à laquelle quelqu'un s'oppose."""
    faite = s.reprise(E.EXECUTEE)
    if "contestee" not in s.cibles:
        s.cibles["contestee"] = True
        if faite.etat == E.EXECUTEE:
            Reprise.objects.filter(pk=faite.pk).update(opposee_le=now())
    return s.reprise()


def a_lever(s: Scene, etat: EtatReprise = E.OPPOSEE) -> Reprise:
    """Opposée, et qu'un agent propose de ne plus l'être."""
    opposee = s.reprise(etat)
    if "a_lever" not in s.cibles:
        s.cibles["a_lever"] = True
        if opposee.etat == etat:
            poses = {"levee_proposee_par": s.qui("agent"), "levee_proposee_le": now()}
            Reprise.objects.filter(pk=opposee.pk).update(**poses)
    return s.reprise()


def a_maintenir(s: Scene) -> Reprise:
    contestee(s)
    return a_lever(s, E.EXECUTEE)


def juge_et_partie(nom: str, etat: EtatReprise) -> dict[str, Mettre]:
    """Ni celui qui a proposé ou approuvé la reprise, ni celui qui s'y oppose, ne lève l'opposition."""

    def a_dit(geste: str, **de: str) -> Mettre:
        return lambda s: PhraseReprise.objects.create(
            reprise=s.reprise(etat), geste=geste, par=s.qui(nom), **{c: s.adresse(q) for c, q in de.items()}
        )

    return {
        "il l'a proposée": lambda s: champs(etat, proposee_par=s.qui(nom))(s),
        "il l'a proposée, puis retirée": a_dit("proposer_reprise"),
        "l'opposition est la sienne": a_dit("s_opposer", adresse=nom),
    }


def _expirees(etat: EtatReprise) -> Mettre:
    return champs(etat, executee_le=now() - timedelta(31))


PERSONNE: dict[str, Geste] = {
    "reprises.actions.demande.envoyer_lien": Geste(
        lambda s, par: partial(demande.envoyer_lien, s.reprise(E.DEPOSEE)), sans_effet=interdit("confirmer_reprise")
    ),
    "reprises.actions.demande.renouveler_lien": Geste(
        lambda s, par: partial(demande.renouveler_lien, s.lien(Usage.REPRISE, "lea")),
        sans_effet=interdit("confirmer_reprise")
        | {"lien d'un autre usage": morts(Usage.REPRISE, "lea")["lien d'un autre usage"]},
    ),
    "reprises.actions.demande.confirmer": Geste(
        lambda s, par: partial(demande.confirmer, s.lien(Usage.REPRISE, "lea"), **RELUS),
        refus=morts(Usage.REPRISE, "lea") | interdit("confirmer_reprise"),
    ),
    "reprises.actions.demande.confirmer_connecte": Geste(
        lambda s, par: partial(demande.confirmer_connecte, s.reprise(E.DEPOSEE, nom="voisin"), par=par),
        frozenset({"voisin"}),
        refus=interdit("confirmer_reprise", nom="voisin"),
    ),
    "reprises.actions.demande.abandonner": Geste(
        lambda s, par: partial(demande.abandonner, s.reprise()),
        refus=interdit("abandonner_reprise"),
    ),
    "reprises.actions.pieces.joindre": Geste(
        lambda s, par: partial(pieces.joindre, s.reprise(), {PieceAttendue.ATTESTATION: [recue()]}),
        refus=interdit("recevoir_piece") | {"vingt pièces": pleine},
    ),
    "reprises.actions.preuves.invoquer_le_domaine": Geste(
        lambda s, par: partial(preuves.invoquer_le_domaine, s.reprise()),
        refus={
            **interdit("ouvrir_opposition"),
            "adresse grand public": champs(E.CONFIRMEE, courriel="lea@gmail.com"),
            "domaine d'ailleurs": champs(E.CONFIRMEE, courriel="lea@ailleurs.fr"),
            "une autre est proposée": une_autre,
        },
    ),
    "reprises.actions.preuves.envoyer_code": Geste(
        lambda s, par: partial(preuves.envoyer_code, s.reprise()),
        refus={
            **sauf(*OUVERTES, E.OPPOSABLE),
            "adresse pas vérifiée": lambda s: (s.reprise(), adresse_est(courriel_prouve_le=None)(s)),
            "adresse d'un membre": lambda s: (s.reprise(), adresse_est("membre")(s)),
            "adresse de qui demande": lambda s: (s.reprise(), adresse_est("lea")(s)),
        },
    ),
    "reprises.actions.preuves.employer_code": Geste(
        lambda s, par: partial(preuves.employer_code, s.reprise(), s.message(Usage.CODE_REPRISE, "contact").code),
        refus={
            **morts(Usage.CODE_REPRISE, "contact"),
            **interdit("executer_reprise", E.PROPOSEE),
            "adresse changée": lambda s: (s.reprise(), adresse_est("ailleurs")(s)),
            "adresse devenue celle d'un membre": lambda s: (s.reprise(), adresse_est("membre")(s)),
        },
    ),
    "reprises.actions.preuves.demander_accord": Geste(
        lambda s, par: partial(preuves.demander_accord, s.reprise()), refus=sauf(*OUVERTES, E.OPPOSABLE)
    ),
    "reprises.actions.preuves.donner_accord": Geste(
        lambda s, par: partial(preuves.donner_accord, s.reprise(), par=par),
        COLLEGUES,
        refus=interdit("ouvrir_opposition"),
    ),
    "reprises.actions.preuves.refuser_accord": Geste(
        lambda s, par: partial(preuves.refuser_accord, s.reprise(), par=par),
        COLLEGUES,
        refus={
            **sauf(*OUVERTES, E.OPPOSABLE),
            "déjà dit": lambda s: preuves.refuser_accord(s.reprise(), par=s.qui("membre")),
        },
    ),
    "reprises.actions.execution.s_opposer": Geste(
        lambda s, par: partial(execution.s_opposer, s.lien(Usage.OPPOSITION_REPRISE, "principal"), texte="Non."),
        refus=morts(Usage.OPPOSITION_REPRISE, "principal") | interdit("contester"),
    ),
    "reprises.actions.execution.entrer": Geste(
        lambda s, par: partial(execution.entrer, s.lien(Usage.ENTREE, "lea"), mot_de_passe="clairon brume safran"),
        refus={
            **morts(Usage.ENTREE, "lea"),
            **PAS_D_ESPACE,
            **interdit("entrer_par_reprise"),
            "déjà entrée": lambda s: Reprise.objects.filter(pk=s.reprise(E.EXECUTEE).pk).update(
                habilitation=s.habilitation("membre")
            ),
        },
    ),
    "reprises.actions.execution.renouveler_entree": Geste(
        lambda s, par: partial(execution.renouveler_entree, s.lien(Usage.ENTREE, "lea")),
        sans_effet={
            **interdit("entrer_par_reprise"),
            "déjà entrée": lambda s: Reprise.objects.filter(pk=s.reprise(E.EXECUTEE).pk).update(
                habilitation=s.habilitation("membre")
            ),
            "lien d'un autre usage": morts(Usage.ENTREE, "lea")["lien d'un autre usage"],
        },
    ),
}
AGENTS: dict[str, Geste] = {
    "reprises.actions.agents.ouvrir_au_telephone": Geste(
        lambda s, par: partial(agents.ouvrir_au_telephone, s.saisie_reprise(s.cibles.get("appelant", "lea")), par=par),
        REPONDENT,
        refus={
            "il a un accès là": interesse("agent", E.DEPOSEE)["il a un accès là"],
            "pour lui-même": lambda s: s.cibles.update(appelant="agent"),
        },
    ),
    "reprises.actions.agents.consulter": Geste(
        lambda s, par: partial(agents.consulter, s.reprise(), par=par),
        REPONDENT,
        refus=interesse("agent", E.CONFIRMEE),
    ),
    "reprises.actions.agents.examiner": Geste(
        lambda s, par: partial(agents.examiner, s.reprise(), par=par),
        REPONDENT,
        refus=interdit("examiner_reprise") | interesse("agent", E.CONFIRMEE),
    ),
    "reprises.actions.agents.demander_piece": Geste(
        lambda s, par: partial(agents.demander_piece, s.reprise(E.EXAMINEE), PieceAttendue.POUVOIR, par=par),
        REPONDENT,
        refus=interdit("demander_piece") | interesse("agent", E.EXAMINEE),
    ),
    "reprises.actions.agents.rappeler": Geste(
        lambda s, par: partial(agents.rappeler, s.reprise(E.EXAMINEE), NUMERO, par=par),
        REPONDENT,
        refus={
            **interdit("rappeler"),
            **interesse("agent", E.EXAMINEE),
            "numéro changé": lambda s: (
                s.reprise(E.EXAMINEE),
                type(s.boulangerie).objects.filter(pk=s.boulangerie.pk).update(telephone_fixe="+33102030499"),
            ),
            "numéro donné par la personne": champs(E.EXAMINEE, telephone=NUMERO),
        },
    ),
    "reprises.actions.agents.proposer": Geste(
        lambda s, par: partial(agents.proposer, s.reprise(E.EXAMINEE), motif="Rappelée.", par=par),
        REPONDENT,
        refus={
            **interdit("proposer_reprise"),
            **interesse("agent", E.EXAMINEE),
            "ni pièce ni rappel": champs(E.EXAMINEE, rappel_le=None),
            "une autre est proposée": une_autre,
        },
    ),
    "reprises.actions.agents.retirer_proposition": Geste(
        lambda s, par: partial(agents.retirer_proposition, s.reprise(E.PROPOSEE), par=par),
        REPONDENT,
        refus=interdit("retirer_proposition") | interesse("agent", E.PROPOSEE),
    ),
    # L'agent l'a proposée : il ne l'approuve pas.
    "reprises.actions.agents.approuver": Geste(
        lambda s, par: partial(agents.approuver, s.reprise(E.PROPOSEE), par=par),
        REPONDENT - {"agent"},
        refus=sauf(E.PROPOSEE) | interesse("agent_ici", E.PROPOSEE),
    ),
    "reprises.actions.agents.refuser": Geste(
        lambda s, par: partial(agents.refuser, s.reprise(), motif="Rien ne concorde.", par=par),
        REPONDENT,
        refus=interdit("refuser_reprise") | interesse("agent", E.CONFIRMEE),
    ),
    "reprises.actions.agents.proposer_levee": Geste(
        lambda s, par: partial(agents.proposer_levee, s.reprise(E.OPPOSEE), motif="Elle est partie.", par=par),
        REPONDENT,
        refus={
            **interdit("proposer_levee", E.EXECUTEE),
            **interesse("agent", E.OPPOSEE),
            **juge_et_partie("agent", E.OPPOSEE),
            "déjà proposée": a_lever,
        },
    ),
    # L'agent a proposé de la lever : un autre la lève.
    "reprises.actions.agents.lever_opposition": Geste(
        lambda s, par: partial(agents.lever_opposition, a_lever(s), motif="Elle est partie.", par=par),
        REPONDENT - {"agent"},
        refus={
            **interdit("lever_opposition"),
            **interesse("agent_ici", E.OPPOSEE),
            **juge_et_partie("agent_ici", E.OPPOSEE),
            "personne ne l'a proposé": lambda s: s.cibles.update(a_lever=True),
        },
    ),
    "reprises.actions.agents.lever_contestation": Geste(
        lambda s, par: partial(agents.lever_contestation, a_maintenir(s), motif="Elle est partie.", par=par),
        REPONDENT - {"agent"},
        refus={
            **interdit("lever_contestation"),
            **interesse("agent_ici", E.EXECUTEE),
            **juge_et_partie("agent_ici", E.EXECUTEE),
            "personne ne s'y oppose": lambda s: s.cibles.update(contestee=True),
            "personne ne l'a proposé": lambda s: s.cibles.update(a_lever=True),
        },
    ),
    "reprises.actions.agents.proposer_annulation": Geste(
        lambda s, par: partial(agents.proposer_annulation, s.reprise(E.EXECUTEE), motif="Imposteur.", par=par),
        REPONDENT,
        refus={
            **interdit("proposer_annulation"),
            **interesse("agent", E.EXECUTEE),
            "30 jours passés": _expirees(E.EXECUTEE),
            "déjà proposée": a_annuler,
        },
    ),
    "reprises.actions.agents.refuser_annulation": Geste(
        lambda s, par: partial(agents.refuser_annulation, a_annuler(s), motif="Elle est d'ici.", par=par),
        REPONDENT - {"agent"},
        refus={
            **interdit("refuser_annulation"),
            **interesse("agent_ici", E.EXECUTEE),
            "personne ne l'a proposé": lambda s: s.cibles.update(annulable=True),
        },
    ),
    "reprises.actions.agents.annuler": Geste(
        lambda s, par: partial(agents.annuler, a_annuler(s), par=par),
        REPONDENT - {"agent"},
        refus={
            **interdit("annuler_reprise"),
            **interesse("agent_ici", E.EXECUTEE),
            "30 jours passés": _expirees(E.EXECUTEE),
            "personne ne l'a proposé": lambda s: s.cibles.update(annulable=True),
        },
    ),
}


def _lettre(s: Scene) -> Reprise:
    """L'établissement est au répertoire : une lettre peut y partir."""
    if "reprise:lea" not in s.cibles:
        s.fiche()
    return s.reprise()


# La lettre, et l'attestation de qui a déjà un accès.
AUTRES_PREUVES: dict[str, Geste] = {
    "reprises.actions.preuves.demander_lettre": Geste(
        lambda s, par: partial(preuves.demander_lettre, _lettre(s)),
        refus=sauf(*OUVERTES),
    ),
    "reprises.actions.releve.demander": Geste(
        lambda s, par: partial(releve.demander, s.habilitation("membre"), par=par),
        frozenset({"membre"}),
        refus={
            "partie": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(au=now()),
            "déjà la plus forte": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(
                preuve=Preuve.REPRESENTANT, garant=None, valeur=Preuve.REPRESENTANT
            ),
        },
    ),
}
REPRISES = PERSONNE | AGENTS | AUTRES_PREUVES

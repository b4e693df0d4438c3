"""La ligne du temps d'une reprise : ce qui est fait, ce que l'on attend, et jusqu'à quand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apart.comptes.models import Utilisateur
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PhraseReprise, Reprise
from apart.socle.models import EntreeJournal


@dataclass(frozen=True)
class Jalon:
    titre: str
    le: datetime | None = None  # fait à ce moment ; None : à venir
    est_courant: bool = False


FINS = {
    EtatReprise.REFUSEE: "Refusée",
    EtatReprise.ABANDONNEE: "Abandonnée",
    EtatReprise.ANNULEE: "Défaite",
}


def frise(reprise: Reprise) -> list[Jalon]:
    """Déposée, adresse confirmée, preuve donnée, opposition s'il y en a une, faite ; ou la fin qu'elle a eue."""
    dates = (
        ("Demande déposée", reprise.deposee_le),
        ("Adresse confirmée", reprise.confirmee_le),
        ("Rappel au téléphone", reprise.rappel_le),
        ("Relue par un agent", reprise.proposee_le),
        ("Quelqu'un s'y oppose", reprise.opposee_le),
    )
    jalons = sorted((Jalon(titre, le) for titre, le in dates if le), key=lambda jalon: jalon.le or reprise.deposee_le)
    if reprise.etat in FINS:
        return [*jalons, Jalon(FINS[EtatReprise(reprise.etat)], reprise.close_le, est_courant=True)]
    but = "Preuve relevée" if reprise.est_releve else "Accès repris"
    if reprise.executee_le:
        return [*jalons, Jalon(but, reprise.executee_le, est_courant=True)]
    return [*jalons, Jalon(_attente(reprise), est_courant=True), Jalon(but)]


def _attente(reprise: Reprise) -> str:
    if reprise.est_releve and reprise.etat == EtatReprise.CONFIRMEE:
        return "Attestation à envoyer"
    return ATTENTES[EtatReprise(reprise.etat)]


# La personne et l'agent lisent la même frise : ses mots ne s'adressent à aucun des deux.
ATTENTES = {
    EtatReprise.DEPOSEE: "Adresse à confirmer",
    EtatReprise.CONFIRMEE: "Preuve à donner",
    EtatReprise.EXAMINEE: "Un agent examine la demande",
    EtatReprise.PIECE_DEMANDEE: "Pièce à envoyer",
    EtatReprise.PIECE_RECUE: "Un agent va lire la pièce",
    EtatReprise.PROPOSEE: "Un second agent relit",
    EtatReprise.OPPOSABLE: "Délai d'opposition",
    EtatReprise.OPPOSEE: "En pause : un agent lit l'opposition",
}


@dataclass(frozen=True)
class Phrase:
    """Ce qu'un agent, ou qui s'oppose, a dit ; et qui c'est, vu de l'établissement."""

    le: datetime
    geste: str
    texte: str
    de: str

    @classmethod
    def lue(cls, phrase: PhraseReprise, reprise: Reprise) -> Phrase:
        return cls(phrase.le, GESTES.get(phrase.geste, phrase.geste), phrase.texte, _de_qui(phrase, reprise))


def _de_qui(phrase: PhraseReprise, reprise: Reprise) -> str:
    if phrase.par:
        return str(phrase.par)
    ancien = reprise.remplace.utilisateur if reprise.remplace else None
    siens = Utilisateur.objects.a_cette_adresse(phrase.adresse)
    if ancien and ancien in siens:
        return f"{ancien}, qui tient ou tenait l'espace"
    membre = reprise.etablissement.habilitations.filter(utilisateur__in=siens).first()
    return f"{membre.utilisateur}, {membre.get_role_display()}" if membre else f"l'adresse {phrase.adresse}"


@dataclass(frozen=True)
class Fait:
    """Une ligne du journal, dite à un agent."""

    le: datetime
    titre: str
    par: str


GESTES = {
    "demander_reprise": "demande déposée",
    "envoyer_lien_reprise": "lien envoyé à la personne",
    "retenir_lien_reprise": "lien retenu : l'adresse avait assez reçu",
    "renvoyer_suivi_reprise": "lien de suivi renvoyé à la personne",
    "retenir_suivi_reprise": "lien de suivi retenu : l'adresse avait assez reçu",
    "confirmer_reprise": "adresse confirmée",
    "refaire_reprise": "la personne a refait sa demande : celle-ci continue",
    "examiner_reprise": "mise en examen",
    "demander_piece": "pièce demandée",
    "relancer_piece": "pièce rappelée à la personne",
    "recevoir_piece": "pièces reçues",
    "rappeler": "rappel noté",
    "proposer_reprise": "proposée",
    "retirer_proposition": "proposition retirée",
    "perimer_proposition": "proposition périmée : personne ne l'a approuvée",
    "envoyer_code_reprise": "code envoyé à l'établissement",
    "demander_accord": "accord demandé aux collègues",
    "refuser_accord": "un collègue n'en répond pas",
    "refus_d_accord_ecarte": "n'en répondait pas, sur un accès défait depuis",
    "consulter_reprise": "dossier lu",
    "ouvrir_opposition": "délai d'opposition ouvert",
    "s_opposer": "opposition reçue, mise en pause",
    "contester": "opposition reçue",
    "dire_une_opposition": "opposition dite par un lien",
    "proposer_levee": "levée de l'opposition proposée",
    "lever_opposition": "opposition levée",
    "lever_contestation": "opposition levée, versement rouvert",
    "executer_reprise": "faite",
    "renvoyer_entree": "lien d'entrée renvoyé",
    "entrer_par_reprise": "entrée dans l'espace",
    "refuser_reprise": "refusée",
    "abandonner_reprise": "abandonnée",
    "proposer_annulation": "proposée à défaire",
    "refuser_annulation": "proposition de défaire écartée",
    "annuler_reprise": "défaite",
    "rendre_acces": "accès d'avant rendu",
}


def histoire(lignes: Iterable[EntreeJournal]) -> list[Fait]:
    """Ce qui a été fait sur une reprise, dans les mots d'un agent. lignes : celles du journal, leur auteur chargé."""
    return [Fait(ligne.le, GESTES.get(ligne.geste, ligne.geste), str(ligne.par or "")) for ligne in lignes]

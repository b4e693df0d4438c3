"""Les états d'une reprise d'accès, et les gestes permis dans chacun (identite.md §1.4)."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from apart.socle.automate import Transition, de


class EtatReprise(TextChoices):
    DEPOSEE = "deposee", "déposée, adresse à confirmer"
    CONFIRMEE = "confirmee", "adresse confirmée"
    EXAMINEE = "examinee", "en examen"
    PIECE_DEMANDEE = "piece_demandee", "pièce demandée"
    PIECE_RECUE = "piece_recue", "pièce reçue"
    PROPOSEE = "proposee", "proposée, à approuver"
    OPPOSABLE = "opposable", "en délai d'opposition"
    OPPOSEE = "opposee", "opposée, en pause"
    EXECUTEE = "executee", "faite"
    REFUSEE = "refusee", "refusée"
    ABANDONNEE = "abandonnee", "abandonnée"
    ANNULEE = "annulee", "défaite"


E = EtatReprise
# Celles où la personne peut encore donner une preuve ; une reprise opposée attend d'abord un agent.
OUVERTES: Final = (E.CONFIRMEE, E.EXAMINEE, E.PIECE_DEMANDEE, E.PIECE_RECUE)
# Une seule à la fois par établissement : elle a passé une preuve, ou un agent.
PROPOSEES: Final = (E.PROPOSEE, E.OPPOSABLE)
EN_COURS: Final = (E.DEPOSEE, *OUVERTES, *PROPOSEES, E.OPPOSEE)

CLOSES: Final = (E.REFUSEE, E.ABANDONNEE, E.ANNULEE)
# C'est à un agent d'agir : elles ne s'abandonnent pas, elles prennent du retard.
ATTENDENT_UN_AGENT: Final = (E.EXAMINEE, E.PIECE_RECUE, E.PROPOSEE, E.OPPOSEE)
# Un agent y travaille, ou y a demandé quelque chose : refaire sa demande ramène à celle-là.
# Plus loin qu'une adresse confirmée : la demande refaite y ramène.
AVANCEES: Final = (E.EXAMINEE, E.PIECE_DEMANDEE, E.PIECE_RECUE, E.PROPOSEE, E.OPPOSABLE, E.OPPOSEE)

TRANSITIONS: Final[dict[str, Transition]] = {
    "confirmer_reprise": de(E.DEPOSEE, vers=E.CONFIRMEE),
    "examiner_reprise": de(E.CONFIRMEE, E.PIECE_DEMANDEE, E.PIECE_RECUE, vers=E.EXAMINEE),
    "demander_piece": de(E.EXAMINEE, E.PIECE_DEMANDEE, E.PIECE_RECUE, vers=E.PIECE_DEMANDEE),
    "relancer_piece": de(E.PIECE_DEMANDEE),
    "recevoir_piece": de(*OUVERTES, vers=E.PIECE_RECUE),
    "rappeler": de(E.EXAMINEE, E.PIECE_DEMANDEE, E.PIECE_RECUE),
    "proposer_reprise": de(E.EXAMINEE, E.PIECE_DEMANDEE, E.PIECE_RECUE, vers=E.PROPOSEE),
    "retirer_proposition": de(E.PROPOSEE, vers=E.EXAMINEE),
    "perimer_proposition": de(E.PROPOSEE, vers=E.EXAMINEE),
    "ouvrir_opposition": de(*OUVERTES, vers=E.OPPOSABLE),
    "s_opposer": de(*OUVERTES, *PROPOSEES, vers=E.OPPOSEE),
    # Une opposition de plus, quand un agent a levé la première, ou après coup : elle se dit, des agents décident.
    "contester": de(*OUVERTES, *PROPOSEES, E.OPPOSEE, E.EXECUTEE),
    # Deux agents lisent une opposition : l'un propose de la lever, l'autre la lève.
    "proposer_levee": de(E.OPPOSEE, E.EXECUTEE),
    "lever_opposition": de(E.OPPOSEE, vers=E.EXAMINEE),
    "lever_contestation": de(E.EXECUTEE),
    "executer_reprise": de(*OUVERTES, *PROPOSEES, vers=E.EXECUTEE),
    "refuser_reprise": de(*OUVERTES, *PROPOSEES, E.OPPOSEE, vers=E.REFUSEE),
    "abandonner_reprise": de(E.DEPOSEE, *OUVERTES, *PROPOSEES, E.OPPOSEE, vers=E.ABANDONNEE),
    "proposer_annulation": de(E.EXECUTEE),
    "refuser_annulation": de(E.EXECUTEE),
    "entrer_par_reprise": de(E.EXECUTEE),
    "annuler_reprise": de(E.EXECUTEE, vers=E.ANNULEE),
}


class EtatLettre(TextChoices):
    A_IMPRIMER = "a_imprimer", "à imprimer"
    IMPRIMEE = "imprimee", "imprimée"
    EMPLOYEE = "employee", "employée"
    REVENUE = "revenue", "revenue"
    ANNULEE = "annulee", "annulée"
    ECHUE = "echue", "échue"


L = EtatLettre
VIVANTES: Final = (L.A_IMPRIMER, L.IMPRIMEE)

# Une lettre qui n'est jamais partie ne court pas : elle ne s'emploie, ne s'épuise ni n'échoit.
TRANSITIONS_LETTRE: Final[dict[str, Transition]] = {
    "imprimer_lettre": de(L.A_IMPRIMER, vers=L.IMPRIMEE),
    "reimprimer_lettre": de(L.IMPRIMEE, vers=L.A_IMPRIMER),
    "essayer_code": de(L.IMPRIMEE),
    "epuiser_lettre": de(L.IMPRIMEE, vers=L.ANNULEE),
    "employer_lettre": de(L.IMPRIMEE, vers=L.EMPLOYEE),
    "signaler_revenue": de(L.IMPRIMEE, vers=L.REVENUE),
    "annuler_lettre": de(*VIVANTES, vers=L.ANNULEE),
    "echoir": de(L.IMPRIMEE, vers=L.ECHUE),
}

"""Ce que deviennent les messages vers une adresse, en une phrase, et quoi faire. Ne lit rien en base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apart.courriels import adresses
from apart.courriels.models import DEFINITIFS, EN_ATTENTE, AdresseRefusee, Courriel, Sort
from apart.socle import dates

EN_LETTRES = ("", "Un", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf")
JAMAIS = "Aucun message n'est parti vers cette adresse depuis 30 jours."
QUOI_FAIRE_SANS_MESSAGE = (
    "Relisez l'adresse avec la personne, lettre à lettre : elle en a peut-être donné une autre, ou un message est "
    "retenu."
)


@dataclass(frozen=True)
class Diagnostic:
    """phrase : ce qui arrive. conseil : quoi faire. reponse : les mots du serveur.

    a_transmettre : à donner au service informatique de la personne ; vide quand il n'y peut rien.
    """

    phrase: str
    conseil: str
    reponse: str = ""
    a_transmettre: str = ""


def diagnostic(courriels: Sequence[Courriel]) -> Diagnostic:
    """Pour l'agent : où en sont les derniers messages vers une adresse, du plus récent au plus ancien.

    Ceux qu'un autre a remplacés ne disent rien ; ceux qui ont eu le même sort que le dernier se comptent avec lui.
    """
    parlants = [courriel for courriel in courriels if courriel.sort != Sort.RENOUVELE]
    if not parlants:
        return Diagnostic(JAMAIS, QUOI_FAIRE_SANS_MESSAGE)
    dernier = parlants[0]
    pareils = list(takewhile(lambda courriel: _famille(courriel) == _famille(dernier), parlants))
    su = dernier.explication
    refuse = dernier.sort in DEFINITIFS and not su.chez_nous
    texte = a_transmettre(dernier.destinataire, _le(dernier), dernier.reponse, dernier.numero) if refuse else ""
    demander = ["Voici quoi demander au service informatique de la personne."] if refuse else []
    return Diagnostic(_phrase(pareils), " ".join([su.titre, su.agent, *demander]), dernier.reponse, texte)


def _famille(courriel: Courriel) -> tuple[str, bool]:
    sort = "refuse" if courriel.sort in DEFINITIFS else "attend" if courriel.sort in EN_ATTENTE else courriel.sort
    return sort, courriel.explication.chez_nous


def _le(courriel: Courriel) -> datetime:
    """Quand son sort a été connu ; une ligne d'avant que ce moment se garde n'a que celui de sa demande."""
    return courriel.sort_le or courriel.cree_le


def _phrase(pareils: list[Courriel]) -> str:
    """« Trois messages vers cette adresse, refusés par le serveur qui les reçoit, le dernier à 10 h 02, … »"""
    dernier, plusieurs = pareils[0], len(pareils) > 1
    s, nombre = "s" if plusieurs else "", en_lettres(len(pareils))
    sujet = f"{nombre} message{s} vers cette adresse"
    a = f"{'le dernier ' if plusieurs else ''}à {dates.heure(_le(dernier))}"
    qui_recoit = f"par le serveur qui {'les' if plusieurs else 'le'} reçoit"
    match _famille(dernier):
        case ("refuse", False):
            renvoyes = all(courriel.sort == Sort.REBONDI for courriel in pareils)
            return f"{sujet}, {f'accepté{s} puis renvoyé{s}' if renvoyes else f'refusé{s}'} {qui_recoit}, {a}."
        case ("refuse", True):
            return f"{sujet}, refusé{s} pour une raison qui ne tient pas à la personne, {a}."
        case ("attend", _):
            verbe = "attendent" if plusieurs else "attend"
            return f"{sujet} {verbe} encore, depuis {dates.heure(pareils[-1].cree_le)}."
        case (Sort.REMIS, _):
            return f"{sujet}, accepté{s} {qui_recoit}, {a}."
        case (Sort.INCERTAIN, _):
            return f"{sujet}, sans que le serveur ait jamais dit si c'était accepté, {a}."
        case _:
            return f"{sujet}, jamais parti{s} avant {'leur' if plusieurs else 'son'} heure limite, {a}."


def en_lettres(nombre: int) -> str:
    return EN_LETTRES[nombre] if 0 < nombre < len(EN_LETTRES) else str(nombre)


def alerte_de(refusee: AdresseRefusee | None) -> Diagnostic | None:
    """Pour la personne de cette adresse : ce qui s'est passé, quand, quoi faire. Rien si elle n'est pas marquée."""
    if refusee is None:
        return None
    domaine, plusieurs = refusee.adresse.rpartition("@")[2], refusee.nombre > 1
    le_dernier = ", le dernier" if plusieurs else ""
    phrase = (
        f"{en_lettres(refusee.nombre)} message{'s' if plusieurs else ''} vers {refusee.adresse}, "
        f"refusé{'s' if plusieurs else ''}{le_dernier} à {dates.heure(refusee.dernier_le)}, par le serveur qui reçoit "
        f"pour {domaine}."
    )
    su = refusee.explication
    texte = a_transmettre(refusee.adresse, refusee.dernier_le, refusee.reponse, refusee.numero)
    return Diagnostic(phrase, f"{su.titre} {su.personne}", refusee.reponse, texte)


def a_transmettre(adresse: str, le: datetime, reponse: str, numero: UUID) -> str:
    """Ce qu'un service informatique doit savoir pour retrouver ce refus dans son journal, et le lever."""
    domaine, local = adresses.domaine(), timezone.localtime(le)
    return f"""Bonjour,

Notre messagerie refuse les messages du service {settings.URL_PUBLIQUE} envoyés à {adresse}.

Expéditeur visible : {adresses.separer(settings.EXPEDITEUR)[1]}
Expéditeur d'enveloppe : rebond+…@{domaine} (il change à chaque message)
Domaine d'envoi : {domaine}
Dernier refus : le {dates.jour(local)} à {local.hour} h {local.minute:02d}, heure de Paris
Message-ID : <{numero.hex}@{domaine}>
Réponse exacte de notre serveur : {" ".join(reponse.split())}

Merci de vérifier que cette boîte existe et peut recevoir, et d'autoriser cet expéditeur."""

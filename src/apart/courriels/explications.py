"""Les mots du serveur, traduits : ce qui est arrivé, ce que peuvent faire la personne et l'agent.

Les codes étendus viennent de la RFC 3463 et du registre IANA « SMTP Enhanced Status Codes » ; les autres mots, de ce
que répondent les serveurs courants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Explication:
    """titre : ce qui s'est passé. personne : ce qu'elle peut faire. agent : ce que le bureau doit savoir ou faire."""

    titre: str
    personne: str
    agent: str


PATIENTER = "Attendez : le message repart tout seul, et arrive le plus souvent dans l'heure."
AUTRE_ADRESSE = "Vérifiez l'adresse lettre à lettre, ou indiquez une autre adresse."
AUTORISER = "Demandez à votre service informatique d'autoriser notre expéditeur, ou indiquez une autre adresse."
EXPLOITANT = "Prévenez l'exploitant du service : les autres messages sont sans doute touchés aussi."

INCONNUE = Explication(
    "La boîte aux lettres n'existe pas.",
    AUTRE_ADRESSE,
    "L'adresse est fausse ou fermée. Faites-la corriger ; renvoyer à la même adresse ne sert à rien.",
)
DOMAINE = Explication(
    "Le domaine de l'adresse (ce qui suit @) n'existe pas ou ne reçoit pas de courrier.",
    AUTRE_ADRESSE,
    "Cherchez une faute de frappe après le @ ; renvoyer à la même adresse ne sert à rien.",
)
FERMEE = Explication(
    "La boîte aux lettres est fermée ou suspendue.",
    "Indiquez une autre adresse.",
    "La boîte n'est plus active : la personne est peut-être partie. Pensez à la reprise d'accès.",
)
PLEINE = Explication(
    "La boîte aux lettres est pleine.",
    "Faites de la place dans votre boîte, puis redemandez le message.",
    "La personne doit vider sa boîte avant tout nouvel envoi.",
)
TROP_GROS = Explication(
    "Le serveur du destinataire trouve le message trop gros.",
    "Indiquez une autre adresse.",
    "Nos messages font moins de 100 ko : la limite vient du serveur du destinataire. " + EXPLOITANT,
)
BLOQUEE = Explication(
    "Le serveur du destinataire bloque notre message (filtre ou règle de l'entreprise).",
    AUTORISER,
    "La messagerie de l'entreprise nous refuse. Transmettez le texte à donner à son service informatique ; "
    "si plusieurs domaines nous refusent, prévenez l'exploitant.",
)
SIGNATURE = Explication(
    "Le serveur du destinataire n'a pas pu vérifier que le message vient bien de nous (SPF, DKIM ou DMARC).",
    "Nous corrigeons : redemandez le message plus tard, ou indiquez une autre adresse.",
    "Réglage du domaine d'envoi à corriger (SPF, DKIM, DMARC). " + EXPLOITANT,
)
LISTE_GRISE = Explication(
    "Le serveur du destinataire fait patienter les nouveaux expéditeurs (liste grise).",
    PATIENTER,
    "Normal pour un premier message ; il repart tout seul. Comptez jusqu'à 40 minutes.",
)
DEBIT = Explication(
    "Le serveur du destinataire trouve que nous envoyons trop vite.",
    PATIENTER,
    "Il repart tout seul. Si cela dure, prévenez l'exploitant.",
)
OCCUPE = Explication(
    "Le serveur du destinataire est momentanément indisponible.",
    PATIENTER,
    "Il repart tout seul, de plus en plus espacé, jusqu'à l'heure limite.",
)
PRISE = Explication(
    "Notre serveur d'envoi ne répond pas.",
    PATIENTER,
    "Panne chez nous, pas chez le destinataire : rien n'est perdu, tout repart dès le retour. " + EXPLOITANT,
)
CHIFFREMENT = Explication(
    "La connexion chiffrée avec notre serveur d'envoi a échoué (TLS).",
    PATIENTER,
    "Certificat ou chiffrement à revoir (réglage EMAIL_URL). " + EXPLOITANT,
)
AUTHENTIFICATION = Explication(
    "Notre serveur d'envoi refuse notre identification.",
    PATIENTER,
    "Identifiant ou mot de passe d'envoi à revoir (réglage EMAIL_URL). " + EXPLOITANT,
)
EXPEDITEUR = Explication(
    "Notre serveur d'envoi refuse notre adresse d'expéditeur.",
    PATIENTER,
    "Réglage EXPEDITEUR à revoir : ce serveur n'accepte pas cette adresse. " + EXPLOITANT,
)
COUPURE = Explication(
    "La connexion a été coupée pendant l'envoi.",
    PATIENTER,
    "Il repart tout seul. La personne peut le recevoir deux fois : c'est le même message.",
)
CLE = Explication(
    "Le lien de ce message ne peut plus être lu : la clé secrète du service a changé.",
    "Redemandez le message.",
    "SECRET_KEY a changé depuis la mise en file. La personne doit refaire sa demande.",
)
PERIME = Explication(
    "Le message n'a pas pu partir avant son heure limite.",
    "Redemandez-le : un nouveau lien vous sera envoyé.",
    "Le message n'a plus de sens et n'a pas été envoyé. La personne doit refaire sa demande.",
)
REBOND = Explication(
    "Le message a été accepté puis renvoyé par le serveur du destinataire.",
    AUTRE_ADRESSE,
    "Lisez la réponse du serveur ci-dessous ; faites corriger l'adresse ou autoriser notre expéditeur.",
)
REFUS = Explication(
    "Le serveur du destinataire a refusé le message.",
    AUTRE_ADRESSE,
    "Lisez la réponse du serveur ci-dessous. Renvoyer à la même adresse a peu de chances de réussir.",
)
REMIS = Explication(
    "Le serveur du destinataire a accepté le message.",
    "Cherchez-le dans les indésirables ; une messagerie d'entreprise peut le retenir jusqu'à 40 minutes.",
    "S'il ne se voit pas, il est dans les indésirables ou retenu par un filtre de l'entreprise.",
)
EN_FILE = Explication(
    "Le message attend d'être envoyé.", "Attendez une minute.", "Il part dans la minute. Sinon, prévenez l'exploitant."
)

# Les mots d'abord : ils sont plus sûrs qu'un code, que beaucoup de serveurs choisissent mal.
PAR_MOTS: tuple[tuple[str, Explication], ...] = (
    (r"clé secrète changée", CLE),
    (r"connexion coupée", COUPURE),
    (r"gr[ea]y.?list|liste grise", LISTE_GRISE),
    (r"identification refusée|authentication (?:failed|required)", AUTHENTIFICATION),
    (r"^tls|certificate verify", CHIFFREMENT),
    (r"serveur injoignable", PRISE),
    (r"expéditeur refusé|sender (?:address )?rejected|relay(?:ing)? (?:access )?denied", EXPEDITEUR),
    (r"\bdmarc\b|\bspf\b|\bdkim\b", SIGNATURE),
    (r"mailbox (?:is )?full|over ?quota|quota exceeded|boîte pleine", PLEINE),
    (r"^(?!4).*(?:user unknown|unknown user|no such user|does not exist)", INCONNUE),
    (r"blacklist|blocklist|blocked|spam\b|listed|reputation|mailinblack|policy", BLOQUEE),
    (r"rate.?limit|too many|throttl", DEBIT),
)
# Puis le code étendu (RFC 3463), du plus précis au plus large ; « . » vaut n'importe quel chiffre.
PAR_CODE: tuple[tuple[str, Explication], ...] = (
    (r"5\.1\.[016]", INCONNUE),
    (r"5\.1\.3", INCONNUE),
    (r"5\.1\.(?:2|10)", DOMAINE),
    (r"5\.1\.[78]", EXPEDITEUR),
    (r"5\.2\.1", FERMEE),
    (r"[45]\.2\.2", PLEINE),
    (r"5\.(?:2\.3|3\.4)", TROP_GROS),
    (r"5\.4\.[146]", DOMAINE),
    (r"5\.7\.(?:2[0-9]|509)", SIGNATURE),
    (r"5\.7\.8", AUTHENTIFICATION),
    (r"5\.7\.\d+", BLOQUEE),
    (r"4\.7\.(?:28|650)", DEBIT),
    (r"4\.7\.\d+", LISTE_GRISE),
    (r"4\.(?:2|3|4)\.\d+", OCCUPE),
    (r"4\.\d+\.\d+", OCCUPE),
)
# Puis le code simple (RFC 5321), quand le serveur ne donne rien d'autre.
PAR_CODE_SIMPLE = {"421": OCCUPE, "450": OCCUPE, "451": LISTE_GRISE, "452": PLEINE, "550": INCONNUE, "552": PLEINE}
PAR_SORT = {
    "en_file": EN_FILE,
    "remis": REMIS,
    "differe": OCCUPE,
    "refuse": REFUS,
    "rebondi": REBOND,
    "perime": PERIME,
}


def expliquer(sort: str, reponse: str) -> Explication:
    """L'explication d'un sort et d'une réponse de serveur. Toujours une phrase, même pour une réponse jamais vue."""
    if sort in {"remis", "perime"} or not reponse:
        return PAR_SORT[sort]
    return _par_mots(reponse) or _par_code(reponse) or PAR_SORT[sort]


def _par_mots(reponse: str) -> Explication | None:
    return next((e for motif, e in PAR_MOTS if re.search(motif, reponse, re.IGNORECASE)), None)


def _par_code(reponse: str) -> Explication | None:
    if etendu := re.search(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])", reponse):
        return next((e for motif, e in PAR_CODE if re.fullmatch(motif, etendu.group())), None)
    simple = re.match(r"\d{3}", reponse)
    return PAR_CODE_SIMPLE.get(simple.group()) if simple else None

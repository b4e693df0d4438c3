"""Les envois qui prennent un autre chemin que celui de tests/envois.py : connecté, déjà connu, étape par étape.

Une adresse n'y suffit pas à dire ce qui se passe : chaque branche qui agit a sa ligne, et se clique deux fois.
"""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from apart.comptes.actions import jetons, secours
from apart.comptes.models import Session, Usage
from apart.comptes.question import empreinte
from apart.etablissements.models import Etablissement, Preuve
from apart.etablissements.parcours import Etape
from tests.assistance.fabriques import formulaire
from tests.comptes.fabriques import equiper
from tests.envoi import Envoi, Preparer, du_lien, entrer, protege, simple
from tests.envois import ADRESSES, CONFIRME, RELUES, _boulangerie, _connexion, _demande, _ecrire, _etape, fiche_libre
from tests.envois_reprises import AUTREMENT
from tests.etablissements.parcours import SAISIE
from tests.gestes_facteurs import perdu
from tests.pieces.fabriques import Rejouable
from tests.preuves import preuve
from tests.scene import PHRASE, Scene


def _rejoindre_soi(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Sa propre adresse : la demande part aux principaux sans autre message."""
    saisie = RELUES | {"courriel": s.adresse("voisin")} | preuve("rejoindre")
    return reverse("rejoindre", args=[_etape(s)]), saisie


def _creer_soi(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    chemin = reverse("creer-formulaire", args=[Etape(s.siret(3)).sceller()])
    siennes = {nom: s.adresse("principal") for nom in ADRESSES}
    return chemin, SAISIE | siennes | preuve("creation-espace")


def _corriger(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """« Corriger l'adresse », depuis « Consultez votre messagerie »."""
    etape = Etape(s.siret(11), demande_espace=s.espace("lea", 11).pk)
    siennes = {nom: s.adresse("neuve") for nom in ADRESSES}
    return reverse("creer-formulaire", args=[etape.sceller()]), SAISIE | siennes | preuve("creation-espace")


def _deja_ouvert(s: Scene) -> dict[str, str]:
    Etablissement.objects.get_or_create(siret=fiche_libre(), defaults={"denomination": "Bureau"})
    return {"siret": fiche_libre(), "cgu": "on"}


def reconnu(preparer: Preparer) -> Preparer:
    """Le même envoi, depuis un navigateur où la personne s'est déjà connectée."""

    def faire(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
        client.post(*_connexion(s, client))
        client.post(reverse("deconnexion"))
        return preparer(s, client)

    return faire


def _avec_second_facteur(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    equiper(s.qui("principal"))
    return _connexion(s, client)


def _repondre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    marie = s.qui("principal")
    secours.enregistrer_question(marie, question="rue", empreinte_reponse=empreinte("des Lilas"), par=marie)
    return du_lien("mot-de-passe-nouveau", Usage.MOT_DE_PASSE, "principal", etape="question", reponse="des Lilas")(
        s, client
    )


def _apres_code_de_secours(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Un nouveau code de secours est montré, une seule fois."""
    marie = s.qui("principal")
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=marie.courriel, utilisateur=marie, est_de_secours=True)
    return reverse("mot-de-passe-nouveau"), {"jeton": emis.secret, "etape": "mot_de_passe", "mot_de_passe": PHRASE}


def _reprendre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Le geste qui attendait une confirmation se fait, et se montre, à l'adresse de la confirmation."""
    entrer(client, s, "principal", a_l_instant=False)
    vers = client.post(reverse("renouveler-code-secours"))["Location"]
    return vers.partition("?")[0], CONFIRME


def _ouvrir_un_de_plus(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Qui a déjà un identifiant relit, et l'espace s'ouvre ; chaque scène fait vérifier sa propre adresse."""
    siennes = {nom: s.adresse("contact") for nom in ("courriel", "confirmer_courriel")}
    return du_lien("ouvrir", Usage.CREATION, "principal", **SAISIE | siennes, etape="ouvrir")(s, client)


def _une_session(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    entrer(Client(), s, "principal")
    autre = Session.objects.filter(utilisateur=s.qui("principal")).latest("ouverte_le")
    return reverse("fermer-sessions"), {"session": autre.pk}


def _demander_par(niveau: Preuve) -> Preparer:
    def faire(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
        s.forts()
        return reverse("demander-preuve", args=[s.siret(1), int(niveau)]), {}

    return faire


def _recevoir_le_lien(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Le délai est passé : la même page envoie le lien."""
    perdu(s)
    client.post(*_connexion(s, client))
    return reverse("facteur-perdu"), {}


PIECE: dict[str, Any] = {"pieces": Rejouable()}


def _avec_piece(preparer: Preparer) -> Preparer:
    def faire(s: Scene, client: Client) -> tuple[str, dict[str, Any]]:
        chemin, saisie = preparer(s, client)
        return chemin, saisie | PIECE

    return faire


BRANCHES: dict[str, Envoi] = {
    **AUTREMENT,
    "account_login, second facteur": Envoi(_avec_second_facteur),
    "account_login, appareil reconnu": Envoi(reconnu(_connexion)),
    "facteur-perdu, délai passé": Envoi(_recevoir_le_lien),
    "account_reauthenticate, geste repris": Envoi(_reprendre),
    "assistance, connecté": Envoi(
        lambda s, client: (
            reverse("assistance"),
            formulaire(courriel=s.adresse("principal")) | preuve("assistance"),
        ),
        "principal",
    ),
    "assistance, pièce": Envoi(
        lambda s, client: (reverse("assistance"), formulaire(courriel=s.adresse("demandeur")) | PIECE),
    ),
    "bureau-repondre, pièce": Envoi(_avec_piece(simple("bureau-repondre", _demande, texte="Voici.")), "agent"),
    "suivi-ecrire, pièce": Envoi(_avec_piece(_ecrire("suivi-ecrire", texte="Voici mon Kbis."))),
    "bureau-renvoyer, identifiant": Envoi(
        simple(
            "bureau-renvoyer",
            _demande,
            lambda s: s.habilitation("membre").pk,
            lambda s: "identifiant",
            motif="pas_recu",
        ),
        "agent",
    ),
    "creer-espace, déjà ouvert": Envoi(protege("creer-espace", "creer-espace", _deja_ouvert)),
    "creer-formulaire, connecté": Envoi(_creer_soi, "principal"),
    "creer-formulaire, corrigé": Envoi(_corriger),
    "demander-preuve, par le domaine": Envoi(_demander_par(Preuve.DOMAINE), "membre"),
    "demander-preuve, un code": Envoi(_demander_par(Preuve.COURRIEL_ETABLISSEMENT), "membre"),
    "entrer, du lien": Envoi(du_lien("entrer", Usage.ADMISSION, "lea")),
    "entrer, déjà connu": Envoi(du_lien("entrer", Usage.ADMISSION, "voisin", etape="entrer")),
    "fermer-sessions, une": Envoi(_une_session, "principal"),
    "identifiant-oublie, appareil reconnu": Envoi(
        reconnu(protege("identifiant-oublie", "identifiant-oublie", lambda s: {"courriel": s.adresse("principal")}))
    ),
    "mot-de-passe-nouveau, du lien": Envoi(du_lien("mot-de-passe-nouveau", Usage.MOT_DE_PASSE, "principal")),
    "mot-de-passe-nouveau, question": Envoi(_repondre),
    "mot-de-passe-nouveau, code de secours": Envoi(_apres_code_de_secours),
    "mot-de-passe-oublie, appareil reconnu": Envoi(
        reconnu(
            protege(
                "mot-de-passe-oublie",
                "mot-de-passe-oublie",
                lambda s: {"identifiant": s.qui("principal").identifiant},
            )
        )
    ),
    "ouvrir, du lien": Envoi(du_lien("ouvrir", Usage.CREATION, "lea")),
    "ouvrir, relu": Envoi(du_lien("ouvrir", Usage.CREATION, "lea", **SAISIE, etape="relire")),
    "ouvrir, déjà connu": Envoi(_ouvrir_un_de_plus),
    "rejoindre, connecté": Envoi(_rejoindre_soi, "voisin"),
    "rejoindre-accepter, déjà connu": Envoi(
        lambda s, client: (reverse("rejoindre-accepter", args=[_boulangerie(s), s.rejoindre(nom="voisin").pk]), {}),
        "principal",
    ),
    "rejoindre-confirmer, du lien": Envoi(du_lien("rejoindre-confirmer", Usage.REJOINDRE, "lea")),
}

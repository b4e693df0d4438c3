"""Tous les envois du site : qui les fait, d'où, avec quoi. Une adresse qui reçoit un POST et manque ici échoue.

Chacun se prépare dans sa scène, comme une personne arrivée au bouton : tests/test_envoyer_deux_fois.py clique.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from apart.assistance.actions import demandes
from apart.comptes.actions import secours
from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.comptes.models import Usage
from apart.etablissements.etats import EtatPreuve, EtatRejoindre
from apart.etablissements.models import Preuve
from apart.etablissements.parcours import Etape
from apart.repertoire.models import Fiche
from apart.reprises.etats import EtatLettre
from apart.tableaux.champs import MOMENT
from tests.assistance.fabriques import depot, formulaire
from tests.comptes.fabriques import SECRET_TOTP, code_totp, equiper
from tests.comptes.test_second_facteur import Cle, options
from tests.envoi import (
    ORIGINE,
    Envoi,
    Preparer,
    du_code,
    du_lien,
    mot_de_passe,
    protege,
    renvoyer,
    simple,
)
from tests.envois_adresse import ADRESSES as COORDONNEES
from tests.envois_equipe import EQUIPE
from tests.envois_personnes import PERSONNES
from tests.envois_reprises import REPRISES
from tests.etablissements.parcours import SAISIE, fiche
from tests.gestes_facteurs import perdu
from tests.preuves import preuve
from tests.scene import PHRASE, Scene

LIBRE = "44306184100047"  # un SIRET juste, que personne n'a ouvert


def d_une_cle(nom: str, *, deja: bool, **saisie: str) -> Preparer:
    """Un geste sur une clé d'accès, par une clé qui répond comme un navigateur ; deja : la personne en a une."""

    def preparer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
        cle, ajouter = Cle(), reverse("mfa_add_webauthn")
        if deja:
            client.post(ajouter, {"name": "Clé", "credential": cle.creer(options(client, ajouter), ORIGINE)})
        chemin = reverse(nom, args=[_facteur(s).pk] if nom in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else [])
        if nom == "mfa_add_webauthn":
            return chemin, saisie | {"credential": cle.creer(options(client, chemin), ORIGINE)}
        if nom == "mfa_reauthenticate_webauthn":
            return chemin, saisie | {"credential": cle.employer(options(client, chemin), ORIGINE)}
        return chemin, saisie

    return preparer


def _facteur(s: Scene) -> Authenticator:
    return Authenticator.objects.get(user=s.qui("principal"), type=Authenticator.Type.WEBAUTHN)


def _s_equiper(s: Scene, nom: str, **saisie: str) -> tuple[str, dict[str, str]]:
    equiper(s.qui("principal"))
    return reverse(nom), saisie


def _activer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    client.get(reverse("mfa_activate_totp"))
    return reverse("mfa_activate_totp"), {"code": code_totp(str(client.session["mfa.totp.secret"]))}


def _connexion(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    mot_de_passe(s.qui("principal"))
    return reverse("connexion"), {"identifiant": s.qui("principal").identifiant, "mot_de_passe": PHRASE}


def _second_facteur(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Entre le mot de passe et la session."""
    equiper(s.qui("principal"))
    client.post(*_connexion(s, client))
    return reverse("mfa_authenticate"), {"code": code_totp(SECRET_TOTP)}


def _facteur_perdu(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Au même endroit, sans téléphone ni codes."""
    equiper(s.qui("principal"))
    client.post(*_connexion(s, client))
    return reverse("facteur-perdu"), {}


def _remplacer_facteur(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    perdu(s)
    mot_de_passe(s.qui("principal"))
    saisie = {"etape": "mot_de_passe", "password": PHRASE, "next": "/mon-espace/securite/proteger/"}
    return du_lien("facteur-remplacer", Usage.NOUVEAU_FACTEUR, "principal", **saisie)(s, client)


def _question(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    secours.enregistrer_question(s.qui("principal"), question="rue", empreinte_reponse="x", par=s.qui("principal"))
    return reverse("retirer-question-secrete"), {}


def _creer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    chemin = reverse("creer-formulaire", args=[Etape(s.siret(3)).sceller()])
    return chemin, SAISIE | {nom: s.adresse("neuve") for nom in ADRESSES} | preuve("creation-espace")


def _rejoindre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    return reverse("rejoindre", args=[_etape(s)]), RELUES | {"courriel": s.adresse("lea")} | preuve("rejoindre")


def _ecrire(nom: str, **saisie: str) -> Preparer:
    """Depuis la page de suivi de qui n'a pas de compte."""
    return lambda s, client: (reverse(nom, args=[depot(courriel=s.adresse("demandeur")).secret]), dict(saisie))


def _rouvrir(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    demandes.clore(s.demande(), par=None)
    return reverse("bureau-rouvrir", args=[s.demande().pk]), {}


def _repartir(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Qui demande de l'aide attend un lien pour entrer dans cet établissement."""
    s.rejoindre(EtatRejoindre.DEPOSEE, "demandeur")
    return reverse("bureau-repartir", args=[s.demande().pk]), {"repartir-motif": "pas_recu"}


def _annonce(s: Scene) -> dict[str, str]:
    contenu = s.contenu("Panne")
    return {nom: v.strftime(MOMENT) if nom in {"du", "au"} else str(v) for nom, v in contenu.items()}


def _demander(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    s.forts()
    return reverse("demander-preuve", args=[s.siret(1), int(Preuve.MEMBRE)]), {}


def _code_de_preuve(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    return reverse("donner-preuve", args=[s.siret(1)]), {"code": s.message(Usage.PREUVE, "contact").code}


def _preuve(s: Scene) -> object:
    return s.preuve().pk


def _preuve_posee(s: Scene) -> object:
    return s.preuve(etat=EtatPreuve.POSEE).pk


def _etape(s: Scene) -> str:
    return Etape(s.siret(1)).sceller()


def _attend_espace(s: Scene) -> str:
    return Etape(s.siret(11), demande_espace=s.espace("lea", 11).pk).sceller()


def _attend_rejoindre(s: Scene) -> str:
    return Etape(s.siret(1), demande_rejoindre=s.rejoindre(EtatRejoindre.DEPOSEE).pk).sceller()


def _demande(s: Scene) -> object:
    return s.demande().pk


def _boulangerie(s: Scene) -> object:
    return s.siret(1)


def _partie(s: Scene) -> object:
    return s.lettre(EtatLettre.IMPRIMEE).pk


def _a_rejoindre(s: Scene) -> object:
    return s.rejoindre().pk


ADRESSES = ("courriel_utilisateur", "confirmer_courriel_utilisateur")
CONFIRME = {"password": PHRASE, "next": "/mon-espace/securite/"}
RELUES = {"nom": "Blanc", "prenom": "Léa", "telephone": "06 02 03 04 05"}
ENVOIS: dict[str, Envoi] = {
    **EQUIPE,
    **COORDONNEES,
    **PERSONNES,
    **REPRISES,
    "account_login": Envoi(_connexion),
    "account_logout": Envoi(simple("deconnexion"), "principal"),
    "account_reauthenticate": Envoi(simple("account_reauthenticate", **CONFIRME), "principal"),
    "activer-agent": Envoi(
        simple("activer-agent", lambda s: s.lien(Usage.ACTIVATION_AGENT, "agent"), mot_de_passe=PHRASE)
    ),
    "adresse-prouver": Envoi(du_lien("adresse-prouver", Usage.ADRESSE, "contact")),
    "adresse-renouveler": Envoi(du_lien("adresse-renouveler", Usage.ADRESSE, "contact")),
    "adresse-renvoyer": Envoi(simple("adresse-renvoyer", _boulangerie), "principal"),
    "annonce": Envoi(lambda s, client: (reverse("annonce", args=[s.annonce().pk]), _annonce(s)), "agent"),
    "annonce-nouvelle": Envoi(lambda s, client: (reverse("annonce-nouvelle"), _annonce(s)), "agent"),
    "annonce-retirer": Envoi(simple("annonce-retirer", lambda s: s.annonce().pk), "agent"),
    "assistance": Envoi(
        lambda s, client: (reverse("assistance"), formulaire(courriel=s.adresse("demandeur"))),
    ),
    "bureau-annoter": Envoi(simple("bureau-annoter", _demande, **{"note-texte": "Vue."}), "agent"),
    "bureau-clore": Envoi(simple("bureau-clore", _demande), "agent"),
    "bureau-prendre": Envoi(simple("bureau-prendre", _demande), "agent"),
    "bureau-renvoyer": Envoi(
        simple(
            "bureau-renvoyer",
            _demande,
            lambda s: s.habilitation("membre").pk,
            lambda s: "mot-de-passe",
            motif="pas_recu",
        ),
        "agent",
    ),
    "bureau-repartir": Envoi(_repartir, "agent"),
    "bureau-repondre": Envoi(simple("bureau-repondre", _demande, texte="Voici."), "agent"),
    "bureau-rouvrir": Envoi(_rouvrir, "agent"),
    "changer-mot-de-passe": Envoi(
        simple("changer-mot-de-passe", actuel=PHRASE, mot_de_passe="bocage ardoise tilleul marine"), "principal"
    ),
    "code-de-secours": Envoi(
        protege(
            "code-de-secours",
            "code-de-secours",
            lambda s: {
                "identifiant": s.qui("principal").identifiant,
                "code": s.code_de_secours("principal"),
            },
        )
    ),
    "creer-espace": Envoi(protege("creer-espace", "creer-espace", lambda s: {"siret": fiche_libre(), "cgu": "on"})),
    "creer-formulaire": Envoi(_creer),
    "creer-messagerie": Envoi(du_code("creer-messagerie", Usage.CREATION, "lea", _attend_espace)),
    "creer-renvoyer": Envoi(renvoyer("creer-renvoyer", _attend_espace)),
    "demander-preuve": Envoi(_demander, "membre"),
    "donner-preuve": Envoi(_code_de_preuve, "membre"),
    "entrer": Envoi(du_lien("entrer", Usage.ADMISSION, "lea", etape="entrer", mot_de_passe=PHRASE)),
    "facteur-annuler": Envoi(
        lambda s, client: (perdu(s), du_lien("facteur-annuler", Usage.FACTEUR_PERDU, "principal")(s, client))[1]
    ),
    "facteur-annuler-connecte": Envoi(
        lambda s, client: (perdu(s), simple("facteur-annuler-connecte")(s, client))[1], "principal"
    ),
    "facteur-perdu": Envoi(_facteur_perdu),
    "facteur-remplacer": Envoi(_remplacer_facteur),
    "fermer-sessions": Envoi(simple("fermer-sessions"), "principal"),
    "identifiant-oublie": Envoi(
        protege("identifiant-oublie", "identifiant-oublie", lambda s: {"courriel": s.adresse("principal")})
    ),
    "lettres-imprimer": Envoi(lambda s, client: (s.lettre(), simple("lettres-imprimer")(s, client))[1], "agent"),
    "lettres-lettre": Envoi(simple("lettres-lettre", _partie, geste="revenue"), "agent"),
    "lettres-lot": Envoi(simple("lettres-lot", lambda s: s.lot().pk, motif="bourrage"), "agent"),
    "mfa_activate_totp": Envoi(_activer, "principal"),
    "mfa_add_webauthn": Envoi(d_une_cle("mfa_add_webauthn", deja=False, name="Téléphone"), "principal"),
    "mfa_authenticate": Envoi(_second_facteur),
    "mfa_deactivate_totp": Envoi(lambda s, client: _s_equiper(s, "mfa_deactivate_totp"), "principal"),
    "mfa_edit_webauthn": Envoi(d_une_cle("mfa_edit_webauthn", deja=True, name="Bureau"), "principal"),
    "mfa_generate_recovery_codes": Envoi(lambda s, client: _s_equiper(s, "mfa_generate_recovery_codes"), "principal"),
    "mfa_reauthenticate": Envoi(
        lambda s, client: _s_equiper(s, "mfa_reauthenticate", code=code_totp(SECRET_TOTP), next=CONFIRME["next"]),
        "principal",
    ),
    "mfa_reauthenticate_webauthn": Envoi(
        d_une_cle("mfa_reauthenticate_webauthn", deja=True, next=CONFIRME["next"]), "principal"
    ),
    "mfa_remove_webauthn": Envoi(d_une_cle("mfa_remove_webauthn", deja=True), "principal"),
    "mot-de-passe-messagerie": Envoi(du_code("mot-de-passe-messagerie", Usage.MOT_DE_PASSE, "principal")),
    "mot-de-passe-nouveau": Envoi(
        du_lien("mot-de-passe-nouveau", Usage.MOT_DE_PASSE, "principal", etape="mot_de_passe", mot_de_passe=PHRASE)
    ),
    "mot-de-passe-oublie": Envoi(
        protege(
            "mot-de-passe-oublie", "mot-de-passe-oublie", lambda s: {"identifiant": s.qui("principal").identifiant}
        )
    ),
    "mot-de-passe-renouveler": Envoi(du_lien("mot-de-passe-renouveler", Usage.MOT_DE_PASSE, "principal")),
    "mot-de-passe-renvoyer": Envoi(
        renvoyer(
            "mot-de-passe-renvoyer",
            lambda s: Attente(Demande.maintenant(), saisie=s.qui("principal").identifiant).sceller(),
        )
    ),
    "ouvrir": Envoi(du_lien("ouvrir", Usage.CREATION, "lea", **SAISIE, etape="ouvrir", mot_de_passe=PHRASE)),
    "ouvrir-renouveler": Envoi(du_lien("ouvrir-renouveler", Usage.CREATION, "lea")),
    "preuve-approuver": Envoi(simple("preuve-approuver", _boulangerie, _preuve), "principal"),
    "preuve-defaire": Envoi(simple("preuve-defaire", _boulangerie, _preuve_posee), "principal"),
    "preuve-opposer": Envoi(du_lien("preuve-opposer", Usage.OPPOSITION, "principale")),
    "preuve-prouver": Envoi(du_lien("preuve-prouver", Usage.PREUVE, "contact"), "membre"),
    "preuve-refuser": Envoi(simple("preuve-refuser", _boulangerie, _preuve), "principal"),
    "preuve-lettre": Envoi(
        lambda s, client: (reverse("preuve-lettre", args=[s.siret(1)]), {"code": s.lettre(EtatLettre.IMPRIMEE).code}),
        "membre",
    ),
    "preuve-lettre-demander": Envoi(
        lambda s, client: (s.fiche(), simple("preuve-lettre-demander", _boulangerie)(s, client))[1], "membre"
    ),
    "prolonger-session": Envoi(simple("prolonger-session"), "principal"),
    "question-secrete": Envoi(simple("question-secrete", question="rue", reponse="des Lilas"), "principal"),
    "rejoindre": Envoi(_rejoindre),
    "rejoindre-accepter": Envoi(simple("rejoindre-accepter", _boulangerie, _a_rejoindre), "principal"),
    "rejoindre-confirmer": Envoi(
        du_lien("rejoindre-confirmer", Usage.REJOINDRE, "lea", etape="transmettre", **RELUES)
    ),
    "rejoindre-messagerie": Envoi(du_code("rejoindre-messagerie", Usage.REJOINDRE, "lea", _attend_rejoindre)),
    "rejoindre-refuser": Envoi(simple("rejoindre-refuser", _boulangerie, _a_rejoindre), "principal"),
    "rejoindre-renouveler": Envoi(du_lien("rejoindre-renouveler", Usage.ADMISSION, "lea")),
    "rejoindre-renvoyer": Envoi(renvoyer("rejoindre-renvoyer", _attend_rejoindre)),
    "renouveler-code-secours": Envoi(simple("renouveler-code-secours"), "principal"),
    "retirer-question-secrete": Envoi(_question, "principal"),
    "suivi-clore": Envoi(_ecrire("suivi-clore")),
    "suivi-ecrire": Envoi(_ecrire("suivi-ecrire", texte="Et ma réponse ?")),
    "suivi-retrouver": Envoi(
        protege("suivi-retrouver", "suivi-retrouver", lambda s: {"courriel": s.demande().courriel})
    ),
}
# Ce qui n'est pas gardé, et pourquoi.
CALCULE = "calcule et n'écrit rien (socle.envois.sans_effet)"
SANS_ENVOI: dict[str, str] = {
    "api-simulations": "un programme : ni cookie ni formulaire",
    "contrat-de-prestation": CALCULE,
    "mfa_download_recovery_codes": "django-allauth n'y connaît que la lecture",
    "simulateur-employeur": CALCULE,
    "simulateur-fichier": CALCULE,
    "simulateur-salarie": CALCULE,
}


def fiche_libre() -> str:
    """Un établissement du répertoire que personne n'a ouvert."""
    if not Fiche.objects.filter(siret=LIBRE).exists():
        fiche(LIBRE)
    return LIBRE

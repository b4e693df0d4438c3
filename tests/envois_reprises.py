"""Les envois d'une reprise d'accès, et leurs branches : la suite de tests/envois.py."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from apart.comptes.models import Usage
from apart.etablissements.models import Etablissement
from apart.etablissements.parcours import Etape as EtapeSiret
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Raison
from apart.reprises.parcours import Etape
from tests.envoi import Envoi, Preparer, du_code, du_lien, protege, renvoyer
from tests.gestes_reprises import a_annuler, a_lever, a_maintenir
from tests.pieces.fabriques import Rejouable
from tests.preuves import preuve
from tests.reprises.etapes import NUMERO
from tests.scene import PHRASE, Scene

E, JUSTE = EtatReprise, "44306184100047"
RELUS = {"raison": "partie", "nom": "Blanc", "prenom": "Léa", "fonction": "gérante", "telephone": "06 11 22 33 44"}
DITE = RELUS | {"raison": Raison.PARTIE, "explication": "Partie en septembre."}


def _demander(nom: str) -> Preparer:
    def preparer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
        chemin = reverse("reprise", args=[EtapeSiret(s.siret(1)).sceller()])
        return chemin, DITE | {"courriel": s.adresse(nom)} | preuve("reprise")

    return preparer


def _attend(s: Scene) -> str:
    return Etape(s.siret(1), s.reprise(E.DEPOSEE).pk).sceller()


def _suivre(nom: str, **saisie: Any) -> Preparer:
    """Depuis la page de suivi de qui demande."""
    return lambda s, client: (reverse(nom, args=[s.lien(Usage.SUIVI, "lea")]), dict(saisie))


def _taper(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Le code est parti à l'établissement, et la personne l'a lu."""
    code = s.message(Usage.CODE_REPRISE, "contact").code
    return reverse("reprise-code", args=[s.lien(Usage.SUIVI, "lea")]), {"code": code}


def _repondre(nom: str) -> Envoi:
    return Envoi(lambda s, client: (reverse(nom, args=[s.siret(1), s.reprise().pk]), {}), "principale")


def _agir(geste: str, etat: EtatReprise, *, par: str = "agent", **saisie: str) -> Envoi:
    return Envoi(
        lambda s, client: (reverse(f"reprises-{geste}", args=[s.reprise(etat).pk]), dict(saisie)),
        par,
    )


def _au_telephone(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    """Un SIRET se tape juste : celui-ci est à tout le monde, la personne à sa scène."""
    Etablissement.objects.get_or_create(siret=JUSTE, defaults={"denomination": "Bureau"})
    return reverse("reprises-ouvrir"), DITE | {"siret": JUSTE, "courriel": s.adresse("lea")}


def _par_lettre(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    s.fiche()
    return reverse("reprise-par-lettre", args=[s.lien(Usage.SUIVI, "lea")]), {}


MOTIF = {"motif": "Le comptable confirme son arrivée."}
REPRISES: dict[str, Envoi] = {
    "opposition": Envoi(du_lien("opposition", Usage.OPPOSITION_REPRISE, "principal", etape="s_opposer", texte="Non.")),
    "reprise": Envoi(_demander("lea")),
    "reprise-abandonner": Envoi(_suivre("reprise-abandonner")),
    "reprise-accorder": _repondre("reprise-accorder"),
    "preuve-attestation": Envoi(lambda s, client: (reverse("preuve-attestation", args=[s.siret(1)]), {}), "membre"),
    "reprise-code": Envoi(_taper),
    "reprise-code-de-lettre": Envoi(_suivre("reprise-code-de-lettre", **{"lettre-code": "AAAAA-AAAAA"})),
    "reprise-par-lettre": Envoi(_par_lettre),
    "reprise-confirmer": Envoi(du_lien("reprise-confirmer", Usage.REPRISE, "lea", etape="confirmer", **RELUS)),
    "reprise-entree-renouveler": Envoi(du_lien("reprise-entree-renouveler", Usage.ENTREE, "lea")),
    "reprise-entrer": Envoi(du_lien("reprise-entrer", Usage.ENTREE, "lea", etape="entrer", mot_de_passe=PHRASE)),
    "reprise-messagerie": Envoi(du_code("reprise-messagerie", Usage.REPRISE, "lea", _attend)),
    "reprise-par-adresse": Envoi(_suivre("reprise-par-adresse")),
    "reprise-par-collegue": Envoi(_suivre("reprise-par-collegue")),
    "reprise-par-domaine": Envoi(_suivre("reprise-par-domaine")),
    "reprise-piece": Envoi(_suivre("reprise-piece", attestation=Rejouable())),
    "reprise-retrouver": Envoi(
        protege("reprise-retrouver", "reprise-retrouver", lambda s: {"courriel": s.reprise().courriel})
    ),
    "reprise-refuser": _repondre("reprise-refuser"),
    "reprise-renouveler": Envoi(du_lien("reprise-renouveler", Usage.REPRISE, "lea")),
    "reprise-renvoyer": Envoi(renvoyer("reprise-renvoyer", _attend)),
    "reprises-annuler": Envoi(
        lambda s, client: (reverse("reprises-annuler", args=[a_annuler(s).pk]), {}), "superviseur"
    ),
    "reprises-refuser-annulation": Envoi(
        lambda s, client: (reverse("reprises-refuser-annulation", args=[a_annuler(s).pk]), MOTIF), "superviseur"
    ),
    "reprises-approuver": _agir("approuver", E.PROPOSEE, par="superviseur"),
    "reprises-demander-piece": _agir("demander-piece", E.EXAMINEE, piece=PieceAttendue.IDENTITE),
    "reprises-examiner": _agir("examiner", E.CONFIRMEE),
    "reprises-lever-contestation": Envoi(
        lambda s, client: (reverse("reprises-lever-contestation", args=[a_maintenir(s).pk]), MOTIF), "superviseur"
    ),
    "reprises-lever-opposition": Envoi(
        lambda s, client: (reverse("reprises-lever-opposition", args=[a_lever(s).pk]), MOTIF), "superviseur"
    ),
    "reprises-proposer-levee": _agir("proposer-levee", E.OPPOSEE, **MOTIF),
    "reprises-ouvrir": Envoi(_au_telephone, "agent"),
    "reprises-proposer": _agir("proposer", E.EXAMINEE, **MOTIF),
    "reprises-proposer-annulation": _agir("proposer-annulation", E.EXECUTEE, **MOTIF),
    "reprises-rappeler": _agir("rappeler", E.EXAMINEE, numero=NUMERO),
    "reprises-refuser": _agir("refuser", E.EXAMINEE, **MOTIF),
    "reprises-retirer": _agir("retirer", E.PROPOSEE),
}
AUTREMENT: dict[str, Envoi] = {
    "opposition, du lien": Envoi(du_lien("opposition", Usage.OPPOSITION_REPRISE, "principal")),
    "opposition, après coup": Envoi(
        lambda s, client: (
            s.reprise(E.EXECUTEE),
            du_lien("opposition", Usage.OPPOSITION_REPRISE, "principal", etape="s_opposer", texte="")(s, client),
        )[1]
    ),
    "reprise, connecté": Envoi(_demander("voisin"), "voisin"),
    "reprise-confirmer, du lien": Envoi(du_lien("reprise-confirmer", Usage.REPRISE, "lea")),
    "reprise-entrer, du lien": Envoi(du_lien("reprise-entrer", Usage.ENTREE, "lea")),
    "reprise-entrer, déjà connu": Envoi(du_lien("reprise-entrer", Usage.ENTREE, "voisin", etape="entrer")),
}

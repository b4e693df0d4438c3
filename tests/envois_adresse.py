"""Les envois de qui change l'adresse ou les coordonnées de son compte : la suite de tests/envois.py."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.comptes.models import Usage
from tests.envoi import Envoi, du_code, du_lien, mot_de_passe, simple
from tests.preuves import preuve
from tests.scene import PHRASE, Scene

DITES = {"nom": "Durand-Roy", "prenom": "Anne", "telephone": "06 11 22 33 44"}


def _demander(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    return reverse("nouvelle-adresse"), {"courriel": s.adresse("neuve")}


def _renvoyer(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    attente = Attente(Demande.maintenant(), saisie=s.adresse("neuve"))
    return reverse("nouvelle-adresse-renvoyer", args=[attente.sceller()]), preuve("renvoyer")


def _reunir(s: Scene, client: Client) -> tuple[str, dict[str, str]]:
    mot_de_passe(s.qui("voisin"))
    lien = s.lien(Usage.NOUVELLE_ADRESSE, "voisin")
    return reverse("reunir"), {"jeton": lien, "etape": "reunir", "actuel": PHRASE, "garde": "autre"}


ADRESSES: dict[str, Envoi] = {
    "coordonnees": Envoi(simple("coordonnees", **DITES), "principal"),
    "nouvelle-adresse": Envoi(_demander, "principal"),
    "nouvelle-adresse-messagerie": Envoi(du_code("nouvelle-adresse-messagerie", Usage.NOUVELLE_ADRESSE, "neuve")),
    "nouvelle-adresse-prouver": Envoi(
        du_lien("nouvelle-adresse-prouver", Usage.NOUVELLE_ADRESSE, "neuve", etape="changer")
    ),
    "nouvelle-adresse-renvoyer": Envoi(_renvoyer, "principal"),
    "reunir": Envoi(_reunir, "principal"),
    "reunion-conclure": Envoi(du_lien("reunion-conclure", Usage.REUNION, "principal")),
    "retour-adresse": Envoi(du_lien("retour-adresse", Usage.RETOUR_ADRESSE, "d_avant")),
}

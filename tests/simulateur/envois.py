"""Ce qu'un navigateur envoie quand on remplit le simulateur."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client

EMPLOYEUR, SALARIE = "/simulateur/employeur/", "/simulateur/salarie/"
EN_DIRECT = {"HX-Request": "true"}


def groupe(rang: int = 1, lettre: str = "a", **reponses: str) -> dict[str, str]:
    """Un groupe de huit salariés au SMIC, fermés tout avril 2020 ; « periodes_1_heures » change une période."""
    champs = {
        "effectif": "8",
        "remuneration": "1539,42",
        "duree_hebdomadaire": "35",
        "regime": "droit_commun",
        "periodes-1-mois": "2020-04",
        "periodes-1-heures": "151,67",
        **{
            nom.replace("periodes_", "periodes-").replace("1_", "1-").replace("2_", "2-"): v
            for nom, v in reponses.items()
        },
    }
    return {f"{lettre}-{rang}-{nom}": valeur for nom, valeur in champs.items()}


def lire(reponse: object) -> str:
    """Le texte de la page, espaces insécables rendues ordinaires."""
    assert isinstance(reponse, HttpResponse)
    texte = reponse.content.decode().replace("&#x27;", "'")
    return " ".join(texte.replace("\u00a0", " ").replace("\u202f", " ").split())


def simuler(client: Client, envoi: dict[str, str], adresse: str = EMPLOYEUR) -> str:
    """Envoie le formulaire, suit la redirection vers le lien, rend la page."""
    return lire(client.post(adresse, envoi, follow=True))

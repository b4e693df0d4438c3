"""De quoi écrire, imprimer et recevoir des lettres dans un test."""

from __future__ import annotations

import io
from typing import Any

from django.utils import timezone
from pypdf import PdfReader

from apart.administrations.models import RoleAgent
from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation
from apart.repertoire.models import Fiche
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.models import Lettre, LotLettres, Raison, Reprise
from tests.administrations.fabriques import affecter
from tests.monde import etablissement, habiliter, personne

SIRET = "73282932000074"
ADRESSE = {
    "numero_voie": "12",
    "type_voie": "RUE",
    "libelle_voie": "DU LAC",
    "code_postal": "74000",
    "ville": "ANNECY",
}


def fiche(siret: str = SIRET, **champs: Any) -> Fiche:
    """La fiche du répertoire d'une boulangerie d'Annecy."""
    return Fiche.objects.create(siret=siret, **({"enseigne": "BOULANGERIE DU LAC"} | ADRESSE | champs))


def habilitee(courriel: str = "marie@exemple.fr", ou: Etablissement | None = None) -> Habilitation:
    """Une personne dont seule la messagerie est prouvée."""
    return habiliter(personne("Durand", "Marie", courriel), ou or etablissement(SIRET, "Boulangerie du Lac"))


def imprimeur(courriel: str = "paul@asp.fr", *departements: str) -> Utilisateur:
    return affecter(personne("Martin", "Paul", courriel), RoleAgent.ASSISTANCE, *departements)


def ecrite(mienne: Habilitation) -> Lettre:
    return lettres.ecrire(etablissement=mienne.etablissement, par=mienne.utilisateur, pour_habilitation=mienne)


def imprimee(mienne: Habilitation, par: Utilisateur) -> Lettre:
    """La lettre de cette personne, dans un lot que cet agent vient d'imprimer."""
    lettre = ecrite(mienne)
    lots.imprimer_lot(par=par)
    lettre.refresh_from_db()
    return lettre


def plusieurs(combien: int, depuis: int = 0) -> list[Lettre]:
    """Autant de lettres à imprimer, d'autant d'établissements."""
    ecrites = []
    for rang in range(depuis, depuis + combien):
        siret = f"{rang:014d}"
        fiche(siret, numero_voie=str(rang + 1))
        ecrites.append(ecrite(habilitee(f"marie.{rang}@exemple.fr", etablissement(siret, "Boulangerie"))))
    return ecrites


def lot_de(lettre: Lettre) -> LotLettres:
    lettre.refresh_from_db()
    assert lettre.lot is not None
    return lettre.lot


def reprise(ou: Etablissement, etat: EtatReprise = EtatReprise.CONFIRMEE, courriel: str = "lea@exemple.fr") -> Reprise:
    return Reprise.objects.create(
        etablissement=ou,
        nom="Blanc",
        prenom="Léa",
        fonction="Gérante",
        telephone="+33102030405",
        courriel=courriel,
        raison=Raison.PARTIE,
        etat=etat,
        confirmee_le=timezone.now(),
    )


def faux(code: str) -> str:
    """Un autre code, bien formé."""
    return ("0" if code[0] != "0" else "1") + code[1:]


def lire(pdf: bytes) -> list[str]:
    """Le texte de chaque page."""
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return [" ".join(t.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").split()) for t in pages]


MORTES = (EtatLettre.EMPLOYEE, EtatLettre.REVENUE, EtatLettre.ANNULEE, EtatLettre.ECHUE)

"""L'état d'un parcours dans une adresse : illisible, daté, et de ce parcours seulement."""

from __future__ import annotations

import ast
import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import apart
from apart.comptes import messagerie
from apart.comptes.jetons import Demande
from apart.comptes.messagerie import Attente
from apart.etablissements import parcours
from apart.etablissements.parcours import Etape
from apart.socle.etat_scelle import EtatPerime, desceller, sceller
from apart.socle.journalisation import masquer
from tests.comptes.fabriques import lu

pytestmark = pytest.mark.jour
RACINE = Path(apart.__file__).parent
SIRET, IDENTIFIANT, MASQUE = "73282932000074", "K7MP2QXV", "m•••e@b•••d.fr"
# Ce qui est signé sans être scellé, et pourquoi cela ne se lit dans aucune adresse.
SIGNES = {
    "comptes/appareils.py": "un cookie, qui a sa durée",
    "socle/anti_robot.py": "un champ de formulaire : l'heure d'affichage de la page, rien d'autre",
}
PARCOURS: dict[str, tuple[Any, Any, timedelta]] = {
    "messagerie": (Attente(Demande.maintenant(), MASQUE, IDENTIFIANT), messagerie.lire, messagerie.DUREE),
    "creation": (Etape(SIRET, 4_217, 5_318), parcours.lire, parcours.DUREE),
}


def clair(adresse: str) -> str:
    """Tout ce qu'un curieux lit dans une adresse : son texte, et ce que ses morceaux encodent en base64."""
    morceaux = [adresse, *adresse.split("."), *adresse.split(":")]
    decodes = [base64.urlsafe_b64decode(m.encode() + b"=" * (-len(m) % 4)).decode("latin-1") for m in morceaux]
    return adresse + "".join(decodes)


@pytest.mark.menace("T14")
@pytest.mark.parametrize("nom", PARCOURS)
def test_t14_une_adresse_ne_porte_aucun_identifiant_lisible(nom: str) -> None:
    adresse = PARCOURS[nom][0].sceller()

    for indice in (SIRET, IDENTIFIANT, MASQUE, "4217", "5318", "demande"):
        assert indice not in clair(adresse)


@pytest.mark.parametrize("nom", PARCOURS)
def test_une_adresse_rend_son_etat_jusqu_a_sa_fin_et_pas_apres(nom: str) -> None:
    etat, lire, duree = PARCOURS[nom]
    with time_machine.travel("2026-11-23T10:00Z", tick=False) as horloge:
        adresse = etat.sceller()
        horloge.shift(duree - timedelta(seconds=1))
        assert lire(adresse) == etat
        horloge.shift(timedelta(seconds=1))
        with pytest.raises(EtatPerime):
            lire(adresse)


@pytest.mark.parametrize("abimee", ["", "é", "x" * 300, "gAAAAA", "{}"])
def test_une_adresse_modifiee_est_introuvable(abimee: str) -> None:
    with pytest.raises(Http404):
        desceller("essai", abimee, duree=timedelta(days=1))


def test_les_journaux_masquent_d_un_bloc_les_etats_d_une_adresse() -> None:
    etats = [PARCOURS[nom][0].sceller() for nom in ("creation", "messagerie")]

    assert masquer(f"GET {reverse('creer-messagerie', args=etats)}") == "GET /espace/creer/messagerie/•••/"


def test_un_parcours_ne_lit_pas_l_etat_d_un_autre() -> None:
    with pytest.raises(Http404):
        desceller("autre", sceller("essai", [SIRET]), duree=timedelta(days=1))


@pytest.mark.django_db
def test_une_adresse_trop_vieille_dit_de_recommencer(client: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        adresse = reverse("creer-formulaire", args=[Etape(SIRET).sceller()])

    reponse = client.get(adresse)

    assert reponse.status_code == 410
    assert "Cette adresse a expiré" in lu(reponse)
    assert SIRET not in lu(reponse)


def test_rien_d_autre_n_est_signe_que_ce_qui_est_nomme_ici() -> None:
    """Un état signé se lit : dans une adresse, il se scelle."""
    signent = {
        str(fichier.relative_to(RACINE))
        for fichier in RACINE.rglob("*.py")
        for noeud in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(noeud, ast.Import | ast.ImportFrom) and "signing" in ast.unparse(noeud)
    }
    assert signent == SIGNES.keys()

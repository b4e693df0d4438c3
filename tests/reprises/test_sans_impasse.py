"""Aucune page d'une reprise ne laisse la personne sans suite : chacune mène au pas suivant qui existe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.models import Usage
from apart.etablissements.parcours import Etape
from apart.reprises.actions import demande
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Reprise
from tests.comptes.fabriques import lu
from tests.reprises.etapes import champs
from tests.reprises.gens import LEA, SIRET, agent, boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

E = EtatReprise
REFAIRE, ECRIRE = "Faire une autre demande", f"/aide/assistance/?motif=habilitation&siret={SIRET}"


def finie(etat: EtatReprise, **autres: Any) -> Reprise:
    ou = boulangerie()
    fin = {} if etat == E.EXECUTEE else {"close_le": timezone.now(), "motif": "Pièces illisibles."}
    vues = champs(etat, tient=tenir(ou), agent=agent("Paul"))
    return Reprise.objects.create(etablissement=ou, courriel=LEA, **{**vues, **fin, **autres})


def suivi(client: Client, dossier: Reprise) -> str:
    return lu(client.get(f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"))


def lien(dossier: Reprise, usage: Usage, courriel: str = LEA) -> str:
    """Un lien mort de cette reprise."""
    emis = jetons.emettre(usage, courriel=courriel)
    dossier.jetons.add(emis.jeton)
    emis.jeton.expire_le = timezone.now() - timedelta(minutes=1)
    emis.jeton.emis_le = timezone.now() - timedelta(hours=2)
    emis.jeton.save()
    return emis.secret


@pytest.mark.parametrize("etat", [E.REFUSEE, E.ABANDONNEE, E.ANNULEE])
def test_une_demande_finie_mene_a_une_autre_ou_a_l_assistance(client: Client, etat: EtatReprise) -> None:
    page = suivi(client, finie(etat))

    assert REFAIRE in page
    assert ECRIRE in page
    chemin = reverse("reprise", args=[Etape(SIRET).sceller()])
    assert lu(client.get(chemin)).count("Reprendre l'accès d'un établissement")


def test_une_preuve_finie_mene_aux_autres_preuves(client: Client) -> None:
    dossier = finie(E.ABANDONNEE)
    Reprise.objects.filter(pk=dossier.pk).update(
        est_releve=True, raison="", habilitation=collegue(dossier.etablissement), remplace=None
    )
    dossier.refresh_from_db()

    assert f'href="/etablissements/{SIRET}/preuve/"' in suivi(client, dossier)


def test_qui_n_est_pas_entre_en_sept_jours_peut_redemander(client: Client) -> None:
    dossier = finie(E.EXECUTEE)
    assert REFAIRE not in suivi(client, dossier)

    Reprise.objects.filter(pk=dossier.pk).update(executee_le=timezone.now() - timedelta(days=8))
    dossier.refresh_from_db()
    assert REFAIRE in suivi(client, dossier)
    mort = lu(client.get(f"/reprise/entree/lien/{lien(dossier, Usage.ENTREE)}/"))
    assert "les sept jours pour entrer sont passés" in mort
    assert REFAIRE in mort
    assert "Recevoir un nouveau lien" not in mort


@pytest.mark.parametrize("etat", [E.CONFIRMEE, E.ABANDONNEE])
def test_le_lien_mort_de_qui_demande_mene_a_sa_reprise(client: Client, etat: EtatReprise) -> None:
    dossier = reprise(boulangerie(), etat)

    page = lu(client.get(f"/reprise/lien/{lien(dossier, Usage.REPRISE)}/"))

    assert reverse("reprise-retrouver") in page
    assert REFAIRE in page


def test_le_lien_mort_de_qui_s_oppose_mene_a_l_assistance(client: Client) -> None:
    dossier = finie(E.ANNULEE)

    secret = lien(dossier, Usage.OPPOSITION_REPRISE, "contact@boulangerie.fr")
    page = lu(client.get(f"/reprise/opposition/lien/{secret}/"))

    assert "Écrire à l'assistance" in page


def test_une_opposition_dite_et_une_reponse_donnee_menent_ailleurs(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    dossier = reprise(ou)
    emis = jetons.emettre(Usage.OPPOSITION_REPRISE, courriel=ou.courriel)
    dossier.jetons.add(emis.jeton)
    page = lu(client.post("/reprise/opposition/", {"jeton": emis.secret, "etape": "s_opposer"}, follow=True))
    assert ECRIRE in page

    client.force_login(collegue(ou).utilisateur)
    assert "Revenir à l'établissement" in lu(client.get(f"/etablissements/{SIRET}/reprises/"))

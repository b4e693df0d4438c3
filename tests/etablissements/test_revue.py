"""Chaque trimestre, un utilisateur principal revoit qui a accès à tous ses établissements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apart.courriels.models import Courriel
from apart.etablissements.actions import personnes, revue
from apart.etablissements.models import AppelRevue, Etablissement, Habilitation, MotifRetrait, RevueAcces, Role
from apart.etablissements.trimestres import en_lettres, suivant, trimestre
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.gens import boulangerie, d_une_ligne, habilite, navigateur
from tests.monde import etablissement

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
REVUE = "/mon-espace/revue/"


@pytest.fixture(autouse=True)
def janvier() -> Iterator[time_machine.Traveller]:
    """Le 15 janvier 2027, premier trimestre."""
    with time_machine.travel(datetime(2027, 1, 15, 11, tzinfo=UTC), tick=False) as voyage:
        yield voyage


def client_du_cabinet(rang: int) -> Etablissement:
    ou = etablissement(f"{rang:014d}", f"Client {rang:03d}")
    Etablissement.objects.filter(pk=ou.pk).update(cree_le=now() - timedelta(days=200))
    return ou


def vues() -> str:
    return ",".join(str(pk) for pk in Habilitation.objects.actives().values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("jour", "debut", "apres"),
    [
        (date(2027, 1, 1), date(2027, 1, 1), date(2027, 4, 1)),
        (date(2027, 9, 30), date(2027, 7, 1), date(2027, 10, 1)),
        (date(2027, 12, 31), date(2027, 10, 1), date(2028, 1, 1)),
    ],
)
def test_un_trimestre_est_civil(jour: date, debut: date, apres: date) -> None:
    assert (trimestre(jour), suivant(debut)) == (debut, apres)
    assert en_lettres(date(2027, 1, 1)) == "premier trimestre 2027"


def test_un_seul_courriel_par_principal_et_par_trimestre_pour_tous_ses_etablissements(
    boite: Boite, janvier: time_machine.Traveller
) -> None:
    """Rejouée, en retard, au milieu du trimestre : la tâche n'écrit qu'une fois."""
    habilite("Marie", Role.PRINCIPAL)
    habilite("Luc")
    for rang in range(1, 13):
        ou = client_du_cabinet(rang)
        habilite("Marie", Role.PRINCIPAL, ou)
        habilite("Luc", ou=ou)

    revue.appeler()
    revue.appeler()
    assert EntreeJournal.objects.get(geste="appeler_a_la_revue").details == {"nombre": 13}
    lettre = boite.recevoir_une()
    janvier.move_to(datetime(2027, 3, 20, 11, tzinfo=UTC))
    revue.appeler()
    texte = d_une_ligne(lettre)

    assert lettre.a == "marie@boulangerie.fr"
    assert "13 établissements attendent votre revue du premier trimestre 2027" in texte
    assert "et 3 autres" in texte
    assert "avant le 1er avril 2027" in texte
    janvier.move_to(datetime(2027, 4, 2, 11, tzinfo=UTC))
    revue.appeler()
    boite.recevoir_une()
    assert AppelRevue.objects.count() == 2


def test_ni_qui_est_seul_ni_qui_vient_d_ouvrir_n_est_derange() -> None:
    habilite("Marie", Role.PRINCIPAL)
    recent = etablissement("44306184100047", "Ouvert hier")
    habilite("Anne", Role.PRINCIPAL, recent)
    habilite("Luc", ou=recent)

    revue.appeler()

    assert not AppelRevue.objects.exists()


def test_tout_est_a_jour_enregistre_la_revue_et_la_page_le_dit() -> None:
    marie, _ = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    client = navigateur(marie)
    assert "Un établissement attend votre revue" in lu(client.get(f"/etablissements/{boulangerie().siret}/"))
    page = client.get(REVUE)
    assert "Luc Durand" in lu(page)
    assert f'name="vues" value="{vues()}"' in page.content.decode()

    suite = lu(client.post(REVUE, {"vues": vues()}, follow=True))

    assert "Vous n'avez rien à revoir ce trimestre" in suite
    faite = RevueAcces.objects.get()
    assert (faite.par, faite.trimestre) == (marie.utilisateur, date(2027, 1, 1))
    client.post(REVUE, {"vues": vues()})
    assert RevueAcces.objects.count() == 1
    assert "Dernière revue : le 15 janvier 2027" in lu(client.get(f"/etablissements/{boulangerie().siret}/personnes/"))


def test_qui_arrive_pendant_la_lecture_n_est_pas_revu_sans_etre_vu() -> None:
    marie, _ = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    montrees = vues()
    habilite("Intrus")

    suite = lu(navigateur(marie).post(REVUE, {"vues": montrees}, follow=True))

    assert "Quelqu'un vient d'arriver à Boulangerie du Lac" in suite
    assert "Intrus Durand" in suite
    assert not RevueAcces.objects.exists()


def test_retirer_depuis_la_revue_y_ramene() -> None:
    marie, luc, _ = habilite("Marie", Role.PRINCIPAL), habilite("Luc"), habilite("Paul")
    client = navigateur(marie)
    chemin = f"/etablissements/{boulangerie().siret}/personnes/{luc.pk}/retirer/"
    assert f"{chemin}?retour=revue" in client.get(REVUE).content.decode()
    assert 'value="revue"' in client.get(f"{chemin}?retour=revue").content.decode()

    assert client.post(chemin, {"motif": "depart", "retour": "revue"})["Location"] == REVUE
    client.post(REVUE, {"vues": vues()})

    assert RevueAcces.objects.exists()


@pytest.mark.menace("T25")
def test_t25_la_revue_d_autrui_ne_se_voit_ni_ne_se_fait() -> None:
    habilite("Marie", Role.PRINCIPAL)
    luc = habilite("Luc")
    client = navigateur(luc)

    assert "Marie" not in lu(client.get(REVUE))
    assert client.post(REVUE, {"vues": vues()}).status_code == 403
    assert not RevueAcces.objects.exists()


def test_deux_cents_etablissements_se_revoient_par_pages_sans_couter_plus() -> None:
    marie, ici = habilite("Marie", Role.PRINCIPAL), boulangerie()
    habilite("Luc", ou=ici)
    client = navigateur(marie)

    def ordres() -> int:
        with CaptureQueriesContext(connection) as lus:
            assert client.get(REVUE).status_code == 200
        return len(lus)

    ordres()
    seule = ordres()
    for rang in range(1, 41):
        ou = client_du_cabinet(rang)
        habilite("Marie", Role.PRINCIPAL, ou)
        habilite("Luc", ou=ou)
    assert ordres() == seule
    page = client.get(REVUE)
    assert "41 établissements à revoir" in lu(page)
    assert "Tout est à jour pour ces 10 établissements" in lu(page)
    suivante = client.get(REVUE + "?page=" + page.context["page"].suivante)
    assert not {f["etablissement"] for f in page.context["fiches"]} & {
        f["etablissement"] for f in suivante.context["fiches"]
    }


def test_qui_est_parti_n_attend_plus_de_revue() -> None:
    marie, anne = habilite("Marie", Role.PRINCIPAL), habilite("Anne", Role.PRINCIPAL)
    personnes.retirer(anne, par=marie.utilisateur, motif=MotifRetrait.AUTRE)

    revue.appeler()

    assert not Courriel.objects.filter(modele="revue_acces").exists()  # Marie est seule, Anne n'y est plus

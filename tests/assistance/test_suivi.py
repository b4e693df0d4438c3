"""La page de suivi : un lien ouvre une conversation, et elle seule."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apart.assistance.actions import demandes
from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance, Message
from apart.comptes.models import Jeton
from apart.socle.chiffrement import empreinte
from apart.socle.models import EntreeJournal
from tests.assistance.fabriques import SAISIE, depot
from tests.boite import Boite
from tests.comptes.fabriques import agent
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def lu(reponse: object) -> str:
    return html.unescape(reponse.content.decode())  # type: ignore[attr-defined]  # HttpResponse de test


def chemin(secret: str, geste: str = "") -> str:
    return f"/aide/suivi/{secret}/{geste}"


def test_le_demandeur_complete_sa_demande(client: Client) -> None:
    depose = depot()

    page = lu(client.post(chemin(depose.secret, "ecrire/"), {"texte": "Elle est partie le 3 mars."}, follow=True))

    assert "Votre message est enregistré." in page
    assert "Elle est partie le 3 mars." in page


def test_repondre_remet_la_demande_dans_la_file(client: Client) -> None:
    depose = depot()
    demandes.repondre(depose.demande, texte="Quel est son nom ?", par=agent())

    client.post(chemin(depose.secret, "ecrire/"), {"texte": "Petit."})

    assert DemandeAssistance.objects.get().etat == Etat.A_TRAITER


def test_une_precision_ne_repousse_pas_le_delai_promis(client: Client) -> None:
    depose = depot()
    promise_le = depose.demande.promise_le

    # Une semaine plus tard : d'un vendredi au samedi, le délai recompté donnerait le même jour.
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        client.post(chemin(depose.secret, "ecrire/"), {"texte": "Au fait…"})

    assert DemandeAssistance.objects.get().promise_le == promise_le


def test_le_demandeur_clot_puis_rouvre_en_ecrivant(client: Client) -> None:
    depose = depot()
    client.post(chemin(depose.secret, "clore/"))
    assert DemandeAssistance.objects.get().etat == Etat.CLOSE
    assert "Envoyer et rouvrir" in lu(client.get(chemin(depose.secret)))

    client.post(chemin(depose.secret, "ecrire/"), {"texte": "Finalement non."})

    assert DemandeAssistance.objects.get().etat == Etat.A_TRAITER


def test_un_message_trop_long_revient_entier_avec_une_phrase(client: Client) -> None:
    depose = depot()
    texte = "c" * 1001

    page = lu(client.post(chemin(depose.secret, "ecrire/"), {"texte": texte}))

    assert "Retirez-en 1." in page
    assert texte in page


def test_le_retard_est_avoue(client: Client) -> None:
    depose = depot()

    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert "nous sommes en retard" in lu(client.get(chemin(depose.secret)))


@pytest.mark.menace("T14")
def test_t14_la_page_ne_se_garde_pas_et_son_adresse_ne_sort_pas_du_site(client: Client) -> None:
    reponse = client.get(chemin(depot().secret))

    assert "no-store" in reponse.headers["Cache-Control"]
    assert reponse.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert 'href="http' not in lu(reponse).replace(f'href="{settings.URL_PUBLIQUE}', "")


@pytest.mark.menace("T10")
def test_t10_lire_la_page_ne_change_rien(client: Client) -> None:
    depose = depot()
    avant = (EntreeJournal.objects.count(), Jeton.objects.count(), Message.objects.count())

    for _ in range(5):
        client.get(chemin(depose.secret))
        client.head(chemin(depose.secret))
        client.get(chemin(depose.secret, "clore/"))
        client.get(chemin(depose.secret, "ecrire/"))

    assert (EntreeJournal.objects.count(), Jeton.objects.count(), Message.objects.count()) == avant
    assert DemandeAssistance.objects.get().etat == Etat.A_TRAITER


@pytest.mark.menace("T26")
@pytest.mark.parametrize("essai", ["1", "AP-2026-000001", "0" * 43, "marie.durand@boulangerie.fr", "é"])
def test_t26_ni_numero_ni_adresse_n_ouvrent_une_demande(client: Client, essai: str) -> None:
    depose = depot()
    for tente in (essai, str(depose.demande.pk), depose.demande.numero):
        reponse = client.get(chemin(tente))
        assert reponse.status_code == 404
        assert "Boulangerie" not in lu(reponse)
        assert client.post(chemin(tente, "ecrire/"), {"texte": "x"}).status_code == 404
        assert client.post(chemin(tente, "clore/")).status_code == 404


@pytest.mark.menace("T26")
def test_t26_le_lien_a_plus_de_128_bits_et_n_est_garde_que_hache(client: Client) -> None:
    depose = depot()

    assert len(depose.secret) >= 43  # 256 bits en base64
    assert Jeton.objects.filter(empreinte=empreinte(depose.secret)).exists()
    assert client.get(chemin(empreinte(depose.secret))).status_code == 404


@pytest.mark.menace("T26")
def test_t26_numero_et_adresse_donnent_la_meme_page_que_rien(client: Client) -> None:
    depot()
    connue = client.post("/aide/suivi/", {"courriel": "marie.durand@boulangerie.fr"} | preuve("suivi-retrouver"))
    inconnue = client.post("/aide/suivi/", {"courriel": "martin.dupond@boulangerie.fr"} | preuve("suivi-retrouver"))

    assert connue.status_code == inconnue.status_code == 200
    assert connue.content == inconnue.content  # les deux adresses se masquent de la même façon


@pytest.mark.menace("T26")
def test_t26_le_lien_perdu_ne_part_qu_a_l_adresse_de_la_demande(client: Client, boite: Boite) -> None:
    depot()
    boite.recevoir()

    client.post("/aide/suivi/", {"courriel": "inconnu@exemple.fr"} | preuve("suivi-retrouver"))
    travailler()
    assert boite.recevoir() == []
    client.post("/aide/suivi/", {"courriel": "Marie.Durand@boulangerie.fr "} | preuve("suivi-retrouver"))
    travailler()

    lettre = boite.recevoir_une()
    assert lettre.a == "marie.durand@boulangerie.fr"
    assert "Boulangerie du Lac" in lu(client.get(lettre.chemin))


def test_un_lien_de_plus_d_un_an_propose_d_en_recevoir_un_neuf(client: Client) -> None:
    depose = depot()

    with time_machine.travel(timezone.now() + timedelta(days=366)):
        reponse = client.get(chemin(depose.secret))

    assert reponse.status_code == 404
    assert "Recevoir le lien" in lu(reponse)


def test_un_lien_n_ouvre_que_sa_demande(client: Client) -> None:
    premiere = depot()
    depot(description="Secret d'une autre demande")

    assert SAISIE.description in lu(client.get(chemin(premiere.secret)))
    assert "Secret d'une autre demande" not in lu(client.get(chemin(premiere.secret)))

"""« La personne est partie, ou sa messagerie est fermée » : de la porte au suivi."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apart.comptes.models import Usage
from apart.courriels.models import Courriel
from apart.etablissements.parcours import Etape
from apart.reprises.actions import demande as actions
from apart.reprises.actions.pieces import joindre
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.models import EntreeJournal
from tests.boite import Boite, Lettre
from tests.comptes.fabriques import lu
from tests.etablissements.parcours import lus, secret
from tests.monde import personne
from tests.pieces.fabriques import recue
from tests.preuves import preuve
from tests.reprises.gens import LEA, SAISIE, SIRET, agent, boulangerie, reprise, tenir
from tests.travail import travailler

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def deposer(client: Client, **changements: str) -> str:
    """Remplit le formulaire ; rend l'adresse de la page « Consultez votre messagerie »."""
    chemin = f"/reprise/demande/{Etape(SIRET).sceller()}/"
    return str(client.post(chemin, SAISIE | changements | preuve("reprise"))["Location"])


def recevoir(client: Client, boite: Boite, **changements: str) -> Lettre:
    deposer(client, **changements)
    travailler()
    return boite.recevoir_une()


def confirmer(client: Client, lettre: Lettre, **changements: str) -> str:
    """Relit, confirme ; rend l'adresse du suivi."""
    page = client.post("/reprise/confirmer/", {"jeton": secret(lettre)})
    saisie = lus(page) | {"etape": "confirmer"} | changements
    return str(client.post("/reprise/confirmer/", saisie)["Location"])


def test_la_porte_est_sur_la_page_de_l_etablissement_deja_connu(client: Client) -> None:
    boulangerie()
    page = client.get(f"/espace/creer/deja-connu/{Etape(SIRET).sceller()}/")

    assert "/reprise/demande/" in page.content.decode()


def test_de_la_demande_au_suivi(client: Client, boite: Boite) -> None:
    tenir(boulangerie())

    lettre = recevoir(client, boite)
    assert lettre.a == LEA
    assert "Boulangerie" not in lettre.texte  # rien de plus que le SIRET, à qui n'a rien prouvé
    suivi = confirmer(client, lettre)

    page = lu(client.get(suivi))
    assert "Adresse confirmée" in page
    assert "Marie" not in page  # jamais qui tient l'espace
    assert [r.etat for r in Reprise.objects.all()] == [EtatReprise.CONFIRMEE]
    confirmee = boite.recevoir_une()
    assert "RA-" in confirmee.objet
    assert client.get(confirmee.chemin).status_code == 200


def test_ce_qui_a_ete_tape_avant_la_preuve_se_relit_et_se_corrige(client: Client, boite: Boite) -> None:
    boulangerie()
    lettre = recevoir(client, boite, nom="Attaquant", telephone="06 00 00 00 00", explication="Rappelez le 0899.")

    relues = {"nom": "Blanc", "telephone": "06 11 22 33 44", "raison": "messagerie", "explication": ""}
    confirmer(client, lettre, **relues)

    confirmee = Reprise.objects.get()
    assert (confirmee.nom, confirmee.telephone) == ("Blanc", "+33611223344")
    assert (confirmee.raison, confirmee.explication) == ("messagerie", "")


def test_ouvrir_le_lien_ne_confirme_rien(client: Client, boite: Boite) -> None:
    boulangerie()
    lettre = recevoir(client, boite)

    for _ in range(3):
        client.get(lettre.chemin)

    assert Reprise.objects.get().etat == EtatReprise.DEPOSEE


def test_le_code_tape_sur_la_page_restee_ouverte_vaut_le_lien(client: Client, boite: Boite) -> None:
    boulangerie()
    messagerie = deposer(client)
    travailler()
    lettre = boite.recevoir_une()

    page = client.post(messagerie, {"code": lettre.code}, follow=True)

    assert "Relire votre demande" in lu(page)


def test_connecte_sous_la_meme_adresse_on_est_au_suivi_sans_courriel(client: Client) -> None:
    boulangerie()
    client.force_login(personne("Blanc", "Léa", LEA))

    suivi = deposer(client)

    assert suivi.startswith("/reprise/suivi/")
    assert not Courriel.objects.filter(modele="confirmer_reprise").exists()


def test_une_seule_demande_en_cours_par_personne_et_par_etablissement(client: Client, boite: Boite) -> None:
    boulangerie()
    confirmer(client, recevoir(client, boite))
    boite.recevoir()

    confirmer(client, recevoir(client, boite))

    assert sorted(Reprise.objects.values_list("etat", flat=True)) == ["abandonnee", "confirmee"]


def _refaite(client: Client, boite: Boite) -> tuple[str, Lettre]:
    """Léa refait sa demande, la confirme, et reçoit son message ; rend la page où elle arrive."""
    suivi = confirmer(client, recevoir(client, boite))
    return lu(client.get(suivi)), boite.recevoir_une()


@pytest.mark.parametrize("etat", [EtatReprise.EXAMINEE, EtatReprise.PIECE_DEMANDEE, EtatReprise.PIECE_RECUE])
def test_refaire_une_demande_dont_un_agent_s_occupe_y_ramene_avec_ses_pieces(
    etat: EtatReprise, client: Client, boite: Boite
) -> None:
    premiere = reprise(boulangerie(), fonction="comptable")
    joindre(premiere, {PieceAttendue.IDENTITE: [recue()]})
    Reprise.objects.filter(pk=premiere.pk).update(etat=etat)

    page, lettre = _refaite(client, boite)

    premiere.refresh_from_db()
    neuve = Reprise.objects.latest("pk")
    assert (premiere.etat, premiere.recues.count(), premiere.fonction) == (etat, 1, "comptable")
    assert neuve.etat == EtatReprise.ABANDONNEE
    assert premiere.numero in page
    assert "Votre première demande est déjà en cours" in page
    assert premiere.numero in lettre.objet
    assert f"Votre reprise d'accès {premiere.numero}" in " ".join(lettre.texte.split())
    gestes = EntreeJournal.objects.filter(details__reprise=premiere.pk).values_list("geste", "details__refaite")
    assert ("refaire_reprise", neuve.pk) in gestes


def test_refaire_la_demande_ouverte_au_telephone_ne_la_sort_pas_de_la_file(client: Client, boite: Boite) -> None:
    appelee = reprise(boulangerie())
    Reprise.objects.filter(pk=appelee.pk).update(ouverte_par=agent("Paul"))

    page, _ = _refaite(client, boite)

    assert list(Reprise.objects.a_traiter()) == [appelee]
    assert appelee.numero in page


def test_une_demande_que_personne_n_a_lue_est_remplacee_et_le_message_le_dit(client: Client, boite: Boite) -> None:
    premiere = reprise(boulangerie())

    page, lettre = _refaite(client, boite)

    premiere.refresh_from_db()
    neuve = Reprise.objects.latest("pk")
    assert (premiere.etat, neuve.etat) == (EtatReprise.ABANDONNEE, EtatReprise.CONFIRMEE)
    assert neuve.numero in page
    assert f"Elle remplace la demande {premiere.numero}, qui s'arrête." in " ".join(lettre.texte.split())
    abandon = EntreeJournal.objects.get(geste="abandonner_reprise")
    assert (abandon.details["reprise"], abandon.details["pour"]) == (premiere.pk, neuve.pk)


def test_le_lien_mort_d_une_demande_refaite_mene_a_celle_qui_continue(client: Client, boite: Boite) -> None:
    premiere = reprise(boulangerie())
    Reprise.objects.filter(pk=premiere.pk).update(etat=EtatReprise.EXAMINEE)
    lien = recevoir(client, boite)
    confirmer(client, lien)

    page = lu(client.get(lien.chemin))

    assert "Votre adresse est confirmée" in page
    assert "abandonnée" not in page


def test_sans_adresse_confirmee_elle_s_abandonne_en_48_heures_puis_s_efface() -> None:
    reprise(boulangerie(), EtatReprise.DEPOSEE)

    with time_machine.travel(timezone.now() + timedelta(hours=47)):
        assert actions.expirer() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert actions.expirer() == 1
        assert actions.expirer() == 0
        assert actions.purger() == 0
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        assert actions.purger() == 1


def test_sans_preuve_une_demande_confirmee_s_abandonne_en_trente_jours() -> None:
    confirmee = reprise(boulangerie())

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        actions.expirer()

    confirmee.refresh_from_db()
    assert confirmee.etat == EtatReprise.ABANDONNEE


def test_le_lien_mort_d_une_demande_confirmee_le_dit(client: Client, boite: Boite) -> None:
    boulangerie()
    lettre = recevoir(client, boite)
    confirmer(client, lettre)

    page = client.get(lettre.chemin)

    assert page.status_code == 410
    assert "Votre adresse est confirmée" in lu(page)


def test_un_lien_de_suivi_inconnu_n_est_pas_une_impasse(client: Client) -> None:
    page = client.get("/reprise/suivi/nimporte-quoi/")

    assert page.status_code == 404
    assert "Commencez avec votre SIRET" in lu(page)


def test_abandonner_se_fait_du_suivi(client: Client) -> None:
    confirmee = reprise(boulangerie())
    secret_du_suivi = actions.emettre_suivi(confirmee)

    client.post(f"/reprise/suivi/{secret_du_suivi}/abandonner")
    page = client.post(f"/reprise/suivi/{secret_du_suivi}/abandonner", follow=True)

    confirmee.refresh_from_db()
    assert confirmee.etat == EtatReprise.ABANDONNEE
    assert "Faire une autre demande" in lu(page)


@pytest.mark.parametrize(
    ("champ", "phrase"),
    [
        ("raison", "Choisissez ce qui se passe."),
        ("fonction", "Indiquez votre fonction dans l'entreprise."),
        ("nom", "Indiquez votre nom."),
    ],
)
def test_chaque_manque_a_sa_phrase(client: Client, champ: str, phrase: str) -> None:
    boulangerie()
    page = client.post(f"/reprise/demande/{Etape(SIRET).sceller()}/", SAISIE | {champ: ""} | preuve("reprise"))

    assert phrase in lu(page)


@pytest.mark.menace("T12")
def test_t12_le_lien_d_une_reprise_n_ouvre_rien_d_autre(client: Client, boite: Boite) -> None:
    boulangerie()
    lettre = recevoir(client, boite)

    for ailleurs in ("/reprise/entrer/", "/reprise/opposition/", "/espace/ouvrir/", "/espace/rejoindre/entrer/"):
        assert client.post(ailleurs, {"jeton": secret(lettre)}).status_code == 410

    assert Reprise.objects.get().jetons.get().usage == Usage.REPRISE

"""L'attestation de l'employeur : envoyée par son nom, relue par deux agents, effacée 90 jours après."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apart.etablissements.models import Habilitation, Preuve
from apart.pieces.models import Piece
from apart.reprises.actions import agents, demande
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Reprise
from tests.comptes.fabriques import lu
from tests.monde import personne
from tests.reprises.gens import LEA, agent, boulangerie, lea, reprise, tenir

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reponse

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def envoyer(client: Client, dossier: Reprise, contenu: bytes = PDF, nom: str = "attestation.pdf") -> Reponse:
    suivi = f"/reprise/suivi/{demande.emettre_suivi(dossier)}/piece"
    fichier = SimpleUploadedFile(nom, contenu, "application/pdf")
    return client.post(suivi, {"attendue": PieceAttendue.ATTESTATION, "pieces": [fichier]}, follow=True)


def test_deux_agents_relisent_l_attestation_et_la_preuve_est_celle_du_representant(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)
    dossier = reprise(ou)

    assert "Vos pièces sont reçues" in lu(envoyer(client, dossier))
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.PIECE_RECUE
    agents.proposer(dossier, motif="Attestation et pièce d'identité concordent.", par=agent("Paul"))
    agents.approuver(dossier, par=agent("Sophie"))

    neuve = Habilitation.objects.actives().get(utilisateur=lea())
    assert (neuve.preuve, neuve.valeur) == (Preuve.REPRESENTANT, 6)
    reste = Piece.objects.get().a_effacer_le - timezone.now()
    assert timedelta(days=89) < reste <= timedelta(days=90)


def test_la_meme_piece_envoyee_deux_fois_n_en_fait_qu_une(client: Client) -> None:
    dossier = reprise(boulangerie())

    envoyer(client, dossier)
    envoyer(client, dossier, nom="copie.pdf")

    assert Piece.objects.count() == 1


@pytest.mark.menace("T23")
@pytest.mark.parametrize(("nom", "contenu"), [("a.pdf", b"<html>"), ("a.pdf.exe", b"MZ"), ("vide.pdf", b"")])
def test_t23_une_piece_hostile_est_refusee_par_sa_phrase(client: Client, nom: str, contenu: bytes) -> None:
    dossier = reprise(boulangerie())

    page = envoyer(client, dossier, contenu, nom)

    assert page.status_code == 400
    assert not Piece.objects.exists()


def test_l_agent_telecharge_la_piece_de_ce_dossier_et_d_aucun_autre(client: Client) -> None:
    ou = boulangerie()
    dossier, autre = reprise(ou), reprise(ou, courriel="noe@exemple.fr")
    envoyer(client, dossier)
    client.force_login(agent("Paul"))
    piece = Piece.objects.get()

    recue = client.get(f"/agents/reprises/{dossier.pk}/pieces/{piece.pk}/")
    assert recue.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/agents/reprises/{autre.pk}/pieces/{piece.pk}/").status_code == 404


def test_une_demande_abandonnee_n_accepte_plus_de_piece(client: Client) -> None:
    dossier = reprise(boulangerie())
    demande.abandonner(dossier)

    assert "a avancé entre-temps" in lu(envoyer(client, dossier))
    assert not Piece.objects.exists()

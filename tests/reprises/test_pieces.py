"""L'attestation de l'employeur : envoyée par son nom, relue par deux agents, effacée 90 jours après."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from apart.etablissements.models import Habilitation, Preuve
from apart.pieces.models import Piece
from apart.reprises.actions import agents, demande
from apart.reprises.actions.pieces import joindre
from apart.reprises.attendues import attendues
from apart.reprises.etats import EtatReprise
from apart.reprises.facons import facons
from apart.reprises.forms.demande import PiecesJointes
from apart.reprises.models import PieceAttendue, Reprise
from apart.socle.automate import GesteImpossible
from tests.comptes.fabriques import lu
from tests.monde import personne
from tests.pieces.fabriques import joint, pdf, recue
from tests.reprises.gens import LEA, agent, boulangerie, lea, reprise, tenir

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reponse

pytestmark = [pytest.mark.django_db, pytest.mark.jour]

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
D_ABORD = (PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)


def envoyer(
    client: Client,
    dossier: Reprise,
    contenu: bytes = PDF,
    nom: str = "attestation.pdf",
    sous: tuple[PieceAttendue, ...] = (PieceAttendue.ATTESTATION,),
) -> Reponse:
    suivi = f"/reprise/suivi/{demande.emettre_suivi(dossier)}/piece"
    fichiers = {attendue.value: [SimpleUploadedFile(nom, contenu, "application/pdf")] for attendue in sous}
    return client.post(suivi, fichiers, follow=True)


def test_deux_agents_relisent_l_attestation_et_la_preuve_est_celle_du_representant(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)
    dossier = reprise(ou)

    assert "Vos pièces sont reçues" in lu(envoyer(client, dossier, sous=D_ABORD))
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.PIECE_RECUE
    agents.proposer(dossier, motif="Attestation et pièce d'identité concordent.", par=agent("Paul"))
    agents.approuver(dossier, par=agent("Sophie"))

    neuve = Habilitation.objects.actives().get(utilisateur=lea())
    assert (neuve.preuve, neuve.valeur) == (Preuve.REPRESENTANT, 6)
    for piece in Piece.objects.all():
        assert timedelta(days=89) < piece.a_effacer_le - timezone.now() <= timedelta(days=90)


ATTESTATION, IDENTITE, POUVOIR, REGISTRE = PieceAttendue


@pytest.mark.parametrize(
    ("recues", "se_propose"),
    [
        ((ATTESTATION,), False),
        ((POUVOIR,), False),
        ((IDENTITE,), False),
        ((REGISTRE,), False),
        ((ATTESTATION, POUVOIR), False),
        ((ATTESTATION, REGISTRE), False),
        ((POUVOIR, REGISTRE), False),
        ((IDENTITE, REGISTRE), False),
        ((ATTESTATION, IDENTITE), True),
        ((POUVOIR, IDENTITE), True),
    ],
)
def test_une_signature_ne_vaut_qu_avec_l_identite_du_signataire(
    recues: tuple[PieceAttendue, ...], se_propose: bool, client: Client
) -> None:
    """Ce que la page demande, le geste l'exige, et le bouton de l'agent le suit."""
    ou = boulangerie()
    tenir(ou)
    dossier, paul = reprise(ou), agent("Paul")
    joindre(dossier, {attendue: [recue()] for attendue in recues})

    client.force_login(paul)
    assert ("/proposer" in lu(client.get(f"/agents/reprises/{dossier.pk}/"))) == se_propose
    with nullcontext() if se_propose else pytest.raises(GesteImpossible):
        agents.proposer(dossier, motif="Lu.", par=paul)


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


def test_chaque_piece_a_son_champ_sous_son_nom(client: Client) -> None:
    dossier = reprise(boulangerie())

    assert list(PiecesJointes.base_fields) == PieceAttendue.values
    page = lu(client.get(f"/reprise/suivi/{demande.emettre_suivi(dossier)}/"))
    assert [page.index(piece.label) for piece in D_ABORD] == sorted(page.index(piece.label) for piece in D_ABORD)
    assert all(f'type="file" name="{nom}"' in page for nom in PieceAttendue.values)


def test_la_page_dit_ce_qui_est_recu_et_ce_qui_manque(client: Client) -> None:
    dossier = reprise(boulangerie())
    vues = attendues(dossier, PiecesJointes())
    assert vues.manquantes == list(D_ABORD)

    page = lu(envoyer(client, dossier))
    assert "C'est reçu. Il manque encore : Pièce d'identité du représentant légal." in page
    assert "attestation.pdf" in page

    page = lu(envoyer(client, dossier, sous=(PieceAttendue.IDENTITE,), nom="carte.pdf"))
    assert "Rien ne manque" in page


def test_un_pouvoir_tient_lieu_d_attestation() -> None:
    dossier = reprise(boulangerie())
    joindre(dossier, {PieceAttendue.POUVOIR: [recue()]})

    assert attendues(dossier, PiecesJointes()).manquantes == [PieceAttendue.IDENTITE]


def test_ce_qu_un_agent_demande_vient_d_abord_et_reste_demande_tant_qu_il_n_est_pas_recu(client: Client) -> None:
    dossier = reprise(boulangerie(), EtatReprise.EXAMINEE)
    agents.demander_piece(dossier, PieceAttendue.REGISTRE, par=agent("Paul"))

    page = lu(envoyer(client, dossier))
    assert "Un agent vous demande : Extrait du registre" in page
    dossier.refresh_from_db()
    assert attendues(dossier, PiecesJointes()).manquantes == [PieceAttendue.REGISTRE, PieceAttendue.IDENTITE]
    assert facons(dossier)[0].url == "reprise-piece"

    assert "Un agent vous demande" not in lu(envoyer(client, dossier, sous=(PieceAttendue.REGISTRE,)))


def test_un_meme_fichier_sert_sous_deux_noms(client: Client) -> None:
    """Un seul PDF numérisé porte l'attestation et la carte : il compte pour les deux."""
    dossier = reprise(boulangerie())

    assert "Vos pièces sont reçues" in lu(envoyer(client, dossier, sous=D_ABORD))
    assert set(dossier.recues.values_list("attendue", flat=True)) == set(D_ABORD)


def test_sans_fichier_rien_ne_part_et_la_page_le_dit(client: Client) -> None:
    dossier = reprise(boulangerie())

    assert "Choisissez au moins un fichier" in lu(envoyer(client, dossier, sous=()))
    dossier.refresh_from_db()
    assert dossier.etat == EtatReprise.CONFIRMEE


@pytest.mark.menace("T23")
def test_t23_cinq_fichiers_au_plus_toutes_pieces_ensemble() -> None:
    six = {nom: [joint(contenu=pdf(f"{nom}{rang}")) for rang in range(2)] for nom in PieceAttendue.values[:3]}
    form = PiecesJointes({}, MultiValueDict(six))

    assert not form.is_valid()
    assert "Vous avez choisi 6 pièces" in str(form.non_field_errors())

"""Les octets qui partent : sept bits, lignes courtes, les mêmes à chaque essai, et rien de perdu en les relisant."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from apart.courriels.composition import composer
from apart.courriels.models import Courriel

MOTS = st.sampled_from(["Société", "« Été »", "l'œuvre", "à", "SARL", "mot", "?", "=", "(x)", "😀"])


def ligne(objet: str = "Été", texte: str = "Été\n") -> Courriel:
    return Courriel(
        numero=UUID(int=8),
        objet=objet,
        destinataire="marie@exemple.fr",
        texte=texte,
        html="<p>⟦lien⟧</p>\n",
        cree_le=datetime(2026, 11, 23, 11, tzinfo=UTC),
    )


def relu(octets: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(octets)


@given(st.lists(MOTS, min_size=1, max_size=30).map(" ".join))
@example("Votre demande pour « Société coopérative de production d'été à Nîmes » et « Société des œuvres »")
def test_un_objet_accentue_se_relit_sans_perdre_une_espace(objet: str) -> None:
    assert str(relu(composer(ligne(objet), {}))["Subject"]) == objet


def test_le_message_passe_par_les_serveurs_les_plus_anciens_et_s_y_relit_tel_quel() -> None:
    texte = "Été.\n.\n. point\nFrom moi\n" + "é" * 2000 + "\n-- \nfin\n"
    octets = composer(ligne(texte=texte), {})
    assert octets.isascii()
    assert max(len(morceau) for morceau in octets.split(b"\r\n")) <= 78
    assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")
    corps = relu(octets).get_body(("plain",))
    assert corps is not None
    assert corps.get_content().replace("\r\n", "\n") == texte


def test_un_nouvel_essai_envoie_les_memes_octets() -> None:
    courriel, secrets = ligne(), {"lien": "http://127.0.0.1:8000/lien/abc/"}
    assert composer(courriel, secrets) == composer(courriel, secrets)

"""Ce qui se lit dans un message, et ce qu'on ne peut pas y glisser."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from syrupy.assertion import SnapshotAssertion

from apart.courriels.neutralite import Adresse, MultiLignes, TexteAgent, neutraliser, neutre
from apart.courriels.rendu import plier, rendre
from tests.boite import Boite
from tests.courriels.conftest import CODE, SECRET, avis, en_file, lien
from tests.courriels.test_liens_rompus import DU_CODE, MODELES, valeur, variables

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HOSTILES = [
    "Cliquez http://evil.tld",
    "www.evil.tld",
    "evil.tld/x",
    "evil.com",
    "HTTPS://EVIL.TLD",
    "hhttp://ttp://evil.tld",
    "//evil.tld",
    "http:/\u200b/evil.tld",
    "evil。tld",
    "evil．tld",
    "ev\u00adil.tld",
    "evil\u2060.tld",
    "javascript:alert(1)//http://evil.tld",
    "moi@evil.tld/http://evil.tld",
    "http://moi@evil.tld",
    "evil.tld\u202e",
]


@pytest.mark.django_db
def test_le_message_complet_se_lit_dans_l_ordre(boite: Boite, snapshot: SnapshotAssertion) -> None:
    with time_machine.travel(MIDI, tick=False):
        en_file(message=MultiLignes("Bonjour,\n\nje ne reçois rien.\nMerci"))
        lettre = boite.recevoir_une()
    assert lettre.objet == snapshot(name="objet")
    assert lettre.texte == snapshot(name="texte")
    assert lettre.html == snapshot(name="html")


@pytest.mark.django_db
def test_un_avis_sans_lien_ne_parle_ni_de_lien_ni_de_code(boite: Boite, snapshot: SnapshotAssertion) -> None:
    avis()
    lettre = boite.recevoir_une()
    assert lettre.texte == snapshot(name="texte")
    assert "lien" not in lettre.texte
    assert "pas à l'origine" not in lettre.texte


@pytest.mark.django_db
def test_le_message_trop_tard_se_lit_dans_l_ordre(boite: Boite, snapshot: SnapshotAssertion) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        en_file()
        horloge.move_to(datetime(2026, 11, 23, 12, 1, tzinfo=UTC))
        assert boite.recevoir_une().texte == snapshot(name="texte")


@pytest.mark.django_db
def test_le_lien_est_seul_sur_sa_ligne_et_aucune_autre_ligne_ne_depasse_76_signes(boite: Boite) -> None:
    en_file(denomination="Société coopérative de production " * 6)
    lignes = boite.recevoir_une().texte.splitlines()
    assert lien() in lignes
    assert max(len(ligne) for ligne in lignes if ligne != lien()) <= 76


@pytest.mark.parametrize("modele", MODELES)
def test_le_plus_long_nom_laisse_l_objet_entier(modele: str) -> None:
    """« Votre accès à … est accordé » : un nom se raccourcit, le geste se lit jusqu'au bout."""
    contexte = {nom: valeur(nom, "Durand") for nom in {*variables(modele)} - DU_CODE - {"e", "denomination"}}
    contexte |= {"siret": "73282932000074", "adresse_bureau": "", "etablissements": []}
    court, long = (rendre(modele, contexte | {"denomination": nom}).objet for nom in ("ÉTÉ", "É" * 250))
    assert len(long) <= 130
    assert long.partition("É")[0] == court.partition("É")[0]
    assert long.rpartition("…")[2] == court.rpartition("É")[2] if "É" in court else long == court


@pytest.mark.django_db
def test_le_html_ne_va_rien_chercher_ailleurs_et_pese_peu(boite: Boite) -> None:
    en_file(message=MultiLignes("x" * 1000))
    html = boite.recevoir_une().html
    assert len(html.encode()) < 100_000
    assert not re.search(r"<(?:img|script|link|iframe|style|form)\b|url\(", html)
    assert set(re.findall(r'href="(http://[^/"]+)', html)) == {"http://127.0.0.1:8000"}


@pytest.mark.django_db
def test_les_en_tetes_disent_un_message_automatique_auquel_on_peut_repondre(boite: Boite, settings: Settings) -> None:
    settings.EXPEDITEUR = "Apart, activité partielle <notifications@apart.exemple.fr>"
    settings.REPONDRE_A = "Bureau <bureau@apart.exemple.fr>"
    courriel = en_file()
    lettre = boite.recevoir_une()
    entetes = lettre.message
    assert str(entetes["From"]) == '"Apart, activité partielle" <notifications@apart.exemple.fr>'
    assert str(entetes["Reply-To"]) == "Bureau <bureau@apart.exemple.fr>"
    assert entetes["Auto-Submitted"] == "auto-generated"
    assert entetes["Message-ID"] == f"<{courriel.numero.hex}@apart.exemple.fr>"
    assert entetes.get_content_type() == "multipart/alternative"
    assert [partie.get_content_type() for partie in entetes.iter_parts()] == ["text/plain", "text/html"]
    assert lettre.enveloppe_de.startswith(f"rebond+{courriel.numero.hex}.")
    assert lettre.enveloppe_de.endswith("@apart.exemple.fr")
    assert "List-Unsubscribe" not in entetes
    assert not list(entetes.iter_attachments())


@pytest.mark.menace("T17")
@pytest.mark.parametrize("hostile", HOSTILES)
def test_t17_un_texte_tape_par_quelqu_un_ne_devient_un_lien_dans_aucune_messagerie(hostile: str) -> None:
    rendu = neutre(hostile)
    assert "://" not in rendu
    assert not re.search(r"evil[.。．](?:tld|com)", re.sub(r"[\w.]+@[\w.]+", "", rendu))
    assert "javascript:" not in rendu


@pytest.mark.menace("T17")
@pytest.mark.django_db
@pytest.mark.parametrize("champ", ["denomination", "message"])
def test_t17_le_message_recu_ne_porte_aucun_lien_etranger(boite: Boite, champ: str) -> None:
    en_file(**{champ: "Cliquez http://evil.tld/payer\nou <a href='//evil.tld'>ici</a>"})
    lettre = boite.recevoir_une()
    for corps in (lettre.texte, lettre.html, lettre.objet):
        assert "evil.tld" not in corps
    assert "<a href='" not in lettre.html


@pytest.mark.menace("T17")
def test_t17_un_objet_de_la_base_n_entre_pas_dans_un_message_sans_etre_neutralise() -> None:
    with pytest.raises(TypeError, match="textes, nombres, dates et listes"):
        neutraliser(object())


def test_une_adresse_de_notre_site_et_une_adresse_electronique_restent_lisibles() -> None:
    assert neutraliser("http://127.0.0.1:8000/aide/suivi/abc/") == "http://127.0.0.1:8000/aide/suivi/abc/"
    ecrire = "Écrire à marie.durand@cafe-des-halles.fr."
    assert neutraliser(TexteAgent(ecrire)) == ecrire
    assert neutraliser(Adresse("marie.durand@cafe-des-halles.fr")) == "marie.durand@cafe-des-halles.fr"
    assert neutre(ecrire) == "Écrire à marie[.]durand@cafe-des-halles[.]fr."


@pytest.mark.parametrize("nom", ["S.A.R.L. DUPONT & FILS", "Café d'Été", "L'ÉPICERIE 1.5", "AU BON 20/20", "M. ROUX"])
def test_un_nom_ordinaire_n_est_pas_touche(nom: str) -> None:
    assert neutre(nom) == nom


@pytest.mark.menace("T16")
@pytest.mark.django_db
@pytest.mark.parametrize("saut", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "%0d%0a"])
def test_t16_aucun_en_tete_ne_s_ajoute_par_un_nom(boite: Boite, saut: str) -> None:
    en_file(denomination=f"Dupont{saut}Bcc: espion@evil.tld{saut}{saut}Corps")
    lettre = boite.recevoir_une()
    assert lettre.enveloppe_a == ["marie@exemple.fr"]
    assert lettre.message["Bcc"] is None
    assert lettre.objet.startswith("Mot de passe oublié pour Dupont")
    assert "\n" not in lettre.objet


@pytest.mark.menace("T16")
def test_t16_un_texte_de_plusieurs_lignes_est_cite() -> None:
    message = rendre("essai", {"message": MultiLignes("Bonjour\n-- \nFausse signature\n\n\n\nFin")})
    assert "> Bonjour\n> --\n> Fausse signature\n>\n> Fin" in message.texte


def test_les_marques_des_secrets_ne_se_tapent_pas() -> None:
    message = rendre("essai", {"denomination": "⟦lien⟧"}, ("lien",))
    assert message.objet == "Mot de passe oublié pour lien"


def test_l_objet_est_borne() -> None:
    assert len(rendre("avis", {"titre": "très " * 100}).objet) <= 150


@given(st.text(max_size=300))
def test_rien_de_ce_qui_se_tape_ne_laisse_un_schema_ni_un_saut_de_ligne(texte: str) -> None:
    rendu = neutre(texte)
    assert "://" not in rendu
    assert len(rendu.splitlines()) <= 1
    assert neutre(rendu) == rendu


@given(st.lists(st.text(alphabet="ab ?:«»é", max_size=200), max_size=5))
def test_plier_ne_perd_ni_n_ajoute_aucun_mot(lignes: list[str]) -> None:
    assert plier("\n".join(lignes)).split() == " ".join(lignes).split()


def test_un_siret_ne_se_coupe_pas_au_bout_de_la_ligne() -> None:
    phrase = "Vous avez demandé à ouvrir l'espace d'activité partielle de AGA (SIRET 102 476 066 00018)."
    assert "\n(SIRET 102 476 066 00018)." in plier(phrase)


@pytest.mark.menace("T33")
@pytest.mark.django_db
def test_t33_ni_lien_ni_code_ni_corps_dans_les_journaux(
    boite: Boite, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    boite.refuser_contenu(f"554 5.7.1 blocked URL {lien()}", fois=1)
    refuse = en_file()
    en_file("autre@exemple.fr")
    boite.recevoir()
    refuse.refresh_from_db()
    sorties = caplog.text + "".join(capfd.readouterr()) + refuse.reponse
    assert SECRET not in sorties
    assert CODE not in sorties
    assert "554 5.7.1 blocked URL •••" in refuse.reponse


@pytest.mark.django_db
def test_l_heure_limite_est_celle_de_paris(boite: Boite) -> None:
    with time_machine.travel(MIDI, tick=False):
        en_file()
        assert timezone.now() == MIDI
        texte = " ".join(boite.recevoir_une().texte.split())
    assert "jusqu'à 13 h 00, heure de Paris, le lundi 23 novembre." in texte

"""Ce que devient un message : remis, différé, refusé, périmé ; rien ne se perd, rien ne part deux fois."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.config.environnement import ServeurCourriel
from apart.courriels import actions, liaison
from apart.courriels.actions import refus
from apart.courriels.models import Courriel, Sort
from tests.boite import Boite
from tests.courriels.conftest import CODE, SECRET, avis, en_file, lien

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_une_liste_grise_fait_patienter_de_plus_en_plus_puis_le_message_arrive(boite: Boite) -> None:
    boite.differer("451 4.7.1 Greylisted, try again later")
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = avis()
        attentes = []
        for _ in range(8):
            assert boite.recevoir() == []
            courriel.refresh_from_db()
            assert courriel.sort == Sort.DIFFERE
            attente = courriel.prochain_essai_le - datetime.now(UTC)
            attentes.append(int(attente.total_seconds() // 60))
            horloge.shift(attente)
        assert attentes == [1, 2, 5, 10, 15, 30, 60, 60]
        assert "liste grise" in courriel.explication.titre
        boite.se_calmer()
        assert boite.recevoir_une().a == "marie@exemple.fr"


@pytest.mark.django_db
def test_un_message_differe_n_est_pas_retente_avant_son_heure(boite: Boite) -> None:
    boite.differer(fois=1)
    avis()
    assert boite.recevoir() == []
    assert boite.recevoir() == []
    assert Courriel.objects.get().essais == 1


@pytest.mark.django_db
@pytest.mark.parametrize("etape", ["adresse", "contenu"])
def test_un_refus_definitif_n_est_pas_retente_et_son_lien_est_efface(boite: Boite, etape: str) -> None:
    if etape == "adresse":
        boite.refuser("550 5.1.1 <marie@exemple.fr>: User unknown")
    else:
        boite.refuser_contenu("554 5.7.1 Message blocked")
    courriel = en_file()
    assert boite.recevoir() == []
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REFUSE
    assert bytes(courriel.secrets) == b""
    boite.se_calmer()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=False):
        assert boite.recevoir() == []


@pytest.mark.django_db
def test_le_refus_d_un_destinataire_ne_retient_pas_les_autres(boite: Boite) -> None:
    boite.refuser(a="parti@exemple.fr")
    for adresse in ("un@exemple.fr", "parti@exemple.fr", "deux@exemple.fr"):
        avis(adresse)
    assert [lettre.a for lettre in boite.recevoir()] == ["un@exemple.fr", "deux@exemple.fr"]


@pytest.mark.django_db
def test_un_message_en_train_de_partir_n_est_pas_declare_perime() -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = en_file()
        horloge.shift(timedelta(minutes=59))
        assert actions.prendre_le_suivant() == courriel
        horloge.shift(timedelta(minutes=1))
        assert actions.perimer() == 0
        horloge.shift(actions.BAIL)
        assert actions.perimer() == 1


@pytest.mark.django_db
def test_un_avis_sans_heure_limite_s_essaie_pendant_un_jour() -> None:
    with time_machine.travel(MIDI, tick=False):
        assert avis().expire_le == MIDI + timedelta(hours=24)


@pytest.mark.django_db
def test_un_lien_attendu_devant_l_ecran_passe_avant_les_avis(boite: Boite) -> None:
    avis("avis@exemple.fr")
    en_file("presse@exemple.fr")
    assert [lettre.a for lettre in boite.recevoir()] == ["presse@exemple.fr", "avis@exemple.fr"]


@pytest.mark.django_db
def test_un_message_reserve_par_un_travailleur_tue_est_le_seul_a_attendre_la_fin_du_bail(boite: Boite) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        for adresse in ("un@exemple.fr", "deux@exemple.fr", "trois@exemple.fr"):
            avis(adresse)
        actions.prendre_le_suivant()
        assert [lettre.a for lettre in boite.recevoir()] == ["deux@exemple.fr", "trois@exemple.fr"]
        horloge.shift(actions.BAIL)
        assert [lettre.a for lettre in boite.recevoir()] == ["un@exemple.fr"]


@pytest.mark.django_db
def test_un_message_impossible_a_composer_ne_retient_pas_les_suivants(boite: Boite) -> None:
    tordu = avis("tordu@exemple.fr")
    Courriel.objects.filter(pk=tordu.pk).update(destinataire="tordu@éxemple.fr")
    avis("suivant@exemple.fr")
    assert boite.recevoir_une().a == "suivant@exemple.fr"
    tordu.refresh_from_db()
    assert tordu.sort == Sort.DIFFERE


@pytest.mark.django_db
def test_un_signe_nul_dans_la_reponse_d_un_serveur_ne_retient_pas_les_suivants(boite: Boite) -> None:
    """PostgreSQL le refuse : la tournée s'arrêtait là, et reprenait par ce message."""
    avis("marie@exemple.fr")
    avis("jeanne@exemple.fr")
    boite.refuser("550 5.1.1 no\0body", a="marie@exemple.fr")

    assert boite.recevoir_une().a == "jeanne@exemple.fr"
    assert Courriel.objects.get(destinataire="marie@exemple.fr").reponse == "550 5.1.1 nobody"


@pytest.mark.django_db
def test_une_adresse_que_l_on_n_admet_plus_n_empeche_pas_d_oublier_ni_d_envoyer_les_autres(boite: Boite) -> None:
    """Gardée avant que saisies.courriel se resserre : le message d'excuse ne s'écrivait plus, pour personne."""
    for adresse in ("ancienne@exemple.fr", "marie@exemple.fr"):
        en_file(adresse)
    Courriel.objects.filter(destinataire="ancienne@exemple.fr").update(destinataire='"ancienne"@exemple.fr')
    Courriel.objects.update(expire_le=timezone.now() - timedelta(minutes=1))

    assert boite.recevoir_une().a == "marie@exemple.fr"
    assert not Courriel.objects.en_attente().exists()


@pytest.mark.django_db
def test_une_connexion_coupee_pendant_l_envoi_differe_ce_message_et_laisse_passer_les_autres(boite: Boite) -> None:
    boite.couper(fois=1)
    premier = avis("un@exemple.fr")
    avis("deux@exemple.fr")
    assert [lettre.a for lettre in boite.recevoir()] == ["deux@exemple.fr"]
    premier.refresh_from_db()
    assert premier.sort == Sort.DIFFERE
    assert "coupée" in premier.explication.titre
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=False):
        assert boite.recevoir_une().a == "un@exemple.fr"


@pytest.mark.django_db
def test_un_serveur_qui_ferme_une_connexion_trop_longue_recoit_la_suite_sur_une_neuve(boite: Boite) -> None:
    boite.differer("421 4.7.0 Too many messages on this connection", fois=1)
    courriel = avis()
    assert boite.recevoir_une().a == "marie@exemple.fr"
    courriel.refresh_from_db()
    assert courriel.essais == 1


@pytest.mark.django_db
def test_un_serveur_qui_ferme_deux_fois_de_suite_fait_attendre_le_message(boite: Boite) -> None:
    boite.differer("421 4.7.0 Too many messages on this connection", fois=2)
    courriel = avis()
    assert boite.recevoir() == []
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.essais) == (Sort.DIFFERE, 1)


@pytest.mark.django_db
def test_un_relais_interdit_n_est_pas_la_faute_du_destinataire(boite: Boite) -> None:
    boite.refuser("550 5.7.1 Relay access denied")
    courriel = avis()
    assert boite.recevoir() == []
    courriel.refresh_from_db()
    assert courriel.sort == Sort.DIFFERE
    assert "expéditeur" in courriel.explication.titre


@pytest.mark.menace("T33")
@pytest.mark.django_db
@pytest.mark.parametrize("debut", ["250 2.0.0 lu :", "451 4.7.1 lu :", "554 5.7.1 lu :"])
@pytest.mark.parametrize("cite", [lien(), lien().partition("8000")[2], lien()[:-8], CODE, CODE.lower()])
def test_t33_la_reponse_gardee_ne_cite_ni_le_lien_ni_le_code(boite: Boite, debut: str, cite: str) -> None:
    """Le serveur cite le lien entier, sans son hôte ou coupé, ou le code : il ne reste que le début de sa phrase."""
    boite.refuser_contenu(f"{debut} {cite}")
    courriel = en_file()
    boite.recevoir()
    courriel.refresh_from_db()
    assert courriel.reponse.startswith(debut)
    assert courriel.reponse.endswith("•••") or courriel.reponse.endswith("•••/")
    assert SECRET[:16] not in courriel.reponse
    assert CODE not in courriel.reponse.upper()


@pytest.mark.django_db
def test_notre_serveur_d_envoi_eteint_une_heure_ne_perd_rien_et_n_envoie_rien_deux_fois(boite: Boite) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        boite.eteindre()
        for minute in range(60):
            avis(f"personne{minute}@exemple.fr")
            assert boite.recevoir() == []
            horloge.shift(timedelta(minutes=1))
        assert set(Courriel.objects.values_list("sort", flat=True)) == {Sort.EN_FILE}
        assert "ne répond pas" in Courriel.objects.earliest("pk").explication.titre
        boite.rallumer()
        recus = Counter(lettre.a for lettre in boite.recevoir())
        assert recus == {f"personne{minute}@exemple.fr": 1 for minute in range(60)}
        horloge.shift(timedelta(hours=2))
        assert boite.recevoir() == []


@pytest.mark.django_db
def test_un_lien_perime_ne_part_pas_mais_la_personne_est_prevenue_qu_il_faut_recommencer(boite: Boite) -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        boite.eteindre()
        deux_demandes = [en_file(), en_file()]
        boite.recevoir()
        horloge.shift(timedelta(minutes=61))
        boite.rallumer()
        lettre = boite.recevoir_une()
        assert lettre.objet == "Refaites votre demande : un message n'a pas pu partir à temps"
        assert "23 novembre à 12 h 00, heure de Paris" in " ".join(lettre.texte.split())
        assert SECRET not in lettre.texte
        assert lettre.lien == "http://127.0.0.1:8000/"
    for courriel in deux_demandes:
        courriel.refresh_from_db()
        assert courriel.sort == Sort.PERIME
        assert bytes(courriel.secrets) == b""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("utilisateur", "chiffrement", "mots"), [("", "starttls", "TLS"), ("apart", "aucun", "identification")]
)
def test_un_mauvais_reglage_ne_refuse_aucun_message(
    boite: Boite, settings: Settings, utilisateur: str, chiffrement: str, mots: str
) -> None:
    """Le serveur d'essai ne connaît ni STARTTLS ni AUTH : tout attend que l'exploitant corrige."""
    settings.SERVEUR_COURRIEL = ServeurCourriel("127.0.0.1", boite.port, utilisateur, "secret", chiffrement, 2.0)
    courriel = avis()
    assert boite.recevoir() == []
    courriel.refresh_from_db()
    assert courriel.sort == Sort.EN_FILE
    assert mots in courriel.explication.titre
    assert "exploitant" in courriel.explication.agent


@pytest.mark.django_db
def test_un_changement_de_cle_secrete_ne_bloque_pas_la_file(boite: Boite, settings: Settings) -> None:
    avant = en_file()
    settings.SECRET_KEY = "une autre clé, tout aussi longue que la première"
    avis("autre@exemple.fr")
    assert boite.recevoir_une().a == "autre@exemple.fr"
    avant.refresh_from_db()
    assert avant.sort == Sort.REFUSE
    assert "clé secrète" in avant.explication.titre


@pytest.mark.django_db
def test_un_serveur_lent_a_repondre_recoit_un_seul_exemplaire(boite: Boite, settings: Settings) -> None:
    """Le délai de la connexion ne vaut pas pour la réponse finale, qui peut prendre dix minutes."""
    settings.SERVEUR_COURRIEL = replace(boite.serveur, delai=0.2)
    boite.retard = 0.6
    courriel = avis()
    assert boite.recevoir_une().a == "marie@exemple.fr"
    courriel.refresh_from_db()
    assert (courriel.sort, courriel.essais) == (Sort.REMIS, 1)


@pytest.mark.django_db
def test_un_serveur_qui_recoit_tout_sans_jamais_repondre_a_trois_exemplaires_au_plus_du_meme_message(
    boite: Boite,
) -> None:
    boite.garder_et_couper()
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = avis()
        for _ in range(24):
            boite.recevoir()
            horloge.shift(timedelta(hours=1))
    courriel.refresh_from_db()
    assert (courriel.sort, bytes(courriel.secrets)) == (Sort.INCERTAIN, b"")
    assert "sans jamais dire" in courriel.explication.titre
    assert len(boite.lettres) == 3
    assert len({str(lettre.message["Message-ID"]) for lettre in boite.lettres}) == 1


@pytest.mark.django_db
def test_un_message_dont_le_serveur_fait_attendre_la_reponse_reste_reserve() -> None:
    with time_machine.travel(MIDI, tick=False) as horloge:
        avis()
        courriel = actions.prendre_le_suivant()
        assert courriel is not None
        horloge.shift(actions.BAIL - timedelta(seconds=30))
        actions.prolonger_le_bail(courriel)
        horloge.shift(actions.BAIL - timedelta(seconds=1))
        assert actions.prendre_le_suivant() is None


@pytest.mark.django_db
def test_une_ligne_qui_commence_par_un_point_arrive_entiere(boite: Boite) -> None:
    courriel = avis()
    Courriel.objects.filter(pk=courriel.pk).update(texte="avant\n.\n..deux\n.un\n")
    assert boite.recevoir_une().texte == "avant\n.\n..deux\n.un\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reponse", "sort"), [("550 5.1.1 <marie@exemple.fr>: User unknown", "refusé"), (None, "rebondi")]
)
def test_chaque_refus_a_sa_ligne_au_journal_sans_l_adresse(
    boite: Boite, caplog: pytest.LogCaptureFixture, reponse: str | None, sort: str
) -> None:
    courriel = avis()
    if reponse:
        boite.refuser(reponse)
    boite.recevoir()
    if reponse is None:
        refus.noter_rebonds([(courriel, "550 5.1.1 <marie@exemple.fr>: User unknown")])
    (ligne,) = [trace.getMessage() for trace in caplog.records if trace.levelname == "WARNING"]
    assert ligne == f"courriel {courriel.numero} {sort}, chez exemple.fr : 550 5.1.1 <•••@exemple.fr>: User unknown"


@pytest.mark.django_db
def test_un_lien_perime_a_sa_ligne_au_journal_sans_l_adresse(boite: Boite, caplog: pytest.LogCaptureFixture) -> None:
    boite.refuser("451 4.7.1 <marie@exemple.fr>: Greylisted")
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = en_file()
        boite.recevoir()
        horloge.shift(timedelta(minutes=61))
        assert actions.perimer() == 1
    dites = [trace.getMessage() for trace in caplog.records if trace.levelname == "WARNING"]
    assert dites == [f"courriel {courriel.numero} périmé, chez exemple.fr : 451 4.7.1 <•••@exemple.fr>: Greylisted"]


@pytest.mark.django_db
def test_un_message_dont_on_ne_saura_rien_a_sa_ligne_au_journal_a_la_derniere_reprise_seulement(
    boite: Boite, caplog: pytest.LogCaptureFixture
) -> None:
    boite.garder_et_couper()
    with time_machine.travel(MIDI, tick=False) as horloge:
        courriel = avis()
        for _ in range(3):
            assert not [trace for trace in caplog.records if trace.levelname == "WARNING"]
            boite.recevoir()
            horloge.shift(timedelta(hours=1))
    (dite,) = [trace.getMessage() for trace in caplog.records if trace.levelname == "WARNING"]
    assert dite.startswith(f"courriel {courriel.numero} sans réponse, chez exemple.fr : Connexion coupée")


@pytest.mark.django_db
def test_chaque_phase_laisse_au_serveur_le_delai_de_la_norme(boite: Boite, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321, § 4.5.3.2 : cinq minutes par commande, deux pour DATA, trois par bloc, dix pour la fin."""
    accordes = []
    guetter = liaison._Patient._guetter

    def noter(client: liaison._Patient, secondes: float) -> None:
        accordes.append((secondes, client.sock.gettimeout()))
        guetter(client, secondes)

    monkeypatch.setattr(liaison._Patient, "_guetter", noter)
    avis()
    boite.recevoir_une()
    connexion = boite.serveur.delai
    mail, rcpt, data, fin = (300, connexion), (300, connexion), (120, connexion), (600, 180)  # 180 : chaque bloc
    assert accordes[:-1] == [mail, rcpt, data, fin]
    assert accordes[-1][0] == connexion  # l'adieu


def test_un_serveur_muet_garde_le_bail_jusqu_au_bout_de_son_delai(monkeypatch: pytest.MonkeyPatch) -> None:
    """L'horloge avance d'une tranche à chaque guet : dix minutes de silence, sans les attendre."""
    heure, guets, prolonges = [0.0], list[float](), list[float]()

    def guet_vain(*arguments: Any) -> tuple[list[object], ...]:
        guets.append(arguments[3])
        heure[0] += arguments[3]
        return [], [], []

    monkeypatch.setattr(liaison, "monotonic", lambda: heure[0])
    monkeypatch.setattr("apart.courriels.liaison.select.select", guet_vain)
    muet = liaison._Patient()
    muet.sock, muet.patienter = socket.socket(), lambda: prolonges.append(heure[0])
    with pytest.raises(TimeoutError, match="600 s"):
        muet._guetter(liaison.DELAI_FIN)
    muet.sock.close()
    assert heure == [600]
    assert len(prolonges) == 20
    assert max(guets) * 2 < actions.BAIL.total_seconds()

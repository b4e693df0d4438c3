"""Menaces T3, T8 à T15, T29, T31 de docs/securite.md, sur les liens et les codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from apart.comptes.actions import jetons
from apart.comptes.jetons import Demande, JetonRefuse, Raison, lire
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.models import Courriel
from apart.socle.journalisation import masquer
from tests.boite import Boite
from tests.comptes.fabriques import personne
from tests.comptes.test_recuperation import (
    NOUVEAU,
    NOUVELLE_PAGE,
    choisir,
    demander,
    mot_de_passe_est,
    recevoir,
    secret,
)
from tests.etablissements.parcours import MOT_DE_PASSE, fiche, ouvrir, recevoir_lien, remplir
from tests.preuves import preuve
from tests.travail import travailler

pytestmark = pytest.mark.jour
INCONNU = "ZZZZ-ZZZZ"
VARIABLE = re.compile(
    r'(?:name="csrfmiddlewaretoken" value="|name="ouvert" value="|data-[a-z-]+=")[^"]*'
    r'|/(?:messagerie|formulaire|renvoyer)/[^"]+'
)


def corps(html: bytes) -> str:
    return VARIABLE.sub("", html.decode())


@pytest.fixture
def temps_arrete() -> Iterator[None]:
    """Deux pages qui donnent une heure ne se comparent qu'à la même minute."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.mark.menace("T3")
@pytest.mark.usefixtures("temps_arrete")
@pytest.mark.django_db
def test_t3_un_identifiant_inconnu_donne_la_meme_page_et_le_meme_travail(client: Client) -> None:
    marie = personne()

    pages, travaux = [], []
    for identifiant in (marie.identifiant, INCONNU):
        with CaptureQueriesContext(connection) as requetes:
            reponse = demander(client, identifiant)
            suite = client.get(reponse["Location"])
        pages.append((reponse.status_code, suite.status_code, corps(suite.content)))
        travaux.append([requete["sql"] for requete in requetes])

    assert pages[0] == pages[1]
    assert len(travaux[0]) == len(travaux[1]) > 0
    assert not [sql for sql in travaux[0] if "comptes_" in sql]  # rien n'est cherché avant le travailleur


@pytest.mark.menace("T3")
@pytest.mark.usefixtures("temps_arrete")
@pytest.mark.django_db
def test_t3_une_adresse_inconnue_donne_la_meme_page(client: Client, boite: Boite) -> None:
    marie = personne()

    pages = []
    for courriel in (marie.courriel, "mirie.durand@boulangerie.fr"):
        reponse = client.post("/identifiant-oublie/", {"courriel": courriel} | preuve("identifiant-oublie"))
        pages.append((reponse.status_code, corps(client.get(reponse["Location"]).content)))
    travailler()

    assert pages[0] == pages[1]
    assert boite.recevoir_une().a == marie.courriel


@pytest.mark.menace("T3")
@pytest.mark.usefixtures("temps_arrete")
@pytest.mark.django_db
def test_t3_un_code_faux_refuse_de_la_meme_facon_que_la_demande_existe_ou_non(client: Client) -> None:
    marie = personne()

    refus = []
    for identifiant in (marie.identifiant, INCONNU):
        messagerie = demander(client, identifiant)["Location"]
        travailler()
        essais = [client.post(messagerie, {"code": "0000-0000"}) for _ in range(7)]
        refus.append([(essai.status_code, corps(essai.content)) for essai in essais])

    assert refus[0] == refus[1]


@pytest.mark.menace("T3")
@pytest.mark.usefixtures("temps_arrete")
@pytest.mark.django_db
def test_t3_ouvrir_un_espace_avec_une_adresse_connue_donne_la_meme_page(client: Client, boite: Boite) -> None:
    fiche()
    fiche("35600000024221")
    connue = personne()

    pages = [
        corps(
            client.get(
                remplir(client, "35600000024221", courriel_utilisateur=a, confirmer_courriel_utilisateur=a)["Location"]
            ).content
        )
        for a in (connue.courriel, "mirie.durand@boulangerie.fr")
    ]
    travailler()

    assert pages[0] == pages[1]
    assert [lettre.a for lettre in boite.recevoir() if "déjà un identifiant" in lettre.texte] == [connue.courriel]


@pytest.mark.menace("T8")
@pytest.mark.django_db
def test_t8_un_lien_sert_une_seule_fois_et_ses_freres_meurent(client: Client, boite: Boite) -> None:
    marie = personne()
    ancien, recent = recevoir(client, boite, marie), recevoir(client, boite, marie)
    choisir(client, recent)

    rejeu, frere = choisir(client, recent, "encore une autre phrase secrète"), client.get(ancien.chemin)

    assert (rejeu.status_code, frere.status_code) == (410, 410)
    assert "Recevoir un nouveau lien" in frere.content.decode()
    assert mot_de_passe_est(marie, NOUVEAU)


@pytest.mark.menace("T8")
@pytest.mark.django_db(transaction=True)
def test_t8_deux_envois_au_meme_instant_n_en_font_qu_un(client: Client, boite: Boite) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)

    def envoyer(rang: int) -> int:
        try:
            return int(choisir(Client(), lettre, f"phrase secrète numéro {rang} bien longue").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as fils:
        statuts = sorted(fils.map(envoyer, range(4)))

    assert statuts == [302, 410, 410, 410]


@pytest.mark.menace("T9")
@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "statut"), [(59, 200), (61, 410)])
def test_t9_un_lien_suivi_par_un_analyseur_vaut_soixante_minutes(
    client: Client, boite: Boite, minutes: int, statut: int
) -> None:
    marie = personne()
    lettre = recevoir(client, boite, marie)
    analyseur = Client(user_agent="Mozilla/5.0 SafeLinks")
    for _ in range(5):
        analyseur.head(lettre.chemin)
        analyseur.get(lettre.chemin)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        page = client.get(lettre.chemin)
        choisir(client, lettre)

    assert page.status_code == statut
    assert mot_de_passe_est(marie, NOUVEAU) == (statut == 200)


@pytest.mark.menace("T9")
@pytest.mark.django_db
def test_t9_les_soixante_minutes_partent_de_la_demande_meme_si_le_travailleur_tarde(
    client: Client, boite: Boite
) -> None:
    marie = personne()
    demander(client, marie.identifiant)
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        travailler()

    assert Jeton.objects.get().expire_le - timezone.now() < timedelta(minutes=60)


@pytest.mark.menace("T10")
@pytest.mark.django_db
@pytest.mark.parametrize("parcours", ["mot_de_passe", "espace"])
def test_t10_les_analyseurs_de_messagerie_n_usent_pas_le_lien(boite: Boite, parcours: str) -> None:
    marie, analyseur, client = personne(), Client(user_agent="Mozilla/5.0 SafeLinks"), Client()
    fiche()
    lettre = recevoir(client, boite, marie) if parcours == "mot_de_passe" else recevoir_lien(client, boite)

    statuts = [analyseur.head(lettre.chemin).status_code, analyseur.options(lettre.chemin).status_code]
    statuts += [analyseur.get(lettre.chemin, follow=True).status_code for _ in range(5)]
    if parcours == "mot_de_passe":
        choisir(Client(), lettre)
        reussi = mot_de_passe_est(marie, NOUVEAU)
    else:
        reussi = ouvrir(Client(), lettre).status_code == 200

    assert statuts == [200, 405, 200, 200, 200, 200, 200]
    assert reussi


@pytest.mark.menace("T11")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("adresse", "saisie"),
    [
        (NOUVELLE_PAGE, {"etape": "mot_de_passe", "mot_de_passe": NOUVEAU}),
        (NOUVELLE_PAGE, {"etape": "question", "reponse": "Médor"}),
        (NOUVELLE_PAGE, {"jeton": "faux", "etape": "mot_de_passe", "mot_de_passe": NOUVEAU}),
        ("/espace/ouvrir/", {"etape": "ouvrir", "mot_de_passe": NOUVEAU}),
        ("/espace/rejoindre/entrer/", {"etape": "entrer", "mot_de_passe": NOUVEAU}),
        ("/espace/rejoindre/confirmer/", {"jeton": ""}),
    ],
)
def test_t11_sans_le_jeton_aucune_etape_ne_s_ouvre(
    client: Client, boite: Boite, adresse: str, saisie: dict[str, str]
) -> None:
    marie = personne()
    recevoir(client, boite, marie)

    reponse = client.post(adresse, saisie)

    assert reponse.status_code == 410
    assert mot_de_passe_est(marie, MOT_DE_PASSE)
    assert Utilisateur.objects.count() == 1


@pytest.mark.menace("T11")
@pytest.mark.django_db
def test_t11_la_question_secrete_ne_se_saute_pas(client: Client, boite: Boite) -> None:
    from tests.comptes.test_recuperation import poser_question

    marie = personne()
    poser_question(marie)
    boite.recevoir()
    lettre = recevoir(client, boite, marie)

    assert choisir(client, lettre).status_code == 410
    assert mot_de_passe_est(marie, MOT_DE_PASSE)


@pytest.mark.menace("T12")
@pytest.mark.django_db
@pytest.mark.parametrize("usage", list(Usage))
@pytest.mark.parametrize("autre", list(Usage))
def test_t12_un_jeton_ne_sert_qu_a_son_usage(usage: Usage, autre: Usage) -> None:
    emis = jetons.emettre(usage, courriel="marie@boulangerie.fr")

    if usage is autre:
        assert lire(autre, emis.secret) == emis.jeton
    else:
        with pytest.raises(JetonRefuse) as refus:
            lire(autre, emis.secret)
        assert refus.value.raison is Raison.INCONNU


@pytest.mark.menace("T13")
@pytest.mark.django_db
def test_t13_l_hote_du_lien_vient_des_reglages(client: Client, boite: Boite, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    marie = personne()
    saisie = {"identifiant": marie.identifiant} | preuve("mot-de-passe-oublie")
    client.post("/mot-de-passe-oublie/", saisie, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    travailler()

    assert urlsplit(boite.recevoir_une().lien).netloc == urlsplit(settings.URL_PUBLIQUE).netloc


@pytest.mark.menace("T13")
@pytest.mark.django_db
def test_t13_un_hote_inconnu_est_refuse(client: Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.menace("T14")
@pytest.mark.django_db
def test_t14_le_secret_quitte_l_adresse_des_la_premiere_etape(client: Client, boite: Boite) -> None:
    lettre = recevoir(client, boite, personne())

    page = client.post(NOUVELLE_PAGE, {"jeton": secret(lettre)})
    collee = Client().get(NOUVELLE_PAGE)

    assert page.status_code == 200
    assert secret(lettre) not in NOUVELLE_PAGE
    assert "rouvrez le lien reçu par courriel" in collee.content.decode()


@pytest.mark.menace("T14")
def test_t14_les_journaux_ne_gardent_pas_le_secret_des_liens() -> None:
    ligne = "GET /mot-de-passe-oublie/lien/Zx81_abcdefghijklmnopqrstuvwxyz-0123456789/ 200"

    assert masquer(ligne) == "GET /mot-de-passe-oublie/lien/•••/ 200"

    etat = "WyI3MzI4MjkzMjAwMDA3NCIsMTJd:1wNx3k:Zx81_abcdefghijklmnopqrstuvwxyz-0123456789"
    assert masquer(f"/espace/creer/messagerie/{etat}/{etat}/") == "/espace/creer/messagerie/•••/"
    assert masquer(f"/espace/creer/formulaire/{etat}/") == "/espace/creer/formulaire/•••/"


@pytest.mark.menace("T14")
@pytest.mark.django_db
def test_t14_la_base_ne_garde_que_des_empreintes(client: Client, boite: Boite) -> None:
    lettre = recevoir(client, boite, personne())

    garde = str(list(Jeton.objects.values())) + str(list(Courriel.objects.values()))

    assert secret(lettre) not in garde
    assert lettre.code not in garde
    assert lettre.code.replace("-", "") not in garde


@pytest.mark.menace("T15")
@pytest.mark.django_db
def test_t15_cent_demandes_pour_une_adresse_font_trois_messages(boite: Boite) -> None:
    marie = personne()
    statuts = set()
    for rang in range(100):
        client = Client(REMOTE_ADDR=f"203.0.113.{rang}")
        statuts.add(demander(client, marie.identifiant).status_code)
    travailler()

    assert statuts == {302}
    assert len(boite.recevoir()) == 3


@pytest.mark.menace("T15")
@pytest.mark.django_db
def test_t15_une_adresse_inconnue_ne_recoit_rien(client: Client, boite: Boite) -> None:
    client.post("/identifiant-oublie/", {"courriel": "victime@exemple.fr"} | preuve("identifiant-oublie"))
    travailler()

    assert boite.recevoir() == []


@pytest.mark.menace("T29")
@pytest.mark.django_db
def test_t29_le_changement_ferme_toutes_les_sessions(client: Client, boite: Boite) -> None:
    marie = personne()
    bureau, telephone = Client(), Client()
    for appareil in (bureau, telephone):
        appareil.post("/connexion/", {"identifiant": marie.identifiant, "mot_de_passe": MOT_DE_PASSE})
    avant = [appareil.get("/connexion/").status_code for appareil in (bureau, telephone)]

    choisir(client, recevoir(client, boite, marie))

    assert avant == [302, 302]
    assert [appareil.get("/mon-espace/")["Location"].split("?")[0] for appareil in (bureau, telephone)] == [
        "/connexion/"
    ] * 2


@pytest.mark.menace("T31")
@pytest.mark.django_db
def test_t31_apres_cinq_codes_faux_le_bon_est_refuse(client: Client, boite: Boite) -> None:
    marie = personne()
    messagerie = demander(client, marie.identifiant)["Location"]
    travailler()
    code = boite.recevoir_une().code
    for _ in range(5):
        client.post(messagerie, {"code": "0000-0000"})

    refus = client.post(messagerie, {"code": code})

    assert refus.status_code == 400
    assert "essayé trop de fois" in refus.content.decode()


@pytest.mark.menace("T31")
@pytest.mark.django_db
def test_t31_un_code_ne_vaut_que_pour_sa_demande(boite: Boite) -> None:
    premier = jetons.emettre(Usage.MOT_DE_PASSE, courriel="a@exemple.fr")
    second = jetons.emettre(Usage.MOT_DE_PASSE, courriel="b@exemple.fr")

    with pytest.raises(JetonRefuse) as refus:
        jetons.echanger_code(Usage.MOT_DE_PASSE, Demande(premier.jeton.reference, premier.jeton.emis_le), second.code)

    assert refus.value.raison is Raison.CODE_FAUX


@pytest.mark.django_db
def test_le_secret_rendu_contre_un_code_vaut_celui_du_lien() -> None:
    emis = jetons.emettre(Usage.CREATION, courriel="marie@boulangerie.fr")

    suite = jetons.echanger_code(Usage.CREATION, Demande(emis.jeton.reference, emis.jeton.emis_le), emis.code)

    assert [len(emis.secret), len(suite)] == [43, 43]  # 256 bits en base64

"""T22 : le contrôle de sécurité ne se contourne ni ne se rejoue, et ne perd rien de ce qui était tapé."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import altcha
import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from apart.socle import anti_robot, limites
from apart.socle.anti_robot import Cause
from apart.socle.models import Compteur
from tests.preuves import ouvert, preuve, resoudre, sans_javascript

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture(autouse=True)
def page(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.socle.page_essai"


def poster(client: Client, champs: dict[str, str], ville: str = "Quimper") -> HttpResponse:
    return client.post("/essai/", {"ville": ville} | champs)  # type: ignore[return-value]


def modifier(texte: str, changer: Callable[[dict[str, dict[str, object]]], None]) -> str:
    contenu = json.loads(base64.b64decode(texte))
    changer(contenu)
    return base64.b64encode(json.dumps(contenu).encode()).decode()


def test_une_preuve_bonne_laisse_passer(client: Client) -> None:
    assert poster(client, preuve("essai")).status_code == 302


def expiree() -> dict[str, str]:
    with time_machine.travel(timezone.now() - timedelta(minutes=21), tick=False):
        return preuve("essai")


def nombre_change() -> dict[str, str]:
    champs = preuve("essai")
    return champs | {"altcha": modifier(champs["altcha"], lambda p: p["solution"].update(counter=7))}


def cout_abaisse() -> dict[str, str]:
    champs = preuve("essai")

    def abaisser(contenu: dict[str, dict[str, object]]) -> None:
        parametres = contenu["challenge"]["parameters"]
        assert isinstance(parametres, dict)
        parametres["cost"] = 1

    return champs | {"altcha": modifier(champs["altcha"], abaisser)}


def autre_cle() -> dict[str, str]:
    defi = altcha.create_challenge(
        "PBKDF2/SHA-256", 1, counter=1, data={"formulaire": "essai"}, hmac_secret="la mienne", expires_at=2**31
    )
    return preuve("essai") | {"altcha": resoudre(defi)}


def difforme(place: str, nom: str, valeur: object) -> Callable[[], dict[str, str]]:
    """Une preuve dont un champ n'a pas la forme que nous lui donnons."""

    def faire() -> dict[str, str]:
        champs = preuve("essai")

        def changer(contenu: dict[str, Any]) -> None:
            objet = contenu["challenge"] if place == "challenge" else contenu["challenge"]["parameters"]
            (contenu["solution"] if place == "solution" else objet)[nom] = valeur

        return champs | {"altcha": modifier(champs["altcha"], changer)}

    return faire


DIFFORMES = [
    ("challenge", "signature", "\ud800"),
    ("challenge", "signature", "é"),
    ("parameters", "expiresAt", 1e999),
    ("parameters", "data", {"formulaire": "\ud800"}),
    ("solution", "counter", 10**4000),
]


REFUS: list[tuple[str, Callable[[], dict[str, str]], Cause]] = [
    ("sans_champ", lambda: {"ouvert": ouvert("essai")}, Cause.ABSENTE),
    ("vide", lambda: preuve("essai") | {"altcha": ""}, Cause.ABSENTE),
    ("expiree", expiree, Cause.EXPIREE),
    ("nombre_change", nombre_change, Cause.FAUSSE),
    ("cout_abaisse", cout_abaisse, Cause.FAUSSE),
    ("autre_cle", autre_cle, Cause.FAUSSE),
    ("pas_du_base64", lambda: preuve("essai") | {"altcha": "é€"}, Cause.FAUSSE),
    ("pas_du_json", lambda: preuve("essai") | {"altcha": "AAAA"}, Cause.FAUSSE),
    ("liste", lambda: preuve("essai") | {"altcha": base64.b64encode(b"[]").decode()}, Cause.FAUSSE),
    ("incomplete", lambda: preuve("essai") | {"altcha": base64.b64encode(b'{"challenge":1}').decode()}, Cause.FAUSSE),
    ("emboitee", lambda: preuve("essai") | {"altcha": base64.b64encode(b"[" * 3_000).decode()}, Cause.FAUSSE),
    ("trop_longue", lambda: preuve("essai") | {"altcha": "A" * 200_000}, Cause.FAUSSE),
    (
        "d_un_autre_formulaire",
        lambda: preuve("essai") | {"altcha": resoudre(anti_robot.creer_defi("autre", effort=2))},
        Cause.FAUSSE,
    ),
    ("piege_rempli", lambda: preuve("essai") | {"precision": "achetez"}, Cause.PIEGE),
    ("sans_instant", lambda: preuve("essai") | {"ouvert": ""}, Cause.ABSENTE),
    ("instant_invente", lambda: preuve("essai") | {"ouvert": "1:abc"}, Cause.ABSENTE),
    ("instant_d_un_autre", lambda: preuve("essai") | {"ouvert": ouvert("autre")}, Cause.ABSENTE),
    (
        "trop_vite",
        lambda: preuve("essai") | {"ouvert": ouvert("essai", il_y_a=-timedelta(minutes=1))},
        Cause.TROP_VITE,
    ),
]


@pytest.mark.menace("T22")
@pytest.mark.parametrize(("champs", "cause"), [r[1:] for r in REFUS], ids=[r[0] for r in REFUS])
def test_t22_un_envoi_sans_bonne_preuve_recoit_400_et_garde_la_saisie(
    client: Client, champs: Callable[[], dict[str, str]], cause: Cause
) -> None:
    reponse = poster(client, champs())

    assert reponse.status_code == 400
    page = reponse.content.decode()
    assert anti_robot.PHRASES[cause] in page.replace("&#x27;", "'").replace("\u00a0", " ")
    assert 'value="Quimper"' in page


@pytest.mark.menace("T22")
@pytest.mark.parametrize(("place", "nom", "valeur"), DIFFORMES, ids=range(len(DIFFORMES)))
def test_t22_une_preuve_difforme_se_refuse_sans_tomber(client: Client, place: str, nom: str, valeur: object) -> None:
    assert poster(client, difforme(place, nom, valeur)()).status_code == 400


@pytest.mark.menace("T22")
def test_t22_la_meme_preuve_ne_sert_pas_deux_fois(client: Client) -> None:
    champs = preuve("essai")
    assert poster(client, champs).status_code == 302
    assert poster(client, champs).status_code == 400
    # Ni habillée autrement : c'est le défi qui est épuisé, pas sa transcription.
    habillee = modifier(champs["altcha"], lambda p: p["solution"].update(time=12))
    assert poster(client, champs | {"altcha": habillee}).status_code == 400


@pytest.mark.menace("T22")
def test_t22_le_robot_n_apprend_rien_des_autres_champs(client: Client) -> None:
    page = poster(client, {}, ville="").content.decode()
    assert "contrôle de sécurité" in page
    assert "Indiquez la ville." not in page


def test_une_faute_dans_un_champ_reste_une_faute_de_champ(client: Client) -> None:
    reponse = poster(client, preuve("essai"), ville="")
    assert reponse.status_code == 200
    assert "Indiquez la ville." in reponse.content.decode()


def test_une_page_ouverte_toute_la_journee_part_encore(client: Client) -> None:
    champs = preuve("essai") | {"ouvert": ouvert("essai", il_y_a=timedelta(hours=9))}
    assert poster(client, champs).status_code == 302


def test_sans_javascript_cinq_envois_par_heure_passent(client: Client) -> None:
    with time_machine.travel("2026-11-23 10:01", tick=False) as horloge:
        for _ in range(5):
            assert poster(client, sans_javascript("essai")).status_code == 302
        refus = poster(client, sans_javascript("essai"))
        assert refus.status_code == 429
        assert 'value="Quimper"' in refus.content.decode()
        assert poster(client, preuve("essai")).status_code == 302

        horloge.shift(timedelta(hours=1))
        assert poster(client, sans_javascript("essai")).status_code == 302


def test_sans_javascript_les_fautes_de_frappe_ne_comptent_pas(client: Client) -> None:
    for _ in range(6):
        assert poster(client, sans_javascript("essai"), ville="").status_code == 200
    assert poster(client, sans_javascript("essai")).status_code == 302


@pytest.mark.menace("T22")
def test_t22_sans_javascript_les_essais_rates_sont_limites_aussi(client: Client) -> None:
    statuts = [poster(client, sans_javascript("essai"), ville="").status_code for _ in range(41)]
    assert statuts == [200] * 40 + [429]


@pytest.mark.menace("T22")
def test_t22_sans_javascript_la_limite_commune_tient_contre_une_attaque_repartie(client: Client) -> None:
    for _ in range(anti_robot.SANS_JS_EN_TOUT.nombre):
        limites.compter(anti_robot.SANS_JS_EN_TOUT, "")
    assert poster(client, sans_javascript("essai")).status_code == 429


def test_le_defi_est_lie_au_formulaire_et_jamais_garde_en_cache(client: Client) -> None:
    reponse = client.get(reverse("anti-robot", args=["essai"]))
    parametres = reponse.json()["parameters"]
    assert parametres["data"]["formulaire"] == "essai"
    assert "127.0.0.1" not in str(parametres)
    assert parametres["cost"] == 1_000
    assert reponse.headers["Cache-Control"] == "no-store"
    assert client.post(reverse("anti-robot", args=["essai"])).status_code == 405


def test_qui_insiste_paie_quatre_fois_plus(client: Client) -> None:
    for _ in range(anti_robot.ENVOIS_PAR_ADRESSE.nombre):
        poster(client, preuve("essai"))

    defi = client.get(reverse("anti-robot", args=["essai"])).json()
    ailleurs = client.get(reverse("anti-robot", args=["essai"]), REMOTE_ADDR="192.0.2.7").json()

    assert (defi["parameters"]["cost"], ailleurs["parameters"]["cost"]) == (4_000, 1_000)


@pytest.mark.menace("T1")
def test_t1_une_attaque_repartie_rencherit_le_defi_de_tous(client: Client) -> None:
    for _ in range(anti_robot.ENVOIS_EN_TOUT.nombre):
        limites.compter(anti_robot.ENVOIS_EN_TOUT, "")
    assert client.get(reverse("anti-robot", args=["essai"])).json()["parameters"]["cost"] == 4_000


@pytest.mark.menace("T22")
def test_t22_de_fausses_preuves_n_elevent_pas_l_effort_de_tous(client: Client, rf: RequestFactory) -> None:
    limites.compter(anti_robot.ENVOIS_EN_TOUT, "")
    avant = Compteur.objects.get(cle=anti_robot.ENVOIS_EN_TOUT.cle("")).nombre
    for _ in range(25):
        poster(client, {"altcha": "AAAA", "ouvert": ouvert("essai")})

    assert Compteur.objects.get(cle=anti_robot.ENVOIS_EN_TOUT.cle("")).nombre == avant
    assert anti_robot.est_majore(rf.get("/", REMOTE_ADDR="127.0.0.1"))  # qui les envoie paie, lui
    assert not anti_robot.est_majore(rf.get("/", REMOTE_ADDR="192.0.2.7"))


def preuve_de(client: Client, adresse: str, **options: str) -> dict[str, str]:
    """La preuve qu'un navigateur fait sur ce réseau."""
    defi = client.get(reverse("anti-robot", args=["essai"]), options, REMOTE_ADDR=adresse).json()
    return {"altcha": resoudre(altcha.Challenge.from_dict(defi)), "ouvert": ouvert("essai")}


@pytest.fixture
def effort_minuscule(settings: Settings) -> None:
    settings.ANTI_ROBOT_EFFORT = 2


@pytest.mark.usefixtures("effort_minuscule")
def test_une_preuve_faite_sur_un_autre_reseau_se_refait_en_silence_une_fois(client: Client) -> None:
    refus = poster(client, preuve_de(client, "192.0.2.7"))
    page = refus.content.decode()

    assert refus.status_code == 400
    assert "data-refaire" in page
    assert 'name="refait" value="1"' in page
    assert 'value="Quimper"' in page
    assert "autre réseau" not in page  # rien n'est reproché

    # Le réseau peut changer encore : refaite, elle vaut partout.
    assert poster(client, preuve_de(client, "198.51.100.4", majore="1") | {"refait": "1"}).status_code == 302


@pytest.mark.usefixtures("effort_minuscule")
def test_une_preuve_ne_se_refait_qu_une_fois_puis_la_page_le_dit(client: Client) -> None:
    page = poster(client, preuve_de(client, "192.0.2.7") | {"refait": "1"}).content.decode()

    assert "data-refaire" not in page
    assert "depuis un autre réseau" in page


@pytest.mark.menace("T22")
@pytest.mark.usefixtures("effort_minuscule")
def test_t22_un_reseau_qui_insiste_ne_fait_pas_venir_ses_preuves_d_ailleurs(client: Client) -> None:
    avant = preuve_de(client, "127.0.0.1")  # prise au prix ordinaire, avant d'insister
    for _ in range(anti_robot.ENVOIS_PAR_ADRESSE.nombre):
        limites.compter(anti_robot.ENVOIS_PAR_ADRESSE, "127.0.0.1")

    assert poster(client, avant).status_code == 400
    assert poster(client, preuve_de(client, "192.0.2.7")).status_code == 400
    assert poster(client, preuve_de(client, "127.0.0.1")).status_code == 302


def test_demander_un_defi_ne_compte_rien(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2) as requetes:
        client.get(reverse("anti-robot", args=["essai"]))
    assert all(r["sql"].startswith("SELECT") for r in requetes)

"""Le bloc « Information » : écrit par les agents, montré entre deux dates, jamais plus."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apart.accueil import actions, page
from apart.accueil.models import Annonce, Niveau
from apart.comptes.models import Utilisateur
from apart.socle.models import EntreeJournal
from apart.socle.templatetags.apart import texte_lie
from tests.migrations import migrer, schema_remis

pytestmark = pytest.mark.jour
MIDI = datetime(2026, 11, 24, 11, tzinfo=UTC)


def publier(par: Utilisateur, titre: str = "Panne en cours", **changements: object) -> Annonce:
    valeurs: dict[str, object] = {
        "titre": titre,
        "texte": "Revenez demain.",
        "niveau": Niveau.INFORMATION,
        "du": MIDI,
        "au": MIDI + timedelta(hours=2),
    }
    return actions.publier(**{**valeurs, **changements}, par=par)  # type: ignore[arg-type]


def accueil(client: Client) -> str:
    page.oublier()
    reponse = client.get("/")
    assert isinstance(reponse, HttpResponse)
    return reponse.content.decode()


@pytest.mark.parametrize(
    ("decalage", "visible"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(hours=2, seconds=-1), True),
        (timedelta(hours=2), False),
    ],
)
def test_une_annonce_n_est_vue_qu_entre_ses_dates(
    client: Client, agente: Utilisateur, decalage: timedelta, visible: bool
) -> None:
    publier(agente)
    with time_machine.travel(MIDI + decalage, tick=False):
        html = accueil(client)
    assert ("Panne en cours" in html) is visible
    assert ("Information</h2>" in html) is visible


@pytest.mark.django_db
def test_sans_annonce_le_bloc_information_n_existe_pas(client: Client) -> None:
    assert "titre-information" not in accueil(client)


def test_la_plus_grave_passe_devant(client: Client, agente: Utilisateur) -> None:
    publier(agente, "Simple information")
    publier(agente, "Service touché", niveau=Niveau.ALERTE)
    with time_machine.travel(MIDI, tick=False):
        html = accueil(client)
    assert html.index("Service touché") < html.index("Simple information")
    assert html.index("Service touché") < html.index("MON ESPACE PERSONNEL")


def test_une_annonce_retiree_disparait_et_le_journal_le_dit(client: Client, agente: Utilisateur) -> None:
    with time_machine.travel(MIDI, tick=False):
        annonce = publier(agente)
        actions.retirer(annonce, par=agente)
        actions.retirer(annonce, par=agente)
        assert "Panne en cours" not in accueil(client)
    gestes = EntreeJournal.objects.du_sujet(f"annonce:{annonce.pk}").values_list("geste", flat=True)
    assert list(gestes) == ["retirer_annonce", "publier_annonce"]


def test_la_base_refuse_une_annonce_qui_finit_avant_de_commencer(agente: Utilisateur) -> None:
    with pytest.raises(ValidationError, match="La fin de l'annonce doit venir après son début"):
        publier(agente, au=MIDI)
    with pytest.raises(IntegrityError):
        Annonce.objects.create(titre="x", texte="y", niveau="information", du=MIDI, au=MIDI, par=agente)


def test_un_employeur_ne_publie_rien(employeur: Utilisateur) -> None:
    with pytest.raises(PermissionDenied):
        publier(employeur)


def test_les_pages_des_annonces_sont_introuvables_pour_un_employeur(client: Client, employeur: Utilisateur) -> None:
    client.force_login(employeur)
    for chemin in ("/agents/annonces/", "/agents/annonces/nouvelle/"):
        assert client.get(chemin).status_code == 404


SAISIE = {"titre": "Entretien samedi", "texte": "Le service s'arrête.", "niveau": "attention"}
DATES = {"du": "2026-11-24T12:00", "au": "2026-11-25T12:00"}


@time_machine.travel(MIDI)
def test_une_agente_relit_puis_publie_a_l_heure_de_paris(client: Client, agente: Utilisateur) -> None:
    client.force_login(agente)
    apercu = client.post("/agents/annonces/nouvelle/", {**SAISIE, **DATES, "apercu": "1"})
    assert "Aperçu\u00a0: ce que verront les visiteurs" in apercu.content.decode()
    assert not Annonce.objects.exists()
    client.post("/agents/annonces/nouvelle/", {**SAISIE, **DATES})
    annonce = Annonce.objects.get()
    assert annonce.du == MIDI
    assert annonce.par == agente


@time_machine.travel(MIDI)
def test_des_dates_a_l_envers_sont_expliquees_et_rien_n_est_perdu(client: Client, agente: Utilisateur) -> None:
    client.force_login(agente)
    reponse = client.post("/agents/annonces/nouvelle/", {**SAISIE, "du": DATES["au"], "au": DATES["du"]})
    html = reponse.content.decode()
    assert "La fin de l&#x27;annonce doit venir après son début." in html
    assert "Entretien samedi" in html


@time_machine.travel(MIDI)
def test_une_agente_corrige_et_retire(client: Client, agente: Utilisateur) -> None:
    client.force_login(agente)
    annonce = publier(agente)
    client.post(f"/agents/annonces/{annonce.pk}/", {**SAISIE, **DATES})
    annonce.refresh_from_db()
    assert annonce.titre == "Entretien samedi"
    assert client.get(f"/agents/annonces/{annonce.pk}/retirer/").status_code == 405
    client.post(f"/agents/annonces/{annonce.pk}/retirer/")
    annonce.refresh_from_db()
    assert annonce.retiree_le is not None


def test_le_nombre_de_requetes_de_la_liste_ne_grandit_pas(
    client: Client, agente: Utilisateur, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agente)
    for rang in range(12):
        publier(agente, f"Annonce {rang}", au=MIDI + timedelta(days=rang + 1))
    with django_assert_max_num_queries(9):
        client.get("/agents/annonces/")


@pytest.mark.menace("T32")
@pytest.mark.parametrize(
    "piege",
    [
        "<script>alert(1)</script>",
        "javascript:alert(1)//http://x",
        '"><img src=x onerror=alert(1)>',
        "http://x.example",
    ],
)
def test_t32_le_texte_d_une_annonce_reste_du_texte(piege: str) -> None:
    html = texte_lie(piege)
    assert "<script" not in html
    assert "<img" not in html
    assert "<a " not in html


def test_seules_les_adresses_https_deviennent_des_liens() -> None:
    html = texte_lie("Voir https://exemple.fr/a?b=1&c=2, puis\n\nrevenez.\nMerci")
    assert '<a href="https://exemple.fr/a?b=1&amp;c=2" rel="noopener noreferrer">' in html
    assert html.count("<p>") == 2
    assert "revenez.<br>Merci" in html


@pytest.mark.menace("T32")
def test_t32_une_adresse_ne_sort_pas_de_son_attribut() -> None:
    html = texte_lie("https://x.example/\"onmouseover='alert(1)' <b>")
    assert 'href="https://x.example/" rel' in html
    assert "onmouseover=&#x27;" in html


def passees(client: Client, adresse: str) -> tuple[list[str], dict[str, str]]:
    """Les titres de la page, dans l'ordre, et l'adresse de chaque page voisine."""
    html = client.get(f"/agents/annonces/{adresse}").content.decode()
    liens = re.findall(r'href="(\?[^"]*)">(Plus récentes|Plus anciennes)<', html)
    return re.findall(r">(n° \d+)<", html), {nom: lien for lien, nom in liens}


def test_une_annonce_qui_finit_pendant_qu_on_lit_n_en_fait_ni_revoir_ni_sauter(
    client: Client, agente: Utilisateur, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Par numéro de page, la dernière lue repasserait en tête de la page suivante."""
    monkeypatch.setattr("apart.accueil.models.PAR_PAGE", 3)
    client.force_login(agente)
    for n in range(8):  # deux par deux, qui finissent au même instant
        publier(agente, f"n° {n}", du=MIDI - timedelta(days=9), au=MIDI - timedelta(days=1 + n // 2))
    attendus = [annonce.titre for annonce in Annonce.objects.passees(MIDI)]
    with time_machine.travel(MIDI, tick=False):
        aller, voisines = [], {"Plus anciennes": ""}
        while "Plus anciennes" in voisines:
            titres, voisines = passees(client, voisines["Plus anciennes"])
            aller.append(titres)
            publier(agente, f"n° {90 + len(aller)}", du=MIDI - timedelta(hours=2), au=MIDI - timedelta(hours=1))
        assert [titre for page in aller for titre in page] == attendus
        for titres in reversed(aller[:-1]):
            retour, voisines = passees(client, voisines["Plus récentes"])
            assert retour == titres
        assert passees(client, voisines["Plus récentes"])[0] == ["n° 93", "n° 92", "n° 91"]


@pytest.mark.parametrize("cle", ["2", "apres-0-1764000000000000-1", "avant-1-1", "avant-99999999999999999-1"])
def test_une_cle_qui_n_est_pas_de_nous_montre_une_page_d_annonces(
    client: Client, agente: Utilisateur, cle: str
) -> None:
    client.force_login(agente)
    assert client.get("/agents/annonces/", {"page": cle}).status_code == 200


@pytest.mark.parametrize("champ", ["du", "au"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2126-11-24T09:00", "1026-11-24T09:00"])
def test_une_date_trop_loin_se_dit_et_n_entre_jamais(
    client: Client, agente: Utilisateur, champ: str, moment: str
) -> None:
    """Une seule ligne de l'an 1 fermerait l'accueil à tous : aucun fuseau ne s'y ajoute."""
    client.force_login(agente)
    maintenant = timezone.localtime()
    saisie = {
        "titre": "Panne",
        "texte": "Revenez demain.",
        "niveau": "information",
        "du": f"{maintenant:%Y-%m-%dT%H:%M}",
        "au": f"{maintenant + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        champ: moment,
    }
    page_rendue = client.post("/agents/annonces/nouvelle/", saisie).content.decode()
    assert "Cette date est trop loin" in page_rendue
    assert f'value="{moment}"' in page_rendue
    assert not Annonce.objects.exists()


@pytest.mark.parametrize("ecart", [timedelta(days=-400), timedelta(days=6 * 366)])
def test_une_annonce_ancienne_se_corrige_sans_toucher_a_ses_dates(
    client: Client, agente: Utilisateur, ecart: timedelta
) -> None:
    debut = (timezone.now() + ecart).replace(second=0, microsecond=0)
    annonce = publier(agente, du=debut, au=debut + timedelta(hours=2))
    client.force_login(agente)
    dates = {nom: f"{timezone.localtime(getattr(annonce, nom)):%Y-%m-%dT%H:%M}" for nom in ("du", "au")}
    saisie = {"titre": "Panne finie", "texte": "Merci.", "niveau": "information", **dates}
    assert client.post(f"/agents/annonces/{annonce.pk}/", saisie).status_code == 302


@pytest.mark.parametrize(("du", "au"), [(1999, 2026), (2026, 2101)])
def test_la_base_refuse_une_annonce_hors_des_siecles(agente: Utilisateur, du: int, au: int) -> None:
    with pytest.raises(IntegrityError, match="annonce_dans_le_siecle"):
        Annonce.objects.create(
            titre="x", texte="y", du=datetime(du, 1, 1, tzinfo=UTC), au=datetime(au, 1, 2, tzinfo=UTC), par=agente
        )


@pytest.mark.django_db(transaction=True)
def test_une_annonce_de_l_an_un_rentre_dans_le_siecle(agente: Utilisateur) -> None:
    with schema_remis():
        migrer(("accueil", "0001_initial"))
        with connection.cursor() as curseur:
            for du, au in (("0001-01-01", "2026-01-01"), ("0001-01-01", "0002-01-01"), ("9998-01-01", "9999-01-01")):
                curseur.execute(
                    "INSERT INTO accueil_annonce (titre, texte, niveau, du, au, creee_le, par_id)"
                    " VALUES ('x', 'y', 'information', %s, %s, '2026-01-01', %s)",
                    [du, au, agente.pk],
                )
    assert [(a.du.year, a.au.year) for a in Annonce.objects.order_by("pk")] == [
        (2000, 2026),
        (2000, 2000),
        (2099, 2100),
    ]

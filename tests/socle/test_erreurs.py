"""Les pages d'erreur : elles expliquent, gardent ce qui a été saisi, et marchent sans base de données."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.forms import PasswordInput
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.utils.html import escape
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from psycopg.errors import DeadlockDetected, QueryCanceled

from apart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  # lus par Django
from apart.socle import erreurs
from apart.socle.acces import Public, pour
from apart.socle.affluence import ServiceOccupe
from apart.socle.enfant import Complet
from apart.socle.erreurs import CHAMP_SECRET
from apart.socle.formulaires import Formulaire
from apart.socle.limites import Limite, TropDeDemandes
from apart.socle.reference import ReferenceMiddleware

SECRET = "mot-tres-secret-1234"


@pour(Public.TOUS)
def casse(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


@pour(Public.TOUS)
def base_coupee(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused")


@pour(Public.TOUS)
def ordre_trop_long(request: HttpRequest) -> HttpResponse:
    raise OperationalError("canceling statement due to statement timeout") from QueryCanceled()


@csrf_exempt
@pour(Public.TOUS)
def croise(request: HttpRequest) -> HttpResponse:
    raise OperationalError("deadlock detected") from DeadlockDetected("deadlock detected")


@pour(Public.TOUS)
def limite_depassee(request: HttpRequest) -> HttpResponse:
    raise TropDeDemandes(Limite("essai", 1, timedelta(minutes=5)), timedelta(minutes=4, seconds=10))


@pour(Public.TOUS)
def recoit(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("nom", ""))


urlpatterns = [
    path("", include("apart.config.urls")),
    path("casse/", casse),
    path("casse-sans-csrf/", csrf_exempt(casse)),
    path("base-coupee/", base_coupee),
    path("ordre-trop-long/", ordre_trop_long),
    path("croise/", croise),
    path("limite/", limite_depassee),
    path("recoit/", recoit),
    path("geste/", require_POST(recoit)),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def visiteur() -> Client:
    """Un navigateur : jetons CSRF vérifiés, pannes montrées et non relancées."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def texte(reponse: object) -> str:
    assert isinstance(reponse, HttpResponse)
    return reponse.content.decode()


def test_une_page_inconnue_explique_et_mene_ailleurs(visiteur: Client) -> None:
    reponse = visiteur.get("/n-existe-pas/")
    assert reponse.status_code == 404
    assert "Cette page n'existe pas" in texte(reponse)
    assert "<title>Page introuvable – Activité partielle</title>" in texte(reponse)
    assert 'href="/"' in texte(reponse)


def test_l_adresse_d_un_geste_ouverte_comme_une_page_s_explique(visiteur: Client) -> None:
    """La session finit, on clique, on se reconnecte : la connexion ramène à l'adresse du geste."""
    reponse = visiteur.get("/geste/")
    assert reponse.status_code == 405
    assert reponse.headers["Allow"] == "POST"
    assert "Ce geste est à refaire" in texte(reponse)
    assert 'href="/mon-espace/"' in texte(reponse)


def test_une_panne_ne_montre_ni_trace_ni_secret_et_donne_une_reference(
    visiteur: Client, caplog: pytest.LogCaptureFixture
) -> None:
    reponse = visiteur.get("/casse/")
    assert reponse.status_code == 500
    for indice in (SECRET, "Traceback", "RuntimeError", __file__):
        assert indice not in texte(reponse)
    reference = next(ligne for ligne in caplog.messages if "référence" in ligne).split("référence ")[1].split()[0]
    assert reference in texte(reponse)


def test_une_base_coupee_donne_503_et_un_delai(visiteur: Client) -> None:
    reponse = visiteur.get("/base-coupee/")
    assert reponse.status_code == 503
    assert reponse.headers["Retry-After"] == "30"
    assert "Rien de ce que vous avez déjà enregistré n'est perdu." in texte(reponse)


def test_un_ordre_trop_long_est_arrete_et_dit_quoi_faire(visiteur: Client) -> None:
    reponse = visiteur.get("/ordre-trop-long/")
    assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "30")
    assert "précisez-la" in texte(reponse)


def test_deux_envois_croises_ne_sont_pas_une_base_coupee_et_le_mien_se_renvoie(visiteur: Client) -> None:
    reponse = visiteur.post("/croise/", {"nom": "Durand"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert reponse.status_code == 409
    assert "Retry-After" not in reponse.headers
    assert "Un autre envoi est passé en même temps que le vôtre." in texte(reponse)
    assert 'name="nom" value="Durand"' in texte(reponse)


@pytest.mark.jour
def test_la_page_de_panne_marche_avec_une_session_illisible(visiteur: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuser(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", refuser)
    visiteur.cookies["session"] = "abcdefghijklmnopqrstuvwxyz012345"
    reponse = visiteur.get("/")
    assert reponse.status_code == 503
    assert "/statique/apart-" in texte(reponse)
    assert visiteur.get("/n-existe-pas/").status_code in {404, 503}


@pytest.mark.parametrize("chemin", ["/n-existe-pas/", "/casse/", "/limite/"])
def test_les_pages_d_erreur_ne_touchent_pas_la_base(visiteur: Client, chemin: str) -> None:
    # Sans la marque django_db, toute requête ferait échouer ce test.
    assert "<h1>" in texte(visiteur.get(chemin))


def test_une_limite_depassee_dit_combien_attendre(visiteur: Client) -> None:
    reponse = visiteur.get("/limite/")
    assert reponse.status_code == 429
    assert reponse.headers["Retry-After"] == "250"
    assert "Vous pourrez recommencer dans 5 minutes" in texte(reponse)


def test_un_formulaire_perime_garde_ce_qui_etait_saisi_sauf_les_secrets(visiteur: Client) -> None:
    saisie = {
        "nom": 'Durand "<b>',
        "code_postal": "75011",
        "mot_de_passe": SECRET,
        "code": "K7MP2QXV",
        "csrfmiddlewaretoken": "x" * 64,
    }
    reponse = visiteur.post("/recoit/?etape=2", saisie, headers={"Sec-Fetch-Site": "same-origin"})
    assert reponse.status_code == 403
    html = texte(reponse)
    assert f'name="nom" value="{escape(saisie["nom"])}"' in html
    assert 'name="code_postal" value="75011"' in html
    assert 'action="/recoit/?etape=2"' in html
    for secret in (SECRET, "K7MP2QXV", "x" * 64):
        assert secret not in html


@pytest.mark.django_db  # le renvoi porte une clé : ce qu'il donne est gardé
def test_le_formulaire_perime_se_renvoie_d_un_clic(visiteur: Client) -> None:
    entetes = {"Sec-Fetch-Site": "same-origin"}
    html = texte(visiteur.post("/recoit/", {"nom": "Durand"}, headers=entetes))
    jeton = html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    reponse = visiteur.post("/recoit/", {"nom": "Durand", "csrfmiddlewaretoken": jeton}, headers=entetes)
    assert texte(reponse) == "Durand"


@pytest.mark.menace("T30")
@pytest.mark.parametrize("provenance", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mechant.example"}, {}])
def test_t30_ce_qu_un_autre_site_envoie_n_est_jamais_propose_a_la_confirmation(
    visiteur: Client, provenance: dict[str, str]
) -> None:
    reponse = visiteur.post("/recoit/", {"nom": "Piège"}, headers=provenance)
    assert reponse.status_code == 403
    assert "Piège" not in texte(reponse)
    assert "Renvoyer" not in texte(reponse)


def test_une_panne_pendant_un_envoi_permet_de_renvoyer(visiteur: Client) -> None:
    reponse = visiteur.post("/casse-sans-csrf/", {"nom": "Durand"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert reponse.status_code == 500
    assert 'name="nom" value="Durand"' in texte(reponse)


@pytest.mark.menace("T40")
def test_t40_un_envoi_trop_lourd_est_refuse_avec_une_phrase(visiteur: Client) -> None:
    visiteur.cookies["csrf"] = "a" * 32
    reponse = visiteur.post("/recoit/", {"mot_de_passe": "a" * 1_000_000})
    assert reponse.status_code == 400
    assert "Cet envoi est trop volumineux" in texte(reponse)


@pytest.mark.menace("T13")
def test_t13_un_hote_inconnu_est_refuse_sans_etre_repete(visiteur: Client) -> None:
    reponse = visiteur.get("/", headers={"Host": "mechant.example"})
    assert reponse.status_code == 400
    assert "mechant" not in texte(reponse)


def test_le_service_en_entretien_le_dit_partout_et_garde_la_saisie(visiteur: Client) -> None:
    with override_settings(ENTRETIEN=True):
        assert visiteur.get("/").status_code == 503
        reponse = visiteur.post("/recoit/", {"nom": "Durand"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert reponse.status_code == 503
    assert reponse.headers["Retry-After"] == "600"
    assert 'name="nom" value="Durand"' in texte(reponse)


@pytest.mark.parametrize("chemin", ["/n-existe-pas/", "/casse/", "/limite/"])
def test_les_pages_d_erreur_ont_la_politique_de_contenu_stricte(visiteur: Client, chemin: str) -> None:
    reponse = visiteur.get(chemin)
    assert "script-src 'self'" in reponse.headers["Content-Security-Policy"]
    assert reponse.headers["Cache-Control"] == "no-store"


def test_aucun_champ_de_mot_de_passe_n_est_recopie_dans_une_page_d_erreur() -> None:
    caches = [
        nom
        for formulaire in _descendants(Formulaire)
        for nom, champ in formulaire.base_fields.items()
        if isinstance(champ.widget, PasswordInput)
    ]

    assert {"actuel", "mot_de_passe", "password"} <= set(caches)
    assert [nom for nom in caches if not CHAMP_SECRET.search(nom)] == []


def _descendants(classe: type[Formulaire]) -> list[type[Formulaire]]:
    return [autre for fille in classe.__subclasses__() for autre in (fille, *_descendants(fille))]


def test_un_service_occupe_dit_le_meme_delai_dans_la_page_et_dans_l_en_tete() -> None:
    reponse = erreurs.occupe(RequestFactory().get("/simulateur/fichier/"), Complet())
    assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "30")
    assert "dans 30 secondes" in reponse.content.decode()


def test_une_page_d_affluence_ne_montre_a_chacun_que_sa_saisie() -> None:
    """Son cadre ne se dessine qu'une fois ; un signe tapé n'y prend la place de rien."""
    pages = [_affluence(f"{tape} \ue000\ue001\ue002", secondes) for tape, secondes in (("Marie", 7), ("<b>Léa", 11))]

    assert ['value="Marie \ue000\ue001\ue002"' in page for page in pages] == [True, False]
    assert ['value="&lt;b&gt;Léa \ue000\ue001\ue002"' in page for page in pages] == [False, True]
    assert ["dans 7 secondes" in page for page in pages] == [True, False]
    assert ["dans 11 secondes" in page for page in pages] == [False, True]
    assert "saisi n'est pas perdu" not in _affluence("", 7)
    assert not re.search("[\ue000-\ue002]", _affluence("", 7))


def _affluence(identifiant: str, secondes: int) -> str:
    tape = {"identifiant": identifiant, "mot_de_passe": "trois mots"} if identifiant else {}
    request = RequestFactory().post("/connexion/", tape, headers={"Sec-Fetch-Site": "same-origin"})
    reponse = ReferenceMiddleware(lambda r: erreurs.occupe(r, ServiceOccupe(timedelta(seconds=secondes))))(request)
    page = reponse.content.decode()
    assert f"<strong>{reponse.headers['X-Request-ID']}</strong>" in page
    assert "trois mots" not in page
    return page

"""Les en-têtes de sécurité de chaque page, pages d'erreur comprises (T14, T39)."""

from __future__ import annotations

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.monde import Adresse, Monde, adresses, creer_monde

pytestmark = pytest.mark.django_db
TOUTES = [a for a in adresses() if hasattr(a.vue, "public")]
# Des données publiques, les mêmes pour tous (docs/decisions/0009-api-publique.md).
A_GARDER = {"bareme-csv", "bareme-json", "bareme-yaml", "api-bareme", "api-bareme-parametre", "api-openapi"}
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}
POLITIQUE = "Content-Security-Policy"
INERTE = {"sandbox", "default-src 'none'", "frame-ancestors 'none'"}  # une pièce jointe : elle ne s'ouvre pas


@pytest.fixture
def monde() -> Monde:
    return creer_monde()


def verifier(reponse: HttpResponseBase, *, a_garder: bool = False) -> None:
    entetes = reponse.headers
    est_jointe = entetes.get("Content-Disposition", "").startswith("attachment") and "sandbox" in entetes[POLITIQUE]
    assert set(entetes[POLITIQUE].split("; ")) >= (INERTE if est_jointe else CSP)
    assert "unsafe" not in entetes["Content-Security-Policy"]
    assert ("no-store" in entetes["Cache-Control"]) is not a_garder, entetes["Cache-Control"]
    assert entetes["X-Frame-Options"] == "DENY"
    assert entetes["X-Content-Type-Options"] == "nosniff"
    # Jamais vers un autre site. « no-referrer » ferait envoyer « Origin: null » et refuser nos propres formulaires.
    assert entetes["Referrer-Policy"] == "same-origin"
    assert entetes["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in entetes["Permissions-Policy"]


@pytest.mark.menace("T39")
@pytest.mark.parametrize("adresse", TOUTES, ids=[a.nom for a in TOUTES])
def test_t39_aucune_page_ne_se_met_en_cache_ni_en_cadre(adresse: Adresse, monde: Monde) -> None:
    client = monde.connecte(monde.pour_public(adresse.public))
    publique = adresse.nom in A_GARDER
    verifier(client.get(adresse.chemin(monde)), a_garder=publique)
    verifier(client.post(adresse.chemin(monde)))


@pytest.mark.menace("T39")
@pytest.mark.parametrize("adresse", [a for a in TOUTES if a.nom in A_GARDER], ids=lambda a: a.nom)
def test_t39_ce_qui_se_garde_est_le_meme_pour_tous(adresse: Adresse, monde: Monde) -> None:
    """Rien de ce qu'un mandataire garderait ne dépend de qui demande : ni contenu, ni cookie."""
    chemin = adresse.chemin(monde)
    reponses = [monde.connecte(qui).get(chemin) for qui in (None, monde.employeur, monde.agent)]
    assert len({reponse.content for reponse in reponses}) == 1
    assert not any(reponse.cookies for reponse in reponses)


@pytest.mark.menace("T39")
def test_t39_les_pages_d_erreur_portent_les_memes_entetes(client: Client, monde: Monde) -> None:
    verifier(client.get("/n-existe-pas/"))
    verifier(Client(enforce_csrf_checks=True).post("/connexion/"))
    verifier(client.get("/", HTTP_HOST="ailleurs.example"))


@pytest.mark.menace("T39")
def test_t39_une_panne_porte_les_memes_entetes(monkeypatch: pytest.MonkeyPatch) -> None:
    def tomber(*args: object, **options: object) -> None:
        raise RuntimeError("panne d'essai")

    monkeypatch.setattr("apart.socle.views.anti_robot.creer_defi", tomber)
    reponse = Client(raise_request_exception=False).get("/anti-robot/essai/")
    assert reponse.status_code == 500
    assert "panne d'essai" not in reponse.content.decode()
    verifier(reponse)


@pytest.mark.menace("T39")
def test_t39_apres_deconnexion_precedent_ne_montre_rien(monde: Monde) -> None:
    """« Précédent » redemande la page, parce qu'elle n'est gardée nulle part ; elle mène alors à la connexion."""
    client = monde.connecte(monde.agent)
    assert "no-store" in client.get("/agents/assistance/").headers["Cache-Control"]
    client.post("/deconnexion/")
    assert client.get("/agents/assistance/").status_code == 302

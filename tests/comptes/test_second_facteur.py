"""Application d'authentification, codes de rechange, clés d'accès ; facultatifs, sauf pour les agents."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)
from pytest_django import DjangoCaptureOnCommitCallbacks

from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from tests.comptes.fabriques import (
    MOT_DE_PASSE,
    activer_application,
    code_totp,
    entrer,
    est_connecte,
    lu,
    nouvel_agent,
    personne,
)

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
MIDI = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTIVER = "/mon-espace/securite/application/activer/"


def sortir_puis_entrer(client: Client, utilisateur: Utilisateur) -> str:
    client.post("/deconnexion/")
    return entrer(client, utilisateur.identifiant).headers["Location"]


def test_un_employeur_entre_sans_second_facteur(client: Client) -> None:
    entrer(client, personne().identifiant)

    assert est_connecte(client)


def test_activer_une_application_montre_les_codes_de_rechange_et_previent_par_courriel(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    marie = personne()
    entrer(client, marie.identifiant)

    with django_capture_on_commit_callbacks(execute=True):
        activer_application(client)

    page = lu(client.get("/mon-espace/securite/codes/"))
    assert page.count('<code translate="no">') == 10
    fichier = client.get("/mon-espace/securite/codes/telecharger/")
    assert fichier.headers["Content-Disposition"] == 'attachment; filename="codes-de-rechange.txt"'
    assert Courriel.objects.get().destinataire == marie.courriel
    assert "application d'authentification protège" in Courriel.objects.get().texte


def test_la_connexion_demande_ensuite_le_code(client: Client) -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=5))

        assert sortir_puis_entrer(client, marie) == "/connexion/code/"
        assert not est_connecte(client)
        client.post("/connexion/code/", {"code": code_totp(secret)})
        assert est_connecte(client)


def test_la_suite_demandee_survit_au_second_facteur(client: Client) -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=5))
        client.post("/deconnexion/")
        entrer(client, marie.identifiant, suite="/mon-espace/securite/mot-de-passe/")

        reponse = client.post("/connexion/code/", {"code": code_totp(secret)})

    assert reponse.headers["Location"] == "/mon-espace/securite/mot-de-passe/"


def test_un_code_ne_sert_qu_une_fois(client: Client) -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=5))
        sortir_puis_entrer(client, marie)
        client.post("/connexion/code/", {"code": code_totp(secret)})
        sortir_puis_entrer(client, marie)

        page = client.post("/connexion/code/", {"code": code_totp(secret)})

    assert "Ce code a déjà servi" in lu(page) or "Ce code ne correspond pas" in lu(page)
    assert not est_connecte(client)


def test_un_code_faux_se_dit_et_six_essais_font_attendre(client: Client) -> None:
    marie = personne()
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, marie.identifiant)
        secret = activer_application(client)
        temps.shift(timedelta(minutes=10))
        sortir_puis_entrer(client, marie)
        premier = client.post("/connexion/code/", {"code": "000000"})
        for _ in range(4):
            client.post("/connexion/code/", {"code": "000000"})

        bon_code = client.post("/connexion/code/", {"code": code_totp(secret)})

        assert "Ce code ne correspond pas" in lu(premier)
        assert "Trop d'essais" in lu(bon_code)
        assert not est_connecte(client)
        temps.shift(timedelta(minutes=5))
        client.post("/connexion/code/", {"code": code_totp(secret)})
        assert est_connecte(client)


def test_un_code_de_rechange_remplace_l_application_une_fois(client: Client) -> None:
    marie = personne()
    entrer(client, marie.identifiant)
    activer_application(client)
    rechange = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()[0]
    sortir_puis_entrer(client, marie)

    client.post("/connexion/code/", {"code": rechange})
    assert est_connecte(client)

    sortir_puis_entrer(client, marie)
    client.post("/connexion/code/", {"code": rechange})
    assert not est_connecte(client)


def test_la_page_du_code_ne_s_ouvre_pas_sans_mot_de_passe(client: Client) -> None:
    page = lu(client.get("/connexion/code/"))

    assert "Recommencez la connexion" in page
    assert "Code à 6 chiffres" not in page


@pytest.mark.menace("T42")
def test_t42_les_secrets_des_applications_sont_chiffres_en_base(client: Client) -> None:
    entrer(client, personne().identifiant)
    secret = activer_application(client)

    gardes = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in gardes


def test_apres_quinze_minutes_on_se_confirme_avant_de_toucher_a_la_securite(client: Client) -> None:
    with time_machine.travel(MIDI, tick=False) as temps:
        entrer(client, personne().identifiant)
        temps.shift(timedelta(minutes=16))

        detour = client.get(ACTIVER)
        assert detour.headers["Location"].startswith("/mon-espace/securite/confirmer/")

        faux = client.post(detour.headers["Location"], {"password": "pas le bon mot de passe"})
        assert "Ce n'est pas votre mot de passe actuel" in lu(faux)

        retour = client.post(detour.headers["Location"], {"password": MOT_DE_PASSE})
        assert retour.headers["Location"] == ACTIVER
        assert client.get(ACTIVER).status_code == 200


def test_se_confirmer_est_freine_comme_une_connexion(client: Client) -> None:
    entrer(client, personne().identifiant)
    for _ in range(5):
        client.post("/mon-espace/securite/confirmer/", {"password": "pas le bon mot de passe"})

    reponse = client.post("/mon-espace/securite/confirmer/", {"password": MOT_DE_PASSE})

    assert reponse.status_code == 200


def test_un_employeur_retire_son_application(client: Client) -> None:
    entrer(client, personne().identifiant)
    activer_application(client)

    client.post("/mon-espace/securite/application/retirer/")

    assert not Authenticator.objects.exists()


# --- Agents ---


@pytest.mark.parametrize("page", ["/", "/mon-espace/securite/", "/mon-espace/securite/mot-de-passe/"])
def test_un_agent_sans_second_facteur_ne_voit_que_la_page_qui_lui_en_donne_un(client: Client, page: str) -> None:
    entrer(client, nouvel_agent().identifiant)

    assert client.get(page).headers["Location"] == "/mon-espace/securite/proteger/"
    assert "Une étape avant d'entrer" in lu(client.get("/mon-espace/securite/proteger/"))


def test_un_agent_sans_second_facteur_peut_partir(client: Client) -> None:
    entrer(client, nouvel_agent().identifiant)

    client.post("/deconnexion/")

    assert not est_connecte(client)


def test_un_agent_active_son_application_puis_travaille(client: Client) -> None:
    entrer(client, nouvel_agent().identifiant)

    activer_application(client)

    assert client.get("/mon-espace/securite/").status_code == 200


def test_un_agent_ne_retire_pas_son_dernier_second_facteur(client: Client) -> None:
    entrer(client, nouvel_agent().identifiant)
    activer_application(client)

    page = client.post("/mon-espace/securite/application/retirer/")

    assert "Un agent garde toujours un second facteur" in lu(page)
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


# --- Clés d'accès ---


class Cle:
    """Une clé d'accès simulée par la bibliothèque fido2 : les mêmes octets qu'un navigateur enverrait."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from fido2.cose import ES256

        self.privee = ec.generate_private_key(ec.SECP256R1())
        self.publique = ES256.from_cryptography_key(self.privee.public_key())  # type: ignore[no-untyped-call]  # fido2
        self.numero = b"une cle de seize"

    def _donnees(self, rp_id: str, drapeaux: int, attestation: AttestedCredentialData | None) -> AuthenticatorData:
        import hashlib

        empreinte = hashlib.sha256(rp_id.encode()).digest()
        donnees: AuthenticatorData = AuthenticatorData.create(
            empreinte, AuthenticatorData.FLAG(drapeaux), 1, attestation or b""
        )
        return donnees

    def creer(self, options: dict[str, Any], origine: str) -> str:
        publique = options["creation_options"]["publicKey"]
        client = CollectedClientData.create("webauthn.create", publique["challenge"], origine)
        attestee = AttestedCredentialData.create(Aaguid.NONE, self.numero, self.publique)
        donnees = self._donnees(publique["rp"]["id"], 0x45, attestee)
        return self._json(
            {
                "clientDataJSON": b64(client),
                "attestationObject": b64(AttestationObject.create("none", donnees, {})),
            }
        )

    def employer(self, options: dict[str, Any], origine: str) -> str:
        import hashlib

        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        publique = options["request_options"]["publicKey"]
        client = CollectedClientData.create("webauthn.get", publique["challenge"], origine)
        donnees = self._donnees(publique["rpId"], 0x05, None)
        signature = self.privee.sign(bytes(donnees) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._json(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(donnees),
                "signature": b64(signature),
                "userHandle": None,
            }
        )

    def _json(self, reponse: dict[str, Any]) -> str:
        numero = b64(self.numero)
        return json.dumps(
            {
                "type": "public-key",
                "id": numero,
                "rawId": numero,
                "clientExtensionResults": {},
                "response": reponse,
            }
        )


def b64(octets: bytes) -> str:
    import base64

    return base64.urlsafe_b64encode(bytes(octets)).decode().rstrip("=")


@pytest.fixture
def origine(settings: Any) -> str:
    settings.URL_PUBLIQUE = "https://apart.exemple.fr"
    return "https://apart.exemple.fr"


def options(client: Client, page: str) -> dict[str, Any]:
    contexte = client.get(page).context
    return dict(contexte["js_data"])


def test_une_cle_d_acces_s_ajoute_puis_ouvre_la_session(client: Client, origine: str) -> None:
    marie, cle = personne(), Cle()
    entrer(client, marie.identifiant)
    page = "/mon-espace/securite/cles/ajouter/"

    client.post(page, {"name": "Mon téléphone", "credential": cle.creer(options(client, page), origine)})
    assert "Mon téléphone" in lu(client.get("/mon-espace/securite/"))

    assert sortir_puis_entrer(client, marie) == "/connexion/code/"
    client.post("/connexion/code/", {"credential": cle.employer(options(client, "/connexion/code/"), origine)})
    assert est_connecte(client)


def test_une_cle_d_acces_d_un_faux_site_est_refusee(client: Client, origine: str) -> None:
    marie, cle = personne(), Cle()
    entrer(client, marie.identifiant)
    page = "/mon-espace/securite/cles/ajouter/"

    client.post(
        page, {"name": "x", "credential": cle.creer(options(client, page), "https://apart.exemple.fr.evil.tld")}
    )

    assert not Authenticator.objects.exists()


def test_un_agent_ne_retire_pas_sa_derniere_cle(client: Client, origine: str) -> None:
    cle = Cle()
    entrer(client, nouvel_agent().identifiant)
    page = "/mon-espace/securite/cles/ajouter/"
    client.post(page, {"name": "Clé", "credential": cle.creer(options(client, page), origine)})
    gardee = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)

    client.post(f"/mon-espace/securite/cles/{gardee.pk}/retirer/")

    assert Authenticator.objects.filter(pk=gardee.pk).exists()


def test_on_renomme_et_on_retire_une_cle(client: Client, origine: str) -> None:
    cle = Cle()
    entrer(client, personne().identifiant)
    page = "/mon-espace/securite/cles/ajouter/"
    client.post(page, {"name": "Clé", "credential": cle.creer(options(client, page), origine)})
    gardee = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)

    client.post(f"/mon-espace/securite/cles/{gardee.pk}/renommer/", {"name": "Bureau"})
    assert "« Bureau »" in lu(client.get("/mon-espace/securite/"))

    client.post(f"/mon-espace/securite/cles/{gardee.pk}/retirer/")
    assert not Authenticator.objects.exists()


DIFFORMES = (
    '"\\ud800"',
    '{"id": "\\ud800", "rawId": "x", "type": "public-key", "response": {}}',
    "9" * 5_000,
    "[" * 100_000,
    '{"id": "é"}',
    '{"id": {}, "rawId": [1], "response": {"clientDataJSON": 5}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
)


def test_une_reponse_de_cle_difforme_se_refuse_sans_tomber(client: Client, origine: str) -> None:
    marie, cle = personne(), Cle()
    entrer(client, marie.identifiant)
    page = "/mon-espace/securite/cles/ajouter/"
    for reponse in DIFFORMES:
        options(client, page)
        assert 'role="alert"' in lu(client.post(page, {"name": "x", "credential": reponse}))
    client.post(page, {"name": "Clé", "credential": cle.creer(options(client, page), origine)})
    for reponse in DIFFORMES[:2]:
        assert client.post("/mon-espace/securite/confirmer/cle/", {"credential": reponse}).status_code == 302
    sortir_puis_entrer(client, marie)
    for reponse in DIFFORMES:
        assert client.post("/connexion/code/", {"credential": reponse}).status_code == 200
    assert not est_connecte(client)

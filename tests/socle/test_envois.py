"""Envoyer deux fois, recharger, revenir : rien n'est fait deux fois, et ce qui n'est montré qu'une fois se revoit."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest
import time_machine
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from apart.assistance.models import Message
from apart.comptes.models import CodeSecours, EchecConnexion, Usage
from apart.courriels.models import Courriel
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre
from apart.socle import envois, taches
from apart.socle.chiffrement import cles_du_porteur, coffre, empreinte
from apart.socle.models import Envoi
from tests.comptes.fabriques import lu
from tests.envoi import Clic, entrer, jeton_de_page
from tests.envois import ENVOIS
from tests.scene import PHRASE, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]


def pret(nom: str, scene: Scene | None = None) -> Clic:
    return ENVOIS[nom].pret(scene or Scene())


def reponse(client: Client) -> Any:
    return client.reponse  # type: ignore[attr-defined]  # posée par Clic.envoyer


def arrivee(client: Client) -> str:
    """Ce que lit la personne au bout de son envoi."""
    return lu(client.get(reponse(client).headers["Location"], follow=True))


def code_montre(page: str) -> str:
    code: str = re.findall(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", page)[-1]
    return code.replace("-", "")


def test_un_double_clic_sur_ouvrir_mon_espace_montre_le_code_de_secours() -> None:
    clic = pret("ouvrir")
    clic.envoyer()

    page = arrivee(clic.envoyer())

    assert "Votre espace est ouvert" in page
    assert empreinte(code_montre(page)) == CodeSecours.objects.get().empreinte


@pytest.mark.parametrize("nom", ["mot-de-passe-nouveau", "changer-mot-de-passe"])
def test_un_double_clic_sur_changer_mon_mot_de_passe_dit_qu_il_est_change(nom: str) -> None:
    clic = pret(nom)
    clic.envoyer()

    assert "Votre mot de passe est changé." in arrivee(clic.envoyer())
    assert Courriel.objects.count() == 1


def test_recharger_un_nouveau_code_de_secours_ne_tue_pas_celui_qui_est_imprime() -> None:
    client = pret("renouveler-code-secours").envoyer()
    imprime = code_montre(arrivee(client))

    for _ in range(2):
        assert code_montre(arrivee(client)) == imprime
    assert empreinte(imprime) == CodeSecours.objects.get().empreinte


def test_se_confirmer_d_un_double_clic_montre_le_code_que_l_on_demandait() -> None:
    """Après quinze minutes, la demande attend que la personne se confirme : c'est cet envoi-là qui tire le code."""
    scene = Scene()
    client = Client()
    entrer(client, scene, "principal", a_l_instant=False)
    demande = client.post(reverse("renouveler-code-secours"))
    confirmer, suite = demande.headers["Location"].split("?next=")
    cookies = {nom: cookie.value for nom, cookie in client.cookies.items()}
    saisie = {"password": PHRASE, "next": unquote(suite), "csrfmiddlewaretoken": jeton_de_page(client)}
    cookies[settings.CSRF_COOKIE_NAME] = client.cookies[settings.CSRF_COOKIE_NAME].value
    clic = Clic(confirmer, saisie, cookies, "192.0.2.1")
    premier = code_montre(arrivee(clic.envoyer()))

    assert code_montre(arrivee(clic.envoyer())) == premier
    assert empreinte(premier) == CodeSecours.objects.get().empreinte


def test_un_message_de_suite_n_est_garde_qu_une_fois() -> None:
    clic = pret("suivi-ecrire")
    clic.envoyer()
    clic.envoyer()

    assert Message.objects.filter(texte="Et ma réponse ?").count() == 1


@pytest.mark.parametrize(("nom", "fait"), [("rejoindre-accepter", "accepté"), ("rejoindre-refuser", "refusé")])
def test_repondre_encore_depuis_une_page_ancienne_dit_ce_qui_est_fait(nom: str, fait: str) -> None:
    scene = Scene()
    pret(nom, scene).envoyer()

    for qui, sujet in (("principal", "Vous avez"), ("principale", "Quelqu'un d'autre a")):
        client = replace(ENVOIS[nom], par=qui).pret(scene).envoyer()
        assert f"{sujet} déjà {fait} cette demande." in arrivee(client)
    assert DemandeRejoindre.objects.get().etat in {EtatRejoindre.ACCEPTEE, EtatRejoindre.REFUSEE}


def test_un_lien_de_mot_de_passe_deja_employe_dit_ce_qu_il_a_fait_et_quoi_faire() -> None:
    scene = Scene()
    pret("mot-de-passe-nouveau", scene).envoyer()

    page = lu(Client().get(reverse("mot-de-passe-lien", args=[scene.lien(Usage.MOT_DE_PASSE, "principal")])))

    assert "Ce lien a déjà servi." in page
    assert "Il a changé votre mot de passe à" in page
    assert "Me connecter" in page


def test_une_faute_se_corrige_et_se_renvoie_de_la_meme_page() -> None:
    clic = pret("account_login")
    faux = replace(clic, saisie=clic.saisie | {"mot_de_passe": "pas le bon"})

    assert [reponse(faux.envoyer()).status_code for _ in range(2)] == [200, 200]
    assert EchecConnexion.objects.count() == 2  # chaque essai compte
    assert reponse(clic.envoyer()).status_code == 302


def test_ce_qui_est_tape_autrement_est_un_autre_envoi() -> None:
    clic = pret("suivi-ecrire")
    clic.envoyer()
    replace(clic, saisie=clic.saisie | {"texte": "Autre chose."}).envoyer()

    assert Message.objects.filter(texte="Autre chose.").exists()


def test_une_preuve_de_travail_refaite_ne_fait_pas_un_autre_envoi() -> None:
    clic = pret("assistance")
    premier = clic.envoyer()

    refait = replace(clic, saisie=clic.saisie | {"altcha": "refaite"}).envoyer()

    assert reponse(refait).headers["Location"] == reponse(premier).headers["Location"]


def test_renvoyer_apres_s_etre_connecte_fait_enfin_le_geste() -> None:
    """La session a fini pendant la saisie : la redirection vers la connexion n'était pas une issue."""
    scene = Scene()
    clic = pret("bureau-annoter", scene)
    fermee = {nom: valeur for nom, valeur in clic.cookies.items() if nom != settings.SESSION_COOKIE_NAME}
    assert reponse(replace(clic, cookies=fermee).envoyer()).headers["Location"].startswith("/connexion/?next=")

    clic.envoyer()

    assert Message.objects.filter(texte="Vue.").count() == 1


def test_un_programme_qui_renvoie_toujours_le_meme_jeton_agit_chaque_fois() -> None:
    clic = pret("renouveler-code-secours")
    clic = replace(clic, saisie={"csrfmiddlewaretoken": clic.cookies[settings.CSRF_COOKIE_NAME]})

    codes = [code_montre(lu(reponse(clic.envoyer()))) for _ in range(2)]

    assert codes[0] != codes[1]
    assert not Envoi.objects.exists()


def test_la_cle_d_un_autre_navigateur_n_ouvre_rien() -> None:
    """La même page, la même saisie, sans le cookie : rien n'est rejoué, et la protection CSRF refuse."""
    clic = pret("renouveler-code-secours")
    clic.envoyer()
    vole = replace(clic, cookies=clic.cookies | {settings.CSRF_COOKIE_NAME: "b" * 32})

    assert reponse(vole.envoyer()).status_code == 403


@pytest.mark.menace("T42")
def test_t42_la_base_ne_suffit_pas_a_relire_ce_qu_un_envoi_a_montre() -> None:
    client = pret("ouvrir").envoyer()
    code = code_montre(arrivee(client))

    contenus = [bytes(garde.contenu) for garde in Envoi.objects.all()]
    assert len(contenus) == 2  # l'issue, et la page
    for contenu in contenus:
        assert code.encode() not in contenu
        for cle in (coffre("envois"), cles_du_porteur("envois", "")[0][1]):
            with pytest.raises(InvalidToken):
                cle.decrypt(contenu)


def test_un_autre_navigateur_ne_revoit_pas_la_page() -> None:
    client = pret("ouvrir").envoyer()
    adresse = reponse(client).headers["Location"]
    etranger = Client()
    etranger.cookies[envois.COOKIE] = "a" * 43

    for autre in (Client(), etranger):
        refus = autre.get(adresse)
        assert refus.status_code == 404
        assert "Cette page ne se montre plus" in lu(refus)


def test_apres_dix_minutes_la_page_ne_se_montre_plus_et_dit_quoi_faire() -> None:
    client = pret("ouvrir").envoyer()
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False) as temps:
        assert "Votre espace est ouvert" in arrivee(client)
        temps.shift(timedelta(minutes=2))
        assert "tirez-en un autre" in arrivee(client)


def test_apres_une_deconnexion_plus_rien_ne_se_revoit() -> None:
    scene = Scene()
    client = pret("renouveler-code-secours", scene).envoyer()
    assert "code de secours" in arrivee(client)

    client.post(reverse("deconnexion"), {"csrfmiddlewaretoken": jeton_de_page(client)})

    assert envois.COOKIE not in {nom for nom, cookie in client.cookies.items() if cookie.value}
    assert "Cette page ne se montre plus" in arrivee(client)


def test_la_page_d_une_personne_connectee_ne_se_revoit_pas_par_une_autre() -> None:
    """Le même navigateur, passé d'une personne à l'autre sans déconnexion."""
    scene = Scene()
    client = pret("renouveler-code-secours", scene).envoyer()
    assert "Votre nouveau code de secours" in arrivee(client)

    entrer(client, scene, "membre")
    assert "Cette page ne se montre plus" in arrivee(client)


def test_ouvrir_puis_se_connecter_laisse_revoir_le_code() -> None:
    scene = Scene()
    client = pret("ouvrir", scene).envoyer()

    entrer(client, scene, "lea")

    assert "Votre espace est ouvert" in arrivee(client)


def test_un_envoi_encore_en_cours_se_dit_et_se_renvoie_sous_la_meme_cle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un autre processus tient ce tour : la page le dit, garde la saisie, et porte la clé du premier envoi."""
    monkeypatch.setattr(envois, "ESSAIS", 1)
    clic = pret("suivi-ecrire")
    navigateur = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    navigateur.cookies.load(clic.cookies)
    parametres = connection.get_connection_params()
    with psycopg.connect(**parametres | {"cursor_factory": psycopg.Cursor}) as autre_processus:
        autre_processus.execute("SELECT pg_advisory_lock(%s)", [numero_du_tour(clic)])
        attente = navigateur.post(clic.chemin, clic.saisie)

    assert attente.status_code == 409
    assert attente.headers["Retry-After"] == "5"
    assert "Votre envoi est en cours" in lu(attente)
    assert "Et ma réponse ?" in lu(attente)
    assert clic.saisie["csrfmiddlewaretoken"] in lu(attente)
    assert not Message.objects.filter(texte="Et ma réponse ?").exists()
    assert navigateur.post(clic.chemin, clic.saisie).status_code == 302


def numero_du_tour(clic: Clic) -> int:
    requete = RequestFactory().post(clic.chemin, clic.saisie)
    requete.COOKIES.update(clic.cookies)
    cle = envois.cle_de(requete)
    assert cle is not None
    return envois.numero_du_tour(cle.empreinte)


def test_un_envoi_perime_pas_encore_efface_laisse_sa_place() -> None:
    cle = envois.Cle("cookie", "envoi")
    cle.garder({"vers": "hier"})
    Envoi.objects.update(expire_le=timezone.now())
    assert cle.relire() is None

    cle.garder({"vers": "maintenant"})

    assert cle.relire() == {"vers": "maintenant"}


def test_les_envois_finis_s_effacent_par_morceaux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taches, "PAR_MORCEAU", 2)
    finis = [timezone.now() - timedelta(minutes=n) for n in range(1, 6)]
    Envoi.objects.bulk_create(Envoi(empreinte=f"{n:064d}", contenu=b"", expire_le=le) for n, le in enumerate(finis))
    Envoi.objects.create(empreinte="f" * 64, contenu=b"", expire_le=timezone.now() + timedelta(minutes=1))

    taches.oublier_les_envois.func(timestamp=0)

    assert list(Envoi.objects.values_list("empreinte", flat=True)) == ["f" * 64]


def test_un_lien_ouvert_deux_fois_mene_a_la_meme_page_sans_secret_dans_l_adresse() -> None:
    """Continuer, puis recharger : l'étape suivante se relit, et le secret n'est pas dans son adresse (T14)."""
    scene = Scene()
    clic = pret("ouvrir", scene)
    etape = replace(clic, saisie=clic.saisie | {"etape": "choisir", "mot_de_passe": ""})

    client = etape.envoyer()

    assert scene.lien(Usage.CREATION, "lea") not in reponse(client).headers["Location"]
    for _ in range(2):
        assert "Choisir votre mot de passe" in arrivee(client)
    assert PHRASE not in arrivee(client)

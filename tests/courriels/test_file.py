"""Un message est d'abord une ligne, écrite avec le geste qui le cause."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from apart.courriels.actions import mettre_en_file
from apart.courriels.models import Courriel, Sort
from tests.boite import Boite
from tests.courriels.conftest import CODE, SECRET, avis, en_file, lien


class GesteEchoue(Exception):
    pass


pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_un_message_mis_en_file_part_avec_son_lien_et_son_code(boite: Boite) -> None:
    courriel = en_file()
    lettre = boite.recevoir_une()
    assert lettre.a == "marie@exemple.fr"
    assert lettre.objet == "Mot de passe oublié pour Café des Halles"
    assert lettre.lien == lien()
    assert lettre.code == CODE
    assert lien() in lettre.html
    assert CODE in lettre.html
    courriel.refresh_from_db()
    assert courriel.sort == Sort.REMIS
    assert courriel.reponse == "250 2.0.0 OK 1"


def test_un_geste_annule_ne_laisse_ni_message_ni_travail(boite: Boite) -> None:
    with suppress(GesteEchoue), transaction.atomic():
        en_file()
        raise GesteEchoue
    assert not Courriel.objects.exists()
    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM procrastinate_jobs")
        assert curseur.fetchone() == (0,)
    assert boite.recevoir() == []


def test_chaque_message_reveille_le_travailleur_sans_lui_confier_de_secret() -> None:
    courriel = en_file()
    with connection.cursor() as curseur:
        curseur.execute("SELECT task_name, args FROM procrastinate_jobs")
        assert curseur.fetchall() == [("courriels.envoyer", f'{{"numero": "{courriel.numero}"}}')]


def test_une_adresse_qui_n_en_est_pas_une_est_refusee() -> None:
    with pytest.raises(ValidationError):
        avis(a="marie")
    assert not Courriel.objects.exists()


@pytest.mark.menace("T13")
@pytest.mark.parametrize("hote", ["https://evil.tld", "http://127.0.0.1:8000.evil.tld", "//evil.tld"])
def test_t13_un_lien_vers_un_autre_site_ne_part_pas(hote: str) -> None:
    with pytest.raises(ValueError, match="URL_PUBLIQUE"):
        mettre_en_file("essai", a="marie@exemple.fr", contexte={}, secrets={"lien": f"{hote}/lien/{SECRET}/"})


@pytest.mark.parametrize("code", ["", "AB CD", "AB\nCD"])
def test_un_secret_vide_ou_coupe_ne_part_pas(code: str) -> None:
    with pytest.raises(ValueError, match="signe inattendu"):
        mettre_en_file("essai", a="marie@exemple.fr", contexte={}, secrets={"code": code})


@pytest.mark.menace("T42")
def test_la_table_ne_contient_aucun_secret_ni_avant_ni_apres_l_envoi(boite: Boite) -> None:
    en_file()
    assert not _secrets_dans_la_table()
    boite.recevoir_une()
    assert not _secrets_dans_la_table()
    assert bytes(Courriel.objects.get().secrets) == b""


def _secrets_dans_la_table() -> bool:
    with connection.cursor() as curseur:
        curseur.execute("SELECT c::text, convert_from(secrets, 'UTF8') FROM courriels_courriel c")
        lignes = "".join(str(ligne) for ligne in curseur.fetchall())
        curseur.execute("SELECT j::text FROM procrastinate_jobs j")
        lignes += "".join(str(ligne) for ligne in curseur.fetchall())
    return SECRET in lignes or CODE in lignes

import pytest
from django.test import Client


@pytest.mark.django_db
def test_la_page_d_accueil_repond_a_un_visiteur(client: Client) -> None:
    assert client.get("/").status_code == 200

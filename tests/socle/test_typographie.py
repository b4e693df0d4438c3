"""Les espaces insécables des pages : posées dans le texte, nulle part ailleurs."""

from __future__ import annotations

import pytest
from django.test import Client

from apart.socle.typographie import composer


@pytest.mark.parametrize(
    ("gabarit", "compose"),
    [
        ("<p>Besoin d'aide ?</p>", "<p>Besoin d'aide\u00a0?</p>"),
        ("<p>« {{ nom }} » : voici</p>", "<p>«\u00a0{{ nom }}\u00a0»\u00a0: voici</p>"),
        ("<li>avis de situation ;</li>", "<li>avis de situation\u00a0;</li>"),
        ('<a title="Quoi ? ici" href="{% url \'a\' %}">x</a>', '<a title="Quoi ? ici" href="{% url \'a\' %}">x</a>'),
        ('{% if a > 1 %}{{ b|default:"x : y" }}{% endif %}', '{% if a > 1 %}{{ b|default:"x : y" }}{% endif %}'),
        ("<script>a ? b : c</script>", "<script>a ? b : c</script>"),
    ],
)
def test_seul_le_texte_est_compose(gabarit: str, compose: str) -> None:
    assert composer(gabarit) == compose


@pytest.mark.django_db
def test_une_page_servie_ne_laisse_pas_un_point_virgule_seul_a_la_ligne(client: Client) -> None:
    assert "votre avis de situation\u00a0;" in client.get("/").content.decode()

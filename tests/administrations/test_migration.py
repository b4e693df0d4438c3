"""Les agents d'avant les affectations gardent ce qu'ils pouvaient, et rien d'autre."""

from __future__ import annotations

import pytest

from tests.migrations import migrer, schema_remis


@pytest.mark.django_db(transaction=True)
def test_les_agents_d_aujourd_hui_sont_affectes_a_l_assistance_de_tout_le_territoire() -> None:
    with schema_remis():
        avant = migrer(("administrations", "0001_services_et_affectations"))
        avant.get_model("administrations", "Service").objects.all().delete()
        personnes = avant.get_model("comptes", "Utilisateur").objects
        agents = {"agent": {"est_agent": True}, "chef": {"est_agent": True, "est_superviseur": True}, "employeur": {}}
        for n, (nom, faits) in enumerate(agents.items()):
            commun = {"courriel": f"{nom}@asp.fr", "nom": nom, "prenom": nom, "identifiant": f"ABCDEFG{n}"}
            personnes.create(**commun, **faits)
        apres = migrer(("administrations", "0002_les_agents_d_aujourd_hui"))

        faites = apres.get_model("administrations", "Affectation").objects.values_list(
            "agent__nom", "role", "service__sorte", "service__departements", "au"
        )
        assert sorted(faites) == [
            ("agent", "assistance", "assistance", [], None),
            ("chef", "superviseur", "assistance", [], None),
        ]

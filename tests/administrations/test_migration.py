"""Les agents d'avant les affectations gardent ce qu'ils pouvaient, et rien d'autre."""

from __future__ import annotations

import pytest

from tests.migrations import migrer


@pytest.mark.django_db
def test_les_agents_d_aujourd_hui_sont_affectes_a_l_assistance_de_tout_le_territoire() -> None:
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


@pytest.mark.django_db
def test_une_ddets_sans_departement_se_nomme_avant_la_contrainte_et_les_autres_passent() -> None:
    services = migrer(("administrations", "0002_les_agents_d_aujourd_hui")).get_model("administrations", "Service")
    services.objects.create(nom="Assistance nationale", sorte="assistance")
    services.objects.create(nom="DDETS 44", sorte="ddets", departements=["44"])
    oubli = services.objects.create(nom="DREETS oubliée", sorte="dreets")

    with pytest.raises(ValueError, match="les départements de : DREETS oubliée"):
        migrer(("administrations", "0003_departements_selon_la_sorte"))

    services.objects.filter(pk=oubli.pk).update(departements=["44", "85"])
    migrer(("administrations", "0003_departements_selon_la_sorte"))

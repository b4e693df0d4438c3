"""La migration repèse les accords déjà donnés, sans croire aucune adresse ; en revenir n'y perd rien."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apart.socle.models import EntreeJournal
from tests.migrations import migrer
from tests.monde import etablissement, personne

pytestmark = pytest.mark.jour
AVANT = ("etablissements", "0003_etat_des_demandes_a_rejoindre")
APRES = ("etablissements", "0004_valeur_des_preuves")
GENS = ("imposteur", "sa_seconde", "directrice", "comptable", "stagiaire", "ancienne")


@pytest.mark.django_db
def test_un_accord_d_avant_ne_vaut_plus_que_la_preuve_de_qui_l_a_donne() -> None:
    lac, gens = etablissement("73282932000074", "Boulangerie du Lac"), {n: personne(n, n, f"{n}@b.fr") for n in GENS}
    modeles, debut = migrer(AVANT), timezone.now() - timedelta(days=90)
    habilitation, demande = (modeles.get_model("etablissements", n) for n in ("Habilitation", "DemandeRejoindre"))
    preuves = (1, 4, 6, 4, 4, 4)
    for rang, (nom, preuve) in enumerate(zip(GENS, preuves, strict=True)):
        habilitation.objects.create(
            utilisateur_id=gens[nom].pk,
            etablissement_id=lac.pk,
            role="principal" if preuve != 4 else "membre",
            preuve=preuve,
            prouvee_le=debut + timedelta(days=rang),
        )
    # Les accords récents sont dans les demandes, les plus vieux dans le journal, et le dernier nulle part.
    recents = {"sa_seconde": "imposteur", "comptable": "directrice"}
    for nom, par in recents.items():
        dates = {"confirmee_le": debut, "traitee_le": debut, "traitee_par_id": gens[par].pk}
        demande.objects.create(etablissement_id=lac.pk, courriel=f"{nom}@b.fr", etat="entree", **dates)
    for geste, par in (("accepter_rejoindre", "comptable"), ("entrer", "stagiaire")):
        ligne: dict[str, Any] = {"sujet": "etablissement:73282932000074", "details": {"demande": 41}}
        EntreeJournal.objects.create(geste=geste, par_id=gens[par].pk, **ligne)

    repesees = migrer(APRES).get_model("etablissements", "Habilitation").objects.select_related("utilisateur")

    valeurs = {h.utilisateur.nom: (h.preuve, h.valeur, h.garant_id) for h in repesees}
    assert valeurs == {
        "imposteur": (1, 1, None),
        "sa_seconde": (4, 1, gens["imposteur"].pk),
        "directrice": (6, 6, None),
        "comptable": (4, 4, gens["directrice"].pk),
        "stagiaire": (4, 4, gens["comptable"].pk),
        "ancienne": (4, 1, None),
    }
    assert migrer(APRES).get_model("etablissements", "Etablissement").objects.get().courriel_prouve_le is None
    retour = migrer(AVANT).get_model("etablissements", "Habilitation").objects.order_by("prouvee_le")
    assert tuple(h.preuve for h in retour) == preuves

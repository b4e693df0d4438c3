"""Refaire sa demande, ou jouer d'un autre dossier, ne défait ni une opposition ni un refus (T18, T17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises.actions import avis, contestations, demande, execution, lettres, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.lettres import LettreRefusee
from apart.reprises.models import Lettre, Reprise
from apart.socle.automate import GesteImpossible
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.monde import personne
from tests.reprises.fabriques import fiche
from tests.reprises.gens import LEA, agent, boulangerie, collegue, reprise, tenir
from tests.reprises.test_demande import confirmer, recevoir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
E = EtatReprise


@pytest.mark.menace("T18")
@pytest.mark.parametrize("etat", [E.PROPOSEE, E.OPPOSABLE, E.OPPOSEE])
def test_t18_refaire_sa_demande_ramene_a_celle_qui_est_en_pause(
    etat: EtatReprise, client: Client, boite: Boite
) -> None:
    arretee = reprise(boulangerie())
    paul = agent("Paul")
    poses: dict[EtatReprise, dict[str, Any]] = {
        E.PROPOSEE: {"proposee_par": paul, "proposee_le": timezone.now()},
        E.OPPOSABLE: {"opposition_jusqu_au": timezone.now() + timedelta(hours=70), "preuve": Preuve.DOMAINE},
        E.OPPOSEE: {"opposee_le": timezone.now()},
    }
    Reprise.objects.filter(pk=arretee.pk).update(etat=etat, **poses[etat])

    page = lu(client.get(confirmer(client, recevoir(client, boite))))

    assert arretee.numero in page
    assert sorted(Reprise.objects.values_list("etat", flat=True)) == sorted([etat, E.ABANDONNEE])


@pytest.mark.menace("T18")
def test_t18_une_etiquette_de_la_meme_boite_ne_fait_pas_le_tour_d_une_opposition(client: Client, boite: Boite) -> None:
    """Deux étiquettes sont deux identités : l'une ne lit pas la demande de l'autre, ni ne passe devant sa pause."""
    arretee = reprise(boulangerie(), courriel=LEA.replace("@", "+2@"))
    Reprise.objects.filter(pk=arretee.pk).update(etat=E.OPPOSEE, opposee_le=timezone.now())

    page = lu(client.get(confirmer(client, recevoir(client, boite))))
    neuve = Reprise.objects.latest("pk")

    assert arretee.numero not in page
    with pytest.raises(GesteImpossible):
        execution.executer(neuve, Preuve.COURRIEL_ETABLISSEMENT)
    Reprise.objects.filter(pk=arretee.pk).update(etat=E.REFUSEE, close_le=timezone.now())
    execution.executer(neuve, Preuve.COURRIEL_ETABLISSEMENT)
    assert neuve.etat == E.EXECUTEE


def test_l_appel_d_un_agent_suit_la_demande_que_l_appelant_confirme(client: Client, boite: Boite) -> None:
    appelee = reprise(boulangerie(), E.DEPOSEE)
    Reprise.objects.filter(pk=appelee.pk).update(ouverte_par=agent("Paul"))

    confirmer(client, recevoir(client, boite))

    (a_rappeler,) = Reprise.objects.a_traiter()
    assert a_rappeler.ouverte_par is not None
    assert a_rappeler != appelee


@pytest.mark.menace("T18")
def test_t18_le_refus_d_un_collegue_tient_contre_une_demande_refaite() -> None:
    ou = boulangerie()
    tenir(ou)
    victor, anne = collegue(ou).utilisateur, personne("Roux", "Anne", "anne.roux@boulangerie.fr")
    Habilitation.objects.create(utilisateur=anne, etablissement=ou, role=Role.MEMBRE, preuve=1, valeur=1)
    premiere = reprise(ou)
    preuves.refuser_accord(premiere, par=anne)
    demande.abandonner(premiere)

    refaite = reprise(ou)
    preuves.donner_accord(refaite, par=victor)

    assert refaite.etat == E.OPPOSABLE


@pytest.mark.menace("T18")
def test_t18_lire_une_opposition_ne_rouvre_pas_le_versement_qu_une_autre_ferme() -> None:
    ou = boulangerie()
    tenue = tenir(ou)
    Habilitation.objects.filter(pk=tenue.pk).update(contestee_le=timezone.now())
    faite: dict[str, Any] = {
        "etat": E.EXECUTEE,
        "executee_le": timezone.now(),
        "habilitation": tenue,
        "preuve": Preuve.LETTRE,
    }
    une, autre = reprise(ou, courriel="x@exemple.fr"), reprise(ou, courriel="y@exemple.fr")
    Reprise.objects.filter(pk__in=[une.pk, autre.pk]).update(**faite, opposee_le=timezone.now())

    Reprise.objects.filter(pk=une.pk).update(levee_le=timezone.now())
    contestations.accorder(ou, par=agent("Paul"))
    tenue.refresh_from_db()
    assert tenue.contestee_le is not None

    Reprise.objects.filter(pk=autre.pk).update(levee_le=timezone.now())
    contestations.accorder(ou, par=agent("Omar"))
    tenue.refresh_from_db()
    assert tenue.contestee_le is None


@pytest.mark.menace("T17")
def test_t17_l_adresse_de_l_etablissement_lit_le_nom_du_repertoire(boite: Boite) -> None:
    fiche()
    ou = boulangerie()
    tenir(ou)
    Etablissement.objects.filter(pk=ou.pk).update(denomination="Appelez vite votre banque")
    dossier = reprise(ou)
    dossier.etablissement.refresh_from_db()

    avis.prevenir(dossier)

    (au_siege,) = [lettre for lettre in boite.recevoir() if lettre.a == ou.courriel]
    assert "Appelez vite" not in au_siege.objet + au_siege.texte


def test_une_lettre_encore_en_route_apres_trente_jours_n_en_fait_pas_partir_une_seconde() -> None:
    fiche()
    ou = boulangerie()
    premiere = reprise(ou)
    lettres.ecrire(etablissement=ou, par=None, pour_reprise=premiere)
    Lettre.objects.update(ecrite_le=timezone.now() - timedelta(days=40))

    with pytest.raises(LettreRefusee):
        lettres.ecrire(etablissement=ou, par=None, pour_reprise=reprise(ou))

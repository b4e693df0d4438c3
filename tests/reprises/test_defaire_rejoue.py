"""Défaire rejoue les mouvements : ce qu'il efface avec eux, ses délais, et ceux d'avant qu'ils existent (T19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import personnes
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, Mouvement, Preuve, Role
from apart.reprises.actions import agents, execution, preuves
from apart.reprises.etats import EtatReprise
from apart.reprises.file import A_TRAITER, ligne
from apart.reprises.models import Reprise
from apart.socle.automate import GesteImpossible
from tests.monde import personne
from tests.reprises.attaques import CODE, X, Y, acces, actif, defaire, imposteur, relue
from tests.reprises.gens import LEA, agent, collegue, reprise

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def test_le_refus_d_accord_de_l_imposteur_n_arrete_plus_la_reprise_d_une_honnete(ou: Etablissement) -> None:
    """X refuse de répondre de Léa ; défait, il n'était le collègue de personne. Celui de Victor, lui, tient."""
    victor, (x, faite) = collegue(ou).utilisateur, imposteur(ou)
    de_lea, de_luc = reprise(ou), reprise(ou, courriel="luc@ailleurs.fr")
    Habilitation.objects.filter(utilisateur=x).update(role=Role.MEMBRE)
    preuves.refuser_accord(relue(de_lea), par=x)
    preuves.refuser_accord(relue(de_luc), par=victor)

    defaire(relue(faite))

    assert not preuves.a_ete_refuse(relue(de_lea))
    assert preuves.a_ete_refuse(relue(de_luc))


def test_ne_pas_defaire_revient_a_un_autre_agent_et_se_repropose(ou: Etablissement) -> None:
    _x, faite = imposteur(ou)
    nadia, omar = agent("Nadia"), agent("Omar")
    with pytest.raises(GesteImpossible):
        agents.refuser_annulation(relue(faite), motif="Elle est d'ici.", par=omar)
    agents.proposer_annulation(relue(faite), motif="Imposteur.", par=nadia)
    with pytest.raises(PermissionDenied):
        agents.refuser_annulation(relue(faite), motif="Elle est d'ici.", par=nadia)

    agents.refuser_annulation(relue(faite), motif="Elle est d'ici.", par=omar)

    assert not Reprise.objects.a_traiter().filter(pk=faite.pk).exists()
    agents.proposer_annulation(relue(faite), motif="Imposteur, vraiment.", par=omar)
    agents.annuler(relue(faite), par=nadia)
    assert relue(faite).etat == EtatReprise.ANNULEE


@pytest.mark.menace("T19")
@pytest.mark.parametrize(("apres", "se_defait"), [(timedelta(days=10), True), (timedelta(days=11), False)])
def test_t19_les_jours_sous_une_autre_reprise_ne_comptent_pas(
    ou: Etablissement, apres: timedelta, se_defait: bool
) -> None:
    """Faite au jour 0, couverte du 20e au 45e : il lui reste dix jours."""
    _x, premiere = imposteur(ou)
    personne("Y", "Y", Y)
    debut = timezone.now()
    with time_machine.travel(debut + timedelta(days=20), tick=False):
        seconde = reprise(ou, courriel=Y)
        execution.executer(seconde, CODE)
        assert not relue(premiere).peut_se_defaire
    with time_machine.travel(debut + timedelta(days=45), tick=False):
        defaire(relue(seconde))
        assert relue(premiere).peut_se_defaire
    with time_machine.travel(debut + timedelta(days=45) + apres - timedelta(minutes=1), tick=False):
        assert relue(premiere).peut_se_defaire is se_defait


def test_sous_une_autre_la_file_ne_la_montre_plus_et_l_y_remet_ensuite(ou: Etablissement) -> None:
    _x, premiere = imposteur(ou)
    agents.proposer_annulation(relue(premiere), motif="Imposteur.", par=agent("Nadia"))
    personne("Blanc", "Léa", LEA)
    seconde = reprise(ou)
    execution.executer(seconde, Preuve.LETTRE)
    assert not Reprise.objects.a_traiter().filter(pk=premiere.pk).exists()

    defaire(relue(seconde))

    (attend,) = Reprise.objects.a_traiter().filter(pk=premiere.pk)
    assert ligne(attend, A_TRAITER).a_faire == "Défaire, ou non"


@pytest.mark.menace("T19")
def test_t19_defaire_deux_fois_ne_rejoue_pas_ce_que_la_premiere_defaite_a_rouvert(
    ou: Etablissement, marie: Utilisateur
) -> None:
    """X reprend et retire Victor ; Y reprend et retire Luc ; on défait Y, puis X : chacun est à sa place."""
    victor = collegue(ou).utilisateur
    luc = personne("Roux", "Luc", "luc@boulangerie.fr")
    Habilitation.objects.create(utilisateur=luc, etablissement=ou, role=Role.MEMBRE, preuve=1)
    x, premiere = imposteur(ou)
    personnes.retirer(acces(victor, ou), par=x, motif=MotifRetrait.INCONNUE)
    y = personne("Y", "Y", Y)
    seconde = reprise(ou, courriel=Y)
    execution.executer(seconde, CODE)
    personnes.retirer(acces(luc, ou), par=y, motif=MotifRetrait.INCONNUE)

    defaire(relue(seconde))
    assert (actif(luc, ou) is not None, actif(victor, ou), actif(y, ou)) == (True, None, None)
    defaire(relue(premiere))

    gens = {h.utilisateur: h.role for h in ou.habilitations.actives()}
    assert gens == {marie: Role.PRINCIPAL, victor: Role.MEMBRE, luc: Role.MEMBRE}


def test_un_compte_ferme_ne_revient_pas(ou: Etablissement) -> None:
    victor = collegue(ou).utilisateur
    x, faite = imposteur(ou)
    personnes.retirer(acces(victor, ou), par=x, motif=MotifRetrait.INCONNUE)
    Utilisateur.objects.filter(pk=victor.pk).update(is_active=False)

    defaire(relue(faite))

    assert actif(victor, ou) is None


def test_ce_que_fait_une_reprise_porte_son_nom(ou: Etablissement) -> None:
    _x, faite = imposteur(ou)
    assert set(Mouvement.objects.values_list("sorte", "cause")) == {("sort", faite.cause), ("entre", faite.cause)}

    defaire(relue(faite))

    defaits = Mouvement.objects.filter(cause=faite.cause_defaite)
    assert sorted(defaits.values_list("sorte", flat=True)) == ["entre", "sort"]
    assert X not in ou.habilitations.actives().values_list("utilisateur__courriel", flat=True)

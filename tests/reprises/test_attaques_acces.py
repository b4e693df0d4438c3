"""Un attaquant essaie, et n'y arrive pas : prendre l'accès, une preuve ou l'argent sans y avoir droit."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from apart.comptes.actions.menage import purger_jetons
from apart.courriels.models import Courriel
from apart.etablissements.actions import personnes, relever
from apart.etablissements.actions import preuves as echelle
from apart.etablissements.models import (
    DemandePreuve,
    Habilitation,
    Preuve,
)
from apart.reprises import rappel
from apart.reprises.actions import agents, demande, execution, preuves
from apart.reprises.etats import EtatReprise as E
from tests.boite import Boite
from tests.comptes.fabriques import MOT_DE_PASSE
from tests.etablissements.parcours import secret
from tests.monde import etablissement, habiliter, personne
from tests.reprises.attaques import (
    CODE,
    MARIE,
    PLAFOND,
    RETRAIT,
    YVES,
    X,
    Y,
    acces,
    actif,
    admettre,
    echoir,
    imposteur,
    lien,
    paie,
    relue,
    simple,
)
from tests.reprises.gens import LEA, SIRET, agent, boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.menace("T19")
def test_t19_conteste_admet() -> None:
    ou = boulangerie()
    tenir(ou)
    x, r = imposteur(ou)
    execution.s_opposer(lien(r, MARIE), texte="Je suis toujours là")
    assert not paie(x, ou)
    with pytest.raises(PermissionDenied):
        admettre(ou, x)


@pytest.mark.menace("T19")
def test_t19_conteste_releve() -> None:
    ou = boulangerie()
    tenir(ou)
    x, _r = imposteur(ou)
    echelle.contester(acces(x, ou), est_contestee=True)
    h = simple(ou, Y)
    with suppress(Exception):
        relever.demander(h, Preuve.MEMBRE, par=h.utilisateur)
        relever.approuver(DemandePreuve.objects.get(habilitation=h), par=x)
    assert not paie(h.utilisateur, ou)


@pytest.mark.menace("T19")
def test_t19_conteste_retire_les_autres() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    x, _r = imposteur(ou)
    echelle.contester(acces(x, ou), est_contestee=True)
    with suppress(Exception):
        personnes.retirer(m, par=x, motif=RETRAIT)
    assert actif(m.utilisateur, ou)


@pytest.mark.menace("T19")
def test_t19_deux_principaux() -> None:
    ou = boulangerie()
    marie = tenir(ou, preuve=Preuve.REPRESENTANT)
    paul = habiliter(personne("D", "Paul", "paul@boulangerie.fr"), ou)
    paul.preuve = paul.valeur = 6
    paul.save()
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    x = personne("X", "X", X)
    preuves.donner_accord(reprise(ou, courriel=X), par=complice.utilisateur)
    if actif(x, ou):
        for h in (marie, paul):
            personnes.retirer(h, par=x, motif=RETRAIT)
    assert Habilitation.objects.actives().filter(pk__in=[marie.pk, paul.pk]).count() == 2


@pytest.mark.menace("T19")
def test_t19_sans_principal() -> None:
    """L'offre de rôle exige la preuve 4 et sept jours ; ici, la messagerie et une minute."""
    ou = boulangerie()
    collegue(ou)
    y = simple(ou, Y)
    x = personne("X", "X", X)
    preuves.donner_accord(reprise(ou, courriel=X), par=y.utilisateur)
    assert actif(x, ou) is None


@pytest.mark.menace("T19")
def test_t19_accord_de_soi() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    m = collegue(ou)
    with suppress(Exception):
        preuves.donner_accord(reprise(ou, courriel="victor.petit+rh@boulangerie.fr"), par=m.utilisateur)
    marie.refresh_from_db()
    assert marie.au is None


@pytest.mark.menace("T20")
def test_t20_rappel_de_soi() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    m.du = timezone.now() - timedelta(days=40)
    m.save()
    m.utilisateur.telephone = "+33688888888"
    m.utilisateur.save()
    r = reprise(ou, courriel="victor.petit+2@boulangerie.fr", telephone="+33677777777")
    assert "+33688888888" not in {n.numero for n in rappel.numeros(r)}


@pytest.mark.menace("T19")
def test_t19_garant_retire() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    personne("X", "X", X)
    preuves.donner_accord(reprise(ou, courriel=X), par=complice.utilisateur)
    personnes.retirer(complice, par=marie.utilisateur, motif=RETRAIT)
    echoir()
    marie.refresh_from_db()
    assert marie.au is None


@pytest.mark.menace("T19")
def test_t19_porteur_du_domaine_retire() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    c = simple(ou, "c@evil.fr")
    personne("X", "X", X)
    preuves.invoquer_le_domaine(reprise(ou, courriel=X))
    personnes.retirer(c, par=marie.utilisateur, motif=RETRAIT)
    echoir()
    marie.refresh_from_db()
    assert marie.au is None


@pytest.mark.menace("T19")
def test_t19_titulaire_arrive_depuis_par_une_reprise_plus_forte() -> None:
    ou = boulangerie()
    tenir(ou)
    elle = personne("Blanc", "Léa", LEA)
    personne("P", "Yves", YVES)
    preuves.invoquer_le_domaine(reprise(ou, courriel=YVES))
    execution.executer(reprise(ou), Preuve.LETTRE)
    assert not Courriel.objects.filter(modele="reprise_avis", destinataire=LEA).exists()
    echoir()
    assert actif(elle, ou)


@pytest.mark.menace("T18")
def test_t18_titulaire_a_qui_on_a_passe_la_main_depuis() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    personne("P", "Yves", YVES)
    preuves.invoquer_le_domaine(reprise(ou, courriel=YVES))
    victor = collegue(ou)
    personnes.passer_la_main(victor, par=marie.utilisateur, puis=personnes.Suite.QUITTER)
    echoir()
    assert actif(victor.utilisateur, ou)


@pytest.mark.menace("T18")
def test_t18_sa_reprise() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    v = collegue(ou, preuve=Preuve.COURRIEL)
    preuves.invoquer_le_domaine(reprise(ou, courriel=v.utilisateur.courriel))
    personnes.retirer(v, par=marie.utilisateur, motif=RETRAIT)
    echoir()
    assert actif(v.utilisateur, ou) is None
    assert actif(marie.utilisateur, ou)


@pytest.mark.menace("T18")
def test_t18_son_lien_d_opposition() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    m = collegue(ou)
    r = reprise(ou)
    preuves.invoquer_le_domaine(r)
    le_sien = lien(r, m.utilisateur.courriel)
    personnes.retirer(m, par=marie.utilisateur, motif=RETRAIT)
    with suppress(Exception):
        execution.s_opposer(le_sien, texte="na")
    assert relue(r).etat == E.OPPOSABLE


def test_la_file(monkeypatch: pytest.MonkeyPatch) -> None:
    ou = boulangerie()
    tenir(ou)
    habiliter(personne("P", "Yves", YVES), etablissement("55208131766522", "Ailleurs"))
    monkeypatch.setattr(PLAFOND, 1)
    preuves.invoquer_le_domaine(reprise(ou, courriel=YVES))
    autre = etablissement("35600000000048", "Autre")
    autre.courriel_prouve_le = timezone.now()
    autre.save()
    honnete = reprise(autre)
    preuves.invoquer_le_domaine(honnete)
    with suppress(Exception):
        echoir()
    assert relue(honnete).etat == E.EXECUTEE


def test_500_au_collegue(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    habiliter(personne("P", "Yves", "yves@cab.fr"), etablissement("55208131766522", "Ailleurs"))
    monkeypatch.setattr(PLAFOND, 1)
    r = reprise(ou, courriel="yves@cab.fr")
    client.force_login(m.utilisateur)
    client.raise_request_exception = False
    assert client.post(f"/etablissements/{SIRET}/reprises/{r.pk}/accorder").status_code < 500


@pytest.mark.menace("T19")
def test_t19_opposee() -> None:
    ou = boulangerie()
    tenir(ou)
    yves = personne("P", "Yves", YVES)
    r = reprise(ou, courriel=YVES)
    preuves.invoquer_le_domaine(r)
    execution.s_opposer(lien(r, MARIE), texte="Yves est parti.")
    seconde = reprise(ou, E.DEPOSEE, courriel=YVES)
    demande.confirmer_connecte(seconde, par=yves)
    with suppress(Exception):
        preuves.invoquer_le_domaine(seconde)
    echoir()
    assert relue(seconde).etat != E.EXECUTEE


@pytest.mark.menace("T19")
def test_t19_refusee() -> None:
    ou = boulangerie()
    tenir(ou)
    personne("P", "Yves", YVES)
    p = agent("Paul")
    r = reprise(ou, courriel=YVES)
    agents.examiner(r, par=p)
    agents.refuser(r, motif="Il est parti en mai.", par=p)
    seconde = reprise(ou, courriel=YVES)
    with suppress(Exception):
        preuves.invoquer_le_domaine(seconde)
    echoir()
    assert relue(seconde).etat != E.EXECUTEE


def test_avis_sans_limite() -> None:
    ou = boulangerie()
    tenir(ou)
    yves = personne("P", "Yves", YVES)
    for _ in range(20):
        r = reprise(ou, E.DEPOSEE, courriel=YVES)
        demande.confirmer_connecte(r, par=yves)
        with suppress(Exception):
            preuves.invoquer_le_domaine(r)
        demande.abandonner(r)
    assert Courriel.objects.filter(modele="reprise_avis", destinataire=MARIE).count() <= 10


@pytest.mark.menace("T19")
def test_t19_apres_une_autre_reprise(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    execution.executer(reprise(ou, courriel="vieux@boulangerie.fr"), Preuve.REPRESENTANT)
    entree = secret(next(m for m in boite.recevoir() if m.a == "vieux@boulangerie.fr"))
    personne("Blanc", "Léa", LEA)
    execution.executer(reprise(ou), Preuve.LETTRE)
    with suppress(Exception):
        execution.entrer(entree, mot_de_passe=MOT_DE_PASSE)
    assert not Habilitation.objects.actives().filter(utilisateur__courriel="vieux@boulangerie.fr").exists()


@pytest.mark.menace("T19")
def test_t19_apres_les_trente_jours(boite: Boite) -> None:
    ou = boulangerie()
    tenir(ou)
    r = reprise(ou, courriel="vieux@boulangerie.fr")
    with time_machine.travel(timezone.now(), tick=False) as horloge:
        execution.executer(r, CODE)
        entree = secret([m for m in boite.recevoir() if m.a == "vieux@boulangerie.fr"][-1])
        for _ in range(6):
            horloge.shift(timedelta(days=7, hours=1))
            purger_jetons()
            execution.renouveler_entree(entree)
            entree = next((secret(m) for m in reversed(boite.recevoir()) if m.a == "vieux@boulangerie.fr"), entree)
        with suppress(Exception):
            execution.entrer(entree, mot_de_passe=MOT_DE_PASSE)
    assert not Habilitation.objects.actives().filter(etablissement=ou).exists()

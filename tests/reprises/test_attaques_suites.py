"""Un attaquant essaie, et n'y arrive pas : défaire à moitié, user de la place d'autrui, lire le sien."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from apart.courriels.models import Courriel
from apart.etablissements.actions import personnes
from apart.etablissements.models import (
    Etablissement,
    Habilitation,
    Preuve,
    Role,
)
from apart.reprises import rappel
from apart.reprises.actions import agents, demande, execution, lettres, lots, preuves
from apart.reprises.etats import EtatReprise as E
from apart.reprises.lettres import LettreRefusee
from apart.reprises.models import Lettre, PieceAttendue, Reprise
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.etablissements.parcours import fiche
from tests.monde import personne
from tests.reprises.attaques import (
    CODE,
    MARIE,
    RETRAIT,
    X,
    Y,
    acces,
    actif,
    admettre,
    defaire,
    echoir,
    imposteur,
    lever,
    lien,
    paie,
    piece,
    relue,
)
from tests.reprises.gens import LEA, SIRET, agent, boulangerie, collegue, reprise, tenir

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.mark.menace("T19")
def test_t19_le_complice_reste_principal() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    x, r = imposteur(ou)
    y = admettre(ou, x)
    personnes.changer_role(acces(y, ou), role=Role.PRINCIPAL, par=x)
    defaire(r)
    if actif(y, ou):
        personnes.retirer(acces(marie.utilisateur, ou), par=y, motif=RETRAIT)
    assert actif(marie.utilisateur, ou)


@pytest.mark.menace("T19")
def test_t19_les_membres_qu_il_a_retires_ne_reviennent_pas() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    x, r = imposteur(ou)
    personnes.retirer(m, par=x, motif=RETRAIT)
    defaire(r)
    assert actif(m.utilisateur, ou)


@pytest.mark.menace("T19")
def test_t19_l_imposteur_revient() -> None:
    """X chasse Marie, Léa chasse X ; les deux reprises sont défaites : X redevient principal, et peut verser."""
    ou = boulangerie()
    tenir(ou)
    x, r1 = imposteur(ou)
    personne("Blanc", "Léa", LEA)
    r2 = reprise(ou)
    execution.executer(r2, CODE)
    with pytest.raises(GesteImpossible):
        defaire(r1)
    defaire(r2)
    defaire(r1)
    assert actif(x, ou) is None


@pytest.mark.menace("T19")
def test_t19_le_versement_conteste_se_rouvre() -> None:
    ou = boulangerie()
    tenir(ou)
    x, r = imposteur(ou)
    execution.s_opposer(lien(r, MARIE), texte="Je travaille toujours ici.")
    personne("Y", "Y", Y)
    r2 = reprise(ou, courriel=Y)
    execution.executer(r2, CODE)
    defaire(r2)
    assert not paie(x, ou)


def test_un_membre_perd_ce_qu_il_avait_avant() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    r = reprise(ou, courriel=m.utilisateur.courriel)
    execution.executer(r, CODE)
    defaire(r)
    assert actif(m.utilisateur, ou)


def test_le_titulaire_revenu_membre_le_reste() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    _x, r = imposteur(ou)
    Habilitation.objects.create(utilisateur=marie.utilisateur, etablissement=ou, role=Role.MEMBRE, preuve=1)
    defaire(r)
    assert acces(marie.utilisateur, ou).role == Role.PRINCIPAL


@pytest.mark.menace("T20")
def test_t20_rappel_et_extrait_public() -> None:
    ou = boulangerie()
    tenir(ou)
    elle = personne("Blanc", "Léa", LEA)
    r = reprise(ou)
    p = agent("Paul")
    piece(r)
    agents.examiner(r, par=p)
    agents.rappeler(r, "+33102030405", par=p)
    agents.proposer(r, motif="Rappelée au standard.", par=p)
    agents.approuver(r, par=agent("Sophie"))
    assert not paie(elle, ou)


@pytest.mark.menace("T19")
def test_t19_levee_elle_ote_la_pause_au_vrai_titulaire() -> None:
    ou = boulangerie()
    marie = tenir(ou)
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    personne("X", "X", "x@boulangerie.fr")
    r = reprise(ou, courriel="x@boulangerie.fr")
    preuves.invoquer_le_domaine(r)
    execution.s_opposer(lien(r, complice.utilisateur.courriel), texte="bof")
    lever(r)
    with pytest.raises(PermissionDenied):
        preuves.invoquer_le_domaine(relue(r))
    echoir()
    marie.refresh_from_db()
    assert marie.au is None


@pytest.mark.menace("T19")
def test_t19_levee_avant_elle_ote_la_fermeture_du_versement_apres() -> None:
    ou = boulangerie()
    tenir(ou)
    complice = collegue(ou, preuve=Preuve.COURRIEL)
    x = personne("X", "X", X)
    r = reprise(ou, courriel=X)
    execution.s_opposer(lien(r, complice.utilisateur.courriel), texte="bof")
    lever(r)
    r = relue(r)
    execution.executer(r, CODE)
    execution.s_opposer(lien(r, MARIE), texte="C'est moi la gérante")
    assert not paie(x, ou)


def test_la_seconde_est_perdue_et_dite_enregistree() -> None:
    ou = boulangerie()
    tenir(ou)
    c = collegue(ou, preuve=Preuve.COURRIEL)
    r = reprise(ou)
    preuves.invoquer_le_domaine(r)
    de_marie, de_c = (lien(r, MARIE), lien(r, c.utilisateur.courriel))
    execution.s_opposer(de_c, texte="bof")
    with suppress(Exception):
        execution.s_opposer(de_marie, texte="Je travaille toujours ici.")
    assert {"bof", "Je travaille toujours ici."} == set(r.phrases.values_list("texte", flat=True))


@pytest.mark.menace("T18")
def test_t18_adresse_d_un_ancien_membre(boite: Boite) -> None:
    ou = boulangerie()
    marie = tenir(ou)
    v = collegue(ou)
    x = personne("Petit", "Victor", "victor@gmail.com")
    Etablissement.objects.filter(pk=ou.pk).update(courriel=v.utilisateur.courriel)
    r = reprise(Etablissement.objects.get(pk=ou.pk), courriel="victor@gmail.com")
    personnes.retirer(Habilitation.objects.get(pk=v.pk), par=marie.utilisateur, motif=RETRAIT)
    r = relue(r)
    if preuves.adresse_independante(r.etablissement, r.courriel):
        preuves.envoyer_code(r)
        preuves.employer_code(r, next(m.code for m in boite.recevoir() if m.a == v.utilisateur.courriel and m.code))
    h = actif(x, ou)
    assert h is None, (h.role, h.valeur, h.permet_paiement)


@pytest.mark.menace("T19")
def test_t19_la_lettre() -> None:
    fiche(SIRET)
    ou = boulangerie()
    h = tenir(ou, preuve=Preuve.COURRIEL)
    d_un_inconnu = lettres.ecrire(etablissement=ou, par=None, pour_reprise=reprise(ou, courriel="x@gmail.com"))
    sienne = lettres.ecrire(etablissement=ou, par=h.utilisateur, pour_habilitation=h)

    assert set(Lettre.objects.vivantes()) == {d_un_inconnu, sienne}


@pytest.mark.menace("T19")
def test_t19_les_codes() -> None:
    ou = boulangerie()
    tenir(ou)
    inconnu = reprise(ou, courriel="x@gmail.com")
    with time_machine.travel(timezone.now(), tick=False) as horloge:
        for _ in range(4):
            for _ in range(3):
                preuves.envoyer_code(inconnu)
            horloge.shift(timedelta(minutes=16))
        assert preuves.envoyer_code(reprise(ou))


@pytest.mark.menace("T19")
def test_t19_les_accords() -> None:
    ou = boulangerie()
    tenir(ou)
    collegue(ou)
    inconnu = reprise(ou, courriel="x@gmail.com")
    for _ in range(3):
        preuves.demander_accord(inconnu)
    assert preuves.demander_accord(reprise(ou)) == 1


@pytest.mark.menace("T20")
def test_t20_etiquette() -> None:
    fiche(SIRET)
    ou = boulangerie()
    tenir(ou)
    p = agent("Paul")
    r = reprise(ou, courriel="paul+b@asp.fr")
    assert agents.est_interesse(r, p)
    lettres.ecrire(etablissement=ou, par=None, pour_reprise=r)
    with suppress(LettreRefusee):
        lots.imprimer_lot(par=p)
    assert Lettre.objects.get().imprimee_le is None


@pytest.mark.menace("T21")
def test_t21_ancien_membre() -> None:
    fiche(SIRET)
    ou = boulangerie()
    tenir(ou)
    p = agent("Paul")
    r = reprise(ou, courriel="x@gmail.com")
    Habilitation.objects.create(
        utilisateur=p,
        etablissement=ou,
        role=Role.MEMBRE,
        preuve=1,
        du=timezone.now() - timedelta(days=9),
        au=timezone.now(),
    )
    assert agents.est_interesse(r, p)
    lettres.ecrire(etablissement=ou, par=None, pour_reprise=r)
    with suppress(LettreRefusee):
        lots.imprimer_lot(par=p)
    assert Lettre.objects.get().imprimee_le is None


def test_vingt_refus_vingt_courriels() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou)
    r = reprise(ou)
    preuves.refuser_accord(r, par=m.utilisateur)
    with pytest.raises(GesteImpossible):
        preuves.refuser_accord(relue(r), par=m.utilisateur)
    assert not Courriel.objects.filter(modele="reprise_opposee").exists()
    assert relue(r).etat == E.CONFIRMEE


@pytest.mark.menace("T18")
def test_t18_un_refus_avant_toute_preuve_ferme_les_preuves_fortes() -> None:
    ou = boulangerie()
    tenir(ou)
    m = collegue(ou, preuve=Preuve.COURRIEL)
    r = reprise(ou)
    preuves.refuser_accord(r, par=m.utilisateur)
    with suppress(Exception):
        preuves.envoyer_code(relue(r))
    assert preuves.code_en_attente(r) is not None


def test_la_denomination_tapee_part_a_une_simple_messagerie() -> None:
    ou = boulangerie()
    Etablissement.objects.filter(pk=ou.pk).update(denomination="MADAME DURAND, 4 RUE SECRETE")
    ou = Etablissement.objects.get(pk=ou.pk)
    tenir(ou)
    r = reprise(ou, courriel="x@gmail.com")
    p = agent("Paul")
    agents.examiner(r, par=p)
    agents.demander_piece(r, PieceAttendue.IDENTITE, par=p)
    assert not any("SECRETE" in c.texte for c in Courriel.objects.filter(destinataire="x@gmail.com"))


def test_un_nom_tape_part_a_l_adresse_de_l_etablissement() -> None:
    ou = boulangerie()
    tenir(ou)
    preuves.envoyer_code(reprise(ou, prenom="Compte bloqué", nom="appelez le 08 99 70 00 00", courriel="x@gmail.com"))
    assert "08 99" not in Courriel.objects.get(destinataire="contact@boulangerie.fr").texte


@pytest.mark.menace("T21")
def test_t21_un_agent_concerne_lit_les_pieces(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    p = agent("Paul")
    r = reprise(ou)
    piece(r)
    Habilitation.objects.create(
        utilisateur=p,
        etablissement=ou,
        role=Role.MEMBRE,
        preuve=1,
        du=timezone.now() - timedelta(days=9),
        au=timezone.now(),
    )
    client.force_login(p)
    assert client.get(f"/agents/reprises/{r.pk}/pieces/{r.pieces.get().pk}/").status_code in (403, 404)


@pytest.mark.menace("T21")
def test_t21_qui_lit_une_piece_n_est_pas_note(client: Client) -> None:
    ou = boulangerie()
    tenir(ou)
    r = reprise(ou)
    piece(r)
    client.force_login(agent("Paul"))
    avant = EntreeJournal.objects.count()
    client.get(f"/agents/reprises/{r.pk}/pieces/{r.pieces.get().pk}/")
    assert EntreeJournal.objects.count() > avant


def test_une_demande_jamais_confirmee_est_montree_aux_agents() -> None:
    ou = boulangerie()
    tenir(ou)
    reprise(ou, E.DEPOSEE)
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        demande.expirer()
        assert not Reprise.objects.visibles_par(agent("Paul")).exists()


@pytest.mark.menace("T20")
def test_t20_point_gmail() -> None:
    ou = boulangerie()
    p = agent("Paul")
    p.courriel = "paul.martin@gmail.com"
    p.save()
    assert agents.est_interesse(reprise(ou, courriel="paulmartin@gmail.com"), p)


@pytest.mark.menace("T20")
def test_t20_numero_d_un_cabinet() -> None:
    ou = boulangerie()
    tenir(ou)
    c = personne("C", "C", "c@cabinet.fr")
    c.telephone = "+33699999999"
    c.save()
    Habilitation.objects.create(
        utilisateur=c, etablissement=ou, role=Role.TIERS, preuve=1, du=timezone.now() - timedelta(days=40)
    )
    assert "+33699999999" not in {n.numero for n in rappel.numeros(reprise(ou))}


@pytest.mark.menace("T21")
def test_t21_qui_a_approuve_leve_seul_la_contestation() -> None:
    ou = boulangerie()
    tenir(ou)
    personne("Blanc", "Léa", LEA)
    r = reprise(ou)
    p, s = (agent("Paul"), agent("Sophie"))
    piece(r, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    agents.examiner(r, par=p)
    agents.proposer(r, motif="ok", par=p)
    agents.approuver(r, par=s)
    execution.s_opposer(lien(r, MARIE), texte="non")
    r = relue(r)
    for geste in (agents.proposer_levee, agents.lever_contestation):
        with suppress(Exception):
            geste(r, motif="je maintiens", par=s)
    assert relue(r).est_contestee

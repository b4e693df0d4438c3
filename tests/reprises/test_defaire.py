"""Défaire une reprise rend les accès, et ne ramène ni ne perd rien de ce qui a changé depuis (T18, T19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes
from apart.etablissements.actions.preuves import poser
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, Preuve, Role
from apart.reprises.actions import agents, execution, releve
from apart.reprises.etats import EtatReprise
from apart.reprises.models import PieceAttendue, Reprise
from tests.monde import personne
from tests.reprises.attaques import MARIE, X, acces, actif, admettre, defaire, imposteur, lever, lien, piece, relue
from tests.reprises.gens import agent, collegue, reprise

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def attestation(sienne: Habilitation) -> Reprise:
    """Deux agents relèvent sa preuve à 6, sur une attestation."""
    releve.demander(sienne, par=sienne.utilisateur)
    dossier = Reprise.objects.filter(est_releve=True).latest("pk")
    piece(dossier, PieceAttendue.ATTESTATION, PieceAttendue.IDENTITE)
    dossier.refresh_from_db()
    agents.proposer(dossier, motif="Concordent.", par=_agent("Nadia"))
    agents.approuver(dossier, par=_agent("Omar"))
    return dossier


def _agent(prenom: str) -> Utilisateur:
    return Utilisateur.objects.par_courriel(f"{prenom.lower()}@asp.fr") or agent(prenom)


@pytest.mark.menace("T19")
def test_t19_une_preuve_defaite_entre_temps_ne_revient_pas_avec_l_acces(ou: Etablissement) -> None:
    """X, membre, relève sa preuve sur une fausse attestation, reprend l'accès ; on défait l'une, puis l'autre."""
    x = personne("X", "X", X)
    sienne = Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    fausse = attestation(sienne)
    reprendre = reprise(ou, courriel=X)
    execution.executer(reprendre, Preuve.COURRIEL_ETABLISSEMENT)

    defaire(relue(fausse))
    defaire(relue(reprendre))

    assert (acces(x, ou).role, acces(x, ou).valeur) == (Role.MEMBRE, Preuve.COURRIEL)


@pytest.mark.menace("T19")
def test_t19_ni_celle_de_la_reprise_defaite_quand_c_est_l_autre_que_l_on_defait_apres(ou: Etablissement) -> None:
    x = personne("X", "X", X)
    Habilitation.objects.create(utilisateur=x, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    reprendre = reprise(ou, courriel=X)
    execution.executer(reprendre, Preuve.COURRIEL_ETABLISSEMENT)
    fausse = attestation(acces(x, ou))

    defaire(relue(reprendre))
    assert (acces(x, ou).role, acces(x, ou).valeur) == (Role.MEMBRE, Preuve.REPRESENTANT)
    defaire(relue(fausse))

    assert acces(x, ou).valeur == Preuve.COURRIEL


@pytest.mark.menace("T19")
def test_t19_la_preuve_de_qui_a_perdu_l_acces_se_defait_aussi_et_ne_revient_pas(
    ou: Etablissement, marie: Utilisateur
) -> None:
    Habilitation.objects.filter(utilisateur=marie).update(preuve=Preuve.COURRIEL, valeur=Preuve.COURRIEL)
    fausse = attestation(acces(marie, ou))
    _, reprendre = imposteur(ou)

    defaire(relue(fausse))
    defaire(relue(reprendre))

    assert (acces(marie, ou).role, acces(marie, ou).valeur) == (Role.PRINCIPAL, Preuve.COURRIEL)


@pytest.mark.menace("T18")
def test_t18_une_contestation_n_est_pas_effacee_par_une_reprise_defaite(ou: Etablissement, marie: Utilisateur) -> None:
    """Marie avait elle-même repris l'accès d'Anne, qui s'y oppose ; X le reprend à Marie, puis on défait X."""
    anne = personne("Durand", "Anne", "anne@boulangerie.fr")
    personnes.changer_role(
        Habilitation.objects.create(
            utilisateur=anne, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.LETTRE, valeur=5
        ),
        role=Role.PRINCIPAL,
        par=marie,
    )
    personnes.quitter(acces(marie, ou), par=marie)
    premiere = reprise(ou, courriel=MARIE)
    execution.executer(premiere, Preuve.LETTRE)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        _, seconde = imposteur(ou)
        execution.s_opposer(lien(premiere, "anne@boulangerie.fr"), texte="Je travaille toujours ici.")

        defaire(relue(seconde))

        assert not acces(marie, ou).permet_paiement
        lever(premiere)
        assert acces(marie, ou).permet_paiement


@pytest.mark.menace("T19")
def test_t19_la_premiere_reprise_se_defait_encore_apres_la_seconde(ou: Etablissement, marie: Utilisateur) -> None:
    """Une même personne garde la même habilitation : le premier dossier agit sur celle qui est revenue."""
    yann, premiere = imposteur(ou)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        seconde = reprise(ou, courriel="z@evil.fr")
        personne("Z", "Z", "z@evil.fr")
        execution.executer(seconde, Preuve.LETTRE)
        defaire(relue(seconde))
        assert acces(yann, ou) == relue(premiere).habilitation

        execution.s_opposer(lien(premiere, MARIE), texte="Je n'ai jamais quitté l'entreprise.")
        assert not acces(yann, ou).permet_paiement
        defaire(relue(premiere))

    assert actif(yann, ou) is None
    assert acces(marie, ou).valeur == Preuve.LETTRE


def test_une_preuve_donnee_entre_temps_reste_a_qui_l_a_donnee(ou: Etablissement) -> None:
    victor = collegue(ou, preuve=Preuve.COURRIEL)
    _, reprendre = imposteur(ou)
    poser(victor, Preuve.LETTRE)

    defaire(relue(reprendre))

    assert acces(victor.utilisateur, ou).valeur == Preuve.LETTRE


def test_qui_est_parti_de_lui_meme_ne_revient_pas_et_qui_a_ete_retire_revient(ou: Etablissement) -> None:
    victor, lise = collegue(ou), personne("Roux", "Lise", "lise@boulangerie.fr")
    sienne = Habilitation.objects.create(utilisateur=lise, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
    x, reprendre = imposteur(ou)
    personnes.quitter(victor, par=victor.utilisateur)
    personnes.retirer(sienne, par=x, motif=MotifRetrait.DEPART)

    defaire(relue(reprendre))

    assert actif(victor.utilisateur, ou) is None
    assert acces(lise, ou) == sienne


@pytest.mark.parametrize(
    ("depuis", "gardee"), [(Preuve.MEMBRE, Preuve.COURRIEL_ETABLISSEMENT), (Preuve.LETTRE, Preuve.LETTRE)]
)
def test_qui_a_ete_retire_puis_readmis_garde_la_plus_forte_de_ses_deux_preuves(
    ou: Etablissement, depuis: Preuve, gardee: Preuve
) -> None:
    """L'accord de l'imposteur ne vaut plus rien après lui ; une lettre, si."""
    lise, marie = personne("Roux", "Lise", "lise@boulangerie.fr"), Utilisateur.objects.get(courriel=MARIE)
    sienne = Habilitation.objects.create(
        utilisateur=lise, etablissement=ou, role=Role.MEMBRE, preuve=3, garant=marie, valeur=3
    )
    x, reprendre = imposteur(ou, Preuve.LETTRE)
    personnes.retirer(sienne, par=x, motif=MotifRetrait.DEPART)
    readmise = Habilitation.objects.create(
        utilisateur=lise, etablissement=ou, role=Role.MEMBRE, preuve=Preuve.MEMBRE, garant=x, valeur=Preuve.MEMBRE
    )
    if depuis == Preuve.LETTRE:
        poser(readmise, Preuve.LETTRE)

    defaire(relue(reprendre))

    assert acces(lise, ou).valeur == gardee


@pytest.mark.menace("T19")
def test_t19_un_role_pris_sur_une_preuve_defaite_ne_se_rend_pas(ou: Etablissement, marie: Utilisateur) -> None:
    """Marie l'avait pris sur une attestation ; une reprise l'ôte ; l'attestation se défait, puis la reprise."""
    mienne = acces(marie, ou)
    Habilitation.objects.filter(pk=mienne.pk).update(role=Role.MEMBRE, preuve=Preuve.COURRIEL, valeur=1)
    fausse = attestation(acces(marie, ou))
    offres.prendre(acces(marie, ou), par=marie)
    _, reprendre = imposteur(ou)
    defaire(relue(fausse))

    defaire(relue(reprendre))

    assert (acces(marie, ou).role, acces(marie, ou).role_pris_le) == (Role.MEMBRE, None)


def test_le_role_pris_le_reste_quand_la_reprise_se_defait(ou: Etablissement, marie: Utilisateur) -> None:
    """Sinon défaire ensuite la preuve qui le donnait laisserait le rôle."""
    Habilitation.objects.filter(utilisateur=marie).update(role=Role.MEMBRE, preuve=Preuve.COURRIEL, valeur=1)
    fausse = attestation(acces(marie, ou))
    offres.prendre(acces(marie, ou), par=marie)
    _, reprendre = imposteur(ou)
    defaire(relue(reprendre))
    assert acces(marie, ou).role == Role.PRINCIPAL

    defaire(relue(fausse))

    assert (acces(marie, ou).role, acces(marie, ou).valeur) == (Role.MEMBRE, Preuve.COURRIEL)


def test_ceux_qu_il_a_fait_entrer_sortent_avec_lui(ou: Etablissement) -> None:
    x, reprendre = imposteur(ou)
    y = admettre(ou, x)

    defaire(relue(reprendre))

    assert actif(y, ou) is None
    assert relue(reprendre).etat == EtatReprise.ANNULEE


def test_qui_a_ete_retire_par_un_principal_d_avant_ne_revient_pas(ou: Etablissement, marie: Utilisateur) -> None:
    """Anne, principale avec Marie, retire un salarié parti ; défaire la reprise de X ne le fait pas revenir."""
    anne, parti = personne("Durand", "Anne", "anne@boulangerie.fr"), collegue(ou)
    Habilitation.objects.create(utilisateur=anne, etablissement=ou, role=Role.PRINCIPAL, preuve=5, valeur=5)
    _, reprendre = imposteur(ou)
    personnes.retirer(parti, par=anne, motif=MotifRetrait.DEPART)

    defaire(relue(reprendre))

    assert actif(parti.utilisateur, ou) is None
    assert acces(marie, ou).role == Role.PRINCIPAL

"""Sans principal et sans offre à attendre, le rôle se prend sur une preuve 5 ou 6, qui ne vient de personne."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes, preuves
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, OffreRole, Preuve, Role
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.gens import PERSONNES, d_une_ligne, habilite, navigateur, relue
from tests.monde import SIRET

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
FICHE, PRENDRE = f"/etablissements/{SIRET}/", f"/etablissements/{SIRET}/role/prendre"


def fermer(qui: Habilitation, *, ouvert: bool = False) -> None:
    Utilisateur.objects.filter(pk=qui.utilisateur_id).update(is_active=ouvert)


def ancien(prenom: str, jours: int, preuve: Preuve = Preuve.COURRIEL, **champs: Any) -> Habilitation:
    return habilite(prenom, du=now() - timedelta(days=jours), preuve=preuve, **champs)


def vacant() -> Habilitation:
    """Marie, seule principale, a fermé son compte."""
    marie = habilite("Marie", Role.PRINCIPAL, preuve=Preuve.REPRESENTANT)
    fermer(marie)
    return marie


def refuse(par: Habilitation) -> None:
    """Le rôle s'est offert, et ce membre n'en veut pas."""
    offres.tenir()
    offres.refuser(OffreRole.objects.latest("pk"), par=par.utilisateur)


def test_l_offre_refusee_un_membre_de_preuve_5_prend_le_role_et_tous_le_savent(boite: Boite) -> None:
    luc = ancien("Luc", 200, Preuve.MEMBRE, garant=vacant().utilisateur)
    anne, paul = ancien("Anne", 100, Preuve.LETTRE), ancien("Paul", 50)
    Etablissement.objects.update(courriel_prouve_le=now())
    refuse(luc)
    avis = {lettre.a: d_une_ligne(lettre) for lettre in boite.recevoir()}
    assert "vous pouvez le prendre sur la page de l'établissement" in avis["anne@boulangerie.fr"]
    assert f"/etablissements/{SIRET}/preuve/" in avis["paul@boulangerie.fr"]

    page = lu(navigateur(anne).post(PRENDRE, follow=True))

    lettres = {lettre.a: d_une_ligne(lettre) for lettre in boite.recevoir()}
    assert "Vous êtes utilisateur principal" in page
    assert "n'a plus d'utilisateur principal" not in page
    assert relue(anne).role == Role.PRINCIPAL
    assert lettres.keys() == {f"{q}@boulangerie.fr" for q in ("luc", "anne", "paul", "contact")}
    assert "Vous avez pris ce rôle" in lettres["anne@boulangerie.fr"]
    assert "sur cette preuve : code reçu par lettre" in lettres["paul@boulangerie.fr"]
    assert "Anne Durand" not in lettres["contact@boulangerie.fr"]  # un nom tapé n'y part pas (T17)
    assert EntreeJournal.objects.get(geste="prendre_role").par == anne.utilisateur
    assert relue(paul).role == Role.MEMBRE


def test_envoye_deux_fois_il_ne_se_prend_qu_une(boite: Boite) -> None:
    vacant()
    anne = ancien("Anne", 100, Preuve.REPRESENTANT)

    assert offres.prendre(anne, par=anne.utilisateur)
    assert not offres.prendre(anne, par=anne.utilisateur)

    assert EntreeJournal.objects.filter(geste="prendre_role").count() == 1
    assert len(boite.recevoir()) == 1


def test_sans_personne_a_qui_l_offrir_qui_releve_sa_preuve_prend_le_role() -> None:
    vacant()
    paul = ancien("Paul", 300)
    assert "preuve de niveau 5 ou 6" in lu(navigateur(paul).get(FICHE))

    preuves.poser(paul, Preuve.LETTRE)

    assert "Prendre le rôle" in lu(navigateur(paul).get(FICHE))
    assert offres.prendre(relue(paul), par=paul.utilisateur)


def test_avant_l_offre_de_la_nuit_il_ne_se_prend_pas_a_qui_le_recevrait() -> None:
    luc = ancien("Luc", 200, Preuve.MEMBRE, garant=vacant().utilisateur)
    anne = ancien("Anne", 100, Preuve.LETTRE)

    assert "Cette nuit, le rôle s'offre" in lu(navigateur(anne).get(FICHE))
    with pytest.raises(GesteImpossible):
        offres.prendre(anne, par=anne.utilisateur)

    offres.tenir()
    assert f"est offert à {luc.utilisateur}" in lu(navigateur(anne).get(FICHE))
    assert "n'est plus à prendre" in lu(navigateur(anne).post(PRENDRE, follow=True))
    assert relue(anne).role == Role.MEMBRE


def test_un_principal_revenu_ou_parti_depuis_referme_ce_chemin() -> None:
    marie = vacant()
    luc = ancien("Luc", 200, Preuve.MEMBRE, garant=marie.utilisateur)
    anne = ancien("Anne", 100, Preuve.LETTRE)
    refuse(luc)
    fermer(marie, ouvert=True)
    with pytest.raises(GesteImpossible):
        offres.prendre(anne, par=anne.utilisateur)

    personnes.retirer(marie, par=None, motif=MotifRetrait.REPRISE)  # le refus d'avant ne compte plus
    Habilitation.objects.filter(pk=luc.pk).update(garant=anne.utilisateur, valeur=Preuve.MEMBRE)
    with pytest.raises(GesteImpossible):
        offres.prendre(anne, par=anne.utilisateur)
    offres.tenir()

    assert OffreRole.objects.latest("pk").habilitation == luc


@pytest.mark.parametrize("garant", ["Deux", "Trois"])
def test_un_imposteur_a_trois_messageries_ne_le_prend_jamais(garant: str) -> None:
    """Il a ouvert l'espace, y a admis ses deux autres messageries ; elles se garantissent, et refusent l'offre."""
    un = habilite("Un", Role.PRINCIPAL)
    siennes = [ancien(nom, 100) for nom in ("Deux", "Trois")]
    fermer(un)
    qui = {h.utilisateur.prenom: h.utilisateur for h in siennes}
    for h in siennes:
        accord_de = next(u for nom, u in qui.items() if nom != h.utilisateur.prenom)
        preuves.poser(h, Preuve.MEMBRE, accord_de=accord_de)
        Habilitation.objects.filter(pk=h.pk).update(preuve=Preuve.MEMBRE, garant=accord_de, valeur=Preuve.MEMBRE)
    offres.tenir()
    offres.refuser(OffreRole.objects.get(), par=qui[garant])

    for h in siennes:
        assert "Prendre le rôle" not in lu(navigateur(h).get(FICHE))
        navigateur(h).post(PRENDRE)

    assert set(Habilitation.objects.filter(role=Role.PRINCIPAL)) == {un}


@pytest.mark.parametrize(
    ("champs", "dit"),
    [
        ({"role": Role.TIERS}, "Un cabinet ne tient pas ce rôle"),
        ({"contestee_le": now()}, "Votre accès est contesté"),
    ],
)
def test_la_page_dit_a_qui_ne_peut_pas_le_prendre_pourquoi(champs: dict[str, object], dit: str) -> None:
    vacant()
    anne = ancien("Anne", 100, Preuve.REPRESENTANT, **champs)

    page = lu(navigateur(anne).get(FICHE))

    assert dit in page
    assert "Prendre le rôle" not in page


def test_la_preuve_defaite_le_role_pris_sur_elle_se_rend(boite: Boite) -> None:
    """Une attestation fausse, approuvée, puis défaite par deux agents, ne laisse pas le rôle derrière elle."""
    vacant()
    anne = ancien("Anne", 100, Preuve.REPRESENTANT)
    paul, attestation = ancien("Paul", 50), preuves.fonder(anne, Preuve.REPRESENTANT, garant=None)
    offres.prendre(anne, par=anne.utilisateur)
    boite.recevoir()

    preuves.revenir(attestation, par=None)

    avis = {lettre.a: d_une_ligne(lettre) for lettre in boite.recevoir()}
    assert (relue(anne).role, relue(anne).role_pris_le) == (Role.MEMBRE, None)
    assert "Vous êtes maintenant membre" in avis["anne@boulangerie.fr"]
    assert "Anne Durand est maintenant membre" in avis[paul.utilisateur.courriel]


def test_defaite_elle_laisse_le_role_qu_une_lettre_suffit_a_tenir_ou_qu_un_principal_a_donne() -> None:
    vacant()
    anne = ancien("Anne", 100, Preuve.REPRESENTANT)
    offres.prendre(anne, par=anne.utilisateur)

    preuves.fonder(anne, Preuve.LETTRE, garant=None)
    verifiee = preuves.fonder(anne, Preuve.REPRESENTANT, garant=None)
    preuves.revenir(verifiee, par=None)
    assert relue(anne).role == Role.PRINCIPAL

    paul = habilite("Paul", Role.PRINCIPAL)
    for role in (Role.MEMBRE, Role.PRINCIPAL):
        personnes.changer_role(relue(anne), role=role, par=paul.utilisateur)
    preuves.revenir(anne.fondements.get(retire_le=None), par=None)
    assert relue(anne).role == Role.PRINCIPAL


def test_la_base_ne_garde_un_role_pris_qu_a_un_principal() -> None:
    vacant()
    anne = ancien("Anne", 100, Preuve.LETTRE)
    offres.prendre(anne, par=anne.utilisateur)

    with pytest.raises(IntegrityError, match="habilitation_role_pris_de_principal"), transaction.atomic():
        Habilitation.objects.filter(pk=anne.pk).update(role=Role.MEMBRE)


@pytest.mark.menace("T19")
def test_t19_le_role_pris_sur_une_preuve_n_en_fait_pas_un_autre_tant_qu_elle_peut_se_defaire() -> None:
    """Anne désignerait Luc, qui la redésignerait : la preuve défaite, le rôle resterait."""
    vacant()
    anne, luc = ancien("Anne", 100, Preuve.REPRESENTANT), ancien("Luc", 50, Preuve.COURRIEL)
    offres.prendre(anne, par=anne.utilisateur)
    role = f"{PERSONNES}{luc.pk}/role/"

    assert "vous ne pouvez pas désigner un autre" in lu(
        navigateur(anne).post(role, {"role": "principal"}, follow=True)
    )
    assert relue(luc).role == Role.MEMBRE
    with time_machine.travel(now() + timedelta(days=30, minutes=1)):
        navigateur(anne).post(role, {"role": "principal"})
    assert relue(luc).role == Role.PRINCIPAL

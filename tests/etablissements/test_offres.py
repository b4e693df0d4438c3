"""Un établissement sans utilisateur principal : le rôle s'offre à son plus ancien membre assez prouvé."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes
from apart.etablissements.etats import TRANSITIONS_OFFRE, EtatOffre
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, OffreRole, Preuve, Role
from apart.socle.automate import GesteImpossible, diagramme
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.comptes.fabriques import lu
from tests.etablissements.gens import boulangerie, d_une_ligne, habilite, navigateur, relue
from tests.monde import SIRET

pytestmark = [pytest.mark.django_db, pytest.mark.jour, pytest.mark.usefixtures("_hachage_rapide")]
FICHE, REFUSER = f"/etablissements/{SIRET}/", f"/etablissements/{SIRET}/offre/refuser"


@pytest.fixture(autouse=True)
def lundi() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2027, 1, 18, 11, tzinfo=UTC), tick=False) as voyage:
        yield voyage


def fermer(qui: Habilitation, *, ouvert: bool = False) -> None:
    Utilisateur.objects.filter(pk=qui.utilisateur_id).update(is_active=ouvert)


def ancien(prenom: str, jours: int, **champs: Any) -> Habilitation:
    return habilite(prenom, du=now() - timedelta(days=jours), **champs)


def sans_principal() -> tuple[Habilitation, Habilitation, Habilitation]:
    """Marie a fermé son compte ; Luc et Anne sont membres, prouvés ; Paul ne l'est pas assez."""
    marie = habilite("Marie", Role.PRINCIPAL, preuve=Preuve.REPRESENTANT)
    fermer(marie)
    ancien("Paul", 300)
    anne = ancien("Anne", 100, preuve=Preuve.LETTRE)
    luc = ancien("Luc", 200, preuve=Preuve.MEMBRE, garant=marie.utilisateur)
    return marie, luc, anne


def offre() -> OffreRole:
    return OffreRole.objects.select_related("habilitation").latest("pk")


def test_le_role_s_offre_au_plus_ancien_et_tous_le_savent(boite: Boite) -> None:
    _, luc, _ = sans_principal()
    Etablissement.objects.update(courriel_prouve_le=now())

    offres.tenir()
    offres.tenir()
    lettres = {lettre.a: d_une_ligne(lettre) for lettre in boite.recevoir()}

    assert OffreRole.objects.count() == 1
    assert offre().habilitation == luc
    assert lettres.keys() == {f"{q}@boulangerie.fr" for q in ("luc", "anne", "paul", "contact")}
    assert "Le rôle vous est offert" in lettres["luc@boulangerie.fr"]
    assert "Luc Durand" not in lettres["contact@boulangerie.fr"]  # un nom tapé n'y part pas (T17)
    assert "lundi 25 janvier" in lettres["anne@boulangerie.fr"]


def test_sans_refus_en_sept_jours_il_est_principal(lundi: time_machine.Traveller) -> None:
    _, luc, _ = sans_principal()
    offres.tenir()
    lundi.shift(timedelta(days=6))
    offres.tenir()
    assert relue(luc).role == Role.MEMBRE

    lundi.shift(timedelta(days=3))  # en retard
    offres.tenir()
    offres.tenir()

    assert relue(luc).role == Role.PRINCIPAL
    assert relue(luc).preuve == Preuve.MEMBRE
    assert OffreRole.objects.get().etat == EtatOffre.ACQUISE


@pytest.mark.parametrize(("qui", "etat"), [("luc", EtatOffre.DECLINEE), ("anne", EtatOffre.OPPOSEE)])
def test_decline_ou_refusee_par_un_autre_elle_ne_revient_pas(
    qui: str, etat: EtatOffre, boite: Boite, lundi: time_machine.Traveller
) -> None:
    _, luc, anne = sans_principal()
    offres.tenir()
    elle = {"luc": luc, "anne": anne}[qui]
    assert "n'a plus d'utilisateur principal" in lu(navigateur(elle).get(FICHE))
    boite.recevoir()

    navigateur(elle).post(REFUSER)
    assert len(boite.recevoir()) == 3  # Luc, Anne, Paul
    lundi.shift(timedelta(days=8))
    offres.tenir()

    assert OffreRole.objects.get().etat == etat
    assert relue(luc).role == Role.MEMBRE
    assert "preuve de niveau 5 ou 6" in lu(navigateur(luc).get(FICHE))
    assert "Prendre le rôle" in lu(navigateur(anne).get(FICHE))  # elle l'a déjà
    assert "déjà close" in lu(navigateur(elle).post(REFUSER, follow=True))


def test_si_personne_n_est_assez_prouve_la_page_dit_ce_qu_il_faut() -> None:
    fermer(habilite("Marie", Role.PRINCIPAL))
    paul = habilite("Paul")

    offres.tenir()

    assert not OffreRole.objects.exists()
    assert "preuve de niveau 5 ou 6" in lu(navigateur(paul).get(FICHE))


def test_l_offre_tombe_si_le_principal_revient_ou_si_le_membre_part(lundi: time_machine.Traveller) -> None:
    marie, luc, anne = sans_principal()
    offres.tenir()
    fermer(marie, ouvert=True)
    offres.tenir()
    assert offre().etat == EtatOffre.CADUQUE

    fermer(marie)
    offres.tenir()
    assert (offre().etat, offre().habilitation) == (EtatOffre.OFFERTE, luc)
    personnes.retirer(luc, par=None, motif=MotifRetrait.REPRISE)
    lundi.shift(timedelta(days=1))
    offres.tenir()

    assert (offre().etat, offre().habilitation) == (EtatOffre.OFFERTE, anne)
    assert OffreRole.objects.count() == 3


def test_un_principal_parti_depuis_rouvre_l_offre_refusee(lundi: time_machine.Traveller) -> None:
    _, luc, _ = sans_principal()
    offres.tenir()
    offres.refuser(offre(), par=luc.utilisateur)
    lundi.shift(timedelta(days=30))
    sophie = habilite("Sophie", Role.PRINCIPAL)
    personnes.retirer(sophie, par=None, motif=MotifRetrait.REPRISE)

    offres.tenir()

    assert (OffreRole.objects.count(), offre().habilitation) == (2, luc)


def test_tant_qu_une_personne_va_entrer_le_role_ne_s_offre_pas(lundi: time_machine.Traveller) -> None:
    """Elle a repris l'accès, et n'a pas encore choisi son mot de passe."""
    _, luc, _ = sans_principal()
    offres.tenir()
    ou = boulangerie()

    assert personnes.attendre_quelqu_un(ou, now() + timedelta(days=7))
    assert not personnes.attendre_quelqu_un(ou, ou.acces_attendu_jusqu_au)
    offres.tenir()

    assert offre().etat == EtatOffre.CADUQUE
    assert "n'a plus d'utilisateur principal" not in lu(navigateur(luc).get(FICHE))
    assert EntreeJournal.objects.filter(geste="attendre_quelqu_un", sujet=ou.sujet).count() == 1

    lundi.shift(timedelta(days=8))  # elle n'est pas venue
    offres.tenir()
    assert (offre().etat, offre().habilitation) == (EtatOffre.OFFERTE, luc)


def test_ce_qu_on_n_attend_plus_ne_retient_plus_l_offre() -> None:
    sans_principal()
    personnes.attendre_quelqu_un(boulangerie(), now() + timedelta(days=7))
    personnes.attendre_quelqu_un(boulangerie(), None)

    offres.tenir()

    assert offre().etat == EtatOffre.OFFERTE


def test_un_cabinet_n_est_pas_candidat() -> None:
    fermer(habilite("Marie", Role.PRINCIPAL))
    habilite("Cabinet", Role.TIERS, preuve=Preuve.REPRESENTANT)

    offres.tenir()

    assert not OffreRole.objects.exists()


def test_un_acces_conteste_n_est_pas_candidat() -> None:
    _, luc, anne = sans_principal()
    Habilitation.objects.filter(pk=luc.pk).update(contestee_le=now())

    offres.tenir()

    assert offre().habilitation == anne


def test_une_seule_offre_ouverte_par_etablissement() -> None:
    sans_principal()
    offres.tenir()
    ouverte = offre()

    with pytest.raises(IntegrityError):
        OffreRole.objects.create(
            etablissement=boulangerie(), habilitation=ouverte.habilitation, expire_le=now() + timedelta(1)
        )


PERMIS = {(geste, etat) for geste, transition in TRANSITIONS_OFFRE.items() for etat in transition.depuis}
INTERDITS = sorted((geste, etat) for geste in TRANSITIONS_OFFRE for etat in EtatOffre if (geste, etat) not in PERMIS)


@pytest.mark.parametrize(("geste", "etat"), INTERDITS)
def test_un_geste_interdit_est_refuse(geste: str, etat: EtatOffre) -> None:
    _, luc, _ = sans_principal()
    offres.tenir()
    par = luc.utilisateur if etat in {EtatOffre.DECLINEE, EtatOffre.OPPOSEE} else None
    OffreRole.objects.update(etat=etat, close_le=now(), close_par=par)

    with pytest.raises(GesteImpossible), offre().franchir(geste):
        pytest.fail("le corps d'un geste interdit ne s'exécute pas")


def test_le_diagramme_de_la_documentation_est_a_jour() -> None:
    docs = Path(__file__).parents[2] / "docs" / "etats.md"
    assert diagramme(TRANSITIONS_OFFRE) in docs.read_text(encoding="utf-8")
    assert {t.vers for t in TRANSITIONS_OFFRE.values()} | {EtatOffre.OFFERTE} == set(EtatOffre)

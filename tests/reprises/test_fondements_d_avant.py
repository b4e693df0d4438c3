"""Les preuves et les reprises d'avant les fondements gardent ce qu'elles valaient, et se défont encore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import relever
from apart.etablissements.models import (
    DemandePreuve,
    Etablissement,
    Fondement,
    Habilitation,
    Preuve,
    Role,
)
from apart.reprises.models import Lettre
from tests.migrations import migrer, revenir
from tests.reprises.attaques import defaire, imposteur, relue

pytestmark = [pytest.mark.base, pytest.mark.jour]
AVANT = [("etablissements", "0015_role_pris"), ("reprises", "0006_levee_a_deux")]


@pytest.fixture(scope="module")
def _modeles_d_avant(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """Redescendre ne se fait qu'une fois : chaque histoire part de là, et y revient."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield migrer(*AVANT)
        transaction.set_rollback(True)


@pytest.fixture
def avant(_modeles_d_avant: Any, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _modeles_d_avant
        transaction.set_rollback(True)


class Vieux:
    """Le schéma d'avant, et de quoi y écrire ce qu'écrivait le code d'avant."""

    def __init__(self, modeles: Any) -> None:
        self.modeles, self.rang = modeles, 0
        self.ou = self("etablissements", "Etablissement").objects.create(
            siret="73282932000074",
            denomination="B",
            libelle_voie="L",
            ville="A",
            telephone_fixe="+331",
            courriel="c@b.fr",
        )
        self.marie, self.victor, self.paul = (self.personne(nom) for nom in ("marie", "victor", "paul"))

    def __call__(self, module: str, nom: str) -> Any:
        return self.modeles.get_model(module, nom)

    def personne(self, nom: str) -> Any:
        self.rang += 1
        return self("comptes", "Utilisateur").objects.create(
            nom=nom, prenom=nom, courriel=f"{nom}@b.fr", password="!", identifiant=f"ABCD{self.rang:04d}"
        )

    def acces(self, qui: Any, **champs: Any) -> Any:
        return self("etablissements", "Habilitation").objects.create(
            utilisateur=qui,
            etablissement=self.ou,
            du=timezone.now() - timedelta(days=40),
            **{"role": "membre", **champs},
        )

    def preuve(self, habilitation: Any, niveau: int, jour: int, **champs: Any) -> Any:
        le = timezone.now() - timedelta(days=20 - jour)
        return self("etablissements", "DemandePreuve").objects.create(
            habilitation=habilitation,
            niveau=niveau,
            traitee_le=le,
            defaisable_jusqu_au=le + timedelta(days=30),
            **{"etat": "posee", **champs},
        )

    def reprise(self, qui: Any, **champs: Any) -> Any:
        le = timezone.now() - timedelta(days=2)
        return self("reprises", "Reprise").objects.create(
            etablissement=self.ou,
            nom="N",
            prenom="P",
            fonction="F",
            telephone="+336",
            courriel=qui.courriel,
            etat="executee",
            confirmee_le=le,
            executee_le=le,
            **champs,
        )


def _tiennent(pk: int) -> list[tuple[int, int | None]]:
    siens = Fondement.objects.filter(habilitation=pk, retire_le=None).order_by("preuve", "pk")
    return list(siens.values_list("preuve", "garant"))


def test_la_migration_passe_quand_une_preuve_est_posee(avant: Any) -> None:
    v = Vieux(avant)
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    sien = v.acces(v.victor, preuve=4, valeur=4, garant=v.marie)
    v.preuve(sien, 4, 1, preuve_avant=1)

    revenir()

    assert _tiennent(sien.pk) == [(4, v.marie.pk)]


def test_la_migration_passe_quand_une_reprise_est_faite(avant: Any) -> None:
    v = Vieux(avant)
    sien = v.acces(v.victor, role="principal", preuve=5, valeur=5)
    v.reprise(v.victor, raison="partie", habilitation=sien, preuve=5)

    revenir()

    assert _tiennent(sien.pk) == [(5, None)]


def test_la_migration_passe_quand_deux_adresses_d_une_meme_boite_ont_chacune_leur_lettre(avant: Any) -> None:
    """« lea@me.com » et « lea@icloud.com » étaient deux boîtes ; elles n'en font plus qu'une."""
    v = Vieux(avant)
    for place, adresse in enumerate(("lea@me.com", "lea@icloud.com"), start=1):
        demande = v("reprises", "Reprise").objects.create(
            etablissement=v.ou, nom="N", prenom="P", fonction="F", telephone="+336", courriel=adresse,
            raison="partie", etat="confirmee", confirmee_le=timezone.now(),
        )  # fmt: skip
        v("reprises", "Lettre").objects.create(
            etablissement=v.ou, reprise=demande, demandeur=adresse, place=place, code_chiffre=b"x",
            adresse="BOULANGERIE\n12 RUE DU LAC\n74000 ANNECY", denomination="B", departement="74",
        )  # fmt: skip

    revenir()

    assert Lettre.objects.vivantes().count() == 2


def test_la_migration_ne_rend_pas_une_preuve_deja_defaite(avant: Any) -> None:
    """Victor : le code (3), puis l'accord (4). L'accord se défait, puis le code : il lui restait la messagerie."""
    v = Vieux(avant)
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    sien = v.acces(v.victor, preuve=1, valeur=1)
    v.preuve(sien, 3, 1, etat="defaite", preuve_avant=1)
    v.preuve(sien, 4, 2, etat="defaite", preuve_avant=3, garant_avant=v.marie)

    revenir()

    assert _tiennent(sien.pk) == []


def test_la_migration_donne_a_chaque_demande_le_fondement_qui_est_le_sien(avant: Any) -> None:
    """Le code (3, garant Marie), puis l'accord (4), rien de défait : défaire les deux ramène à la messagerie."""
    v = Vieux(avant)
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    v.acces(v.paul, preuve=5, valeur=5)
    sien = v.acces(v.victor, preuve=4, valeur=4, garant=v.paul)
    v.preuve(sien, 3, 1, preuve_avant=1)
    v.preuve(sien, 4, 2, preuve_avant=3, garant_avant=v.marie)

    revenir()

    assert _tiennent(sien.pk) == [(3, v.marie.pk), (4, v.paul.pk)]
    for demande in DemandePreuve.objects.filter(habilitation=sien.pk).order_by("-niveau"):
        relever.defaire(demande, par=Utilisateur.objects.get(pk=v.marie.pk))
    assert Habilitation.objects.get(pk=sien.pk).valeur == Preuve.COURRIEL


def test_la_migration_garde_la_preuve_d_avant_une_releve(avant: Any) -> None:
    """Victor, admis par Marie (4), a fait relever sa preuve à 6 ; on défait : « la preuve d'avant revient »."""
    v = Vieux(avant)
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    sien = v.acces(v.victor, preuve=6, valeur=6)
    faite = v.reprise(v.victor, est_releve=True, habilitation=sien, preuve=6, preuve_avant=4, garant_avant=v.marie)

    revenir()
    defaire(relue(faite))

    reste = Habilitation.objects.get(pk=sien.pk)
    assert (reste.preuve, reste.valeur) == (Preuve.MEMBRE, 4)


def test_la_migration_garde_la_preuve_d_avant_une_reprise(avant: Any) -> None:
    """Victor, admis par Paul (4), a repris l'accès de Marie par lettre (5) ; on défait : il redevient membre, à 4."""
    v = Vieux(avant)
    ancienne = v.acces(v.marie, role="principal", preuve=6, valeur=6, au=timezone.now())
    v.acces(v.paul, preuve=6, valeur=6)
    sien = v.acces(v.victor, role="principal", preuve=5, valeur=5)
    ligne = {"role": "membre", "preuve": 4, "garant": v.paul.pk, "valeur": 4, "contestee_le": None}
    ligne["prouvee_le"] = timezone.now().isoformat()
    lignes = [{**ligne, "utilisateur": qui.pk} for qui in (v.victor, v.paul, v.marie)]
    faite = v.reprise(v.victor, raison="partie", habilitation=sien, preuve=5, remplace=ancienne, acces_avant=lignes)

    revenir()
    defaire(relue(faite))

    reste = Habilitation.objects.get(pk=sien.pk)
    assert (reste.role, reste.valeur) == (Role.MEMBRE, 4)


@pytest.mark.django_db
def test_en_arriere_une_reprise_faite_se_defait_encore(ou: Etablissement) -> None:
    """Le code d'avant lit « preuve », « garant », « valeur » et « prouvee_le » de chaque ligne."""
    _, faite = imposteur(ou)

    modeles = migrer(*AVANT)

    ligne = modeles.get_model("reprises", "Reprise").objects.get(pk=faite.pk).acces_avant[0]
    assert {"preuve", "garant", "valeur", "prouvee_le", "contestee_le"} <= set(ligne)


def test_la_migration_garde_le_garant_d_un_code_remplace_par_une_releve(avant: Any) -> None:
    v = Vieux(avant)
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    sien = v.acces(v.victor, preuve=6, valeur=6)
    v.preuve(sien, 3, 1, preuve_avant=1)
    faite = v.reprise(v.victor, est_releve=True, habilitation=sien, preuve=6, preuve_avant=3, garant_avant=v.marie)
    revenir()
    defaire(relue(faite))
    reste = Habilitation.objects.get(pk=sien.pk)
    assert (reste.preuve, reste.valeur) == (3, 3)


def test_la_migration_garde_le_garant_d_une_reprise_par_code_relevee_depuis(avant: Any) -> None:
    v = Vieux(avant)
    ancienne = v.acces(v.marie, role="principal", preuve=6, valeur=6, au=timezone.now())
    sien = v.acces(v.victor, role="principal", preuve=6, valeur=6)
    le = timezone.now() - timedelta(days=5)
    premiere = v.reprise(v.victor, raison="partie", habilitation=sien, preuve=3, remplace=ancienne)
    type(premiere).objects.filter(pk=premiere.pk).update(executee_le=le)
    faite = v.reprise(v.victor, est_releve=True, habilitation=sien, preuve=6, preuve_avant=3, garant_avant=v.marie)
    revenir()
    defaire(relue(faite))
    reste = Habilitation.objects.get(pk=sien.pk)
    assert (reste.preuve, reste.valeur) == (3, 3)

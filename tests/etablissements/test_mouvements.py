"""Chaque geste qui fait entrer, sortir ou changer de rôle le garde : défaire le rejoue (décision 0020)."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from apart.etablissements.actions import mouvements, offres, personnes, rejoindre
from apart.etablissements.etats import EtatRejoindre
from apart.etablissements.models import DemandeRejoindre, MotifRetrait, Mouvement, Preuve, Role, Sorte
from tests.etablissements.gens import habilite
from tests.monde import personne

SOURCES = Path(__file__).parents[2] / "src/apart"
CHAMPS = {"role", "au", "role_pris_le", "finie_par"}


def _ecrit_un_acces(fonction: ast.FunctionDef) -> bool:
    """Crée une habilitation, ou en écrit le rôle ou la fin."""
    for noeud in ast.walk(fonction):
        appel = ast.unparse(noeud.func) if isinstance(noeud, ast.Call) else ""
        if appel.startswith("Habilitation.objects") and appel.endswith(("create", "get_or_create")):
            return True
        if isinstance(noeud, ast.Assign):
            cibles = [c for cible in noeud.targets for c in ast.walk(cible) if isinstance(c, ast.Attribute)]
            if any(c.attr in CHAMPS and isinstance(c.ctx, ast.Store) for c in cibles):
                return True
    return False


def test_aucun_geste_n_ecrit_un_acces_sans_le_garder() -> None:
    ecrivent, oublient = set(), set()
    for chemin in sorted(SOURCES.glob("*/actions/*.py")):
        if chemin.parts[-3] not in ("etablissements", "reprises"):
            continue
        for fonction in ast.walk(ast.parse(chemin.read_text())):
            if isinstance(fonction, ast.FunctionDef) and _ecrit_un_acces(fonction):
                ecrivent.add(f"{chemin.stem}.{fonction.name}")
                if "mouvements." not in ast.unparse(fonction) and chemin.stem != "mouvements":
                    oublient.add(f"{chemin.stem}.{fonction.name}")

    assert {"espace.ouvrir", "connecte.ajouter", "personnes._finir", "personnes.rouvrir"} <= ecrivent
    assert oublient == set()


@pytest.mark.django_db
def test_chacun_dit_qui_l_a_decide_et_quand() -> None:
    marie, luc = habilite("Marie", Role.PRINCIPAL), habilite("Luc")
    personnes.changer_role(luc, role=Role.TIERS, par=marie.utilisateur)
    personnes.retirer(luc, par=marie.utilisateur, motif=MotifRetrait.MISSION)
    personnes.rouvrir(luc, cause="defaite:1")

    lus = Mouvement.objects.order_by("pk").values_list("sorte", "par", "role_avant", "role_apres", "motif", "cause")
    elle = marie.utilisateur_id
    assert list(lus) == [
        (Sorte.ROLE, elle, Role.MEMBRE, Role.TIERS, "", ""),
        (Sorte.SORT, elle, Role.TIERS, "", MotifRetrait.MISSION, ""),
        (Sorte.ENTRE, None, "", Role.TIERS, "", "defaite:1"),
    ]


@pytest.mark.django_db
@pytest.mark.jour
def test_un_role_pris_l_est_a_l_instant_qu_en_garde_l_acces() -> None:
    anne = habilite("Anne", preuve=Preuve.LETTRE, du=now() - timedelta(days=9))
    offres.prendre(anne, par=anne.utilisateur)

    anne.refresh_from_db()
    assert Mouvement.objects.get().le == anne.role_pris_le


@pytest.mark.django_db
@pytest.mark.jour
def test_la_base_refuse_une_decision_d_apres_son_effet() -> None:
    marie = habilite("Marie", Role.PRINCIPAL)
    mouvements.entrer(marie)
    with pytest.raises(IntegrityError, match="mouvement_decide_avant"), transaction.atomic():
        Mouvement.objects.update(decide_le=now() + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.jour
def test_entrer_par_un_accord_garde_qui_l_a_donne() -> None:
    marie = habilite("Marie", Role.PRINCIPAL)
    rejoindre.accepter(
        DemandeRejoindre.objects.create(
            etablissement=marie.etablissement,
            nom="Petit",
            prenom="Luc",
            telephone="+33102030405",
            courriel=personne("Petit", "Luc", "luc@boulangerie.fr").courriel,
            etat=EtatRejoindre.CONFIRMEE,
            confirmee_le=now(),
        ),
        par=marie.utilisateur,
    )

    garde = Mouvement.objects.get()
    assert (garde.sorte, garde.par, garde.role_apres) == (Sorte.ENTRE, marie.utilisateur, Role.MEMBRE)
    assert garde.decide_le == DemandeRejoindre.objects.get().traitee_le

"""Ce qui s'est passé avant que les mouvements se gardent : les accès, le journal et les reprises faites le disent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Mouvement
from apart.reprises.models import Reprise
from tests.migrations import migrer, revenir
from tests.reprises.attaques import acces, actif, defaire
from tests.reprises.test_fondements_d_avant import Vieux

pytestmark = [pytest.mark.django_db, pytest.mark.jour]
AVANT = [("etablissements", "0016_fondements"), ("reprises", "0007_fondements")]


def _il_y_a(jours: int) -> Any:
    return timezone.now() - timedelta(days=jours)


def _lus() -> list[tuple[Any, ...]]:
    return list(
        Mouvement.objects.order_by("le", "pk").values_list(
            "sorte", "utilisateur__nom", "par__nom", "role_avant", "role_apres", "cause"
        )
    )


def test_une_entree_une_sortie_et_un_role_change_ont_leur_ligne() -> None:
    v = Vieux(migrer(*AVANT))
    v.acces(v.marie, role="principal", preuve=6, valeur=6)
    v.acces(
        v.victor,
        role="tiers",
        preuve=4,
        valeur=4,
        garant=v.marie,
        au=_il_y_a(5),
        finie_par=v.marie,
        motif_fin="mission",
    )
    v("socle", "EntreeJournal").objects.create(
        geste="changer_role",
        sujet=f"etablissement:{v.ou.siret}",
        par=v.marie,
        le=_il_y_a(9),
        details={"personne": v.victor.pk, "de": "membre", "vers": "tiers"},
    )

    revenir()

    assert _lus() == [
        ("entre", "marie", None, "", "principal", ""),
        ("entre", "victor", "marie", "", "membre", ""),
        ("role", "victor", "marie", "membre", "tiers", ""),
        ("sort", "victor", "marie", "tiers", "", ""),
    ]


@pytest.mark.parametrize("etait_membre", [False, True])
def test_une_reprise_faite_avant_se_defait_encore(etait_membre: bool) -> None:
    v = Vieux(migrer(*AVANT))
    tenu = v.acces(v.marie, role="principal", preuve=5, valeur=5, au=_il_y_a(2), motif_fin="reprise")
    neuf = v.acces(v.victor, role="principal", preuve=1, valeur=1)
    d_avant = [(tenu, "principal"), *([(neuf, "membre")] if etait_membre else [])]
    lignes = [
        {"habilitation": h.pk, "utilisateur": h.utilisateur_id, "role": role, "role_pris_le": None}
        for h, role in d_avant
    ]
    faite = v.reprise(v.victor, raison="partie", habilitation=neuf, preuve=1, remplace=tenu, acces_avant=lignes)
    for sien in (tenu, neuf):
        champ = "au" if sien is tenu else "du"
        if champ == "au" or not etait_membre:
            type(sien).objects.filter(pk=sien.pk).update(**{champ: faite.executee_le + timedelta(seconds=1)})

    revenir()

    cause = f"reprise:{faite.pk}"
    sorte = "role" if etait_membre else "entre"
    assert set(Mouvement.objects.filter(cause=cause).values_list("sorte", flat=True)) == {"sort", sorte}
    defaire(Reprise.objects.get(pk=faite.pk))
    ou = Etablissement.objects.get(pk=v.ou.pk)
    marie, victor = (Utilisateur.objects.get(nom=nom) for nom in ("marie", "victor"))
    assert acces(marie, ou).role == "principal"
    le_sien = actif(victor, ou)
    assert (le_sien.role if le_sien else "") == ("membre" if etait_membre else "")

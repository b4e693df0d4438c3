"""2 000 lettres, de la base au PDF à imprimer, à côté de typst seul sur les mêmes données déjà prêtes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any
from unittest.mock import patch

import typst
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve, Role
from apart.reprises import lettres
from apart.reprises.actions.lots import PAR_LOT, plis
from apart.reprises.etats import EtatLettre
from apart.reprises.models import Lettre, LotLettres
from apart.socle.chiffrement import coffre
from banc.base import base_d_essai
from banc.ligne import Ligne

LETTRES = 2_000
PASSES = 5


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes en alternance. Suppose Django prêt."""
    with base_d_essai():
        lots = [_lot(debut) for debut in range(0, LETTRES, PAR_LOT)]
        pretes = [_donnees(lot) for lot in lots]
        nous, limite = (lambda: [lettres.composer(plis(lot)) for lot in lots]), (lambda: [_nu(d) for d in pretes])
        assert nous() == limite()  # à froid, non compté ; et c'est bien le même travail
        durees = [(_duree(nous), _duree(limite)) for _ in range(PASSES)]
    notre, sienne = (median(valeurs) for valeurs in zip(*durees, strict=True))
    return [Ligne("lettres de la base au PDF / typst seul", LETTRES / notre, LETTRES / sienne, "lettres/s", 0.7)]


def _lot(debut: int) -> LotLettres:
    """Un lot de lettres imprimées, d'autant d'établissements."""
    agent, _ = Utilisateur.objects.get_or_create(courriel="banc@exemple.fr", nom="Banc", prenom="Paul")
    maintenant = timezone.now()
    lot = LotLettres.objects.create(
        imprime_par=agent, nombre=PAR_LOT, empreinte="0" * 64, confie_a=agent, confie_jusqu_au=maintenant
    )
    etablissements = Etablissement.objects.bulk_create(
        Etablissement(siret=f"{rang:014d}") for rang in range(debut, debut + PAR_LOT)
    )
    habilitations = Habilitation.objects.bulk_create(
        Habilitation(utilisateur=agent, etablissement=e, role=Role.MEMBRE, preuve=Preuve.COURRIEL)
        for e in etablissements
    )
    Lettre.objects.bulk_create(
        Lettre(
            etablissement=habilitation.etablissement,
            habilitation=habilitation,
            denomination=f"BOULANGERIE {habilitation.pk}",
            adresse=f"BOULANGERIE {habilitation.pk}\n{habilitation.pk} RUE DU LAC\n74000 ANNECY",
            code_chiffre=coffre("lettre").encrypt(lettres.tirer_code().encode()),
            etat=EtatLettre.IMPRIMEE,
            lot=lot,
            imprimee_le=maintenant,
            expire_le=maintenant + timedelta(days=21),
        )
        for habilitation in habilitations
    )
    return lot


def _donnees(lot: LotLettres) -> dict[str, str]:
    """Ce que typst reçoit pour ce lot, pris au moment où on le lui donne."""
    recues: dict[str, Any] = {}
    with patch.object(typst, "compile", lambda gabarit, **options: recues.update(options) or b""):
        lettres.composer(plis(lot))
    donnees: dict[str, str] = recues["sys_inputs"]
    return donnees


def _nu(donnees: dict[str, str]) -> bytes:
    rendu: bytes = typst.compile(
        lettres.GABARIT, sys_inputs=donnees, format="pdf", pdf_standards="ua-1", ignore_system_fonts=True
    )
    return rendu


def _duree(calcul: Callable[[], object]) -> float:
    debut = time.perf_counter()
    calcul()
    return time.perf_counter() - debut

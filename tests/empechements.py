"""Ce qui, arrivé juste avant un geste, doit le faire refuser ou le laisser sans effet (tests/gestes.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils.timezone import now

from apart.assistance.actions import demandes
from apart.assistance.etats import TRANSITIONS as TRANSITIONS_ASSISTANCE
from apart.assistance.etats import Etat
from apart.assistance.models import DemandeAssistance
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.etablissements.etats import TRANSITIONS
from apart.etablissements.models import PLAFOND_ETABLISSEMENTS, Etablissement, Habilitation, Preuve, Role
from apart.socle.automate import Transition
from tests.scene import Scene

Mettre = Callable[[Scene], object]
HORS: set[str] = set()  # les transitions essayées depuis chaque état d'où leur table ne les permet pas


def hors(table: Mapping[str, Transition], transition: str, mettre: Callable[[Any], Mettre]) -> dict[str, Mettre]:
    """Chaque état d'où la table ne permet pas cette transition, et comment y mettre le dossier."""
    HORS.add(transition)
    depuis = table[transition].depuis
    etats: Any = type(min(depuis))
    return {str(etat.label): mettre(etat) for etat in etats if etat not in depuis}


def clore(scene: Scene) -> None:
    demandes.clore(scene.demande(), par=None)


def demande_est(etat: Etat) -> Mettre:
    """La demande d'assistance, dans cet état quand le geste se prépare."""

    def mettre(scene: Scene) -> None:
        close_le = now() if etat == Etat.CLOSE else None
        DemandeAssistance.objects.filter(pk=scene.demande().pk).update(etat=etat, close_le=close_le)
        scene.cibles["close"] = True

    return mettre


def demande_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS_ASSISTANCE, transition, demande_est)


def rejoindre_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS, transition, lambda etat: partial(Scene.rejoindre, etat=etat))


def a_l_agent(scene: Scene) -> int:
    return DemandeAssistance.objects.filter(pk=scene.demande().pk).update(courriel=scene.adresse("agent"))


def fermer(nom: str) -> Mettre:
    return lambda s: Utilisateur.objects.filter(courriel=s.adresse(nom)).update(is_active=False)


def morts(usage: Usage, nom: str) -> dict[str, Mettre]:
    """Un lien qui ne vaut plus, de chaque façon ; et le lien d'un autre usage."""

    def tuer(**champs: object) -> Mettre:
        def faire(scene: Scene) -> None:
            scene.lien(usage, nom)
            Jeton.objects.filter(courriel=scene.adresse(nom)).update(**champs)

        return faire

    hier = now() - timedelta(days=400)
    autre = Usage.MOT_DE_PASSE if usage is not Usage.MOT_DE_PASSE else Usage.CREATION
    return {
        "lien expiré": tuer(emis_le=hier, expire_le=hier + timedelta(hours=1)),
        "lien employé": tuer(employe_le=hier),
        "lien remplacé": tuer(annule_le=hier),
        "lien d'un autre usage": tuer(usage=autre),
    }


def au_plafond(scene: Scene) -> None:
    """Léa a déjà un identifiant, et autant d'établissements qu'il en tient."""
    elle = Utilisateur.objects.create(courriel=scene.adresse("lea"), nom="Blanc", prenom="Léa")
    siens = Etablissement.objects.bulk_create(
        Etablissement(siret=f"9{scene.rang:09d}{n:04d}") for n in range(PLAFOND_ETABLISSEMENTS)
    )
    Habilitation.objects.bulk_create(
        Habilitation(utilisateur=elle, etablissement=e, role=Role.MEMBRE, preuve=Preuve.MEMBRE) for e in siens
    )


def adresse_est(nom: str = "contact", **champs: object) -> Mettre:
    """L'établissement a cette adresse."""
    return lambda s: Etablissement.objects.filter(pk=s.boulangerie.pk).update(courriel=s.adresse(nom), **champs)


def lea(**droits: bool) -> Mettre:
    return lambda s: Utilisateur.objects.create(courriel=s.adresse("lea"), nom="Blanc", prenom="Léa", **droits)


PAS_D_ESPACE: dict[str, Mettre] = {
    "200 établissements": au_plafond,
    "agent": lea(est_agent=True),
    "compte fermé": lea(is_active=False),
}
MEMBRE_INJOIGNABLE: dict[str, Mettre] = {
    "la demande est la sienne": a_l_agent,
    "membre parti": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(au=now()),
    "membre d'ailleurs": lambda s: DemandeAssistance.objects.filter(pk=s.demande().pk).update(siret=s.siret(2)),
    "compte fermé": fermer("membre"),
}

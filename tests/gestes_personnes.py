"""Les gestes sur qui a accès à un établissement : la suite de tests/gestes.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes, rejoindre, revue
from apart.etablissements.etats import EtatOffre, EtatRejoindre
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, OffreRole, Role
from tests.empechements import Mettre
from tests.geste import PRINCIPAUX, Geste
from tests.scene import Scene


def parti(nom: str) -> Mettre:
    return lambda s: Habilitation.objects.filter(pk=s.habilitation(nom).pk).update(au=now())


def seul_principal(s: Scene) -> int:
    """« principal » décide seul : l'autre est redevenue membre, et le troisième a son compte fermé."""
    return Habilitation.objects.filter(pk=s.habilitation("principale").pk).update(role=Role.MEMBRE)


def offre(s: Scene) -> OffreRole:
    """Le rôle, offert au membre de la scène."""
    if "offre" not in s.cibles:
        s.cibles["offre"] = OffreRole.objects.create(
            etablissement=s.boulangerie, habilitation=s.habilitation("membre"), expire_le=now() + timedelta(7)
        ).pk
    return OffreRole.objects.get(pk=s.cibles["offre"])


def close(s: Scene) -> int:
    return OffreRole.objects.filter(pk=offre(s).pk).update(etat=EtatOffre.CADUQUE, close_le=now())


def ouvert_depuis_longtemps(s: Scene) -> int:
    """Avant ce trimestre : la revue l'attend."""
    return Etablissement.objects.filter(pk=s.boulangerie.pk).update(cree_le=now() - timedelta(days=200))


def _confirmer(s: Scene, par: Utilisateur) -> Callable[[], object]:
    """Tout ce que montre la revue de la boulangerie."""
    ouvert_depuis_longtemps(s)
    vues = Habilitation.objects.actives().filter(etablissement=s.boulangerie).values_list("pk", flat=True)
    return partial(revue.confirmer, frozenset(vues), par=par)


PERSONNES: dict[str, Geste] = {
    "etablissements.actions.personnes.retirer": Geste(
        lambda s, par: partial(personnes.retirer, s.habilitation("membre"), par=par, motif=MotifRetrait.DEPART),
        PRINCIPAUX,
        sans_effet={"déjà partie": parti("membre")},
    ),
    "etablissements.actions.personnes.quitter": Geste(
        lambda s, par: partial(personnes.quitter, s.habilitation("principal"), par=par),
        frozenset({"principal"}),
        refus={"dernier principal": seul_principal},
        sans_effet={"déjà partie": parti("principal")},
    ),
    "etablissements.actions.personnes.changer_role": Geste(
        lambda s, par: partial(personnes.changer_role, s.habilitation("membre"), role=Role.TIERS, par=par),
        PRINCIPAUX,
        sans_effet={
            "partie": parti("membre"),
            "déjà ce rôle": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(
                role=Role.TIERS
            ),
        },
    ),
    "etablissements.actions.personnes.passer_la_main": Geste(
        lambda s, par: partial(
            personnes.passer_la_main, s.habilitation("membre"), par=par, puis=personnes.Suite.QUITTER
        ),
        PRINCIPAUX,
        refus={"partie": parti("membre")},
    ),
    "etablissements.actions.rejoindre.annuler_admission": Geste(
        lambda s, par: partial(rejoindre.annuler_admission, s.rejoindre(EtatRejoindre.ACCEPTEE), par=par),
        PRINCIPAUX,
        refus={
            etat.label: partial(Scene.rejoindre, etat=etat) for etat in EtatRejoindre if etat != EtatRejoindre.ACCEPTEE
        },
    ),
    "etablissements.actions.revue.confirmer": Geste(
        _confirmer, PRINCIPAUX, sans_effet={"déjà revu": lambda s: _confirmer(s, s.qui("principal"))()}
    ),
    "etablissements.actions.offres.refuser": Geste(
        lambda s, par: partial(offres.refuser, offre(s), par=par),
        PRINCIPAUX | {"membre"},
        refus={"close": close},
    ),
}

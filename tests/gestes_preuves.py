"""Les gestes qui relèvent une preuve, s'y opposent ou la défont (tests/gestes.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.comptes.models import Usage, Utilisateur
from apart.etablissements.actions import relever
from apart.etablissements.etats import TRANSITIONS_PREUVE, EtatPreuve
from apart.etablissements.models import DemandePreuve, Habilitation, Preuve
from tests.empechements import Mettre, adresse_est, fermer, hors, morts
from tests.geste import PRINCIPAUX, Geste
from tests.scene import Scene


def terminee(scene: Scene, nom: str = "membre") -> int:
    scene.forts()
    return Habilitation.objects.filter(pk=scene.habilitation(nom).pk).update(au=now())


def personne_n_a_mieux_prouve(scene: Scene) -> int:
    scene.forts()
    siennes = Habilitation.objects.filter(etablissement=scene.boulangerie)
    return siennes.update(preuve=Preuve.COURRIEL, garant=None, valeur=Preuve.COURRIEL)


def est(niveau: Preuve, etat: EtatPreuve) -> Mettre:
    return lambda s: s.preuve(niveau, etat)


def delai_passe(scene: Scene) -> int:
    hier = now() - timedelta(days=1)
    return DemandePreuve.objects.filter(pk=scene.preuve(Preuve.MEMBRE, EtatPreuve.POSEE).pk).update(
        defaisable_jusqu_au=hier
    )


def _demander(scene: Scene, par: Utilisateur) -> Callable[[], object]:
    scene.forts()
    return partial(relever.demander, scene.habilitation("membre"), Preuve.MEMBRE, par=par)


def preuve_hors(transition: str, niveau: Preuve = Preuve.MEMBRE) -> dict[str, Mettre]:
    return hors(TRANSITIONS_PREUVE, transition, partial(est, niveau))


PREUVES: dict[str, Geste] = {
    "etablissements.actions.relever.demander": Geste(
        _demander,
        frozenset({"membre"}),
        refus={
            "habilitation terminée": terminee,
            "compte fermé": fermer("membre"),
            "personne n'a mieux prouvé": personne_n_a_mieux_prouve,
            "refusée hier": est(Preuve.MEMBRE, EtatPreuve.REFUSEE),
        },
        sans_effet={"déjà demandée": est(Preuve.MEMBRE, EtatPreuve.DEPOSEE)},
    ),
    "etablissements.actions.relever.taper_code": Geste(
        lambda s, par: partial(
            relever.taper_code,
            s.preuve(Preuve.COURRIEL_ETABLISSEMENT),
            s.message(Usage.PREUVE, "contact").code,
            par=par,
        ),
        frozenset({"membre"}),
        refus=morts(Usage.PREUVE, "contact") | preuve_hors("relever_preuve", Preuve.COURRIEL_ETABLISSEMENT),
    ),
    "etablissements.actions.relever.prouver": Geste(
        lambda s, par: partial(relever.prouver, s.lien(Usage.PREUVE, "contact"), par=par),
        frozenset({"membre"}),
        refus={
            **morts(Usage.PREUVE, "contact"),
            "adresse changée": lambda s: (s.lien(Usage.PREUVE, "contact"), adresse_est("ailleurs")(s)),
            "habilitation terminée": terminee,
            **preuve_hors("relever_preuve", Preuve.COURRIEL_ETABLISSEMENT),
        },
    ),
    "etablissements.actions.relever.approuver": Geste(
        lambda s, par: partial(relever.approuver, s.preuve(Preuve.MEMBRE), par=par),
        PRINCIPAUX,
        refus={
            **preuve_hors("relever_preuve"),
            "habilitation terminée": terminee,
            "il n'a pas mieux prouvé": personne_n_a_mieux_prouve,
        },
    ),
    "etablissements.actions.relever.refuser": Geste(
        lambda s, par: partial(relever.refuser, s.preuve(Preuve.MEMBRE), par=par),
        PRINCIPAUX,
        refus={
            **preuve_hors("refuser_preuve"),
            "habilitation terminée": terminee,
            "il n'a pas mieux prouvé": personne_n_a_mieux_prouve,
        },
    ),
    "etablissements.actions.relever.opposer": Geste(
        lambda s, par: partial(relever.opposer, s.lien(Usage.OPPOSITION, "principale")),
        refus={
            **morts(Usage.OPPOSITION, "principale"),
            **preuve_hors("opposer_preuve", Preuve.DOMAINE),
            "plus membre": lambda s: (s.lien(Usage.OPPOSITION, "principale"), terminee(s, "principale")),
        },
    ),
    "etablissements.actions.relever.defaire": Geste(
        lambda s, par: partial(relever.defaire, s.preuve(Preuve.MEMBRE, EtatPreuve.POSEE), par=par),
        PRINCIPAUX,
        refus={
            **preuve_hors("defaire_preuve"),
            "délai passé": delai_passe,
            "habilitation terminée": lambda s: (s.preuve(Preuve.MEMBRE, EtatPreuve.POSEE), terminee(s)),
        },
    ),
}

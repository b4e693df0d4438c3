"""Les gestes de qui change l'adresse ou les coordonnées de son compte : la suite de tests/gestes.py."""

from __future__ import annotations

from functools import partial

from django.utils.timezone import now

from apart.comptes.actions import adresse, coordonnees
from apart.comptes.models import ChangementAdresse, Usage, Utilisateur
from tests.empechements import Mettre, fermer, morts
from tests.geste import Geste
from tests.scene import Scene

NEUVE, D_AVANT = (Usage.NOUVELLE_ADRESSE, "neuve"), (Usage.RETOUR_ADRESSE, "d_avant")
DITES = {"nom": "Durand-Roy", "prenom": "Anne", "telephone": "+33611223344"}


def _puis(lien: tuple[Usage, str], mettre: Mettre) -> Mettre:
    """Le lien est parti, puis ceci arrive."""
    return lambda s: (s.lien(*lien), mettre(s))


def _prise(nom: str) -> Mettre:
    return lambda s: Utilisateur.objects.create(courriel=s.adresse(nom), nom="Roy", prenom="Luc")


def _reservee(s: Scene) -> object:
    """Un autre vient de quitter l'adresse voulue, et peut y revenir."""
    voisin = s.qui("voisin")
    champs = {"ancienne": s.adresse("neuve"), "nouvelle": voisin.courriel, "demande_le": now()}
    return ChangementAdresse.objects.create(utilisateur=voisin, **champs)


def _devenu_agent(s: Scene) -> int:
    return Utilisateur.objects.filter(courriel=s.adresse("principal")).update(est_agent=True)


def _deja_ainsi(s: Scene) -> int:
    return Utilisateur.objects.filter(courriel=s.adresse("principal")).update(**DITES)


ADRESSES: dict[str, Geste] = {
    "comptes.actions.adresse.demander": Geste(
        lambda s, par: partial(adresse.demander, s.qui("principal"), courriel=s.adresse("neuve"), par=par),
        frozenset({"principal"}),
        refus={"devenu agent": _devenu_agent, "compte fermé": fermer("principal")},
    ),
    "comptes.actions.adresse.changer": Geste(
        lambda s, par: partial(adresse.changer, s.lien(*NEUVE)),
        refus=morts(*NEUVE)
        | {
            "compte fermé": _puis(NEUVE, fermer("principal")),
            "devenu agent": _puis(NEUVE, _devenu_agent),
            "prise par un autre compte": _puis(NEUVE, _prise("neuve")),
            "un autre peut y revenir": _puis(NEUVE, _reservee),
        },
    ),
    "comptes.actions.adresse.revenir": Geste(
        lambda s, par: partial(adresse.revenir, s.lien(*D_AVANT)),
        refus=morts(*D_AVANT)
        | {
            "compte fermé": _puis(D_AVANT, fermer("principal")),
            "déjà défait": _puis(D_AVANT, lambda s: ChangementAdresse.objects.update(defait_le=now())),
            "prise par un autre compte": _puis(D_AVANT, _prise("d_avant")),
        },
    ),
    "comptes.actions.coordonnees.corriger": Geste(
        lambda s, par: partial(coordonnees.corriger, s.qui("principal"), **DITES, par=par),
        frozenset({"principal"}),
        refus={"devenu agent": _devenu_agent, "compte fermé": fermer("principal")},
        sans_effet={"déjà ainsi": _deja_ainsi},
    ),
}

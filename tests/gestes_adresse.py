"""Les gestes de qui change l'adresse ou les coordonnées de son compte : la suite de tests/gestes.py."""

from __future__ import annotations

from functools import partial

from django.utils.timezone import now

from apart.comptes.actions import adresse, coordonnees
from apart.comptes.models import ChangementAdresse, Usage, Utilisateur
from apart.etablissements.actions import reunion
from apart.etablissements.models import PLAFOND_ETABLISSEMENTS, Etablissement, Habilitation, Preuve, Reunion, Role
from tests.empechements import Mettre, fermer, morts
from tests.geste import Geste
from tests.scene import Scene

DE_L_AUTRE, DERNIER = (Usage.NOUVELLE_ADRESSE, "voisin"), (Usage.REUNION, "principal")
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


def _trop_d_etablissements(s: Scene) -> object:
    """À eux deux, un de trop : le voisin en a 199, le principal et lui un chacun."""
    autres = Etablissement.objects.bulk_create(
        Etablissement(siret=f"8{s.rang:09d}{n:04d}") for n in range(PLAFOND_ETABLISSEMENTS - 1)
    )
    return Habilitation.objects.bulk_create(
        Habilitation(utilisateur=s.qui("voisin"), etablissement=e, role=Role.MEMBRE, preuve=Preuve.MEMBRE)
        for e in autres
    )


def _contestee(s: Scene) -> int:
    return Habilitation.objects.filter(utilisateur=s.qui("voisin")).update(contestee_le=now())


def _l_autre(**champs: object) -> Mettre:
    return lambda s: Utilisateur.objects.filter(courriel=s.adresse("voisin")).update(**champs)


# Ce qui, le lien parti, empêche de réunir le compte du principal et celui du voisin.
PAS_DE_REUNION: dict[str, Mettre] = {
    "plus de 200 établissements": _trop_d_etablissements,
    "accès contesté": _contestee,
    "reprise en cours": lambda s: s.reprise(),
    "l'autre est un agent": _l_autre(est_agent=True),
    "l'autre est fermé": _l_autre(is_active=False),
    "adresse tout juste changée": lambda s: s.changement("d_avant"),
}
ADRESSES: dict[str, Geste] = {
    "etablissements.actions.reunion.prouver": Geste(
        lambda s, par: partial(reunion.prouver, s.lien(*DE_L_AUTRE), garde_l_autre=False, par=par),
        frozenset({"principal"}),
        refus=morts(*DE_L_AUTRE)
        | {nom: _puis(DE_L_AUTRE, mettre) for nom, mettre in PAS_DE_REUNION.items()}
        | {"l'adresse n'a plus de compte": _puis(DE_L_AUTRE, _l_autre(courriel="partie@exemple.fr"))},
    ),
    "etablissements.actions.reunion.reunir": Geste(
        lambda s, par: partial(reunion.reunir, s.lien(*DERNIER)),
        refus=morts(*DERNIER)
        | {nom: _puis(DERNIER, mettre) for nom, mettre in PAS_DE_REUNION.items()}
        | {
            "le mot de passe de l'autre a changé": _puis(DERNIER, _l_autre(password="!autre")),
            "déjà réunis": _puis(DERNIER, lambda s: Reunion.objects.update(faite_le=now())),
        },
    ),
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

"""Les gestes sur qui a accès à un établissement : la suite de tests/gestes.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.comptes.models import Utilisateur
from apart.etablissements.actions import offres, personnes, rejoindre, revue
from apart.etablissements.etats import TRANSITIONS_OFFRE, EtatOffre, EtatRejoindre
from apart.etablissements.models import Etablissement, Habilitation, MotifRetrait, OffreRole, Preuve, Role
from tests.empechements import Mettre, hors, rejoindre_hors
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


def close(etat: EtatOffre) -> Mettre:
    dite = etat in {EtatOffre.DECLINEE, EtatOffre.OPPOSEE}
    return lambda s: OffreRole.objects.filter(pk=offre(s).pk).update(
        etat=etat, close_le=now(), close_par=s.qui("principale") if dite else None
    )


def role_a_prendre(s: Scene) -> None:
    """Plus de principal dans la boulangerie ; « membre » et « principale » ont la preuve 5, et l'offre est refusée."""
    if "role à prendre" in s.cibles:
        return
    s.cibles["role à prendre"] = True
    noms = ("principal", "principale", "membre")
    siennes = Habilitation.objects.filter(pk__in=[s.habilitation(nom).pk for nom in noms])
    siennes.update(role=Role.MEMBRE, preuve=Preuve.LETTRE, valeur=Preuve.LETTRE)
    refusee = {"etat": EtatOffre.DECLINEE, "close_le": now(), "close_par": s.qui("principal")}
    OffreRole.objects.filter(pk=offre(s).pk).update(**refusee)


def _prendre(s: Scene, par: Utilisateur) -> Callable[[], object]:
    role_a_prendre(s)
    return partial(offres.prendre, s.habilitation("membre"), par=par)


def a_prendre_mais(nom: str = "membre", **champs: object) -> Mettre:
    """Le rôle est à prendre, mais l'habilitation de cette personne est ainsi ; « now » se lit à la préparation."""

    def mettre(s: Scene) -> None:
        role_a_prendre(s)
        lus = {champ: now() if valeur is now else valeur for champ, valeur in champs.items()}
        Habilitation.objects.filter(pk=s.habilitation(nom).pk).update(**lus)

    return mettre


def a_prendre_mais_offert(**champs: object) -> Mettre:
    """Le rôle est à prendre, mais l'offre est ainsi."""

    def mettre(s: Scene) -> None:
        role_a_prendre(s)
        OffreRole.objects.filter(pk=offre(s).pk).update(**champs)

    return mettre


def a_prendre_mais_attendu(s: Scene) -> None:
    role_a_prendre(s)
    Etablissement.objects.filter(pk=s.boulangerie.pk).update(acces_attendu_jusqu_au=now() + timedelta(days=1))


def a_prendre_mais_ferme(s: Scene) -> None:
    role_a_prendre(s)
    Utilisateur.objects.filter(courriel=s.adresse("membre")).update(is_active=False)


ROLE_PAS_A_PRENDRE: dict[str, Mettre] = {
    "preuve 4 seulement": a_prendre_mais(preuve=Preuve.MEMBRE, valeur=Preuve.COURRIEL),
    "accès contesté": a_prendre_mais(contestee_le=now),
    "cabinet": a_prendre_mais(role=Role.TIERS),
    "partie": a_prendre_mais(au=now),
    "compte fermé": a_prendre_mais_ferme,
    "un principal est là": a_prendre_mais("principale", role=Role.PRINCIPAL),
    "quelqu'un va entrer": a_prendre_mais_attendu,
    "offre ouverte": a_prendre_mais_offert(etat=EtatOffre.OFFERTE, close_le=None, close_par=None),
    "un autre peut encore le recevoir": a_prendre_mais_offert(etat=EtatOffre.CADUQUE, close_par=None),
}


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
        refus=rejoindre_hors("annuler_admission"),
    ),
    "etablissements.actions.revue.confirmer": Geste(
        _confirmer, PRINCIPAUX, sans_effet={"déjà revu": lambda s: _confirmer(s, s.qui("principal"))()}
    ),
    "etablissements.actions.offres.refuser": Geste(
        lambda s, par: partial(offres.refuser, offre(s), par=par),
        PRINCIPAUX | {"membre"},
        refus=hors(TRANSITIONS_OFFRE, "opposer_offre", close) | hors(TRANSITIONS_OFFRE, "decliner_offre", close),
    ),
    "etablissements.actions.offres.prendre": Geste(
        _prendre,
        frozenset({"membre"}),
        refus=ROLE_PAS_A_PRENDRE,
        sans_effet={"déjà principal": a_prendre_mais(role=Role.PRINCIPAL)},
    ),
}

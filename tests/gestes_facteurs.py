"""Les gestes de qui a perdu son second facteur : employeur, après un délai."""

from __future__ import annotations

from functools import partial

from django.utils.timezone import now

from apart.comptes.actions import facteur_perdu
from apart.comptes.etats import TRANSITIONS, EtatFacteurPerdu
from apart.comptes.models import FacteurPerdu, Usage, Utilisateur
from tests.comptes import perdus
from tests.comptes.fabriques import equiper
from tests.empechements import Mettre, fermer, hors, morts
from tests.geste import Geste
from tests.scene import Scene

E = EtatFacteurPerdu
SOI = frozenset({"principal"})


def equipe(s: Scene, nom: str = "principal") -> Utilisateur:
    """Cette personne, avec son second facteur, la première fois qu'on la demande."""
    if f"equipe:{nom}" not in s.cibles:
        s.cibles[f"equipe:{nom}"] = True
        equiper(s.qui(nom))
    return s.qui(nom)


def perdu(s: Scene, etat: EtatFacteurPerdu = E.OUVERTE) -> FacteurPerdu:
    """La demande du principal, mise dans cet état la première fois."""
    if "perdu" not in s.cibles:
        s.cibles["perdu"] = perdus.demande(equipe(s), etat).pk
    return FacteurPerdu.objects.get(pk=s.cibles["perdu"])


def perdu_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS, transition, lambda etat: partial(perdu, etat=etat))


def lien(s: Scene, usage: Usage) -> str:
    perdu(s)
    return s.lien(usage, "principal")


def posee(nom: str) -> Mettre:
    return lambda s: Utilisateur.objects.filter(pk=s.qui(nom).pk).update(adresse_posee_le=now())


def agent_promu(s: Scene) -> object:
    return Utilisateur.objects.filter(pk=s.qui("principal").pk).update(est_agent=True)


FACTEURS: dict[str, Geste] = {
    "comptes.actions.facteur_perdu.demander": Geste(
        lambda s, par: (equipe(s), partial(facteur_perdu.demander, s.qui("principal"), par=par))[1],
        SOI,
        refus={"agent": agent_promu, "compte fermé": fermer("principal")},
        sans_effet={"en attente": partial(perdu, etat=E.ATTENTE), "à finir": perdu},
    ),
    "comptes.actions.facteur_perdu.annuler": Geste(
        lambda s, par: partial(facteur_perdu.annuler, lien(s, Usage.FACTEUR_PERDU)),
        refus=morts(Usage.FACTEUR_PERDU, "principal") | perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.annuler_connecte": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.annuler_connecte, s.qui("principal"), par=par))[1],
        SOI,
        sans_effet=perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.annuler_par_facteur": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.annuler_par_facteur, s.qui("principal")))[1],
        sans_effet=perdu_hors("annuler_facteur_perdu"),
    ),
    "comptes.actions.facteur_perdu.envoyer_lien": Geste(
        lambda s, par: (perdu(s), partial(facteur_perdu.envoyer_lien, s.qui("principal"), par=par))[1],
        SOI,
        refus=perdu_hors("envoyer_lien_facteur") | {"adresse neuve": posee("principal"), "agent": agent_promu},
    ),
    "comptes.actions.facteur_perdu.remplacer": Geste(
        lambda s, par: partial(facteur_perdu.remplacer, lien(s, Usage.NOUVEAU_FACTEUR)),
        refus={
            **morts(Usage.NOUVEAU_FACTEUR, "principal"),
            **perdu_hors("remplacer_facteur"),
            "adresse neuve": posee("principal"),
            "agent": agent_promu,
            "compte fermé": fermer("principal"),
        },
    ),
}

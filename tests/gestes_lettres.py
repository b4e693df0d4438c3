"""Les gestes des lettres, pour tests/test_gestes.py."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.utils.timezone import now

from apart.etablissements.models import Habilitation, Preuve, Role
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import TRANSITIONS_LETTRE, EtatLettre
from apart.reprises.lettres import LettreRefusee, composer
from apart.reprises.models import Lettre, LotLettres
from tests.empechements import Mettre, hors
from tests.geste import REPONDENT, Geste
from tests.scene import Scene

IMPRIMEE = EtatLettre.IMPRIMEE
HEURE_PASSEE: dict[str, Mettre] = {
    "sa date est passée": lambda s: Lettre.objects.filter(pk=s.lettre(IMPRIMEE).pk).update(
        imprimee_le=now() - timedelta(days=22), expire_le=now()
    )
}
CHEZ_SOI: dict[str, Mettre] = {
    "habilité là": lambda s: Habilitation.objects.create(
        utilisateur=s.qui("agent"),
        etablissement=s.lettre(IMPRIMEE).etablissement,
        role=Role.MEMBRE,
        preuve=Preuve.COURRIEL,
    )
}


def lettre_hors(transition: str) -> dict[str, Mettre]:
    return hors(TRANSITIONS_LETTRE, transition, lambda etat: partial(Scene.lettre, etat=etat))


def _demander(s: Scene, qui: str = "membre") -> Lettre:
    la_sienne = s.habilitation(qui)
    return lettres.ecrire(etablissement=s.boulangerie, par=la_sienne.utilisateur, pour_habilitation=la_sienne)


def _fiche(**champs: object) -> Mettre:
    return lambda s: (s.fiche(**champs), s.cibles.update(fiche=True))


def _habilitation(**champs: object) -> Mettre:
    return lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(**champs)


def _trois(s: Scene) -> None:
    s.lettre(EtatLettre.ECHUE)
    for _ in range(2):
        lettre = _demander(s)
        lots.imprimer_lot(par=s.qui("agent"))
        lots.signaler_revenue(lettre, par=s.qui("agent"))


def _avec_fiche(s: Scene) -> Scene:
    if not s.cibles.get("fiche"):
        s.fiche()
    return s


LETTRES: dict[str, Geste] = {
    "reprises.actions.lettres.ecrire": Geste(
        lambda s, par: partial(
            lettres.ecrire,
            etablissement=_avec_fiche(s).boulangerie,
            par=par,
            pour_habilitation=s.habilitation("membre"),
        ),
        frozenset({"membre"}),
        refus={
            "adresse masquée": _fiche(est_masquee=True),
            "établissement fermé": _fiche(est_fermee=True),
            "une autre est en route": lambda s: (s.fiche(), _demander(s, "principal")),
            "trois en trente jours": _trois,
            "preuve déjà faite": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(
                preuve=Preuve.LETTRE, valeur=Preuve.LETTRE
            ),
            "habilitation finie": lambda s: Habilitation.objects.filter(pk=s.habilitation("membre").pk).update(
                au=now()
            ),
        },
        sans_effet={"déjà demandée": lambda s: s.lettre()},
    ),
    "reprises.actions.lettres.employer_code": Geste(
        lambda s, par: partial(lettres.employer_code, lettres.CodeJuste(s.lettre(IMPRIMEE).pk), par=None),
        refus=lettre_hors("employer_lettre") | HEURE_PASSEE,
    ),
    "reprises.actions.lettres.prouver": Geste(
        lambda s, par: partial(lettres.prouver, s.habilitation("membre"), _code(s), par=par),
        frozenset({"membre"}),
        refus=lettre_hors("essayer_code") | HEURE_PASSEE,
    ),
    "reprises.actions.lots.imprimer_lot": Geste(
        lambda s, par: (s.lettre(), partial(lots.imprimer_lot, par=par))[1],
        REPONDENT,
        rien_ici={"agent_ailleurs": LettreRefusee},  # il imprime, mais aucune lettre de ses départements n'attend
        refus=lettre_hors("imprimer_lettre"),
    ),
    "reprises.actions.lots.telecharger": Geste(
        lambda s, par: partial(lots.telecharger, s.lot(), composer, par=par),
        frozenset({"agent"}),
        refus={
            "un jour passé": lambda s: LotLettres.objects.filter(pk=s.lot().pk).update(confie_jusqu_au=now()),
        },
    ),
    "reprises.actions.lots.reimprimer_lot": Geste(
        lambda s, par: partial(lots.reimprimer_lot, s.lot(), par=par, motif="bourrage"),
        REPONDENT,
        refus=CHEZ_SOI
        | {"plus rien n'est attendu": lambda s: lots.annuler(s.lettre(IMPRIMEE), par=s.qui("agent"), motif="x")},
    ),
    "reprises.actions.lots.reimprimer": Geste(
        lambda s, par: partial(lots.reimprimer, s.lettre(IMPRIMEE), par=par, motif="déchirée"),
        REPONDENT,
        refus=lettre_hors("reimprimer_lettre") | CHEZ_SOI,
    ),
    "reprises.actions.lots.signaler_revenue": Geste(
        lambda s, par: partial(lots.signaler_revenue, s.lettre(IMPRIMEE), par=par),
        REPONDENT,
        refus=lettre_hors("signaler_revenue") | CHEZ_SOI,
    ),
    "reprises.actions.lots.annuler": Geste(
        lambda s, par: partial(lots.annuler, s.lettre(), par=par, motif="doublon"),
        REPONDENT,
        refus=lettre_hors("annuler_lettre") | CHEZ_SOI,
    ),
}


def _code(s: Scene) -> str:
    """Celui de la lettre ; un autre si elle n'en a plus."""
    lettre = s.lettre(IMPRIMEE)
    return lettre.code if lettre.est_vivante else "K7MP22QXV3"

"""Ce que peut tenter qui sait tout ce qui est public, lit trois messageries et n'a de l'établissement rien d'autre.

Chaque geste est un de ceux qu'Apart offre à qui n'a que cela ; les refus attendus se taisent, tout le reste se voit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from apart.comptes.jetons import JetonRefuse
from apart.comptes.models import Session, Utilisateur
from apart.courriels.chiffre import dechiffrer
from apart.courriels.models import Courriel
from apart.etablissements.actions import adresse, connecte, espace, offres, rejoindre, relever
from apart.etablissements.actions.espace import CHAMPS_RELUS, EspaceDejaOuvert, OuvertureRefusee, Relue
from apart.etablissements.actions.relever import PreuveRefusee
from apart.etablissements.models import (
    DERIVEES,
    DemandeEspace,
    DemandePreuve,
    DemandeRejoindre,
    Etablissement,
    Habilitation,
    Preuve,
)
from apart.reprises.actions import agents, demande, execution, lettres, lots, pieces, preuves, releve, suivi
from apart.reprises.etats import EtatReprise
from apart.reprises.lettres import CodeRefuse, LettreRefusee
from apart.reprises.models import PieceAttendue, Raison, Reprise
from apart.socle.automate import GesteImpossible
from apart.socle.limites import TropDeDemandes
from tests.comptes.fabriques import MOT_DE_PASSE
from tests.monde import personne
from tests.pieces.fabriques import pdf, recue
from tests.reprises.gens import SAISIE, SIRET, agent, reprise

SIENNES = ("boulangerie.du.lac@gmail.com", "lea.blanc@boulangerie-du-lac.fr", "lea.blanc@mail.com")
VOISIN = "73282932000017"  # un autre SIRET, que personne ne tient encore
SON_NUMERO = "+33611223344"
RELUS = {"nom": "Blanc", "prenom": "Léa", "telephone": SON_NUMERO}
REFUS = (
    PermissionDenied, GesteImpossible, JetonRefuse, execution.DejaProposee, LettreRefusee, CodeRefuse, PreuveRefusee,
    OuvertureRefusee, EspaceDejaOuvert, TropDeDemandes, ValidationError, pieces.TropDePieces,
)  # fmt: skip


@dataclass(frozen=True)
class Imposteur:
    """Lui, devant l'établissement qu'il veut, sous l'une de ses messageries."""

    ou: Etablissement
    boite: str

    @property
    def compte(self) -> Utilisateur:
        return Utilisateur.objects.get(courriel=self.boite)

    def dossier(self) -> Reprise:
        """Sa demande en cours, son adresse confirmée ; une neuve s'il n'en a pas."""
        siennes = Reprise.objects.en_cours().filter(etablissement=self.ou, courriel=self.boite, est_releve=False)
        return siennes.exclude(etat=EtatReprise.DEPOSEE).order_by("pk").last() or reprise(self.ou, courriel=self.boite)

    def secrets(self) -> list[str]:
        """Chaque lien que ses messageries ont reçu."""
        recus = (dechiffrer(bytes(c.secrets)) for c in Courriel.objects.filter(destinataire__in=SIENNES))
        return [lus["lien"].rstrip("/").rpartition("/")[2] for lus in recus if "lien" in lus]


def s_installer() -> None:
    """Ses trois comptes, et l'agent qui répond au téléphone."""
    for adresse_a_lui in SIENNES:
        personne("Blanc", "Léa", adresse_a_lui)
    agent("Paul")


def _deposer(moi: Imposteur) -> None:
    saisie = {**SAISIE, "telephone": SON_NUMERO, "courriel": moi.boite}
    demande.envoyer_lien(demande.deposer(Reprise(etablissement=moi.ou, **saisie)))


def _confirmer(moi: Imposteur) -> None:
    _deposer(moi)
    for secret in moi.secrets():
        with suppress(*REFUS):
            demande.confirmer(secret, **RELUS, fonction="gérante", raison=Raison.PARTIE, explication="")


def _domaine(moi: Imposteur) -> None:
    preuves.invoquer_le_domaine(moi.dossier())


def _deviner(moi: Imposteur) -> None:
    dossier = moi.dossier()
    preuves.envoyer_code(dossier)
    for code in ("0000-0000", "AAAA-AAAA"):
        with suppress(JetonRefuse):
            preuves.employer_code(dossier, code)


def _s_accorder(moi: Imposteur) -> None:
    dossier = moi.dossier()
    preuves.demander_accord(dossier)
    for complice in Utilisateur.objects.filter(courriel__in=SIENNES):
        with suppress(*REFUS):
            preuves.donner_accord(dossier, par=complice)


def _lettre_sans_son_code(moi: Imposteur) -> None:
    """Elle part à l'établissement : il n'en a que la date."""
    preuves.demander_lettre(moi.dossier())


def _deviner_la_lettre(moi: Imposteur) -> None:
    dossier = moi.dossier()
    for code in ("AAAAA-AAAAA", "00000-00000"):
        with suppress(CodeRefuse):
            preuves.employer_lettre(dossier, code)


def _fausse_attestation(moi: Imposteur) -> None:
    """Deux agents la liraient : seul, il ne fait que l'envoyer."""
    dossier = moi.dossier()
    pieces.joindre(dossier, {PieceAttendue.ATTESTATION: [recue("attestation.pdf", pdf(str(dossier.pk)))]})


def _abandonner_puis_refaire(moi: Imposteur) -> None:
    demande.abandonner(moi.dossier())
    moi.dossier()


def _se_faire_renvoyer_ses_liens(moi: Imposteur) -> None:
    suivi.renvoyer_suivis(moi.boite)
    for renouveler in (demande.renouveler_lien, rejoindre.renouveler_lien, execution.renouveler_entree):
        for secret in moi.secrets():
            renouveler(secret)


def _telephoner(moi: Imposteur) -> None:
    """L'agent ouvre à son nom, examine, puis n'a que le numéro qu'il donne : le rappel se refuse, proposer aussi."""
    paul = Utilisateur.objects.get(courriel="paul@asp.fr")
    saisie = {**SAISIE, "telephone": SON_NUMERO, "courriel": moi.boite}
    agents.ouvrir_au_telephone(Reprise(etablissement=moi.ou, **saisie), par=paul)
    dossier = moi.dossier()
    agents.examiner(dossier, par=paul)
    with suppress(*REFUS):
        agents.rappeler(dossier, SON_NUMERO, par=paul)
    if not dossier.a_une_attestation:
        agents.proposer(dossier, motif="Il insiste.", par=paul)


def _rejoindre(moi: Imposteur) -> None:
    """Il demande, prouve sa messagerie, et répond lui-même à sa place."""
    saisie = DemandeRejoindre(etablissement=moi.ou, courriel=moi.boite, **RELUS)
    deposee = rejoindre.deposer(moi.ou, courriel=moi.boite, **RELUS)
    rejoindre.envoyer_lien(deposee)
    for secret in moi.secrets():
        with suppress(*REFUS):
            rejoindre.confirmer(secret, **RELUS)
    connecte.demander(saisie, par=moi.compte)
    for attend in DemandeRejoindre.objects.filter(courriel__in=SIENNES):
        with suppress(*REFUS):
            rejoindre.accepter(attend, par=moi.compte)


def _ouvrir(moi: Imposteur) -> None:
    """Par le SIRET qu'il vise, et par un voisin, où il se dit chez lui."""
    for siret in (SIRET, VOISIN):
        saisie = DemandeEspace(
            siret=siret, denomination="Boulangerie", courriel=SIENNES[1], courriel_utilisateur=moi.boite
        )
        espace.envoyer_lien(espace.deposer_demande(saisie))
        with suppress(*REFUS):
            connecte.ajouter(DemandeEspace(**_champs(saisie)), par=moi.compte)


def _champs(saisie: DemandeEspace) -> dict[str, str]:
    return {nom: getattr(saisie, nom) for nom in ("siret", "denomination", "courriel", "courriel_utilisateur")}


def _relever(moi: Imposteur) -> None:
    """Sur chaque accès, le sien ou non : par son domaine, un code, un accord qu'il se donne."""
    for habilitation in Habilitation.objects.actives():
        for niveau in DERIVEES:
            with suppress(*REFUS):
                relever.demander(habilitation, niveau, par=moi.compte)
    for ouverte in DemandePreuve.objects.ouvertes():
        for complice in Utilisateur.objects.filter(courriel__in=SIENNES):
            with suppress(*REFUS):
                relever.approuver(ouverte, par=complice)


def _relever_par_attestation(moi: Imposteur) -> None:
    for habilitation in Habilitation.objects.actives():
        with suppress(*REFUS):
            releve.demander(habilitation, par=moi.compte)


def _relever_par_lettre(moi: Imposteur) -> None:
    for habilitation in Habilitation.objects.actives().select_related("etablissement"):
        ou, lui = habilitation.etablissement, moi.compte
        with suppress(*REFUS):
            lettres.ecrire(etablissement=ou, par=lui, pour_habilitation=habilitation)
        with suppress(*REFUS):
            lettres.prouver(habilitation, "AAAAA-AAAAA", par=lui)


def _employer_chaque_lien_partout(moi: Imposteur) -> None:
    champs = dict.fromkeys(CHAMPS_RELUS, "") | {"denomination": "Boulangerie", "courriel": SIENNES[1]}
    relue, lui = Relue(champs, RELUS, MOT_DE_PASSE), moi.compte
    portes: tuple[Callable[[str], object], ...] = (
        lambda secret: execution.entrer(secret, mot_de_passe=MOT_DE_PASSE),
        lambda secret: rejoindre.entrer(secret, mot_de_passe=MOT_DE_PASSE),
        lambda secret: espace.ouvrir(secret, relue=relue),
        lambda secret: relever.prouver(secret, par=lui),
        lambda secret: execution.s_opposer(secret, texte="Non."),
        relever.opposer,
        adresse.prouver,
    )
    for secret in moi.secrets():
        for porte in portes:
            with suppress(*REFUS):
                porte(secret)


def taches() -> None:
    """Ce qui se fait seul, et le lot de lettres du jour : elles partent chez l'employeur."""
    with suppress(LettreRefusee):
        lots.imprimer_lot(par=Utilisateur.objects.get(courriel="paul@asp.fr"))
    preuves.executer_les_echues()
    relever.poser_les_dues()
    demande.expirer()
    lettres.achever()
    offres.tenir()


# Ceux qui prouvent, dans une reprise : chaque suite de trois est jouée.
PREUVES: dict[str, Callable[[Imposteur], object]] = {
    "domaine": _domaine,
    "code deviné": _deviner,
    "accord de soi-même": _s_accorder,
    "lettre sans son code": _lettre_sans_son_code,
    "code de lettre deviné": _deviner_la_lettre,
    "fausse attestation": _fausse_attestation,
}
# Tous : chaque paire, dans les deux ordres, et des suites tirées.
GESTES = PREUVES | {
    "déposer": _deposer,
    "confirmer": _confirmer,
    "abandonner puis refaire": _abandonner_puis_refaire,
    "se faire renvoyer ses liens": _se_faire_renvoyer_ses_liens,
    "téléphoner": _telephoner,
    "rejoindre": _rejoindre,
    "ouvrir": _ouvrir,
    "relever une preuve": _relever,
    "relever par attestation": _relever_par_attestation,
    "relever par lettre": _relever_par_lettre,
    "chaque lien partout": _employer_chaque_lien_partout,
}


def tenter(moi: Imposteur, nom: str) -> None:
    """Un geste, dont le refus ne dit rien de plus."""
    with suppress(*REFUS):
        GESTES[nom](moi)


@contextmanager
def sans_suite() -> Iterator[None]:
    """Ce qui s'y fait est défait à la fin."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def acces(ou: Etablissement) -> list[tuple[object, ...]]:
    """Qui a quoi dans cet établissement, et sur quelle preuve."""
    champs = ("pk", "utilisateur", "role", "preuve", "valeur", "contestee_le", "au")
    return list(Habilitation.objects.filter(etablissement=ou).order_by("pk").values_list(*champs))


def fautes(ou: Etablissement, avant: list[tuple[object, ...]]) -> list[str]:
    """Ce qu'il aurait obtenu : rien, jamais."""
    siennes = list(Habilitation.objects.filter(utilisateur__courriel__in=SIENNES))
    obtenu = {
        "les accès de l'établissement ont changé": acces(ou) != avant,
        "il est entré": any(h.etablissement_id == ou.pk for h in siennes),
        "une de ses preuves vaut plus que sa messagerie": any(h.valeur > Preuve.COURRIEL for h in siennes),
        "il touche au paiement": any(h.permet_paiement for h in siennes),
        "une reprise est faite": Reprise.objects.filter(etat=EtatReprise.EXECUTEE).exists(),
        "il relève la preuve d'un autre": DemandePreuve.objects.filter(habilitation__etablissement=ou).exists(),
        "il la relève par une attestation": Reprise.objects.filter(etablissement=ou, est_releve=True).exists(),
        "une lettre part pour l'accès d'un autre": ou.lettres.filter(habilitation__isnull=False).exists(),
        "une session est ouverte": Session.objects.exists(),
    }
    return [faute for faute, est_vraie in obtenu.items() if est_vraie]

"""Une scène pour passer tous les gestes en revue : des gens de chaque rôle, et ce sur quoi ils agissent."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils.timezone import now

from apart.accueil import actions as annonces
from apart.accueil.models import Annonce
from apart.administrations.actions import services
from apart.administrations.models import Affectation, RoleAgent, Service, SorteService
from apart.assistance.models import DemandeAssistance
from apart.comptes.actions import jetons, secours
from apart.comptes.actions.jetons import JetonEmis
from apart.comptes.jetons import Demande
from apart.comptes.models import ChangementAdresse, Usage, Utilisateur
from apart.etablissements.actions.espace import CHAMPS_RELUS, Relue
from apart.etablissements.etats import EtatPreuve, EtatRejoindre
from apart.etablissements.models import (
    DemandeEspace,
    DemandePreuve,
    DemandeRejoindre,
    Etablissement,
    Fondement,
    Habilitation,
    Preuve,
    Reunion,
    Role,
)
from apart.repertoire.models import Fiche
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import EtatLettre, EtatReprise
from apart.reprises.models import Lettre, LotLettres, Reprise
from apart.socle.chiffrement import empreinte as condense
from tests.administrations.fabriques import DEPUIS_TOUJOURS, affecter, service
from tests.assistance.fabriques import depot
from tests.monde import empreinte, etablissement, personne
from tests.reprises.etapes import champs

PHRASE = "clairon brume ecureuil safran"
RANG = itertools.count(1)
DROITS: dict[str, dict[str, bool]] = {
    "principal": {},
    "principale": {},
    "membre": {},
    "ancien": {},
    "ferme": {"is_active": False},
    "voisin": {},
    "agent_suspendu": {"is_active": False},
    "superviseur_suspendu": {"is_active": False},
}
ICI, AILLEURS = "74", "35"  # la boulangerie est en Haute-Savoie
# Le rôle de chaque agent, et où : aucun département, tout le territoire.
AFFECTATIONS: dict[str, tuple[RoleAgent, tuple[str, ...]]] = {
    "agent": (RoleAgent.ASSISTANCE, ()),
    "agent_suspendu": (RoleAgent.ASSISTANCE, ()),
    "agent_parti": (RoleAgent.ASSISTANCE, ()),
    "agent_ici": (RoleAgent.ASSISTANCE, (ICI,)),
    "agent_ailleurs": (RoleAgent.ASSISTANCE, (AILLEURS,)),
    "lecteur": (RoleAgent.LECTEUR, ()),
    "instructeur": (RoleAgent.INSTRUCTEUR, ()),
    "signataire": (RoleAgent.SIGNATAIRE, ()),
    "controleur": (RoleAgent.CONTROLEUR, ()),
    "payeur": (RoleAgent.PAYEUR, ()),
    "superviseur": (RoleAgent.SUPERVISEUR, ()),
    "superviseure": (RoleAgent.SUPERVISEUR, ()),
    "superviseur_suspendu": (RoleAgent.SUPERVISEUR, ()),
    "superviseur_ici": (RoleAgent.SUPERVISEUR, (ICI,)),
}
# L'état où une reprise envoie chacun de ces liens.
REPRISES = {
    Usage.REPRISE: EtatReprise.DEPOSEE,
    Usage.CODE_REPRISE: EtatReprise.CONFIRMEE,
    Usage.OPPOSITION_REPRISE: EtatReprise.OPPOSABLE,
    Usage.ENTREE: EtatReprise.EXECUTEE,
    Usage.SUIVI: EtatReprise.CONFIRMEE,
}
ROLES = tuple(dict.fromkeys((*DROITS, *AFFECTATIONS)))


def _demandeur(usage: Usage, nom: str) -> str:
    """Qui demande la reprise où mène un lien reçu par cette personne : elle, ou Léa si l'on y répond d'ailleurs."""
    return nom if usage in {Usage.REPRISE, Usage.ENTREE, Usage.SUIVI} else "lea"


class Scene:
    """Chaque scène a ses gens, ses adresses et ses numéros : plusieurs tiennent dans une base sans se gêner."""

    def __init__(self) -> None:
        self.rang = next(RANG)
        self.cibles: dict[str, Any] = {}
        self.boulangerie = etablissement(self.siret(1), "Boulangerie du Lac")
        self.boulangerie.courriel = self.adresse("contact")
        self.boulangerie.save()
        self.garage = etablissement(self.siret(2), "Garage Petit")
        gens = Utilisateur.objects.bulk_create(
            Utilisateur(
                nom="Durand",
                prenom=nom,
                courriel=self.adresse(nom),
                password=empreinte(),
                est_agent=nom in AFFECTATIONS,
                est_superviseur=nom in AFFECTATIONS and AFFECTATIONS[nom][0] == RoleAgent.SUPERVISEUR,
                **DROITS.get(nom, {}),
            )
            for nom in ROLES
        )
        self._placer(gens)

    def _placer(self, gens: list[Utilisateur]) -> None:
        """Les agents à leur poste, les autres dans leur établissement."""
        Affectation.objects.bulk_create(
            Affectation(
                agent=qui,
                service=service(*AFFECTATIONS[qui.prenom][1]),
                role=AFFECTATIONS[qui.prenom][0],
                du=DEPUIS_TOUJOURS,
                au=DEPUIS_TOUJOURS + timedelta(365) if qui.prenom == "agent_parti" else None,
            )
            for qui in gens
            if qui.prenom in AFFECTATIONS
        )
        Habilitation.objects.bulk_create(
            Habilitation(
                utilisateur=qui,
                etablissement=self.garage if qui.prenom == "voisin" else self.boulangerie,
                role=Role.MEMBRE if qui.prenom == "membre" else Role.PRINCIPAL,
                preuve=Preuve.COURRIEL,
                du=now() - timedelta(1),
                au=now() if qui.prenom == "ancien" else None,
            )
            for qui in gens
            if qui.prenom in {"principal", "principale", "membre", "ancien", "ferme", "voisin"}
        )

    def siret(self, suite: int) -> str:
        return f"{self.rang:012d}{suite:02d}"

    def adresse(self, nom: str) -> str:
        return f"{nom}.{self.rang}@exemple.fr"

    def qui(self, nom: str) -> Utilisateur:
        """La personne, telle que la base la connaît à cet instant."""
        return Utilisateur.objects.get(courriel=self.adresse(nom))

    def habilitation(self, nom: str) -> Habilitation:
        relues = Habilitation.objects.select_related("utilisateur", "etablissement")
        return relues.get(utilisateur__courriel=self.adresse(nom), etablissement=self.boulangerie)

    def demande(self) -> DemandeAssistance:
        """La demande d'assistance de la scène, déposée par quelqu'un qui n'a pas de compte."""
        if "demande" not in self.cibles:
            deposee = depot(courriel=self.adresse("demandeur"), siret=self.siret(1))
            self.cibles["demande"] = deposee.demande.pk
            DemandeAssistance.objects.filter(pk=deposee.demande.pk).update(departement=ICI)
        return DemandeAssistance.objects.get(pk=self.cibles["demande"])

    def annonce(self) -> Annonce:
        if "annonce" not in self.cibles:
            self.cibles["annonce"] = annonces.publier(**self.contenu(), par=self.qui("agent")).pk
        return Annonce.objects.get(pk=self.cibles["annonce"])

    def contenu(self, titre: str = "Entretien") -> dict[str, Any]:
        debut = self.cibles.setdefault("debut", now())
        return {"titre": titre, "texte": "Samedi.", "niveau": "information", "du": debut, "au": debut + timedelta(1)}

    def rejoindre(self, etat: EtatRejoindre = EtatRejoindre.CONFIRMEE, nom: str = "lea") -> DemandeRejoindre:
        """La demande de cette personne, mise dans cet état la première fois."""
        if f"rejoindre:{nom}" not in self.cibles:
            tranchee = etat not in {EtatRejoindre.DEPOSEE, EtatRejoindre.CONFIRMEE}
            neuve = DemandeRejoindre.objects.create(
                etablissement=self.boulangerie,
                nom="Blanc",
                prenom="Léa",
                courriel=self.adresse(nom),
                etat=etat,
                confirmee_le=None if etat == EtatRejoindre.DEPOSEE else now(),
                traitee_le=now() if tranchee else None,
                traitee_par=self.qui("principal") if tranchee else None,
            )
            self.cibles[f"rejoindre:{nom}"] = neuve.pk
        return DemandeRejoindre.objects.get(pk=self.cibles[f"rejoindre:{nom}"])

    def forts(self) -> None:
        """Les principaux ont prouvé par lettre ; l'adresse de la boulangerie, que l'un d'eux a posée, est vérifiée."""
        if "forts" in self.cibles:
            return
        self.cibles["forts"] = True
        principaux = Habilitation.objects.filter(etablissement=self.boulangerie, role=Role.PRINCIPAL)
        principaux.update(preuve=Preuve.LETTRE, valeur=Preuve.LETTRE)
        Etablissement.objects.filter(pk=self.boulangerie.pk).update(
            courriel_pose_par=self.qui("principal"), courriel_prouve_le=now()
        )

    def preuve(self, niveau: Preuve = Preuve.MEMBRE, etat: EtatPreuve = EtatPreuve.DEPOSEE) -> DemandePreuve:
        """Le membre relève sa preuve ; sa demande, mise dans cet état la première fois."""
        self.forts()
        if f"preuve:{niveau}" not in self.cibles:
            est_posee = etat in {EtatPreuve.POSEE, EtatPreuve.DEFAITE}
            neuve = DemandePreuve.objects.create(
                habilitation=self.habilitation("membre"),
                niveau=niveau,
                etat=etat,
                opposable_jusqu_au=now() + timedelta(days=3) if niveau == Preuve.DOMAINE else None,
                traitee_le=None if etat == EtatPreuve.DEPOSEE else now(),
                fondement=self._fondement(niveau) if est_posee else None,
                defaisable_jusqu_au=now() + timedelta(days=30) if est_posee else None,
            )
            self.cibles[f"preuve:{niveau}"] = neuve.pk
            if etat == EtatPreuve.POSEE:
                posee = {"preuve": niveau, "garant": self.qui("principal"), "valeur": niveau}
                Habilitation.objects.filter(pk=neuve.habilitation_id).update(**posee)
        return DemandePreuve.objects.get(pk=self.cibles[f"preuve:{niveau}"])

    def _fondement(self, niveau: Preuve) -> Fondement:
        """Cette preuve, au membre, par l'accord du principal."""
        habilitation, garant = self.habilitation("membre"), self.qui("principal")
        return Fondement.objects.create(habilitation=habilitation, preuve=niveau, garant=garant)

    def espace(self, nom: str, suite: int) -> DemandeEspace:
        """Ce que cette personne a saisi pour ouvrir un autre établissement."""
        if f"espace:{nom}:{suite}" not in self.cibles:
            self.cibles[f"espace:{nom}:{suite}"] = DemandeEspace.objects.create(
                siret=self.siret(suite), denomination="Bureau", courriel_utilisateur=self.adresse(nom),
                courriel=self.adresse(nom), nom="Blanc", prenom="Léa",
            ).pk  # fmt: skip
        return DemandeEspace.objects.get(pk=self.cibles[f"espace:{nom}:{suite}"])

    def relue(self) -> Relue:
        """Ce qu'une personne a relu et choisi pour ouvrir un établissement."""
        lus = dict.fromkeys(CHAMPS_RELUS, "") | {"denomination": "Bureau", "courriel": self.adresse("bureau")}
        return Relue(lus, {"nom": "Blanc", "prenom": "Léa", "telephone": ""}, PHRASE)

    def lettre(self, etat: EtatLettre = EtatLettre.A_IMPRIMER) -> Lettre:
        """La lettre demandée par la membre de la boulangerie, mise dans cet état la première fois."""
        if "lettre" not in self.cibles:
            self.fiche()
            mienne = self.habilitation("membre")
            neuve = lettres.ecrire(etablissement=self.boulangerie, par=mienne.utilisateur, pour_habilitation=mienne)
            if etat != EtatLettre.A_IMPRIMER:
                lots.imprimer_lot(par=self.qui("agent"))
            if etat not in {EtatLettre.A_IMPRIMER, EtatLettre.IMPRIMEE}:
                Lettre.objects.filter(pk=neuve.pk).update(etat=etat, finie_le=now(), code_chiffre=b"")
            self.cibles["lettre"] = neuve.pk
        return Lettre.objects.get(pk=self.cibles["lettre"])

    def fiche(self, **champs: object) -> Fiche:
        """La boulangerie au répertoire."""
        voie = {"libelle_voie": "RUE DU LAC", "code_postal": "74000", "ville": "ANNECY"}
        return Fiche.objects.update_or_create(siret=self.siret(1), defaults=voie | champs)[0]

    def lot(self) -> LotLettres:
        """Le lot que l'agent vient d'imprimer."""
        lot = self.lettre(EtatLettre.IMPRIMEE).lot
        assert lot is not None
        return lot

    def reprise(self, etat: EtatReprise = EtatReprise.CONFIRMEE, nom: str = "lea") -> Reprise:
        """Celle de cette personne, mise dans cet état la première fois : la boulangerie n'a plus que le principal."""
        if f"reprise:{nom}" not in self.cibles:
            self.forts()
            self._seul_principal()
            neuve = Reprise.objects.create(
                etablissement=self.boulangerie,
                courriel=self.adresse(nom),
                **champs(etat, tient=self.habilitation("principal"), agent=self.qui("agent")),
            )
            if etat == EtatReprise.EXECUTEE:
                Habilitation.objects.filter(pk=self.habilitation("principal").pk).update(au=now())
            self.cibles[f"reprise:{nom}"] = neuve.pk
        return Reprise.objects.select_related("etablissement").get(pk=self.cibles[f"reprise:{nom}"])

    def _seul_principal(self) -> None:
        """Ouverte il y a deux mois, tenue par une seule personne : on sait qui une reprise remplace."""
        autres = Habilitation.objects.filter(etablissement=self.boulangerie).exclude(utilisateur=self.qui("principal"))
        autres.update(role=Role.MEMBRE)
        Etablissement.objects.filter(pk=self.boulangerie.pk).update(cree_le=now() - timedelta(60))

    def saisie_reprise(self, nom: str = "lea") -> Reprise:
        """Ce que cette personne dit à un agent ; rien n'est enregistré."""
        dits = champs(EtatReprise.DEPOSEE, tient=self.habilitation("principal"), agent=self.qui("agent"))
        return Reprise(etablissement=self.boulangerie, courriel=self.adresse(nom), **dits)

    def saisie_espace(self, suite: int, nom: str = "principal") -> DemandeEspace:
        """Ce que cette personne, connectée, tape pour ajouter un établissement ; rien n'est enregistré."""
        a = self.adresse(nom)
        return DemandeEspace(siret=self.siret(suite), denomination="Bureau", courriel_utilisateur=a, courriel=a)

    def saisie_rejoindre(self, nom: str = "principal") -> DemandeRejoindre:
        """La même chose, pour rejoindre le garage."""
        return DemandeRejoindre(etablissement=self.garage, nom="Durand", prenom=nom, courriel=self.adresse(nom))

    def lien(self, usage: Usage, nom: str, numero: int = 1) -> str:
        """Le secret d'un lien vivant de cette personne ; le même à chaque appel, un autre par numéro."""
        return self.message(usage, nom, numero).secret

    def message(self, usage: Usage, nom: str, numero: int = 1, demande: Demande | None = None) -> JetonEmis:
        """Le lien et le code reçus par cette personne ; demande : la page qui attend le code."""
        cle = f"lien:{usage}:{nom}:{numero}"
        if cle not in self.cibles:
            personne = self._de_qui(usage, nom)
            emis = jetons.emettre(usage, courriel=self.adresse(nom), utilisateur=personne, demande=demande)
            if mene_a := self._ou_mene(usage, nom, numero):
                mene_a.jetons.add(emis.jeton)
            self.cibles[cle] = emis
        recu: JetonEmis = self.cibles[cle]
        return recu

    def _de_qui(self, usage: Usage, nom: str) -> Utilisateur | None:
        """À qui est un lien : à la personne de l'adresse qui le reçoit, sauf quand il change cette adresse."""
        change_d_adresse = usage in {Usage.NOUVELLE_ADRESSE, Usage.RETOUR_ADRESSE, Usage.REUNION}
        return self.qui("principal") if change_d_adresse else Utilisateur.objects.par_courriel(self.adresse(nom))

    def changement(self, nom: str) -> ChangementAdresse:
        """Le principal vient de quitter cette adresse pour la sienne."""
        vers, a_l_instant = self.qui("principal"), {"demande_le": now()}
        quittee = {"utilisateur": vers, "ancienne": self.adresse(nom), "nouvelle": vers.courriel}
        return ChangementAdresse.objects.get_or_create(**quittee, defaults=a_l_instant)[0]

    def reunion(self) -> Reunion:
        """Le principal a prouvé que le compte du voisin, qui tient le garage, est aussi le sien."""
        qui, autre = self.qui("principal"), self.qui("voisin")
        garde = {"garde": qui, "empreinte_autre": condense(autre.password)}
        return Reunion.objects.get_or_create(demandeur=qui, autre=autre, defaults=garde)[0]

    def _ou_mene(self, usage: Usage, nom: str, numero: int) -> Any:
        """Ce qu'ouvre un lien de cet usage ; rien pour celui d'une personne seule."""
        ouvre: dict[Usage, Callable[[], object]] = {
            Usage.CREATION: lambda: self.espace(nom, 10 + numero),
            Usage.REJOINDRE: lambda: self.rejoindre(EtatRejoindre.DEPOSEE, nom),
            Usage.ADMISSION: lambda: self.rejoindre(EtatRejoindre.ACCEPTEE, nom),
            Usage.ADRESSE: lambda: self.boulangerie,
            Usage.PREUVE: lambda: self.preuve(Preuve.COURRIEL_ETABLISSEMENT),
            Usage.REUNION: self.reunion,
            Usage.RETOUR_ADRESSE: lambda: self.changement(nom),
            Usage.OPPOSITION: lambda: self.preuve(Preuve.DOMAINE),
            **{usage: partial(self.reprise, etat, _demandeur(usage, nom)) for usage, etat in REPRISES.items()},
        }
        return ouvre[usage]() if usage in ouvre else None

    def invitee(self) -> Utilisateur:
        """Une agente qui n'a pas encore choisi son mot de passe."""
        if not Utilisateur.objects.par_courriel(self.adresse("invitee")):
            neuve = affecter(personne("Roux", "Léa", self.adresse("invitee")))
            neuve.set_unusable_password()
            neuve.save()
        return self.qui("invitee")

    def affectation(self, nom: str) -> Affectation:
        """La première affectation de cet agent."""
        toutes = Affectation.objects.select_related("agent", "service", "suppleant")
        return toutes.filter(agent=self.qui(nom)).earliest("pk")

    def service(self) -> Service:
        """Un service du département de la boulangerie, où personne n'est affecté."""
        if "service" not in self.cibles:
            self.cibles["service"] = services.creer(self.contenu_service("d'ici")).pk
        return Service.objects.get(pk=self.cibles["service"])

    def contenu_service(self, nom: str) -> services.Contenu:
        return services.Contenu(f"Service {nom} {self.rang}", SorteService.DDETS, (ICI,))

    def code_de_secours(self, nom: str) -> str:
        if f"secours:{nom}" not in self.cibles:
            self.cibles[f"secours:{nom}"] = secours.renouveler_code(self.qui(nom), par=self.qui(nom))
        code: str = self.cibles[f"secours:{nom}"]
        return code

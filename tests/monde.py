"""Un petit monde complet : de quoi ouvrir chaque adresse du site, sous chaque rôle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import get_hasher, make_password
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now

from apart.accueil.models import Annonce
from apart.administrations.droits import Droit
from apart.administrations.models import Affectation, PropositionFacteur, RoleAgent
from apart.assistance.actions.demandes import Depot
from apart.comptes import messagerie
from apart.comptes.actions import jetons
from apart.comptes.actions.jetons import JetonEmis
from apart.comptes.jetons import Demande
from apart.comptes.models import FacteurPerdu, Usage, Utilisateur
from apart.etablissements.etats import EtatPreuve, EtatRejoindre
from apart.etablissements.models import (
    DemandeEspace,
    DemandePreuve,
    DemandeRejoindre,
    Etablissement,
    Fondement,
    Habilitation,
    Preuve,
    Role,
)
from apart.etablissements.parcours import Etape
from apart.pieces.models import Piece
from apart.repertoire.models import Fiche
from apart.reprises.actions import demande, lettres, lots, pieces
from apart.reprises.etats import EtatReprise
from apart.reprises.models import Lettre, LotLettres, PieceAttendue, Raison, Reprise
from apart.reprises.parcours import Etape as EtapeReprise
from apart.socle.acces import Public
from tests import liens_adresse
from tests.administrations.fabriques import affecter, service
from tests.assistance.fabriques import depot
from tests.comptes import perdus
from tests.comptes.fabriques import MOT_DE_PASSE, equiper
from tests.pieces.fabriques import piece, recue

SIRET = "73282932000074"


@dataclass
class Monde:
    """Marie tient la boulangerie ; Victor tient un autre établissement ; Paul est agent, Sophie superviseure."""

    employeur: Utilisateur
    voisin: Utilisateur
    agent: Utilisateur
    superviseur: Utilisateur
    etablissement: Etablissement
    depot: Depot

    def connecte(self, qui: Utilisateur | None) -> Client:
        client = Client()
        if qui is not None:
            client.force_login(qui)
        return client

    def pour_public(self, public: Public) -> Utilisateur | None:
        """Qui peut ouvrir une page de ce public."""
        return {
            Public.TOUS: None,
            Public.CONNECTE: self.employeur,
            Public.AGENT: self.superviseur,
        }[public]

    def affecte(self, role: RoleAgent, *departements: str) -> Utilisateur:
        """Un agent de ce rôle, à l'assistance de tout le territoire ou dans ces départements."""
        nom = "-".join((role, *departements))
        qui = Utilisateur.objects.par_courriel(f"{nom}@asp.fr".lower())
        return qui or equiper(affecter(personne(nom, "Camille", f"{nom}@asp.fr".lower()), role, *departements))


def battre(il_y_a: int = 0) -> None:
    """Un travailleur a donné signe de vie il y a tant de secondes, à l'heure de PostgreSQL."""
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))", [il_y_a]
        )


def creer_monde() -> Monde:
    battre()
    boulangerie = etablissement(SIRET, "Boulangerie du Lac")
    marie = personne("Durand", "Marie", "marie.durand@boulangerie.fr")
    victor = personne("Petit", "Victor", "victor.petit@garage.fr")
    habiliter(marie, boulangerie)
    habiliter(victor, etablissement("55208131766522", "Garage Petit"))
    paul = equiper(affecter(personne("Martin", "Paul", "paul.martin@asp.fr")))
    sophie = equiper(affecter(personne("Leroy", "Sophie", "sophie.leroy@asp.fr"), RoleAgent.SUPERVISEUR))
    return Monde(marie, victor, paul, sophie, boulangerie, depot())


def empreinte() -> str:
    """Le mot de passe commun, haché une fois pour toute la séance par chaque façon de hacher."""
    return hachee_par(get_hasher().algorithm)


@cache
def hachee_par(algorithme: str) -> str:
    return make_password(MOT_DE_PASSE, hasher=algorithme)


def personne(nom: str, prenom: str, courriel: str, **droits: bool) -> Utilisateur:
    return Utilisateur.objects.create(nom=nom, prenom=prenom, courriel=courriel, password=empreinte(), **droits)


def etablissement(siret: str, denomination: str) -> Etablissement:
    return Etablissement.objects.create(
        siret=siret,
        denomination=denomination,
        libelle_voie="rue du Lac",
        code_postal="74000",
        ville="Annecy",
        telephone_fixe="+33102030405",
        courriel="contact@boulangerie.fr",
    )


def habiliter(qui: Utilisateur, ou: Etablissement) -> Habilitation:
    return Habilitation.objects.create(utilisateur=qui, etablissement=ou, role=Role.PRINCIPAL, preuve=Preuve.COURRIEL)


# Une valeur qui mène à une vraie page, par « nom-d-adresse:paramètre » ou par paramètre.
ARGUMENTS: dict[str, Callable[[Monde], object]] = {
    "siret": lambda monde: monde.etablissement.siret,
    "suivi:jeton": lambda monde: monde.depot.secret,
    "suivi-ecrire:jeton": lambda monde: monde.depot.secret,
    "suivi-clore:jeton": lambda monde: monde.depot.secret,
    "suivi-piece:jeton": lambda monde: monde.depot.secret,
    "piece": lambda monde: piece_jointe(monde.depot).pk,
    "annonce:pk": lambda monde: annonce(monde.agent).pk,
    "bureau:pk": lambda monde: monde.depot.demande.pk,
    "bureau-piece:pk": lambda monde: monde.depot.demande.pk,
    "bureau-renvoyer:pk": lambda monde: monde.depot.demande.pk,
    "bureau-repartir:pk": lambda monde: monde.depot.demande.pk,
    "membre": lambda monde: Habilitation.objects.get(utilisateur=monde.employeur).pk,
    "quoi": lambda monde: "identifiant",
    "lettres-lettre:pk": lambda monde: lettre(monde).pk,
    "lettres-lot:pk": lambda monde: lot(monde).pk,
    "lettres-lot-csv:pk": lambda monde: lot(monde).pk,
    "lettres-lot-pdf:pk": lambda monde: lot(monde).pk,
    "fiche-aide:nom": lambda monde: "rien-recu",
    "mfa_edit_webauthn:pk": lambda monde: 1,
    "mfa_remove_webauthn:pk": lambda monde: 1,
    "bareme:cle": lambda monde: "droit_commun.allocation_plancher",
    "api:cle": lambda monde: "smic.horaire_brut",
    "anti-robot:nom": lambda monde: "essai",
    "revoir:page": lambda monde: "jamais-montree",
    "agent:pk": lambda monde: monde.agent.pk,
    "affectation:pk": lambda monde: Affectation.objects.get(agent=monde.agent).pk,
    "service:pk": lambda monde: service().pk,
    "inviter-agent:pk": lambda monde: monde.agent.pk,
    "suspendre-agent:pk": lambda monde: monde.agent.pk,
    "retablir-agent:pk": lambda monde: monde.agent.pk,
    "etape": lambda monde: Etape(monde.etablissement.siret).sceller(),
    "attente": lambda monde: messagerie.Attente(Demande.maintenant(), "m•••e@b•••d.fr", "K7MP2QXV").sceller(),
    "facteur-agent:pk": lambda monde: monde.agent.pk,
    "facteur-agent-approuver:pk": lambda monde: monde.agent.pk,
    "facteur-agent-retirer:pk": lambda monde: monde.agent.pk,
    "proposition": lambda monde: proposition_facteur(monde).pk,
    "facteur-annuler-lien:secret": lambda monde: lien_du_facteur(monde, Usage.FACTEUR_PERDU),
    "facteur-nouveau-lien:secret": lambda monde: lien_du_facteur(monde, Usage.NOUVEAU_FACTEUR),
    "nouvelle-adresse-lien:secret": lambda monde: liens_adresse.nouvelle(monde.employeur),
    "retour-adresse-lien:secret": lambda monde: liens_adresse.d_avant(monde.employeur),
    "reunion-lien:secret": lambda monde: liens_adresse.reunion(monde.employeur),
    "mot-de-passe-lien:secret": lambda monde: emettre(Usage.MOT_DE_PASSE, monde.employeur).secret,
    "activer-agent:secret": lambda monde: emettre(Usage.ACTIVATION_AGENT, monde.agent).secret,
    "ouvrir-lien:secret": lambda monde: emettre(Usage.CREATION, monde.employeur).secret,
    "adresse-lien:secret": lambda monde: lien_de_l_adresse(monde.etablissement),
    "rejoindre-lien:secret": lambda monde: demande_rejoindre(monde, Usage.REJOINDRE)[1],
    "admission-lien:secret": lambda monde: demande_rejoindre(monde, Usage.ADMISSION)[1],
    "preuve-lien:secret": lambda monde: lien_de_preuve(monde, Usage.PREUVE),
    "preuve-opposition-lien:secret": lambda monde: lien_de_preuve(monde, Usage.OPPOSITION),
    "preuve-defaire:demande": lambda monde: demande_preuve(monde, Preuve.MEMBRE, EtatPreuve.POSEE).pk,
    "preuve:demande": lambda monde: demande_preuve(monde, Preuve.MEMBRE).pk,
    "niveau": lambda monde: int(Preuve.MEMBRE),
    "habilitation": lambda monde: collegue(monde).pk,
    "admission-annuler:demande": lambda monde: demande_rejoindre(monde, Usage.ADMISSION)[0].pk,
    "reprise-messagerie:etape": lambda monde: EtapeReprise(monde.etablissement.siret, reprise(monde).pk).sceller(),
    "reprise-renvoyer:etape": lambda monde: EtapeReprise(monde.etablissement.siret, reprise(monde).pk).sceller(),
    "reprise-lien:secret": lambda monde: lien_de_reprise(monde, Usage.REPRISE),
    "reprise-entree-lien:secret": lambda monde: lien_de_reprise(monde, Usage.ENTREE),
    "opposition-lien:secret": lambda monde: lien_de_reprise(monde, Usage.OPPOSITION_REPRISE),
    "reprise:secret": lambda monde: lien_de_reprise(monde, Usage.SUIVI),
    "reprise:pk": lambda monde: reprise(monde).pk,
    "reprises:pk": lambda monde: reprise(monde).pk,
    "reprises-piece:piece": lambda monde: reprise(monde).pieces.get().pk,
    "demande": lambda monde: demande_rejoindre(monde, Usage.REJOINDRE, EtatRejoindre.CONFIRMEE)[0].pk,
}


def collegue(monde: Monde) -> Habilitation:
    """Luc, membre de la boulangerie, accueilli par Marie."""
    luc = Utilisateur.objects.par_courriel("luc.blanc@boulangerie.fr") or personne(
        "Blanc", "Luc", "luc.blanc@boulangerie.fr"
    )
    siennes = Habilitation.objects.filter(utilisateur=luc, etablissement=monde.etablissement)
    return siennes.first() or Habilitation.objects.create(
        utilisateur=luc,
        etablissement=monde.etablissement,
        role=Role.MEMBRE,
        preuve=Preuve.MEMBRE,
        garant=monde.employeur,
    )


def annonce(agent: Utilisateur) -> Annonce:
    return Annonce.objects.create(
        titre="Entretien", texte="Samedi.", du=now(), au=now() + timedelta(days=1), par=agent
    )


def piece_jointe(depose: Depot) -> Piece:
    """Celle du message qui a ouvert la demande."""
    jointe = piece()
    depose.demande.messages.get().pieces.add(jointe)
    return jointe


def lettre(monde: Monde) -> Lettre:
    """La lettre que Marie attend ; une seule part à la fois vers un établissement."""
    if deja := Lettre.objects.first():
        return deja
    voie = {"libelle_voie": "RUE DU LAC", "code_postal": "74000", "ville": "ANNECY"}
    Fiche.objects.get_or_create(siret=monde.etablissement.siret, defaults=voie)
    mienne = monde.etablissement.habilitations.get(utilisateur=monde.employeur)
    return lettres.ecrire(etablissement=monde.etablissement, par=monde.employeur, pour_habilitation=mienne)


def lot(monde: Monde) -> LotLettres:
    lettre(monde)
    return LotLettres.objects.first() or lots.imprimer_lot(par=monde.superviseur)


def emettre(usage: Usage, utilisateur: Utilisateur) -> JetonEmis:
    """Un lien vivant ; celui d'une ouverture porte une demande d'espace."""
    emis = jetons.emettre(usage, courriel=utilisateur.courriel, utilisateur=utilisateur)
    if usage is Usage.CREATION:
        demande = DemandeEspace.objects.create(
            siret="35600000024221",
            denomination="Bureau de poste",
            courriel_utilisateur=utilisateur.courriel,
            nom=utilisateur.nom,
            prenom=utilisateur.prenom,
        )
        demande.jetons.add(emis.jeton)
    return emis


def lien_du_facteur(monde: Monde, usage: Usage) -> str:
    if FacteurPerdu.objects.de(monde.employeur) is None:
        perdus.demande(equiper(monde.employeur))
    return emettre(usage, monde.employeur).secret


def proposition_facteur(monde: Monde) -> PropositionFacteur:
    return monde.agent.propositions_facteur.first() or perdus.proposition(monde.agent, monde.superviseur)


def lien_de_l_adresse(ou: Etablissement) -> str:
    emis = jetons.emettre(Usage.ADRESSE, courriel=ou.courriel)
    ou.jetons.add(emis.jeton)
    return emis.secret


def demande_rejoindre(monde: Monde, usage: Usage, etat: EtatRejoindre | None = None) -> tuple[DemandeRejoindre, str]:
    """Léa demande à rejoindre la boulangerie ; par défaut, là où ce lien sert : adresse à prouver, ou accord donné."""
    etat = etat or (EtatRejoindre.DEPOSEE if usage is Usage.REJOINDRE else EtatRejoindre.ACCEPTEE)
    tranchee = etat not in {EtatRejoindre.DEPOSEE, EtatRejoindre.CONFIRMEE}
    demande = DemandeRejoindre.objects.create(
        etablissement=monde.etablissement,
        nom="Blanc",
        prenom="Léa",
        courriel="lea@exemple.fr",
        etat=etat,
        confirmee_le=None if etat == EtatRejoindre.DEPOSEE else now(),
        traitee_le=now() if tranchee else None,
        traitee_par=monde.employeur if tranchee else None,
    )
    emis = jetons.emettre(usage, courriel=demande.courriel)
    demande.jetons.add(emis.jeton)
    return demande, emis.secret


def demande_preuve(monde: Monde, niveau: Preuve, etat: EtatPreuve = EtatPreuve.DEPOSEE) -> DemandePreuve:
    """Léa, membre de la boulangerie, relève sa preuve ; Marie a prouvé par lettre, et l'adresse est vérifiée."""
    Habilitation.objects.filter(utilisateur=monde.employeur).update(preuve=Preuve.LETTRE, valeur=Preuve.LETTRE)
    Etablissement.objects.filter(pk=monde.etablissement.pk).update(
        courriel_pose_par=monde.employeur, courriel_prouve_le=now()
    )
    lea = Utilisateur.objects.par_courriel("lea@boulangerie.fr") or personne("Blanc", "Léa", "lea@boulangerie.fr")
    est_posee = etat == EtatPreuve.POSEE
    posee = {"garant": monde.employeur, "valeur": niveau} if est_posee else {"garant": None, "valeur": Preuve.COURRIEL}
    habilitation, _ = Habilitation.objects.update_or_create(
        utilisateur=lea,
        etablissement=monde.etablissement,
        defaults={"role": Role.MEMBRE, "preuve": niveau if est_posee else Preuve.COURRIEL, **posee},
    )
    demande, _ = DemandePreuve.objects.get_or_create(
        habilitation=habilitation,
        niveau=niveau,
        etat=etat,
        defaults={
            "opposable_jusqu_au": now() + timedelta(days=3) if niveau == Preuve.DOMAINE else None,
            "traitee_le": now() if est_posee else None,
            "fondement": Fondement.objects.create(habilitation=habilitation, preuve=niveau, garant=monde.employeur)
            if est_posee
            else None,
            "defaisable_jusqu_au": now() + timedelta(days=30) if est_posee else None,
        },
    )
    return demande


def lien_de_preuve(monde: Monde, usage: Usage) -> str:
    """Reçu par la boîte de l'établissement : un code à donner, ou de quoi s'opposer."""
    demande = demande_preuve(monde, Preuve.COURRIEL_ETABLISSEMENT if usage is Usage.PREUVE else Preuve.DOMAINE)
    emis = jetons.emettre(usage, courriel=monde.etablissement.courriel)
    demande.jetons.add(emis.jeton)
    return emis.secret


def reprise(monde: Monde) -> Reprise:
    """Noé reprend l'accès de la boulangerie ; sa demande est confirmée, et sa pièce reçue."""
    if deja := Reprise.objects.first():
        return deja
    dits = {"nom": "Roux", "prenom": "Noé", "fonction": "gérant", "telephone": "+33611223344"}
    saisie = Reprise(
        etablissement=monde.etablissement, courriel="noe.roux@boulangerie.fr", raison=Raison.PARTIE, **dits
    )
    neuve = demande.deposer(saisie)
    Reprise.objects.filter(pk=neuve.pk).update(etat=EtatReprise.CONFIRMEE, confirmee_le=now())
    pieces.joindre(neuve, {PieceAttendue.ATTESTATION: [recue()]})
    return neuve


def lien_de_reprise(monde: Monde, usage: Usage) -> str:
    """Un lien vivant qui mène à la reprise de Noé : le sien, ou celui par lequel Marie s'y oppose."""
    a = monde.employeur.courriel if usage is Usage.OPPOSITION_REPRISE else "noe.roux@boulangerie.fr"
    emis = jetons.emettre(usage, courriel=a)
    reprise(monde).jetons.add(emis.jeton)
    return emis.secret


@dataclass(frozen=True)
class Adresse:
    nom: str
    vue: Callable[..., Any]
    parametres: tuple[str, ...]

    @property
    def public(self) -> Public:
        public: Public = self.vue.public  # type: ignore[attr-defined]  # posé par socle.acces.pour
        return public

    @property
    def droit(self) -> Droit | None:
        """Ce qu'un agent doit pouvoir ; rien, si son public suffit."""
        return getattr(self.vue, "droit", None)

    def chemin(self, monde: Monde) -> str:
        return reverse(self.nom, kwargs={p: self._valeur(p, monde) for p in self.parametres})

    def _valeur(self, parametre: str, monde: Monde) -> object:
        famille = self.nom.split("-")[0]
        for cle in (f"{self.nom}:{parametre}", f"{famille}:{parametre}", parametre):
            if cle in ARGUMENTS:
                return ARGUMENTS[cle](monde)
        raise AssertionError(f"Ajoutez « {self.nom}:{parametre} » à ARGUMENTS (tests/monde.py).")


def adresses() -> list[Adresse]:
    """Toutes les adresses du site ; une seule fois celles qui portent deux noms."""
    uniques = {str(motif.pattern): adresse for motif, adresse in _parcourir(get_resolver().url_patterns)}
    return sorted(uniques.values(), key=lambda adresse: adresse.nom)


def _parcourir(motifs: list[URLPattern | URLResolver]) -> Iterator[tuple[URLPattern, Adresse]]:
    for motif in motifs:
        if isinstance(motif, URLResolver):
            yield from _parcourir(motif.url_patterns)
        else:
            assert motif.name, f"L'adresse {motif.pattern} n'a pas de nom."
            yield motif, Adresse(motif.name, motif.callback, tuple(motif.pattern.converters))

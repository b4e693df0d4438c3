"""Créer, corriger et fermer les services de l'État. L'exploitant en vérifie les noms et les départements."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apart.administrations.actions.superviseurs import (
    attendre_son_tour,
    exiger_gerant,
    exiger_qu_il_en_reste,
    relire,
)
from apart.administrations.models import NATIONALES, Service, SorteService
from apart.comptes.models import Utilisateur
from apart.socle.models import journaliser, verrouiller

NOM_DE_L_ASSISTANCE = "Assistance activité partielle"
SANS_DEPARTEMENT = (
    "Indiquez les départements de ce service : une DDETS ou une DREETS n'est jamais de tout le territoire."
)


@dataclass(frozen=True)
class Contenu:
    """Ce que dit la fiche d'un service.

    departements : leurs codes (« 44 », « 2A », « 974 ») ; aucun, tout le pays, pour l'assistance et l'agence de
    paiement seulement.
    """

    nom: str
    sorte: str
    departements: tuple[str, ...] = ()
    adresse: str = ""
    signature: str = ""
    courriel: str = ""
    telephone: str = ""


@transaction.atomic
def creer(contenu: Contenu, *, par: Utilisateur | None = None) -> Service:
    """Crée un service ; par : le superviseur, ou personne depuis la ligne de commande.

    Lève PermissionDenied si par ne gère pas l'équipe dans tous ses départements, ValidationError si le nom est
    pris, ou s'il manque les départements d'un service que sa sorte empêche d'être de tout le territoire.
    """
    par = relire(par).get(par.pk) if par else None
    exiger_gerant(par, contenu.departements, "créer un service dans ces départements")
    service = _ecrire(Service(), contenu)
    journaliser("creer_service", sujet=service.sujet, par=par, nom=service.nom, departements=_codes(service))
    return service


@transaction.atomic
def modifier(service: Service, contenu: Contenu, *, par: Utilisateur) -> Service:
    """Remplace ce que dit la fiche d'un service ; à l'identique, ne change rien.

    Lève PermissionDenied si par ne gère pas l'équipe dans ses départements, anciens et nouveaux ; ValidationError si
    le nom est pris, s'il manque ses départements, si le service est fermé, ou s'il ne resterait aucun superviseur de
    tout le territoire.
    """
    par = relire(par)[par.pk]
    attendre_son_tour()
    service = _verrouille(service)
    exiger_gerant(par, service.departements, "corriger ce service")
    exiger_gerant(par, contenu.departements, "étendre un service à ces départements")
    _exiger_ouvert(service)
    if contenu == _contenu(service):
        return service
    etait_national = service.est_national
    _ecrire(service, contenu)
    if etait_national and not service.est_national:
        exiger_qu_il_en_reste()
    journaliser("modifier_service", sujet=service.sujet, par=par, nom=service.nom, departements=_codes(service))
    return service


@transaction.atomic
def fermer(service: Service, *, par: Utilisateur) -> None:
    """Ferme un service où plus personne n'est affecté ; déjà fermé, ne change rien.

    Lève PermissionDenied comme modifier, ValidationError s'il reste des affectations en cours ou à venir.
    """
    par = relire(par)[par.pk]
    service = _verrouille(service)
    exiger_gerant(par, service.departements, "fermer ce service")
    if service.est_ferme:
        return
    if service.affectations.pas_finies(timezone.localdate()).exists():
        raise ValidationError("Ce service a encore des affectations : terminez-les d'abord.", code="occupe")
    service.ferme_le = timezone.now()
    service.save(update_fields=["ferme_le"])
    journaliser("fermer_service", sujet=service.sujet, par=par, nom=service.nom)


def assistance_nationale() -> Service:
    """Le service d'assistance de tout le territoire, créé s'il n'y en a aucun."""
    return Service.objects.assistance_nationale() or creer(Contenu(NOM_DE_L_ASSISTANCE, SorteService.ASSISTANCE))


def _ecrire(service: Service, contenu: Contenu) -> Service:
    for champ, valeur in asdict(contenu).items():
        setattr(service, champ, valeur)
    service.departements = sorted(set(contenu.departements))
    if service.est_national and service.sorte not in NATIONALES:
        raise ValidationError({"departements": SANS_DEPARTEMENT}, code="sans_departement")
    if Service.objects.filter(nom=service.nom).exclude(pk=service.pk).exists():
        raise ValidationError({"nom": "Un autre service porte déjà ce nom."}, code="existe")
    service.full_clean(exclude=["ferme_le"])
    service.save()
    return service


def _contenu(service: Service) -> Contenu:
    champs = {champ: getattr(service, champ) for champ in asdict(Contenu("", ""))}
    return Contenu(**champs | {"departements": tuple(service.departements)})


def _verrouille(service: Service) -> Service:
    return verrouiller(Service.objects.filter(pk=service.pk)).get()


def _exiger_ouvert(service: Service) -> None:
    if service.est_ferme:
        raise ValidationError("Ce service est fermé.", code="ferme")


def _codes(service: Service) -> str:
    return " ".join(service.departements)

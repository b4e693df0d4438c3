"""L'adresse de l'établissement a sa propre preuve : un lien y est envoyé, que quelqu'un ouvre (décision 0014)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apart.comptes.actions import jetons
from apart.comptes.actions.recuperation import lien_public
from apart.comptes.jetons import JetonRefuse, Raison
from apart.comptes.models import Jeton, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.etablissements.models import Etablissement
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller

DUREE_LIEN = timedelta(days=7)  # la boîte de l'établissement n'est pas toujours lue le jour même


@transaction.atomic
def envoyer(etablissement: Etablissement, *, par: Utilisateur) -> bool:
    """Envoie à l'adresse de l'établissement de quoi la vérifier ; vrai si un message part.

    Faux si elle est déjà vérifiée, si c'est celle d'un membre, ou si elle a déjà trop reçu (T15). Lève
    PermissionDenied si par n'est pas utilisateur principal.
    """
    etablissement = verrouiller(Etablissement.objects.filter(pk=etablissement.pk)).get()
    est_principal = etablissement.habilitations.principales().filter(utilisateur=par).exists()
    exiger(par.is_active and est_principal, "faire vérifier cette adresse : il faut être utilisateur principal")
    return _envoyer(etablissement, par=par)


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien mort à la même adresse ; faux si rien ne part : lien inconnu, ou adresse changée depuis."""
    jeton = Jeton.objects.du_secret(secret, Usage.ADRESSE).first()
    if jeton is None:
        return False
    etablissement = verrouiller(jeton.etablissements.filter(courriel=jeton.courriel)).first()
    return etablissement is not None and _envoyer(etablissement, par=None)


def _envoyer(etablissement: Etablissement, *, par: Utilisateur | None) -> bool:
    """Rien de ce qu'une personne a tapé n'y figure : l'adresse peut être celle d'un tiers (T17)."""
    if etablissement.courriel_prouve_le or etablissement.courriel_est_d_un_membre:
        return False
    demandeur = Demandeur.INCONNU if par else Demandeur.LIEN
    if not admettre(etablissement.courriel, objet=ObjetDemande.ADRESSE, demandeur=demandeur, pour=etablissement.siret):
        journaliser("retenir_lien_adresse", sujet=etablissement.sujet, par=par)
        return False
    journaliser("envoyer_lien_adresse", sujet=etablissement.sujet, par=par)
    emis = jetons.emettre(Usage.ADRESSE, courriel=etablissement.courriel, duree=DUREE_LIEN)
    etablissement.jetons.add(emis.jeton)
    mettre_en_file(
        "adresse_etablissement",
        a=etablissement.courriel,
        siret=etablissement.siret,
        contexte={},
        secrets={"lien": lien_public("adresse-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )
    return True


def etablissement_du_jeton(jeton: Jeton, *, a_verrouiller: bool = False) -> Etablissement:
    """L'établissement dont ce lien prouve l'adresse ; lève JetonRefuse si elle a changé depuis (T11)."""
    les_siens = jeton.etablissements.all()
    etablissement: Etablissement | None = (verrouiller(les_siens) if a_verrouiller else les_siens).first()
    if etablissement is None:
        raise JetonRefuse(Raison.INCONNU)
    if etablissement.courriel != jeton.courriel:
        raise JetonRefuse(Raison.REMPLACE)
    return etablissement


@transaction.atomic
def prouver(secret: str) -> Etablissement:
    """Quelqu'un a ouvert le lien dans la boîte de l'établissement. Lève JetonRefuse."""
    jeton = jetons.verrouiller(Usage.ADRESSE, secret)
    etablissement = etablissement_du_jeton(jeton, a_verrouiller=True)
    etablissement.courriel_prouve_le = timezone.now()
    etablissement.save(update_fields=["courriel_prouve_le"])
    jetons.employer(jeton, freres=Jeton.objects.filter(etablissements=etablissement))
    journaliser("prouver_adresse", sujet=etablissement.sujet)
    return etablissement


def est_deja_prouvee(secret: str) -> bool:
    """Vrai si ce lien mort menait à une adresse vérifiée depuis : un nouveau lien n'y ferait rien."""
    liens = Jeton.objects.du_secret(secret, Usage.ADRESSE)
    return Etablissement.objects.filter(jetons__in=liens).exclude(courriel_prouve_le=None).exists()

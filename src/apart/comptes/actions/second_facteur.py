"""Employer un code d'application, retirer un second facteur perdu, annuler la demande de le remplacer."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from apart.comptes.actions import jetons, sessions
from apart.comptes.models import FacteurPerdu, Jeton, Usage, Utilisateur
from apart.socle.chiffrement import empreinte
from apart.socle.models import PreuveEmployee, verrouiller

DUREE_D_UN_CODE = timedelta(minutes=2)  # 30 secondes, et autant de part et d'autre, arrondi au large


def employer_code(utilisateur: Utilisateur, code: str) -> bool:
    """Marque employé un code d'application ; False s'il l'était déjà (RFC 6238 §5.2 : il ne sert qu'une fois)."""
    maintenant = timezone.now()
    preuve = empreinte(f"second-facteur:{utilisateur.pk}:{code}")
    PreuveEmployee.objects.filter(empreinte=preuve, expire_le__lt=maintenant).delete()
    _, neuf = PreuveEmployee.objects.get_or_create(
        empreinte=preuve, defaults={"expire_le": maintenant + DUREE_D_UN_CODE}
    )
    return neuf


def oublier(utilisateur: Utilisateur) -> None:
    """Retire tout second facteur et tout code de rechange ; les sessions et les liens de la personne meurent avec."""
    Authenticator.objects.filter(user=utilisateur).delete()
    sessions.fermer_toutes(utilisateur)
    jetons.annuler_ceux_de(utilisateur)


@transaction.atomic
def annuler_demande(utilisateur: Utilisateur, *, pourquoi: str, par: Utilisateur | None = None) -> bool:
    """Annule la demande de cette personne de remplacer un second facteur perdu ; faux s'il n'y en a pas.

    pourquoi, pour le journal : un avis ou une session l'a annulée (« avis », « session »), elle s'est servie de son
    second facteur (« facteur »), a changé de mot de passe (« mot_de_passe »), son compte a changé (« compte_change »).
    """
    if not FacteurPerdu.objects.en_cours().filter(utilisateur=utilisateur).exists():
        return False  # le plus souvent : rien à verrouiller
    demande = FacteurPerdu.objects.de(verrouiller(Utilisateur.objects.filter(pk=utilisateur.pk)).get())
    if demande is None:
        return False
    with demande.franchir("annuler_facteur_perdu", par=par, pourquoi=pourquoi):
        demande.finie_le = timezone.now()
    tuer_les_liens(utilisateur)
    return True


def tuer_les_liens(utilisateur: Utilisateur) -> None:
    """Les liens d'une demande finie : plus rien à annuler, ni à remplacer."""
    siens = Jeton.objects.vivants().filter(utilisateur=utilisateur)
    siens.filter(usage__in=[Usage.FACTEUR_PERDU, Usage.NOUVEAU_FACTEUR]).update(annule_le=timezone.now())

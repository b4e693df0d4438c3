"""Relever la preuve de qui a déjà un accès, par une attestation que deux agents vérifient (niveau 6)."""

from __future__ import annotations

from django.db import transaction

from apart.comptes.models import Utilisateur
from apart.etablissements.models import Etablissement, Habilitation, Preuve
from apart.reprises.actions.demande import confirmer_connecte, deposer, emettre_suivi
from apart.reprises.models import Reprise
from apart.socle.acces import exiger
from apart.socle.models import verrouiller


def en_cours(habilitation: Habilitation) -> Reprise | None:
    """La demande de cette personne que rien n'a encore finie."""
    return Reprise.objects.en_cours().filter(est_releve=True, habilitation=habilitation).first()


@transaction.atomic
def demander(habilitation: Habilitation, *, par: Utilisateur) -> str:
    """Ouvre la demande d'une personne connectée, son adresse déjà prouvée ; rend le secret du suivi.

    Envoyé deux fois, n'en ouvre qu'une, et rend un nouveau lien vers elle. Lève PermissionDenied si l'habilitation
    n'est pas la sienne, est terminée, ou vaut déjà la preuve du représentant.
    """
    verrouiller(Utilisateur.objects.filter(pk=par.pk)).get()
    verrouiller(Etablissement.objects.filter(pk=habilitation.etablissement_id)).get()
    siennes = Habilitation.objects.actives().filter(pk=habilitation.pk, utilisateur=par)
    relue = verrouiller(siennes).first()
    exiger(relue is not None and relue.valeur < Preuve.REPRESENTANT, "relever cette preuve")
    if deja := en_cours(habilitation):
        return emettre_suivi(deja)
    saisie = Reprise(
        est_releve=True,
        habilitation=habilitation,
        etablissement=habilitation.etablissement,
        nom=par.nom,
        prenom=par.prenom,
        telephone=par.telephone,
        courriel=par.courriel,
        fonction=habilitation.get_role_display(),
    )
    return confirmer_connecte(deposer(saisie, par=None), par=par)

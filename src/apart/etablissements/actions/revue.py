"""La revue des accès : chaque trimestre, un utilisateur principal relit qui a accès à ses établissements."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.etablissements.models import AppelRevue, Etablissement, Habilitation, RevueAcces
from apart.etablissements.trimestres import en_lettres, suivant, trimestre
from apart.socle.acces import exiger
from apart.socle.models import journaliser, verrouiller
from apart.socle.travaux import chacun

PAR_PASSAGE = 2_000  # toutes les heures : un million d'appels tiennent dans le premier mois du trimestre
NOMMES = 10  # établissements nommés dans le courriel ; la page les montre tous


def appeler() -> None:
    """Écrit à chaque utilisateur principal qui a des accès à revoir ce trimestre, et qui n'a rien reçu.

    En retard ou rejoué, n'écrit à personne deux fois dans le trimestre.
    """
    debut = trimestre(timezone.localdate())
    a_revoir = Habilitation.objects.a_revoir(debut).filter(utilisateur=OuterRef("pk")).order_by()
    appeles = AppelRevue.objects.filter(trimestre=debut, utilisateur=OuterRef("pk"))
    a_appeler = Utilisateur.objects.filter(Exists(a_revoir), ~Exists(appeles), is_active=True).order_by("pk")
    chacun(*(partial(_appeler, personne) for personne in a_appeler[:PAR_PASSAGE]))


@transaction.atomic
def _appeler(personne: Utilisateur) -> bool:
    """Sous le verrou de la personne : deux travailleurs ne l'appellent qu'une fois."""
    verrouiller(Utilisateur.objects.filter(pk=personne.pk)).get()
    debut = trimestre(timezone.localdate())
    a_revoir = Habilitation.objects.a_revoir(debut).de(personne)
    noms = list(a_revoir.values_list("etablissement__denomination", flat=True))
    if not noms or not AppelRevue.objects.get_or_create(utilisateur=personne, trimestre=debut)[1]:
        return False
    journaliser("appeler_a_la_revue", sujet=personne.sujet, nombre=len(noms))
    mettre_en_file(
        "revue_acces",
        a=personne.courriel,
        utilisateur=personne,
        contexte={
            "trimestre": en_lettres(debut),
            "avant_le": suivant(debut),
            "noms": noms[:NOMMES],
            "nombre": len(noms),
            "autres": max(0, len(noms) - NOMMES),
        },
    )
    return True


@transaction.atomic
def confirmer(vues: Collection[int], *, par: Utilisateur) -> tuple[int, list[Etablissement]]:
    """« Tout est à jour », pour les établissements montrés : combien sont revus, et ceux qui ont changé entre-temps.

    vues : les habilitations que la page montrait. Un établissement où quelqu'un est arrivé depuis n'est pas revu : par
    ne l'a pas vu. Envoyé deux fois, ne le fait qu'une. Lève PermissionDenied si par n'est principal d'aucun d'eux.
    """
    debut, montrees = trimestre(timezone.localdate()), Habilitation.objects.filter(utilisateur=par, pk__in=vues)
    exiger(par.is_active and montrees.principales().exists(), "revoir ces accès : il faut être utilisateur principal")
    siennes = montrees.a_revoir(debut)
    montres = list(verrouiller(Etablissement.objects.filter(habilitations__in=siennes)))
    arrivees = Habilitation.objects.actives().filter(etablissement__in=montres).exclude(pk__in=vues)
    changes = set(arrivees.values_list("etablissement", flat=True))
    revus = [e for e in montres if e.pk not in changes]
    for etablissement in revus:
        if RevueAcces.objects.get_or_create(etablissement=etablissement, trimestre=debut, par=par)[1]:
            journaliser("revoir_les_acces", sujet=etablissement.sujet, par=par, trimestre=str(debut))
    return len(revus), [e for e in montres if e.pk in changes]


@transaction.atomic
def rouvrir(
    etablissement: Etablissement, *, depuis: datetime, decidait: Callable[[int | None, datetime], bool]
) -> None:
    """La revue qu'a faite depuis qui ne décidait pas reste à faire. Un morceau du geste qui défait, qui a refusé."""
    for faite in RevueAcces.objects.filter(etablissement=etablissement, le__gte=depuis).order_by("pk"):
        if not decidait(faite.par_id, faite.le):
            faite.delete()
            journaliser("rouvrir_revue", sujet=etablissement.sujet, trimestre=str(faite.trimestre))

"""Écrire dans la file : y mettre un message, noter ce qu'il devient, effacer ce qui n'a plus à être gardé."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apart.courriels import limites
from apart.courriels.chiffre import chiffrer
from apart.courriels.models import (
    CONSERVATION_CORPS,
    CONSERVATION_LIGNE,
    EN_ATTENTE,
    Courriel,
    CourrielRetenu,
    Demandeur,
    ObjetDemande,
    Sort,
)
from apart.courriels.rendu import rendre
from apart.socle import saisies
from apart.socle.travaux import differer

journal = logging.getLogger(__name__)

DUREE_DE_VIE = timedelta(hours=24)  # sans heure limite, on essaie pendant ce temps
TACHE, QUEUE = "courriels.envoyer", "courriels"
# Attente avant le prochain essai, en minutes, selon le nombre d'essais faits ; puis toutes les heures.
ATTENTES = (1, 2, 5, 10, 15, 30, 60)
ATTENTE_PANNE = timedelta(minutes=1)  # notre serveur d'envoi est en panne : on guette son retour
BAIL = timedelta(minutes=2)  # temps laissé à un travailleur pour envoyer son message ; après, un autre le reprend
LONGUEUR_REPONSE = 500
LOT_DE_SUIVI = 500  # lignes notées d'un coup


@transaction.atomic
def mettre_en_file(
    modele: str,
    *,
    a: str,
    contexte: dict[str, Any],
    secrets: dict[str, str] | None = None,
    utilisateur: AbstractBaseUser | None = None,
    siret: str = "",
    expire_le: datetime | None = None,
) -> Courriel:
    """Écrit un message dans la file, dans la transaction de l'appelant ; rend la ligne.

    modele : nom du gabarit (templates/courriels/<modele>.txt et .html ; convention dans courriels.rendu).
    a : adresse du destinataire. contexte : textes, nombres, dates, listes ; neutralisés avant d'être montrés.
    secrets : valeurs des noms que le gabarit emploie comme les autres ({{ lien }}, {{ code }}), gardées chiffrées et
    jusqu'à l'envoi seulement. lien : une adresse de notre site (settings.URL_PUBLIQUE), jamais celle de la requête.
    siret, denomination (dans contexte) : la signature. expire_le : après, le message n'est plus envoyé (24 h sinon).
    Lève ValidationError si l'adresse n'en est pas une, ValueError si le lien mène ailleurs que chez nous.
    """
    secrets = secrets or {}
    _verifier_secrets(secrets)
    complet = {"siret": siret, **contexte, **({"expire_le": expire_le} if expire_le else {})}
    message = rendre(modele, complet, tuple(secrets))
    courriel = Courriel.objects.create(
        modele=modele,
        destinataire=saisies.courriel(a),
        utilisateur_id=utilisateur.pk if utilisateur else None,
        siret=siret,
        objet=message.objet,
        texte=message.texte,
        html=message.html,
        a_secrets=bool(secrets),
        secrets=chiffrer(secrets),
        expire_le=expire_le or timezone.now() + DUREE_DE_VIE,
    )
    _reveiller(courriel)
    return courriel


def _verifier_secrets(secrets: dict[str, str]) -> None:
    for nom, valeur in secrets.items():
        if not valeur or not valeur.isprintable() or " " in valeur:
            raise ValueError(f"Le secret {nom} contient un signe inattendu.")
    lien = secrets.get("lien")
    if lien is not None and not lien.startswith(f"{settings.URL_PUBLIQUE}/"):
        raise ValueError("Un lien envoyé par courriel commence par URL_PUBLIQUE (T13).")


def _reveiller(courriel: Courriel) -> None:
    """Demande au travailleur d'envoyer, dans la même transaction que la ligne : rien ne part si elle est annulée."""
    differer(TACHE, queue=QUEUE, numero=str(courriel.numero))


@transaction.atomic
def prendre_le_suivant() -> Courriel | None:
    """Réserve le prochain message à envoyer, pour la durée du bail. Deux travailleurs n'ont jamais le même.

    Un message repris après un envoi interrompu est signalé au journal : il arrivera peut-être deux fois.
    """
    courriel = Courriel.objects.a_envoyer().select_for_update(skip_locked=True).first()
    if courriel is not None:
        if courriel.envoi_commence_le:
            journal.warning("courriel %s repris : un envoi a été interrompu", courriel.numero)
        maintenant = timezone.now()
        _noter([courriel], envoi_commence_le=maintenant, prochain_essai_le=maintenant + BAIL)
    return courriel


def noter_remis(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur a accepté le message : les secrets sont effacés aussitôt."""
    _noter_essai(courriel, reponse, sort=Sort.REMIS, remis_le=timezone.now(), secrets=b"")


def noter_refuse(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur a refusé pour de bon : plus d'essai, secrets effacés."""
    _noter_essai(courriel, reponse, sort=Sort.REFUSE, secrets=b"")


def noter_differe(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur demande d'attendre : prochain essai de plus en plus tard."""
    attente = timedelta(minutes=ATTENTES[min(courriel.essais, len(ATTENTES) - 1)])
    _noter_essai(courriel, reponse, sort=Sort.DIFFERE, prochain_essai_le=timezone.now() + attente)


@transaction.atomic
def noter_panne(courriel: Courriel, *, reponse: str) -> None:
    """Notre serveur d'envoi ne répond pas : ce message, et d'autres qui sont dus, attendent une minute.

    Ce n'est pas un essai : à son retour, tout part aussitôt.
    """
    dus = Courriel.objects.a_envoyer().defer("texte", "html").select_for_update(skip_locked=True)
    en_panne = [courriel, *dus[:LOT_DE_SUIVI]]
    _noter(
        en_panne,
        reponse=reponse[:LONGUEUR_REPONSE],
        envoi_commence_le=None,
        prochain_essai_le=timezone.now() + ATTENTE_PANNE,
    )
    journal.error("Envoi des courriels impossible, %d en attente : %s", len(en_panne), reponse)


def _noter_essai(courriel: Courriel, reponse: str, **champs: object) -> None:
    _noter([courriel], reponse=reponse[:LONGUEUR_REPONSE], envoi_commence_le=None, essais=F("essais") + 1, **champs)


def _noter(courriels: list[Courriel], **champs: object) -> None:
    """Ne touche jamais un message dont le sort est déjà connu : un rebond peut arriver avant notre propre note."""
    Courriel.objects.en_attente().filter(pk__in=[c.pk for c in courriels]).update(**champs)


@transaction.atomic
def perimer() -> int:
    """Retire de la file les messages dont l'heure limite est passée ; rend leur nombre.

    Ceux qui portaient un lien ne sont pas perdus pour autant : la personne est prévenue, une fois par adresse, qu'il
    faut refaire sa demande. Un lien mort, lui, ne servirait à rien.
    """
    passes = list(Courriel.objects.perimes().select_for_update(skip_locked=True)[:LOT_DE_SUIVI])
    _noter(passes, sort=Sort.PERIME, envoi_commence_le=None, secrets=b"")
    for courriel in {c.destinataire: c for c in passes if c.a_secrets}.values():
        mettre_en_file(
            "trop_tard",
            a=courriel.destinataire,
            contexte={"objet": courriel.objet, "demande_le": courriel.cree_le, "lien": f"{settings.URL_PUBLIQUE}/"},
            siret=courriel.siret,
        )
    return len(passes)


def noter_rebond(courriel: Courriel, *, diagnostic: str) -> bool:
    """Le message est revenu : garde le diagnostic. Faux s'il était déjà noté rebondi, refusé ou périmé."""
    return bool(
        Courriel.objects.filter(pk=courriel.pk, sort__in=[Sort.REMIS, *EN_ATTENTE]).update(
            sort=Sort.REBONDI, reponse=diagnostic[:LONGUEUR_REPONSE], envoi_commence_le=None, secrets=b""
        )
    )


@transaction.atomic
def effacer_les_anciens() -> tuple[int, int]:
    """Vide les corps de plus de 30 jours, supprime les lignes de plus de 12 mois ; rend les deux nombres."""
    maintenant = timezone.now()
    vides = (
        Courriel.objects.exclude(texte="")
        .exclude(sort__in=EN_ATTENTE)
        .filter(cree_le__lt=maintenant - CONSERVATION_CORPS)
        .update(texte="", html="")
    )
    supprimes, _ = Courriel.objects.filter(cree_le__lt=maintenant - CONSERVATION_LIGNE).delete()
    return vides, supprimes


@transaction.atomic
def admettre(adresse: str, *, objet: ObjetDemande, demandeur: Demandeur) -> bool:
    """Prend la place d'un message demandé ; faux si cette boîte en a déjà reçu assez (T15), et garde qu'il est retenu.

    À appeler juste avant mettre_en_file, quand tout le reste est permis : une place prise est un message qui part.
    """
    pleine = limites.prendre(adresse, objet, demandeur)
    if pleine is None:
        return True
    retenu, neuf = CourrielRetenu.objects.get_or_create(
        destinataire=saisies.courriel(adresse),
        objet=objet,
        demandeur=demandeur,
        periode=pleine.periode,
        rouvre_le=limites.place_a_nouveau(pleine),
        defaults={"places": pleine.nombre},
    )
    if not neuf:
        CourrielRetenu.objects.filter(pk=retenu.pk).update(nombre=F("nombre") + 1, dernier_le=timezone.now())
    return False


def effacer_les_retenus() -> int:
    """Efface ce qui a été retenu il y a plus de 30 jours ; rend leur nombre."""
    return CourrielRetenu.objects.filter(dernier_le__lt=timezone.now() - CONSERVATION_CORPS).delete()[0]

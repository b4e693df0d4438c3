"""Écrire dans la file : y mettre un message, noter ce qu'il devient, effacer ce qui n'a plus à être gardé."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.urls import resolve
from django.utils import timezone

from apart.courriels import limites
from apart.courriels.actions.refus import Refus, marquer
from apart.courriels.chiffre import SecretIllisible, chiffrer, dechiffrer
from apart.courriels.models import (
    CONSERVATION_CORPS,
    CONSERVATION_LIGNE,
    EN_ATTENTE,
    Courriel,
    CourrielQuerySet,
    CourrielRetenu,
    Demandeur,
    ObjetDemande,
    Sort,
)
from apart.courriels.rendu import rendre
from apart.courriels.reponses_de_serveur import dire, domaine, gardee, sans_adresse
from apart.socle import saisies
from apart.socle.travaux import differer

journal = logging.getLogger(__name__)

DUREE_DE_VIE = timedelta(hours=24)  # sans heure limite, on essaie pendant ce temps
TACHE, QUEUE = "courriels.envoyer", "courriels"
# Attente avant le prochain essai, en minutes, selon le nombre d'essais faits ; puis toutes les heures.
ATTENTES = (1, 2, 5, 10, 15, 30, 60)
# Un lien qui approche de son heure limite est essayé plus souvent, et une dernière fois juste avant.
DERNIER_ESSAI = timedelta(minutes=1)
# Un serveur qui a tout reçu sans répondre l'a peut-être gardé : deux reprises, puis plus rien.
ATTENTES_INCERTAINES = (timedelta(minutes=1), timedelta(minutes=15))
DUREE_UTILE = timedelta(minutes=10)  # un lien arrivé avec moins, par la faute du serveur qui reçoit, est renouvelé
ATTENTE_PANNE = timedelta(minutes=1)  # notre serveur d'envoi est en panne : on guette son retour
BAIL = timedelta(minutes=2)  # temps laissé à un travailleur pour envoyer son message ; après, un autre le reprend
LOT_DE_SUIVI = 500  # lignes notées d'un coup

# Les lignes et l'ordre de a_envoyer, choisies et réservées en un seul ordre : c'est le rythme de tous les envois.
RESERVER = """
    WITH suivant AS (
        SELECT id, envoi_commence_le FROM courriels_courriel
        WHERE sort IN ('en_file', 'differe') AND prochain_essai_le <= %(maintenant)s AND expire_le > %(maintenant)s
        ORDER BY a_secrets DESC, prochain_essai_le, id
        LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE courriels_courriel courriel SET envoi_commence_le = %(maintenant)s, prochain_essai_le = %(fin_du_bail)s
    FROM suivant WHERE courriel.id = suivant.id
    RETURNING courriel.*, suivant.envoi_commence_le IS NOT NULL AS repris
"""

# Par modèle, ce qui envoie un lien neuf à la place de celui dont voici le secret. Rempli par apart.config : les liens
# sont l'affaire des modules du dessus.
RENOUVELER: dict[str, Callable[[str], object]] = {}
_A_LA_PLACE_DE: ContextVar[Courriel | None] = ContextVar("a_la_place_de", default=None)


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
    remplace, secrets = _A_LA_PLACE_DE.get(), dict(secrets or {})
    if remplace:
        secrets.pop("code", None)  # il se tape sur la page de la première demande, qui a expiré
    _verifier_secrets(secrets)
    dates = {"expire_le": expire_le, "retenu_depuis": remplace and remplace.premier().cree_le}
    complet = {"siret": siret, **contexte, **{nom: le for nom, le in dates.items() if le}}
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
        remplace=remplace,
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


def prendre_le_suivant() -> Courriel | None:
    """Réserve le prochain message à envoyer, pour la durée du bail. Deux travailleurs n'ont jamais le même.

    Un message repris après un envoi interrompu est signalé au journal : il arrivera peut-être deux fois.
    """
    maintenant = timezone.now()
    reserves = Courriel.objects.raw(RESERVER, {"maintenant": maintenant, "fin_du_bail": maintenant + BAIL})
    courriel = next(iter(reserves), None)
    if courriel is not None and courriel.repris:
        journal.warning("courriel %s repris : un envoi a été interrompu", courriel.numero)
    return courriel


def noter_remis(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur a accepté le message : les secrets sont effacés aussitôt."""
    _noter_essai(courriel, reponse, sort=Sort.REMIS, remis_le=timezone.now())


@transaction.atomic
def noter_refuse(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur a refusé pour de bon : plus d'essai, secrets effacés, adresse marquée si la faute est de son côté."""
    if _noter_essai(courriel, reponse, sort=Sort.REFUSE):
        marquer([Refus(courriel, Sort.REFUSE, gardee(reponse))])
    dire(courriel, Sort.REFUSE, reponse)


def noter_differe(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur demande d'attendre : prochain essai de plus en plus tard, jamais après l'heure limite."""
    attente = timedelta(minutes=ATTENTES[min(courriel.essais, len(ATTENTES) - 1)])
    _noter_essai(courriel, reponse, sort=Sort.DIFFERE, prochain_essai_le=_prochain_essai(courriel, attente))
    journal.info("courriel %s différé, chez %s : %s", courriel.numero, domaine(courriel), sans_adresse(reponse))


def _prochain_essai(courriel: Courriel, attente: timedelta) -> datetime:
    """Au plus tard à la moitié du temps qui reste, puis une dernière fois juste avant l'heure limite."""
    maintenant = timezone.now()
    dernier = courriel.expire_le - DERNIER_ESSAI
    if maintenant >= dernier:
        return courriel.expire_le
    return min(maintenant + max(min(attente, (courriel.expire_le - maintenant) / 2), DERNIER_ESSAI), dernier)


def noter_incertain(courriel: Courriel, *, reponse: str) -> None:
    """Le serveur a tout reçu et n'a pas répondu : peu de reprises, car chacune peut donner un double."""
    if courriel.incertains < len(ATTENTES_INCERTAINES):
        prochain = _prochain_essai(courriel, ATTENTES_INCERTAINES[courriel.incertains])
        _noter_essai(courriel, reponse, sort=Sort.DIFFERE, prochain_essai_le=prochain, incertain=True)
        return
    _noter_essai(courriel, reponse, sort=Sort.INCERTAIN, incertain=True)
    dire(courriel, Sort.INCERTAIN, reponse)


def prolonger_le_bail(courriel: Courriel) -> None:
    """Le serveur fait attendre sa réponse : personne d'autre ne reprend ce message pendant ce temps."""
    _sans_sort([courriel]).update(prochain_essai_le=timezone.now() + BAIL)


@transaction.atomic
def noter_panne(courriel: Courriel, *, reponse: str) -> None:
    """Notre serveur d'envoi ne répond pas : ce message, et d'autres qui sont dus, attendent une minute.

    Ce n'est pas un essai : à son retour, tout part aussitôt.
    """
    dus = Courriel.objects.a_envoyer().defer("texte", "html").select_for_update(skip_locked=True)
    en_panne = [courriel, *dus[:LOT_DE_SUIVI]]
    _sans_sort(en_panne).update(
        reponse=gardee(reponse),
        envoi_commence_le=None,
        prochain_essai_le=Least(F("expire_le"), Value(timezone.now() + ATTENTE_PANNE)),
    )
    journal.error("Envoi des courriels impossible, %d en attente : %s", len(en_panne), reponse)


def _noter_essai(
    courriel: Courriel,
    reponse: str,
    *,
    sort: Sort,
    prochain_essai_le: datetime | None = None,
    remis_le: datetime | None = None,
    incertain: bool = False,
) -> int:
    """Un essai a eu lieu. Sans autre essai à venir, les secrets s'effacent. Zéro si le sort était déjà connu."""
    return _sans_sort([courriel]).update(
        sort=sort,
        sort_le=timezone.now(),
        reponse=gardee(reponse),
        envoi_commence_le=None,
        essais=F("essais") + 1,
        incertains=F("incertains") + int(incertain),
        remis_le=remis_le,
        prochain_essai_le=prochain_essai_le or F("prochain_essai_le"),
        secrets=F("secrets") if prochain_essai_le else b"",
    )


def _sans_sort(courriels: list[Courriel]) -> CourrielQuerySet:
    """Ne touche jamais un message dont le sort est déjà connu : un rebond peut arriver avant notre propre note."""
    return Courriel.objects.en_attente().filter(pk__in=[c.pk for c in courriels])


def perimer() -> int:
    """Retire de la file les messages dont l'heure limite est passée ; rend leur nombre.

    Un lien que le serveur du destinataire a retenu jusque-là est renouvelé. Les autres porteurs d'un lien ne sont pas
    perdus non plus : la personne est prévenue, une fois par adresse, qu'il faut refaire sa demande.
    """
    retenus = list(Courriel.objects.perimes().retenus().values_list("pk", flat=True)[:LOT_DE_SUIVI])
    return sum(map(_renouveler_perime, retenus)) + _perimer_le_reste()


@transaction.atomic
def _perimer_le_reste() -> int:
    passes = list(Courriel.objects.perimes().select_for_update(skip_locked=True)[:LOT_DE_SUIVI])
    _sans_sort(passes).update(sort=Sort.PERIME, sort_le=timezone.now(), envoi_commence_le=None, secrets=b"")
    for courriel in passes:
        dire(courriel, Sort.PERIME, courriel.reponse)
    for courriel in {c.destinataire: c for c in passes if c.a_secrets}.values():
        _dire_trop_tard(courriel)
    return len(passes)


def _dire_trop_tard(courriel: Courriel) -> None:
    """Une adresse admise hier et refusée aujourd'hui (saisies.courriel) ne retient pas les autres dans la file."""
    try:
        with transaction.atomic():
            mettre_en_file(
                "trop_tard",
                a=courriel.destinataire,
                contexte={
                    "objet": courriel.objet,
                    "demande_le": courriel.cree_le,
                    "lien": f"{settings.URL_PUBLIQUE}/",
                },
                siret=courriel.siret,
            )
    except ValidationError as refus:
        journal.warning("courriel %s périmé sans pouvoir le dire : %s", courriel.numero, refus.messages[0])


@transaction.atomic
def _renouveler_perime(pk: int) -> bool:
    """Verrouillé avant sa demande, contre l'ordre de la décision 0012 : aucun geste ne verrouille un message."""
    retenus = Courriel.objects.perimes().retenus().filter(pk=pk)
    courriel = retenus.select_for_update(skip_locked=True).first()
    if courriel is None or not renouveler(courriel):
        return False
    _sans_sort([courriel]).update(sort=Sort.RENOUVELE, sort_le=timezone.now(), envoi_commence_le=None, secrets=b"")
    journal.info("courriel %s renouvelé : retenu trop longtemps par %s", courriel.numero, domaine(courriel))
    return True


def renouveler(courriel: Courriel) -> bool:
    """Envoie un lien neuf à la place de celui de ce message, pendant 24 heures au plus ; vrai si c'est fait.

    Faux s'il n'a plus lieu d'être (déjà servi, limite d'envois atteinte) ou si ce modèle ne sait pas se renouveler.
    """
    envoyer = RENOUVELER.get(courriel.modele)
    if envoyer is None or timezone.now() - courriel.premier().cree_le > DUREE_DE_VIE:
        return False
    precedent = _A_LA_PLACE_DE.set(courriel)
    try:
        with transaction.atomic():
            envoyer(_secret_du_lien(courriel))
    except SecretIllisible:
        return False
    except Exception:  # noqa: BLE001 # un lien que nous ne savons pas renouveler ne retient pas les autres
        journal.exception("courriel %s : impossible à renouveler", courriel.numero)
        return False
    finally:
        _A_LA_PLACE_DE.reset(precedent)
    return Courriel.objects.filter(remplace=courriel).exists()


def _secret_du_lien(courriel: Courriel) -> str:
    """Le secret que porte le lien d'un message pas encore arrivé. Lève SecretIllisible."""
    lien = dechiffrer(bytes(courriel.secrets))["lien"]
    return str(resolve(urlsplit(lien).path).kwargs["secret"])


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
def admettre(adresse: str, *, objet: ObjetDemande, demandeur: Demandeur, pour: str = "") -> bool:
    """Prend la place d'un message demandé ; faux si cette boîte en a déjà reçu assez (T15), et garde qu'il est retenu.

    À appeler juste avant mettre_en_file, quand tout le reste est permis : une place prise est un message qui part.
    pour : le SIRET ou la demande que le message ouvre ; ceux qui mènent ailleurs n'en prennent pas les places.
    Un lien que nous renouvelons, la personne ne l'a pas demandé : il a ses places, quel que soit le demandeur donné.
    """
    demandeur = Demandeur.SERVICE if _A_LA_PLACE_DE.get() else demandeur
    pleine = limites.prendre(adresse, objet, demandeur, pour)
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

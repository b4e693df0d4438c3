"""Poser une preuve sur une habilitation, et repeser celles qui en viennent (décision 0014)."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.neutralite import Adresse
from apart.etablissements.actions import mouvements
from apart.etablissements.models import DERIVEES, Etablissement, Fondement, Habilitation, Preuve, Role
from apart.etablissements.preuves import Assise, peser, repesees
from apart.repertoire.models import nom_public
from apart.socle.automate import GesteImpossible
from apart.socle.models import journaliser, verrouiller


@transaction.atomic
def poser(
    habilitation: Habilitation,
    preuve: Preuve,
    *,
    accord_de: Utilisateur | None = None,
    par: Utilisateur | None = None,
) -> Fondement:
    """Pose cette preuve, pesée d'après son garant, et rend son fondement, l'habilitation relue. N'en abaisse aucune.

    Une preuve qui ne vaut pas plus que l'actuelle n'écrit à personne : elle reste, si l'actuelle se défait. Ce qui en
    vient est repesé. accord_de : comme preuves.peser. par : qui l'a fait, pour le journal, son droit déjà vérifié par
    l'appelant. Lève GesteImpossible si l'habilitation est terminée ou le compte fermé.
    """
    tenue = tenir(habilitation)
    pese = peser(preuve, tenue.etablissement, pour=tenue.utilisateur, accord_de=accord_de)
    fondement = fonder(tenue, preuve, garant=pese["garant"])
    if pese["valeur"] <= tenue.valeur:
        return fondement
    avant = tenue.valeur
    _ecrire(tenue, **pese)
    journaliser(
        "poser_preuve",
        sujet=tenue.etablissement.sujet,
        par=par,
        habilitation=tenue.pk,
        preuve=tenue.preuve,
        avant=avant,
        valeur=tenue.valeur,
    )
    repeser(tenue.etablissement)
    _annoncer(tenue)
    return fondement


def fonder(habilitation: Habilitation, preuve: Preuve, *, garant: Utilisateur | None) -> Fondement:
    """Garde que cette habilitation a reçu cette preuve ; un morceau du geste qui la donne, sous ses verrous."""
    return Fondement.objects.create(habilitation=habilitation, preuve=preuve, garant=garant)


@transaction.atomic
def revenir(fondement: Fondement, *, par: Utilisateur | None, cause: str = "") -> list[Habilitation]:
    """Défait une preuve : l'habilitation repose sur la plus forte de celles qui lui restent, et tout est repesé.

    Terminée, elle aussi : rien ne la ferait revenir avec cette preuve. Qui a pris ou reçu le rôle de principal depuis
    elle et grâce à elle, et ne vaut plus ce qu'il demande, le rend, et chacun le sait : rend ces habilitations-là.
    Sans effet si elle est déjà défaite. cause : Mouvement.cause ; vide, la décision de par, et d'elle seule.
    """
    tenue = _tenir_terminee_ou_non(fondement.habilitation)
    if not tenue.fondements.filter(pk=fondement.pk, retire_le=None).update(retire_le=timezone.now()):
        return []
    avant, tenue.preuve, tenue.garant = tenue.preuve, Preuve.COURRIEL, None
    _asseoir(tenue.etablissement, a_la_place=tenue)
    journaliser(
        "revenir_a_la_preuve",
        sujet=tenue.etablissement.sujet,
        par=par,
        habilitation=tenue.pk,
        preuve=fondement.preuve,
        avant=avant,
    )
    toutes = _de(tenue.etablissement)
    grace_a_elle = _qui_en_depend(tenue.utilisateur_id, toutes)
    pris = [h for h in toutes if h.role_pris_le and h.role_pris_le >= fondement.pose_le]
    rendus = [h for h in pris if h.valeur < Preuve.MEMBRE and h.utilisateur_id in grace_a_elle]
    for habilitation in rendus:
        decide_le = habilitation.role_pris_le if cause else None  # depuis lors, il ne valait rien
        mouvements.changer(habilitation, Role.MEMBRE, par=par, decide_le=decide_le, cause=cause)
        journaliser("rendre_role", sujet=tenue.etablissement.sujet, par=par, habilitation=habilitation.pk)
        if habilitation.au is None:
            _dire_le_role_rendu(habilitation)
    return rendus


def _qui_en_depend(personne: int, toutes: list[Habilitation]) -> set[int]:
    """Elle, et ceux dont une preuve qui tient vient d'elle, de proche en proche."""
    liens = {(h.utilisateur_id, h.garant_id) for h in toutes if h.preuve in DERIVEES}
    tiennent = Fondement.objects.filter(habilitation__in=toutes, retire_le=None, garant__isnull=False)
    liens |= set(tiennent.values_list("habilitation__utilisateur", "garant"))
    trouves: set[int] = set()
    neufs = {personne}
    while neufs:
        trouves |= neufs
        neufs = {qui for qui, garant in liens if garant in trouves} - trouves
    return trouves


@transaction.atomic
def repeser(etablissement: Etablissement) -> int:
    """Recalcule sur quoi chaque habilitation repose, et ce que cela vaut, dans les deux sens ; rend combien changent.

    À appeler quand la preuve d'un garant change ou qu'un garant part. Ne pose ni n'ôte aucune preuve : choisit, parmi
    celles qui tiennent, la plus forte. Qui y gagne ou y perd le versement en est prévenu.
    """
    return len(_asseoir(etablissement))


def _asseoir(etablissement: Etablissement, *, a_la_place: Habilitation | None = None) -> list[Habilitation]:
    """a_la_place : l'une d'elles, dont la preuve que dit la base vient d'être défaite. Rend celles qui changent."""
    verrouiller(Etablissement.objects.filter(pk=etablissement.pk)).get()
    toutes = _de(etablissement)
    assises = _assises(toutes, a_la_place=a_la_place)
    changees = [h for h in toutes if (h.preuve, h.garant_id, h.valeur) != _champs(assises[h.pk])]
    for habilitation in changees:
        permettait, avant, assise = habilitation.permet_paiement, habilitation.valeur, assises[habilitation.pk]
        repose_ailleurs = (habilitation.preuve, habilitation.garant_id) != (assise.preuve, assise.garant)
        habilitation.preuve, habilitation.garant_id, habilitation.valeur = _champs(assise)
        habilitation.prouvee_le = timezone.now() if repose_ailleurs else habilitation.prouvee_le
        habilitation.save(update_fields=["preuve", "garant", "valeur", "prouvee_le"])
        journaliser(
            "repeser_preuve",
            sujet=etablissement.sujet,
            habilitation=habilitation.pk,
            avant=avant,
            valeur=habilitation.valeur,
        )
        le_sait = a_la_place is not None and habilitation.pk == a_la_place.pk  # le geste qui défait le lui dit
        if habilitation.permet_paiement != permettait and habilitation.au is None and not le_sait:
            _prevenir(habilitation)
    return changees


def _champs(assise: Assise) -> tuple[int, int | None, int]:
    return assise.preuve, assise.garant, assise.valeur


def _assises(toutes: list[Habilitation], *, a_la_place: Habilitation | None) -> dict[int, Assise]:
    """Sur quoi chacune repose. a_la_place : prend celle de même clé."""
    fondements: dict[int, list[Assise]] = defaultdict(list)
    for f in Fondement.objects.filter(habilitation__in=toutes, retire_le=None).order_by("-preuve", "pk"):
        fondements[f.habilitation_id].append(Assise(f.preuve, f.garant_id))
    return repesees([a_la_place if a_la_place and h.pk == a_la_place.pk else h for h in toutes], fondements)


@transaction.atomic
def contester(habilitation: Habilitation, *, est_contestee: bool, par: Utilisateur | None = None) -> None:
    """Ferme le versement, sans rien ôter d'autre, tant que des agents lisent une opposition ; ou le rouvre.

    Sans effet s'il l'est déjà. par : l'agent qui rouvre, son droit déjà vérifié par l'appelant.
    """
    verrouiller(Etablissement.objects.filter(pk=habilitation.etablissement_id)).get()
    habilitation.refresh_from_db(from_queryset=verrouiller(Habilitation.objects.all()))
    if (habilitation.contestee_le is not None) == est_contestee:
        return
    habilitation.contestee_le = timezone.now() if est_contestee else None
    habilitation.save(update_fields=["contestee_le"])
    geste = "contester_acces" if est_contestee else "lever_contestation"
    journaliser(geste, sujet=habilitation.etablissement.sujet, par=par, habilitation=habilitation.pk)
    repeser(habilitation.etablissement)


def tenir(habilitation: Habilitation) -> Habilitation:
    """L'habilitation relue, sous les verrous de la personne, de l'établissement et de toutes les siennes (0012).

    Lève GesteImpossible si elle est terminée ou le compte fermé.
    """
    tenue = _tenir_terminee_ou_non(habilitation)
    if tenue.au is not None or not tenue.utilisateur.is_active:
        raise GesteImpossible("poser_preuve", "terminée" if tenue.au else "compte fermé")
    return tenue


def _tenir_terminee_ou_non(habilitation: Habilitation) -> Habilitation:
    verrouiller(Utilisateur.objects.filter(pk=habilitation.utilisateur_id)).get()
    verrouiller(Etablissement.objects.filter(pk=habilitation.etablissement_id)).get()
    return next(h for h in _de(habilitation.etablissement) if h.pk == habilitation.pk)


def _de(etablissement: Etablissement) -> list[Habilitation]:
    """Toutes celles de l'établissement, verrouillées : le garant de l'une est la personne d'une autre."""
    siennes = Habilitation.objects.filter(etablissement=etablissement)
    return list(verrouiller(siennes.select_related("utilisateur", "etablissement")))


def _ecrire(habilitation: Habilitation, *, preuve: Preuve, garant: Utilisateur | None, valeur: int) -> None:
    habilitation.preuve, habilitation.garant, habilitation.valeur = preuve, garant, valeur
    habilitation.prouvee_le = timezone.now()
    habilitation.save(update_fields=["preuve", "garant", "valeur", "prouvee_le"])


def _annoncer(habilitation: Habilitation) -> None:
    """Dit la preuve relevée à la personne, aux autres membres et à l'adresse vérifiée de l'établissement.

    À l'établissement, la personne est nommée par son adresse, qu'elle a prouvée : aucun nom tapé n'y part (T17).
    """
    etablissement, elle = habilitation.etablissement, habilitation.utilisateur
    commun = {
        "preuve": habilitation.get_preuve_display(),
        "permet_paiement": habilitation.permet_paiement,
        "le": habilitation.prouvee_le,
    }
    _ecrire_a(elle, "preuve_relevee", etablissement, commun)
    autres = etablissement.habilitations.actives().exclude(utilisateur=elle).select_related("utilisateur")
    for autre in autres:
        _ecrire_a(
            autre.utilisateur,
            "preuve_relevee_avis",
            etablissement,
            commun | {"nom": str(elle), "courriel": Adresse(elle.courriel)},
        )
    if etablissement.courriel_prouve_le and not etablissement.courriel_est_d_un_membre:
        mettre_en_file(
            "preuve_relevee_avis",
            a=etablissement.courriel,
            siret=etablissement.siret,
            contexte=commun | {"denomination": nom_public(etablissement.siret), "courriel": Adresse(elle.courriel)},
        )


def _dire_le_role_rendu(habilitation: Habilitation) -> None:
    elle, etablissement = habilitation.utilisateur, habilitation.etablissement
    commun = {"qui": str(elle), "role": habilitation.get_role_display()}
    for h in etablissement.habilitations.agissantes().select_related("utilisateur").order_by("pk"):
        _ecrire_a(h.utilisateur, "role_change", etablissement, commun | {"est_moi": h.pk == habilitation.pk})


def _prevenir(habilitation: Habilitation) -> None:
    """Ce que vaut sa preuve a changé parce que celle de son garant a changé, ou qu'il est parti."""
    contexte: dict[str, object] = {"permet_paiement": habilitation.permet_paiement}
    _ecrire_a(habilitation.utilisateur, "preuve_repesee", habilitation.etablissement, contexte)


def _ecrire_a(qui: Utilisateur, modele: str, etablissement: Etablissement, contexte: dict[str, object]) -> None:
    mettre_en_file(
        modele,
        a=qui.courriel,
        utilisateur=qui,
        siret=etablissement.siret,
        contexte=contexte | {"denomination": etablissement.denomination},
    )

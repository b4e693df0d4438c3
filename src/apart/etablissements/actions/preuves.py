"""Poser une preuve sur une habilitation, et repeser celles qui en viennent (décision 0014)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apart.comptes.models import Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.courriels.neutralite import Adresse
from apart.etablissements.models import DERIVEES, INDEPENDANTES, Etablissement, Fondement, Habilitation, Preuve, Role
from apart.etablissements.preuves import peser, repesees
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
def revenir(fondement: Fondement, *, par: Utilisateur | None) -> None:
    """Défait une preuve : l'habilitation repose sur la plus forte de celles qui lui restent, et tout est repesé.

    Terminée, elle aussi : rien ne la ferait revenir avec cette preuve. Le rôle de principal pris sur elle seule se
    rend avec elle, et chacun le sait. Sans effet si elle est déjà défaite.
    """
    tenue, toutes = _tenir_terminee_ou_non(fondement.habilitation)
    if not tenue.fondements.filter(pk=fondement.pk, retire_le=None).update(retire_le=timezone.now()):
        return
    avant, reste = tenue.preuve, _plus_fort(tenue, toutes)
    rend_le_role = tenue.role_pris_le is not None and reste.preuve not in INDEPENDANTES
    journaliser(
        "revenir_a_la_preuve",
        sujet=tenue.etablissement.sujet,
        par=par,
        habilitation=tenue.pk,
        preuve=reste.preuve,
        avant=avant,
        rend_le_role=rend_le_role,
    )
    if rend_le_role:
        tenue.role, tenue.role_pris_le = Role.MEMBRE, None
    valeur = Preuve.COURRIEL if reste.preuve in DERIVEES else reste.preuve
    _ecrire(tenue, preuve=Preuve(reste.preuve), garant=reste.garant, valeur=valeur)
    repeser(tenue.etablissement)
    if rend_le_role and tenue.au is None:
        _dire_le_role_rendu(tenue)


def _plus_fort(tenue: Habilitation, toutes: list[Habilitation]) -> Fondement:
    """Celui qui vaut le plus aujourd'hui, parmi ceux qui tiennent ; la messagerie de la personne ne se défait pas."""
    candidats = [Fondement(preuve=Preuve.COURRIEL), *tenue.fondements.filter(retire_le=None).order_by("pk")]

    def vaudrait(fondement: Fondement) -> tuple[int, int]:
        tenue.preuve, tenue.garant_id = fondement.preuve, fondement.garant_id
        return repesees(toutes)[tenue.pk], fondement.preuve

    return max(candidats, key=vaudrait)


@transaction.atomic
def repeser(etablissement: Etablissement) -> int:
    """Recalcule ce que valent les preuves qui viennent de quelqu'un, dans les deux sens ; rend combien ont changé.

    À appeler quand la preuve d'un garant change ou qu'un garant part. Ne pose ni n'ôte aucune preuve. Qui y gagne ou y
    perd le versement en est prévenu.
    """
    verrouiller(Etablissement.objects.filter(pk=etablissement.pk)).get()
    toutes = list(_de(etablissement))
    valeurs = repesees(toutes)
    changees = [h for h in toutes if h.valeur != valeurs[h.pk]]
    for habilitation in changees:
        permettait, avant = habilitation.permet_paiement, habilitation.valeur
        habilitation.valeur = valeurs[habilitation.pk]
        habilitation.save(update_fields=["valeur"])
        journaliser(
            "repeser_preuve",
            sujet=etablissement.sujet,
            habilitation=habilitation.pk,
            avant=avant,
            valeur=habilitation.valeur,
        )
        if habilitation.permet_paiement != permettait and habilitation.au is None:
            _prevenir(habilitation)
    return len(changees)


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
    tenue, _ = _tenir_terminee_ou_non(habilitation)
    if tenue.au is not None or not tenue.utilisateur.is_active:
        raise GesteImpossible("poser_preuve", "terminée" if tenue.au else "compte fermé")
    return tenue


def _tenir_terminee_ou_non(habilitation: Habilitation) -> tuple[Habilitation, list[Habilitation]]:
    """Elle, et toutes celles de l'établissement, dont elle."""
    verrouiller(Utilisateur.objects.filter(pk=habilitation.utilisateur_id)).get()
    verrouiller(Etablissement.objects.filter(pk=habilitation.etablissement_id)).get()
    toutes = _de(habilitation.etablissement)
    return next(h for h in toutes if h.pk == habilitation.pk), toutes


def _de(etablissement: Etablissement) -> list[Habilitation]:
    """Toutes celles de l'établissement, verrouillées : le garant de l'une est la personne d'une autre."""
    siennes = Habilitation.objects.filter(etablissement=etablissement)
    return list(verrouiller(siennes.select_related("utilisateur", "etablissement")))


def _ecrire(habilitation: Habilitation, *, preuve: Preuve, garant: Utilisateur | None, valeur: int) -> None:
    habilitation.preuve, habilitation.garant, habilitation.valeur = preuve, garant, valeur
    habilitation.prouvee_le = timezone.now()
    champs = ["preuve", "garant", "valeur", "prouvee_le", "role", "role_pris_le"]
    habilitation.save(update_fields=champs)


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

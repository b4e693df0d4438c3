"""Retrouver un accès : lien et code par courriel, question secrète, nouveau mot de passe."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apart.comptes.actions import connexion, jetons, secours, sessions
from apart.comptes.actions.jetons import JetonEmis
from apart.comptes.actions.second_facteur import annuler_demande
from apart.comptes.jetons import Demande, JetonRefuse, Raison
from apart.comptes.limites import CODE_DE_SECOURS
from apart.comptes.models import ChangementAdresse, Jeton, QuestionSecrete, Usage, Utilisateur
from apart.courriels.actions import admettre, mettre_en_file
from apart.courriels.models import Demandeur, ObjetDemande
from apart.courriels.neutralite import Adresse
from apart.socle.acces import exiger
from apart.socle.limites import consommer
from apart.socle.models import journaliser, verrouiller

ESSAIS_PAR_QUESTION = 3


def lien_public(nom: str, secret: str) -> str:
    """L'adresse d'une page à jeton. L'hôte vient des réglages, jamais de la requête (T13)."""
    return settings.URL_PUBLIQUE + reverse(nom, kwargs={"secret": secret})


@transaction.atomic
def envoyer_reinitialisation(
    utilisateur: Utilisateur,
    *,
    demande: Demande | None = None,
    par: Utilisateur | None = None,
    demandeur: Demandeur = Demandeur.IDENTIFIANT,
) -> JetonEmis | None:
    """Envoie à l'adresse au dossier un lien et un code pour choisir un nouveau mot de passe, valables 60 minutes.

    par : l'agent qui l'envoie, sinon personne. demandeur : qui d'autre le fait partir. Rend None si le message est
    retenu, l'adresse en ayant assez reçu (T15), ou si elle vient de changer : celle d'avant reçoit alors de quoi la
    remettre (T38). Lève PermissionDenied si le compte est fermé, ou si par n'est pas un agent.
    """
    exiger(par is None or par.agit_en_agent, "envoyer un lien de mot de passe")
    utilisateur = tenir(utilisateur)
    exiger(utilisateur.is_active, "écrire à un compte fermé")
    demandeur = Demandeur.AGENT if par else demandeur
    if est_gelee(utilisateur):
        rappeler_retour(utilisateur, objet=ObjetDemande.MOT_DE_PASSE, demandeur=demandeur, par=par)
        return None
    if not admettre(utilisateur.courriel, objet=ObjetDemande.MOT_DE_PASSE, demandeur=demandeur):
        journaliser("retenir_reinitialisation", sujet=utilisateur.sujet, par=par)
        return None
    emis = jetons.emettre(Usage.MOT_DE_PASSE, courriel=utilisateur.courriel, utilisateur=utilisateur, demande=demande)
    journaliser("envoyer_reinitialisation", sujet=utilisateur.sujet, par=par)
    mettre_en_file(
        "mot_de_passe_oublie",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        contexte={},
        secrets={"lien": lien_public("mot-de-passe-lien", emis.secret), "code": emis.code},
        expire_le=emis.jeton.expire_le,
    )
    return emis


def tenir(utilisateur: Utilisateur) -> Utilisateur:
    """La personne, verrouillée et relue : à l'adresse qu'elle vient de quitter, ou de remettre, rien ne part (T38)."""
    return verrouiller(Utilisateur.objects.filter(pk=utilisateur.pk)).get()


def est_gelee(utilisateur: Utilisateur) -> bool:
    """Son adresse est si neuve que rien de ce qui rend le compte n'y part."""
    return utilisateur.changements_adresse.gelent().exists()


@transaction.atomic
def rappeler_retour(
    utilisateur: Utilisateur, *, objet: ObjetDemande, demandeur: Demandeur, par: Utilisateur | None = None
) -> bool:
    """Renvoie aux adresses que la personne vient de quitter de quoi les remettre ; faux si rien ne part.

    À la place de ce qui aurait rendu le compte : sur les mêmes places (T15). Un morceau du geste qui l'a demandé.
    """
    partis = False
    for fait in utilisateur.changements_adresse.defaisables():
        if admettre(fait.ancienne, objet=objet, demandeur=demandeur):
            ecrire_retour(fait)
            partis = True
    geste = "rappeler_retour_adresse" if partis else "retenir_retour_adresse"
    journaliser(geste, sujet=utilisateur.sujet, par=par)
    return partis


@transaction.atomic
def ecrire_retour(fait: ChangementAdresse) -> None:
    """Écrit à l'adresse d'avant qu'elle a changé, avec de quoi la remettre. Un morceau du geste qui l'a décidé."""
    reste = fait.retour_jusqu_au - timezone.now()
    emis = jetons.emettre(Usage.RETOUR_ADRESSE, courriel=fait.ancienne, utilisateur=fait.utilisateur, duree=reste)
    fait.jetons.add(emis.jeton)
    mettre_en_file(
        "adresse_changee",
        a=fait.ancienne,
        utilisateur=fait.utilisateur,
        contexte={"nouvelle": Adresse(fait.nouvelle), "le": fait.fait_le},
        secrets={"lien": lien_public("retour-adresse-lien", emis.secret)},
        expire_le=emis.jeton.expire_le,
    )


@transaction.atomic
def renouveler_lien(secret: str) -> bool:
    """Renvoie un lien à l'adresse d'un lien mort, sans rien faire retaper (T9).

    Rend faux si rien ne part : lien inconnu, compte fermé, ou message retenu.
    """
    ancien = Jeton.objects.du_secret(secret, Usage.MOT_DE_PASSE).first()
    if not (ancien and ancien.utilisateur and ancien.utilisateur.is_active):
        return False
    return envoyer_reinitialisation(ancien.utilisateur, demandeur=Demandeur.LIEN) is not None


def renouveler_lien_retenu(secret: str) -> None:
    """Renvoie un lien arrivé trop tard ou jamais ; sans effet s'il a servi, ou si un autre lien a servi à sa place."""
    if Jeton.objects.du_secret(secret, Usage.MOT_DE_PASSE).filter(employe_le=None, annule_le=None).exists():
        renouveler_lien(secret)


def repondre_a_la_question(secret: str, reponse: str) -> None:
    """Vérifie la réponse à la question secrète ; trois essais par lien, puis le lien meurt.

    Lève JetonRefuse : CODE_FAUX si la réponse ne correspond pas, TROP_D_ESSAIS au troisième échec.
    """
    with transaction.atomic():
        jeton = jetons.verrouiller(Usage.MOT_DE_PASSE, secret)
        question = question_a_poser(jeton)
        if question is None or secours.reponse_correspond(question, reponse):
            jeton.question_passee_le = timezone.now()
            jeton.save(update_fields=["question_passee_le"])
            if question:
                journaliser("repondre_question_secrete", sujet=question.utilisateur.sujet)
            return
        refus = _compter_echec(jeton)
    raise JetonRefuse(refus)


def _compter_echec(jeton: Jeton) -> Raison:
    jeton.essais_question += 1
    epuise = jeton.essais_question >= ESSAIS_PAR_QUESTION
    if epuise:
        jeton.annule_le = timezone.now()
    jeton.save(update_fields=["essais_question", "annule_le"])
    if jeton.utilisateur:  # toujours, pour un lien de mot de passe
        journaliser("echouer_question_secrete", sujet=jeton.utilisateur.sujet, essai=jeton.essais_question)
    return Raison.TROP_D_ESSAIS if epuise else Raison.CODE_FAUX


def question_a_poser(jeton: Jeton) -> QuestionSecrete | None:
    """La question à laquelle ce lien doit encore répondre, s'il y en a une. Un code de secours en dispense."""
    if settings.QUESTION_SECRETE == "desactivee" or jeton.est_de_secours or jeton.question_passee_le:
        return None
    return QuestionSecrete.objects.filter(utilisateur=jeton.utilisateur).first()


@transaction.atomic
def choisir_mot_de_passe(secret: str, mot_de_passe: str) -> str | None:
    """Remplace le mot de passe, ferme toutes les sessions, tue tous les jetons de la personne, la prévient.

    Rend le nouveau code de secours si l'ancien vient de servir, sinon None. Lève JetonRefuse si le lien ne vaut
    plus ou si sa question attend encore (T11), ValidationError si le mot de passe est refusé.
    """
    jeton = jetons.verrouiller(Usage.MOT_DE_PASSE, secret)
    utilisateur = jeton.utilisateur
    if utilisateur is None or not utilisateur.is_active or question_a_poser(jeton):
        raise JetonRefuse(Raison.INCONNU)
    validate_password(mot_de_passe, utilisateur)
    utilisateur.set_password(mot_de_passe)
    utilisateur.save(update_fields=["password"])
    jetons.employer(jeton, freres=utilisateur.jetons.all())
    annuler_demande(utilisateur, pourquoi="mot_de_passe")  # ouverte sous un mot de passe que la personne n'a plus
    jetons.annuler_ceux_de(utilisateur)
    sessions.fermer_toutes(utilisateur)
    connexion.oublier_echecs(utilisateur)
    journaliser("changer_mot_de_passe", sujet=utilisateur.sujet, secours=jeton.est_de_secours)
    mettre_en_file(
        "mot_de_passe_change",
        a=utilisateur.courriel,
        utilisateur=utilisateur,
        contexte={"par_code_de_secours": jeton.est_de_secours, "le": timezone.now()},
    )
    return secours.renouveler_code(utilisateur, par=utilisateur) if jeton.est_de_secours else None


def employer_code_de_secours(identifiant: str, code: str, *, adresse: str) -> str:
    """Échange un identifiant et son code de secours contre le secret d'un jeton de mot de passe.

    Le code reste valable jusqu'au changement effectif du mot de passe. Lève JetonRefuse (CODE_FAUX), TropDeDemandes.
    adresse : le réseau du visiteur, compté avec l'identifiant pour que les essais d'un autre ne ferment pas ce chemin.
    """
    consommer(CODE_DE_SECOURS, f"{adresse}:{identifiant}")
    utilisateur = Utilisateur.objects.filter(identifiant=identifiant, is_active=True).first()
    if not secours.code_correspond(utilisateur, code) or utilisateur is None:
        raise JetonRefuse(Raison.CODE_FAUX)
    with transaction.atomic():
        utilisateur = tenir(utilisateur)
        if not utilisateur.is_active or not secours.code_correspond(utilisateur, code):  # remplacé à l'instant
            raise JetonRefuse(Raison.CODE_FAUX)
        journaliser("employer_code_secours", sujet=utilisateur.sujet)
        emis = jetons.emettre(
            Usage.MOT_DE_PASSE, courriel=utilisateur.courriel, utilisateur=utilisateur, est_de_secours=True
        )
    return emis.secret

"""Le code de secours et la question secrète."""

from __future__ import annotations

import hmac

from django.db import transaction
from django.utils import timezone

from apart.comptes import identifiant as forme
from apart.comptes import question as question_secrete
from apart.comptes.models import CodeSecours, QuestionSecrete, Utilisateur
from apart.courriels.actions import mettre_en_file
from apart.socle.acces import exiger
from apart.socle.chiffrement import empreinte
from apart.socle.models import journaliser

SIGNES = 16  # 80 bits : assez pour remplacer le courriel (NIST SP 800-63B-4 §4.2.1.1 en demande 64)


def exiger_soi(utilisateur: Utilisateur, par: Utilisateur) -> None:
    """Ce qui protège un compte ne se change que par sa personne : ni un agent, ni un compte fermé."""
    exiger(par.is_active and par.pk == utilisateur.pk, "changer ce qui protège le compte d'un autre")


@transaction.atomic
def renouveler_code(utilisateur: Utilisateur, *, par: Utilisateur) -> str:
    """Tire un nouveau code de secours et le rend, lisible ; l'ancien ne vaut plus. Montré une seule fois."""
    exiger_soi(utilisateur, par)
    code = forme.tirer(SIGNES)
    CodeSecours.objects.update_or_create(
        utilisateur=utilisateur, defaults={"empreinte": empreinte(code), "cree_le": timezone.now()}
    )
    journaliser("renouveler_code_secours", sujet=utilisateur.sujet, par=par)
    return forme.lisible(code)


def code_correspond(utilisateur: Utilisateur | None, code: str) -> bool:
    """Vrai si ce code est celui de cette personne. Fait le même calcul quand la personne n'existe pas."""
    garde = CodeSecours.objects.filter(utilisateur=utilisateur).first() if utilisateur else None
    attendue = garde.empreinte if garde else "0" * 64
    return hmac.compare_digest(attendue, empreinte(forme.normaliser(code))) and garde is not None


@transaction.atomic
def definir_question(utilisateur: Utilisateur, *, question: str, empreinte_reponse: str, par: Utilisateur) -> None:
    """Remplace la question (une de Question) et l'empreinte de sa réponse ; prévient la personne par courriel."""
    enregistrer_question(utilisateur, question=question, empreinte_reponse=empreinte_reponse, par=par)
    mettre_en_file("question_modifiee", a=utilisateur.courriel, utilisateur=utilisateur, contexte={})


@transaction.atomic
def enregistrer_question(utilisateur: Utilisateur, *, question: str, empreinte_reponse: str, par: Utilisateur) -> None:
    """Comme definir_question, sans prévenir : à l'ouverture de l'espace, la personne vient de la choisir."""
    exiger_soi(utilisateur, par)
    QuestionSecrete.objects.update_or_create(
        utilisateur=utilisateur,
        defaults={"question": question, "empreinte": empreinte_reponse, "modifiee_le": timezone.now()},
    )
    journaliser("definir_question_secrete", sujet=utilisateur.sujet, par=par)


@transaction.atomic
def supprimer_question(utilisateur: Utilisateur, *, par: Utilisateur) -> None:
    """Retire la question secrète ; sans effet s'il n'y en a pas."""
    exiger_soi(utilisateur, par)
    QuestionSecrete.objects.filter(utilisateur=utilisateur).delete()
    journaliser("supprimer_question_secrete", sujet=utilisateur.sujet, par=par)


def reponse_correspond(question: QuestionSecrete, reponse: str) -> bool:
    return question_secrete.correspond(reponse, question.empreinte)

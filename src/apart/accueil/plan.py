"""Le plan du site : d'où toute page s'atteint, selon qui regarde. Ce qu'ouvre un lien reçu n'y est pas."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from apart.administrations.droits import Droit, droits_de
from apart.comptes.models import Utilisateur
from apart.socle.acces import Public

Rubrique = tuple[str, tuple[tuple[str, str], ...]]

RUBRIQUES: tuple[tuple[Public | Droit, str, tuple[tuple[str, str], ...]], ...] = (
    (Public.TOUS, "Entrer", (
        ("accueil", "Accueil"),
        ("connexion", "Se connecter"),
        ("creer-espace", "Créer mon espace"),
        ("identifiant-oublie", "J'ai oublié mon identifiant"),
        ("mot-de-passe-oublie", "J'ai oublié mon mot de passe"),
        ("code-de-secours", "J'ai un code de secours"),
        ("lettre", "J'ai reçu une lettre"),
    )),
    (Public.CONNECTE, "Mon compte", (
        ("mon-espace", "Mon espace"),
        ("revue", "Revoir qui a accès"),
        ("securite", "Sécurité"),
        ("changer-mot-de-passe", "Changer de mot de passe"),
        ("question-secrete", "Ma question secrète"),
        ("proteger", "Ajouter un second facteur"),
    )),
    (Droit.LIRE_ASSISTANCE, "Le bureau", (("bureau", "Bureau d'assistance"),)),
    (Droit.EXAMINER_REPRISE, "Les accès", (("reprises-file", "Reprises d'accès"),)),
    (Droit.IMPRIMER_LETTRES, "Le courrier", (("lettres", "Lettres"),)),
    (Droit.GERER_ANNONCES, "L'accueil", (("annonces", "Annonces"),)),
    (Droit.GERER_EQUIPE, "L'équipe", (("equipe", "L'équipe"), ("services", "Les services"))),
    (Public.AGENT, "Mes droits", (("droits", "Qui peut faire quoi"),)),
    (Public.TOUS, "Simuler", (
        ("simulateur", "Simulateur"),
        ("simulateur-employeur", "Simulation pour un employeur"),
        ("simulateur-salarie", "Simulation pour un salarié"),
        ("simulateur-fichier", "Simuler par fichier"),
        ("bareme", "Le barème"),
        ("bareme-changements", "Ce qui change, et quand"),
        ("bareme-incertitudes", "Ce qui est incertain, et pourquoi"),
        ("api", "L'interface pour les programmes"),
    )),
    (Public.TOUS, "Être aidé", (
        ("aide", "Besoin d'aide ?"),
        ("base-documentaire", "Base documentaire"),
        ("assistance", "Envoyer une demande d'assistance"),
        ("suivi-retrouver", "Retrouver ma demande"),
        ("reprise-retrouver", "Retrouver ma reprise d'accès"),
        ("support-technique", "Contacter le support technique"),
        ("contrat-de-prestation", "Contrat de prestation, pour un expert-comptable"),
    )),
    (Public.TOUS, "À propos", (
        ("mentions-legales", "Mentions légales"),
        ("cgu", "Conditions générales d'utilisation"),
        ("donnees-personnelles", "Données personnelles"),
        ("accessibilite", "Accessibilité"),
        ("plan-du-site", "Plan du site"),
    )),
)  # fmt: skip


def plan(qui: Utilisateur | AnonymousUser) -> list[Rubrique]:
    """Les rubriques de cette personne, et elles seules."""
    siens: set[str] = {Public.TOUS, *droits_de(qui)}
    if isinstance(qui, Utilisateur):
        siens |= {Public.CONNECTE}
        siens |= {Public.AGENT} if qui.est_agent else set()
    return [(titre, pages) for public, titre, pages in RUBRIQUES if public in siens]

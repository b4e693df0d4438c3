"""Des services et des affectations, pour les tests."""

from __future__ import annotations

from datetime import date

from apart.administrations.models import Affectation, RoleAgent, Service, SorteService
from apart.comptes.models import Utilisateur

DEPUIS_TOUJOURS = date(2020, 1, 1)  # avant tous les jours où l'on croit être


def service(*departements: str) -> Service:
    """L'assistance de tout le territoire, ou la DDETS de ces départements ; la même à chaque appel."""
    if not departements:
        nationale = Service.objects.assistance_nationale()
        return nationale or Service.objects.create(nom="Assistance", sorte=SorteService.ASSISTANCE)
    codes = sorted(departements)
    return Service.objects.get_or_create(
        nom=f"DDETS {' '.join(codes)}", defaults={"sorte": SorteService.DDETS, "departements": codes}
    )[0]


def affecter(
    qui: Utilisateur,
    role: RoleAgent = RoleAgent.ASSISTANCE,
    *departements: str,
    du: date = DEPUIS_TOUJOURS,
    au: date | None = None,
) -> Utilisateur:
    """Affecte cette personne à un service de ces départements, de tout le territoire s'il n'y en a aucun."""
    qui.est_agent = True
    qui.est_superviseur = qui.est_superviseur or role == RoleAgent.SUPERVISEUR
    qui.save(update_fields=["est_agent", "est_superviseur"])
    Affectation.objects.create(agent=qui, service=service(*departements), role=role, du=du, au=au)
    return qui

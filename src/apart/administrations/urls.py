from django.urls import URLPattern, path

from apart.administrations.views import activation, affectations, droits, equipe, facteurs, services

urlpatterns: list[URLPattern] = [
    path("agents/activer/<str:secret>/", activation.activer, name="activer-agent"),
    path("agents/droits/", droits.qui_peut_quoi, name="droits"),
    path("agents/equipe/", equipe.equipe, name="equipe"),
    path("agents/equipe/<int:pk>/", equipe.agent, name="agent"),
    path("agents/equipe/<int:pk>/inviter", equipe.inviter, name="inviter-agent"),
    path("agents/equipe/<int:pk>/suspendre", equipe.suspendre, name="suspendre-agent"),
    path("agents/equipe/<int:pk>/retablir", equipe.retablir, name="retablir-agent"),
    path("agents/equipe/<int:pk>/second-facteur/", facteurs.facteur, name="facteur-agent"),
    path(
        "agents/equipe/<int:pk>/second-facteur/<int:proposition>/approuver",
        facteurs.approuver,
        name="facteur-agent-approuver",
    ),
    path(
        "agents/equipe/<int:pk>/second-facteur/<int:proposition>/retirer",
        facteurs.retirer,
        name="facteur-agent-retirer",
    ),
    path("agents/affectations/<int:pk>/terminer/", affectations.terminer, name="affectation-terminer"),
    path("agents/affectations/<int:pk>/suppleer/", affectations.suppleer, name="affectation-suppleer"),
    path("agents/affectations/<int:pk>/lever/", affectations.lever, name="affectation-lever"),
    path("agents/services/", services.liste, name="services"),
    path("agents/services/nouveau/", services.nouveau, name="service-nouveau"),
    path("agents/services/<int:pk>/", services.modifier, name="service"),
    path("agents/services/<int:pk>/fermer/", services.fermer, name="service-fermer"),
]

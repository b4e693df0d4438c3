from django.urls import URLPattern, path

from apart.administrations.views import activation, equipe

urlpatterns: list[URLPattern] = [
    path("agents/activer/<str:secret>/", activation.activer, name="activer-agent"),
    path("agents/equipe/", equipe.equipe, name="equipe"),
    path("agents/equipe/<int:pk>/inviter", equipe.inviter, name="inviter-agent"),
    path("agents/equipe/<int:pk>/suspendre", equipe.suspendre, name="suspendre-agent"),
    path("agents/equipe/<int:pk>/retablir", equipe.retablir, name="retablir-agent"),
]

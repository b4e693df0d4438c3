from django.urls import URLPattern, path

from apart.administrations import views

urlpatterns: list[URLPattern] = [
    path("agents/activer/<str:secret>/", views.activer, name="activer-agent"),
]

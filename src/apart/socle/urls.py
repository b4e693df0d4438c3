from django.urls import path

from apart.socle import views

urlpatterns = [
    path("anti-robot/<slug:nom>/", views.defi, name="anti-robot"),
    path("revoir/<str:page>/", views.revoir, name="revoir"),
]

from django.urls import path

from apart.demo import views

urlpatterns = [
    path("demo/courriels/", views.courriels, name="demo-courriels"),
    path("demo/courriels/<str:cle>/", views.courriel, name="demo-courriel"),
    path("demo/courriels/<str:cle>/mise-en-page/", views.mise_en_page, name="demo-courriel-mise-en-page"),
]

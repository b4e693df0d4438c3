from django.urls import URLPattern, path

from apart.assistance.views import aide, bureau, demande, renvoi

urlpatterns: list[URLPattern] = [
    path("aide/", aide.aide, name="aide"),
    path("aide/fiches/", aide.base_documentaire, name="base-documentaire"),
    path("aide/fiches/<slug:nom>/", aide.fiche, name="fiche-aide"),
    path("aide/assistance/", demande.assistance, name="assistance"),
    path("aide/suivi/", demande.lien_perdu, name="suivi-retrouver"),
    path("aide/suivi/<str:jeton>/", demande.suivi, name="suivi"),
    path("aide/suivi/<str:jeton>/ecrire/", demande.suivi_ecrire, name="suivi-ecrire"),
    path("aide/suivi/<str:jeton>/clore/", demande.suivi_clore, name="suivi-clore"),
    path("aide/suivi/<str:jeton>/pieces/<int:piece>/", demande.suivi_piece, name="suivi-piece"),
    path("agents/assistance/", bureau.bureau, name="bureau"),
    path("agents/assistance/<int:pk>/", bureau.demande, name="bureau-demande"),
    path("agents/assistance/<int:pk>/repondre/", bureau.repondre, name="bureau-repondre"),
    path("agents/assistance/<int:pk>/pieces/<int:piece>/", bureau.piece, name="bureau-piece"),
    path("agents/assistance/<int:pk>/annoter/", bureau.annoter, name="bureau-annoter"),
    path("agents/assistance/<int:pk>/renvoyer/<int:membre>/<slug:quoi>/", renvoi.renvoyer, name="bureau-renvoyer"),
    path("agents/assistance/<int:pk>/repartir/", renvoi.repartir, name="bureau-repartir"),
    *(
        path(f"agents/assistance/<int:pk>/{geste}/", bureau.changer, {"geste": geste}, name=f"bureau-{geste}")
        for geste in bureau.FAIT
    ),
]

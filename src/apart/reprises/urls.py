from django.urls import URLPattern, path

from apart.comptes.views import jeton
from apart.reprises.views import agents, attestation, demande, entree, lettres, membre, preuve, retrouver, suivi

REPRISE, DEMANDE = "reprise/", {"parcours": demande.PARCOURS}
ENTREE, OPPOSITION = {"parcours": entree.ENTREE}, {"parcours": entree.OPPOSITION}
PREUVE, LETTRES = "etablissements/<siret:siret>/preuve/lettre/", "agents/lettres/"
SUIVI, AGENTS = f"{REPRISE}suivi/<secret>/", "agents/reprises/"

urlpatterns: list[URLPattern] = [
    path(f"{REPRISE}demande/<etape>/", demande.reprise, name="reprise"),
    path(f"{REPRISE}messagerie/<etape>/<attente>/", jeton.messagerie, DEMANDE, name="reprise-messagerie"),
    path(f"{REPRISE}renvoyer/<etape>/", demande.reprise_renvoyer, name="reprise-renvoyer"),
    path(f"{REPRISE}lien/<secret>/", jeton.lien, DEMANDE, name="reprise-lien"),
    path(f"{REPRISE}confirmer/", jeton.suite, DEMANDE, name="reprise-confirmer"),
    path(f"{REPRISE}renouveler/", jeton.renouveler, DEMANDE, name="reprise-renouveler"),
    path(f"{REPRISE}suivi/", retrouver.retrouver, name="reprise-retrouver"),
    path(SUIVI, suivi.suivi, name="reprise-suivi"),
    path(f"{SUIVI}domaine", suivi.par_domaine, name="reprise-par-domaine"),
    path(f"{SUIVI}adresse", suivi.par_adresse, name="reprise-par-adresse"),
    path(f"{SUIVI}code", suivi.code, name="reprise-code"),
    path(f"{SUIVI}lettre", suivi.par_lettre, name="reprise-par-lettre"),
    path(f"{SUIVI}lettre/code", suivi.code_de_lettre, name="reprise-code-de-lettre"),
    path(f"{SUIVI}collegue", suivi.par_collegue, name="reprise-par-collegue"),
    path(f"{SUIVI}piece", suivi.piece, name="reprise-piece"),
    path(f"{SUIVI}abandonner", suivi.abandonner, name="reprise-abandonner"),
    path(f"{REPRISE}entree/lien/<secret>/", jeton.lien, ENTREE, name="reprise-entree-lien"),
    path(f"{REPRISE}entrer/", jeton.suite, ENTREE, name="reprise-entrer"),
    path(f"{REPRISE}entree/renouveler/", jeton.renouveler, ENTREE, name="reprise-entree-renouveler"),
    path(f"{REPRISE}opposition/lien/<secret>/", jeton.lien, OPPOSITION, name="opposition-lien"),
    path(f"{REPRISE}opposition/", jeton.suite, OPPOSITION, name="opposition"),
    path("etablissements/<siret:siret>/reprises/", membre.accords, name="reprise-accords"),
    *(
        path(
            f"etablissements/<siret:siret>/reprises/<int:pk>/{geste}",
            membre.repondre,
            {"geste": geste},
            name=f"reprise-{geste}",
        )
        for geste in ("accorder", "refuser")
    ),
    path(AGENTS, agents.file, name="reprises-file"),
    path(f"{AGENTS}ouvrir/", agents.ouvrir, name="reprises-ouvrir"),
    path(f"{AGENTS}<int:pk>/", agents.dossier, name="reprises-dossier"),
    path(f"{AGENTS}<int:pk>/pieces/<int:piece>/", agents.piece, name="reprises-piece"),
    *(
        path(f"{AGENTS}<int:pk>/{geste}", agents.agir, {"geste": geste}, name=f"reprises-{geste}")
        for geste in agents.GESTES
    ),
    path("lettre/", preuve.lettre, name="lettre"),
    path(PREUVE, preuve.preuve, name="preuve-lettre"),
    path(f"{PREUVE}demander", preuve.demander, name="preuve-lettre-demander"),
    path("etablissements/<siret:siret>/preuve/attestation", attestation.attestation, name="preuve-attestation"),
    path(LETTRES, lettres.liste, name="lettres"),
    path(f"{LETTRES}imprimer", lettres.imprimer, name="lettres-imprimer"),
    path(f"{LETTRES}<int:pk>/", lettres.lettre, name="lettres-lettre"),
    path(f"{LETTRES}lots/<int:pk>/", lettres.lot, name="lettres-lot"),
    path(f"{LETTRES}lots/<int:pk>/lettres.pdf", lettres.lot_pdf, name="lettres-lot-pdf"),
    path(f"{LETTRES}lots/<int:pk>/adresses.csv", lettres.lot_csv, name="lettres-lot-csv"),
]

"""Des personnes, pour les tests des comptes."""

from apart.comptes.models import Utilisateur

MOT_DE_PASSE = "les vaches paissent au bord du lac"


def personne(courriel: str = "marie.durand@boulangerie.fr", mot_de_passe: str = MOT_DE_PASSE) -> Utilisateur:
    utilisateur = Utilisateur(courriel=courriel, nom="Durand", prenom="Marie")
    utilisateur.set_password(mot_de_passe)
    utilisateur.save()
    return utilisateur


def agent(courriel: str = "paul.martin@asp.fr") -> Utilisateur:
    utilisateur = personne(courriel)
    Utilisateur.objects.filter(pk=utilisateur.pk).update(est_agent=True)
    utilisateur.refresh_from_db()
    return utilisateur

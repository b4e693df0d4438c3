"""Tenir à jour l'index de la base documentaire."""

from django.db import transaction

from apart.assistance.documentation import fiches
from apart.assistance.models import IndexFiche, sans_accent


@transaction.atomic
def charger() -> int:
    """Écrit dans l'index les fiches du paquet et retire celles qui n'y sont plus ; rend leur nombre.

    Peut être rejoué à volonté : l'index finit dans le même état.
    """
    connues = fiches()
    IndexFiche.objects.exclude(nom__in=connues).delete()
    for fiche in connues.values():
        IndexFiche.objects.update_or_create(
            nom=fiche.nom,
            defaults={
                "titre": fiche.titre,
                "resume": fiche.resume,
                "mots": fiche.mots,
                "corps": fiche.corps,
                "texte_simple": sans_accent(f"{fiche.titre} {fiche.mots} {fiche.resume}"),
            },
        )
    return len(connues)

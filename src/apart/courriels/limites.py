"""Combien de messages une même adresse peut recevoir (T15), par motif : une demande n'en épuise pas une autre."""

from __future__ import annotations

from datetime import timedelta

from apart.socle.limites import Limite, depasse

PAR_QUART_D_HEURE = Limite("courriel_quart_d_heure", 3, timedelta(minutes=15))
PAR_JOUR = Limite("courriel_jour", 10, timedelta(days=1))


def peut_recevoir(adresse: str, *, motif: str) -> bool:
    """Compte une demande d'envoi à cette adresse ; faux au-delà de 3 par quart d'heure ou de 10 par jour.

    À appeler avant mettre_en_file quand un visiteur a choisi l'adresse ; faux se tait : la page reste la même.
    """
    cle = f"{motif}:{adresse.lower()}"
    return not any([depasse(PAR_QUART_D_HEURE, cle), depasse(PAR_JOUR, cle)])

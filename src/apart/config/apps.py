from django.apps import AppConfig
from django.core import checks


class ConfigConfig(AppConfig):
    """Les commandes qui font tourner Apart : serveur, travailleur."""

    name = "apart.config"
    label = "configuration"
    verbose_name = "Configuration"

    def ready(self) -> None:
        from apart.comptes.actions import (  # les actions lisent les modèles, pas encore chargés plus haut
            adresse,
            facteur_perdu,
            recuperation,
        )
        from apart.config import controles
        from apart.courriels.actions import RENOUVELER
        from apart.etablissements.actions import espace, rejoindre, reunion
        from apart.reprises import reunions
        from apart.reprises.actions import demande, execution

        checks.register(controles.base, deploy=True)
        checks.register(controles.transport, deploy=True)
        checks.register(controles.courrier, deploy=True)
        checks.register(controles.pieces, deploy=True)
        checks.register(controles.antivirus, deploy=True)
        reunion.EMPECHEMENTS.append(reunions.empecher)
        RENOUVELER["nouvelle_adresse"] = adresse.renouveler_lien
        RENOUVELER["reunion_a_confirmer"] = reunion.renouveler_lien
        RENOUVELER["mot_de_passe_oublie"] = RENOUVELER["adresse_remise"] = recuperation.renouveler_lien_retenu
        RENOUVELER["facteur_a_remplacer"] = facteur_perdu.renouveler_lien
        RENOUVELER["ouvrir_espace"] = RENOUVELER["ajouter_etablissement"] = espace.renouveler_lien
        RENOUVELER["confirmer_reprise"] = demande.renouveler_lien
        RENOUVELER["reprise_entree"] = execution.renouveler_entree
        RENOUVELER["confirmer_rejoindre"] = rejoindre.renouveler_lien

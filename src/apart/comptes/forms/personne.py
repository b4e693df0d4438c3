"""Une personne, telle que chaque formulaire la demande."""

from apart.socle import phrases
from apart.socle.formulaires import ChampLigne, ChampTelephone, Formulaire


class Personne(Formulaire):
    nom = ChampLigne(label="Nom", max_length=80, error_messages={"required": phrases.NOM_MANQUE})
    prenom = ChampLigne(label="Prénom", max_length=80, error_messages={"required": phrases.PRENOM_MANQUE})
    telephone = ChampTelephone(
        label="Téléphone",
        help_text="Exemple : 06 02 03 04 05.",
        error_messages={"required": phrases.TELEPHONE_MANQUE},
    )

"""Journaux techniques : une ligne JSON par évènement, sauts de ligne échappés, secrets masqués (T33)."""

import json
import logging
import re
from datetime import UTC, datetime

from apart.socle import reference

# Un lien porte son secret dans le chemin : /…/lien/<secret>/. Une page « Consultez votre messagerie » ou un formulaire
# à corriger y porte un état scellé, qui suffit à rouvrir ce qui a été saisi.
SECRETS = re.compile(
    r"(/(?:lien|suivi|activer|formulaire|deja-connu|messagerie|renvoyer|demande)/)[\w:-]{16,}(?:/[\w:-]{16,})?"
)


class LigneJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        ligne = {
            "le": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "niveau": record.levelname,
            "source": record.name,
            "message": masquer(record.getMessage()),
        }
        if sienne := reference.d_une_ligne(record):
            ligne["reference"] = sienne
        if record.exc_info:
            ligne["trace"] = masquer(self.formatException(record.exc_info))
        return json.dumps(ligne, ensure_ascii=False)


def masquer(texte: str) -> str:
    return SECRETS.sub(r"\1•••", texte)

"""Point d'entrée des serveurs web."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from apart.socle import codage

for nom, defaut in (("DJANGO_SETTINGS_MODULE", "apart.config.settings"), ("APART_PARLE_POUR", "site")):
    os.environ[nom] = os.environ.get(nom) or defaut
_django = get_wsgi_application()


def application(environ: dict[str, Any], repondre: Any) -> Iterable[bytes]:
    codage.imposer(environ)
    return _django(environ, repondre)

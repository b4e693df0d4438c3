"""Point d'entrée des serveurs web."""

import os

from django.core.wsgi import get_wsgi_application

for nom, defaut in (("DJANGO_SETTINGS_MODULE", "apart.config.settings"), ("APART_PARLE_POUR", "site")):
    os.environ[nom] = os.environ.get(nom) or defaut
application = get_wsgi_application()

"""Point d'entrée des serveurs web."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apart.config.settings")
os.environ.setdefault("APART_PARLE_POUR", "site")
application = get_wsgi_application()

"""Les adresses d'Apart, celles de la démonstration comprises."""

from django.urls import include, path

from apart.config.urls import handler400, handler403, handler404, handler500
from apart.config.urls import urlpatterns as ordinaires

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*ordinaires, path("", include("apart.demo.urls"))]

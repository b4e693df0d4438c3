"""Le simulateur, le barème, et leur interface pour les programmes."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""Montrer un appareil et une adresse réseau à la personne, sans en dire plus qu'il ne faut."""

from __future__ import annotations

import ipaddress

from django import template

register = template.Library()

# Dans l'ordre : chaque navigateur se dit aussi « Safari », et Edge se dit aussi « Chrome ».
NAVIGATEURS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@register.filter
def appareil_lisible(navigateur: str) -> str:
    """« Firefox sur Windows », d'après l'en-tête User-Agent."""
    programme = next((nom for marque, nom in NAVIGATEURS if marque in navigateur), "Navigateur inconnu")
    systeme = next((nom for marque, nom in SYSTEMES if marque in navigateur), "")
    return f"{programme} sur {systeme}" if systeme else programme


@register.filter
def adresse_abregee(adresse: str) -> str:
    """« 203.0.113.x » : assez pour reconnaître un réseau."""
    try:
        ip = ipaddress.ip_address(adresse)
    except ValueError:
        return "inconnu"
    if isinstance(ip, ipaddress.IPv6Address):
        return ":".join(ip.exploded.split(":")[:3]) + ":x"
    return adresse.rpartition(".")[0] + ".x"


@register.filter
def par_quatre(secret: str) -> str:
    """« JBSW Y3DP … » : une clé à recopier."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))

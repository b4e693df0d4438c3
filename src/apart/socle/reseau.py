"""Le réseau d'une adresse : ce que l'on compte comme un seul visiteur."""

from __future__ import annotations

import ipaddress


def lire(annoncee: str) -> str:
    """L'adresse qu'un mandataire annonce, sans le port que certains y joignent ; vide si ce n'en est pas une."""
    texte, entre_crochets, _ = annoncee.strip().removeprefix("[").partition("]")
    if not entre_crochets and texte.count(":") == 1:
        texte = texte.partition(":")[0]
    try:
        return str(ipaddress.ip_address(texte.partition("%")[0]))
    except ValueError:
        return ""


def reseau(adresse: str) -> str:
    """Ce que l'on compte comme un seul visiteur : l'adresse IPv4, ou le /64 qu'un abonné IPv6 reçoit en entier."""
    try:
        ip = ipaddress.ip_address(adresse)
    except ValueError:
        return adresse
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return adresse

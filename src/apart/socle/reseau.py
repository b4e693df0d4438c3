"""Le réseau d'une adresse : ce que l'on compte comme un seul visiteur."""

from __future__ import annotations

import ipaddress


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

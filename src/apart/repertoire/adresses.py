"""Écrire une adresse, celle d'une fiche du répertoire comme celle d'un établissement."""

from __future__ import annotations

from typing import Protocol

LONGUEUR_CODE = 5


class Situe(Protocol):
    """Ce qui a une adresse dans les champs du répertoire. Vides quand il n'y a rien à dire ; le pays, en France."""

    @property
    def numero_voie(self) -> str: ...
    @property
    def extension_voie(self) -> str: ...
    @property
    def type_voie(self) -> str: ...
    @property
    def libelle_voie(self) -> str: ...
    @property
    def complement(self) -> str: ...
    @property
    def code_postal(self) -> str: ...
    @property
    def ville(self) -> str: ...
    @property
    def pays(self) -> str: ...


def lieu(situe: Situe) -> str:
    """« SURESNES CEDEX », « HAMBOURG, ALLEMAGNE »."""
    return ", ".join(m for m in (situe.ville, situe.pays) if m)


def adresse(situe: Situe) -> str:
    """« 51 BIS RUE DE VERDUN, BP 12, 92158 SURESNES CEDEX » ; le pays la finit, hors de France."""
    voie = " ".join(m for m in (situe.numero_voie, situe.extension_voie, situe.type_voie, situe.libelle_voie) if m)
    return ", ".join(m for m in (voie, situe.complement, f"{situe.code_postal} {lieu(situe)}".strip()) if m)


OUTRE_MER = ("97", "98")  # trois chiffres : 974, 987
ETRANGER = ("99", "980")  # une commune hors de France pour l'INSEE ; le code postal de Monaco


def departement(code_postal: str, code_commune: str = "") -> str:
    """Le code du département : « 44 », « 2A », « 974 ». Vide à l'étranger, ou si rien ne le dit.

    code_commune : celui de l'INSEE, quand on le connaît ; lui seul est sûr (un code postal déborde parfois d'un
    département). Un code postal de Corse se partage à 20 200.
    """
    code = code_commune or code_postal
    if len(code) != LONGUEUR_CODE or not code[2:].isdecimal() or code.startswith(ETRANGER):
        return ""
    if code.startswith(OUTRE_MER):
        return code[:3]
    if not code_commune and code.startswith("20"):
        return "2A" if code < "20200" else "2B"
    return code[:2]

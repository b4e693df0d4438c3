"""Écrire une adresse, celle d'une fiche du répertoire comme celle d'un établissement."""

from __future__ import annotations

from typing import Protocol


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

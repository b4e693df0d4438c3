"""Le champ des pièces jointes : plusieurs fichiers, chacun vérifié, chaque refus dit avec le nom du fichier.

Rendu par pieces/_champ.html, dans un <form enctype="multipart/form-data"> ; la vue reçoit par pieces.reception.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from apart.pieces import antivirus
from apart.pieces.bornes import NOMBRE_PERMIS, OCTETS_PERMIS
from apart.pieces.formats import TROP_LOURD, PieceRefusee
from apart.pieces.recues import Recue, examiner
from apart.socle import saisies
from apart.socle.formulaires import Formulaire

SANS_FICHIER = "Choisissez au moins un fichier à envoyer."
TROP_NOMBREUSES = "Vous avez choisi {n} pièces, il en faut {max} au plus. Envoyez les autres dans un second message."
NOM_MONTRE = 60  # signes


class ChoixDePieces(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"class": "fr-upload", "accept": ".pdf,.png,.jpg,.jpeg", "data-pieces": str(NOMBRE_PERMIS)})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class ChampPieces(forms.Field):
    """Rend une liste de Recue ; la même pièce choisie deux fois n'en fait qu'une."""

    widget = ChoixDePieces
    echeance: float | None = None  # de l'analyse ; vide : la sienne

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("label", "Pièces jointes" if options["required"] else "Pièces jointes (facultatif)")
        options.setdefault(
            "help_text", f"PDF, PNG ou JPEG. {NOMBRE_PERMIS} pièces au plus, 10 Mo chacune et 20 Mo en tout."
        )
        super().__init__(**options)

    def clean(self, value: list[UploadedFile]) -> list[Recue]:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > NOMBRE_PERMIS:
            raise ValidationError(TROP_NOMBREUSES.format(n=len(value), max=NOMBRE_PERMIS), code="nombre")
        recues, refus, fin = {}, [], self.echeance or antivirus.echeance()
        for fichier in value:
            try:
                recue = _examiner(fichier, fin)
            except PieceRefusee as raison:
                refus.append(ValidationError(f"« {_montrer(fichier)} » : {raison}", code="piece"))
            else:
                recues[recue.empreinte] = recue
        if refus:
            raise ValidationError(refus)
        return list(recues.values())


class EnvoiDePieces(Formulaire):
    """Un champ par sorte de pièce : leur nombre, et le temps de l'antivirus, se comptent pour l'envoi entier."""

    def full_clean(self) -> None:
        fin = antivirus.echeance()
        for champ in self.fields.values():
            if isinstance(champ, ChampPieces):
                champ.echeance = fin
        super().full_clean()

    def clean(self) -> dict[str, list[Recue]]:
        choisies = sum(len(lues) for lues in self.cleaned_data.values())
        if not choisies and not self.errors:
            self.add_error(next(iter(self.fields)), ValidationError(SANS_FICHIER, code="required"))
        elif choisies > NOMBRE_PERMIS:
            raise ValidationError(TROP_NOMBREUSES.format(n=choisies, max=NOMBRE_PERMIS), code="nombre")
        return self.cleaned_data


def _examiner(fichier: UploadedFile, echeance: float) -> Recue:
    if (fichier.size or 0) > OCTETS_PERMIS:  # corps.ChacunEnMemoire n'en a gardé que la taille
        raise PieceRefusee(TROP_LOURD)
    return examiner(fichier.name or "", fichier.read(), echeance=echeance)


def _montrer(fichier: UploadedFile) -> str:
    return saisies.ligne((fichier.name or "")[: 2 * NOM_MONTRE])[:NOM_MONTRE] or "sans nom"

"""Le formulaire d'envoi : un fichier, des lignes collées, ou le fichier que la page de résultats gardait."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms

from apart.simulateur.fichiers.calcul import Calcul, calculer
from apart.simulateur.fichiers.lecture import TROP_LOURD, lire
from apart.simulateur.fichiers.reception import reprendre
from apart.simulateur.fichiers.tableaux import FichierRefuse
from apart.socle.formulaires import Formulaire

VOIR, RESULTATS, A_CORRIGER = "voir", "resultats", "a_corriger"
CHOIX = (
    (VOIR, "Les totaux et les lignes à corriger, dans la page suivante"),
    (RESULTATS, "Le fichier complété de ses résultats"),
    (A_CORRIGER, "Les seules lignes à corriger, dans un fichier"),
)
TROP_LONG = (
    "Le texte collé dépasse 256 Kio, soit environ 2 000 lignes : enregistrez-le en .xlsx ou en .csv, puis envoyez ce "
    "fichier."
)
NOM_LE_PLUS_LONG = 80


class FichierForm(Formulaire):
    fichier = forms.FileField(
        label="Votre fichier",
        help_text=".xlsx ou .csv, 20 Mio et 100 000 lignes au plus",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "fr-upload", "accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
    )
    colle = forms.CharField(
        label="Ou collez vos lignes",
        help_text="Copiées depuis un tableur, en-tête compris",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    recevoir = forms.ChoiceField(
        label="Que voulez-vous recevoir ?",
        choices=CHOIX,
        initial=VOIR,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez ce que vous voulez recevoir."},
    )
    contenu = forms.CharField(required=False, widget=forms.HiddenInput)
    nom = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, *args: Any, trop_lourd: bool = False, trop_long: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.trop_lourd, self.trop_long = trop_lourd, trop_long
        self.source = b""
        self.calcul: Calcul | None = None

    def clean_recevoir(self) -> str:
        return self.cleaned_data["recevoir"] or VOIR

    @property
    def titre_resume(self) -> str:
        return "Votre fichier n'a pas été calculé"

    def clean(self) -> dict[str, Any]:
        if self.trop_lourd or self.trop_long:
            self.errors.clear()  # la suite de l'envoi n'a pas été lue
            self.add_error("fichier", TROP_LOURD) if self.trop_lourd else self.add_error("colle", TROP_LONG)
        elif not self.errors:
            self._calculer()
        return self.cleaned_data

    def _calculer(self) -> None:
        champ = "colle" if self.cleaned_data["colle"].strip() and not self.cleaned_data["fichier"] else "fichier"
        try:
            self.source = self._source(champ)
            self.calcul = calculer(lire(self.source))
        except FichierRefuse as refus:
            self.add_error(champ, str(refus))

    def _source(self, champ: str) -> bytes:
        """Le contenu à lire. Lève FichierRefuse s'il n'y en a pas, ou si le contenu gardé n'est pas le nôtre."""
        donnees = self.cleaned_data
        if donnees["fichier"]:
            contenu: bytes = donnees["fichier"].read()
            return contenu
        if champ == "colle":
            return str(donnees["colle"]).encode()
        if not donnees["contenu"]:
            raise FichierRefuse("Choisissez un fichier, ou collez vos lignes.")
        return reprendre(donnees["contenu"])

    @property
    def nom_du_fichier(self) -> str:
        """« paie-avril », sans dossier ni suffixe, d'après le fichier envoyé."""
        fichier = self.cleaned_data.get("fichier")
        nom = fichier.name if fichier is not None else self.cleaned_data.get("nom", "")
        racine = PurePath(nom.replace("\\", "/")).name.rpartition(".")[0] or nom
        return "".join(signe for signe in racine if signe.isprintable())[:NOM_LE_PLUS_LONG] or "salaries"

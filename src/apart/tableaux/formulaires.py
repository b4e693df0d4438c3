"""Recevoir un tableau : un fichier, des lignes collées, ou ce que la page gardait ; demander ce qu'il ne dit pas.

Un module en hérite, dit ses colonnes et ce qui ne peut manquer. Après clean(), soit `tableau` et `sens` sont là, soit
`question` est à poser, soit une erreur est dite.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django import forms

from apart.socle.formulaires import Formulaire
from apart.tableaux.entetes import Colonne, Proposition, compter, empreinte, proposer
from apart.tableaux.lecture import TROP_LOURD, lire
from apart.tableaux.reception import garder, reprendre
from apart.tableaux.tableau import FeuilleAChoisir, FichierRefuse, Tableau, lettres

TROP_LONG = (
    "Le texte collé dépasse 256 Kio, soit environ 2 000 lignes : enregistrez-le en .xlsx ou en .csv, puis envoyez ce "
    "fichier."
)
NOM_LE_PLUS_LONG = 80
EXEMPLES_MONTRES = 3
COUPE_A = 60  # signes d'une valeur montrée


@dataclass(frozen=True, slots=True)
class ColonneLue:
    """Une colonne du fichier, telle que l'écran de correspondance la montre."""

    rang: int
    lettre: str
    entete: str
    exemples: list[str]
    proposition: Proposition


@dataclass(frozen=True, slots=True)
class Question:
    """Ce que le fichier ne dit pas : quelle feuille lire, ou ce que sont ses colonnes."""

    feuilles: tuple[str, ...] = ()
    colonnes: tuple[ColonneLue, ...] = ()
    manquantes: tuple[str, ...] = ()


class TableauForm(Formulaire):
    colonnes: Sequence[Colonne] = ()
    ajoutees: frozenset[str] = frozenset()  # les colonnes qu'un fichier rendu porte en plus : elles ne se lisent pas

    fichier = forms.FileField(
        label="Votre fichier",
        help_text=".xlsx, .ods ou .csv, 20 Mio et 100 000 lignes au plus",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "fr-upload", "accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.ods"}),
    )
    colle = forms.CharField(
        label="Ou collez vos lignes",
        help_text="Copiées depuis un tableur, en-tête compris",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    contenu = forms.CharField(required=False, widget=forms.HiddenInput)
    nom = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    feuille = forms.CharField(required=False, strip=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, trop_lourd: bool = False, trop_long: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.trop_lourd, self.trop_long = trop_lourd, trop_long
        self.source = b""
        self.tableau: Tableau | None = None
        self.sens: tuple[str, ...] = ()
        self.question: Question | None = None

    def manquantes(self, noms: Sequence[str]) -> Iterable[str]:
        """Les colonnes sans lesquelles rien ne se lit."""
        raise NotImplementedError

    @property
    def titre_resume(self) -> str:
        return "Votre fichier n'a pas été lu"

    def clean(self) -> dict[str, Any]:
        if self.trop_lourd or self.trop_long:
            self.errors.clear()  # la suite de l'envoi n'a pas été lue
            self.add_error("fichier", TROP_LOURD) if self.trop_lourd else self.add_error("colle", TROP_LONG)
        elif not self.errors:
            self._lire()
        return self.cleaned_data

    def _lire(self) -> None:
        donnees = self.cleaned_data
        champ = "colle" if donnees["colle"].strip() and not donnees["fichier"] else "fichier"
        try:
            self.source = self._source(champ)
            lu = self._tableau(donnees["feuille"] or None)
        except FeuilleAChoisir as choix:
            self.question = Question(feuilles=choix.feuilles)
        except FichierRefuse as refus:
            self.add_error(champ, str(refus))
        else:
            siennes = [rang for rang, entete in enumerate(lu.entetes) if entete.strip().lower() not in self.ajoutees]
            self._comprendre(lu.garder(siennes))

    def _tableau(self, feuille: str | None) -> Tableau:
        try:
            return lire(self.source, lambda cases: compter(cases, self.colonnes), feuille=feuille)
        except FichierRefuse:
            if feuille is None or not self.cleaned_data["fichier"]:
                raise
            return self._tableau(None)  # un autre fichier, sans cette feuille

    def _source(self, champ: str) -> bytes:
        """Le contenu à lire. Lève FichierRefuse s'il n'y en a pas, ou si le contenu gardé n'est pas le nôtre."""
        donnees = self.cleaned_data
        if donnees["fichier"]:
            return bytes(donnees["fichier"].read())
        if champ == "colle":
            return str(donnees["colle"]).encode()
        if not donnees["contenu"]:
            raise FichierRefuse("Choisissez un fichier, ou collez vos lignes.")
        return reprendre(donnees["contenu"])

    def _comprendre(self, tableau: Tableau) -> None:
        """Retient le tableau et le sens de ses colonnes, ou la question à poser."""
        self.tableau = tableau
        dit = self.data.get("entetes") == empreinte(tableau.entetes)
        propositions = self._dites(tableau) if dit else proposer(tableau.entetes, self.colonnes)
        self.sens = tuple(p.nom for p in propositions)
        manquantes = tuple(self.manquantes(self.sens))
        a_confirmer = not dit and any(p.est_a_confirmer for p in propositions)
        if manquantes or self.doubles or a_confirmer:
            lues = tuple(_montrer(tableau, rang, p) for rang, p in enumerate(propositions))
            self.question = Question(colonnes=lues, manquantes=manquantes)

    def _dites(self, tableau: Tableau) -> list[Proposition]:
        """Le sens que la personne a choisi pour chaque colonne."""
        connus = {colonne.nom for colonne in self.colonnes}
        choisis = [str(self.data.get(f"sens-{rang}", "")) for rang in range(len(tableau.entetes))]
        return [Proposition(nom if nom in connus else "") for nom in choisis]

    @property
    def garde(self) -> str:
        """Le fichier, s'il est assez petit pour voyager dans la page ; sinon, il est à renvoyer."""
        return garder(self.source)

    @property
    def doubles(self) -> list[str]:
        """Les colonnes que deux colonnes du fichier disent être."""
        return [colonne.titre for colonne in self.colonnes if self.sens.count(colonne.nom) > 1]

    @property
    def choisis(self) -> dict[str, str]:
        """Ce que la page doit porter pour que le fichier soit relu de même."""
        if self.tableau is None:
            return {}
        sens = {f"sens-{rang}": nom for rang, nom in enumerate(self.sens)}
        return {"feuille": self.tableau.feuille, "entetes": empreinte(self.tableau.entetes), **sens}

    @property
    def nom_du_fichier(self) -> str:
        """« paie-avril », sans dossier ni suffixe, d'après le fichier envoyé."""
        fichier = self.cleaned_data.get("fichier")
        nom = fichier.name if fichier is not None else self.cleaned_data.get("nom", "")
        nom = PurePath(nom.replace("\\", "/")).name
        racine = nom.rpartition(".")[0] or nom
        return "".join(signe for signe in racine if signe.isprintable())[:NOM_LE_PLUS_LONG] or "salaries"


def _montrer(tableau: Tableau, rang: int, proposition: Proposition) -> ColonneLue:
    exemples = tableau.cadre[str(rang)].drop_nulls().head(EXEMPLES_MONTRES).str.slice(0, COUPE_A).to_list()
    return ColonneLue(rang, lettres(rang), tableau.entetes[rang], exemples, proposition)

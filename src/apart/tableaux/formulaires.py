"""Recevoir un tableau : un fichier, des lignes collées, ou ce que la page gardait ; demander ce qu'il ne dit pas.

Un module en hérite, dit ses colonnes et ce qui ne peut manquer. Le formulaire rend un Envoi ; `comprendre` le lit sans
formulaire ni requête, dans un processus enfant, et rend le tableau et le sens de ses colonnes, ou la question à poser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from django import forms

from apart.socle.corps import garder, reprendre
from apart.socle.formulaires import Formulaire
from apart.tableaux.entetes import Colonne, Proposition, compter, empreinte, proposer
from apart.tableaux.lecture import TROP_LOURD, lire
from apart.tableaux.tableau import OCTETS_PERMIS, FeuilleAChoisir, FichierRefuse, Tableau, lettres

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
    doubles: tuple[str, ...] = ()  # ce que deux colonnes du fichier disent être


@dataclass(frozen=True, slots=True)
class Envoi:
    """Ce que la personne envoie, et ce qu'elle en dit : la feuille, et le sens des colonnes de cet en-tête."""

    contenu: bytes | str  # un texte : ce que la page gardait (garder)
    est_un_fichier: bool
    feuille: str
    entetes: str
    sens: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compris:
    """Un envoi lu. Le tableau manque si la feuille est à choisir."""

    garde: str  # le fichier, s'il est assez petit pour voyager dans la page ; sinon, il est à renvoyer
    tableau: Tableau | None = None
    sens: tuple[str, ...] = ()
    question: Question | None = None

    @property
    def choisis(self) -> dict[str, str]:
        """Ce que la page doit porter pour que le fichier soit relu de même."""
        if self.tableau is None:
            return {}
        sens = {f"sens-{rang}": nom for rang, nom in enumerate(self.sens)}
        return {"feuille": self.tableau.feuille, "entetes": empreinte(self.tableau.entetes), **sens}


class TableauForm(Formulaire):
    colonnes: Sequence[Colonne] = ()
    ajoutees: frozenset[str] = frozenset()  # les colonnes qu'un fichier rendu porte en plus : elles ne se lisent pas

    fichier = forms.FileField(
        label="Votre fichier",
        help_text=".xlsx, .ods ou .csv, 20 Mo et 100 000 lignes au plus",
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

    @staticmethod
    def manquantes(noms: Sequence[str]) -> Iterable[str]:
        """Les colonnes sans lesquelles rien ne se lit."""
        raise NotImplementedError

    @property
    def titre_resume(self) -> str:
        return "Votre fichier n'a pas été lu"

    def clean(self) -> dict[str, Any]:
        if self.trop_lourd or self.trop_long:
            self.errors.clear()  # la suite de l'envoi n'a pas été lue
            self.add_error("fichier", TROP_LOURD) if self.trop_lourd else self.add_error("colle", TROP_LONG)
        elif not self.errors and not (self._est_colle or self.cleaned_data["fichier"] or self.cleaned_data["contenu"]):
            self.add_error("fichier", "Choisissez un fichier, ou collez vos lignes.")
        return self.cleaned_data

    @property
    def envoi(self) -> Envoi:
        """Ce qui se lit, une fois le formulaire valable."""
        donnees = self.cleaned_data
        contenu = donnees["contenu"]
        if donnees["fichier"]:
            contenu = donnees["fichier"].read()
        elif self._est_colle:
            contenu = donnees["colle"].encode()
        sens = {nom: str(valeur) for nom, valeur in self.data.items() if nom.startswith("sens-")}
        entetes = str(self.data.get("entetes", ""))
        return Envoi(contenu, bool(donnees["fichier"]), donnees["feuille"], entetes, sens)

    @property
    def _est_colle(self) -> bool:
        return bool(self.cleaned_data["colle"].strip()) and not self.cleaned_data["fichier"]

    def refuser(self, phrase: str) -> None:
        """Dit ce que la lecture a trouvé, près de ce qui a été envoyé."""
        self.add_error("colle" if self._est_colle else "fichier", phrase)

    @property
    def nom_du_fichier(self) -> str:
        """« paie-avril », sans dossier ni suffixe, d'après le fichier envoyé."""
        fichier = self.cleaned_data.get("fichier")
        nom = fichier.name if fichier is not None else self.cleaned_data.get("nom", "")
        nom = PurePath(nom.replace("\\", "/")).name
        racine = nom.rpartition(".")[0] or nom
        return "".join(signe for signe in racine if signe.isprintable())[:NOM_LE_PLUS_LONG] or "salaries"

    # --- Lire, dans l'enfant ---

    @classmethod
    def comprendre(cls, envoi: Envoi) -> Compris:
        """Lève FichierRefuse si l'envoi ne se lit pas, Perdu si le contenu gardé n'est pas le nôtre."""
        source = envoi.contenu if isinstance(envoi.contenu, bytes) else reprendre(envoi.contenu, OCTETS_PERMIS)
        try:
            lu = cls._tableau(source, envoi.feuille or None, est_un_fichier=envoi.est_un_fichier)
        except FeuilleAChoisir as choix:
            return Compris(garder(source), question=Question(feuilles=choix.feuilles))
        siennes = [rang for rang, entete in enumerate(lu.entetes) if entete.strip().lower() not in cls.ajoutees]
        return cls._interroger(Compris(garder(source), lu.garder(siennes)), envoi)

    @classmethod
    def _tableau(cls, source: bytes, feuille: str | None, *, est_un_fichier: bool) -> Tableau:
        try:
            return lire(source, lambda cases: compter(cases, cls.colonnes), feuille=feuille)
        except FichierRefuse:
            if feuille is None or not est_un_fichier:
                raise
            return cls._tableau(source, None, est_un_fichier=True)  # un autre fichier, sans cette feuille

    @classmethod
    def _interroger(cls, lu: Compris, envoi: Envoi) -> Compris:
        """Le sens des colonnes, ou la question à poser."""
        assert lu.tableau is not None  # noqa: S101  # la feuille est choisie
        dit = envoi.entetes == empreinte(lu.tableau.entetes)
        propositions = cls._dites(lu.tableau, envoi) if dit else proposer(lu.tableau.entetes, cls.colonnes)
        sens = tuple(p.nom for p in propositions)
        manquantes = tuple(cls.manquantes(sens))
        doubles = tuple(colonne.titre for colonne in cls.colonnes if sens.count(colonne.nom) > 1)
        question = None
        if manquantes or doubles or (not dit and any(p.est_a_confirmer for p in propositions)):
            lues = tuple(_montrer(lu.tableau, rang, p) for rang, p in enumerate(propositions))
            question = Question((), lues, manquantes, doubles)
        return replace(lu, sens=sens, question=question)

    @classmethod
    def _dites(cls, tableau: Tableau, envoi: Envoi) -> list[Proposition]:
        """Le sens que la personne a choisi pour chaque colonne."""
        connus = {colonne.nom for colonne in cls.colonnes}
        choisis = [envoi.sens.get(f"sens-{rang}", "") for rang in range(len(tableau.entetes))]
        return [Proposition(nom if nom in connus else "") for nom in choisis]


def _montrer(tableau: Tableau, rang: int, proposition: Proposition) -> ColonneLue:
    exemples = tableau.cadre[str(rang)].drop_nulls().head(EXEMPLES_MONTRES).str.slice(0, COUPE_A).to_list()
    return ColonneLue(rang, lettres(rang), tableau.entetes[rang], exemples, proposition)

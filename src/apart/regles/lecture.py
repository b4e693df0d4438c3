"""La lecture d'un fichier de valeurs : tout y est contrôlé, chaque faute nomme le fichier, la ligne et la clé.

On garde les nœuds de PyYAML plutôt que des dictionnaires : ils savent leur ligne et montrent un nom écrit deux fois.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import yaml

from apart.regles.francais import jour_en_lettres
from apart.regles.valeurs import UNITES, Certitude, Parametre, Presence, Valeur

OUI_NON = {"oui": True, "non": False}


class BaremeIllisible(ValueError):
    """Un fichier du barème est mal écrit ; le message nomme le fichier, la ligne et la clé."""


@dataclass(frozen=True, slots=True)
class Lieu:
    """Où l'on lit : de quoi dire une faute."""

    fichier: str
    cle: str = ""

    def faute(self, noeud: yaml.Node, phrase: str) -> BaremeIllisible:
        ou = f"{self.fichier}, ligne {noeud.start_mark.line + 1}"
        return BaremeIllisible(f"{ou}, {self.cle} : {phrase}" if self.cle else f"{ou} : {phrase}")


def racine(fichier: Path) -> yaml.MappingNode:
    try:
        noeud = yaml.compose(fichier.read_bytes(), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as faute:
        ligne = faute.problem_mark.line + 1 if faute.problem_mark else 1
        raise BaremeIllisible(f"{fichier.name}, ligne {ligne} : ce n'est pas du YAML ({faute.problem})") from faute
    except yaml.YAMLError as faute:
        raise BaremeIllisible(f"{fichier.name}, ligne 1 : ce n'est pas du YAML en UTF-8") from faute
    if not isinstance(noeud, yaml.MappingNode):
        raise BaremeIllisible(f"{fichier.name}, ligne 1 : on attend des clés et leurs valeurs")
    return noeud


def paires_de(noeud: yaml.Node, lieu: Lieu) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Nom → (nœud du nom, nœud de ce qu'il nomme) ; un nom écrit deux fois est refusé, ce que YAML ne fait pas."""
    if not isinstance(noeud, yaml.MappingNode):
        raise lieu.faute(noeud, "on attend des champs et leurs valeurs")
    paires: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for nom, contenu in noeud.value:
        if not isinstance(nom, yaml.ScalarNode):
            raise lieu.faute(nom, "le nom d'un champ est un mot")
        if nom.value in paires:
            raise lieu.faute(nom, f"« {nom.value} » est écrit deux fois")
        paires[nom.value] = (nom, contenu)
    return paires


def champs_de(noeud: yaml.Node, lieu: Lieu, requis: set[str], facultatifs: frozenset[str]) -> dict[str, yaml.Node]:
    paires = paires_de(noeud, lieu)
    for nom, (ici, _) in paires.items():
        if nom not in requis | facultatifs:
            raise lieu.faute(ici, f"le champ « {nom} » n'existe pas")
    if manquants := sorted(requis - paires.keys()):
        raise lieu.faute(noeud, f"il manque le champ « {manquants[0]} »")
    return {nom: contenu for nom, (_, contenu) in paires.items()}


def texte_de(noeud: yaml.Node, lieu: Lieu, nom: str) -> str:
    texte = noeud.value.strip() if isinstance(noeud, yaml.ScalarNode) else ""
    if not texte:
        raise lieu.faute(noeud, f"« {nom} » est vide")
    return str(texte)


def jour_de(noeud: yaml.Node, lieu: Lieu, nom: str) -> date:
    texte = texte_de(noeud, lieu, nom)
    try:
        return date.fromisoformat(texte)
    except ValueError as faute:
        raise lieu.faute(noeud, f"« {nom} » n'est pas un jour écrit comme 2021-07-01") from faute


def contenu_de(noeud: yaml.Node, lieu: Lieu, unite: str) -> tuple[Decimal | bool | str | None, Presence]:
    """La valeur d'une entrée : un mot réservé sans guillemets, ou une quantité (un mot) entre guillemets."""
    texte = texte_de(noeud, lieu, "valeur")
    entre_guillemets = isinstance(noeud, yaml.ScalarNode) and noeud.style in {'"', "'"}
    if not entre_guillemets and texte in {Presence.INCONNUE, Presence.SANS_OBJET}:
        return None, Presence(texte)
    if unite == "oui_non":
        if texte not in OUI_NON or entre_guillemets:
            raise lieu.faute(noeud, f"la valeur {texte} n'est ni oui ni non (sans guillemets)")
        return OUI_NON[texte], Presence.CONNUE
    if not entre_guillemets and texte == "aucun":
        return None, Presence.CONNUE
    if not entre_guillemets:
        raise lieu.faute(noeud, f"la valeur {texte} doit être entre guillemets")
    return (texte if unite == "mot" else quantite_de(noeud, texte, lieu, unite)), Presence.CONNUE


def quantite_de(noeud: yaml.Node, texte: str, lieu: Lieu, unite: str) -> Decimal:
    if not re.fullmatch(r"\d+(\.\d+)?", texte):
        raise lieu.faute(noeud, f"la valeur « {texte} » n'est pas un nombre écrit comme 8.57")
    quantite = Decimal(texte)
    if unite == "fraction" and quantite > 1:
        raise lieu.faute(noeud, f"la fraction {texte} dépasse 1")
    return quantite


def certitude_de(champs: Mapping[str, yaml.Node], lieu: Lieu, presence: Presence) -> Certitude:
    """La certitude de l'entrée ; une valeur inconnue est toujours incertaine, et le doute s'explique."""
    noeud = champs["certitude"]
    mot = texte_de(noeud, lieu, "certitude")
    if mot not in set(Certitude):
        raise lieu.faute(noeud, f"la certitude « {mot} » n'est pas verifiee, secondaire ou incertaine")
    if presence is Presence.INCONNUE and mot != Certitude.INCERTAINE:
        raise lieu.faute(noeud, "une valeur inconnue est incertaine")
    if (presence is not Presence.CONNUE or mot == Certitude.INCERTAINE) and "note" not in champs:
        quoi = mot if presence is Presence.CONNUE else presence.replace("_", " ")
        raise lieu.faute(noeud, f"une valeur {quoi} s'explique dans une note")
    return Certitude(mot)


def valeur_de(noeud: yaml.Node, lieu: Lieu, libelle: str, unite: str) -> Valeur:
    """Une ligne de `valeurs`, avant de savoir quand elle finit."""
    champs = champs_de(noeud, lieu, {"depuis", "valeur", "source", "certitude"}, frozenset({"note", "lien"}))
    valeur, etat = contenu_de(champs["valeur"], lieu, unite)
    source, note, lien = (
        texte_de(champs[nom], lieu, nom) if nom in champs else "" for nom in ("source", "note", "lien")
    )
    if lien and not lien.startswith("https://"):
        raise lieu.faute(champs["lien"], "le lien ne commence pas par https://")
    certitude, depuis = certitude_de(champs, lieu, etat), jour_de(champs["depuis"], lieu, "depuis")
    return Valeur(lieu.cle, libelle, unite, valeur, depuis, None, source, certitude, note, lien, etat)


def valeurs_de(noeud: yaml.Node, lieu: Lieu, libelle: str, unite: str) -> tuple[Valeur, ...]:
    if not isinstance(noeud, yaml.SequenceNode) or not noeud.value:
        raise lieu.faute(noeud, "« valeurs » est une liste d'au moins une entrée")
    valeurs = [valeur_de(ligne, lieu, libelle, unite) for ligne in noeud.value]
    for rang, (avant, apres) in enumerate(pairwise(valeurs)):
        if apres.depuis <= avant.depuis:
            ordre = f"{jour_en_lettres(apres.depuis)} après {jour_en_lettres(avant.depuis)}"
            raise lieu.faute(noeud.value[rang + 1], f"les dates doivent croître ({ordre})")
        valeurs[rang] = replace(avant, au=apres.depuis - timedelta(days=1))
    return tuple(valeurs)


def parametre_de(nom: yaml.Node, noeud: yaml.Node, fichier: str, cle: str) -> Parametre:
    lieu = Lieu(fichier, cle)
    if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", cle):
        raise lieu.faute(nom, "une clé s'écrit sujet.nom, en minuscules sans accent")
    champs = champs_de(noeud, lieu, {"libelle", "unite", "valeurs"}, frozenset())
    libelle, unite = texte_de(champs["libelle"], lieu, "libelle"), texte_de(champs["unite"], lieu, "unite")
    if unite not in UNITES:
        raise lieu.faute(champs["unite"], f"l'unité « {unite} » n'existe pas")
    return Parametre(cle, libelle, unite, fichier, valeurs_de(champs["valeurs"], lieu, libelle, unite))


def lire_parametres(fichier: Path, deja_lus: Mapping[str, Parametre]) -> Iterator[Parametre]:
    """Les séries d'un fichier. Lève BaremeIllisible, aussi pour une clé qu'un autre fichier porte déjà."""
    for cle, (nom, noeud) in paires_de(racine(fichier), Lieu(fichier.name)).items():
        if cle in deja_lus:
            raise Lieu(fichier.name, cle).faute(nom, f"cette clé est déjà dans {deja_lus[cle].fichier}")
        yield parametre_de(nom, noeud, fichier.name, cle)


def lire_jours(fichier: Path, noms: set[str]) -> dict[str, date]:
    """Les jours d'un fichier qui ne contient que ces jours-là. Lève BaremeIllisible."""
    if not fichier.exists():
        raise BaremeIllisible(f"{fichier.name}, ligne 1 : ce fichier manque")
    lieu = Lieu(fichier.name)
    champs = champs_de(racine(fichier), lieu, noms, frozenset())
    return {nom: jour_de(noeud, lieu, nom) for nom, noeud in champs.items()}

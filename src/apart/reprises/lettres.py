"""Une lettre et son code : l'adresse comme la poste la lit, le code comme une main le recopie, la page imprimée.

Pur : ni base, ni heure. Rien de ce qu'un demandeur a tapé n'entre ici : le nom et l'adresse sont ceux du répertoire.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from textwrap import wrap

from django.conf import settings
from django.utils import timezone

from apart.comptes import identifiant as forme
from apart.repertoire.models import Fiche
from apart.socle import dates, impression
from apart.socle.accents import sans_accents
from apart.socle.saisies import siret_lisible
from apart.tableaux.tableur import MARQUE, en_csv

GABARIT = Path(__file__).parent / "lettre.typ"
SIGNES_DU_CODE = 10
ESSAIS = 3
DUREE = timedelta(days=21)  # à compter de l'impression
# NF Z10-011 : six lignes de 38 signes, et le pays en plus hors de France ; 32 signes pour la localité.
LIGNES, SIGNES, SIGNES_DE_LA_LOCALITE = 6, 38, 32
MASQUES = ("[ND]", "[NON-DIFFUSIBLE]")
SANS_ACCENT_A_OTER = str.maketrans({"Œ": "OE", "Æ": "AE", "ß": "SS", "Ø": "O", "Ł": "L", "Đ": "D", "&": " ET "})
# Ce que la poste abrège quand une voie ne tient pas sur sa ligne, dans cet ordre.
ABREGES = {
    "AVENUE": "AV", "BOULEVARD": "BD", "CHEMIN": "CHE", "FAUBOURG": "FG", "IMPASSE": "IMP", "PLACE": "PL",
    "QUARTIER": "QUA", "RESIDENCE": "RES", "ROUTE": "RTE", "SQUARE": "SQ", "ZONE INDUSTRIELLE": "ZI",
    "ZONE ARTISANALE": "ZA", "LOTISSEMENT": "LOT", "GENERAL": "GAL", "MARECHAL": "MAL", "COMMANDANT": "CDT",
    "CAPITAINE": "CNE", "COLONEL": "CEL", "DOCTEUR": "DR", "PROFESSEUR": "PR", "PRESIDENT": "PDT",
    "SAINTE": "STE", "SAINT": "ST", "NOTRE DAME": "ND",
}  # fmt: skip
DISTRIBUTIONS = re.compile(r"(?:BP|CS|TSA|B P|C S|BOITE POSTALE)\b")


class LettreRefusee(Exception):
    """Aucune lettre ne part ; phrase dit pourquoi, et quoi faire."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class SansAdresse(LettreRefusee):
    """Le répertoire ne donne pas d'adresse où écrire : reste la preuve 6."""


class CodeRefuse(Exception):
    """Le code tapé ne prouve rien ; phrase dit pourquoi, et ce qui reste possible."""

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


def adresse_postale(fiche: Fiche | None) -> str:
    """Les lignes à imprimer, l'une sous l'autre : le nom, le complément, la voie, la boîte postale, la localité.

    Majuscules, sans accent ni ponctuation. Six lignes de 38 signes au plus, et le pays en dernière hors de France.
    Lève SansAdresse : établissement inconnu du répertoire, fermé, masqué, ou dont l'adresse est incomplète.
    """
    fiche = _joignable(fiche)
    voie = _voie(fiche)
    complements = [_postal(morceau) for morceau in fiche.complement.split(",")]
    boites = wrap(" ".join(c for c in complements if DISTRIBUTIONS.match(c)), SIGNES)
    ailleurs = wrap(" ".join(c for c in complements if not DISTRIBUTIONS.match(c)), SIGNES)
    ville = _debut(_postal(fiche.ville), SIGNES_DE_LA_LOCALITE)
    localite = _debut(f"{_postal(fiche.code_postal)} {ville}".strip(), SIGNES)
    lieu = [*ailleurs, *voie, *boites, localite]
    nom = wrap(_postal(fiche.denomination) or f"ETABLISSEMENT {fiche.siret}", SIGNES)
    nom = nom[: max(1, min(2, LIGNES - len(lieu)))]  # le nom cède : c'est l'adresse qui fait arriver la lettre
    if len(nom) + len(lieu) > LIGNES:
        raise SansAdresse("L'adresse que le répertoire donne à cet établissement ne tient pas sur une enveloppe.")
    pays = _debut(_postal(fiche.pays), SIGNES)
    return "\n".join([*nom, *lieu, *([pays] if pays else [])])


def _joignable(fiche: Fiche | None) -> Fiche:
    """La fiche, si une lettre peut lui parvenir. Lève SansAdresse."""
    if fiche is None:
        raise SansAdresse("Le répertoire ne connaît pas cet établissement : nous n'avons pas d'adresse où écrire.")
    if not fiche.est_ouverte:
        raise SansAdresse("D'après le répertoire, cet établissement est fermé : aucune lettre n'y part.")
    lus = (fiche.libelle_voie, fiche.numero_voie, fiche.code_postal, fiche.ville, fiche.complement)
    masquee = fiche.est_masquee or (fiche.unite is not None and fiche.unite.est_masquee)
    if masquee or any(masque in lu for lu in lus for masque in MASQUES):
        raise SansAdresse("Cet établissement a demandé que son adresse ne soit pas publiée : aucune lettre n'y part.")
    a_un_code = bool(fiche.code_postal) or bool(fiche.pays)
    if not (_postal(fiche.libelle_voie) and _postal(fiche.ville) and a_un_code):
        raise SansAdresse("L'adresse que le répertoire donne à cet établissement est incomplète.")
    return fiche


def _voie(fiche: Fiche) -> list[str]:
    """« 12 BIS AVENUE DES FLEURS » ; abrégée si elle ne tient pas sur sa ligne, puis pliée en deux."""
    voie = _postal(f"{fiche.numero_voie} {fiche.extension_voie} {fiche.type_voie} {fiche.libelle_voie}")
    for entier, abrege in ABREGES.items():
        if len(voie) <= SIGNES:
            break
        voie = f" {voie} ".replace(f" {entier} ", f" {abrege} ").strip()
    return wrap(voie, SIGNES)


def _postal(texte: str) -> str:
    """« Ets Œuf & Fils (S.A.) » → « ETS OEUF ET FILS S A » : ce qu'une machine de tri lit sans se tromper."""
    lettres = sans_accents(texte.upper().translate(SANS_ACCENT_A_OTER)).upper()
    return " ".join(re.findall(r"[A-Z0-9]+", lettres))


def _debut(texte: str, signes: int) -> str:
    """Les mots entiers qui tiennent ; le code postal dit le reste."""
    return wrap(texte, signes)[0] if texte else ""


def lisible(code: str) -> str:
    """« K7MP22QXV3 » → « K7MP2-2QXV3 » : deux moitiés que l'œil ne perd pas en les recopiant."""
    return f"{code[: SIGNES_DU_CODE // 2]}-{code[SIGNES_DU_CODE // 2 :]}"


def tirer_code() -> str:
    """Dix signes : cinquante bits, trois essais."""
    return forme.tirer(SIGNES_DU_CODE)


def fin_de_validite(imprimee_le: datetime) -> datetime:
    """La fin du vingt et unième jour après l'impression, à Paris : le dernier jour se dit en entier."""
    lendemain = timezone.localtime(imprimee_le + DUREE + timedelta(days=1))
    return lendemain.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Pli:
    """Ce qu'une page porte."""

    numero: str
    siret: str
    denomination: str  # celle du répertoire
    lignes: tuple[str, ...]
    code: str
    demandeur: str  # son adresse, prouvée : seule façon de le nommer
    du: date
    jusqu_au: date
    est_reprise: bool
    expediteur: tuple[str, ...] = ()  # le service compétent, et son adresse ; vide : l'exploitant
    signature: tuple[str, ...] = ()


def composer(plis: Sequence[Pli]) -> bytes:
    """Un PDF/UA : une page A4 par lettre, dans cet ordre. Les mêmes plis donnent les mêmes octets."""
    jour = cache(dates.jour)  # les lettres d'un lot ont les mêmes dates
    exploitant = [settings.EXPLOITANT["nom"] or "Apart", *_lignes(settings.EXPLOITANT["adresse"])]
    return impression.composer(
        GABARIT,
        {
            "site": settings.URL_PUBLIQUE,
            "telephone": settings.SUPPORT_TELEPHONE,
            "horaires": settings.SUPPORT_HORAIRES,
            "lettres": [
                {
                    "numero": pli.numero,
                    "siret": siret_lisible(pli.siret),
                    "denomination": pli.denomination,
                    "adresse": pli.lignes,
                    "code": lisible(pli.code),
                    "demandeur": pli.demandeur,
                    "du": jour(pli.du),
                    "jusqu_au": jour(pli.jusqu_au, "l j F Y"),
                    "est_reprise": pli.est_reprise,
                    "expediteur": pli.expediteur or exploitant,
                    "signature": pli.signature,
                }
                for pli in plis
            ],
        },
    )


def _lignes(adresse: str) -> list[str]:
    return [morceau.strip() for morceau in re.split(r"[,\n]", adresse) if morceau.strip()]


COLONNES = ("numero", "siret", *(f"ligne_{rang}" for rang in range(1, LIGNES + 2)), "pages")


def bordereau(plis: Sequence[Pli]) -> bytes:
    """Le CSV de l'atelier, dans l'ordre du PDF ; aucun texte qu'un tableur exécuterait (T24)."""
    blancs = ("",) * (LIGNES + 1)
    lignes = ([p.numero, p.siret, *(p.lignes + blancs)[: LIGNES + 1], "1"] for p in plis)
    return (MARQUE + en_csv([COLONNES, *lignes], fin_de_ligne="\r\n")).encode()

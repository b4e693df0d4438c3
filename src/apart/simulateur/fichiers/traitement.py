"""Un envoi lu et calculé : ce que fait le processus enfant. N'en revient que ce que la page montre, ou un fichier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apart.regles.bareme import bareme
from apart.regles.francais import nombre
from apart.simulateur.fichiers.calcul import Calcul
from apart.simulateur.fichiers.formulaire import A_CORRIGER, RESULTATS, FichierForm
from apart.simulateur.fichiers.resultats import Resultats
from apart.tableaux.formulaires import Envoi, Question
from apart.tableaux.tableau import Genre

MONTRES = (
    "nombre", "totaux", "nombre_fautives", "montrees", "autres", "a_verifier", "suppositions", "reserves", "genre",
)  # fmt: skip
bareme()  # lu une fois par le serveur de processus, non par chaque enfant


@dataclass(frozen=True, slots=True)
class Traite:
    """Ce que la page montre d'un envoi : une question, ou des résultats ; et le fichier voulu, s'il a des lignes."""

    garde: str
    choisis: dict[str, str]
    question: Question | None
    resultats: Mapping[str, Any] = field(default_factory=dict)
    fichier: bytes = b""
    genre: Genre = Genre.CSV


def traiter(envoi: Envoi, voulu: str) -> Iterator[str | Traite]:
    """Ce qui se fait, au moment où cela commence ; puis ce qui est à montrer. Lève FichierRefuse."""
    yield "Lecture du fichier…"
    lu = FichierForm.comprendre(envoi)
    if lu.question or lu.tableau is None:
        yield Traite(lu.garde, lu.choisis, lu.question)
        return
    yield f"Calcul de {nombre(Decimal(lu.tableau.cadre.height))} lignes…"
    resultats = Resultats(Calcul(lu.tableau, lu.sens))
    yield "Écriture de la réponse…"
    montres = {nom: getattr(resultats, nom) for nom in MONTRES}
    yield Traite(lu.garde, lu.choisis, None, montres, _fichier(resultats, voulu), lu.tableau.genre)


def _fichier(resultats: Resultats, voulu: str) -> bytes:
    """Le fichier voulu ; vide s'il n'y a rien à y mettre."""
    if voulu == RESULTATS and resultats.nombre:
        return resultats.fichier()
    if voulu == A_CORRIGER and resultats.fautives:
        return resultats.a_corriger()
    return b""

"""Aucune expression régulière ne peut faire durer une saisie : ni répétitions emboîtées, ni qui se recouvrent."""

from __future__ import annotations

from pathlib import Path

import pytest

import apart
from apart.courriels.explications import table
from apart.socle import feuille, typographie
from tests.motifs import Couteux, Motif, eprouver, motifs

RACINE = Path(apart.__file__).parent
TROUVES = list(motifs(RACINE, "apart"))


@pytest.mark.parametrize(
    "motif",
    [
        "(a+)+", r"\s*\s*", "(a*)*b", "(a|a)*", "(?:a|a)+b", r"\w+\d+", r"[a-z]*a[a-z]*", r"(?:\s*,\s*)*", "a*b?a*",
        r"(?:a|b+)+", r".*,.*", r"(x+x+)+y",
    ],
)  # fmt: skip
def test_ce_qui_se_dispute_les_memes_signes_est_refuse(motif: str) -> None:
    with pytest.raises(Couteux):
        eprouver(motif)


@pytest.mark.parametrize(
    "motif", ["a+b+", r"\s*;\s*x", "(?:ab)*", r"[^;]*;[^;]*", r"(?:\.[0-9]{3})+,", r"\d{1,9}\d{2}", "(?:a|b)*", "a*"]
)
def test_ce_qui_se_lit_d_un_trait_est_admis(motif: str) -> None:
    eprouver(motif)


@pytest.mark.parametrize("motif", [r'"(?:\\.|[^"\\])*"', r"\s+$", "<[^>]*>", r"a[a-z]*;"])
def test_une_recherche_qui_recommence_dans_ce_qu_elle_a_lu_est_refusee(motif: str) -> None:
    """« " \\" \\" \\"… » jamais refermé : vingt-six kilo-octets arrêtaient un processus du site."""
    eprouver(motif)
    with pytest.raises(Couteux):
        eprouver(motif, se_cherche=True)


def test_les_motifs_sont_bien_trouves() -> None:
    assert len(TROUVES) > 60
    assert any(motif.texte == "[0-9a-f]{64}" for motif in TROUVES)


# Composés à l'exécution : leurs morceaux sont éprouvés plus bas, ou échappés.
COMPOSES = {"apart.courriels.explications", "apart.courriels.envoi", "apart.courriels.neutralite"}
# Ils recommencent, d'après leur forme ; mais non d'après ce qu'ils cherchent.
SAUF = {
    r"\n\s*\n": "finit comme il commence : d'un blanc à deux sauts de ligne, rien ne reste à recommencer",
    r"@font-face\{[^}]*\}": "notre propre feuille de style",
    r"https://[^\s<>\"'&]+(?:&amp;[^\s<>\"'&]+)*[^\s<>\"'&.,;:!?)\]»]": "un autre « https:// » finit le premier",
    r"(?<![\w-])[\w-]+(?:\.[\w-]+)+": "ne part qu'au début d'un mot",
    r"(?<![^\s(<«,;])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?=[.,;:!?)>»]*(?:\s|$))": "ne part qu'après un blanc ou un signe",
    r"\xff+([^\x00\xff])": "se lit là où un segment est attendu (pieces.formats) ; ne se cherche pas",
    feuille.SOMBRE.pattern: "la feuille de style du DSFR, telle qu'elle est livrée",
    typographie.MORCEAU.pattern: "nos propres gabarits, au chargement",
    typographie.PLI.pattern: "nos propres gabarits, au chargement",
    r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*\Z": "EmailValidator ne le cherche qu'au début",
}


@pytest.mark.parametrize("motif", TROUVES, ids=lambda motif: motif.ou)
def test_chaque_motif_se_lit_d_un_trait(motif: Motif) -> None:
    if motif.texte is None:
        assert motif.ou.partition(":")[0] in COMPOSES
    elif motif.texte not in SAUF:
        eprouver(motif.texte, motif.drapeaux, se_cherche=motif.se_cherche)


def test_les_motifs_des_tables_aussi() -> None:
    lus = [motif for regle in table().regles for motif in (regle.mots, regle.code) if motif]
    assert len(lus) > 20
    for motif in lus:
        eprouver(motif.pattern, motif.flags, se_cherche=False)


def test_chaque_exception_sert() -> None:
    assert {motif.texte for motif in TROUVES} >= SAUF.keys()

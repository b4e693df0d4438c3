"""Deux fois plus long demande deux fois plus : chaque analyseur, sur ses pires formes, en lignes de code exécutées.

Le temps ne se mesure pas ici : une machine occupée y changerait tout. Ce que font les expressions régulières, qui ne
s'y voit pas, est jugé sur leur forme (tests/test_motifs.py) ; expat, sur ce qu'il relit
(tests/tableaux/test_archives.py).
"""

from __future__ import annotations

import base64
import contextlib
import io
import sys
import zipfile
import zlib
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from types import FrameType
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http.multipartparser import MultiPartParserError

from apart.assistance.models import NUMERO
from apart.courriels import rapport, rebonds
from apart.pieces.formats import verifier
from apart.pieces.models import Sorte
from apart.pieces.recues import nommer
from apart.simulateur import lien
from apart.simulateur.api.simulations import simuler_la_demande
from apart.socle import corps, saisies, telephones
from apart.socle.lecture_json import lire_json
from apart.socle.problemes import Probleme
from apart.tableaux import cellules
from tests.pieces.fabriques import jpeg, morceau, png, segment
from tests.tableaux.fabrique import lu

N = 400
ATTENDUS = (ValueError, Probleme, ValidationError, MultiPartParserError)  # un refus est une réponse


def evenements(travail: Callable[[], object]) -> int:
    """Les lignes de Python exécutées, bibliothèques comprises."""
    comptees = 0

    def tracer(cadre: FrameType, genre: str, _: Any) -> Any:
        nonlocal comptees
        comptees += genre == "line"
        return tracer

    avant = sys.gettrace()
    sys.settrace(tracer)
    try:
        with contextlib.suppress(*ATTENDUS):
            travail()
    finally:
        sys.settrace(avant)
    return comptees


def csv(forme: str) -> Callable[[int], Callable[[], object]]:
    entete = "nom;remuneration;mois;heures\n"
    return lambda n: lambda: lu((entete + forme * n).encode())


def json(debut: str, forme: str, fin: str = "") -> Callable[[int], Callable[[], object]]:
    return lambda n: lambda: simuler_la_demande(lire_json((debut + forme * n + fin).encode(), strict=True))


def ods(forme: str) -> Callable[[int], Callable[[], object]]:
    def preparer(n: int) -> Callable[[], object]:
        tampon = io.BytesIO()
        with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("content.xml", f'<d xmlns:table="t" xmlns:office="o" xmlns:text="x">{forme * n}</d>')
        return lambda: lu(tampon.getvalue())

    return preparer


def formulaire(genre: str, forme: bytes) -> Callable[[int], Callable[[], object]]:
    return lambda n: lambda: corps.lire_formulaire(forme * n, genre, None)


def texte(lire: Callable[[str], object], forme: str, fin: str = "") -> Callable[[int], Callable[[], object]]:
    return lambda n: lambda: lire(forme * n + fin)


def garde(n: int) -> Callable[[], object]:
    comprime = base64.b64encode(zlib.compress(b"x" * (n << 10))).decode()
    return lambda: corps.reprendre(comprime, 20 << 20)


def rebond(forme: str) -> Callable[[int], Callable[[], object]]:
    """« {n} » y est le rang, pour emboîter."""
    debut = "To: rebond@exemple.fr\nContent-Type: multipart/mixed; boundary=b0\n\n"

    def preparer(n: int) -> Callable[[], object]:
        message = (debut + "".join(forme.format(n=rang, suivant=rang + 1) for rang in range(n))).encode()
        return lambda: (rebonds.lire(message), rapport.juger(message))

    return preparer


def piece(faire: Callable[[bytes], bytes], forme: bytes) -> Callable[[int], Callable[[], object]]:
    return lambda n: lambda: verifier(faire(forme * n))


MULTIPLE = "multipart/form-data; boundary=b"
CASE = '<table:table-cell office:value-type="float" office:value="1"/>'
FORMES: dict[str, Callable[[int], Callable[[], object]]] = {
    "json, texte jamais fermé": json('{"a": "', '\\"'),
    "json, textes puis une constante": json('{"a": ["NaN"', ', "NaN"', ", NaN]}"),
    "json, champs en double": json("{", '"a": 1, ', '"a": 1}'),
    "json, champs inconnus": lambda n: lambda: simuler_la_demande(
        lire_json(("{" + ", ".join(f'"groupe{rang}": 1' for rang in range(n)) + "}").encode(), strict=True)
    ),
    "json, listes": json("", "["),
    "json, nombres": json("[1", ", 1e400", "]"),
    "csv, lignes": csv("a;2000;04/2026;70\n"),
    "csv, guillemets": csv('"'),
    "csv, cases": csv(";"),
    "csv, une ligne sans fin": csv("a"),
    "csv, lignes vides": csv("\n"),
    "ods, lignes": ods(f"<table:table-row>{CASE}</table:table-row>"),
    "ods, feuilles": ods('<table:table table:name="a"/>'),
    "formulaire, champs": formulaire("application/x-www-form-urlencoded", b"a=%41&"),
    "formulaire, parties": formulaire(MULTIPLE, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'),
    "formulaire, bornes collées": formulaire(MULTIPLE, b"--b--b"),
    "formulaire, en-têtes": formulaire(MULTIPLE, b"--b\r\nContent-Disposition: form-data; name=" + b'"' * 9),
    "formulaire, presque une borne": formulaire(MULTIPLE, b"\r\n--"),
    "rebond, en-têtes": lambda n: lambda: rebonds.lire(b"To: rebond+\n" * n),
    "rebond, parties emboîtées": rebond("--b{n}\nContent-Type: multipart/mixed; boundary=b{suivant}\n\n"),
    "rebond, messages emboîtés": rebond("--b{n}\nContent-Type: message/rfc822\n\n"),
    "rebond, parties à la suite": rebond("--b0\n\n\n"),
    "rebond, lignes": rebond("a\n"),
    "contenu gardé": garde,
    "lien": texte(lien.ouvrir, "A"),
    "siret": texte(saisies.siret, "1 "),
    "téléphone": texte(telephones.telephone, "0 "),
    "courriel": texte(saisies.courriel, "a."),
    "courriel, arobases": texte(saisies.courriel, "@"),
    "case, nombre": texte(partial(cellules.lire_positif, maximum=Decimal(1_000), unite="euros"), "1 000"),
    "case, heures": texte(cellules.lire_heures, "7h"),
    "case, date": texte(cellules.lire_date, "1/"),
    "pièce, pdf": piece(lambda suite: b"%PDF-1.4\n" + suite + b"%%EOF", b"%%EOF PK\5\6"),
    "pièce, png en morceaux": piece(lambda suite: png(entre=suite), morceau(b"tEXt")),
    "pièce, png après la fin": piece(lambda suite: png(apres=suite), b"IEND"),
    "pièce, jpeg en segments": piece(lambda suite: jpeg(entre=suite), segment(0xFE, b"PK\5\6")),
    "pièce, jpeg sans fin": piece(lambda suite: jpeg()[:-2] + suite, b"\xff\x00\xff\xd0"),
    "pièce, jpeg de remplissage": piece(lambda suite: b"\xff\xd8\xff" + suite, b"\xff"),
    "pièce, reprises du jpeg": piece(lambda suite: jpeg()[:-2] + suite + b"\xff\xd9", segment(0xDA, bytes(6))),
    "pièce, balises": piece(lambda suite: b"%PDF-1.4\n" + suite + b"%%EOF", b"<!doctyp"),
    "nom d'une pièce": texte(partial(nommer, sorte=Sorte.PDF), "../a. ", ".pdf.exe"),
    "numéro de demande": texte(NUMERO.match, "AP-20"),
}  # fmt: skip


@pytest.mark.menace("T40")
@pytest.mark.parametrize("forme", FORMES.values(), ids=FORMES)
def test_t40_deux_fois_plus_long_ne_demande_que_deux_fois_plus(forme: Callable[[int], Callable[[], object]]) -> None:
    evenements(forme(2))  # ce que la première lecture importe ne se compte pas
    une, deux = evenements(forme(N)), evenements(forme(2 * N))
    assert deux <= 2.2 * une + 200


def test_un_analyseur_au_carre_serait_vu() -> None:
    def carre(n: int) -> Callable[[], object]:
        def lire() -> None:
            for rang in range(n):
                for _ in range(rang):
                    pass

        return lire

    assert evenements(carre(2 * N)) > 2.2 * evenements(carre(N)) + 200

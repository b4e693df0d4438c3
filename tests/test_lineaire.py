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
from datetime import timedelta
from decimal import Decimal
from functools import partial
from socket import socketpair
from types import FrameType
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory, override_settings

from apart.assistance.models import NUMERO
from apart.config.ecoute import Prise
from apart.courriels import rapport, rebonds
from apart.pieces.formats import verifier
from apart.pieces.models import Sorte
from apart.pieces.recues import nommer
from apart.simulateur import lien
from apart.simulateur.api.simulations import simuler_la_demande
from apart.socle import corps, saisies, telephones
from apart.socle.anti_robot import lire_preuve
from apart.socle.etat_scelle import desceller, sceller
from apart.socle.lecture_json import lire_json
from apart.socle.limites import adresse_ip
from apart.socle.problemes import Probleme
from apart.tableaux import cellules
from apart.tableaux.tableau import FichierRefuse
from tests.pieces.fabriques import jpeg, morceau, png, segment
from tests.tableaux.fabrique import ENTETE, FEUILLE, LIGNE, classeur, feuille_brute, lu, refaire

N = 400
# Un refus est une réponse.
ATTENDUS = (ValueError, Probleme, ValidationError, MultiPartParserError, FichierRefuse, Http404)


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


def xlsx(forme: str, debut: str = "", fin: str = "") -> Callable[[int], Callable[[], object]]:
    """« {n} » y est le numéro de la ligne ; l'en-tête et une ligne juste précèdent."""

    def preparer(n: int) -> Callable[[], object]:
        suite = "".join(forme.replace("{n}", str(rang + 3)) for rang in range(n))
        contenu = feuille_brute((debut + suite + fin).encode())
        return lambda: lu(contenu)

    return preparer


def partie_xlsx(nom: str, avant: bytes, forme: bytes) -> Callable[[int], Callable[[], object]]:
    """Un classeur juste, dont une partie répète cette forme juste avant cet endroit."""

    def preparer(n: int) -> Callable[[], object]:
        bon = classeur({"Paie": [ENTETE, LIGNE]})
        contenu = refaire(bon, lambda lue, c: c.replace(avant, forme * n + avant, 1) if lue == nom else c)
        return lambda: lu(contenu)

    return preparer


def mandataires(forme: str) -> Callable[[int], Callable[[], object]]:
    """Derrière un mandataire : ce qu'il annonce est lu."""

    def preparer(n: int) -> Callable[[], object]:
        demande = RequestFactory().get("/", headers={"X-Forwarded-For": forme * n})
        return override_settings(MANDATAIRES_DE_CONFIANCE=1)(lambda: adresse_ip(demande))

    return preparer


def preuve(debut: str, forme: str) -> Callable[[int], Callable[[], object]]:
    """Ce que le navigateur renvoie au contrôle de sécurité, 4 096 caractères au plus."""
    return lambda n: partial(lire_preuve, base64.b64encode((debut + forme * n).encode()).decode())


def entete_http(forme: bytes) -> Callable[[int], Callable[[], object]]:
    """Le début d'une demande, reçu morceau par morceau : chacun fait chercher la fin des en-têtes."""

    def preparer(n: int) -> Callable[[], object]:
        def lire() -> None:
            donner, recevoir = socketpair()
            with donner, recevoir:
                prise = Prise(recevoir)
                for morceau_recu in [forme] * n + [b"\r\n\r\n"]:
                    donner.send(morceau_recu)
                    prise.recevoir()

        return lire

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
    "xlsx, lignes": xlsx('<row r="{n}"><c r="A{n}"><v>1</v></c></row>'),
    "xlsx, lignes sans numéro": xlsx("<row><c><v>1</v></c></row>"),
    "xlsx, lignes vides": xlsx('<row r="{n}"/>'),
    "xlsx, textes d'une case": xlsx("<is><t>a</t></is>", '<row r="3"><c r="A3" t="inlineStr">', "</c></row>"),
    "xlsx, formules": xlsx("<f>1</f>", '<row r="3"><c r="A3">', "<v>1</v></c></row>"),
    "xlsx, fusions": partie_xlsx(FEUILLE, b"</worksheet>", b'<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'),
    "xlsx, textes partagés": partie_xlsx("xl/sharedStrings.xml", b"</sst>", b"<si><t>a</t></si>"),
    "xlsx, morceaux d'un texte": partie_xlsx("xl/sharedStrings.xml", b"</si>", b"<r><t>a</t></r>"),
    "xlsx, styles": partie_xlsx("xl/styles.xml", b"</cellXfs>", b'<xf numFmtId="14"/>'),
    "xlsx, formats": partie_xlsx("xl/styles.xml", b"<fonts", b'<numFmt numFmtId="170" formatCode="[h]:mm"/>'),
    "xlsx, feuilles": partie_xlsx("xl/workbook.xml", b"</sheets>", b'<sheet name="a" sheetId="9" r:id="rId9"/>'),
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
    "ligne, espaces": texte(saisies.ligne, "\u00a0 \t"),
    "ligne, signes invisibles": texte(saisies.ligne, "\u202e\u200b"),
    "ligne, accents empilés": texte(saisies.ligne, "\u0301"),
    "paragraphes, lignes vides": texte(saisies.paragraphes, " \r\n"),
    "paragraphes, un mot": texte(saisies.paragraphes, "a"),
    "code postal": texte(saisies.code_postal, "7 4"),
    "code postal, étranger": texte(partial(saisies.code_postal, pays="Italie"), "A- "),
    "pays": texte(saisies.pays, "É-' "),
    "état scellé": texte(partial(desceller, "essai", duree=timedelta(hours=1)), "A"),
    "état scellé, le sien": lambda n: partial(desceller, "a", sceller("a", ["é"] * n), duree=timedelta(hours=1)),
    "preuve de travail, listes": preuve("", "["),
    "preuve de travail, textes": preuve('{"a": "', '\\"'),
    "preuve de travail, nombres": preuve("[", "0,"),
    "mandataires": mandataires("192.0.2.7, "),
    "mandataires, virgules": mandataires(", "),
    "mandataires, une adresse sans fin": mandataires("1:"),
    "demande http, octet par octet": entete_http(b"a"),
    "demande http, presque la fin": entete_http(b"\r\n\r"),
    "demande http, en-têtes": entete_http(b"Content-Length: 1\r\n"),
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

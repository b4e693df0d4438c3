"""Une seule horloge, celle de Python, que l'on peut déplacer ; la marque « jour » sur les tests qui la lisent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

import apart
from tests.conftest import JOURS, ce_jour_la

TESTS = Path(__file__).parent
SOURCES = sorted(Path(apart.__file__).parent.rglob("*.py"))
# Leur conftest pose la marque sur tous.
MARQUES_D_OFFICE = TESTS / "navigateurs"
AUTRE_HORLOGE = re.compile(r"(?!.*timezone\.now$)(.+\.)?(now|Now|today|utcnow)|time\.time(_ns)?")
LECTURE = re.compile(r"(.+\.)?(now|today|utcnow)|time\.time(_ns)?")
HEURE_SQL = (
    r"\y(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday) *\("
    r"|\y(current_(date|time|timestamp)|localtime|localtimestamp)\y|'(now|today|tomorrow|yesterday)'"
)


def lit_l_horloge(noeud: ast.AST) -> bool:
    """timezone.now(), datetime.now(UTC), date.today(), time.time() ; localdate() et localtime() sans instant."""
    return any(
        LECTURE.fullmatch(ast.unparse(appel.func)) or re.fullmatch(r"(.+\.)?local(date|time)\(\)", ast.unparse(appel))
        for appel in ast.walk(noeud)
        if isinstance(appel, ast.Call)
    )


def sans_marque(fichier: Path) -> Iterator[str]:
    """Ce qui, dans ce fichier de tests, lit l'horloge sans que la marque le dise."""
    arbre = ast.parse(fichier.read_text())
    globales = [ast.unparse(n) for n in arbre.body if isinstance(n, ast.Assign)]
    if any(ligne.startswith("pytestmark = ") and "pytest.mark.jour" in ligne for ligne in globales):
        return
    for noeud in arbre.body:
        marques = [ast.unparse(m) for m in getattr(noeud, "decorator_list", [])]
        if "pytest.mark.jour" not in marques and lit_l_horloge(noeud):
            yield f"{fichier.relative_to(TESTS)}:{noeud.lineno}"


def test_un_test_qui_lit_l_horloge_porte_la_marque() -> None:
    fichiers = [f for f in sorted(TESTS.rglob("test_*.py")) if not f.is_relative_to(MARQUES_D_OFFICE)]
    assert not [faute for fichier in fichiers for faute in sans_marque(fichier)]


@pytest.mark.parametrize(
    ("ligne", "lit"),
    [
        ("timezone.now()", True),
        ("datetime.now(UTC)", True),
        ("date.today()", True),
        ("now()", True),
        ("time.time()", True),
        ("timezone.localdate()", True),
        ("timezone.localdate(depose_le)", False),
        ("time.monotonic()", False),
        ("time(18, 0)", False),
    ],
)
def test_ce_qui_lit_l_horloge_se_reconnait(ligne: str, lit: bool) -> None:
    assert lit_l_horloge(ast.parse(ligne)) is lit


@pytest.mark.jour
def test_on_croit_etre_le_jour_demande() -> None:
    with ce_jour_la("2031-03-01"):
        assert timezone.localdate() == date(2031, 3, 1)


@pytest.mark.jour
def test_la_passe_d_un_autre_jour_a_bien_lieu_ce_jour_la(request: pytest.FixtureRequest) -> None:
    if len(JOURS) > 1:
        assert timezone.localdate().isoformat() == request.node.callspec.params["ce_jour"]
    else:
        assert not JOURS or timezone.localdate().isoformat() == JOURS[0]


# Compare l'horloge de la base à la nôtre, et lit la file, qui suit celle de la base : c'est son sujet.
COMPARE_LES_HORLOGES = Path(apart.__file__).parent / "config" / "sante.py"


def autres_horloges(fichier: Path) -> Iterator[str]:
    """Une horloge que déplacer « timezone.now » laisserait en place : une autre de Python, ou celle de la base."""
    for noeud in ast.walk(ast.parse(fichier.read_text())):
        match noeud:
            case ast.Attribute() | ast.Name():
                faute = bool(AUTRE_HORLOGE.fullmatch(ast.unparse(noeud)))
            case ast.keyword(arg=str(nom)):
                faute = nom.startswith("auto_now")
            case ast.Constant(value=str(texte)):
                faute = bool(re.search(HEURE_SQL.replace(r"\y", r"\b"), texte, re.IGNORECASE))
            case _:
                continue
        if faute:
            yield f"{fichier.name}:{noeud.lineno}"


def test_le_code_ne_lit_qu_une_horloge() -> None:
    """timezone.now, dont viennent localdate et localtime : un test ou une démonstration peuvent la déplacer."""
    assert not [f for fichier in SOURCES if fichier != COMPARE_LES_HORLOGES for f in autres_horloges(fichier)]
    assert len(list(autres_horloges(COMPARE_LES_HORLOGES))) == 2


@pytest.mark.parametrize(
    "ligne",
    [
        "datetime.now(UTC)",
        "champ = DateTimeField(auto_now_add=True)",
        "champ = DateTimeField(db_default=Now())",
        "time.time()",
        "curseur.execute('SELECT cle FROM compteur WHERE expire_le < now()')",
        "RunSQL('ALTER TABLE t ALTER le SET DEFAULT current_timestamp')",
    ],
)
def test_une_autre_horloge_se_reconnait(ligne: str, tmp_path: Path) -> None:
    (tmp_path / "source.py").write_text(ligne)
    assert list(autres_horloges(tmp_path / "source.py"))


# Tout ce qui, dans la base, peut appeler une horloge : défauts, contraintes, fonctions, déclencheurs, vues.
APPELS_EN_BASE = """
SELECT objet FROM (
    SELECT adrelid::regclass::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef
    UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'
) AS objets (objet, texte) WHERE texte ~* %s
"""


def lisent_l_heure_en_base() -> set[str]:
    with connection.cursor() as curseur:
        curseur.execute(APPELS_EN_BASE, [HEURE_SQL])
        return {objet for (objet,) in curseur.fetchall()}


@pytest.mark.django_db
def test_la_base_ne_lit_l_heure_que_pour_la_file_d_attente() -> None:
    lisent = lisent_l_heure_en_base()
    assert {objet for objet in lisent if not objet.startswith("procrastinate_")} == set()
    assert lisent, "La file lit l'heure de la base : ne rien trouver serait ne rien voir."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ordre",
    [
        "ALTER TABLE socle_compteur ALTER COLUMN expire_le SET DEFAULT now()",
        "ALTER TABLE socle_compteur ADD CONSTRAINT a_venir CHECK (expire_le > CURRENT_TIMESTAMP) NOT VALID",
        "CREATE FUNCTION quand() RETURNS timestamptz LANGUAGE sql AS 'SELECT clock_timestamp()'",
        "CREATE VIEW perimes AS SELECT cle FROM socle_compteur WHERE expire_le < now()",
    ],
    ids=["défaut", "contrainte", "fonction", "vue"],
)
def test_l_heure_lue_en_base_ne_passe_pas_inapercue(ordre: str) -> None:
    avant = lisent_l_heure_en_base()
    with connection.cursor() as curseur:
        curseur.execute(ordre)
    assert len(lisent_l_heure_en_base() - avant) == 1

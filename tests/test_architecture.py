"""Les règles de la maison, lues dans le code : tailles, écritures, gabarits, glossaire."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignObjectRel, Model
from django.template.base import Lexer, Token
from django.template.loader import get_template

import apart

RACINE = Path(apart.__file__).parent
DEPOT = RACINE.parent.parent
SOURCES = sorted(f for f in RACINE.rglob("*.py") if "migrations" not in f.parts)
GABARITS = sorted(RACINE.rglob("templates/**/*.html"))
VUES = [f for f in SOURCES if f.stem == "views" or f.parent.name == "views"]


def liens(modele: type[Model]) -> Iterator[str]:
    for champ in modele._meta.get_fields():
        if champ.many_to_many or champ.one_to_many:
            yield champ.get_accessor_name() or "" if isinstance(champ, ForeignObjectRel) else champ.name


ECRITURES = {"save", "create", "update", "delete", "bulk_create", "bulk_update"}
ECRITURES |= {"get_or_create", "update_or_create", "_raw_delete"}
ECRITURES |= {f"a{ordre}" for ordre in ECRITURES}  # leurs formes asynchrones
# « demande.jetons.add(…) » écrit aussi : les noms par où un modèle en tient d'autres.
LIENS = {nom for m in apps.get_models() if m.__module__.startswith("apart.") for nom in liens(m)}
SUR_UN_LIEN = {f"{forme}{ordre}" for ordre in ("add", "set", "remove", "clear") for forme in ("", "a")}
# Changer la clé d'une session ou la vider efface sa ligne.
SUR_UNE_SESSION = {f"{forme}{ordre}" for ordre in ("cycle_key", "flush") for forme in ("", "a")}
SQL = re.compile(r"\b(?:INSERT INTO|DELETE FROM|TRUNCATE|COPY \S+ \(|UPDATE \S+\s+(?:AS \w+\s+)?SET\b)")
# Ceux-là ont un update() sans être une table : attributs d'un champ, barre de progression, refus d'un tableau.
DICTIONNAIRES = (["attrs"], ["_barre"], ["refus"])
BRIQUE = "brique sans sujet du socle : aucun geste de personne"
ECRIVENT_AUSSI = {
    "socle/travaux.py": "marque faite une tâche, sur sa ligne de la file, avec ce qu'elle écrit",
    "socle/automate.py": "écrit l'état d'un dossier pour l'action qui le franchit",
    "socle/models.py": "ajoute au journal pour l'action qui l'appelle",
    "socle/limites.py": BRIQUE,
    "socle/anti_robot.py": BRIQUE,
    "socle/envois.py": BRIQUE,
    "socle/taches.py": BRIQUE,
    "comptes/sessions.py": "le magasin de sessions que Django appelle",
}
# Ce que json.loads lit là, nous l'avons écrit et chiffré.
SCELLES = {"socle/etat_scelle.py", "socle/envois.py", "courriels/chiffre.py"}
LIGNES_FICHIER, LIGNES_FONCTION, LIGNES_VUE, LIGNES_GABARIT = 400, 40, 20, 80


def nom(fichier: Path) -> str:
    return str(fichier.relative_to(RACINE))


def fonctions(fichier: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    arbre = ast.parse(fichier.read_text())
    return (n for n in ast.walk(arbre) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def longueur(fonction: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lignes du corps, sans la phrase de présentation ni les décorateurs."""
    corps = fonction.body[1:] if ast.get_docstring(fonction) else fonction.body
    return (fonction.end_lineno or 0) - corps[0].lineno + 1 if corps else 0


def est_vue(fonction: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    gardes = {"pour", "reservee"}
    return any(isinstance(d, ast.Call) and getattr(d.func, "id", "") in gardes for d in fonction.decorator_list)


def test_les_fichiers_tiennent_dans_la_tete() -> None:
    tous = SOURCES + sorted((DEPOT / "tests").rglob("*.py"))
    trop_longs = {
        str(f.relative_to(DEPOT)): n for f in tous if (n := len(f.read_text().splitlines())) > LIGNES_FICHIER
    }
    assert not trop_longs


def test_les_fonctions_sont_courtes() -> None:
    trop_longues = {
        f"{fichier.relative_to(DEPOT)}:{f.name}": longueur(f)
        for fichier in SOURCES + sorted((DEPOT / "tests").rglob("*.py"))
        for f in fonctions(fichier)
        if longueur(f) > (LIGNES_VUE if est_vue(f) else LIGNES_FONCTION)
    }
    assert not trop_longues


def test_les_gabarits_sont_courts() -> None:
    assert not {nom(g): n for g in GABARITS if (n := len(g.read_text().splitlines())) > LIGNES_GABARIT}


def ecrit(appel: ast.Attribute) -> bool:
    recu = ast.unparse(appel.value).split(".")[-1]
    return (
        (appel.attr in ECRITURES and [recu] not in DICTIONNAIRES)
        or (appel.attr in SUR_UN_LIEN and recu in LIENS)
        or (appel.attr in SUR_UNE_SESSION and recu == "session")
    )


def ecritures(fichier: Path) -> list[str]:
    """Les endroits qui écrivent en base : par l'ORM, ou par un ordre SQL."""
    trouvees = []
    for noeud in ast.walk(ast.parse(fichier.read_text())):
        if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Attribute) and ecrit(noeud.func):
            trouvees.append(f"{nom(fichier)}:{noeud.lineno} {ast.unparse(noeud.func)}()")
        elif isinstance(noeud, ast.Constant) and isinstance(noeud.value, str) and SQL.search(noeud.value):
            trouvees.append(f"{nom(fichier)}:{noeud.lineno} {SQL.findall(noeud.value)}")
    return trouvees


def test_seules_les_actions_ecrivent() -> None:
    """Où qu'elle soit, une écriture est dans un module actions, dans une migration, ou dans un lieu nommé ici."""
    fautes = [
        faute
        for fichier in SOURCES
        if not {fichier.stem, fichier.parent.name} & {"actions"} and nom(fichier) not in ECRIVENT_AUSSI
        for faute in ecritures(fichier)
    ]
    assert not fautes


def test_ce_qui_n_ecrit_plus_quitte_la_liste() -> None:
    assert not [lieu for lieu in ECRIVENT_AUSSI if not ecritures(RACINE / lieu)]


def test_les_actions_sont_typees_et_leurs_sujets_viennent_des_modeles() -> None:
    """Ni « **champs: Any » (ou object, qui en dit aussi peu), ni « par: Any ».

    Le nom d'une chose dans le journal s'écrit une fois, dans son modèle.
    """
    fautes = []
    for fichier in SOURCES:
        for fonction in fonctions(fichier) if {fichier.stem, fichier.parent.name} & {"actions"} else ():
            attendus = [a for a in (*fonction.args.args, *fonction.args.kwonlyargs) if a.arg == "par"]
            attendus += [fonction.args.kwarg] if fonction.args.kwarg else []
            fautes += [
                f"{nom(fichier)}:{a.lineno} {a.arg}"
                for a in attendus
                if a.annotation is None or ast.unparse(a.annotation) in {"Any", "object"}
            ]
        for noeud in ast.walk(ast.parse(fichier.read_text())):
            if (
                isinstance(noeud, ast.keyword)
                and noeud.arg == "sujet"
                and isinstance(noeud.value, ast.JoinedStr | ast.Constant)
            ):
                fautes.append(f"{nom(fichier)}:{noeud.value.lineno} sujet")
    assert not fautes


def test_aucun_script_ni_style_dans_un_gabarit() -> None:
    """La CSP les refuserait en silence : tout est dans static/."""
    interdits = {
        "gestionnaire": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
        "style": re.compile(r"<[^>]*\sstyle\s*=|<style", re.IGNORECASE),
        "script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
        "adresse": re.compile(r"javascript:", re.IGNORECASE),
    }
    pages = [g for g in GABARITS if "courriels" not in g.relative_to(RACINE).parts[2:]]
    assert not [
        f"{nom(g)} : {quoi}" for g in pages for quoi, motif in interdits.items() if motif.search(g.read_text())
    ]


def test_chaque_gabarit_se_compile_et_sert() -> None:
    """Un gabarit que ni le code ni un autre gabarit ne nomme est un reste."""
    cites = "\n".join(f.read_text() for f in SOURCES + GABARITS + sorted(RACINE.rglob("templates/**/*.txt")))
    restes = []
    for gabarit in GABARITS:
        relatif = str(gabarit).split("/templates/", 1)[1]
        get_template(relatif)
        # Les pages d'erreur et les courriels sont nommés sans dossier ni suffixe ; allauth nomme lui-même les siens.
        if relatif not in cites and f'"{gabarit.stem}"' not in cites and not relatif.startswith(("mfa/", "account/")):
            restes.append(relatif)
    assert not restes


def test_chaque_page_a_son_titre() -> None:
    """« Accueil » est le titre par défaut, celui de la page d'accueil seule."""
    pages = [g for g in GABARITS if '{% extends "base.html" %}' in g.read_text() and not g.name.startswith("_")]
    pages = [g for g in pages if g.name != "accueil.html"]
    sans = [nom(g) for g in pages if "{% block titre %}" not in g.read_text()]
    assert not sans


def blocs(gabarit: Path) -> list[Token]:
    return Lexer(gabarit.read_text()).tokenize()


# Une phrase de la note de 2020, gardée mot pour mot.
DE_LA_NOTE = "Veuillez saisir le numéro de Siret de l'établissement pour lequel vous demandez une création de compte"


def test_le_texte_suit_le_ton_de_la_maison() -> None:
    """Ni « veuillez », ni « erreur » : dire ce qui se passe, puis ce qu'il faut faire."""
    phrases = re.compile(r"\bveuillez\b|\bune erreur\b|\berreur :|\binvalide\b", re.IGNORECASE)
    fautes = [
        f"{nom(g)}:{bloc.lineno} {trouve.group()}"
        for g in GABARITS
        for bloc in blocs(g)
        if bloc.token_type.name == "TEXT" and (trouve := phrases.search(bloc.contents.replace(DE_LA_NOTE, "")))
    ]
    assert not fautes


GLOSSAIRE = DEPOT / "docs" / "glossaire.md"


def definitions() -> dict[str, str]:
    lignes = re.findall(r"^\| `(\w+)` \| (.+) \|$", GLOSSAIRE.read_text(), re.MULTILINE)
    return dict(lignes)


def test_chaque_classe_du_modele_est_definie_au_glossaire() -> None:
    noms = {m.__name__ for m in apps.get_models() if m.__module__.startswith("apart.")}
    assert noms - definitions().keys() == set()


def test_chaque_choix_et_chaque_etat_sont_definis_au_glossaire() -> None:
    """Les classes énumérées (rôles, preuves, usages, états) sont le vocabulaire du service."""
    noms = {
        classe.name
        for fichier in SOURCES
        if "models" in {fichier.stem, fichier.parent.name} or fichier.stem == "etats"
        for classe in ast.parse(fichier.read_text()).body
        if isinstance(classe, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Choices", "StrEnum", "IntegerChoices")) for base in classe.bases)
    }
    assert noms - definitions().keys() == set()


def test_le_glossaire_ne_definit_rien_de_disparu() -> None:
    code = "\n".join(f.read_text() for f in SOURCES)
    assert not [mot for mot in definitions() if not re.search(rf"^class {mot}\b", code, re.MULTILINE)]


@pytest.mark.parametrize("mot", ["utils", "helpers", "signals"])
def test_pas_de_fourre_tout(mot: str) -> None:
    assert not [nom(f) for f in SOURCES if f.stem == mot]


def test_chaque_formulaire_envoye_porte_la_cle_de_son_envoi() -> None:
    """Son jeton CSRF (socle.envois), écrit là ou dans le gabarit qu'il inclut."""
    porteurs = {str(g).split("/templates/", 1)[1] for g in GABARITS if g.read_text().startswith("{% csrf_token %}")}
    cle = re.compile("|".join([re.escape("{% csrf_token %}"), *(f'include "{re.escape(p)}"' for p in porteurs)]))
    formulaire = re.compile(r'<form[^>]*\smethod="post".*?(?:</form>|\Z)', re.DOTALL | re.IGNORECASE)
    envoyes = [(nom(g), bloc) for g in GABARITS for bloc in formulaire.findall(g.read_text())]

    assert envoyes
    assert not [gabarit for gabarit, bloc in envoyes if not cle.search(bloc)]


def test_aucun_script_n_attend_d_un_vieux_safari_ce_qu_il_ignore() -> None:
    """requestSubmit (16) perdrait le premier clic ; submitter (15.4) a toujours son remplaçant, noté par apart.js."""
    scripts = [f for f in RACINE.rglob("static/**/*.js") if "vendor" not in f.parts]
    lignes = [(f.name, ligne) for f in scripts for ligne in f.read_text().splitlines()]

    assert not [(f, ligne) for f, ligne in lignes if ".requestSubmit" in ligne]
    assert not [(f, ligne) for f, ligne in lignes if ".submitter" in ligne and "boutonPresse" not in ligne]


def test_aucune_liste_ne_se_tourne_en_comptant_les_lignes_a_passer() -> None:
    """socle.pages tourne par clé : rien n'est vu deux fois ni sauté, et la dernière page coûte comme la première."""
    compte = re.compile(r"\bPaginator\b|\bpaginate_by\b|\bListView\b|\bOFFSET\b")
    assert not [f"{nom(f)} : {mot}" for f in SOURCES for mot in compte.findall(f.read_text())]


def test_le_json_d_ailleurs_entre_par_une_seule_porte() -> None:
    """Une moitié de signe, un entier de 5 000 chiffres, 100 000 listes emboîtées : socle.lecture_json les refuse."""
    lecteurs = {
        nom(fichier)
        for fichier in SOURCES
        for n in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(n, ast.Call)
        and ast.unparse(n.func) in {"json.loads", "json.load", "forms.JSONField"}
        and not {"cls=Prudent", "decoder=Prudent"} & set(map(ast.unparse, n.keywords))
    }
    assert lecteurs == SCELLES | {"socle/lecture_json.py"}


def test_un_seul_module_imprime() -> None:
    """Il ne donne à typst que les signes de ses polices."""
    assert [nom(f) for f in SOURCES if "import typst" in f.read_text()] == ["socle/impression.py"]


def test_un_processus_lance_par_un_test_ne_recoit_rien_d_un_autre_test() -> None:
    """Ce qu'un test pose pour Python passerait à tous les processus d'après, dans l'ordre que le hasard leur donne."""
    lances = {"run", "Popen", "check_call", "check_output"}
    sans = [
        f"{fichier.relative_to(DEPOT)}:{appel.lineno}"
        for fichier in (DEPOT / "tests").rglob("*.py")
        for appel in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(appel, ast.Call) and isinstance(appel.func, ast.Attribute) and appel.func.attr in lances
        if ast.unparse(appel.func.value) == "subprocess" and "env" not in {mot.arg for mot in appel.keywords}
    ]
    herite = re.compile(r"\*\*os\.environ|os\.environ(\.items\(\)|\.copy\(\)| \|)|\| os\.environ|dict\(os\.environ")
    copies = [f.name for f in (DEPOT / "tests").rglob("*.py") if herite.search(f.read_text()) and f != Path(__file__)]
    assert (sans, copies) == ([], ["processus.py"])

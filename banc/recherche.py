"""Chercher un nom dans le bureau des agents, parmi dix mille demandes puis parmi un million."""

from __future__ import annotations

import time
from statistics import median

from django.db import connection

from apart.assistance.models import DemandeAssistance
from banc.base import base_d_essai
from banc.ligne import Ligne

PEU, BEAUCOUP = 10_000, 1_000_000
PASSES, RECHERCHES = 5, 20
INDEX_DE_MOTS = ["assistance_mots", "message_mots"]
RARES = ("boulangerie {n}", "p{n}@exemple.fr", "dossier numero {n} est egare")
DE_TOUTES = ("boulangerie", "dossier numero", "durand")  # chacune les porte
# Des demandes que presque rien ne distingue : le pire pour un index de mots.
DEMANDES = """
INSERT INTO assistance_demandeassistance (envoi, siret, est_a_confirmer, departement, denomination, nom_complet,
    telephone, courriel, motif, etat, deposee_le, attend_depuis, promise_le)
SELECT gen_random_uuid(), lpad(n::text, 14, '0'), false, to_char(mod(n, 95) + 1, 'FM00'), 'Boulangerie ' || n,
    'Durand Marie', '0102030405', 'p' || n || '@exemple.fr', 'autres', 'a_traiter', t, t, t
FROM generate_series(%s, %s) n, LATERAL (SELECT timestamptz '2026-01-01' + n * interval '1 second' AS t) horloge
"""
MESSAGES = """
INSERT INTO assistance_message (demande_id, voix, texte, ecrit_le)
SELECT id, 'demandeur', 'Bonjour, mon dossier numéro ' || siret::bigint || ' est égaré depuis la semaine dernière.',
    deposee_le FROM assistance_demandeassistance WHERE siret::bigint >= %s
"""


def mesurer() -> list[Ligne]:
    """Médianes de plusieurs passes, la page entière comprise (25 lignes et leur nombre). Suppose Django prêt."""
    with base_d_essai():
        remplir(1, PEU)
        peu = [median(_passe(PEU, mots) for _ in range(PASSES)) for mots in (RARES, DE_TOUTES)]
        remplir(PEU + 1, BEAUCOUP)
        beaucoup = [median(_passe(BEAUCOUP, mots) for _ in range(PASSES)) for mots in (RARES, DE_TOUTES)]
    noms = ("recherche du bureau : 10⁶ demandes / 10⁴", "la même, de mots que portent toutes les demandes")
    return [
        Ligne(nom, nous, limite, "recherches/s", 0.67) for nom, nous, limite in zip(noms, beaucoup, peu, strict=True)
    ]


def remplir(premiere: int, derniere: int) -> None:
    """Les index de mots s'ôtent puis se refont : ligne à ligne, un million prendrait dix minutes."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [INDEX_DE_MOTS])
        index = curseur.fetchall()
        for nom, _ in index:
            curseur.execute(f"DROP INDEX {nom}")
        curseur.execute(DEMANDES, [premiere, derniere])
        curseur.execute(MESSAGES, [premiere])
        curseur.execute("SET maintenance_work_mem = '1GB'")  # à 64 Mio, bâtir l'index d'un million prend dix fois plus
        for _, definition in index:
            curseur.execute(definition)
        curseur.execute("VACUUM ANALYZE assistance_demandeassistance, assistance_message")


def _passe(parmi: int, mots: tuple[str, ...]) -> float:
    """Recherches par seconde, chacune d'un autre de ces mots ; chacune trouve."""
    debut = time.perf_counter()
    for fois in range(RECHERCHES):
        n = parmi * (fois + 1) // RECHERCHES
        page = DemandeAssistance.objects.all().cherchees(mots[fois % len(mots)].format(n=n)).page("")
        assert page.nombre
    return RECHERCHES / (time.perf_counter() - debut)

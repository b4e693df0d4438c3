"""Marquer une adresse dont le serveur refuse nos messages, et lever la marque quand un message y est lu."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from apart.courriels.explications import expliquer
from apart.courriels.models import CONSERVATION_LIGNE, EN_ATTENTE, AdresseRefusee, Courriel, Sort
from apart.courriels.reponses_de_serveur import dire, gardee
from apart.socle.models import verrouiller

# En un ordre, pour toutes : compter sans qu'un autre passe entre la lecture et l'écriture, et ne pas s'étreindre.
MARQUER = """
    INSERT INTO courriels_adresserefusee AS marque (adresse, depuis, dernier_le, nombre, sort, reponse, numero)
    SELECT lue.adresse, %(le)s, %(le)s, lue.nombre, lue.sort, lue.reponse, lue.numero
    FROM unnest(%(adresses)s::text[], %(nombres)s::int[], %(sorts)s::text[], %(reponses)s::text[], %(numeros)s::uuid[])
        AS lue(adresse, nombre, sort, reponse, numero)
    ON CONFLICT (adresse) DO UPDATE SET
        dernier_le = greatest(marque.dernier_le, EXCLUDED.dernier_le), nombre = marque.nombre + EXCLUDED.nombre,
        sort = EXCLUDED.sort, reponse = EXCLUDED.reponse, numero = EXCLUDED.numero
"""


REBONDIR = """
    UPDATE courriels_courriel courriel SET sort = 'rebondi', sort_le = %(le)s, reponse = lu.reponse,
        envoi_commence_le = NULL, secrets = ''
    FROM unnest(%(cles)s::bigint[], %(reponses)s::text[]) AS lu(id, reponse) WHERE courriel.id = lu.id
"""


@dataclass(frozen=True)
class Refus:
    """Un message refusé (REFUSE) ou renvoyé (REBONDI) par qui le reçoit, et ses mots, tels qu'ils se gardent."""

    courriel: Courriel
    sort: Sort
    reponse: str


def marquer(refus: Iterable[Refus]) -> None:
    """Marque les adresses de ces messages ; celles dont la faute est chez nous ne le sont pas (explications.yaml).

    Une marque n'arrête aucun envoi. À appeler une fois par message, après avoir écrit son sort.
    """
    par_adresse: dict[str, list[Refus]] = {}
    for un in refus:
        if not expliquer(un.sort, un.reponse).chez_nous:
            par_adresse.setdefault(un.courriel.destinataire, []).append(un)
    if not par_adresse:
        return
    adresses = sorted(par_adresse)  # toujours dans le même ordre : deux lectures ensemble ne s'étreignent pas
    derniers = [par_adresse[adresse][-1] for adresse in adresses]
    with connection.cursor() as curseur:
        curseur.execute(
            MARQUER,
            {
                "le": timezone.now(),
                "adresses": adresses,
                "nombres": [len(par_adresse[adresse]) for adresse in adresses],
                "sorts": [dernier.sort.value for dernier in derniers],
                "reponses": [dernier.reponse for dernier in derniers],
                "numeros": [dernier.courriel.numero for dernier in derniers],
            },
        )


@transaction.atomic
def noter_rebonds(rebonds: list[tuple[Courriel, str]]) -> set[int]:
    """Ces messages sont revenus, chacun avec le diagnostic de qui l'a renvoyé : garde l'un et marque l'adresse.

    Rend les clés de ceux qui sont notés, sans ceux qui l'étaient déjà, refusés ou périmés. En deux ordres, quel que
    soit leur nombre ; leurs lignes d'abord, dans l'ordre de leur clé, puis les adresses.
    """
    lus = {courriel.pk: Refus(courriel, Sort.REBONDI, gardee(diagnostic)) for courriel, diagnostic in rebonds}
    attendus = Courriel.objects.filter(pk__in=lus, sort__in=[Sort.REMIS, Sort.INCERTAIN, *EN_ATTENTE])
    notes = {pk: lus[pk] for pk in verrouiller(attendus).values_list("pk", flat=True)}
    with connection.cursor() as curseur:
        reponses = [lu.reponse for lu in notes.values()]
        curseur.execute(REBONDIR, {"le": timezone.now(), "cles": list(notes), "reponses": reponses})
    marquer(notes.values())
    for lu in notes.values():
        dire(lu.courriel, Sort.REBONDI, lu.reponse)
    return set(notes)


def lever(adresse: str) -> bool:
    """Un message vient d'être lu à cette adresse : elle reçoit. Rend faux si elle n'était pas marquée.

    Dans la transaction du geste qui emploie le lien ou le code, sous ses verrous.
    """
    return bool(AdresseRefusee.objects.vers(adresse).delete()[0])


def effacer_les_anciennes() -> int:
    """Efface les marques de plus de 12 mois, comme les messages qui les ont causées ; rend leur nombre."""
    anciennes = AdresseRefusee.objects.filter(dernier_le__lt=timezone.now() - CONSERVATION_LIGNE)
    return anciennes.delete()[0]

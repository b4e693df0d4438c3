"""La file du bureau se lit de proche en proche, et ses recherches passent par des index."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apart.assistance import recherche
from apart.assistance.etats import Etat
from apart.assistance.models import FILE, ORDRE, DemandeAssistance, Message, Voix
from apart.assistance.recherche import FORME
from apart.socle.pages import Cle
from tests.comptes.fabriques import agent

BUREAU = "/agents/assistance/"
pytestmark = [pytest.mark.django_db, pytest.mark.jour]


def remplir(nombre: int, **champs: object) -> list[DemandeAssistance]:
    """Des demandes d'attentes différentes, la première attendant depuis le plus longtemps ; une sur trois répondue."""
    maintenant = timezone.now()
    return DemandeAssistance.objects.bulk_create(
        DemandeAssistance(
            **{
                "siret": f"{n:014d}",
                "denomination": f"Maison {n}",
                "nom_complet": "Durand Marie",
                "telephone": "0102030405",
                "courriel": f"m{n}@exemple.fr",
                "motif": "autres",
                "etat": Etat.REPONDUE if n % 3 == 2 else Etat.A_TRAITER,
                "attend_depuis": maintenant - timedelta(minutes=nombre - n // 2),  # deux par deux au même instant
                "promise_le": maintenant + timedelta(days=1),
                **champs,
            }
        )
        for n in range(nombre)
    )


@pytest.fixture
def bureau(client: Client) -> Client:
    client.force_login(agent())
    return client


def lue(bureau: Client, adresse: str) -> tuple[list[str], dict[str, str]]:
    """Les numéros de la page, dans l'ordre, et l'adresse de chaque page voisine."""
    page = html.unescape(bureau.get(BUREAU + adresse).content.decode())
    liens = re.findall(r'href="(\?[^"]*)">(Page suivante|Page précédente|Début de la file)<', page)
    return re.findall(r'<th scope="row"><a [^>]*>(AP-[\d-]+)', page), {nom: lien for lien, nom in liens}


def test_on_avance_et_l_on_recule_sans_rien_sauter_ni_revoir(bureau: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apart.assistance.models.PAR_PAGE", 4)
    remplir(11)
    attendus = [d.numero for d in DemandeAssistance.objects.all().de_la_file()]
    aller, adresse = [], ""
    while True:
        numeros, voisines = lue(bureau, adresse)
        aller.append((adresse, numeros))
        if "Page suivante" not in voisines:
            break
        adresse = voisines["Page suivante"]
    assert [numero for _, numeros in aller for numero in numeros] == attendus
    for _, numeros in reversed(aller[:-1]):
        avant, voisines = lue(bureau, voisines["Page précédente"])
        assert avant == numeros
    assert "Page précédente" not in voisines


def test_une_demande_traitee_entre_deux_pages_n_en_fait_sauter_aucune(
    bureau: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Par numéro de page, la première de la suivante remonterait d'un rang et ne serait vue nulle part."""
    monkeypatch.setattr("apart.assistance.models.PAR_PAGE", 2)
    remplir(6, etat=Etat.A_TRAITER)
    attendus = [d.numero for d in DemandeAssistance.objects.all().de_la_file()]
    premiere, voisines = lue(bureau, "")
    DemandeAssistance.objects.filter(pk=int(premiere[0].rsplit("-", 1)[1])).update(etat=Etat.REPONDUE)
    assert lue(bureau, voisines["Page suivante"])[0] == attendus[2:4]


@pytest.mark.parametrize("cle", ["", "2", "apres-0-1-1", "apres-9-1764000000000000-1", "avant-0-99999999999999999-1"])
def test_une_cle_qui_n_est_pas_de_nous_montre_une_page_sans_panne(bureau: Client, cle: str) -> None:
    remplir(3)
    assert bureau.get(BUREAU, {"page": cle}).status_code == 200


def test_une_cle_se_relit_telle_quelle() -> None:
    (demande,) = remplir(1)
    cle = Cle("apres", (0,), demande.attend_depuis, demande.pk)
    assert Cle.lire(str(cle), FORME) == cle


def test_au_dela_de_mille_on_ne_compte_plus(bureau: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("models", "recherche", "views.bureau"):
        monkeypatch.setattr(f"apart.assistance.{module}.COMPTEES", 3)
    remplir(3)
    assert "3 demandes" in bureau.get(BUREAU).content.decode()
    remplir(1)
    assert "Plus de 3 demandes" in bureau.get(BUREAU).content.decode()
    assert recherche.PAR_PAGE == 25


PHRASES = [
    "boulangerie de l'ete",
    "l'ete boulangerie",  # dans un autre ordre
    "DURAND",
    "ete@exemple",
    "Noël, 100 % des heures",
    "boulan dur",  # rien n'a ces mots : leurs débuts
]


@pytest.mark.parametrize("cherche", PHRASES)
def test_une_recherche_ne_lit_que_les_index(cherche: str) -> None:
    (demande,) = remplir(1, denomination="Boulangerie de l'Été", courriel="ete@exemple.fr")
    Message.objects.create(demande=demande, voix=Voix.DEMANDEUR, texte="Bonjour, à noel 100 % des heures ?")
    trouvees = DemandeAssistance.objects.all().cherchees(cherche)
    assert trouvees.count() == 1
    with connection.cursor() as curseur:
        for autre in ("seqscan", "indexscan", "indexonlyscan"):  # une seule ligne : tout autre chemin vaudrait mieux
            curseur.execute(f"SET LOCAL enable_{autre} = off")
    plan = trouvees.explain()
    assert {"assistance_mots", "message_mots"} <= set(re.findall(r"Index Scan on (\w+)", plan))
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("cherche", ["boulangerie du lac", "angerie", "' | !!", "&:*", "été lac", "…"])
def test_ce_que_personne_n_a_ecrit_ne_se_trouve_pas(cherche: str) -> None:
    """Chaque mot est exigé, par son début ; ce que PostgreSQL lirait comme un ordre n'est que ponctuation."""
    remplir(1, denomination="Boulangerie de l'Été")
    assert DemandeAssistance.objects.all().cherchees(cherche).count() == 0


def test_un_mot_entier_passe_avant_ceux_qu_il_commence() -> None:
    remplir(1, denomination="Bois et Fils")
    remplir(1, denomination="Boiserie")
    assert [d.denomination for d in DemandeAssistance.objects.all().cherchees("bois")] == ["Bois et Fils"]
    assert [d.denomination for d in DemandeAssistance.objects.all().cherchees("boise")] == ["Boiserie"]


@pytest.mark.parametrize("ou", [{}, {"departement": "44"}], ids=["partout", "dans un département"])
def test_une_recherche_s_arrete_a_ce_qu_elle_montre_sans_ranger_tout_ce_qu_elle_trouve(ou: dict[str, str]) -> None:
    """Rangés d'abord, les messages qui portent un mot courant seraient tous lus : dix secondes à 300 000 demandes."""
    ordre = str(DemandeAssistance.objects.filter(**ou).cherchees("boulangerie").query)
    assert ordre.count("LIMIT 1001") == 2
    assert "ORDER BY" not in ordre


def test_la_file_et_ses_pages_suivent_leur_index() -> None:
    (demande,) = remplir(1)
    cle = Cle("apres", (0,), demande.attend_depuis, demande.pk)
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL enable_seqscan = off")
        curseur.execute("SET LOCAL enable_sort = off")
    plan = DemandeAssistance.objects.filter(FILE.au_dela(cle)).order_by(*ORDRE)[:26].explain()
    assert "using assistance_ordre" in plan
    assert "Index Cond: (ROW(" in plan


@pytest.mark.parametrize("cherche", ["ab", "é"])
def test_deux_signes_ne_se_cherchent_pas(bureau: Client, cherche: str) -> None:
    remplir(1)
    assert "Tapez au moins trois signes." in bureau.get(BUREAU, {"q": cherche}).content.decode()

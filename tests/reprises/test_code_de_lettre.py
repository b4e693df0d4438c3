"""Le code d'une lettre : trois essais, vingt et un jours, une fois ; et la base seule ne le donne pas."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from pytest_django.fixtures import Settings

from apart.comptes.models import Utilisateur
from apart.courriels.models import Courriel
from apart.etablissements.models import Habilitation, Preuve
from apart.reprises.actions import lettres, lots
from apart.reprises.etats import EtatLettre
from apart.reprises.lettres import CodeRefuse, LettreRefusee, lisible
from apart.reprises.models import Lettre
from apart.socle.models import EntreeJournal
from tests.monde import etablissement
from tests.reprises.fabriques import ecrite, faux, fiche, habilitee, imprimee, imprimeur

pytestmark = [pytest.mark.django_db, pytest.mark.jour]


@pytest.fixture
def mienne() -> Habilitation:
    fiche()
    return habilitee()


@pytest.fixture
def agent() -> Utilisateur:
    return imprimeur()


def taper(mienne: Habilitation, code: str) -> Lettre:
    return lettres.prouver(mienne, code, par=mienne.utilisateur)


@pytest.mark.menace("T19")
def test_t19_le_code_recu_donne_la_preuve_5(mienne: Habilitation, agent: Utilisateur) -> None:
    lettre = imprimee(mienne, agent)

    taper(mienne, lettre.code)

    mienne.refresh_from_db()
    lettre.refresh_from_db()
    assert (mienne.preuve, mienne.valeur, mienne.garant) == (Preuve.LETTRE, Preuve.LETTRE, None)
    assert lettre.etat == EtatLettre.EMPLOYEE


@pytest.mark.parametrize(
    "forme",
    [lisible, str.lower, " ".join, lambda c: c.replace("0", "O").replace("1", "l")],
    ids=["en deux moitiés", "minuscules", "espacé", "O et l"],
)
def test_le_code_se_tape_comme_on_le_lit(
    mienne: Habilitation, agent: Utilisateur, forme: Callable[[str], str]
) -> None:
    lettre = imprimee(mienne, agent)
    assert taper(mienne, forme(lettre.code)).etat == EtatLettre.EMPLOYEE


@pytest.mark.menace("T31")
def test_t31_trois_codes_faux_et_la_lettre_meurt(mienne: Habilitation, agent: Utilisateur) -> None:
    code = imprimee(mienne, agent).code
    for reste in ("il vous reste 2 essais", "il vous reste un seul essai", "essayé trois fois"):
        with pytest.raises(CodeRefuse, match=reste):
            taper(mienne, faux(code))

    with pytest.raises(CodeRefuse, match="essayé trois fois"):
        taper(mienne, code)

    mienne.refresh_from_db()
    assert mienne.valeur == Preuve.COURRIEL
    assert Lettre.objects.get().etat == EtatLettre.ANNULEE
    essais = EntreeJournal.objects.filter(geste__in=["essayer_code", "epuiser_lettre"]).order_by("pk")
    assert [ligne.details["essai"] for ligne in essais] == [1, 2, 3]


@pytest.mark.menace("T31")
@pytest.mark.django_db(transaction=True)
def test_t31_essayes_ensemble_les_codes_se_comptent_un_par_un(mienne: Habilitation, agent: Utilisateur) -> None:
    code, depart = imprimee(mienne, agent).code, Barrier(8)

    def essayer(_: int) -> str:
        try:
            depart.wait()
            taper(mienne, faux(code))
        except CodeRefuse as refus:
            return refus.phrase
        finally:
            connection.close()
        return "accepté"

    with ThreadPoolExecutor(8) as fils:
        phrases = list(fils.map(essayer, range(8)))

    assert sum("il vous reste" in phrase for phrase in phrases) == 2
    assert Lettre.objects.get().essais == 3


@pytest.mark.django_db(transaction=True)
def test_le_bon_code_tape_deux_fois_ensemble_ne_sert_qu_une(mienne: Habilitation, agent: Utilisateur) -> None:
    code, depart = imprimee(mienne, agent).code, Barrier(2)

    def essayer(_: int) -> bool:
        try:
            depart.wait()
            taper(mienne, code)
        except CodeRefuse:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as fils:
        assert sorted(fils.map(essayer, range(2))) == [False, True]
    assert EntreeJournal.objects.filter(geste="poser_preuve").count() == 1


def test_le_code_ne_sert_qu_une_fois(mienne: Habilitation, agent: Utilisateur) -> None:
    code = imprimee(mienne, agent).code
    taper(mienne, code)

    with pytest.raises(CodeRefuse, match="déjà servi"):
        taper(mienne, code)


def test_une_lettre_jamais_partie_ne_s_emploie_pas(mienne: Habilitation) -> None:
    with pytest.raises(CodeRefuse, match="pas encore partie"):
        taper(mienne, ecrite(mienne).code)


def test_sans_lettre_le_refus_dit_d_en_demander_une(mienne: Habilitation) -> None:
    with pytest.raises(CodeRefuse, match="Demandez-en une"):
        taper(mienne, "K7MP22QXV3")


def test_le_vingt_et_unieme_jour_compte_et_pas_le_suivant(
    mienne: Habilitation, agent: Utilisateur, temps: time_machine.Traveller
) -> None:
    lettre = imprimee(mienne, agent)
    temps.move_to(lettre.expire_le)
    with pytest.raises(CodeRefuse, match="sa date est passée"):
        taper(mienne, lettre.code)

    temps.shift(-timedelta(seconds=1))
    assert taper(mienne, lettre.code).etat == EtatLettre.EMPLOYEE


def test_le_code_d_une_lettre_revenue_ne_vaut_plus(mienne: Habilitation, agent: Utilisateur) -> None:
    lettre = imprimee(mienne, agent)
    code = lettre.code
    lots.signaler_revenue(lettre, par=agent)

    with pytest.raises(CodeRefuse, match="nous est revenue"):
        taper(mienne, code)


@pytest.mark.menace("T19")
def test_t19_le_code_d_un_autre_ne_prouve_rien(mienne: Habilitation, agent: Utilisateur) -> None:
    """Un collègue qui ouvre le courrier n'emploie pas le code pour lui, ni à la place de la personne."""
    lettre = imprimee(mienne, agent)
    collegue = habilitee("paul@exemple.fr", mienne.etablissement)

    with pytest.raises(CodeRefuse, match="Demandez-en une"):
        taper(collegue, lettre.code)
    with pytest.raises(PermissionDenied):
        lettres.prouver(mienne, lettre.code, par=collegue.utilisateur)


def test_une_habilitation_finie_ne_se_prouve_plus_et_la_lettre_reste(mienne: Habilitation, agent: Utilisateur) -> None:
    lettre = imprimee(mienne, agent)
    Habilitation.objects.update(au=mienne.du)

    with pytest.raises(CodeRefuse, match="plus habilité"):
        taper(mienne, lettre.code)

    lettre.refresh_from_db()
    assert lettre.etat == EtatLettre.IMPRIMEE


@pytest.mark.menace("T42")
def test_t42_une_copie_de_la_base_ne_donne_pas_le_code(mienne: Habilitation, agent: Utilisateur) -> None:
    """Chaque valeur gardée, essayée comme code : aucune ne passe, et aucune ne le contient."""
    lettre = imprimee(mienne, agent)
    code = lettre.code
    with connection.cursor() as curseur:
        curseur.execute("SELECT l::text, (SELECT lot::text FROM reprises_lotlettres lot) FROM reprises_lettre l")
        copie = " ".join(curseur.fetchone())
        curseur.execute("SELECT string_agg(details::text, ' ') FROM socle_entreejournal")
        copie += curseur.fetchone()[0]

    for forme in (code, lisible(code), code.encode().hex()):
        assert forme.lower() not in copie.lower()


@pytest.mark.menace("T42")
def test_t42_une_fois_finie_la_lettre_n_a_plus_de_code_meme_chiffre(mienne: Habilitation, agent: Utilisateur) -> None:
    lettre = imprimee(mienne, agent)
    taper(mienne, lettre.code)

    lettre.refresh_from_db()
    assert bytes(lettre.code_chiffre) == b""


def test_un_code_imprime_avant_le_changement_de_cle_vaut_encore(
    mienne: Habilitation, agent: Utilisateur, settings: Settings
) -> None:
    lettre = imprimee(mienne, agent)
    code = lettre.code
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé, longue et tirée au hasard, pour ce seul test"

    assert taper(mienne, code).etat == EtatLettre.EMPLOYEE


def test_la_cle_perdue_la_lettre_ne_vaut_plus_et_n_arrete_pas_les_autres(
    mienne: Habilitation, agent: Utilisateur, settings: Settings
) -> None:
    code = imprimee(mienne, agent).code
    fiche("35600000000048")
    ecrite(habilitee("paul@exemple.fr", etablissement("35600000000048", "Poste")))
    settings.SECRET_KEY = "une autre clé, longue et tirée au hasard, pour ce seul test"

    with pytest.raises(CodeRefuse, match="Demandez-en une autre"):
        taper(mienne, code)
    with pytest.raises(LettreRefusee):
        lots.imprimer_lot(par=agent)
    assert lettres.achever() == 2
    assert ecrite(mienne).code


def test_la_personne_et_ses_collegues_sont_prevenus(mienne: Habilitation, agent: Utilisateur) -> None:
    habilitee("paul@exemple.fr", mienne.etablissement)
    taper(mienne, imprimee(mienne, agent).code)

    assert set(Courriel.objects.values_list("destinataire", flat=True)) >= {"marie@exemple.fr", "paul@exemple.fr"}

"""Un agent ne prend ni ne voit aucun secret (T20) ; ce que la base garde d'un lien ou d'un code n'ouvre rien (T42)."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from django import forms

from apart.comptes.actions import secours
from apart.comptes.jetons import JetonRefuse, lire
from apart.comptes.models import CodeSecours, Jeton, QuestionSecrete, Usage, Utilisateur
from apart.reprises.actions import demande, execution, preuves
from apart.socle.acces import Public
from apart.socle.automate import GesteImpossible
from tests.monde import Adresse, Monde, adresses, creer_monde, emettre, lien_de_reprise
from tests.scene import PHRASE, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_hachage_rapide")]

D_AGENT = [a for a in adresses() if a.public is Public.AGENT]
REPONSE = "allée des Ormes"
SAISIES_SECRETES = re.compile(r'type="password"|autocomplete="(?:current-password|new-password|one-time-code)"')
SAISIES = re.compile(r'<(?:input|textarea|select)[^>]*\sname="([^"]+)"')
NOMS_SECRETS = re.compile("mot_?de_?passe|password|reponse|secret|jeton|token|otp|^code$")
DE_REPRISE = (Usage.REPRISE, Usage.SUIVI, Usage.ENTREE, Usage.CODE_REPRISE, Usage.OPPOSITION_REPRISE)


def secrets_de(monde: Monde) -> set[str]:
    """Ce que des gens ont reçu ou choisi, et ce que la base en garde."""
    marie = monde.employeur
    recus = {lien_de_reprise(monde, usage) for usage in DE_REPRISE} | {monde.depot.secret}
    mot_de_passe = emettre(Usage.MOT_DE_PASSE, marie)
    recus |= {mot_de_passe.secret, mot_de_passe.code, secours.renouveler_code(marie, par=marie)}
    secours.definir_question(marie, question="rue", empreinte_reponse=REPONSE, par=marie)
    gardes = Jeton.objects.values_list("empreinte", "empreinte_suite", "empreinte_code")
    gardes_aussi = {marie.password, CodeSecours.objects.get().empreinte, QuestionSecrete.objects.get().empreinte}
    return {secret for secret in {*recus, *gardes_aussi, *(valeur for jeton in gardes for valeur in jeton)} if secret}


@pytest.mark.menace("T20")
@pytest.mark.parametrize("adresse", D_AGENT, ids=[a.nom for a in D_AGENT])
def test_t20_aucune_page_d_agent_ne_prend_ni_ne_montre_un_secret(adresse: Adresse) -> None:
    monde = creer_monde()
    secrets = secrets_de(monde)
    client, chemin = monde.connecte(monde.superviseur), adresse.chemin(monde)

    for reponse in (client.get(chemin), client.post(chemin)):
        page = b"".join(reponse).decode(errors="replace")
        assert not [secret for secret in secrets if secret in page]
        assert not SAISIES_SECRETES.search(page)
        assert not [nom for nom in SAISIES.findall(page) if est_secret(nom)]


def est_secret(nom: str) -> bool:
    return nom != "csrfmiddlewaretoken" and NOMS_SECRETS.search(nom) is not None


def formulaires(vue: Callable[..., object]) -> Iterator[type[forms.BaseForm]]:
    """Ceux que nomme le module de cette vue, ou un module de formulaires qu'il importe."""
    for valeur in vars(sys.modules[vue.__module__]).values():
        nommees = vars(valeur).values() if isinstance(valeur, ModuleType) and ".forms" in valeur.__name__ else [valeur]
        yield from (v for v in nommees if inspect.isclass(v) and issubclass(v, forms.BaseForm))


@pytest.mark.menace("T20")
def test_t20_aucun_formulaire_d_agent_ne_demande_un_secret() -> None:
    tous = {formulaire for adresse in D_AGENT for formulaire in formulaires(adresse.vue)}
    champs = [(f.__name__, nom, champ) for f in tous for nom, champ in getattr(f, "base_fields", {}).items()]

    assert len(tous) > 5
    assert not [
        (formulaire, nom)
        for formulaire, nom, champ in champs
        if est_secret(nom) or isinstance(champ.widget, forms.PasswordInput)
    ]


def tentatives(scene: Scene, valeur: str) -> Iterator[Callable[[], object]]:
    """Tout ce qu'un lien ou un code d'une reprise ouvre."""
    yield from ((lambda usage=usage: lire(usage, valeur)) for usage in DE_REPRISE)
    yield lambda: demande.confirmer(
        valeur, raison="partie", explication="", nom="A", prenom="B", telephone="", fonction=""
    )
    yield lambda: execution.entrer(valeur, mot_de_passe=PHRASE)
    yield lambda: execution.s_opposer(valeur, texte="Non.")
    yield lambda: preuves.employer_code(scene.reprise(), valeur)


@pytest.mark.menace("T42")
@pytest.mark.parametrize("usage", DE_REPRISE)
def test_t42_ce_que_la_base_garde_d_un_lien_de_reprise_n_en_ouvre_aucun(usage: Usage) -> None:
    scene = Scene()
    a = "contact" if usage is Usage.CODE_REPRISE else "principal" if usage is Usage.OPPOSITION_REPRISE else "lea"
    emis = scene.message(usage, a)
    assert lire(usage, emis.secret) == emis.jeton, "le vrai, lui, ouvre"
    relu = Jeton.objects.get(pk=emis.jeton.pk)
    valeurs = {relu.empreinte, relu.empreinte_suite, relu.empreinte_code, str(relu.reference), relu.reference.hex}

    for valeur in {*valeurs, str(relu.pk)} - {"", None}:
        assert demande.suivie(str(valeur)) is None
        for essayer in tentatives(scene, str(valeur)):
            with pytest.raises((JetonRefuse, GesteImpossible)):  # ou rien n'y attend de code
                essayer()

    assert Jeton.objects.get(pk=relu.pk).est_vivant(relu.emis_le)
    assert not Utilisateur.objects.par_courriel(scene.adresse("lea"))

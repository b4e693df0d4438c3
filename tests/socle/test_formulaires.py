"""Les formulaires : attributs posés partout, fautes d'adresse proposées à la correction."""

import pytest
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from apart.socle.formulaires import ChampCourriel, ChampSiret, Formulaire


class Coordonnees(Formulaire):
    siret = ChampSiret(label="N° de Siret", help_text="14 chiffres")
    courriel = ChampCourriel(label="Courriel")
    confirmation = ChampCourriel(label="Confirmer courriel", suggerer=False)
    accepte = forms.BooleanField(label="J'accepte")


def remplir(**champs: str) -> Coordonnees:
    donnees = QueryDict(mutable=True)
    donnees.update({"siret": "73282932000074", "accepte": "on", **champs})
    return Coordonnees(donnees)


def champ_rendu(form: Formulaire, nom: str) -> str:
    return render_to_string("composants/_champ.html", {"champ": form[nom]})


def test_l_aide_et_le_message_sont_relies_au_champ() -> None:
    html = champ_rendu(remplir(siret="123"), "siret")
    assert 'aria-describedby="id_siret_helptext id_siret_error"' in html
    assert 'id="id_siret_helptext"' in html
    assert 'id="id_siret_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'inputmode="numeric"' in html
    assert "Ce numéro a 3 chiffres, il en faut 14." in html


def test_l_etoile_ne_commence_jamais_une_ligne() -> None:
    assert 'N° de Siret<span class="apart-etoile"> *</span>' in champ_rendu(remplir(siret="123"), "siret")


def test_une_faute_probable_est_proposee_puis_acceptee_si_l_on_insiste() -> None:
    form = remplir(courriel="marie@gmial.com", confirmation="marie@gmial.com")
    assert not form.is_valid()
    html = champ_rendu(form, "courriel")
    assert 'name="corriger_courriel" value="marie@gmail.com"' in html
    assert 'name="confirme_courriel" value="marie@gmial.com"' in html
    insiste = remplir(courriel="marie@gmial.com", confirmation="marie@gmial.com", confirme_courriel="marie@gmial.com")
    assert insiste.is_valid(), insiste.errors


def test_un_clic_corrige_l_adresse_et_sa_confirmation() -> None:
    form = remplir(courriel="marie@gmial.com", confirmation="marie@gmial.com", corriger_courriel="marie@gmail.com")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["courriel"] == form.cleaned_data["confirmation"] == "marie@gmail.com"


def test_une_autre_adresse_fautive_est_proposee_de_nouveau() -> None:
    assert not remplir(
        courriel="paul@gmial.com", confirmation="paul@gmial.com", confirme_courriel="marie@gmial.com"
    ).is_valid()


@pytest.mark.parametrize(
    ("champs", "titre"),
    [
        ({"courriel": ""}, "Il manque 2 réponses"),
        ({"courriel": "a@b.fr", "confirmation": ""}, "Il manque une réponse"),
        ({"courriel": "a@b.fr", "confirmation": "a@b"}, "Une réponse est à revoir"),
    ],
)
def test_le_resume_compte_ce_qui_manque(champs: dict[str, str], titre: str) -> None:
    form = remplir(**champs)
    html = render_to_string("composants/_resume_erreurs.html", {"form": form})
    assert titre in html
    assert 'href="#id_' in html

"""Ce que vaut une preuve suit celle de son garant, dans les deux sens, sans jamais monter par elle-même."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apart.courriels.models import Courriel
from apart.etablissements.actions import preuves
from apart.etablissements.models import DERIVEES, Habilitation, Preuve
from apart.etablissements.preuves import repesees
from apart.socle.automate import GesteImpossible
from apart.socle.models import EntreeJournal
from tests.boite import Boite
from tests.etablissements.equipe import CONTACT, Equipe, part, relue, texte

base = pytest.mark.django_db
MEMBRE, COURRIEL, LETTRE = Preuve.MEMBRE, Preuve.COURRIEL, Preuve.LETTRE


@pytest.fixture
def equipe(db: None) -> Equipe:
    return Equipe()


def test_un_garant_qui_prouve_mieux_releve_ceux_qu_il_a_accueillis(equipe: Equipe) -> None:
    paul = equipe.entre("paul@boulangerie.fr")
    lea = equipe.entre("lea@boulangerie.fr", MEMBRE, garant=paul.utilisateur, valeur=1)

    preuves.poser(paul, MEMBRE, accord_de=equipe.marie.utilisateur)

    assert (relue(paul).valeur, relue(lea).valeur) == (4, 4)


def test_un_garant_qui_part_emporte_ce_qu_il_garantissait(equipe: Equipe) -> None:
    paul = equipe.entre("paul@boulangerie.fr", MEMBRE, garant=equipe.marie.utilisateur)
    lea = equipe.entre("lea@boulangerie.fr", MEMBRE, garant=paul.utilisateur)
    part(equipe.marie)

    assert preuves.repeser(equipe.ou) == 2

    assert [relue(h).valeur for h in (paul, lea)] == [1, 1]
    assert relue(paul).preuve == MEMBRE  # la preuve reste ; c'est ce qu'elle vaut qui change
    assert {c.destinataire for c in Courriel.objects.filter(modele="preuve_repesee")} == {
        "paul@boulangerie.fr",
        "lea@boulangerie.fr",
    }
    assert EntreeJournal.objects.filter(geste="repeser_preuve").count() == 2


def test_contester_un_acces_deja_conteste_ne_change_rien(equipe: Equipe) -> None:
    lue_avant = relue(equipe.marie)
    preuves.contester(equipe.marie, est_contestee=True)

    preuves.contester(lue_avant, est_contestee=True)

    assert EntreeJournal.objects.filter(geste="contester_acces").count() == 1


def test_repeser_n_ecrit_pas_a_qui_est_parti(equipe: Equipe) -> None:
    paul = equipe.entre("paul@boulangerie.fr")
    luc = equipe.entre("luc@boulangerie.fr", MEMBRE, garant=paul.utilisateur, valeur=1)
    part(luc)

    preuves.poser(paul, MEMBRE, accord_de=equipe.marie.utilisateur)

    assert relue(luc).permet_paiement
    assert not Courriel.objects.filter(modele="preuve_repesee").exists()


def test_l_adresse_posee_par_qui_est_parti_garantit_encore(equipe: Equipe) -> None:
    lea = equipe.entre("lea@ailleurs.fr", Preuve.COURRIEL_ETABLISSEMENT, garant=equipe.marie.utilisateur)
    part(equipe.marie)

    preuves.repeser(equipe.ou)

    assert relue(lea).valeur == 3


def test_qui_etait_garanti_par_une_preuve_defaite_ne_garantit_plus_meme_parti(equipe: Equipe) -> None:
    """Paul, entré par Marie, a posé l'adresse puis est parti ; la preuve de Marie est défaite ensuite."""
    paul = equipe.entre("paul@boulangerie.fr", MEMBRE, garant=equipe.marie.utilisateur)
    lea = equipe.entre("lea@ailleurs.fr", Preuve.COURRIEL_ETABLISSEMENT, garant=paul.utilisateur)
    part(paul)

    preuves.revenir(preuves.fonder(equipe.marie, LETTRE, garant=None), par=None)

    assert [relue(h).valeur for h in (equipe.marie, paul, lea)] == [1, 1, 1]


def test_deux_personnes_qui_se_garantissent_l_une_l_autre_ne_montent_pas(equipe: Equipe) -> None:
    paul = equipe.entre("paul@boulangerie.fr")
    lea = equipe.entre("lea@boulangerie.fr", MEMBRE, garant=paul.utilisateur, valeur=4)
    Habilitation.objects.filter(pk=paul.pk).update(preuve=MEMBRE, garant=lea.utilisateur, valeur=4)

    preuves.repeser(equipe.ou)

    assert [relue(h).valeur for h in (paul, lea)] == [1, 1]


def test_repeser_deux_fois_ne_change_rien_de_plus(equipe: Equipe) -> None:
    equipe.entre("paul@boulangerie.fr", MEMBRE, garant=equipe.marie.utilisateur)
    part(equipe.marie)
    preuves.repeser(equipe.ou)

    assert preuves.repeser(equipe.ou) == 0
    assert Courriel.objects.filter(modele="preuve_repesee").count() == 1


def test_poser_n_abaisse_jamais_et_n_ecrit_alors_a_personne(equipe: Equipe) -> None:
    paul = equipe.entre("paul@boulangerie.fr", LETTRE).utilisateur

    posee = preuves.poser(equipe.marie, MEMBRE, accord_de=paul).habilitation

    assert (posee.preuve, posee.valeur) == (LETTRE, 5)
    assert not Courriel.objects.exists()
    assert not EntreeJournal.objects.filter(geste="poser_preuve").exists()


@pytest.mark.menace("T17")
def test_t17_un_relevement_est_dit_a_tous_et_aucun_nom_tape_ne_part_vers_l_etablissement(
    equipe: Equipe, boite: Boite
) -> None:
    paul = equipe.entre("paul@ailleurs.fr")

    preuves.poser(paul, MEMBRE, accord_de=equipe.marie.utilisateur)

    lettres = {lettre.a: lettre for lettre in boite.recevoir()}
    assert set(lettres) == {"paul@ailleurs.fr", "marie@boulangerie.fr", CONTACT}
    assert "Paul Durand" in texte(lettres["marie@boulangerie.fr"])
    assert "Prévenez-nous tout de suite" in texte(lettres["marie@boulangerie.fr"])
    assert "paul@ailleurs.fr" in texte(lettres[CONTACT])
    assert "Durand" not in lettres[CONTACT].texte + lettres[CONTACT].html
    assert "Changez votre mot de passe" in texte(lettres["paul@ailleurs.fr"])


def test_une_habilitation_terminee_ne_recoit_pas_de_preuve(equipe: Equipe) -> None:
    part(equipe.marie)

    with pytest.raises(GesteImpossible):
        preuves.poser(equipe.marie, Preuve.REPRESENTANT)


# --- Le point fixe, sans base ---


@st.composite
def gens(tirer: st.DrawFn) -> list[Habilitation]:
    """Huit personnes au plus, chacune garantie par n'importe qui, elle comprise."""
    nombre = tirer(st.integers(1, 8))
    preuve = st.sampled_from([COURRIEL, *DERIVEES, LETTRE])
    garant = st.integers(0, nombre - 1)
    return [Habilitation(pk=n, utilisateur_id=n, preuve=tirer(preuve), garant_id=tirer(garant)) for n in range(nombre)]


@given(gens())
@settings(max_examples=200, database=None, deadline=None)
def test_nul_ne_vaut_plus_que_sa_preuve_ni_que_la_plus_forte_preuve_donnee_par_quelqu_un(
    siennes: list[Habilitation],
) -> None:
    valeurs = {pk: assise.valeur for pk, assise in repesees(siennes, {}).items()}
    prouvees = [h.preuve for h in siennes if h.preuve not in DERIVEES]

    assert all(1 <= valeurs[h.pk] <= h.preuve for h in siennes)
    assert max(valeurs.values()) <= max(prouvees, default=COURRIEL)
    assert all(
        valeurs[h.pk] <= max(COURRIEL, valeurs[h.garant_id])
        for h in siennes
        if h.preuve in DERIVEES and h.garant_id is not None
    )
